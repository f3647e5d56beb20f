//! Four real workers on one account with 20 slots: how much of it they use, and how often they are
//! refused.
//!
//! The workers are processes and everything goes over HTTP; the Cloudinary is inside the test, so
//! that its limit can change while it runs. A run goes by calls, not by time: it warms up, is
//! measured, meets a smaller limit, and then the old one again. What was seen becomes a figure for
//! `cargo xtask plot rate-control`, if that asks for it.

mod feeder;
mod figure;
mod fleet;
mod record;
mod stage;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use self::feeder::Feeder;
use self::fleet::Fleet;
use self::record::Measured;
use self::stage::Stage;
use crate::programs::Binaries;
use crate::world::{environment, log_tail, patience};

const WORKERS: usize = 4;
const SLOTS: usize = 20;
const FEWER_SLOTS: usize = 8;
/// Answered calls of each part of the run. The first ones are the slow start with its refusals.
const WARM_UP: u64 = 200;
const MEASURED: u64 = 500;
const WITH_FEWER_SLOTS: u64 = 80;
const AT_THE_END: u64 = 100;
/// One call in 130 asks for more, and one that is granted may push out another: 1 in 100 is
/// refused in the scenario of four workers. Over so few calls chance adds to that.
const REFUSED_AT_MOST: f64 = 0.04;
/// A slot is empty from an answer to the next call. On a machine that makes even the looks late,
/// the workers' next calls are late as well, and that is not the limiter's doing.
const USED_AT_LEAST: f64 = 0.9;
const USED_AT_LEAST_IF_STARVED: f64 = 0.6;
/// So many busy slots are all of them, as a single look sees it, when so many looks see it in a row.
const ALMOST_ALL: usize = SLOTS - 2;
const LOOKS: usize = 10;
/// Each part takes some seconds; only a failure uses this up.
const PATIENCE: Duration = Duration::from_mins(3);

#[tokio::test(flavor = "multi_thread")]
async fn four_workers_use_an_account_in_full_and_are_rarely_refused() {
    let Some(binaries) = Binaries::find("rates") else {
        return;
    };
    let stage = Stage::set(&binaries).await;
    let mut feeder = Feeder::new(&stage);
    feeder.top_up().await;
    let mut fleet = Fleet::start(WORKERS, &binaries, &stage).await;
    let end = CancellationToken::new();
    let (account, workers, measured, ()) = tokio::join!(
        record::account(&stage, &end),
        record::workers(&stage, &fleet, &end),
        perform(&stage, &end),
        feeder.run(&end),
    );
    if let Some(file) = environment::given("CLDSYNC_RATES_FIGURE") {
        figure::write(&file, &account, &workers);
    }
    log_tail::say(&measured.to_string());
    stage.wait_until_empty().await;
    fleet.stop().await;
    stage.assert_equal(feeder.objects());
    let used = measured.share_used();
    let wanted = if measured.is_starved() {
        USED_AT_LEAST_IF_STARVED
    } else {
        USED_AT_LEAST
    };
    assert!(
        used >= wanted,
        "only {used:.3} of the slots used, {wanted} wanted"
    );
    let refused = measured.share_refused();
    assert!(
        refused <= REFUSED_AT_MOST,
        "{refused:.3} of the calls refused"
    );
}

/// The parts of a run; ends it.
async fn perform(stage: &Stage, end: &CancellationToken) -> Measured {
    stage.wait_for_calls(WARM_UP).await;
    let measured = record::measure(stage, stage.wait_for_calls(MEASURED)).await;
    stage.set_slots(FEWER_SLOTS);
    stage.wait_for_calls(WITH_FEWER_SLOTS).await;
    stage.set_slots(SLOTS);
    wait_until_full_again(stage).await;
    stage.wait_for_calls(AT_THE_END).await;
    end.cancel();
    measured
}

/// Waits until what was given up has been asked back.
async fn wait_until_full_again(stage: &Stage) {
    let mut full = 0;
    patience::within(PATIENCE, "all slots are used again", async || {
        full = if stage.look().in_flight >= ALMOST_ALL {
            full + 1
        } else {
            0
        };
        (full >= LOOKS).then_some(())
    })
    .await;
}
