//! Which events matter, and how a notification's filter meets what is synced.

use aws_adapters::NotificationTarget;
use percent_encoding::percent_decode_str;

/// A kind of event that the worker must hear of.
#[derive(Debug)]
pub(super) struct Kind {
    /// As a configuration asks for all of it.
    pub(super) name: &'static str,
    /// Every single event of it that matters.
    pub(super) events: &'static [&'static str],
    /// Whether nothing works without it.
    pub(super) essential: bool,
    /// What happens without it.
    pub(super) harm: &'static str,
    /// Whether it is about objects that go.
    delete: bool,
}

/// How much of a folder a filter lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    Nothing,
    Part,
    Whole,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "s3:ObjectCreated:*",
        events: &[
            "s3:ObjectCreated:Put",
            "s3:ObjectCreated:Post",
            "s3:ObjectCreated:Copy",
            "s3:ObjectCreated:CompleteMultipartUpload",
        ],
        essential: true,
        harm: "new objects do not arrive",
        delete: false,
    },
    Kind {
        name: "s3:ObjectRemoved:*",
        events: &[
            "s3:ObjectRemoved:Delete",
            "s3:ObjectRemoved:DeleteMarkerCreated",
        ],
        essential: true,
        harm: "deletes do not arrive",
        delete: true,
    },
    Kind {
        name: "s3:ObjectRestore:Completed",
        events: &["s3:ObjectRestore:Completed"],
        essential: false,
        harm: "objects restored from an archive do not arrive",
        delete: false,
    },
    Kind {
        name: "s3:LifecycleExpiration:*",
        events: &[
            "s3:LifecycleExpiration:Delete",
            "s3:LifecycleExpiration:DeleteMarkerCreated",
        ],
        essential: false,
        harm: "deletes by lifecycle rules do not arrive",
        delete: true,
    },
];

/// The kinds that matter; without deletes, those about objects that go do not.
pub(super) fn needed(deletes: bool) -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(move |kind| deletes || !kind.delete)
}

/// Whether somebody is told of an event.
pub(super) fn covered(carriers: &[&NotificationTarget], event: &str) -> bool {
    let mut asked = carriers.iter().flat_map(|carrier| &carrier.events);
    asked.any(|pattern| covers(pattern, event))
}

/// Whether a name in a configuration stands for an event, or for all of another name.
pub(super) fn covers(pattern: &str, event: &str) -> bool {
    pattern == event
        || pattern
            .strip_suffix('*')
            .is_some_and(|class| event.starts_with(class))
}

/// How much of a folder a target hears of.
pub(super) fn reach(target: &NotificationTarget, folder: &str) -> Reach {
    let prefix = decoded(target.prefix.as_deref());
    if folder.starts_with(&prefix) {
        return if target.suffix.is_none() {
            Reach::Whole
        } else {
            Reach::Part
        };
    }
    if prefix.starts_with(folder) {
        Reach::Part
    } else {
        Reach::Nothing
    }
}

/// Whether S3 refuses two targets beside each other: an event of a key for both.
pub(super) fn overlap(one: &NotificationTarget, other: &NotificationTarget) -> bool {
    let share_event = one.events.iter().any(|a| {
        let others = &other.events;
        others.iter().any(|b| covers(a, b) || covers(b, a))
    });
    let [a, b] = [one, other].map(|target| decoded(target.prefix.as_deref()));
    let share_prefix = a.starts_with(&b) || b.starts_with(&a);
    let [a, b] = [one, other].map(|target| decoded(target.suffix.as_deref()));
    share_event && share_prefix && (a.ends_with(&b) || b.ends_with(&a))
}

/// A filter value as the key's own characters; S3 takes it form-URL-encoded.
fn decoded(filter: Option<&str>) -> String {
    let spaced = filter.unwrap_or_default().replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}
