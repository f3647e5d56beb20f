//! `cldsync doctor`, where nothing can be reached. What it finds in a world that answers is tested
//! on LocalStack, with the other suites that need whole services.

use std::net::TcpListener;

use serde_json::Value;

use crate::program::{Program, Ran, cldsync};

const SECRET: &str = "hunter2hunter2";

/// All services at one address.
fn doctor(arguments: &[&str], address: &str) -> Program {
    let url = format!("cloudinary://key:{SECRET}@demo?upload_prefix=http://{address}");
    cldsync(&[&["doctor"], arguments].concat())
        .variable("CLOUDINARY_URL", &url)
        .variable("CLDSYNC_QUEUE_URL", &format!("http://{address}/1/cldsync"))
        .variable("CLDSYNC_BUCKET", "pictures")
        .variable("AWS_ENDPOINT_URL", &format!("http://{address}"))
        .variable("AWS_REGION", "us-east-1")
        .variable("AWS_ACCESS_KEY_ID", "a")
        .variable("AWS_SECRET_ACCESS_KEY", SECRET)
}

/// An address where nobody listens any more.
fn nobody() -> String {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    free.local_addr().expect("its number").to_string()
}

fn assert_everything_failed(ran: &Ran) {
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let json = ran.json();
    assert_eq!(json["ok"], false, "{ran:?}");
    let checks = json["checks"].as_array().expect("a list");
    let found: Vec<_> = checks
        .iter()
        .map(|check| (check["id"].as_str(), check["status"].as_str()))
        .collect();
    let failure = Some("failure");
    assert_eq!(
        found,
        [
            (Some("queue.reachable"), failure),
            (Some("bucket.reachable"), failure),
            (Some("cloudinary.credentials"), failure),
        ]
    );
    assert!(!ran.stdout.contains(SECRET), "{ran:?}");
    assert!(!ran.stderr.contains(SECRET), "{ran:?}");
}

#[test]
fn in_a_world_out_of_reach_everything_fails() {
    let ran = doctor(&["--json"], &nobody()).run();
    assert_everything_failed(&ran);
    for check in ran.json()["checks"].as_array().expect("a list") {
        let names: Vec<&String> = check.as_object().expect("an object").keys().collect();
        assert_eq!(names, ["fix", "id", "message", "status", "subject"]);
        assert!(
            check
                .as_object()
                .expect("an object")
                .values()
                .all(Value::is_string)
        );
    }
}

#[test]
fn a_world_that_never_answers_does_not_hold_the_doctor_up() {
    // Connections are taken by the system and nobody ever looks at them.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("its number").to_string();
    let ran = doctor(&["--json"], &address).run();
    assert_everything_failed(&ran);
}

#[test]
fn people_get_lines_without_escape_sequences_in_a_pipe() {
    let ran = doctor(&[], &nobody()).run();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for text in [
        "queue cldsync\n",
        "  FAILURE  queue.reachable         cannot be reached (",
        "bucket pictures\n",
        "cloud demo\n",
        "\n0 passed, 0 warnings, 3 failures, 0 could not be checked\n",
    ] {
        assert!(ran.stdout.contains(text), "{text}: {ran:?}");
    }
    assert!(!ran.stdout.contains('\u{1b}'), "{ran:?}");
    assert!(!ran.stdout.contains(SECRET), "{ran:?}");
}

#[test]
fn wrong_settings_end_with_78_before_anybody_is_asked() {
    let dotted = doctor(&["--json"], &nobody()).variable("CLDSYNC_BUCKET", "my.pictures");
    let ran = dotted.run();
    assert_eq!(ran.code, Some(78), "{ran:?}");
    assert!(ran.stderr.contains("my.pictures"), "{ran:?}");
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_route_without_a_bucket_leaves_the_bucket_unknown() {
    let ran = doctor(&["--json"], &nobody())
        .variable("CLDSYNC_BUCKET", "")
        .run();
    let json = ran.json();
    let checks = json["checks"].as_array().expect("a list");
    let bucket = checks
        .iter()
        .find(|check| check["id"] == "bucket.configured")
        .expect("it is told");
    assert_eq!(bucket["status"], "unknown", "{ran:?}");
    assert_eq!(bucket["fix"], "export CLDSYNC_BUCKET=BUCKET");
}
