//! What a notification says about one object: which object, which kind of event, and the facts
//! it happens to carry.
//!
//! Every fact but the name is optional, because some emitter leaves it out. Facts are for
//! coalescing, metrics and logs; the truth about an object is asked of the bucket.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use time::OffsetDateTime;

use crate::EventName;

/// One usable record of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectChange {
    /// The event as its emitter names it.
    pub event: EventName,
    /// What the event suggests.
    pub hint: Hint,
    /// The object it is about.
    pub object: ObjectRef,
    /// Size in bytes at the time of the event.
    pub size: Option<u64>,
    /// `ETag` without quotes.
    pub etag: Option<String>,
    /// Version ID; absent in an unversioned bucket and for the null version.
    pub version_id: Option<String>,
    /// Order among events of the same key, where the emitter gives one.
    pub sequencer: Option<Sequencer>,
    /// When S3 says it happened.
    pub event_time: Option<OffsetDateTime>,
}

/// The name of an object: bucket and decoded key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectRef {
    /// Bucket name.
    pub bucket: String,
    /// The key as S3 stores it, not URL-encoded and never normalised.
    pub key: String,
}

impl ObjectRef {
    /// Names an object by its bucket and its decoded key.
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            key: key.into(),
        }
    }
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// What an event suggests about its object. A suggestion to look, never a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hint {
    /// Content was written, or the event does not say what happened.
    Created,
    /// An object, a version of it or a delete marker went away.
    Removed,
    /// An archived object became readable.
    Restored,
    /// Tags changed, content did not.
    Tagging,
    /// Nothing that could change the asset.
    Ignored,
}

impl Hint {
    /// The word used in metrics and in `explain`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Removed => "removed",
            Self::Restored => "restored",
            Self::Tagging => "tagging",
            Self::Ignored => "ignored",
        }
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The hexadecimal number with which S3 orders the events of one key.
///
/// Compared as if padded with zeros on the left and without regard to case. Emitters exist that
/// repeat one value for ever, so an equal or smaller sequencer proves nothing: it may merge
/// waiting hints, it must not suppress one.
#[derive(Debug, Clone)]
pub struct Sequencer(String);

impl Sequencer {
    /// Longer text than this is no sequencer. S3 sends 16 or 18 digits.
    const MAX_DIGITS: usize = 64;

    /// Reads hexadecimal digits; any other character means that there is no sequencer.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim();
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_hex && (1..=Self::MAX_DIGITS).contains(&digits.len()))
            .then(|| Self(digits.to_ascii_uppercase()))
    }

    /// The digits as received, in upper case and not padded.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn significant(&self) -> &str {
        self.0.trim_start_matches('0')
    }
}

impl Ord for Sequencer {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mine, theirs) = (self.significant(), other.significant());
        mine.len().cmp(&theirs.len()).then_with(|| mine.cmp(theirs))
    }
}

impl PartialOrd for Sequencer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Sequencer {
    fn eq(&self, other: &Self) -> bool {
        self.significant() == other.significant()
    }
}

impl Eq for Sequencer {}

impl Hash for Sequencer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.significant().hash(state);
    }
}

impl fmt::Display for Sequencer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::hash::DefaultHasher;

    use super::*;

    #[test]
    fn a_hint_prints_as_the_word_of_explain() {
        assert_eq!(Hint::Restored.to_string(), "restored");
        assert_eq!(Hint::Tagging.to_string(), "tagging");
    }

    fn sequencer(text: &str) -> Sequencer {
        Sequencer::parse(text).expect(text)
    }

    #[test]
    fn sequencers_compare_as_numbers_padded_on_the_left() {
        assert!(sequencer("0055AED6DCD90281E5") > sequencer("55AED6DCD90281E4"));
        assert!(sequencer("617f08299329d189") > sequencer("0055AED6DCD90281E5"));
        assert!(sequencer("A") > sequencer("9"));
        assert!(sequencer("10") > sequencer("F"));
    }

    #[test]
    fn case_and_leading_zeros_make_no_difference() {
        assert_eq!(sequencer("00ab"), sequencer("AB"));
        assert_eq!(sequencer("0"), sequencer("000"));
        assert_ne!(sequencer("00ab"), sequencer("00ba"));
        assert_eq!(sequencer("00ab").as_str(), "00AB");
        assert_eq!(sequencer("00ab").to_string(), "00AB");
    }

    #[test]
    fn equal_sequencers_are_one_entry_of_a_set_and_others_are_spread() {
        let hash = |text| {
            let mut hasher = DefaultHasher::new();
            sequencer(text).hash(&mut hasher);
            hasher.finish()
        };
        assert_eq!(hash("00ab"), hash("AB"));
        assert_ne!(hash("AB"), hash("AC"));
    }

    #[test]
    fn text_that_is_not_hexadecimal_is_no_sequencer() {
        for text in ["", " ", "0066LIFECYCLE890", "0x12", "-1", "é"] {
            assert_eq!(Sequencer::parse(text), None, "{text:?}");
        }
        assert_eq!(Sequencer::parse(&"1".repeat(65)), None);
    }

    #[test]
    fn an_object_prints_as_its_s3_address() {
        assert_eq!(
            ObjectRef::new("b", "a/b c.jpg").to_string(),
            "s3://b/a/b c.jpg"
        );
    }
}
