//! Conditional requests: what must hold of the present object for a request to go on.

use crate::s3::error::S3Failure;
use crate::s3::object::Object;

/// What must hold of the present object for a request to go on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    pub(crate) if_match: Option<Etag>,
    pub(crate) if_none_match: Option<Etag>,
}

/// The `ETag` of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Etag {
    Any,
    Is(String),
}

impl Etag {
    fn covers(&self, etag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Is(wanted) => wanted == etag,
        }
    }
}

impl Conditions {
    /// For writers: a missing object fails `If-Match`, a present one fails a covering `If-None-Match`.
    pub(crate) fn check_write(&self, current: Option<&Object>) -> Result<(), S3Failure> {
        match (&self.if_match, current) {
            (Some(_), None) => {
                return Err(S3Failure::NoSuchKey {
                    delete_marker: None,
                });
            }
            (Some(wanted), Some(object)) if !wanted.covers(&object.etag) => {
                return Err(S3Failure::PreconditionFailed);
            }
            _ => {}
        }
        let unwanted = |etag: &Etag| current.is_some_and(|object| etag.covers(&object.etag));
        if self.if_none_match.as_ref().is_some_and(unwanted) {
            Err(S3Failure::PreconditionFailed)
        } else {
            Ok(())
        }
    }

    /// For readers: a covering `If-None-Match` means they have it already.
    pub(crate) fn check_read(&self, object: &Object) -> Result<(), S3Failure> {
        if self
            .if_match
            .as_ref()
            .is_some_and(|wanted| !wanted.covers(&object.etag))
        {
            return Err(S3Failure::PreconditionFailed);
        }
        let have = self
            .if_none_match
            .as_ref()
            .is_some_and(|etag| etag.covers(&object.etag));
        if have {
            Err(S3Failure::NotModified)
        } else {
            Ok(())
        }
    }
}
