//! GIF: 128 shades of grey, in LZW codes that never grow, because the dictionary is cleared
//! before it would make them.

use super::Picture;

const CLEAR: u8 = 128;
const END: u8 = 129;
/// Pixels after which the dictionary would have grown beyond 8-bit codes.
const UNTIL_CLEAR: usize = 120;

pub(super) fn encode(picture: &Picture) -> Vec<u8> {
    let mut file = b"GIF89a".to_vec();
    file.extend(picture.width.to_le_bytes());
    file.extend(picture.height.to_le_bytes());
    // A colour table of 2^7 entries, no background, square pixels.
    file.extend([0b1111_0110, 0, 0]);
    file.extend((0..128).flat_map(|shade: u8| [shade * 2; 3]));
    file.push(b',');
    file.extend([0; 4]);
    file.extend(picture.width.to_le_bytes());
    file.extend(picture.height.to_le_bytes());
    // No table of its own; pixels of 7 bits.
    file.extend([0, 7]);
    for block in codes(picture).chunks(255) {
        file.push(u8::try_from(block.len()).unwrap_or(u8::MAX));
        file.extend(block);
    }
    file.extend([0, b';']);
    file
}

/// One byte per code: codes have 8 bits as long as the dictionary stays small.
fn codes(picture: &Picture) -> Vec<u8> {
    let width = usize::from(picture.width);
    let pixels: Vec<u8> = (0..picture.height)
        .flat_map(|y| vec![picture.brightness(y) / 2; width])
        .collect();
    let mut codes = Vec::new();
    for run in pixels.chunks(UNTIL_CLEAR) {
        codes.push(CLEAR);
        codes.extend(run);
    }
    codes.push(END);
    codes
}
