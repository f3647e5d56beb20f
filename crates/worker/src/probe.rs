//! `check-config --probe`: one question to each service, without touching anything.

use aws_adapters::{Aws, EndpointOverride, QueueAttributes, S3Options, S3Store, SqsQueue};
use serde::Serialize;
use sync_engine::ports::{AssetLibrary, ObjectStore};
use telemetry::{Metrics, error_chain};

use crate::config::Config;
use crate::library::CloudinaryLibrary;
use crate::run::{build_info, client, dead_letter_queue, main_queue};

/// What one question found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProbeResult {
    /// What was asked: `queue`, `dead_letter_queue`, `bucket <name>` or `cloudinary`.
    pub target: String,
    /// Whether it can be used.
    pub ok: bool,
    /// What it said, in one line.
    pub detail: String,
}

impl Config {
    /// Asks the queues, the configured buckets and Cloudinary, one after the other. Buckets need
    /// `s3:ListBucket`, without which S3 does not tell a missing object from a forbidden one.
    pub async fn probe(&self, aws: Option<EndpointOverride>) -> Vec<ProbeResult> {
        let aws = Aws::from_env(aws).await;
        let mut results = vec![probe_queue("queue", &main_queue(&aws, self)).await];
        if let Some(queue) = dead_letter_queue(&aws, self) {
            results.push(probe_queue("dead_letter_queue", &queue).await);
        }
        let store = S3Store::new(
            &aws,
            &S3Options {
                page_size: Some(1),
                ..S3Options::default()
            },
        );
        for route in &self.rules.routes {
            if let Some(bucket) = &route.bucket {
                results.push(probe_bucket(&store, bucket, &route.prefix).await);
            }
        }
        results.push(self.probe_cloudinary().await);
        results
    }

    async fn probe_cloudinary(&self) -> ProbeResult {
        let target = "cloudinary";
        let client = match client(self) {
            Ok(client) => client,
            Err(error) => return ProbeResult::failed(target, &error),
        };
        let metrics = Metrics::new(build_info(), 0.0);
        match CloudinaryLibrary::new(client, metrics.into()).ping().await {
            Ok(()) => {
                let cloud = &self.account.cloud_name;
                ProbeResult::passed(target, format!("cloud {cloud} takes the credentials"))
            }
            Err(error) => ProbeResult::failed(target, &error),
        }
    }
}

async fn probe_queue(target: &str, queue: &SqsQueue) -> ProbeResult {
    match queue.attributes().await {
        Ok(attributes) => ProbeResult::passed(target, describe(&attributes)),
        Err(error) => ProbeResult::failed(target, &error),
    }
}

async fn probe_bucket(store: &S3Store, bucket: &str, prefix: &str) -> ProbeResult {
    let target = format!("bucket {bucket}");
    match store.list(bucket, prefix, None).await {
        Ok(_) => ProbeResult::passed(&target, "can be listed".to_owned()),
        Err(error) => ProbeResult::failed(&target, &error),
    }
}

fn describe(queue: &QueueAttributes) -> String {
    let redrive = match queue.max_receive_count {
        Some(count) => format!("redrive after {count} receives"),
        None => "no redrive policy".to_owned(),
    };
    let depth = queue.depth;
    format!(
        "{}, {redrive}, {} messages visible, {} in flight",
        queue.arn, depth.visible, depth.in_flight
    )
}

impl ProbeResult {
    fn passed(target: &str, detail: String) -> Self {
        Self {
            target: target.to_owned(),
            ok: true,
            detail,
        }
    }

    fn failed(target: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        let detail = error_chain(error).to_string();
        Self {
            target: target.to_owned(),
            ok: false,
            detail,
        }
    }
}
