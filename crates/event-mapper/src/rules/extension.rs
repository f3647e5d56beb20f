//! Which extension makes which resource type.
//!
//! The type is decided here and never left to Cloudinary (`auto`), because a destroy must name
//! it when the bytes are gone. A wrong guess is a wrong public ID, so the tables only grow.

use cloudinary_core::ResourceType;

use super::ExtensionTable;

/// Images of the FTP-API Lambda.
const FTP2CLD_IMAGES: &[&str] = &[
    "ai", "gif", "webp", "bmp", "djvu", "ps", "ept", "eps", "eps3", "flif", "heif", "heic", "ico",
    "jpg", "jpe", "jpeg", "jp2", "wdp", "jxr", "hdp", "pdf", "png", "psb", "psd", "arw", "cr2",
    "svg", "tga", "tif", "tiff", "indd", "idml",
];

/// Videos and audio of the FTP-API Lambda.
const FTP2CLD_VIDEOS: &[&str] = &[
    "3g2", "3gp", "avi", "flv", "m2ts", "mov", "mkv", "mp4", "mpeg", "ogv", "webm", "wmv", "aac",
    "aif", "aiff", "amr", "flac", "m4a", "mp3", "ts", "ogg", "wav",
];

/// Images and 3D models that Cloudinary documents and the Lambda did not know.
const NEWER_IMAGES: &[&str] = &[
    "3ds", "avif", "bw", "cr3", "dng", "fbx", "glb", "gltf", "jxl", "obj", "ply", "u3ma", "usdz",
];

/// Videos and audio that the Lambda did not know. Streaming manifests (`m3u8`, `mpd`) are not
/// here: they are text that points at other files, and are kept as they are.
const NEWER_VIDEOS: &[&str] = &["m4v", "mpg", "mts", "mxf", "opus"];

impl ExtensionTable {
    /// The type for an extension without its dot, in any case. No extension is raw.
    pub(super) fn resource_type(self, extension: &str) -> ResourceType {
        let (images, videos) = match self {
            Self::Current => (NEWER_IMAGES, NEWER_VIDEOS),
            Self::Ftp2cld => (&[][..], &[][..]),
        };
        let is_in = |table: &[&str]| {
            table
                .iter()
                .any(|known| extension.eq_ignore_ascii_case(known))
        };
        if is_in(FTP2CLD_IMAGES) || is_in(images) {
            ResourceType::Image
        } else if is_in(FTP2CLD_VIDEOS) || is_in(videos) {
            ResourceType::Video
        } else {
            ResourceType::Raw
        }
    }
}

/// Cuts a key before the last dot of its last segment: `(stem, extension)`.
///
/// Dots at the beginning of the segment do not count, as in Python's `splitext`: `.hidden` has
/// no extension, and the stem is the whole key.
pub(super) fn split(key: &str) -> (&str, &str) {
    let name_at = key.rfind('/').map_or(0, |slash| slash + 1);
    let name = &key[name_at..];
    let leading_dots = name.len() - name.trim_start_matches('.').len();
    match name.rfind('.') {
        Some(dot) if dot >= leading_dots => (&key[..name_at + dot], &name[dot + 1..]),
        _ => (key, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_cut_as_python_cuts_it() {
        let table = [
            ("a/b.JPG", ("a/b", "JPG")),
            ("a.tar.gz", ("a.tar", "gz")),
            (".hidden", (".hidden", "")),
            ("..jpg", ("..jpg", "")),
            ("a/...", ("a/...", "")),
            ("a/.x.jpg", ("a/.x", "jpg")),
            ("a.d/b", ("a.d/b", "")),
            ("a.", ("a", "")),
            ("", ("", "")),
            ("/.jpg", ("/.jpg", "")),
            (" .jpg", (" ", "jpg")),
        ];
        for (key, cut) in table {
            assert_eq!(split(key), cut, "{key:?}");
        }
    }

    #[test]
    fn extensions_are_compared_without_case() {
        for extension in ["jpg", "JPG", "Jpg", "heic", "PDF", "glb", "AVIF"] {
            assert_eq!(
                ExtensionTable::Current.resource_type(extension),
                ResourceType::Image
            );
        }
        for extension in ["mp4", "MP3", "opus", "M4V"] {
            assert_eq!(
                ExtensionTable::Current.resource_type(extension),
                ResourceType::Video
            );
        }
        for extension in ["", "csv", "m3u8", "jpgx", "ﬁ"] {
            assert_eq!(
                ExtensionTable::Current.resource_type(extension),
                ResourceType::Raw
            );
        }
    }

    #[test]
    fn the_lambda_table_knows_only_what_the_lambda_knew() {
        let table = ExtensionTable::Ftp2cld;
        assert_eq!(table.resource_type("idml"), ResourceType::Image);
        assert_eq!(table.resource_type("TS"), ResourceType::Video);
        for newer in NEWER_IMAGES.iter().chain(NEWER_VIDEOS) {
            assert_eq!(table.resource_type(newer), ResourceType::Raw, "{newer}");
        }
    }

    #[test]
    fn the_current_table_never_contradicts_the_lambda() {
        for extension in FTP2CLD_IMAGES.iter().chain(FTP2CLD_VIDEOS) {
            assert_eq!(
                ExtensionTable::Current.resource_type(extension),
                ExtensionTable::Ftp2cld.resource_type(extension),
                "{extension}"
            );
        }
    }
}
