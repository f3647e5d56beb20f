//! Every metric of a worker as a plain handle, registered under the name that the catalogue gives.
//!
//! A new metric gets its name, unit, help and labels in [`catalogue`], and a field here. The hot
//! path only touches handles; labels are checked against the catalogue, so that a series whose
//! labels it does not allow cannot appear.

pub mod catalogue;
mod family;
mod markdown;
mod process;
mod spec;

pub use family::{CounterFamily, GaugeFamily, HistogramFamily};
pub use markdown::render_markdown;
pub use spec::{Kind, Label, MetricSpec, Values};

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
    pub fn render(&self) -> String {
        self.process.refresh();
        // Only a family without a name or a metric fails to encode; neither can be registered.
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics() -> Metrics {
        Metrics::new(
            BuildInfo {
                version: "1.2.3",
                commit: "abc",
            },
            1_700_000_000.0,
        )
    }

    #[test]
    fn every_metric_of_the_catalogue_is_registered_and_no_other() {
        let mut registered: Vec<_> = metrics().registered.iter().map(|spec| spec.name).collect();
        let mut described: Vec<_> = c::catalogue().map(|spec| spec.name).collect();
        registered.sort_unstable();
        described.sort_unstable();
        assert_eq!(registered, described);
    }

    #[test]
    fn names_say_their_unit_and_kind_as_prometheus_asks() {
        for spec in c::catalogue() {
            assert!(
                spec.name.starts_with("cldsync_") || spec.name.starts_with("process_"),
                "{}",
                spec.name
            );
            match spec.kind {
                Kind::Counter => assert!(spec.name.ends_with("_total"), "{}", spec.name),
                Kind::Histogram(buckets) => {
                    assert!(spec.name.ends_with("_seconds"), "{}", spec.name);
                    assert!(
                        buckets.windows(2).all(|pair| pair[0] < pair[1]),
                        "{}",
                        spec.name
                    );
                }
                Kind::Gauge => assert!(!spec.name.ends_with("_total"), "{}", spec.name),
            }
            assert!(spec.help.ends_with('.'), "{}", spec.name);
        }
    }

    #[test]
    fn listed_label_values_are_there_before_anything_happened() {
        let text = metrics().render();
        assert!(
            text.contains("cldsync_receives_total{outcome=\"empty\"} 0"),
            "{text}"
        );
        assert!(
            text.contains("cldsync_paused{reason=\"queue\"} 0"),
            "{text}"
        );
        assert!(
            text.contains("cldsync_build_info{commit=\"abc\",version=\"1.2.3\"} 1"),
            "{text}"
        );
    }

    #[test]
    fn a_label_value_that_the_catalogue_does_not_list_becomes_other() {
        let metrics = metrics();
        metrics.receives.with(["surprise"]).inc();
        let text = metrics.render();
        assert!(
            text.contains("cldsync_receives_total{outcome=\"other\"} 1"),
            "{text}"
        );
        assert!(!text.contains("surprise"), "{text}");
    }

    #[test]
    fn the_page_has_every_metric_with_its_help() {
        let page = render_markdown();
        for spec in c::catalogue() {
            assert!(
                page.contains(&format!("### `{}`", spec.name)),
                "{}",
                spec.name
            );
            assert!(page.contains(spec.help), "{}", spec.name);
        }
    }
}
