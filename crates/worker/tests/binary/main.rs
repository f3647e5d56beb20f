//! The binary as a supervisor sees it: arguments and environment in, exit code and messages out.

mod healthcheck;
mod probe;
mod process;
mod services;

use process::{Process, run};
use services::Services;

#[test]
fn wrong_settings_are_all_told_and_end_with_78() {
    let ended = run(
        &[],
        &[
            ("CLOUDINARY_URL", "nonsense-with-s3cret"),
            ("upload_only_mode", "maybe"),
            ("CLDSYNC_BUCKET", "my.bucket"),
        ],
    );
    assert_eq!(ended.code, Some(78), "{ended:?}");
    let lines: Vec<_> = ended.stderr.lines().collect();
    assert_eq!(lines.len(), 4, "{ended:?}");
    for (line, begins) in lines.iter().zip([
        "cldsync-worker: CLOUDINARY_URL is `(hidden)`; wrong scheme",
        "cldsync-worker: CLDSYNC_QUEUE_URL (or --queue-url",
        "cldsync-worker: CLDSYNC_BUCKET is `my.bucket`; the transfer mode `s3`",
        "cldsync-worker: upload_only_mode is `maybe`; allowed: true, false, 1, 0, yes, no",
    ]) {
        assert!(line.starts_with(begins), "{line}");
    }
    assert!(
        !ended.stderr.contains("s3cret") && ended.stdout.is_empty(),
        "{ended:?}"
    );
}

#[test]
fn an_unknown_flag_ends_with_64_and_help_with_0() {
    assert_eq!(run(&["--queue"], &[]).code, Some(64));
    assert_eq!(
        run(&["--cloudinary-url", "x"], &[]).code,
        Some(64),
        "a secret is no argument"
    );
    let help = run(&["--help"], &[]);
    assert_eq!(help.code, Some(0));
    assert!(help.stdout.contains("--queue-url"), "{help:?}");
}

#[test]
fn the_generated_pages_are_printed() {
    let page = run(&["--generate", "configuration"], &[]);
    assert_eq!(page.code, Some(0));
    assert!(page.stdout.starts_with("# Configuration\n"), "{page:?}");
    let page = run(&["--generate", "metrics"], &[]);
    assert!(page.stdout.starts_with("# Metrics\n"), "{page:?}");
}

#[test]
fn a_queue_that_does_not_exist_ends_with_78_and_names_the_variable() {
    let services = Services::start();
    let queue_url = format!("{}/123/missing", services.endpoint());
    let mut worker = Process::start(&services, &[("CLDSYNC_QUEUE_URL", &queue_url)]);
    let ended = worker.end();
    assert_eq!(ended.code, Some(78), "{ended:?}");
    assert_eq!(
        ended.stderr,
        format!(
            "cldsync-worker: CLDSYNC_QUEUE_URL is `{queue_url}`, but there is no such queue; \
             allowed: the URL of an SQS queue\n"
        )
    );
}

#[test]
fn a_taken_admin_address_ends_with_69() {
    let services = Services::start();
    let address = services.address().to_string();
    let mut worker = Process::start(&services, &[("CLDSYNC_ADMIN_ADDR", &address)]);
    let ended = worker.end();
    assert_eq!(ended.code, Some(69), "{ended:?}");
    assert!(ended.stderr.contains("CLDSYNC_ADMIN_ADDR"), "{ended:?}");
}

#[test]
fn a_worker_that_cloudinary_refuses_is_alive_but_not_ready_until_it_is_accepted() {
    let services = Services::start();
    services.refuse_credentials(true);
    let mut worker = Process::start(&services, &[]);
    let answer = worker.get_until("/readyz", |answer| {
        answer.contains(r#""cloudinary":"paused: "#) && answer.contains("unauthorized")
    });
    assert!(
        answer.contains(" 503 ") && answer.contains(r#""failing":["cloudinary"]"#),
        "{answer}"
    );
    assert!(worker.get("/livez").contains(" 200 "));
    assert!(
        worker
            .get("/metrics")
            .contains("cldsync_paused{reason=\"cloudinary\"} 1")
    );
    services.refuse_credentials(false);
    worker.get_until("/readyz", |answer| answer.contains(" 200 "));
    assert!(
        worker
            .get("/metrics")
            .contains("cldsync_paused{reason=\"cloudinary\"} 0")
    );
    worker.signal("TERM");
    assert_eq!(worker.end().code, Some(0));
}

#[test]
fn a_worker_whose_queue_refuses_it_says_so_and_goes_on_when_it_is_let_in() {
    let services = Services::start();
    services.refuse_receives();
    let mut worker = Process::start(&services, &[]);
    let answer = worker.get_until("/readyz", |answer| {
        answer.contains(r#""queue":"paused: "#) && answer.contains("not you")
    });
    assert!(
        answer.contains(" 503 ") && answer.contains(r#""failing":["queue"]"#),
        "{answer}"
    );
    assert!(worker.get("/livez").contains(" 200 "));
    assert!(
        worker
            .get("/metrics")
            .contains("cldsync_paused{reason=\"queue\"} 1")
    );
    services.allow_receives();
    worker.get_until("/readyz", |answer| answer.contains(" 200 "));
    assert!(
        worker
            .get("/metrics")
            .contains("cldsync_paused{reason=\"queue\"} 0")
    );
    worker.signal("TERM");
    assert_eq!(worker.end().code, Some(0));
}

#[test]
fn the_depths_of_both_queues_are_among_the_metrics() {
    let services = Services::start();
    let letters = format!("{}/123/letters", services.endpoint());
    let worker = Process::start(&services, &[("CLDSYNC_DEAD_LETTER_QUEUE_URL", &letters)]);
    worker.get_until("/metrics", |metrics| {
        [
            "cldsync_queue_messages{state=\"visible\"} 7",
            "cldsync_queue_messages{state=\"in_flight\"} 2",
            "cldsync_queue_messages{state=\"delayed\"} 1",
            "cldsync_dead_letter_queue_messages 10",
        ]
        .into_iter()
        .all(|line| metrics.contains(line))
    });
}

#[test]
fn a_dead_letter_queue_that_may_not_be_read_is_left_out_of_the_metrics() {
    let services = Services::start();
    let closed = format!("{}/123/closed", services.endpoint());
    let variables = [
        ("CLDSYNC_DEAD_LETTER_QUEUE_URL", closed.as_str()),
        ("CLDSYNC_QUEUE_DEPTH_INTERVAL", "1s"),
    ];
    let worker = Process::start(&services, &variables);
    worker.wait_for_log("No depth of the dead-letter queue for the metrics");
    let metrics = worker.get("/metrics");
    assert!(metrics.contains("\ncldsync_queue_messages"), "{metrics}");
    assert!(
        !metrics.contains("\ncldsync_dead_letter_queue_messages"),
        "{metrics}"
    );
}

#[test]
fn an_account_that_does_not_tell_its_folder_mode_is_taken_for_fixed() {
    let services = Services::start();
    let mut worker = Process::start(&services, &[("CLDSYNC_FOLDER_MODE", "auto")]);
    worker.get_until("/readyz", |answer| answer.contains(" 200 "));
    let message = "Cloudinary does not tell its folder mode, so `fixed` is taken; \
                   set CLDSYNC_FOLDER_MODE to end this warning";
    worker.wait_for_log(message);
    worker.signal("TERM");
    assert_eq!(worker.end().code, Some(0));
}

#[test]
fn a_worker_without_network_stops_cleanly_when_told() {
    let services = Services::start();
    let mut worker = Process::start(
        &services,
        &[
            (
                "CLOUDINARY_URL",
                "cloudinary://key:s3cret@demo?upload_prefix=http://127.0.0.1:1",
            ),
            ("CLDSYNC_QUEUE_URL", "http://127.0.0.1:1/123/queue"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ],
    );
    worker.get_until("/readyz", |answer| {
        answer.contains(r#""failing":["cloudinary","queue"]"#)
    });
    worker.signal("INT");
    let ended = worker.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        !ended.stdout.contains("s3cret") && !ended.stderr.contains("s3cret"),
        "{ended:?}"
    );
}

#[test]
fn a_second_signal_ends_the_drain_with_130() {
    let services = Services::start();
    let mut worker = Process::start(&services, &[]);
    // The receive hangs, and the drain gives it a few seconds.
    worker.get_until("/readyz", |answer| answer.contains(" 200 "));
    services.wait_for_receive();
    worker.signal("TERM");
    worker.wait_for_log("Stopping");
    worker.signal("TERM");
    assert_eq!(worker.end().code, Some(130));
}
