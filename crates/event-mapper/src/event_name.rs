//! The name of an event and what it suggests.
//!
//! Names are open-ended (S3 added three families in 2026), so the text is kept for people and a
//! fixed list serves metrics. A name nobody knows is not an error.

use std::fmt;

use crate::Hint;

/// An event's name without its `s3:` prefix; the detail type for EventBridge.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventName(String);

/// Every name that may become a metric label.
const KNOWN: &[&str] = &[
    "IntelligentTiering",
    "LifecycleExpiration:Delete",
    "LifecycleExpiration:DeleteMarkerCreated",
    "LifecycleTransition",
    "Object ACL Updated",
    "Object Access Tier Changed",
    "Object Created",
    "Object Deleted",
    "Object Restore Completed",
    "Object Restore Expired",
    "Object Restore Initiated",
    "Object Storage Class Changed",
    "Object Tags Added",
    "Object Tags Deleted",
    "ObjectAcl:Put",
    "ObjectAnnotation:Delete",
    "ObjectAnnotation:Put",
    "ObjectCreated:CompleteMultipartUpload",
    "ObjectCreated:Copy",
    "ObjectCreated:Post",
    "ObjectCreated:Put",
    "ObjectRemoved:Delete",
    "ObjectRemoved:DeleteMarkerCreated",
    "ObjectRestore:Completed",
    "ObjectRestore:Delete",
    "ObjectRestore:Post",
    "ObjectRetention:Put",
    "ObjectTagging:Delete",
    "ObjectTagging:Put",
    "ReducedRedundancyLostObject",
    "Replication:OperationFailedReplication",
    "Replication:OperationMissedThreshold",
    "Replication:OperationNotTracked",
    "Replication:OperationReplicatedAfterThreshold",
];

impl EventName {
    /// Keeps the text, less the `s3:` that `MinIO` and some fixtures put before it.
    pub fn new(text: &str) -> Self {
        Self(text.strip_prefix("s3:").unwrap_or(text).to_owned())
    }

    /// The name of an event whose emitter gives none.
    pub fn unnamed() -> Self {
        Self(String::new())
    }

    /// The text; empty when the emitter gave none.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A word from a fixed list: the name itself when it is a documented one.
    pub fn metric_label(&self) -> &'static str {
        if self.0.is_empty() {
            return "unnamed";
        }
        KNOWN
            .iter()
            .find(|known| **known == self.0)
            .copied()
            .unwrap_or("other")
    }

    /// What the event suggests. An unnamed event is a reason to look, an unknown one is not.
    pub fn hint(&self) -> Hint {
        let (family, kind) = self.0.split_once(':').unwrap_or((&self.0, ""));
        match (family, kind) {
            // MinIO files these under ObjectCreated although the content stays.
            ("ObjectCreated", "PutTagging" | "DeleteTagging")
            | ("ObjectTagging" | "Object Tags Added" | "Object Tags Deleted", _) => Hint::Tagging,
            ("ObjectCreated", "PutRetention" | "PutLegalHold") | ("ObjectRemoved", "NoOP") => {
                Hint::Ignored
            }
            ("ObjectCreated" | "Object Created" | "", _) => Hint::Created,
            // S3 sends LifecycleExpiration, and not ObjectRemoved, when a rule deletes.
            (
                "ObjectRemoved"
                | "Object Deleted"
                | "LifecycleExpiration"
                | "LifecycleDelMarkerExpiration",
                _,
            ) => Hint::Removed,
            ("ObjectRestore", "Completed") | ("Object Restore Completed", _) => Hint::Restored,
            // Ceph's name for an expiration by rule.
            ("ObjectLifecycle", kind) if kind.starts_with("Expiration") => Hint::Removed,
            _ => Hint::Ignored,
        }
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() {
            "unnamed event"
        } else {
            &self.0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_suggests_what_the_contract_says() {
        let table = [
            ("ObjectCreated:Put", Hint::Created),
            ("ObjectCreated:Post", Hint::Created),
            ("ObjectCreated:SomethingNew", Hint::Created),
            ("s3:ObjectCreated:Copy", Hint::Created),
            ("Object Created", Hint::Created),
            ("", Hint::Created),
            ("ObjectCreated:PutTagging", Hint::Tagging),
            ("ObjectCreated:DeleteTagging", Hint::Tagging),
            ("ObjectCreated:PutRetention", Hint::Ignored),
            ("ObjectCreated:PutLegalHold", Hint::Ignored),
            ("ObjectRemoved:Delete", Hint::Removed),
            ("ObjectRemoved:DeleteMarkerCreated", Hint::Removed),
            ("ObjectRemoved:NoOP", Hint::Ignored),
            ("LifecycleExpiration:Delete", Hint::Removed),
            ("ObjectLifecycle:Expiration:Current", Hint::Removed),
            ("ObjectLifecycle:Transition:Current", Hint::Ignored),
            ("Object Deleted", Hint::Removed),
            ("ObjectRestore:Completed", Hint::Restored),
            ("ObjectRestore:Post", Hint::Ignored),
            ("ObjectRestore:Delete", Hint::Ignored),
            ("Object Restore Completed", Hint::Restored),
            ("Object Restore Expired", Hint::Ignored),
            ("ObjectTagging:Put", Hint::Tagging),
            ("Object Tags Deleted", Hint::Tagging),
            ("ObjectAcl:Put", Hint::Ignored),
            ("Nobody Knows", Hint::Ignored),
        ];
        for (name, hint) in table {
            assert_eq!(EventName::new(name).hint(), hint, "{name}");
        }
    }

    #[test]
    fn metric_labels_come_from_a_fixed_list() {
        assert_eq!(
            EventName::new("s3:ObjectCreated:Put").metric_label(),
            "ObjectCreated:Put"
        );
        assert_eq!(
            EventName::new("Object Created").metric_label(),
            "Object Created"
        );
        assert_eq!(
            EventName::new("ObjectCreated:x-1234").metric_label(),
            "other"
        );
        assert_eq!(EventName::unnamed().metric_label(), "unnamed");
    }

    #[test]
    fn a_name_prints_as_itself_and_the_absence_of_one_as_words() {
        assert_eq!(
            EventName::new("s3:ObjectCreated:Put").to_string(),
            "ObjectCreated:Put"
        );
        assert_eq!(EventName::unnamed().to_string(), "unnamed event");
    }
}
