//! Whether the queue's policy lets events in, by the way that they take. Pure.

use aws_adapters::QueueSettings;
use serde_json::json;

use super::command::{aws, set_queue_attribute};
use super::finding::Finding;
use super::policy::{Principal, Request, Verdict, evaluate, statement_name, with_statement};

const ID: &str = "queue.policy";

/// Who hands events to the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender<'a> {
    /// The bucket itself.
    Bucket(&'a str),
    /// A topic, by its ARN.
    Topic(&'a str),
    /// A rule of `EventBridge`; which one is not known.
    EventBridge,
}

/// Whether that sender may send.
pub(crate) fn check(queue_url: &str, queue: &QueueSettings, sender: Sender<'_>) -> Finding {
    let arn = &queue.attributes.arn;
    let source = sender.source(arn);
    let mut known = vec![("aws:sourcearn", source.as_str())];
    known.retain(|(_, value)| !value.is_empty());
    let elsewhere = ask(queue, sender, &known);
    known.push(("aws:sourceaccount", account_of(arn)));
    // The source may belong to another account than the queue, so a refusal that only the
    // account explains is none.
    let verdict = match ask(queue, sender, &known) {
        Verdict::NotAllowed => elsewhere,
        verdict => verdict,
    };
    let who = sender.who();
    match verdict {
        Verdict::Allowed => Finding::pass(ID, format!("{who} may send")),
        Verdict::Unclear(what) => Finding::unknown(
            ID,
            format!("whether {who} may send depends on {what}, which is not understood here"),
            show(queue_url),
        ),
        Verdict::Denied(what) => Finding::failure(
            ID,
            format!("{who} may not send: {what} forbids it; take it out of the policy"),
            show(queue_url),
        ),
        Verdict::NotAllowed => Finding::failure(
            ID,
            format!("{who} may not send: the policy does not allow it"),
            allow(queue_url, queue, sender),
        ),
    }
}

fn ask(queue: &QueueSettings, sender: Sender<'_>, context: &[(&str, &str)]) -> Verdict {
    let Some(policy) = &queue.policy else {
        return Verdict::NotAllowed;
    };
    let request = Request {
        principal: Principal::Service(sender.service()),
        action: "sqs:SendMessage",
        resource: &queue.attributes.arn,
        context,
    };
    evaluate(policy, &request)
}

fn show(queue_url: &str) -> String {
    aws(&[
        "sqs",
        "get-queue-attributes",
        "--queue-url",
        queue_url,
        "--attribute-names",
        "Policy",
    ])
}

/// The policy that is there with one more statement.
fn allow(queue_url: &str, queue: &QueueSettings, sender: Sender<'_>) -> String {
    let arn = &queue.attributes.arn;
    let mut statement = json!({
        "Sid": sender.statement(),
        "Effect": "Allow",
        "Principal": {"Service": sender.service()},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": account_of(arn)}},
    });
    let source = sender.source(arn);
    if !source.is_empty() {
        statement["Condition"]["ArnEquals"] = json!({"aws:SourceArn": source});
    }
    let policy = with_statement(queue.policy.as_deref(), statement);
    set_queue_attribute(queue_url, "Policy", &policy)
}

fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

impl Sender<'_> {
    fn service(self) -> &'static str {
        match self {
            Self::Bucket(_) => "s3.amazonaws.com",
            Self::Topic(_) => "sns.amazonaws.com",
            Self::EventBridge => "events.amazonaws.com",
        }
    }

    /// The ARN that the request names as its source; empty where it is not known.
    fn source(self, queue_arn: &str) -> String {
        match self {
            Self::Bucket(bucket) => bucket_arn(queue_arn, bucket),
            Self::Topic(arn) => arn.to_owned(),
            Self::EventBridge => String::new(),
        }
    }

    fn who(self) -> String {
        match self {
            Self::Bucket(bucket) => format!("S3, for the bucket {bucket},"),
            Self::Topic(arn) => format!("SNS, for the topic {arn},"),
            Self::EventBridge => "EventBridge".to_owned(),
        }
    }

    fn statement(self) -> String {
        match self {
            Self::Bucket(bucket) => statement_name("S3Sends", bucket),
            Self::Topic(arn) => statement_name("SnsSends", super::queue::name_of(arn)),
            Self::EventBridge => "EventBridgeSends".to_owned(),
        }
    }
}

/// The ARN of a bucket in the partition of another ARN.
pub(crate) fn bucket_arn(beside: &str, bucket: &str) -> String {
    let partition = beside.split(':').nth(1).unwrap_or("aws");
    format!("arn:{partition}:s3:::{bucket}")
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status::{Failure, Pass, Unknown};
    use super::super::testkit::{QUEUE_ARN, QUEUE_URL, queue};
    use super::*;

    fn checked(policy: Option<String>, sender: Sender<'_>) -> Finding {
        let queue = QueueSettings { policy, ..queue() };
        check(QUEUE_URL, &queue, sender)
    }

    /// The policy inside the command that mends.
    fn mended(finding: &Finding) -> String {
        let fix = finding.fix.as_deref().expect("a fix");
        let (_, json) = fix.split_once("--attributes ").expect("attributes");
        let attributes: serde_json::Value =
            serde_json::from_str(json.trim_matches('\'')).expect("JSON");
        attributes["Policy"].as_str().expect("a policy").to_owned()
    }

    #[test]
    fn the_command_that_mends_makes_the_check_pass() {
        let topic = "arn:aws:sns:eu-west-1:111122223333:uploads";
        for sender in [
            Sender::Bucket("media"),
            Sender::Topic(topic),
            Sender::EventBridge,
        ] {
            let broken = checked(None, sender);
            assert_eq!(broken.status, Failure, "{broken:?}");
            let again = checked(Some(mended(&broken)), sender);
            assert_eq!(again.status, Pass, "{again:?}");
        }
    }

    #[test]
    fn statements_for_other_buckets_stay() {
        let first = mended(&checked(None, Sender::Bucket("first")));
        let second = checked(Some(first), Sender::Bucket("second"));
        assert_eq!(second.status, Failure);
        let both = mended(&second);
        for bucket in ["first", "second"] {
            assert_eq!(
                checked(Some(both.clone()), Sender::Bucket(bucket)).status,
                Pass
            );
        }
    }

    #[test]
    fn a_denial_cannot_be_mended_by_allowing_more() {
        let policy = json!({"Statement": [{"Sid": "Lock", "Effect": "Deny", "Principal": "*",
            "Action": "sqs:*", "Resource": QUEUE_ARN}]});
        let denied = checked(Some(policy.to_string()), Sender::Bucket("media"));
        assert_eq!(denied.status, Failure);
        assert!(denied.message.contains("statement Lock"), "{denied:?}");
        assert!(
            denied
                .fix
                .is_some_and(|fix| fix.contains("get-queue-attributes"))
        );
    }

    #[test]
    fn a_rule_that_is_not_known_leaves_a_condition_on_it_open() {
        let policy = json!({"Statement": {"Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": QUEUE_ARN,
            "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:events:eu-west-1:1:rule/x"}}}});
        let finding = checked(Some(policy.to_string()), Sender::EventBridge);
        assert_eq!(finding.status, Unknown);
    }

    #[test]
    fn a_bucket_of_another_account_may_be_meant() {
        let policy = json!({"Statement": {"Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": QUEUE_ARN,
            "Condition": {"StringEquals": {"aws:SourceAccount": "999999999999"}}}});
        let finding = checked(Some(policy.to_string()), Sender::Bucket("media"));
        assert_eq!(finding.status, Unknown);
    }

    #[test]
    fn the_partition_of_the_queue_is_the_bucket_s() {
        assert_eq!(
            bucket_arn("arn:aws-cn:sqs:cn-north-1:1:q", "b"),
            "arn:aws-cn:s3:::b"
        );
    }
}
