//! What happens to a bucket, one file per kind of change. Every scenario ends with Cloudinary
//! equal to S3, and none of them knows which cloud it runs on.

pub(crate) mod fleet;
pub(crate) mod keys;
pub(crate) mod messages;
pub(crate) mod objects;
pub(crate) mod transfer;
pub(crate) mod versions;

use super::World;

/// Bytes that are told apart by their words.
fn picture(words: &str) -> Vec<u8> {
    format!("the picture of {words}").into_bytes()
}

/// Large bytes that do not repeat within a part.
fn large_picture(bytes: usize) -> Vec<u8> {
    (0..bytes / 8).flat_map(usize::to_le_bytes).collect()
}
