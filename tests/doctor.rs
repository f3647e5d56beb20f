//! `cldsync doctor` on services that answer: it finds what is wrong, nothing else, and the command
//! that it prints mends it.
//!
//! On one LocalStack, an installation is made by the doctor's own commands, run by the AWS CLI of
//! LocalStack's environment. Then each thing is broken in turn and put right again. Rights cannot
//! be taken away there, so missing ones are tried on the emulator, which can refuse any call.

mod breakages;
mod installation;

use std::time::Duration;

use serde_json::{Value, json};

use self::breakages::{After, BREAKAGES, Breakage};
use self::installation::{Installation, Place};
use crate::localstack::LocalStack;
use crate::programs::{Binaries, Services, Variables, aws, control};
use crate::world::{log_tail, patience};

/// How long an installation may take until it is as its commands made it.
const PATIENCE: Duration = Duration::from_secs(30);
const SECRET: &str = "hunter2hunter2";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_broken_is_found_and_the_command_told_mends_it() {
    let suite = "the doctor on LocalStack";
    let Some(binaries) = Binaries::find(suite) else {
        return;
    };
    let Some(localstack) = LocalStack::start(suite).await else {
        return;
    };
    let place = Place::with_aws_cli(localstack.endpoint(), suite);
    let Some(mut installation) = Installation::bare(binaries, place).await else {
        return;
    };
    found_with_its_commands(&mut installation).await;
    events_arrive(&mut installation, "media/direct.jpg").await;
    for breakage in BREAKAGES {
        log_tail::say(&format!("broken: {}", breakage.what));
        break_and_mend(&mut installation, breakage).await;
    }
    leave_the_bucket_to_another_queue(&mut installation).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_that_are_missing_are_named() {
    let Some(binaries) = Binaries::find("the doctor without rights") else {
        return;
    };
    let secret = Variables::from([("CLOUDINARY_EMULATOR_API_SECRET", SECRET.to_owned())]);
    let services = Services::start(&binaries, secret).await;
    let (sqs, s3) = (aws::sqs(&services.aws), aws::s3(&services.aws));
    let dead_letters = aws::Queue::create(&sqs, "cldsync-dead", None).await;
    let queue = aws::Queue::create(&sqs, "cldsync", Some((&dead_letters, 20))).await;
    aws::create_bucket(&s3, installation::BUCKET, &queue).await;
    let variables = installation::variables(&services.aws, &services.cloudinary_url, &queue.url);
    let doctor = |faults: Value| {
        let (binaries, variables, endpoint) = (&binaries, &variables, &services.aws);
        async move {
            control::put_faults(endpoint, &faults).await;
            installation::diagnose(binaries, variables).await
        }
    };

    // The emulator has no bucket policies and no encryption, and says so.
    let open = doctor(json!([])).await;
    open.assert("bucket.missing_key", "pass");
    for id in ["grant.policy", "grant.encryption"] {
        open.assert(id, "unknown");
    }
    for (operation, id, status, right) in [
        (
            "HeadObject",
            "bucket.missing_key",
            "failure",
            "s3:ListBucket",
        ),
        ("HeadObject", "grant.marker", "unknown", "s3:ListBucket"),
        ("ListObjectsV2", "bucket.list", "failure", "s3:ListBucket"),
        ("HeadBucket", "bucket.reachable", "failure", "s3:ListBucket"),
        (
            "GetBucketNotificationConfiguration",
            "bucket.notification",
            "unknown",
            "s3:GetBucketNotification",
        ),
        (
            "GetBucketVersioning",
            "bucket.versioning",
            "unknown",
            "s3:GetBucketVersioning",
        ),
        (
            "GetQueueAttributes",
            "queue.reachable",
            "failure",
            "sqs:GetQueueAttributes",
        ),
    ] {
        let fault = json!([{"operation": operation, "status": 403, "code": "AccessDenied"}]);
        let found = doctor(fault).await;
        found.assert(id, status);
        let fix = found.fix(id);
        assert!(fix.contains(right), "{operation}, {id}: {fix}");
    }
    let first_only = json!([{"operation": "GetQueueAttributes", "status": 400,
        "code": "InvalidClientTokenId"}]);
    let found = doctor(first_only).await;
    assert_eq!(found.fix("queue.reachable"), "aws sts get-caller-identity");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bucket_of_several_routes_is_looked_at() {
    let Some(binaries) = Binaries::find("the doctor with several routes") else {
        return;
    };
    let services = Services::start(&binaries, Variables::new()).await;
    let (sqs, s3) = (aws::sqs(&services.aws), aws::s3(&services.aws));
    let queue = aws::Queue::create(&sqs, "cldsync", None).await;
    aws::create_bucket(&s3, "first", &queue).await;
    let silent = s3.create_bucket().bucket("second").send().await;
    silent.expect("the bucket is created");
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("routes.toml");
    let route = |bucket: &str| {
        format!("[[route]]\nbucket = \"{bucket}\"\ncloudinary_root = \"{bucket}\"\n")
    };
    let routes: String = ["first", "second", "third"].map(route).concat();
    std::fs::write(&file, routes).expect("the routes are written");
    let mut variables =
        installation::variables(&services.aws, &services.cloudinary_url, &queue.url);
    for alone in ["CLDSYNC_BUCKET", "CLDSYNC_S3_SYNC_ROOT"] {
        variables.remove(alone);
    }
    variables.insert("CLDSYNC_CONFIG", file.display().to_string());
    let found = installation::diagnose(&binaries, &variables).await;
    for (bucket, id, status) in [
        ("first", "bucket.reachable", "pass"),
        ("first", "bucket.filter", "pass"),
        ("second", "bucket.reachable", "pass"),
        ("second", "bucket.notification", "failure"),
        ("third", "bucket.reachable", "failure"),
    ] {
        found.assert_of(&format!("bucket {bucket}"), id, status);
    }
}

/// Nothing but a bucket and a queue: the doctor says everything else.
async fn found_with_its_commands(installation: &mut Installation) {
    let bare = installation.diagnose().await;
    bare.assert_only(&[
        ("queue.redrive", "warning"),
        ("dead_letters.configured", "warning"),
        ("queue.policy", "failure"),
        ("bucket.notification", "failure"),
        ("grant.marker", "failure"),
        ("grant.policy", "failure"),
    ]);
    installation.mend(&bare).await;
    installation.until(&[]).await;
}

async fn break_and_mend(installation: &mut Installation, breakage: &Breakage) {
    let before = installation.variables.clone();
    installation.shell(breakage.how).await;
    let found = installation.until(breakage.found).await;
    let fixes: Vec<String> = breakage.found.iter().map(|(id, _)| found.fix(id)).collect();
    assert!(
        fixes.iter().any(|fix| fix.contains(breakage.fix)),
        "{}: {fixes:?}",
        breakage.what
    );
    match breakage.after {
        After::TheCommand => installation.mend(&found).await,
        After::TheCommandThen(script) => {
            installation.mend(&found).await;
            installation.until(&[]).await;
            installation.shell(script).await;
        }
        After::Undo(script) => drop(installation.shell(script).await),
    }
    if matches!(breakage.after, After::TheCommand) && installation.variables != before {
        installation.until(&[]).await;
    }
    installation.variables = before;
    installation.until(&[]).await;
}

/// S3 takes no second target for the same events, so the doctor leads through `EventBridge`.
async fn leave_the_bucket_to_another_queue(installation: &mut Installation) {
    installation.shell(breakages::ANOTHER_QUEUE).await;
    let blocked = installation
        .until(&[("bucket.notification", "failure")])
        .await;
    installation.mend(&blocked).await;
    let through = [("bucket.notification", "warning")];
    let beside = [("queue.policy", "failure"), through[0]];
    let closed = installation.until(&beside).await;
    installation.shell(&closed.fix("queue.policy")).await;
    installation.until(&through).await;
    let kept = installation.shell(breakages::SHOW_NOTIFICATIONS).await;
    assert!(kept.contains(":another"), "the other queue is kept: {kept}");
    events_arrive(installation, "media/through-eventbridge.jpg").await;
}

/// What the commands set up is not only found good; it works.
async fn events_arrive(installation: &mut Installation, key: &str) {
    let put = format!(
        "aws s3api put-object --bucket {} --key {key}",
        installation::BUCKET
    );
    installation.shell(&put).await;
    let receive = "aws sqs receive-message --queue-url \"$CLDSYNC_QUEUE_URL\" --output json \
                   --max-number-of-messages 10 --visibility-timeout 60";
    patience::within(PATIENCE, &format!("an event of {key}"), async || {
        let received = installation.shell(receive).await;
        received.contains(key).then_some(())
    })
    .await;
}
