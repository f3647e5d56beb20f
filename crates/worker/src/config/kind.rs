//! What a setting's value may be, as data: the parser, the error message and the page all read it.

use std::fmt;
use std::time::Duration;

use super::duration;

/// The values that a setting allows.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// true or false, in several spellings.
    Bool,
    /// A whole number within these bounds.
    Count {
        /// The smallest.
        min: u32,
        /// The largest.
        max: u32,
    },
    /// A duration with a unit, within these bounds.
    Duration {
        /// The shortest.
        min: Duration,
        /// The longest.
        max: Duration,
    },
    /// A duration of whole seconds, because the service that gets it knows no others.
    Seconds {
        /// The shortest.
        min: u64,
        /// The longest.
        max: u64,
    },
    /// One of these words.
    Word(&'static [&'static str]),
    /// An `http` or `https` URL.
    HttpUrl,
    /// Any text, described here.
    Text(&'static str),
    /// Several of what is described here, separated by commas.
    List(&'static str),
    /// An IP address with a port.
    Address,
    /// The path of a file.
    Path,
}

impl Kind {
    /// The word that stands for the value in help texts.
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::Bool => "BOOL",
            Self::Count { .. } => "N",
            Self::Duration { .. } | Self::Seconds { .. } => "DURATION",
            Self::Word(_) => "WORD",
            Self::HttpUrl => "URL",
            Self::Text(_) => "TEXT",
            Self::List(_) => "LIST",
            Self::Address => "ADDRESS",
            Self::Path => "PATH",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("true, false, 1, 0, yes, no"),
            Self::Count { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Duration { min, max } => write!(
                f,
                "a duration with a unit from {} to {}",
                duration::show(*min),
                duration::show(*max)
            ),
            Self::Seconds { min, max } => write!(
                f,
                "a duration of whole seconds with a unit from {} to {}",
                duration::show(Duration::from_secs(*min)),
                duration::show(Duration::from_secs(*max))
            ),
            Self::Word(words) => f.write_str(&words.join(", ")),
            Self::HttpUrl => f.write_str("an http:// or https:// URL"),
            Self::Text(what) => f.write_str(what),
            Self::List(what) => write!(f, "{what}, separated by commas"),
            Self::Address => f.write_str("an IP address with a port, such as 0.0.0.0:9090"),
            Self::Path => f.write_str("the path of a file"),
        }
    }
}
