//! `--healthcheck` as a container runtime runs it: beside a worker, with the worker's environment.

use crate::process::{Process, run};
use crate::services::Services;

fn ask(address: &str) -> crate::process::Ended {
    // What else the worker is configured with does not matter, and must not be asked for.
    run(&["--healthcheck"], &[("CLDSYNC_ADMIN_ADDR", address)])
}

#[test]
fn a_running_worker_is_healthy_and_one_that_has_ended_is_not() {
    let services = Services::start();
    let mut worker = Process::start(&services, &[]);
    worker.get("/livez");
    let address = worker.admin_addr().expect("it answered").to_string();
    let healthy = ask(&address);
    assert_eq!(healthy.code, Some(0), "{healthy:?}");
    assert!(
        healthy.stdout.is_empty() && healthy.stderr.is_empty(),
        "{healthy:?}"
    );

    worker.signal("TERM");
    assert_eq!(worker.end().code, Some(0));
    let ended = ask(&address);
    assert_eq!(ended.code, Some(69), "{ended:?}");
    let complaint = format!("cldsync-worker: no answer from {address}: ");
    assert!(ended.stderr.starts_with(&complaint), "{ended:?}");
}

#[test]
fn a_wrong_admin_address_ends_with_78() {
    let ended = ask("9090");
    assert_eq!(ended.code, Some(78), "{ended:?}");
    assert!(
        ended.stderr.contains("CLDSYNC_ADMIN_ADDR is `9090`"),
        "{ended:?}"
    );
}
