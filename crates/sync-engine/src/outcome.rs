//! How a record of a message ended. Only [`crate::settle`] turns outcomes into queue actions.

use event_mapper::SkipReason;

/// How a record ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// We wrote, and a look afterwards agrees with what we wrote.
    Uploaded,
    /// We removed, and a look afterwards still finds nothing in the bucket.
    Destroyed,
    /// A look found nothing to do.
    AlreadyTrue,
    /// There is nothing to do by the rules.
    Skipped(Skip),
    /// Not done, and no harm done: worth another try later.
    Held(Hold),
    /// A write may have happened or may still happen: must be looked at again later.
    Unclear,
    /// Can never succeed as things are.
    Rejected(Rejection),
}

impl Outcome {
    /// The metric label.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Destroyed => "destroyed",
            Self::AlreadyTrue => "already_true",
            Self::Skipped(_) => "skipped",
            Self::Held(_) => "held",
            Self::Unclear => "unclear",
            Self::Rejected(_) => "rejected",
        }
    }

    /// The reason within the outcome, where there is one.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Uploaded | Self::Destroyed | Self::AlreadyTrue | Self::Unclear => None,
            Self::Skipped(skip) => Some(skip.as_str()),
            Self::Held(hold) => Some(hold.as_str()),
            Self::Rejected(rejection) => Some(rejection.reason),
        }
    }

    /// Whether a look at the bucket has shown that the library agrees with it.
    pub fn is_proven(&self) -> bool {
        matches!(self, Self::Uploaded | Self::Destroyed | Self::AlreadyTrue)
    }
}

/// Why there is nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// The mapping rules leave the object out.
    ByRules(SkipReason),
    /// The event changes no content.
    IgnoredEvent,
    /// The message is S3's greeting or carries no record.
    NothingToDo,
    /// The bytes are in an archive; the restore event will come.
    Archived,
    /// The object is gone and deletes do not reach the library.
    UploadOnly,
}

impl Skip {
    /// The metric label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ByRules(reason) => reason.as_str(),
            Self::IgnoredEvent => "ignored_event",
            Self::NothingToDo => "nothing_to_do",
            Self::Archived => "archived",
            Self::UploadOnly => "upload_only",
        }
    }
}

/// Why a record is given back to the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// The worker stops before it began to write.
    Stopping,
    /// The network or a service failed more often than we try within a lease.
    Transient,
    /// The bucket kept changing while we wrote.
    KeepsChanging,
    /// The bucket refuses to say whether the object is there.
    Denied,
    /// The library throttled for longer than a lease can last.
    Throttled,
    /// More destroys than the brake on mass deletes lets through.
    MassDelete,
}

impl Hold {
    /// The metric label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stopping => "stopping",
            Self::Transient => "transient",
            Self::KeepsChanging => "keeps_changing",
            Self::Denied => "denied",
            Self::Throttled => "throttled",
            Self::MassDelete => "mass_delete",
        }
    }
}

/// Why a record can never succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// A word from a bounded list.
    pub reason: &'static str,
    /// One sentence for people.
    pub detail: String,
}

impl Rejection {
    /// A rejection for this reason.
    pub fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }
}
