//! What was wanted, beside what was reached.

use serde::Serialize;

use crate::contender::Contender;
use crate::race::Run;
use crate::results::Results;
use crate::section::Sections;

const MEGABYTES_PER_MIB: f64 = 1.048_576;

/// One target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) wanted: String,
    pub(crate) reached: String,
    pub(crate) is_met: bool,
}

/// Those that were measured.
pub(crate) fn targets(results: &Results) -> Vec<Target> {
    let mut targets = race(results);
    targets.extend(beside_the_race(&results.sections));
    targets
}

fn race(results: &Results) -> Vec<Target> {
    let ratio = |top: Contender, bottom: Contender, number: fn(&Run) -> f64| {
        Some(results.spread(top, number)?.median / results.spread(bottom, number)?.median)
    };
    let cldsync =
        |number: fn(&Run) -> f64| Some(results.spread(Contender::Cldsync, number)?.median);
    let mut targets = Vec::new();
    if let Some(times) = ratio(Contender::Cldsync, Contender::Floor, Run::cpu_us_per_event) {
        targets.push(at_most("CPU per event, × the bare floor", times, 1.3, "×"));
    }
    for peer in [Contender::LambdaPython, Contender::SqsConsumerNode] {
        if let Some(times) = ratio(peer, Contender::Cldsync, Run::cpu_us_per_event) {
            let what = format!("times less CPU per event than {}", peer.name());
            targets.push(at_least(&what, times, 6.0, "×"));
        }
        if let Some(times) = ratio(peer, Contender::Cldsync, |run| run.peak_rss_mib) {
            let what = format!("times less memory than {}", peer.name());
            targets.push(at_least(&what, times, 5.0, "×"));
        }
    }
    if let Some(calls) = cldsync(Run::sqs_calls_per_event) {
        targets.push(at_most("SQS calls per event under load", calls, 0.25, ""));
    }
    if let Some(calls) = cldsync(Run::admin_calls_per_event) {
        // One call at the start is none per event.
        targets.push(at_most("Admin API calls per event", calls, 0.01, ""));
    }
    targets
}

fn beside_the_race(sections: &Sections) -> Vec<Target> {
    let mut targets = Vec::new();
    if let Some(latency) = &sections.latency {
        let what = "share of slots × 1/latency, 50 slots of 100 ms";
        targets.push(at_least(what, latency.share * 100.0, 97.0, " %"));
    }
    if let Some(memory) = &sections.memory {
        let sizes = memory.by_backlog.iter().map(|one| one.peak_rss_mib);
        let (small, large) = sizes.fold((f64::MAX, 0.0_f64), |(small, large), size| {
            (small.min(size), large.max(size))
        });
        let what = "memory with a long queue, × that with a short one";
        targets.push(at_most(what, large / small, 1.2, "×"));
        let what = format!("memory with {} messages in flight", memory.held_messages);
        let megabytes = memory.held_peak_rss_mib * MEGABYTES_PER_MIB;
        targets.push(at_most(&what, megabytes, 150.0, " MB"));
    }
    if let Some(startup) = &sections.startup {
        let what = "start to first receive";
        targets.push(at_most(what, startup.milliseconds.median, 100.0, " ms"));
    }
    for rate in sections.queue.iter().flatten() {
        let what = format!(
            "the emulated queue's messages/s with {} waiting",
            rate.backlog
        );
        targets.push(at_least(&what, rate.messages_per_second, 20_000.0, ""));
    }
    targets
}

fn at_most(what: &str, reached: f64, wanted: f64, unit: &str) -> Target {
    Target {
        what: what.to_owned(),
        wanted: format!("≤ {}{unit}", plain(wanted)),
        reached: format!("{}{unit}", plain(reached)),
        is_met: reached <= wanted,
    }
}

fn at_least(what: &str, reached: f64, wanted: f64, unit: &str) -> Target {
    Target {
        wanted: format!("≥ {}{unit}", plain(wanted)),
        is_met: reached >= wanted,
        ..at_most(what, reached, wanted, unit)
    }
}

/// Three figures are what such measurements are worth.
pub(crate) fn plain(number: f64) -> String {
    match number.abs() {
        size if size >= 100.0 => format!("{number:.0}"),
        size if size >= 10.0 => format!("{number:.1}"),
        0.0 => "0".to_owned(),
        size if size >= 0.01 => format!("{number:.2}"),
        _ => format!("{number:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_met_at_its_edge() {
        assert!(at_most("x", 1.3, 1.3, "×").is_met);
        assert!(!at_most("x", 1.31, 1.3, "×").is_met);
        assert!(at_least("x", 6.0, 6.0, "×").is_met);
        assert!(!at_least("x", 5.9, 6.0, "×").is_met);
    }

    #[test]
    fn numbers_have_three_figures() {
        let shown = [1234.5, 12.345, 1.2345, 0.0, 0.000_26].map(plain);
        assert_eq!(shown, ["1234", "12.3", "1.23", "0", "0.0003"]);
    }
}
