//! The worker as it is in its image: one file for musl that needs nothing of the system around it.
//!
//! `cargo xtask ci` builds it and names it in `CLDSYNC_TEST_STATIC_WORKER`. What an empty image
//! lacks is taken away here: variables, certificates, and the loader that an ordinary build needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::checkout;
use crate::programs::{Binaries, Program, Variables};
use crate::world::{environment, free_address, patience};

/// The program header that names the dynamic loader.
const PT_INTERP: u32 = 3;

fn worker() -> Option<PathBuf> {
    environment::needed("CLDSYNC_TEST_STATIC_WORKER", "the static worker").map(PathBuf::from)
}

/// Whether an ELF file for a 64-bit little-endian machine asks for a loader.
fn asks_for_a_loader(binary: &Path) -> bool {
    let bytes = fs::read(binary).unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
    assert_eq!(&bytes[..6], b"\x7fELF\x02\x01", "{}", binary.display());
    let number = |at: usize, length: usize| {
        let bytes = bytes[at..at + length].iter().rev();
        bytes.fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
    };
    let (table, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    (0..count).any(|index| number(table + index * size, 4) == PT_INTERP as usize)
}

#[test]
fn the_static_worker_asks_for_no_loader_and_an_ordinary_one_does() {
    let (Some(worker), Some(binaries)) = (worker(), Binaries::find("the static worker")) else {
        return;
    };
    assert!(!asks_for_a_loader(&worker));
    assert!(asks_for_a_loader(&binaries.path("cldsync-worker")));
}

#[test]
fn the_static_worker_starts_with_nothing_around_it() {
    let Some(worker) = worker() else {
        return;
    };
    let output = checkout::run(Command::new(&worker).arg("--version").env_clear());
    let version = format!("cldsync-worker {}\n", checkout::VERSION);
    assert_eq!(String::from_utf8_lossy(&output.stdout), version);

    let mut wrong = Command::new(&worker);
    wrong.env_clear().env("CLDSYNC_TRANSFER", "carrier-pigeon");
    let output = checkout::run(&mut wrong);
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    assert!(
        checkout::printed(&output).contains("CLDSYNC_TRANSFER is `carrier-pigeon`"),
        "{output:?}"
    );
}

#[tokio::test]
async fn the_static_worker_lives_where_there_are_no_certificates() {
    let Some(worker) = worker() else {
        return;
    };
    let address = free_address();
    let nowhere = "http://127.0.0.1:1";
    let variables = Variables::from([
        (
            "CLOUDINARY_URL",
            format!("cloudinary://key:secret@demo?upload_prefix={nowhere}"),
        ),
        ("CLDSYNC_QUEUE_URL", format!("{nowhere}/0/queue")),
        ("CLDSYNC_ADMIN_ADDR", address.clone()),
        ("AWS_ENDPOINT_URL", nowhere.to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        // An image without the file that most TLS libraries look for.
        ("SSL_CERT_FILE", "/nowhere/certificates.pem".to_owned()),
        ("SSL_CERT_DIR", "/nowhere".to_owned()),
    ]);
    let mut running = Program::start(&worker, &[], &variables);
    patience::within(
        Duration::from_secs(30),
        "the worker is healthy",
        async || {
            let ended = running.ended();
            assert!(ended.is_none(), "{ended:?}: {}", running.stdout());
            let mut ask = Command::new(&worker);
            ask.arg("--healthcheck")
                .env_clear()
                .env("CLDSYNC_ADMIN_ADDR", &address);
            checkout::run(&mut ask).status.success().then_some(())
        },
    )
    .await;
    running.terminate();
    assert_eq!(running.end().await.code(), Some(0));
}
