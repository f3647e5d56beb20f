//! The choices that people make by name: each a small set of words, with the default first.

use std::fmt;
use std::str::FromStr;

/// What becomes of characters that Cloudinary refuses or trims in a public ID.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Characters {
    /// Look-alikes, reversibly: two keys never become one ID by this.
    #[default]
    Fullwidth,
    /// `_` for each, which may bring two keys together.
    Underscore,
    /// The object is rejected.
    Reject,
}

/// What becomes of keys that differ in their extension only (`a.jpg`, `a.png`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Collisions {
    /// They share one asset, which follows the newest of them.
    #[default]
    Newest,
    /// Each has an asset of its own, because the public ID keeps the extension.
    KeepExtension,
}

/// Which extensions are images and videos.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ExtensionTable {
    /// The formats that Cloudinary documents today.
    #[default]
    Current,
    /// The list of the FTP-API Lambda, so that its public IDs stay what they are.
    Ftp2cld,
}

/// Whether the account keeps folders apart from public IDs. Resolved before rules are made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum FolderMode {
    /// The path in the public ID is the folder.
    #[default]
    Fixed,
    /// Folder and display name are parameters of their own.
    Dynamic,
}

/// A word that names none of the choices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not one of {allowed}")]
pub struct UnknownPolicy {
    word: String,
    allowed: String,
}

impl Characters {
    const ALL: [Self; 3] = [Self::Fullwidth, Self::Underscore, Self::Reject];

    /// The word used in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fullwidth => "fullwidth",
            Self::Underscore => "underscore",
            Self::Reject => "reject",
        }
    }
}

impl Collisions {
    const ALL: [Self; 2] = [Self::Newest, Self::KeepExtension];

    /// The word used in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::KeepExtension => "keep-extension",
        }
    }
}

impl ExtensionTable {
    const ALL: [Self; 2] = [Self::Current, Self::Ftp2cld];

    /// The word used in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Ftp2cld => "ftp2cld",
        }
    }
}

impl FolderMode {
    const ALL: [Self; 2] = [Self::Fixed, Self::Dynamic];

    /// The word used in the configuration and by Cloudinary.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Dynamic => "dynamic",
        }
    }
}

impl FromStr for Characters {
    type Err = UnknownPolicy;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        choose(word, &Self::ALL, Self::as_str)
    }
}

impl FromStr for Collisions {
    type Err = UnknownPolicy;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        choose(word, &Self::ALL, Self::as_str)
    }
}

impl FromStr for ExtensionTable {
    type Err = UnknownPolicy;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        choose(word, &Self::ALL, Self::as_str)
    }
}

impl FromStr for FolderMode {
    type Err = UnknownPolicy;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        choose(word, &Self::ALL, Self::as_str)
    }
}

impl fmt::Display for Characters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Collisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for ExtensionTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for FolderMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn choose<T: Copy>(word: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, UnknownPolicy> {
    all.iter()
        .copied()
        .find(|choice| name(*choice) == word)
        .ok_or_else(|| UnknownPolicy {
            word: word.to_owned(),
            allowed: all
                .iter()
                .map(|choice| name(*choice))
                .collect::<Vec<_>>()
                .join(", "),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_as_its_choice() {
        for choice in Characters::ALL {
            assert_eq!(choice.as_str().parse(), Ok(choice));
        }
        for choice in Collisions::ALL {
            assert_eq!(choice.as_str().parse(), Ok(choice));
        }
        for choice in ExtensionTable::ALL {
            assert_eq!(choice.as_str().parse(), Ok(choice));
        }
        for choice in FolderMode::ALL {
            assert_eq!(choice.as_str().parse(), Ok(choice));
        }
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        let error = "latin".parse::<Characters>().expect_err("unknown");
        assert_eq!(
            error.to_string(),
            "`latin` is not one of fullwidth, underscore, reject"
        );
    }
}
