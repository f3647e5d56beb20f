//! `cldsync check-config`.

use std::net::TcpListener;

use crate::program::{Program, cldsync};

const SECRET: &str = "hunter2hunter2";

fn check_config(arguments: &[&str]) -> Program {
    cldsync(&[&["check-config"], arguments].concat())
        .variable("CLOUDINARY_URL", &format!("cloudinary://key:{SECRET}@demo"))
        .variable("CLDSYNC_QUEUE_URL", "http://127.0.0.1:9/queue")
}

#[test]
fn settings_are_shown_as_they_come_out_without_secrets() {
    let ran = check_config(&[]).variable("s3_sync_root", "photos").run();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("CLDSYNC_QUEUE_URL"), "{ran:?}");
    let root = ran
        .stdout
        .lines()
        .find(|line| line.starts_with("CLDSYNC_S3_SYNC_ROOT"));
    let root = root.expect("the root is shown");
    assert!(
        root.contains("photos") && root.contains("s3_sync_root"),
        "value and origin: {root}"
    );
    assert!(!ran.stdout.contains(SECRET), "{ran:?}");
}

#[test]
fn flags_are_the_worker_s_and_win_over_the_environment() {
    let check = check_config(&["--json", "--transfer", "stream"]);
    let ran = check.variable("CLDSYNC_TRANSFER", "presigned").run();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let json = ran.json();
    let settings = json["settings"].as_array().expect("a list");
    let transfer = settings
        .iter()
        .find(|setting| setting["name"] == "CLDSYNC_TRANSFER");
    assert_eq!(transfer.expect("it is set")["value"], "stream", "{ran:?}");
    assert!(json["probes"].is_null(), "nobody was asked: {ran:?}");
}

#[test]
fn wrong_settings_are_all_named_and_end_with_78() {
    let check = check_config(&[]).variable("upload_only_mode", "maybe");
    let ran = check
        .variable("CLDSYNC_QEUE_URL", "x")
        .variable("CLOUDINARY_URL", SECRET)
        .run();
    assert_eq!(ran.code, Some(78), "{ran:?}");
    for name in ["upload_only_mode", "CLDSYNC_QEUE_URL", "CLOUDINARY_URL"] {
        assert!(ran.stderr.contains(name), "{name}: {ran:?}");
    }
    assert!(!ran.stderr.contains(SECRET), "{ran:?}");
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_probe_that_fails_ends_with_69_and_says_what_failed() {
    // Nobody listens where this has been.
    let free = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("its number");
    let url = format!("cloudinary://key:{SECRET}@demo?upload_prefix=http://{free}");
    let check = check_config(&["--probe", "--json"]).variable("CLOUDINARY_URL", &url);
    let check = check.variable("CLDSYNC_QUEUE_URL", &format!("http://{free}/queue"));
    let check = check.variable("AWS_ENDPOINT_URL", &format!("http://{free}"));
    let ran = check
        .variable("AWS_REGION", "us-east-1")
        .variable("AWS_ACCESS_KEY_ID", "a")
        .variable("AWS_SECRET_ACCESS_KEY", "b")
        .run();
    assert_eq!(ran.code, Some(69), "{ran:?}");
    let json = ran.json();
    let probes = json["probes"].as_array().expect("a list");
    for target in ["queue", "cloudinary"] {
        let probe = probes
            .iter()
            .find(|probe| probe["target"] == target)
            .expect(target);
        assert_eq!(probe["ok"], false, "{ran:?}");
    }
    assert!(
        !ran.stdout.contains(SECRET) && !ran.stderr.contains(SECRET),
        "{ran:?}"
    );
}
