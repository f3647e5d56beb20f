//! The wiring: from a [`Config`] to a running member, and from its stop to a [`StopReport`].
//!
//! [`Worker::bind`] takes what can be missing at once (the admin address, usable settings);
//! [`Worker::run`] checks the queue and Cloudinary, runs the engine until it is stopped, and
//! serves metrics and health until the very end. Signals are for the caller.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_adapters::{
    Aws, EndpointOverride, S3Options, S3Store, SqsOptions, SqsQueue, TaskProtection,
};
use cloudinary_client::{BuildError, Client, ClientSettings};
use event_mapper::RulesError;
use sync_engine::ports::Ports;
use sync_engine::{Engine, Observation, Observer, StopReport};
use telemetry::{AdminError, AdminServer, BuildInfo, Health, Metrics, error_chain};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::depth::DepthWatch;
use crate::exit_code::ExitCode;
use crate::library::CloudinaryLibrary;
use crate::observe::{CLOUDINARY, QUEUE, Recorder};
use crate::preflight::Preflight;
use crate::store::MeteredStore;
use crate::task_protection::Protection;

/// A poll that takes longer than its wait by this is cut off by the adapter.
const POLL_MARGIN: Duration = Duration::from_secs(15);
/// Polls that may fail to complete in a row before the worker counts as dead.
const POLLS_MISSED: u32 = 3;
/// How long open connections may keep the admin endpoint from ending.
const ADMIN_GRACE: Duration = Duration::from_secs(1);

/// A fleet member with its endpoint bound.
#[expect(missing_debug_implementations, reason = "ports need not be printable")]
pub struct Worker {
    config: Config,
    aws: Option<EndpointOverride>,
    library: CloudinaryLibrary,
    admin: AdminServer,
    metrics: Arc<Metrics>,
    health: Arc<Health>,
    listener: Box<dyn Fn(&Observation) + Send + Sync>,
}

/// Why a worker did not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The admin address cannot be taken.
    #[error("CLDSYNC_ADMIN_ADDR")]
    Admin(#[source] AdminError),
    /// No client comes out of the Cloudinary URL.
    #[error("CLOUDINARY_URL")]
    Client(#[source] BuildError),
    /// The rules do not work in the folder mode of the account.
    #[error("mapping rules")]
    Rules(#[from] RulesError),
    /// There is no such queue.
    #[error("{variable} is `{url}`, but there is no such queue; allowed: the URL of an SQS queue")]
    QueueMissing {
        /// The variable that names it.
        variable: &'static str,
        /// What it says.
        url: String,
    },
}

impl RunError {
    /// What the process should end with.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Admin(_) => ExitCode::Unavailable,
            Self::Client(_) | Self::Rules(_) | Self::QueueMissing { .. } => ExitCode::Config,
        }
    }
}

/// Runs a member until `stop`: [`Worker::bind`] and [`Worker::run`] in one.
pub async fn run(
    config: Config,
    aws: Option<EndpointOverride>,
    stop: CancellationToken,
) -> Result<StopReport, RunError> {
    Worker::bind(config, aws).await?.run(stop).await
}

impl Worker {
    /// Takes the admin address and puts the parts together. With `aws`, that endpoint is used
    /// instead of what the process's surroundings say.
    pub async fn bind(config: Config, aws: Option<EndpointOverride>) -> Result<Self, RunError> {
        let metrics = Arc::new(Metrics::new(build_info(), unix_now()));
        let client = client(&config).map_err(RunError::Client)?;
        let poll_limit = (config.limits.wait_time + POLL_MARGIN) * POLLS_MISSED;
        Ok(Self {
            aws,
            library: CloudinaryLibrary::new(client, Arc::clone(&metrics)),
            admin: AdminServer::bind(config.admin_addr)
                .await
                .map_err(RunError::Admin)?,
            metrics,
            health: Arc::new(Health::new(&[QUEUE, CLOUDINARY], poll_limit)),
            listener: Box::new(|_| {}),
            config,
        })
    }

    /// Where metrics and health are served.
    pub fn admin_addr(&self) -> SocketAddr {
        self.admin.local_addr()
    }

    /// Tells `listener` too what happens, on the engine's own tasks: it must not block.
    #[must_use]
    pub fn on_observation(self, listener: impl Fn(&Observation) + Send + Sync + 'static) -> Self {
        Self {
            listener: Box::new(listener),
            ..self
        }
    }

    /// Works until `stop` is cancelled and the drain is over.
    pub async fn run(self, stop: CancellationToken) -> Result<StopReport, RunError> {
        let Self {
            config,
            aws,
            library,
            admin,
            metrics,
            health,
            listener,
        } = self;
        tracing::info!(
            version = build_info().version,
            cloud = %config.account.cloud_name,
            queue_url = config.queue_url,
            admin_addr = %admin.local_addr(),
            settings = config.changed_settings(),
            "Starting"
        );
        let admin_stop = CancellationToken::new();
        let mut serving = JoinSet::new();
        let shown = (Arc::clone(&metrics), Arc::clone(&health));
        serving.spawn(admin.serve(shown.0, shown.1, admin_stop.clone()));

        let parts = Parts {
            library,
            metrics,
            health,
            listener,
        };
        // Boxed, because the AWS SDK makes futures that are too large for a stack.
        let result = Box::pin(parts.work(&config, aws, stop)).await;

        admin_stop.cancel();
        let ended = tokio::time::timeout(ADMIN_GRACE, serving.join_next()).await;
        if let Ok(Some(Ok(Err(error)))) = ended {
            tracing::error!(error = %error_chain(&error), "Metrics and health were not served");
        }
        result
    }
}

struct Parts {
    library: CloudinaryLibrary,
    metrics: Arc<Metrics>,
    health: Arc<Health>,
    listener: Box<dyn Fn(&Observation) + Send + Sync>,
}

impl Parts {
    async fn work(
        self,
        config: &Config,
        aws: Option<EndpointOverride>,
        stop: CancellationToken,
    ) -> Result<StopReport, RunError> {
        // Whoever gives an endpoint wants nothing of the process's surroundings.
        let agent = aws.is_none().then(TaskProtection::from_env).flatten();
        let mut protection = Protection::new(agent, config.limits.drain_timeout);
        let Some(aws) = stop.run_until_cancelled(Box::pin(Aws::from_env(aws))).await else {
            return Ok(nothing_done());
        };
        let queue = main_queue(&aws, config);
        let dead_letters = dead_letter_queue(&aws, config);
        let preflight = Preflight {
            config,
            queue: &queue,
            dead_letters: dead_letters.as_ref(),
            library: &self.library,
            health: &self.health,
            metrics: &self.metrics,
        };
        let Some(mode) = stop.run_until_cancelled(preflight.check()).await else {
            return Ok(nothing_done());
        };
        let settings = config.engine_settings(mode?, fastrand::u64(..))?;
        let store = MeteredStore::new(
            S3Store::new(&aws, &S3Options::default()),
            Arc::clone(&self.metrics),
        );
        let ports = Ports {
            queue: Arc::new(queue.clone()),
            store: Arc::new(store),
            library: Arc::new(protection.watch(self.library.clone())),
        };
        let metrics = Arc::clone(&self.metrics);
        let depth = DepthWatch {
            queue: &queue,
            dead_letters: dead_letters.as_ref(),
            metrics: &metrics,
            every: config.limits.queue_depth_interval,
        };
        let engine = Engine::new(ports, settings, self.observer(config));
        let report = tokio::select! {
            report = engine.run(stop) => report,
            () = depth.watch() => unreachable!("asks until dropped"),
            () = protection.keep() => unreachable!("looks until dropped"),
        };
        protection.end().await;
        tell(&report);
        Ok(report)
    }

    fn observer(self, config: &Config) -> Observer {
        let places = config.limits.messages_in_flight.get();
        if let Some(pace) = config.limits.operations_per_second {
            let pace = f64::from(pace.get());
            self.metrics.cloudinary_pace.tell([], pace);
        }
        let recorder = Recorder::new(self.metrics, self.health, places);
        let listener = self.listener;
        Observer::new(move |observation| {
            recorder.record(observation);
            listener(observation);
        })
    }
}

/// The queue that S3 notifies.
pub(crate) fn main_queue(aws: &Aws, config: &Config) -> SqsQueue {
    let dead_letters = config.dead_letter_queue_url.clone();
    SqsQueue::new(
        aws,
        config.queue_url.clone(),
        dead_letters,
        SqsOptions::default(),
    )
}

/// The dead-letter queue, to be looked at.
pub(crate) fn dead_letter_queue(aws: &Aws, config: &Config) -> Option<SqsQueue> {
    let url = config.dead_letter_queue_url.clone()?;
    Some(SqsQueue::new(aws, url, None, SqsOptions::default()))
}

/// A client with a connection for each call that may be in flight.
pub(crate) fn client(config: &Config) -> Result<Client, BuildError> {
    let pool_max_idle = config.limits.concurrency_max.get();
    let settings = ClientSettings {
        pool_max_idle,
        ..ClientSettings::default()
    };
    Client::new(config.account.clone(), settings)
}

/// What is running.
pub(crate) fn build_info() -> BuildInfo {
    BuildInfo {
        version: env!("CARGO_PKG_VERSION"),
        commit: option_env!("CLDSYNC_BUILD_COMMIT").unwrap_or("unknown"),
    }
}

fn tell(report: &StopReport) {
    let StopReport {
        deleted,
        dead_lettered,
        released,
        abandoned,
        left,
    } = *report;
    if report.is_clean() {
        tracing::info!(
            deleted,
            dead_lettered,
            released,
            "Stopped, nothing was left"
        );
    } else {
        tracing::warn!(
            deleted,
            dead_lettered,
            released,
            abandoned,
            left,
            "Stopped before everything was finished; what was left comes back to the queue"
        );
    }
}

fn nothing_done() -> StopReport {
    StopReport {
        deleted: 0,
        dead_lettered: 0,
        released: 0,
        abandoned: 0,
        left: 0,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the start of the process, for its metric"
)]
fn unix_now() -> f64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}
