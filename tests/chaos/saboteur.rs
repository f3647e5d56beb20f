//! Has both services answer with faults, one kind at a time on each, in bursts.
//!
//! What a fault may do is bounded by the short visibility timeout of these runs. A worker that is
//! killed leaves a write behind; its message comes back after half a visibility timeout at the
//! earliest, and a write that landed later than that would win unseen. So no write is held up for
//! longer than [`LATE_MS`]. (With the default of two minutes Cloudinary has a minute.)

use std::collections::BTreeMap;
use std::time::Duration;

use aws_emulator::{Fault, Reset};
use cloudinary_emulator::{FaultEffect, FaultPlan, FaultRule};
use fastrand::Rng;
use serde_json::json;
use tokio::time::Instant;

use crate::programs::{Services, control};

/// How late a write may land.
const LATE_MS: u64 = 3_000;
const BURST_MS: std::ops::Range<u64> = 1_000..4_000;
const PEACE_MS: std::ops::Range<u64> = 0..1_500;

/// Does it, and counts the bursts by kind.
pub(super) struct Saboteur<'a> {
    services: &'a Services,
    rng: Rng,
    unclear_until: Instant,
    pub(super) bursts: BTreeMap<&'static str, u64>,
}

impl<'a> Saboteur<'a> {
    pub(super) fn new(services: &'a Services, seed: u64, unclear_until: Instant) -> Self {
        Self {
            services,
            rng: Rng::with_seed(seed ^ 0x5AB0),
            unclear_until,
            bursts: BTreeMap::new(),
        }
    }

    /// Goes on until the time is up; all faults are off when it returns.
    pub(super) async fn run(&mut self, until: Instant) {
        while Instant::now() < until {
            let mut cloudinary = answers();
            if Instant::now() < self.unclear_until {
                cloudinary.extend(unclear());
            }
            let rule = self.pick(cloudinary);
            let fault = self.pick(aws_faults());
            let plan = FaultPlan {
                seed: self.rng.u64(..),
                rules: vec![rule],
            };
            self.arm(plan, vec![fault]).await;
            self.pause(BURST_MS).await;
            self.arm(FaultPlan::default(), Vec::new()).await;
            self.pause(PEACE_MS).await;
        }
    }

    async fn arm(&self, cloudinary: FaultPlan, aws: Vec<Fault>) {
        control::put_faults(&self.services.cloudinary, &json!(cloudinary)).await;
        control::put_faults(&self.services.aws, &json!(aws)).await;
    }

    fn pick<T>(&mut self, mut kinds: Vec<(&'static str, T)>) -> T {
        let (name, fault) = kinds.swap_remove(self.rng.usize(..kinds.len()));
        *self.bursts.entry(name).or_default() += 1;
        fault
    }

    async fn pause(&mut self, milliseconds: std::ops::Range<u64>) {
        let pause = self.rng.u64(milliseconds);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

/// What Cloudinary may do wrong without leaving a doubt whether it did it.
fn answers() -> Vec<(&'static str, FaultRule)> {
    let any = |effect| FaultRule {
        effect,
        ..FaultRule::default()
    };
    let answer = |status, retry_after| FaultEffect::Answer {
        status,
        message: None,
        retry_after,
    };
    vec![
        (
            "cloudinary: storm of 420",
            any(FaultEffect::status(420)).probability(0.8),
        ),
        (
            "cloudinary: 429 with a time",
            any(answer(429, Some(1))).probability(0.3),
        ),
        (
            "cloudinary: 423",
            any(FaultEffect::status(423)).probability(0.3),
        ),
        (
            "cloudinary: 500",
            any(FaultEffect::status(500)).probability(0.2),
        ),
        (
            "cloudinary: 503",
            any(FaultEffect::status(503)).probability(0.2),
        ),
        (
            "cloudinary: 401",
            FaultRule::on("upload", FaultEffect::status(401)).times(1),
        ),
        (
            "cloudinary: slow",
            FaultRule {
                delay_ms: LATE_MS,
                ..any(FaultEffect::Delay).probability(0.2)
            },
        ),
        (
            "cloudinary: slow pull",
            FaultRule::on("upload", FaultEffect::SlowPull { ms: LATE_MS }).probability(0.3),
        ),
    ]
}

/// What leaves a write in doubt.
fn unclear() -> Vec<(&'static str, FaultRule)> {
    let write = |operation, effect| FaultRule::on(operation, effect).probability(0.3).times(5);
    let late = FaultEffect::ApplyLate { after_ms: LATE_MS };
    vec![
        (
            "cloudinary: upload not applied, closed",
            write("upload", FaultEffect::Close),
        ),
        (
            "cloudinary: upload applied, closed",
            write("upload", FaultEffect::ApplyThenClose),
        ),
        (
            "cloudinary: destroy applied, closed",
            write("destroy", FaultEffect::ApplyThenClose),
        ),
        (
            "cloudinary: upload applied, silent",
            write("upload", FaultEffect::ApplyThenHang { ms: 2_000 }),
        ),
        (
            "cloudinary: upload applied late",
            write("upload", late.clone()),
        ),
        ("cloudinary: destroy applied late", write("destroy", late)),
    ]
}

/// What S3 and SQS may do wrong. `PutObject` and the like are left alone: they are the users'.
fn aws_faults() -> Vec<(&'static str, Fault)> {
    let on = |operation: &str, times| Fault {
        operation: operation.to_owned(),
        times: Some(times),
        ..Fault::default()
    };
    let failing = |operation, times, status| Fault {
        status: Some(status),
        ..on(operation, times)
    };
    let reset = |operation, times, when| Fault {
        reset: Some(when),
        ..on(operation, times)
    };
    let slow = |operation, times, latency_ms| Fault {
        latency_ms,
        ..on(operation, times)
    };
    let partly = |operation, times| Fault {
        fail_entries: Some(3),
        ..on(operation, times)
    };
    vec![
        ("s3: look fails with 503", failing("HeadObject", 10, 503)),
        ("s3: look is denied", failing("HeadObject", 3, 403)),
        ("s3: look is reset", reset("HeadObject", 5, Reset::After)),
        ("s3: look is slow", slow("HeadObject", 20, LATE_MS)),
        ("s3: list fails with 500", failing("ListObjectsV2", 10, 500)),
        ("s3: pull fails with 503", failing("GetObject", 10, 503)),
        ("s3: pull is reset", reset("GetObject", 5, Reset::Before)),
        (
            "sqs: receive fails with 500",
            failing("ReceiveMessage", 5, 500),
        ),
        ("sqs: receive is denied", failing("ReceiveMessage", 1, 403)),
        (
            "sqs: receive is lost",
            reset("ReceiveMessage", 3, Reset::After),
        ),
        ("sqs: receive hangs", slow("ReceiveMessage", 3, LATE_MS)),
        (
            "sqs: delete fails in part",
            partly("DeleteMessageBatch", 10),
        ),
        (
            "sqs: delete is not done",
            reset("DeleteMessageBatch", 5, Reset::Before),
        ),
        (
            "sqs: delete is done unseen",
            reset("DeleteMessageBatch", 5, Reset::After),
        ),
        (
            "sqs: visibility fails in part",
            partly("ChangeMessageVisibilityBatch", 5),
        ),
        (
            "sqs: visibility fails with 503",
            failing("ChangeMessageVisibilityBatch", 3, 503),
        ),
    ]
}
