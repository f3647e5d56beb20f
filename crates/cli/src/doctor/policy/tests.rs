//! Policies as people write them, and what they say.

use super::*;

const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:cldsync";
const BUCKET: &str = "arn:aws:s3:::media";

fn send(statements: &Value) -> Verdict {
    let request = Request {
        principal: Principal::Service("s3.amazonaws.com"),
        action: "sqs:SendMessage",
        resource: QUEUE,
        context: &[
            ("aws:sourcearn", BUCKET),
            ("aws:sourceaccount", "111122223333"),
        ],
    };
    evaluate(&json!({"Statement": statements}).to_string(), &request)
}

/// The documented statement with one member replaced.
fn allow(member: &str, value: Value) -> Value {
    let mut statement = json!({
        "Sid": "S3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage", "Resource": QUEUE,
        "Condition": {"ArnEquals": {"aws:SourceArn": BUCKET},
                      "StringEquals": {"aws:SourceAccount": "111122223333"}},
    });
    statement[member] = value;
    statement
}

#[test]
fn the_documented_statement_and_its_variants_allow() {
    for (member, value) in [
        ("Sid", json!("S3")),
        ("Principal", json!("*")),
        ("Principal", json!({"AWS": "*"})),
        (
            "Principal",
            json!({"Service": ["sns.amazonaws.com", "s3.amazonaws.com"]}),
        ),
        ("Action", json!(["sqs:Get*", "SQS:sendmessage"])),
        ("Action", json!("sqs:*")),
        ("Action", json!("*")),
        ("Resource", json!("*")),
        ("Resource", json!(["arn:aws:sqs:*:*:cld????"])),
        (
            "Condition",
            json!({"ArnLike": {"AWS:sourceArn": "arn:aws:s3:*:*:media"}}),
        ),
        (
            "Condition",
            json!({"StringLike": {"aws:SourceArn": ["x", "arn:aws:s3:::med*"]}}),
        ),
        (
            "Condition",
            json!({"Bool": {"aws:SecureTransport": "true"}}),
        ),
        (
            "Condition",
            json!({"StringNotEquals": {"aws:SourceAccount": "999999999999"}}),
        ),
        ("Condition", Value::Null),
    ] {
        let statement = allow(member, value);
        assert_eq!(send(&statement), Verdict::Allowed, "{statement}");
        assert_eq!(send(&json!([statement])), Verdict::Allowed);
    }
}

#[test]
fn statements_about_others_do_not_allow() {
    for (member, value) in [
        ("Effect", json!("allow")),
        ("Principal", json!({"Service": "sns.amazonaws.com"})),
        ("Principal", json!({"AWS": "111122223333"})),
        ("Action", json!("sqs:ReceiveMessage")),
        (
            "Resource",
            json!("arn:aws:sqs:eu-west-1:111122223333:cldsync-dead"),
        ),
        (
            "Condition",
            json!({"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::other"}}),
        ),
        (
            "Condition",
            json!({"StringEquals": {"aws:SourceAccount": "999999999999"}}),
        ),
    ] {
        let statement = allow(member, value);
        assert_eq!(send(&statement), Verdict::NotAllowed, "{statement}");
    }
    assert_eq!(send(&json!([])), Verdict::NotAllowed);
}

#[test]
fn a_denial_beats_whatever_allows() {
    let mut denial = allow("Sid", json!("Lock"));
    denial["Effect"] = json!("Deny");
    let both = json!([allow("Sid", json!("S3")), denial]);
    assert_eq!(send(&both), Verdict::Denied("statement Lock".to_owned()));
}

#[test]
fn a_denial_of_plain_http_says_nothing_about_services() {
    let denial = json!({
        "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    });
    let both = json!([denial, allow("Sid", json!("S3"))]);
    assert_eq!(send(&both), Verdict::Allowed);
}

#[test]
fn what_is_not_understood_is_unclear_and_neither_yes_nor_no() {
    let organisation = json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}});
    let unclear = allow("Condition", organisation.clone());
    assert_eq!(send(&unclear), Verdict::Unclear("statement S3".to_owned()));
    let mut negated = allow("NotAction", json!("sqs:DeleteQueue"));
    negated.as_object_mut().expect("an object").remove("Action");
    assert_eq!(send(&negated), Verdict::Unclear("statement S3".to_owned()));
    let mut denial = allow("Condition", organisation);
    denial["Effect"] = json!("Deny");
    let both = json!([denial, allow("Sid", json!("Open"))]);
    assert_eq!(send(&both), Verdict::Unclear("statement S3".to_owned()));
    let broken = evaluate(
        "{",
        &Request {
            principal: Principal::Service("s3.amazonaws.com"),
            action: "sqs:SendMessage",
            resource: QUEUE,
            context: &[],
        },
    );
    assert!(matches!(broken, Verdict::Unclear(_)));
}

#[test]
fn an_account_is_named_by_its_number_or_its_root() {
    let read = |principal: &Value| {
        let policy = json!({"Statement": {"Effect": "Allow", "Principal": principal,
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::media/*"}});
        let request = Request {
            principal: Principal::Account("232482882421"),
            action: "s3:GetObject",
            resource: "arn:aws:s3:::media/a/b.jpg",
            context: &[],
        };
        evaluate(&policy.to_string(), &request)
    };
    for principal in [
        json!({"AWS": "232482882421"}),
        json!({"AWS": ["1", "arn:aws:iam::232482882421:root"]}),
        json!("*"),
    ] {
        assert_eq!(read(&principal), Verdict::Allowed, "{principal}");
    }
    assert_eq!(
        read(&json!({"AWS": "arn:aws:iam::232482882421:role/x"})),
        Verdict::NotAllowed
    );
}

#[test]
fn a_statement_is_added_beside_others_and_only_once() {
    let ours = |text: &str| json!({"Sid": "Ours", "Effect": "Allow", "Note": text});
    let single = json!({"Version": "2008-10-17", "Id": "x", "Statement": {"Sid": "Theirs"}});
    let once = with_statement(Some(&single.to_string()), ours("1"));
    let twice = with_statement(Some(&once), ours("2"));
    let read: Value = serde_json::from_str(&twice).expect("JSON");
    assert_eq!(
        read,
        json!({"Version": "2008-10-17", "Id": "x", "Statement": [{"Sid": "Theirs"}, ours("2")]})
    );
    let fresh: Value = serde_json::from_str(&with_statement(None, ours("1"))).expect("JSON");
    assert_eq!(
        fresh,
        json!({"Version": "2012-10-17", "Statement": [ours("1")]})
    );
}

#[test]
fn wildcards_match_as_aws_means_them() {
    for (pattern, text, expected) in [
        ("*", "", true),
        ("a*c", "abc", true),
        ("a*c", "abcd", false),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("*é*", "café!", true),
        ("a*b*c", "a-b-b-c", true),
        ("", "a", false),
    ] {
        assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
    }
}
