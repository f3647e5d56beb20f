//! Commands of the AWS CLI that can be copied into a shell as they are.

use serde_json::{Value, json};

/// `aws` with these words, quoted for a POSIX shell.
pub(crate) fn aws(words: &[&str]) -> String {
    let quoted = words.iter().map(|word| quoted(word));
    std::iter::once("aws".to_owned())
        .chain(quoted)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Sets one attribute of a queue.
pub(crate) fn set_queue_attribute(queue_url: &str, name: &str, value: &str) -> String {
    // The short form `Name=value` cannot carry quotes or commas.
    let attributes = if value.chars().all(is_plain) {
        format!("{name}={value}")
    } else {
        json!({ name: value }).to_string()
    };
    aws(&[
        "sqs",
        "set-queue-attributes",
        "--queue-url",
        queue_url,
        "--attributes",
        &attributes,
    ])
}

/// Makes a dead-letter queue that keeps messages as long as SQS can.
pub(crate) fn create_dead_letter_queue(name: &str) -> String {
    let retention = "MessageRetentionPeriod=1209600";
    aws(&[
        "sqs",
        "create-queue",
        "--queue-name",
        name,
        "--attributes",
        retention,
    ])
}

/// Replaces the bucket's notification configuration.
pub(crate) fn put_notifications(bucket: &str, configuration: &Value) -> String {
    aws(&[
        "s3api",
        "put-bucket-notification-configuration",
        "--bucket",
        bucket,
        "--notification-configuration",
        &configuration.to_string(),
    ])
}

/// A setting of the worker, as a shell takes it.
pub(crate) fn setting(name: &str, value: &str) -> String {
    format!("export {name}={}", quoted(value))
}

fn quoted(word: &str) -> String {
    if !word.is_empty() && word.chars().all(|c| is_plain(c) || c == '=') {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_./:@%+".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_a_shell_would_change_are_quoted() {
        assert_eq!(
            aws(&["s3api", "--key", "a b", "it's", "", "x=1", "$HOME"]),
            r"aws s3api --key 'a b' 'it'\''s' '' x=1 '$HOME'"
        );
    }

    #[test]
    fn plain_attributes_are_short_and_others_json() {
        assert_eq!(
            set_queue_attribute("https://q", "DelaySeconds", "0"),
            "aws sqs set-queue-attributes --queue-url https://q --attributes DelaySeconds=0"
        );
        assert_eq!(
            set_queue_attribute("https://q", "Policy", r#"{"a":1}"#),
            r#"aws sqs set-queue-attributes --queue-url https://q --attributes '{"Policy":"{\"a\":1}"}'"#
        );
    }
}
