//! Small real pictures, made from a colour: what the demo puts into its bucket.
//!
//! Encoded here, without compression worth the name, so that the demo needs neither files nor an
//! image library. Each is a valid file that any viewer shows.

mod gif;
mod jpeg;
mod png;

/// An upright gradient from one colour to black.
#[derive(Debug)]
pub(crate) struct Picture {
    colour: [u8; 3],
    /// In pixels; a multiple of 8, the size of a JPEG block.
    width: u16,
    height: u16,
}

impl Picture {
    /// A picture whose colour and size depend on the random numbers.
    pub(crate) fn random(random: &mut fastrand::Rng) -> Self {
        Self {
            colour: [random.u8(..), random.u8(..), random.u8(..)],
            width: 8 * random.u16(2..=8),
            height: 8 * random.u16(2..=8),
        }
    }

    /// The file for a key: its extension decides the format, PNG unless it names another.
    pub(crate) fn file(&self, key: &str) -> Vec<u8> {
        match key.rsplit_once('.') {
            Some((_, "jpg" | "jpeg")) => jpeg::encode(self),
            Some((_, "gif")) => gif::encode(self),
            _ => png::encode(self),
        }
    }

    fn pixel(&self, y: u16) -> [u8; 3] {
        let shade = u32::from(self.height - y);
        self.colour.map(|part| {
            let part = u32::from(part) * shade / u32::from(self.height);
            u8::try_from(part).unwrap_or(u8::MAX)
        })
    }

    fn brightness(&self, y: u16) -> u8 {
        let sum: u16 = self.pixel(y).iter().map(|part| u16::from(*part)).sum();
        u8::try_from(sum / 3).unwrap_or(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_picture_again() {
        let picture = |seed| Picture::random(&mut fastrand::Rng::with_seed(seed)).file("a.png");
        assert_eq!(picture(7), picture(7));
        assert_ne!(picture(7), picture(8));
    }

    #[test]
    fn the_extension_decides_the_format() {
        let picture = Picture::random(&mut fastrand::Rng::with_seed(1));
        assert!(picture.file("a.png").starts_with(b"\x89PNG\r\n\x1a\n"));
        assert!(picture.file("a.jpg").starts_with(b"\xff\xd8\xff"));
        assert!(picture.file("a.gif").starts_with(b"GIF89a"));
    }
}
