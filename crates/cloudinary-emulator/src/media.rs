//! What a file is, told by its first bytes and, where they say nothing, by its name.
//!
//! Reads headers only: an image whose header is right and whose pixels are damaged passes.

use cloudinary_core::ResourceType;

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Media {
    pub(crate) resource_type: ResourceType,
    /// `jpg`, `mp4`, …; none for raw files.
    pub(crate) format: Option<String>,
    pub(crate) size_px: Option<(u32, u32)>,
    /// The bytes themselves said so.
    pub(crate) certain: bool,
}

const IMAGES: &[&str] = &[
    "ai", "avif", "bmp", "djvu", "eps", "gif", "glb", "heic", "heif", "ico", "jpeg", "jpg", "jp2",
    "jxl", "pdf", "png", "ps", "psd", "svg", "tga", "tif", "tiff", "webp",
];
const VIDEOS: &[&str] = &[
    "3gp", "aac", "aiff", "amr", "avi", "flac", "flv", "m3u8", "m4a", "m4v", "mkv", "mov", "mp3",
    "mp4", "mpd", "mpeg", "mpg", "mts", "mxf", "ogg", "ogv", "opus", "ts", "wav", "webm", "wmv",
];

/// The resource type of a file extension, without its dot.
pub(crate) fn by_extension(extension: &str) -> ResourceType {
    let extension = extension.to_ascii_lowercase();
    if IMAGES.contains(&extension.as_str()) {
        ResourceType::Image
    } else if VIDEOS.contains(&extension.as_str()) {
        ResourceType::Video
    } else {
        ResourceType::Raw
    }
}

/// Looks at the first bytes and at the extension.
pub(crate) fn recognise(head: &[u8], extension: Option<&str>) -> Media {
    if let Some(format) = magic(head) {
        return Media {
            resource_type: by_extension(format),
            format: Some(format.to_owned()),
            size_px: size(format, head),
            certain: true,
        };
    }
    let resource_type = extension.map_or(ResourceType::Raw, by_extension);
    let known = extension.filter(|_| resource_type != ResourceType::Raw);
    let format = known.map(|extension| normal(&extension.to_ascii_lowercase()).to_owned());
    Media {
        resource_type,
        format,
        size_px: None,
        certain: false,
    }
}

/// The type sent with a delivered asset.
pub(crate) fn content_type(resource_type: ResourceType, format: Option<&str>) -> String {
    match (resource_type, format) {
        (ResourceType::Image, Some("jpg")) => "image/jpeg".to_owned(),
        (ResourceType::Image, Some("svg")) => "image/svg+xml".to_owned(),
        (ResourceType::Image, Some("pdf")) => "application/pdf".to_owned(),
        (ResourceType::Image, Some(format)) => format!("image/{format}"),
        (ResourceType::Video, Some("mp3")) => "audio/mpeg".to_owned(),
        (ResourceType::Video, Some(format)) => format!("video/{format}"),
        (ResourceType::Raw, _) | (_, None) => "application/octet-stream".to_owned(),
    }
}

fn normal(extension: &str) -> &str {
    match extension {
        "jpeg" => "jpg",
        "tif" => "tiff",
        other => other,
    }
}

fn magic(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x89, b'P', b'N', b'G', ..] => Some("png"),
        [0xff, 0xd8, 0xff, ..] => Some("jpg"),
        [b'G', b'I', b'F', b'8', ..] => Some("gif"),
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some("bmp"),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("pdf"),
        [b'8', b'B', b'P', b'S', ..] => Some("psd"),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some("tiff"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("webp"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'A',
            b'V',
            b'I',
            b' ',
            ..,
        ] => Some("avi"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'A',
            b'V',
            b'E',
            ..,
        ] => Some("wav"),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => Some(iso_media(brand)),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some("webm"),
        [b'I', b'D', b'3', ..] => Some("mp3"),
        [b'O', b'g', b'g', b'S', ..] => Some("ogg"),
        [b'f', b'L', b'a', b'C', ..] => Some("flac"),
        _ => None,
    }
}

fn iso_media(brand: &[u8]) -> &'static str {
    match brand.get(..4) {
        Some(b"avif" | b"avis") => "avif",
        Some(b"heic" | b"heix" | b"mif1") => "heic",
        Some(b"qt  ") => "mov",
        _ => "mp4",
    }
}

fn size(format: &str, head: &[u8]) -> Option<(u32, u32)> {
    match format {
        "png" => Some((big(head.get(16..20)?)?, big(head.get(20..24)?)?)),
        "gif" => Some((little16(head.get(6..8)?)?, little16(head.get(8..10)?)?)),
        "jpg" => jpeg_size(head),
        _ => None,
    }
}

/// Walks the JPEG segments to the frame header.
fn jpeg_size(head: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let [0xff, marker, high, low] = *head.get(at..at + 4)?.first_chunk()? else {
            return None;
        };
        let frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if frame {
            let height = big16(head.get(at + 5..at + 7)?)?;
            let width = big16(head.get(at + 7..at + 9)?)?;
            return Some((width, height));
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
}

fn big(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

fn big16(bytes: &[u8]) -> Option<u32> {
    Some(u16::from_be_bytes(bytes.try_into().ok()?).into())
}

fn little16(bytes: &[u8]) -> Option<u32> {
    Some(u16::from_le_bytes(bytes.try_into().ok()?).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_win_over_the_name() {
        let gif = recognise(b"GIF89a\x02\x00\x03\x00", Some("mp4"));
        assert_eq!(gif.resource_type, ResourceType::Image);
        assert_eq!(
            (gif.format.as_deref(), gif.size_px),
            (Some("gif"), Some((2, 3)))
        );
        let text = recognise(b"hello", Some("JPEG"));
        assert_eq!((text.format.as_deref(), text.certain), (Some("jpg"), false));
        assert_eq!(recognise(b"hello", Some("txt")).format, None);
    }

    #[test]
    fn a_jpeg_tells_its_size_behind_other_segments() {
        let jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x10\x00\x20\x03";
        assert_eq!(recognise(jpeg, None).size_px, Some((32, 16)));
    }

    #[test]
    fn a_header_cut_short_gives_no_size() {
        for length in 3..19 {
            let jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x10\x00\x20";
            assert_eq!(recognise(&jpeg[..length.min(16)], None).size_px, None);
        }
        assert_eq!(recognise(b"\x89PNG\r\n\x1a\n", None).size_px, None);
    }
}
