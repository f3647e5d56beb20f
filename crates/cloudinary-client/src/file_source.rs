//! Where the bytes of an upload come from: Cloudinary fetches them, or we send them.

use std::fmt;
use std::io;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use secrecy::SecretString;

/// The bytes of a file as they arrive.
pub type ByteStream = BoxStream<'static, Result<Bytes, io::Error>>;

/// The file of one upload.
pub enum FileSource {
    /// Cloudinary fetches an `http(s)` URL. A presigned one lets its bearer in, so it is a secret.
    RemoteUrl(SecretString),
    /// Cloudinary fetches from a bucket that granted it access.
    S3 {
        /// The bucket's name.
        bucket: String,
        /// The object's key, decoded.
        key: String,
    },
    /// We send the bytes.
    Bytes {
        /// How many there are. More or fewer fail the upload.
        length: u64,
        /// What the file is called; Cloudinary keeps it as original file name.
        name: String,
        /// The bytes, read once and never buffered as a whole.
        body: ByteStream,
    },
}

/// The value of `file` for an object in a bucket.
///
/// The key is written as it is, not percent-encoded: that is what the Lambda has always sent,
/// and Cloudinary finds keys with spaces, `+` and non-ASCII letters that way.
pub(crate) fn s3_url(bucket: &str, key: &str) -> String {
    format!("s3://{bucket}/{key}")
}

/// A file name that fits between the quotes of a form part's header.
pub(crate) fn quotable(name: &str) -> String {
    let name = name.replace(|c: char| c.is_control() || matches!(c, '"' | '\\'), "_");
    if name.is_empty() {
        "file".to_owned()
    } else {
        name
    }
}

impl fmt::Debug for FileSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RemoteUrl(_) => f.write_str("RemoteUrl(<redacted>)"),
            Self::S3 { bucket, key } => write!(f, "S3({bucket:?}, {key:?})"),
            Self::Bytes { length, name, .. } => write!(f, "Bytes({name:?}, {length} bytes)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_sent_decoded() {
        assert_eq!(s3_url("b", "a b/été+1%.jpg"), "s3://b/a b/été+1%.jpg");
    }

    #[test]
    fn a_file_name_cannot_leave_its_header() {
        assert_eq!(quotable("a\"b\\c\r\nX: y.jpg"), "a_b_c__X: y.jpg");
        assert_eq!(quotable(""), "file");
        assert_eq!(quotable("été.png"), "été.png");
    }

    #[test]
    fn debug_does_not_show_a_presigned_url() {
        let source = FileSource::RemoteUrl("https://b/k?X-Amz-Signature=abc".into());
        assert_eq!(format!("{source:?}"), "RemoteUrl(<redacted>)");
    }
}
