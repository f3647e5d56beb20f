//! The queue's own settings: pure judgements, one check each.
//!
//! Who may send to it is judged in `sending`, since that depends on the bucket.

use std::time::Duration;

use aws_adapters::{QueueAttributes, QueueSettings};

use super::command::{create_dead_letter_queue, set_queue_attribute};
use super::dead_letters;
use super::finding::Finding;

const DAY: Duration = Duration::from_hours(24);
/// What SQS gives a new queue; a long weekend fits into it.
const RETENTION: Duration = Duration::from_hours(4 * 24);
const NOTIFICATION_MAX: u64 = QueueAttributes::NOTIFICATION_MAX;
/// Below this the worker warns at its start.
const RECEIVES: u32 = QueueAttributes::RECEIVES_ADVISED;
/// With fewer, an ordinary bad day moves good messages aside.
const RECEIVES_MIN: u32 = 10;

/// Everything that can be said about a queue alone. `lease` is what the worker asks for.
pub(crate) fn check(
    url: &str,
    queue: &QueueSettings,
    dead_letter_url: Option<&str>,
    lease: Duration,
) -> Vec<Finding> {
    let first = [reachable(queue), kind("queue.type", queue)];
    if queue.fifo {
        // Another queue is needed, so this one's settings are of no interest.
        return first.into();
    }
    let rest = [
        visibility(queue, lease),
        retention(url, queue),
        message_size(url, queue),
        delay("queue.delay", url, queue),
        redrive(url, queue, dead_letter_url),
        encryption(url, queue),
    ];
    first.into_iter().chain(rest).collect()
}

/// FIFO is refused: S3 cannot send there, and dead letters carry no message group.
pub(crate) fn kind(id: &'static str, queue: &QueueSettings) -> Finding {
    if !queue.fifo {
        return Finding::pass(id, "standard queue");
    }
    let name = name_of(&queue.attributes.arn).trim_end_matches(".fifo");
    let create = super::command::aws(&["sqs", "create-queue", "--queue-name", name]);
    Finding::failure(id, "a FIFO queue, to which S3 cannot send", create)
}

/// A delay only makes the mirror later.
pub(crate) fn delay(id: &'static str, url: &str, queue: &QueueSettings) -> Finding {
    let message = match queue.delay {
        Duration::ZERO => "messages come at once".to_owned(),
        delay => format!("every message waits {} first", period(delay)),
    };
    let fix = set_queue_attribute(url, "DelaySeconds", "0");
    Finding::warning_unless(queue.delay.is_zero(), id, message, fix)
}

/// The last part of an ARN or a queue URL.
pub(crate) fn name_of(arn_or_url: &str) -> &str {
    arn_or_url.rsplit([':', '/']).next().unwrap_or(arn_or_url)
}

/// A time as people say it.
pub(crate) fn period(time: Duration) -> String {
    let seconds = time.as_secs();
    let (count, unit) = match seconds {
        0 => (0, "second"),
        _ if seconds.is_multiple_of(86_400) => (seconds / 86_400, "day"),
        _ if seconds.is_multiple_of(3_600) => (seconds / 3_600, "hour"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

fn reachable(queue: &QueueSettings) -> Finding {
    let depth = queue.attributes.depth;
    let waiting = depth.visible + depth.delayed;
    let arn = &queue.attributes.arn;
    let message = format!(
        "{arn}; messages: {waiting} waiting, {} in flight",
        depth.in_flight
    );
    Finding::pass("queue.reachable", message)
}

/// Nothing to judge: the worker sets its own with each receive. People ask, so it is told.
fn visibility(queue: &QueueSettings, lease: Duration) -> Finding {
    let own = period(queue.attributes.visibility_timeout);
    let message = format!(
        "the worker asks for {} with each receive and extends it; the queue's own {own} do not count",
        period(lease)
    );
    Finding::pass("queue.visibility_timeout", message)
}

fn retention(url: &str, queue: &QueueSettings) -> Finding {
    let id = "queue.retention";
    let kept = period(queue.retention);
    let fix = set_queue_attribute(url, "MessageRetentionPeriod", "345600");
    let lost = "events of a longer outage are lost";
    match queue.retention {
        time if time < DAY => Finding::failure(id, format!("only {kept}; {lost}"), fix),
        time if time < RETENTION => {
            let message = format!("{kept}, less than 4 days; {lost}");
            Finding::warning(id, message, fix)
        }
        _ => Finding::pass(id, format!("messages are kept for {kept}")),
    }
}

fn message_size(url: &str, queue: &QueueSettings) -> Finding {
    let id = "queue.message_size";
    let size = queue.attributes.maximum_message_size;
    if size >= NOTIFICATION_MAX {
        return Finding::pass(id, format!("{size} bytes, any notification fits"));
    }
    let message = format!(
        "{size} bytes; S3 drops notifications that do not fit, of up to {NOTIFICATION_MAX} bytes, \
         without a word"
    );
    let fix = set_queue_attribute(url, "MaximumMessageSize", "1048576");
    Finding::failure(id, message, fix)
}

fn redrive(url: &str, queue: &QueueSettings, dead_letter_url: Option<&str>) -> Finding {
    let id = "queue.redrive";
    let fix = || set_redrive(url, queue, dead_letter_url);
    match queue.attributes.max_receive_count {
        None => {
            let message = "no redrive policy; a message that crashes workers comes back for days";
            Finding::warning(id, message, fix())
        }
        Some(count) if count < RECEIVES_MIN => {
            let message = format!(
                "maxReceiveCount is {count}, below {RECEIVES_MIN}; a few restarts or a short \
                 outage move good messages to the dead-letter queue"
            );
            Finding::failure(id, message, fix())
        }
        Some(count) if count < RECEIVES => {
            let message = format!(
                "maxReceiveCount is {count}, below {RECEIVES}; a long outage moves good messages \
                 to the dead-letter queue"
            );
            Finding::warning(id, message, fix())
        }
        Some(count) => Finding::pass(id, format!("after {count} receives")),
    }
}

fn set_redrive(url: &str, queue: &QueueSettings, dead_letter_url: Option<&str>) -> String {
    let arn = &queue.attributes.arn;
    let known = queue.attributes.dead_letter_target_arn.clone();
    let configured = dead_letter_url.map(|url| dead_letters::sibling(arn, name_of(url)));
    let (target, create) = if let Some(target) = known.or(configured) {
        (target, String::new())
    } else {
        let name = format!("{}-dead", name_of(arn));
        let create = create_dead_letter_queue(&name) + "\n";
        (dead_letters::sibling(arn, &name), create)
    };
    // SQS takes the number as text too, and other tools write it so.
    let policy = serde_json::json!({
        "deadLetterTargetArn": target,
        "maxReceiveCount": RECEIVES.to_string(),
    });
    create + &set_queue_attribute(url, "RedrivePolicy", &policy.to_string())
}

fn encryption(url: &str, queue: &QueueSettings) -> Finding {
    let id = "queue.encryption";
    match queue.kms_key.as_deref() {
        None => Finding::pass(id, "no KMS key, so S3 can send"),
        Some(key) if key.ends_with("alias/aws/sqs") => {
            let message = "the key alias/aws/sqs, whose policy cannot be changed; S3 may not use \
                           it, so nothing arrives";
            let fix = set_queue_attribute(url, "KmsMasterKeyId", "");
            Finding::failure(id, message, fix)
        }
        Some(key) => {
            let message = format!(
                "the KMS key {key}; its policy must allow s3.amazonaws.com kms:GenerateDataKey \
                 and kms:Decrypt, and the worker kms:Decrypt, which is not checked here"
            );
            let fix = super::command::aws(&[
                "kms",
                "get-key-policy",
                "--key-id",
                key,
                "--policy-name",
                "default",
            ]);
            Finding::warning(id, message, fix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status::{Failure, Pass, Warning};
    use super::super::testkit::{QUEUE_URL, find, fix, queue, status};
    use super::*;

    fn checked(change: impl FnOnce(&mut QueueSettings)) -> Vec<Finding> {
        let mut queue = queue();
        change(&mut queue);
        check(QUEUE_URL, &queue, None, Duration::from_mins(2))
    }

    #[test]
    fn a_queue_as_documented_passes_everything() {
        for finding in checked(|_| {}) {
            assert_eq!(finding.status, Pass, "{finding:?}");
        }
    }

    #[test]
    fn retention_below_four_days_is_a_warning_and_below_one_a_failure() {
        for (hours, expected) in [
            (336, Pass),
            (96, Pass),
            (95, Warning),
            (24, Warning),
            (23, Failure),
        ] {
            let found = checked(|queue| queue.retention = Duration::from_hours(hours));
            assert_eq!(status(&found, "queue.retention"), expected, "{hours} hours");
        }
        let found = checked(|queue| queue.retention = DAY);
        let fix = fix(&found, "queue.retention");
        assert!(fix.ends_with("MessageRetentionPeriod=345600"), "{fix}");
    }

    #[test]
    fn a_receive_count_that_a_bad_day_uses_up_is_found() {
        for (count, expected) in [
            (None, Warning),
            (Some(1), Failure),
            (Some(9), Failure),
            (Some(10), Warning),
            (Some(20), Pass),
        ] {
            let found = checked(|queue| queue.attributes.max_receive_count = count);
            assert_eq!(status(&found, "queue.redrive"), expected, "{count:?}");
        }
    }

    #[test]
    fn a_redrive_policy_is_mended_towards_the_dead_letter_queue_that_is_known() {
        let bare = |queue: &mut QueueSettings| {
            queue.attributes.max_receive_count = None;
            queue.attributes.dead_letter_target_arn = None;
        };
        let fresh = fix(&checked(bare), "queue.redrive");
        assert!(
            fresh.starts_with("aws sqs create-queue --queue-name cldsync-dead"),
            "{fresh}"
        );
        let mut queue = queue();
        bare(&mut queue);
        let configured = Some("https://sqs.eu-west-1.amazonaws.com/111122223333/letters");
        let found = check(QUEUE_URL, &queue, configured, DAY);
        let fix = fix(&found, "queue.redrive");
        assert!(
            fix.contains("arn:aws:sqs:eu-west-1:111122223333:letters") && !fix.contains("create"),
            "{fix}"
        );
    }

    #[test]
    fn messages_that_do_not_fit_are_a_failure() {
        let found = checked(|queue| queue.attributes.maximum_message_size = 65_535);
        assert_eq!(status(&found, "queue.message_size"), Failure);
        let found = checked(|queue| queue.attributes.maximum_message_size = 65_536);
        assert_eq!(status(&found, "queue.message_size"), Pass);
    }

    #[test]
    fn fifo_is_refused_and_a_standard_queue_proposed() {
        let found = checked(|queue| {
            queue.fifo = true;
            queue.attributes.arn += ".fifo";
        });
        assert_eq!(status(&found, "queue.type"), Failure);
        assert_eq!(
            fix(&found, "queue.type"),
            "aws sqs create-queue --queue-name cldsync"
        );
    }

    #[test]
    fn a_delay_is_a_warning() {
        let found = checked(|queue| queue.delay = Duration::from_mins(1));
        assert_eq!(status(&found, "queue.delay"), Warning);
        let message = &find(&found, "queue.delay").message;
        assert!(message.contains("1 minute "), "{message}");
    }

    #[test]
    fn a_key_that_s3_can_never_use_is_worse_than_one_whose_policy_is_unknown() {
        let found = checked(|queue| queue.kms_key = Some("alias/aws/sqs".to_owned()));
        assert_eq!(status(&found, "queue.encryption"), Failure);
        let found = checked(|queue| queue.kms_key = Some("alias/mine".to_owned()));
        assert_eq!(status(&found, "queue.encryption"), Warning);
        assert!(fix(&found, "queue.encryption").contains("--key-id alias/mine"));
    }

    #[test]
    fn the_queue_s_visibility_timeout_never_matters() {
        let found = checked(|queue| queue.attributes.visibility_timeout = Duration::ZERO);
        let finding = find(&found, "queue.visibility_timeout");
        assert_eq!(finding.status, Pass);
        assert!(finding.message.contains("2 minutes"), "{finding:?}");
    }

    #[test]
    fn periods_are_told_in_their_largest_whole_unit() {
        for (seconds, expected) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (90, "90 seconds"),
            (120, "2 minutes"),
            (3_600, "1 hour"),
            (345_600, "4 days"),
        ] {
            assert_eq!(period(Duration::from_secs(seconds)), expected);
        }
    }
}
