//! A worker of the same code in this process: from variables to configuration, without signals.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use worker::{Config, EndpointOverride, Environment, Flags, RunError};

use crate::world::REGION;

/// Above the drain timeout that worlds give their workers.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// A worker task. Dropping it aborts the worker wherever it is, as a crash does.
pub(crate) struct InProcess {
    task: JoinSet<Result<bool, RunError>>,
    stop: CancellationToken,
}

impl InProcess {
    pub(super) fn start(endpoint: &str, variables: &BTreeMap<String, String>) -> Self {
        let environment = Environment::from_iter(variables.clone());
        let config = Config::resolve(&Flags::default(), &environment)
            .unwrap_or_else(|errors| panic!("the world's variables are refused:\n{errors}"));
        let aws = EndpointOverride {
            endpoint_url: endpoint.to_owned(),
            region: REGION.to_owned(),
            access_key_id: "test".to_owned(),
            secret_access_key: "test".into(),
        };
        let stop = CancellationToken::new();
        let worker = worker::run(config, Some(aws), stop.clone());
        let mut task = JoinSet::new();
        task.spawn(async { worker.await.map(|report| report.is_clean()) });
        Self { task, stop }
    }

    /// Stops it as a signal would, and checks that nothing was abandoned.
    pub(super) async fn stop(mut self) {
        self.stop.cancel();
        let end = tokio::time::timeout(STOP_TIMEOUT, self.task.join_next()).await;
        let end = end.expect("the worker stops within its drain timeout");
        let clean = end
            .expect("a worker task")
            .expect("the worker does not panic");
        assert!(clean.expect("the worker runs"), "a drain abandons nothing");
    }
}
