//! JPEG: baseline, grey, one brightness per block of 8 by 8 pixels.
//!
//! Only the mean of a block is coded, with the simplest tables that the format allows: 4 bits say
//! how many bits the change of the mean has, 1 bit ends the block.

use super::Picture;

/// Pixels along the edge of a block.
const BLOCK: u16 = 8;

pub(super) fn encode(picture: &Picture) -> Vec<u8> {
    let mut file = vec![0xFF, 0xD8];
    // One quantisation table: 8 for the mean, which makes it a plain grey value.
    let mut table = vec![0, 8];
    table.resize(65, 1);
    push_segment(&mut file, 0xDB, &table);
    push_segment(&mut file, 0xC0, &frame(picture));
    // Codes of 4 bits for 0 to 11 bits of change; then one code of 1 bit, the end of the block.
    push_segment(
        &mut file,
        0xC4,
        &huffman_table(0x00, 4, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    );
    push_segment(&mut file, 0xC4, &huffman_table(0x10, 1, &[0]));
    push_segment(&mut file, 0xDA, &[1, 1, 0, 0, 63, 0]);
    file.extend(scan(picture));
    file.extend([0xFF, 0xD9]);
    file
}

fn frame(picture: &Picture) -> Vec<u8> {
    let mut frame = vec![8];
    frame.extend(picture.height.to_be_bytes());
    frame.extend(picture.width.to_be_bytes());
    // One component, not subsampled, with quantisation table 0.
    frame.extend([1, 1, 0x11, 0]);
    frame
}

fn huffman_table(id: u8, bits: usize, values: &[u8]) -> Vec<u8> {
    let mut table = vec![0; 17];
    table[0] = id;
    table[bits] = u8::try_from(values.len()).unwrap_or(u8::MAX);
    table.extend(values);
    table
}

fn push_segment(file: &mut Vec<u8>, marker: u8, content: &[u8]) {
    let length = u16::try_from(content.len() + 2).unwrap_or(u16::MAX);
    file.extend([0xFF, marker]);
    file.extend(length.to_be_bytes());
    file.extend(content);
}

fn scan(picture: &Picture) -> Vec<u8> {
    let mut bits = Bits::default();
    let mut before = 0;
    for row in 0..picture.height / BLOCK {
        for _ in 0..picture.width / BLOCK {
            let mean = i16::from(picture.brightness(row * BLOCK)) - 128;
            push_change(&mut bits, mean - before);
            before = mean;
            bits.push(0, 1);
        }
    }
    bits.finish()
}

/// The number of bits, then the bits; a negative number is written as one less than itself.
fn push_change(bits: &mut Bits, change: i16) {
    let size = 16 - change.unsigned_abs().leading_zeros();
    bits.push(size, 4);
    let written = if change < 0 { change - 1 } else { change };
    bits.push(u32::from(written.cast_unsigned()) & ((1 << size) - 1), size);
}

/// Bits in the order of a scan, highest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    pending: u8,
    filled: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        for at in (0..count).rev() {
            self.pending = self.pending << 1 | u8::from(value >> at & 1 == 1);
            self.filled += 1;
            if self.filled == 8 {
                self.push_byte();
            }
        }
    }

    /// Fills the last byte with ones, as the format asks.
    fn finish(mut self) -> Vec<u8> {
        while self.filled != 0 {
            self.push(1, 1);
        }
        self.bytes
    }

    fn push_byte(&mut self) {
        self.bytes.push(self.pending);
        // 0xFF begins a marker; as data it is followed by a zero.
        if self.pending == 0xFF {
            self.bytes.push(0);
        }
        (self.pending, self.filled) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_written_as_the_format_says() {
        let written = |change| {
            let mut bits = Bits::default();
            push_change(&mut bits, change);
            (bits.bytes, bits.pending, bits.filled)
        };
        assert_eq!(written(0), (vec![], 0b0000, 4));
        assert_eq!(written(5), (vec![], 0b001_1101, 7));
        assert_eq!(written(-5), (vec![], 0b001_1010, 7));
    }
}
