//! Every metric of a worker as a plain handle, registered under the name that the catalogue gives.
//!
//! A new metric gets its name, unit, help and labels in [`catalogue`], and a field here. The hot
//! path only touches handles; labels are checked against the catalogue, so that a series whose
//! labels it does not allow cannot appear.

pub mod catalogue;
mod family;
mod markdown;
mod oldest_message;
mod process;
mod spec;
mod vocabulary;

pub use family::{CounterFamily, GaugeFamily, HistogramFamily, Reading};
pub use markdown::render_markdown;
pub use oldest_message::OldestMessage;
pub use spec::{Kind, Label, MetricSpec, Values};

use std::time::SystemTime;

use prometheus::{Gauge, Histogram, IntCounter, Registry, TextEncoder};

use catalogue as c;
use family::Registrar;
use process::ProcessFigures;

/// What was built, for `cldsync_build_info`.
#[derive(Debug, Clone, Copy)]
pub struct BuildInfo {
    /// The version of the package.
    pub version: &'static str,
    /// The commit it was built from, or `unknown`.
    pub commit: &'static str,
}

/// Every metric of a worker. Each field is described by its constant in [`catalogue`].
#[derive(Debug)]
pub struct Metrics {
    /// [`c::CONVERGENCE_SECONDS`].
    pub convergence_seconds: Histogram,
    /// [`c::RECEIVES`] by outcome.
    pub receives: CounterFamily<1>,
    /// [`c::MESSAGES_RECEIVED`].
    pub messages_received: IntCounter,
    /// [`c::MESSAGES_DELETED`].
    pub messages_deleted: IntCounter,
    /// [`c::MESSAGE_DELETE_FAILURES`].
    pub message_delete_failures: IntCounter,
    /// [`c::MESSAGES_RELEASED`] by reason.
    pub messages_released: CounterFamily<1>,
    /// [`c::MESSAGES_DEAD_LETTERED`] by reason.
    pub messages_dead_lettered: CounterFamily<1>,
    /// [`c::MESSAGES_IN_FLIGHT`].
    pub messages_in_flight: Gauge,
    /// [`c::MESSAGES_IN_FLIGHT_LIMIT`].
    pub messages_in_flight_limit: Gauge,
    /// [`c::OLDEST_MESSAGE_AGE_SECONDS`].
    pub oldest_message: OldestMessage,
    /// [`c::QUEUE_MESSAGES`] by state.
    pub queue_messages: Reading<1>,
    /// [`c::DEAD_LETTER_QUEUE_MESSAGES`].
    pub dead_letter_queue_messages: Reading<0>,
    /// [`c::LEASE_EXTENSIONS`] by outcome.
    pub lease_extensions: CounterFamily<1>,
    /// [`c::LEASES_LOST`].
    pub leases_lost: IntCounter,
    /// [`c::RECORDS`] by envelope, event, outcome.
    pub records: CounterFamily<3>,
    /// [`c::RECONCILES`] by action, outcome.
    pub reconciles: CounterFamily<2>,
    /// [`c::RECONCILE_SECONDS`] by action.
    pub reconcile_seconds: HistogramFamily<1>,
    /// [`c::RECONCILE_RERUNS`] by cause.
    pub reconcile_reruns: CounterFamily<1>,
    /// [`c::SIZE_MISMATCHES`].
    pub size_mismatches: IntCounter,
    /// [`c::CLOUDINARY_REQUESTS`] by operation, code.
    pub cloudinary_requests: CounterFamily<2>,
    /// [`c::CLOUDINARY_REQUEST_SECONDS`] by operation.
    pub cloudinary_request_seconds: HistogramFamily<1>,
    /// [`c::CLOUDINARY_THROTTLED`] by kind.
    pub cloudinary_throttled: CounterFamily<1>,
    /// [`c::CLOUDINARY_THROTTLE_WAIT_SECONDS`].
    pub cloudinary_throttle_wait_seconds: Histogram,
    /// [`c::CLOUDINARY_IN_FLIGHT`].
    pub cloudinary_in_flight: Gauge,
    /// [`c::CLOUDINARY_LIMIT`].
    pub cloudinary_limit: Gauge,
    /// [`c::CLOUDINARY_PACE`].
    pub cloudinary_pace: Reading<0>,
    /// [`c::QUOTA_LIMIT`] by api.
    pub quota_limit: GaugeFamily<1>,
    /// [`c::QUOTA_REMAINING`] by api.
    pub quota_remaining: GaugeFamily<1>,
    /// [`c::QUOTA_RESET`] by api.
    pub quota_reset: GaugeFamily<1>,
    /// [`c::S3_REQUESTS`] by operation, outcome.
    pub s3_requests: CounterFamily<2>,
    /// [`c::S3_REQUEST_SECONDS`] by operation.
    pub s3_request_seconds: HistogramFamily<1>,
    /// [`c::PAUSED`] by reason.
    pub paused: GaugeFamily<1>,
    /// [`c::MASS_DELETE_HELD`].
    pub mass_delete_held: Gauge,
    /// [`c::DRAINING`].
    pub draining: Gauge,
    process: ProcessFigures,
    registry: Registry,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "compared with the catalogue by a test")
    )]
    registered: Vec<&'static MetricSpec>,
}

impl Metrics {
    /// The content type of [`Metrics::render`].
    pub const CONTENT_TYPE: &'static str = prometheus::TEXT_FORMAT;

    /// Registers every metric; `started_at` is the start of the process as a Unix time.
    pub fn new(build: BuildInfo, started_at: f64) -> Self {
        let mut r = Registrar::new();
        r.gauge_family(&c::BUILD_INFO)
            .with([build.version, build.commit])
            .set(1.0);
        Self {
            convergence_seconds: r.histogram(&c::CONVERGENCE_SECONDS),
            receives: r.counter_family(&c::RECEIVES),
            messages_received: r.counter(&c::MESSAGES_RECEIVED),
            messages_deleted: r.counter(&c::MESSAGES_DELETED),
            message_delete_failures: r.counter(&c::MESSAGE_DELETE_FAILURES),
            messages_released: r.counter_family(&c::MESSAGES_RELEASED),
            messages_dead_lettered: r.counter_family(&c::MESSAGES_DEAD_LETTERED),
            messages_in_flight: r.gauge(&c::MESSAGES_IN_FLIGHT),
            messages_in_flight_limit: r.gauge(&c::MESSAGES_IN_FLIGHT_LIMIT),
            oldest_message: OldestMessage::new(r.gauge(&c::OLDEST_MESSAGE_AGE_SECONDS)),
            queue_messages: r.reading(&c::QUEUE_MESSAGES),
            dead_letter_queue_messages: r.reading(&c::DEAD_LETTER_QUEUE_MESSAGES),
            lease_extensions: r.counter_family(&c::LEASE_EXTENSIONS),
            leases_lost: r.counter(&c::LEASES_LOST),
            records: r.counter_family(&c::RECORDS),
            reconciles: r.counter_family(&c::RECONCILES),
            reconcile_seconds: r.histogram_family(&c::RECONCILE_SECONDS),
            reconcile_reruns: r.counter_family(&c::RECONCILE_RERUNS),
            size_mismatches: r.counter(&c::SIZE_MISMATCHES),
            cloudinary_requests: r.counter_family(&c::CLOUDINARY_REQUESTS),
            cloudinary_request_seconds: r.histogram_family(&c::CLOUDINARY_REQUEST_SECONDS),
            cloudinary_throttled: r.counter_family(&c::CLOUDINARY_THROTTLED),
            cloudinary_throttle_wait_seconds: r.histogram(&c::CLOUDINARY_THROTTLE_WAIT_SECONDS),
            cloudinary_in_flight: r.gauge(&c::CLOUDINARY_IN_FLIGHT),
            cloudinary_limit: r.gauge(&c::CLOUDINARY_LIMIT),
            cloudinary_pace: r.reading(&c::CLOUDINARY_PACE),
            quota_limit: r.gauge_family(&c::QUOTA_LIMIT),
            quota_remaining: r.gauge_family(&c::QUOTA_REMAINING),
            quota_reset: r.gauge_family(&c::QUOTA_RESET),
            s3_requests: r.counter_family(&c::S3_REQUESTS),
            s3_request_seconds: r.histogram_family(&c::S3_REQUEST_SECONDS),
            paused: r.gauge_family(&c::PAUSED),
            mass_delete_held: r.gauge(&c::MASS_DELETE_HELD),
            draining: r.gauge(&c::DRAINING),
            process: ProcessFigures::new(&mut r, started_at),
            registered: r.registered,
            registry: r.registry,
        }
    }

    /// All metrics in Prometheus' text format.
    #[expect(
        clippy::disallowed_methods,
        reason = "ages are those at the time of the scrape"
    )]
    pub fn render(&self) -> String {
        self.process.refresh();
        self.oldest_message.refresh(SystemTime::now());
        // Only a family without a name or a metric fails to encode; neither can be registered.
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
