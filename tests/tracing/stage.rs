//! Services, a bucket that tells nobody, and a queue into which the test writes the notifications
//! itself: so that it can say which trace their sender was in.

use std::time::Duration;

use aws_sdk_sqs::types::{MessageSystemAttributeNameForSends, MessageSystemAttributeValue};
use cloudinary_emulator::{FaultEffect, FaultPlan, FaultRule};
use serde_json::json;

use crate::programs::aws::{self, Queue};
use crate::programs::{Binaries, Program, Services, Variables, control};

const BUCKET: &str = "traced";
/// Generous: it is only used up by a failure.
const PATIENCE: Duration = Duration::from_mins(2);

pub(super) const API_SECRET: &str = "Zq8Kd3vBxY7wP2mN9sRtL0uJ";
pub(super) const AWS_SECRET_KEY: &str = "wJalrXUtnFEMI7K7MDENGbPxRfiCYzEXAMPLEKEY";
pub(super) const TOKEN: &str = "collector-token-81f2";

pub(super) struct Stage {
    services: Services,
    binaries: Binaries,
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    queue: Queue,
}

impl Stage {
    /// `None`: there are no binaries, and the test is skipped.
    pub(super) async fn set(suite: &str) -> Option<Self> {
        let binaries = Binaries::find(suite)?;
        let variables = Variables::from([
            ("CLOUDINARY_EMULATOR_API_SECRET", API_SECRET.to_owned()),
            // Long enough for other messages to arrive while one is being worked on.
            ("CLOUDINARY_EMULATOR_LATENCY", "300ms".to_owned()),
        ]);
        let services = Services::start(&binaries, variables).await;
        let (sqs, s3) = (aws::sqs(&services.aws), aws::s3(&services.aws));
        let queue = Queue::create(&sqs, "traced", None).await;
        let created = s3.create_bucket().bucket(BUCKET).send().await;
        created.expect("the bucket is created");
        Some(Self {
            services,
            binaries,
            s3,
            sqs,
            queue,
        })
    }

    /// A worker that exports to the collector at `endpoint`, if there is one.
    pub(super) fn start_worker(&self, endpoint: &str) -> Program {
        let variables = Variables::from([
            ("CLOUDINARY_URL", self.services.cloudinary_url.clone()),
            ("CLDSYNC_QUEUE_URL", self.queue.url.clone()),
            ("CLDSYNC_TRANSFER", "presigned".to_owned()),
            ("AWS_ENDPOINT_URL", self.services.aws.clone()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", AWS_SECRET_KEY.to_owned()),
            ("CLDSYNC_ADMIN_ADDR", "127.0.0.1:0".to_owned()),
            ("CLDSYNC_WAIT_TIME", "1s".to_owned()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.to_owned()),
            ("OTEL_EXPORTER_OTLP_HEADERS", format!("x-token={TOKEN}")),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment=test".to_owned()),
            ("OTEL_BSP_SCHEDULE_DELAY", "100".to_owned()),
        ]);
        Program::start(&self.binaries.path("cldsync-worker"), &[], &variables)
    }

    pub(super) async fn put(&self, key: &str) {
        let request = self.s3.put_object().bucket(BUCKET).key(key);
        let put = request.body(b"a picture".to_vec().into()).send().await;
        put.expect("the object is put");
    }

    /// Tells the queue that the object is there; returns the ID of the message.
    pub(super) async fn notify(&self, key: &str, trace_header: Option<&str>) -> String {
        let record = json!({
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "eventTime": "2026-01-01T00:00:00.000Z",
            "s3": {"bucket": {"name": BUCKET}, "object": {"key": key, "size": 9}},
        });
        let body = json!({"Records": [record]}).to_string();
        let mut request = self.sqs.send_message().queue_url(&self.queue.url);
        if let Some(header) = trace_header {
            let value = MessageSystemAttributeValue::builder()
                .data_type("String")
                .string_value(header)
                .build()
                .expect("a type and a value");
            let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
            request = request.message_system_attributes(name, value);
        }
        let sent = request.message_body(body).send().await;
        let sent = sent.expect("the message is sent");
        sent.message_id.expect("a message ID")
    }

    /// Has Cloudinary throttle the next upload.
    pub(super) async fn throttle_one_upload(&self) {
        let rule = FaultRule::on("upload", FaultEffect::status(420)).times(1);
        control::put_faults(&self.services.cloudinary, &json!(FaultPlan::of([rule]))).await;
    }

    /// Waits until every message is done and deleted.
    pub(super) async fn wait_until_done(&self) {
        self.services
            .wait_for_messages(&self.queue, 0, PATIENCE)
            .await;
    }

    /// Stops the worker in order and returns its log.
    pub(super) async fn stop(&self, mut worker: Program) -> String {
        worker.terminate();
        let end = worker.end().await;
        assert_eq!(end.code(), Some(0), "{end}");
        worker.printed()
    }
}
