//! PNG: true colour, 8 bits, not filtered, in stored (uncompressed) deflate blocks.

use super::Picture;

/// What one stored deflate block holds at most.
const BLOCK: usize = 65_535;

pub(super) fn encode(picture: &Picture) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    push_chunk(&mut file, *b"IHDR", &header(picture));
    push_chunk(&mut file, *b"IDAT", &zlib(&rows(picture)));
    push_chunk(&mut file, *b"IEND", &[]);
    file
}

fn header(picture: &Picture) -> Vec<u8> {
    let mut header = Vec::with_capacity(13);
    header.extend(u32::from(picture.width).to_be_bytes());
    header.extend(u32::from(picture.height).to_be_bytes());
    // 8 bits, true colour, and the only compression, filtering and interlacing there are.
    header.extend([8, 2, 0, 0, 0]);
    header
}

fn rows(picture: &Picture) -> Vec<u8> {
    let mut rows = Vec::new();
    for y in 0..picture.height {
        rows.push(0);
        for _ in 0..picture.width {
            rows.extend(picture.pixel(y));
        }
    }
    rows
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let last = bytes.len().saturating_sub(1) / BLOCK;
    for (number, block) in bytes.chunks(BLOCK).enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(number == last));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    stream.extend(adler32(bytes).to_be_bytes());
    stream
}

fn push_chunk(file: &mut Vec<u8>, name: [u8; 4], content: &[u8]) {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    file.extend(length.to_be_bytes());
    let checked_from = file.len();
    file.extend(name);
    file.extend(content);
    let sum = crc32(&file[checked_from..]);
    file.extend(sum.to_be_bytes());
}

fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

fn crc32(bytes: &[u8]) -> u32 {
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 {
                sum >> 1 ^ 0xEDB8_8320
            } else {
                sum >> 1
            }
        })
    });
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksums_are_the_published_ones() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
    }
}
