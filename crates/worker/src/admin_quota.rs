//! The hourly quota of the Admin API: what Cloudinary told of it, and whether one more call may be
//! made.
//!
//! Apart from uploads and destroys, which have limits of another kind. The few Admin calls of a
//! worker are made while it starts and cannot wait for a turn; so they are only kept from a quota
//! that is known to be used up, and the decision is [`adaptive_limit::quota::Quota`]'s.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use adaptive_limit::quota::{Need, Quota, QuotaSettings, Reading};
use cloudinary_core::{ApiError, ErrorKind, RateLimit};
use telemetry::Metrics;
use telemetry::metrics::GaugeFamily;
use tokio::time::Instant;

/// The label of the only API with a quota.
const API: [&str; 1] = ["admin"];

/// The quota as far as it is known here.
#[derive(Debug)]
pub(crate) struct AdminQuota {
    quota: Mutex<Quota>,
    started: Instant,
}

impl AdminQuota {
    /// Nothing is known yet.
    pub(crate) fn new() -> Self {
        Self {
            quota: Mutex::new(Quota::new(QuotaSettings::default())),
            started: Instant::now(),
        }
    }

    /// Counts one call, or says what Cloudinary would: that the quota is used up, and until when.
    pub(crate) fn take(&self) -> Result<(), ApiError> {
        let now = self.started.elapsed();
        let taken = self.quota().start(Need::Essential, now, fastrand::f64());
        taken.map_err(|until| ApiError {
            retry_at: Some(moment(until.saturating_sub(now))),
            ..ApiError::new(
                ErrorKind::QuotaExhausted,
                "the hourly quota of the Admin API is used up, so nothing was sent",
            )
        })
    }

    /// An answer told this.
    pub(crate) fn told(&self, limit: &RateLimit, metrics: &Metrics) {
        show(&metrics.quota_limit, limit.limit.map(count));
        show(&metrics.quota_remaining, limit.remaining.map(count));
        let since_epoch = |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).ok();
        let reset = limit.reset.and_then(since_epoch);
        show(&metrics.quota_reset, reset.map(|it| it.as_secs_f64()));
        if let (Some(remaining), Some(reset)) = (limit.remaining, limit.reset) {
            self.read(u32::try_from(remaining).unwrap_or(u32::MAX), reset);
        }
    }

    /// A call was refused; a quota that is used up is remembered.
    pub(crate) fn refused(&self, error: &ApiError, metrics: &Metrics) {
        if let (ErrorKind::QuotaExhausted, Some(reset)) = (error.kind, error.retry_at) {
            let limit = RateLimit {
                remaining: Some(0),
                reset: Some(reset),
                ..RateLimit::default()
            };
            self.told(&limit, metrics);
        }
    }

    fn read(&self, remaining: u32, reset: SystemTime) {
        let now = self.started.elapsed();
        let reset = now + until(reset);
        self.quota().read(Reading { remaining, reset }, now);
    }

    fn quota(&self) -> MutexGuard<'_, Quota> {
        self.quota.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn show(gauge: &GaugeFamily<1>, value: Option<f64>) {
    if let Some(value) = value {
        gauge.with(API).set(value);
    }
}

fn count(value: u64) -> f64 {
    f64::from(u32::try_from(value).unwrap_or(u32::MAX))
}

/// Cloudinary names a moment, we wait.
#[expect(clippy::disallowed_methods, reason = "moments of Cloudinary's clock")]
pub(crate) fn until(moment: SystemTime) -> Duration {
    moment.duration_since(SystemTime::now()).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "moments of Cloudinary's clock")]
fn moment(wait: Duration) -> SystemTime {
    SystemTime::now() + wait
}

#[cfg(test)]
mod tests {
    use cloudinary_core::Disposition;
    use telemetry::BuildInfo;

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn metrics() -> Metrics {
        let build = BuildInfo {
            version: "0",
            commit: "0",
        };
        Metrics::new(build, 0.0)
    }

    fn limit(remaining: u64) -> RateLimit {
        RateLimit {
            limit: Some(500),
            remaining: Some(remaining),
            reset: Some(moment(HOUR)),
            feature: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_call_is_made_from_a_quota_that_is_used_up_until_it_is_full_again() {
        let (quota, metrics) = (AdminQuota::new(), metrics());
        quota.take().expect("nothing is known");
        quota.told(&limit(1), &metrics);
        quota.take().expect("one is left");
        let error = quota.take().expect_err("none is left");
        assert_eq!(error.disposition(), Disposition::Throttled);
        let wait = until(error.retry_at.expect("a moment"));
        assert!(wait > HOUR / 2 && wait < HOUR * 2, "{wait:?}");
        tokio::time::advance(HOUR + Duration::from_secs(1)).await;
        quota.take().expect("it is full again");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_for_the_quota_is_remembered_and_no_other() {
        let (quota, metrics) = (AdminQuota::new(), metrics());
        let refusal = |kind| ApiError {
            retry_at: Some(moment(HOUR)),
            ..ApiError::new(kind, "")
        };
        quota.refused(&refusal(ErrorKind::RateLimited), &metrics);
        quota.take().expect("that was about something else");
        quota.refused(&refusal(ErrorKind::QuotaExhausted), &metrics);
        quota.take().expect_err("used up");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_told_can_be_seen() {
        let (quota, metrics) = (AdminQuota::new(), metrics());
        quota.told(&limit(123), &metrics);
        let seen = [&metrics.quota_limit, &metrics.quota_remaining].map(|it| it.with(API).get());
        assert!(
            seen.map(f64::to_bits) == [500.0, 123.0].map(f64::to_bits),
            "{seen:?}"
        );
        assert!(metrics.quota_reset.with(API).get() > 0.0);
    }
}
