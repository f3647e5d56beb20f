//! Batches: what makes a whole batch invalid, and an answer that can partly fail.

use std::collections::HashSet;

use serde::Serialize;

use crate::sqs::error::{Kind, SqsError};
use crate::sqs::protocol::Entry;

const MAX_ENTRIES: usize = 10;

/// The answer to a batch.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Outcome<T> {
    pub(crate) successful: Vec<T>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) failed: Vec<FailedEntry>,
}

/// An entry that failed while others did not.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FailedEntry {
    id: String,
    code: String,
    sender_fault: bool,
    message: String,
}

/// An entry about which nothing more is said than that it succeeded.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Done {
    pub(crate) id: String,
}

/// Runs each entry on its own; the first `fail_entries` fail unrun, because a test asked for it.
pub(crate) fn run<'a, T>(
    entries: Vec<Entry<'a>>,
    fail_entries: usize,
    mut each: impl FnMut(Entry<'a>) -> Result<T, SqsError>,
) -> Result<Outcome<T>, SqsError> {
    check(&entries)?;
    let mut outcome = Outcome {
        successful: Vec::new(),
        failed: Vec::new(),
    };
    for (position, entry) in entries.into_iter().enumerate() {
        let id = entry.id.to_string();
        let result = if position < fail_entries {
            Err(injected())
        } else {
            each(entry)
        };
        match result {
            Ok(done) => outcome.successful.push(done),
            Err(error) => outcome.failed.push(FailedEntry::new(id, &error)),
        }
    }
    Ok(outcome)
}

impl FailedEntry {
    fn new(id: String, error: &SqsError) -> Self {
        Self {
            id,
            code: error.code().to_owned(),
            sender_fault: error.kind.status() < 500,
            message: error.message.clone(),
        }
    }
}

fn check(entries: &[Entry<'_>]) -> Result<(), SqsError> {
    if entries.is_empty() {
        return Err(SqsError::new(
            Kind::EmptyBatchRequest,
            "There should be at least one entry in the request.",
        ));
    }
    if entries.len() > MAX_ENTRIES {
        let message = format!(
            "Maximum number of entries per request are {MAX_ENTRIES}. You have sent {}.",
            entries.len()
        );
        return Err(SqsError::new(Kind::TooManyEntriesInBatchRequest, message));
    }
    if entries.iter().any(|entry| !is_legal_id(&entry.id)) {
        let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
                       It can be at most 80 letters long.";
        return Err(SqsError::new(Kind::InvalidBatchEntryId, message));
    }
    let mut seen = HashSet::new();
    match entries.iter().find(|entry| !seen.insert(&entry.id)) {
        Some(entry) => Err(SqsError::new(
            Kind::BatchEntryIdsNotDistinct,
            format!("Id {} repeated.", entry.id),
        )),
        None => Ok(()),
    }
}

fn is_legal_id(id: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=80).contains(&id.len()) && id.bytes().all(legal)
}

fn injected() -> SqsError {
    let kind = Kind::Injected {
        code: "InternalError".to_owned(),
        status: 500,
    };
    SqsError::new(kind, "We encountered an internal error. Please try again.")
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn entries(ids: &[&'static str]) -> Vec<Entry<'static>> {
        ids.iter()
            .map(|id| Entry {
                id: Cow::Borrowed(*id),
                ..Entry::default()
            })
            .collect()
    }

    fn kind_of(ids: &[&'static str]) -> Kind {
        run(entries(ids), 0, |_| Ok(())).unwrap_err().kind
    }

    #[test]
    fn a_batch_is_refused_whole_for_its_shape() {
        assert_eq!(kind_of(&[]), Kind::EmptyBatchRequest);
        assert_eq!(kind_of(&["a"; 11]), Kind::TooManyEntriesInBatchRequest);
        assert_eq!(kind_of(&["a", "b", "a"]), Kind::BatchEntryIdsNotDistinct);
        assert_eq!(kind_of(&["a", "b c"]), Kind::InvalidBatchEntryId);
        assert_eq!(kind_of(&[""]), Kind::InvalidBatchEntryId);
    }

    #[test]
    fn an_entry_fails_without_its_neighbours() {
        let each = |entry: Entry<'_>| match entry.id.as_ref() {
            "bad" => Err(SqsError::new(Kind::ReceiptHandleIsInvalid, "no")),
            other => Ok(other.to_owned()),
        };
        let outcome = run(entries(&["a", "bad", "c"]), 0, each).unwrap();
        assert_eq!(outcome.successful, ["a", "c"]);
        let failed = serde_json::to_value(&outcome.failed).unwrap();
        let expected = serde_json::json!([{"Id": "bad", "Code": "ReceiptHandleIsInvalid", "SenderFault": true, "Message": "no"}]);
        assert_eq!(failed, expected);
    }

    #[test]
    fn injected_failures_are_not_the_senders_fault_and_do_nothing() {
        let mut ran = Vec::new();
        let outcome = run(entries(&["a", "b", "c"]), 2, |entry| {
            ran.push(entry.id.to_string());
            Ok(())
        });
        assert_eq!(
            outcome
                .unwrap()
                .failed
                .iter()
                .filter(|f| !f.sender_fault)
                .count(),
            2
        );
        assert_eq!(ran, ["c"]);
    }
}
