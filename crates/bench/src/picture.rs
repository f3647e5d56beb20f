//! Small real pictures, each different from all others: a GIF of one pixel with a comment.

/// Bytes of comment, so that a picture is about as large as a thumbnail.
const COMMENT: usize = 2000;
/// The most that one block of a comment holds.
const BLOCK: usize = 255;

/// The bytes of picture `number`.
pub(crate) fn gif(number: u64) -> Vec<u8> {
    let mut bytes = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff".to_vec();
    bytes.extend_from_slice(b"\x21\xfe");
    let text = format!("picture {number} ");
    let comment: Vec<u8> = text.bytes().cycle().take(COMMENT).collect();
    for block in comment.chunks(BLOCK) {
        bytes.extend(u8::try_from(block.len()));
        bytes.extend_from_slice(block);
    }
    bytes.push(0);
    // One image of one pixel, its LZW data, and the end.
    bytes.extend_from_slice(b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_is_different_and_complete() {
        let (one, other) = (gif(1), gif(2));
        assert_ne!(one, other);
        assert_eq!(&one[..6], b"GIF89a");
        assert_eq!(one.last(), Some(&0x3b));
    }
}
