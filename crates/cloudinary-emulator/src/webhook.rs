//! Notifications to `notification_url`: queued when something happened, signed and sent beside it.
//!
//! The queue is bounded; what finds it full is dropped and counted. What is queued when the
//! emulator stops is still sent.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{Request, Uri};
use futures_util::{StreamExt, stream};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::asset::Asset;
use crate::body::Params;
use crate::clock;
use crate::options::Options;
use crate::pull::Outbound;
use crate::signature::{self, Algorithm};
use crate::stats::Counters;

const QUEUED: usize = 4096;
const AT_ONCE: usize = 8;
const ANSWER_WITHIN: Duration = Duration::from_secs(4);

/// Where calls leave their notifications.
#[derive(Debug)]
pub(crate) struct Outbox {
    queue: mpsc::Sender<Notice>,
    counters: Arc<Counters>,
}

/// Takes them from there and sends them.
pub(crate) struct Postman {
    queue: mpsc::Receiver<Notice>,
    secret: SecretString,
    outbound: Outbound,
    counters: Arc<Counters>,
}

#[derive(Debug)]
struct Notice {
    url: Uri,
    body: Vec<u8>,
}

#[derive(Serialize)]
struct Payload<'a, T> {
    notification_type: &'a str,
    timestamp: String,
    request_id: String,
    #[serde(flatten)]
    what: &'a T,
}

/// An asset as the notification of its deletion names it.
#[derive(Serialize)]
pub(crate) struct Gone<'a> {
    resources: [GoneAsset<'a>; 1],
}

#[derive(Serialize)]
struct GoneAsset<'a> {
    resource_type: &'a str,
    r#type: &'a str,
    asset_id: &'a str,
    public_id: &'a str,
    version: u64,
}

impl<'a> From<&'a Asset> for Gone<'a> {
    fn from(asset: &'a Asset) -> Self {
        let gone = GoneAsset {
            resource_type: asset.id.resource_type.as_str(),
            r#type: asset.id.delivery_type.as_str(),
            asset_id: &asset.asset_id,
            public_id: asset.id.public_id.as_str(),
            version: asset.version,
        };
        Self { resources: [gone] }
    }
}

impl Outbox {
    pub(crate) fn new(options: &Options, counters: Arc<Counters>) -> (Self, Postman) {
        let (sender, receiver) = mpsc::channel(QUEUED);
        let postman = Postman {
            queue: receiver,
            secret: options.api_secret.clone(),
            outbound: Outbound::default(),
            counters: Arc::clone(&counters),
        };
        (
            Self {
                queue: sender,
                counters,
            },
            postman,
        )
    }

    /// Queues a notification, if the call asked for one.
    pub(crate) fn notify(&self, params: &Params, notification_type: &str, what: &impl Serialize) {
        let Some(urls) = params.get("notification_url") else {
            return;
        };
        let timestamp = clock::iso(clock::unix_now());
        let request_id = crate::store::random_id();
        let payload = Payload {
            notification_type,
            timestamp,
            request_id,
            what,
        };
        let Ok(body) = serde_json::to_vec(&payload) else {
            return;
        };
        // Cloudinary takes several URLs, one per line.
        for url in urls.lines().filter_map(|line| line.trim().parse().ok()) {
            if self
                .queue
                .try_send(Notice {
                    url,
                    body: body.clone(),
                })
                .is_err()
            {
                self.counters.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl Postman {
    /// Sends until `stop`, then what is still queued.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let Self {
            queue,
            secret,
            outbound,
            counters,
        } = self;
        let queued = stream::unfold((queue, stop), |(mut queue, stop)| async move {
            let next = tokio::select! {
                next = queue.recv() => next,
                () = stop.cancelled() => {
                    queue.close();
                    queue.recv().await
                }
            };
            next.map(|notice| (notice, (queue, stop)))
        });
        let send = |notice| deliver(&outbound, &secret, &counters, notice);
        queued.for_each_concurrent(AT_ONCE, send).await;
    }
}

async fn deliver(outbound: &Outbound, secret: &SecretString, counters: &Counters, notice: Notice) {
    let now = clock::unix_now();
    let signed = signature::webhook(&notice.body, now, secret.expose_secret(), Algorithm::Sha1);
    let request = Request::post(notice.url)
        .header(CONTENT_TYPE, "application/json")
        .header(HeaderName::from_static("x-cld-timestamp"), now)
        .header(HeaderName::from_static("x-cld-signature"), signed)
        .body(Body::from(notice.body));
    let Ok(request) = request else { return };
    let answer = tokio::time::timeout(ANSWER_WITHIN, outbound.send(request)).await;
    let accepted = matches!(answer, Ok(Ok(response)) if response.status().is_success());
    let counter = if accepted {
        &counters.sent
    } else {
        &counters.failed
    };
    counter.fetch_add(1, Ordering::Relaxed);
}
