//! Nothing that the programs print, log, serve or send on holds a secret or a part of one.
//!
//! Full runs at `RUST_LOG=trace`, with every kind of failure whose text could quote a request, and
//! every wrong setting that could quote a value. All that comes out is searched for the secrets
//! in the forms in which they travel.

mod needles;
mod settings;
mod stage;

use cloudinary_emulator::{FaultEffect, FaultPlan, FaultRule};
use serde_json::json;

use self::needles::{API_SECRET, assert_clean};
use self::stage::Stage;
use crate::programs::{Binaries, control};
use crate::world::log_tail;

/// `EX_USAGE` and `EX_CONFIG`.
const REFUSALS: [i32; 2] = [64, 78];

#[tokio::test(flavor = "multi_thread")]
async fn secrets_stay_secret_while_cloudinary_pulls_presigned_urls() {
    full_run("presigned", "json").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_stay_secret_while_the_worker_streams() {
    full_run("stream", "text").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_stay_secret_when_cloudinary_refuses_them() {
    let Some(binaries) = Binaries::find("secrets that are refused") else {
        return;
    };
    let stage = Stage::set(binaries).await;
    let mut variables = stage.variables("s3", "text");
    // The emulator knows another one, so this one is wrong; it must not be shown all the same.
    stage.accept_another_secret(&mut variables);
    let mut worker = stage.start_worker(&variables).await;
    let page = stage.page_until(&worker, "readyz", "status 401").await;
    assert_clean("readiness", &page);
    worker.kill();
    assert_clean("the log", &worker.printed());
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_stay_secret_in_the_operators_tool() {
    let Some(binaries) = Binaries::find("secrets in the operator's tool") else {
        return;
    };
    let stage = Stage::set(binaries).await;
    let mut variables = stage.variables("s3", "text");
    let probe = ["check-config", "--probe"];
    for arguments in [&["check-config"][..], &["check-config", "--json"], &probe] {
        let printed = stage.run("cldsync", arguments, &variables, &[0]).await;
        assert!(printed.contains("CLDSYNC_CLOUDINARY_URL"), "{printed}");
        assert_clean("check-config", &printed);
    }
    stage.accept_another_secret(&mut variables);
    let printed = stage.run("cldsync", &probe, &variables, &[69]).await;
    assert_clean("check-config with a wrong secret", &printed);

    let request = json!({"params": {"public_id": "x", "timestamp": 1}, "secret": API_SECRET});
    let file = stage.file(&request.to_string());
    let printed = stage
        .run("cldsync", &["sign", &file], &variables, &[0])
        .await;
    assert!(printed.contains("public_id=x&timestamp=1"), "{printed}");
    assert_clean("sign", &printed);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_stay_secret_when_settings_are_wrong() {
    let Some(binaries) = Binaries::find("secrets in wrong settings") else {
        return;
    };
    let stage = Stage::set(binaries).await;
    for wrong in settings::all(&stage) {
        let name = wrong.name;
        let given: Vec<_> = wrong.arguments.iter().map(String::as_str).collect();
        let checked: Vec<_> = ["check-config"].into_iter().chain(given.clone()).collect();
        for (binary, arguments) in [("cldsync-worker", given), ("cldsync", checked)] {
            log_tail::say(&format!("{binary} is given {name}"));
            let printed = stage
                .run(binary, &arguments, &wrong.variables, &REFUSALS)
                .await;
            assert!(!printed.is_empty(), "{name}: refused without a word");
            assert_clean(name, &printed);
        }
    }
}

/// Everything a worker can do and everything that can go wrong with it, at the highest log level.
async fn full_run(transfer: &str, format: &str) {
    let Some(binaries) = Binaries::find("secrets in a full run") else {
        return;
    };
    let stage = Stage::set(binaries).await;
    let mut worker = stage.start_worker(&stage.variables(transfer, format)).await;
    stage.put("kept.jpg", "first").await;
    stage.put("kept.jpg", "second").await;
    stage.put("gone.jpg", "gone").await;
    stage.wait_until_done().await;
    stage.delete("gone.jpg").await;
    stage.send("not JSON").await;
    stage.wait_until_done().await;

    let answer = |status, message: &str| FaultEffect::Answer {
        status,
        message: Some(message.to_owned()),
        retry_after: None,
    };
    for effect in [
        answer(
            401,
            "Invalid Signature 0123. String to sign - 'timestamp=1'",
        ),
        answer(500, "Something went wrong"),
        answer(400, "Something is refused"),
        FaultEffect::status(420),
    ] {
        let plan = FaultPlan::of([FaultRule::on("upload", effect).times(1)]);
        control::put_faults(&stage.services.cloudinary, &json!(plan)).await;
        stage.put("faulty.jpg", "meets faults").await;
        stage.wait_until_done().await;
    }
    // Cloudinary may not read the source and quotes its URL; or the worker may not.
    stage.refuse("GetObject", "AccessDenied", 2).await;
    stage.put("denied.jpg", "cannot be read").await;
    stage.wait_until_done().await;
    stage
        .refuse("ReceiveMessage", "InvalidClientTokenId", 1)
        .await;
    stage.put("late.jpg", "after the pause").await;
    stage.wait_until_done().await;

    for page in ["metrics", "readyz", "livez"] {
        assert_clean(page, &stage.page(&worker, page).await);
    }
    let letters = stage.dead_letters.take_all(&stage.sqs).await;
    assert!(!letters.is_empty(), "something was dead-lettered");
    assert_clean("the dead letters", &format!("{letters:?}"));
    worker.terminate();
    assert_eq!(worker.end().await.code(), Some(0));
    let log = worker.printed();
    for told in ["Starting", "Worked on a record", "Paused", "Dead-lettered"] {
        assert!(log.contains(told), "the log does not tell of `{told}`");
    }
    assert_clean("the log", &log);
}
