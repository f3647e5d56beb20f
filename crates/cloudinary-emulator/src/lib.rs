//! A Cloudinary that real SDKs can talk to, with fault plans and limits.
//!
//! Stores what it is given, pulls `http(s)://` and `s3://` sources, and answers the Upload API, the
//! Admin API and delivery the way the service does, down to its error texts. Signatures are checked
//! with code of its own, so that a mistake in `cloudinary-core` cannot confirm itself.
//! In memory only; nothing survives [`Running::stop`].
//!
//! A request's way: `server` → `route` → `dispatch` → (`body`, `auth`, `faults`) → one module per
//! call (`upload`, `destroy`, …, `admin`, `delivery`) → `store` → `reply`.

mod admin;
mod asset;
mod auth;
mod body;
mod chunks;
mod clock;
mod concurrency;
mod control;
mod delivery;
mod describe;
mod destroy;
mod dispatch;
mod explicit;
mod faults;
mod media;
mod naming;
mod operation;
mod options;
mod pull;
mod quota;
mod rename;
mod reply;
mod route;
mod search_index;
mod server;
mod signature;
mod source;
mod state;
mod stats;
mod store;
mod tagging;
mod upload;
mod webhook;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio_util::sync::DropGuard;

pub use asset::AssetView;
pub use faults::{FaultEffect, FaultPlan, FaultRule};
pub use options::{FolderMode, Options};
pub use stats::{ConcurrencyStats, NotificationStats, Stats};

use state::State;
use stats::Counters;
use webhook::Outbox;

/// How long connections and queued notifications may take once the emulator stops.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// Where an emulator starts.
#[derive(Debug)]
pub struct Emulator;

impl Emulator {
    /// Starts an emulator; it answers when this returns.
    pub async fn start(options: Options) -> Result<Running, StartError> {
        let listen = options.listen;
        let failed = |source| StartError::Bind { listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let base_url = options
            .public_url
            .clone()
            .unwrap_or_else(|| format!("http://{address}"));
        let base_url = base_url.trim_end_matches('/').to_owned();
        let counters = Arc::new(Counters::default());
        let (outbox, postman) = Outbox::new(&options, Arc::clone(&counters));
        let state = Arc::new(State::new(options, base_url, outbox, counters));
        state.tasks.spawn(postman.run(state.stop.clone()));
        state
            .tasks
            .spawn(server::accept(listener, Arc::clone(&state)));
        let stop_on_drop = state.stop.clone().drop_guard();
        Ok(Running {
            handle: Handle { state },
            _stop_on_drop: stop_on_drop,
        })
    }
}

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("listen on {listen}")]
    Bind {
        /// The address asked for.
        listen: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// An emulator that answers until it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    handle: Handle,
    _stop_on_drop: DropGuard,
}

impl Running {
    /// `http://host:port`, for `upload_prefix` and for delivery alike.
    pub fn endpoint(&self) -> &str {
        &self.handle.state.base_url
    }

    /// The `CLOUDINARY_URL` that makes a client use this emulator.
    pub fn cloudinary_url(&self) -> String {
        let options = &self.handle.state.options;
        let escaped = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let key = escaped(&options.api_key);
        let secret = escaped(options.api_secret.expose_secret());
        let (cloud, prefix) = (&options.cloud, self.endpoint());
        format!("cloudinary://{key}:{secret}@{cloud}?upload_prefix={prefix}")
    }

    /// Looks inside and changes settings while the emulator runs.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Stops listening, cuts off the calls still running and sends the notifications still queued.
    pub async fn stop(self) {
        let state = &self.handle.state;
        state.stop.cancel();
        state.tasks.close();
        if tokio::time::timeout(STOP_WITHIN, state.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!(left = state.tasks.len(), "Stopped with tasks unfinished");
        }
    }
}

/// Looks inside a running emulator; cheap to clone.
#[derive(Debug, Clone)]
pub struct Handle {
    state: Arc<State>,
}

impl Handle {
    /// Every asset, by resource type, delivery type and public ID.
    pub fn assets(&self) -> Vec<AssetView> {
        self.state.assets()
    }

    /// What was asked and answered so far.
    pub fn stats(&self) -> Stats {
        self.state.stats()
    }

    /// Replaces the fault plan.
    pub fn set_faults(&self, plan: FaultPlan) {
        self.state.set_faults(plan);
    }

    /// Changes how many Upload API calls may be in flight; `None`: any number.
    pub fn set_max_concurrent(&self, limit: Option<usize>) {
        self.state.concurrency.set_limit(limit);
    }

    /// Forgets assets, unfinished uploads, counts, faults and the quota's use.
    pub fn reset(&self) {
        self.state.reset();
    }
}
