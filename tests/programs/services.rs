//! Both emulators as processes of their own.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::aws::Queue;
use super::{Binaries, Program, Variables, control};
use crate::world::patience;

/// An AWS and a Cloudinary. Dropping them ends them.
pub(crate) struct Services {
    /// Base URL of S3 and SQS.
    pub(crate) aws: String,
    /// Base URL of Cloudinary.
    pub(crate) cloudinary: String,
    /// What a client must be given to use that Cloudinary.
    pub(crate) cloudinary_url: String,
    programs: [Program; 2],
}

impl Services {
    /// Starts both; `variables` go to the Cloudinary emulator.
    pub(crate) async fn start(binaries: &Binaries, variables: Variables) -> Self {
        let listen = ["--listen", "127.0.0.1:0"];
        let none = Variables::new();
        let mut aws = Program::start(&binaries.path("aws-emulator"), &listen, &none);
        let endpoint = aws.first_line().await;
        let mut variables = variables;
        variables.insert("CLOUDINARY_EMULATOR_S3_ENDPOINT", endpoint.clone());
        // Its log of requests is of no use here.
        variables.insert("RUST_LOG", "warn".to_owned());
        let emulator = binaries.path("cloudinary-emulator");
        let mut cloudinary = Program::start(&emulator, &listen, &variables);
        let cloudinary_url = cloudinary.first_line().await;
        let (_, base) = cloudinary_url
            .split_once("upload_prefix=")
            .expect("the URL tells the endpoint");
        Self {
            aws: endpoint,
            cloudinary: base.to_owned(),
            cloudinary_url,
            programs: [aws, cloudinary],
        }
    }

    /// MD5 sums of the stored bytes, by `resource type/public ID`.
    pub(crate) async fn assets(&self) -> BTreeMap<String, String> {
        let assets = control::get(&self.cloudinary, "assets").await;
        let text = |asset: &Value, name: &str| asset[name].as_str().unwrap_or_default().to_owned();
        let all = assets.as_array().expect("a list of assets").iter();
        all.map(|asset| {
            let kind = text(asset, "resource_type");
            let name = format!("{kind}/{}", text(asset, "public_id"));
            (name, text(asset, "etag"))
        })
        .collect()
    }

    /// Messages in a queue, in whatever state.
    pub(crate) async fn messages(&self, queue: &Queue) -> u64 {
        let stats = control::get(&self.aws, "stats").await;
        let depth = stats["queues"][&queue.name].as_object();
        let counts = depth.expect("the queue is known").values();
        counts.filter_map(Value::as_u64).sum()
    }

    /// Waits until a queue holds exactly so many messages, in whatever state.
    pub(crate) async fn wait_for_messages(&self, queue: &Queue, wanted: u64, limit: Duration) {
        let what = format!("{} holds {wanted} messages", queue.name);
        patience::within(limit, &what, async || {
            (self.messages(queue).await == wanted).then_some(())
        })
        .await;
    }

    /// Fails if one of them has ended.
    pub(crate) fn assert_alive(&mut self) {
        for program in &mut self.programs {
            let ended = program.ended();
            assert!(ended.is_none(), "an emulator ended: {ended:?}");
        }
    }
}
