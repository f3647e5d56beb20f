//! The dead-letter queue: whether there is one, and whether messages are safe there. Pure.
//!
//! Two paths lead there: the worker's own, with a reason, and the queue's redrive policy. They
//! should end in the same place, so that there is one place to look.

use aws_adapters::{InspectError, InspectErrorKind, QueueSettings};

use super::command::{aws, create_dead_letter_queue, set_queue_attribute, setting};
use super::finding::Finding;
use super::queue::{delay, kind, name_of, period};
use super::unseen::{unseen, unusable};

const VARIABLE: &str = "CLDSYNC_DEAD_LETTER_QUEUE_URL";

/// The ARN or URL of a queue beside the given one: SQS wants both in one account and region.
pub(crate) fn sibling(arn_or_url: &str, name: &str) -> String {
    let end = arn_or_url.len() - name_of(arn_or_url).len();
    format!("{}{name}", &arn_or_url[..end])
}

/// Where dead letters go, as far as is known: the setting, else the redrive policy's target.
pub(crate) fn url(
    configured: Option<&str>,
    queue_url: &str,
    queue: &QueueSettings,
) -> Option<String> {
    let target = queue.attributes.dead_letter_target_arn.as_deref();
    let derived = target.map(|arn| sibling(queue_url, name_of(arn)));
    configured.map(str::to_owned).or(derived)
}

/// Whether both paths are set up and end in the same place.
pub(crate) fn configured(
    configured: Option<&str>,
    queue_url: &str,
    queue: &QueueSettings,
) -> Finding {
    let id = "dead_letters.configured";
    let target = queue
        .attributes
        .dead_letter_target_arn
        .as_deref()
        .map(name_of);
    match (configured.map(name_of), target) {
        (Some(own), Some(target)) if own != target => {
            let message = format!(
                "the worker puts dead letters into {own}, the redrive policy into {target}: two \
                 places to look"
            );
            Finding::warning(id, message, setting(VARIABLE, &sibling(queue_url, target)))
        }
        (Some(own), _) => Finding::pass(id, format!("{own} takes them, with the reason")),
        (None, Some(target)) => {
            let message = format!(
                "{VARIABLE} is not set; what can never succeed is tried again and again until the \
                 redrive policy moves it, without a reason"
            );
            Finding::warning(id, message, setting(VARIABLE, &sibling(queue_url, target)))
        }
        (None, None) => {
            let name = format!("{}-dead", name_of(queue_url));
            let message = "there is no dead-letter queue; what can never succeed is tried again \
                           until it expires";
            let set = setting(VARIABLE, &sibling(queue_url, &name));
            let fix = format!("{}\n{set}", create_dead_letter_queue(&name));
            Finding::warning(id, message, fix)
        }
    }
}

/// The dead-letter queue could not be looked at.
pub(crate) fn unreachable(url: &str, error: &InspectError) -> Finding {
    let id = "dead_letters.reachable";
    match error.kind {
        // Least privilege allows the worker no look at it, only sending.
        InspectErrorKind::Denied => unseen(id, error, "sqs:GetQueueAttributes"),
        _ => unusable(
            id,
            error,
            "sqs:GetQueueAttributes",
            create_dead_letter_queue(name_of(url)),
        ),
    }
}

/// Everything about a dead-letter queue that could be looked at.
pub(crate) fn check(url: &str, letters: &QueueSettings, queue: &QueueSettings) -> Vec<Finding> {
    vec![
        Finding::pass("dead_letters.reachable", letters.attributes.arn.clone()),
        kind("dead_letters.type", letters),
        retention(url, letters, queue),
        delay("dead_letters.delay", url, letters),
        empty(letters, queue),
    ]
}

/// SQS counts from the first sending, so a message that is moved late has little time left.
fn retention(url: &str, letters: &QueueSettings, queue: &QueueSettings) -> Finding {
    let id = "dead_letters.retention";
    let [own, source] = [letters.retention, queue.retention].map(period);
    if letters.retention >= queue.retention {
        return Finding::pass(id, format!("messages are kept for {own}"));
    }
    let message = format!(
        "{own}, less than the {source} of the queue; a message that is moved keeps its age, so it \
         can be gone at once"
    );
    let fix = set_queue_attribute(url, "MessageRetentionPeriod", "1209600");
    Finding::failure(id, message, fix)
}

/// The destination is named: without one, SQS moves only what its own redrive policy brought there,
/// and not what a worker put there.
fn empty(letters: &QueueSettings, queue: &QueueSettings) -> Finding {
    let id = "dead_letters.empty";
    let depth = letters.attributes.depth;
    let messages = depth.visible + depth.in_flight + depth.delayed;
    if messages == 0 {
        return Finding::pass(id, "no dead letters");
    }
    let message = format!(
        "{messages} messages; once their reasons are dealt with, send them back to the queue"
    );
    let [from, to] = [letters, queue].map(|queue| queue.attributes.arn.as_str());
    let fix = aws(&[
        "sqs",
        "start-message-move-task",
        "--source-arn",
        from,
        "--destination-arn",
        to,
    ]);
    Finding::warning(id, message, fix)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::finding::Status::{Failure, Pass, Unknown, Warning};
    use super::super::testkit::{QUEUE_URL, fix, queue, refused, status};
    use super::*;

    const LETTERS: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/cldsync-dead";

    fn letters(hours: u64, waiting: u64) -> QueueSettings {
        let mut letters = queue();
        letters.attributes.arn = sibling(&letters.attributes.arn, "cldsync-dead");
        letters.attributes.depth.visible = waiting;
        letters.retention = Duration::from_hours(hours);
        letters
    }

    #[test]
    fn both_paths_must_end_in_the_same_place() {
        let mut queue = queue();
        let both = configured(Some(LETTERS), QUEUE_URL, &queue);
        assert_eq!(both.status, Pass, "{both:?}");
        let other = configured(Some("https://q/other"), QUEUE_URL, &queue);
        assert_eq!(other.status, Warning);
        let policy_only = configured(None, QUEUE_URL, &queue);
        assert_eq!(policy_only.status, Warning);
        let export = format!("export {VARIABLE}={LETTERS}");
        assert_eq!(policy_only.fix.as_deref(), Some(export.as_str()));
        queue.attributes.dead_letter_target_arn = None;
        let neither = configured(None, QUEUE_URL, &queue).fix.unwrap_or_default();
        assert!(neither.starts_with("aws sqs create-queue") && neither.ends_with(&export));
    }

    #[test]
    fn the_place_is_known_from_the_policy_alone() {
        let queue = queue();
        assert_eq!(url(None, QUEUE_URL, &queue).as_deref(), Some(LETTERS));
        assert_eq!(
            url(Some("https://q/x"), QUEUE_URL, &queue).as_deref(),
            Some("https://q/x")
        );
    }

    #[test]
    fn letters_must_not_expire_before_the_queue_s_messages() {
        let found = check(LETTERS, &letters(336, 0), &queue());
        assert_eq!(status(&found, "dead_letters.retention"), Pass);
        let found = check(LETTERS, &letters(95, 0), &queue());
        assert_eq!(status(&found, "dead_letters.retention"), Failure);
        assert!(fix(&found, "dead_letters.retention").ends_with("=1209600"));
    }

    #[test]
    fn letters_that_lie_there_are_told() {
        let found = check(LETTERS, &letters(336, 3), &queue());
        assert_eq!(status(&found, "dead_letters.empty"), Warning);
        let fix = fix(&found, "dead_letters.empty");
        assert!(fix.contains(":cldsync-dead --destination-arn "), "{fix}");
        let found = check(LETTERS, &letters(336, 0), &queue());
        assert_eq!(status(&found, "dead_letters.empty"), Pass);
    }

    #[test]
    fn a_worker_that_may_only_send_is_no_failure() {
        let denied = unreachable(LETTERS, &refused(InspectErrorKind::Denied));
        assert_eq!(denied.status, Unknown);
        let missing = unreachable(LETTERS, &refused(InspectErrorKind::Missing));
        assert_eq!(missing.status, Failure);
        assert!(
            missing
                .fix
                .is_some_and(|fix| fix.contains("--queue-name cldsync-dead"))
        );
    }
}
