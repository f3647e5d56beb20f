//! Troubles the network to both services: stalls, cuts, and times in which a service is not there.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::Instant;

use super::proxy::Proxy;

/// Bounded like the saboteur's delays, and for the same reason.
const STALL_MS: Range<u64> = 500..3_000;
const OUTAGE_MS: Range<u64> = 500..4_000;
const FAIR_MS: Range<u64> = 2_000..6_000;

/// Does it, and counts by kind.
pub(super) struct Weather<'a> {
    to_aws: &'a Proxy,
    to_cloudinary: &'a Proxy,
    rng: Rng,
    unclear_until: Instant,
    pub(super) spells: BTreeMap<String, u64>,
}

impl<'a> Weather<'a> {
    pub(super) fn new(
        to_aws: &'a Proxy,
        to_cloudinary: &'a Proxy,
        seed: u64,
        unclear_until: Instant,
    ) -> Self {
        Self {
            to_aws,
            to_cloudinary,
            rng: Rng::with_seed(seed ^ 0x3EA7),
            unclear_until,
            spells: BTreeMap::new(),
        }
    }

    /// Goes on until the time is up; the weather is fair when it returns.
    pub(super) async fn run(&mut self, until: Instant) {
        while Instant::now() < until {
            self.pause(FAIR_MS).await;
            // A write to Cloudinary whose connection is cut is one in doubt.
            let may_doubt = Instant::now() < self.unclear_until;
            let (name, proxy, may_cut) = if self.rng.bool() {
                ("aws", self.to_aws, true)
            } else {
                ("cloudinary", self.to_cloudinary, may_doubt)
            };
            let spell = if may_cut { self.rng.u8(..3) } else { 0 };
            let kind = match spell {
                0 => self.stall(proxy).await,
                1 => self.outage(proxy).await,
                _ => cut(proxy),
            };
            *self.spells.entry(format!("{name}: {kind}")).or_default() += 1;
        }
    }

    async fn stall(&mut self, proxy: &Proxy) -> &'static str {
        proxy.set_stalled(true);
        self.pause(STALL_MS).await;
        proxy.set_stalled(false);
        "stall"
    }

    async fn outage(&mut self, proxy: &Proxy) -> &'static str {
        proxy.set_refusing(true);
        self.pause(OUTAGE_MS).await;
        proxy.set_refusing(false);
        "restart"
    }

    async fn pause(&mut self, milliseconds: Range<u64>) {
        let pause = self.rng.u64(milliseconds);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

fn cut(proxy: &Proxy) -> &'static str {
    proxy.cut();
    "cut"
}
