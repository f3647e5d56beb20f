//! Where a world stands: on a LocalStack of its own, or on the embedded emulator.

use std::collections::BTreeMap;

use aws_emulator::{Emulator, Options, Running};
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};

use super::worker::Launcher;
use crate::localstack::LocalStack;

/// The region that both stand-ins are asked for.
pub(crate) const REGION: &str = "us-east-1";

/// An AWS to run scenarios on.
pub(crate) enum Cloud {
    /// LocalStack, with workers as processes.
    LocalStack {
        localstack: LocalStack,
        launcher: Launcher,
    },
    /// The emulator in this process, with workers in this process.
    Embedded(Running),
}

impl Cloud {
    /// Starts LocalStack, or says that `suite` is skipped because something is missing.
    pub(crate) async fn localstack(suite: &str) -> Option<Self> {
        let launcher = Launcher::binary(suite)?;
        let localstack = LocalStack::start(suite).await?;
        Some(Self::LocalStack {
            localstack,
            launcher,
        })
    }

    /// Starts the emulator.
    pub(crate) async fn embedded() -> Self {
        Self::Embedded(
            Emulator::start(Options::default())
                .await
                .expect("the AWS emulator starts"),
        )
    }

    /// Base URL of S3 and SQS.
    pub(crate) fn endpoint(&self) -> String {
        match self {
            Self::LocalStack { localstack, .. } => localstack.endpoint().to_owned(),
            Self::Embedded(running) => running.endpoint(),
        }
    }

    /// How workers are started here.
    pub(super) fn launcher(&self) -> Launcher {
        match self {
            Self::LocalStack { launcher, .. } => launcher.clone(),
            Self::Embedded(_) => Launcher::in_process(self.endpoint()),
        }
    }

    /// What a worker process must know to find it.
    pub(super) fn aws_variables(&self) -> BTreeMap<&'static str, String> {
        match self {
            Self::LocalStack { localstack, .. } => BTreeMap::from([
                ("AWS_ENDPOINT_URL", localstack.endpoint().to_owned()),
                ("AWS_REGION", REGION.to_owned()),
                ("AWS_ACCESS_KEY_ID", "test".to_owned()),
                ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ]),
            Self::Embedded(_) => BTreeMap::new(),
        }
    }

    pub(super) fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .endpoint_url(self.endpoint())
            .force_path_style(true)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }

    pub(super) fn sqs(&self) -> aws_sdk_sqs::Client {
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .endpoint_url(self.endpoint())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        aws_sdk_sqs::Client::from_conf(config)
    }

    /// Ends it; a panic does the same.
    pub(crate) async fn stop(self) {
        if let Self::Embedded(running) = self {
            running.stop().await;
        }
    }
}
