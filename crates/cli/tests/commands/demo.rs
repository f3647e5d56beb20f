//! `cldsync demo`, the whole product in one process.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command};

use crate::program::{Ran, cldsync};

/// Scripts rely on them.
const MEMBERS: [&str; 10] = [
    "equal",
    "objects",
    "assets",
    "events",
    "uploaded",
    "destroyed",
    "skipped",
    "throttled",
    "seconds",
    "differences",
];

#[test]
fn the_demo_ends_equal_and_says_so_as_json() {
    let ran = cldsync(&["demo", "--json", "--burst", "60"]).run();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.stderr, "", "nothing is said beside the report");
    let report = ran.json();
    assert_eq!(report["equal"], true, "{ran:?}");
    assert_eq!(report["differences"], serde_json::json!([]), "{ran:?}");
    assert_eq!(report["objects"], report["assets"], "{ran:?}");
    let at_least = [
        ("objects", 60),
        ("events", 70),
        ("uploaded", 60),
        ("destroyed", 2),
        ("skipped", 1),
        ("throttled", 1),
    ];
    for (member, count) in at_least {
        assert!(
            report[member].as_u64() >= Some(count),
            "{member} of {ran:?}"
        );
    }
    let members = ran
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("  \"")?.split('"').next());
    assert_eq!(
        members.collect::<Vec<_>>(),
        MEMBERS,
        "members and their order: {ran:?}"
    );
    assert!(report["seconds"].is_f64(), "{ran:?}");
}

#[test]
fn the_demo_shows_people_both_sides() {
    let ran = cldsync(&["demo", "--burst", "1"]).run();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("image/upload/party 🎉"), "{ran:?}");
    assert!(ran.stdout.ends_with("\nequal\n"), "{ran:?}");
}

#[test]
fn ctrl_c_in_the_middle_drains_the_worker_and_ends_with_130() {
    // The burst is long enough not to be over when the first log line of an upload is seen.
    let program = cldsync(&["demo", "--burst", "2000"]).variable("RUST_LOG", "sync_engine=info");
    let mut child = program.start();
    let mut log = BufReader::new(child.stderr.take().expect("a piped log")).lines();
    let uploads = log
        .by_ref()
        .map_while(Result::ok)
        .filter(|line| line.contains("burst/"));
    assert_eq!(uploads.take(3).count(), 3, "the burst has begun");
    send_interrupt(&child);
    let said: Vec<String> = log.map_while(Result::ok).collect();
    let ran = Ran::from(child.wait_with_output().expect("the demo ends"));
    assert_eq!(ran.code, Some(130), "{said:?}");
    assert_eq!(ran.stdout, "", "no report of a demo that was not finished");
    let last = said.last().expect("it says something");
    assert!(last.contains("are left in the queue"), "{last}");
    assert!(!last.contains("; 0 are left"), "{last}");
}

#[test]
fn serve_keeps_everything_running_until_ctrl_c() {
    let mut child = cldsync(&["demo", "--serve", "--burst", "1"]).start();
    let mut lines = BufReader::new(child.stdout.take().expect("a piped output")).lines();
    let guide = lines
        .by_ref()
        .map_while(Result::ok)
        .skip_while(|line| !line.starts_with("S3 and SQS"));
    let guide: Vec<String> = guide
        .take_while(|line| !line.contains("aws s3 ls"))
        .collect();
    let metrics = address(&guide, "metrics");
    let answer = get(&metrics);
    assert!(
        answer.contains("cldsync_messages_deleted_total"),
        "{answer}"
    );
    send_interrupt(&child);
    assert_eq!(child.wait().expect("the demo ends").code(), Some(0));
}

fn send_interrupt(child: &Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.expect("kill runs").success());
}

fn address(guide: &[String], name: &str) -> String {
    let line = guide
        .iter()
        .find(|line| line.starts_with(name))
        .expect(name);
    let (_, url) = line.split_once("http://").expect("a URL");
    url.to_owned()
}

/// A request without a client: the answer ends with the connection.
fn get(address: &str) -> String {
    use std::io::{Read, Write};
    let (host, path) = address.split_once('/').expect("a path");
    let mut stream = std::net::TcpStream::connect(host).expect("somebody listens");
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .expect("the request is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}
