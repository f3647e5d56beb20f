//! The deterministic simulation: the real engine in worlds where everything goes wrong, one world
//! for each seed.
//!
//! `CLDSYNC_SIM_SEED=n` repeats one seed and prints what happened; `CLDSYNC_SIM_SEEDS=n` runs that
//! many, from `CLDSYNC_SIM_SEED_START` on. What is promised, and why, is in `docs/guarantees.md`.

mod bucket;
mod cloud;
mod fleet;
mod library;
mod messages;
mod notify;
mod plan;
mod promises;
mod queue;
mod run;
mod saboteur;
mod seeds;
mod store;
mod trace;
mod users;
mod witness;
mod world;

use self::run::run;
use self::saboteur::Bug;
use self::seeds::Seeds;
use self::trace::Trace;

#[test]
fn simulation_keeps_every_promise_under_every_fault() {
    let seeds = Seeds::asked_for();
    let broken = seeds.first(|seed| run(seed, None, Trace::default()).violation.is_some());
    if let Some(seed) = broken.or(seeds.single()) {
        let report = run(seed, None, Trace::with_lines());
        seeds::print(seed, &report);
        assert_eq!(
            report.violation, None,
            "repeat with CLDSYNC_SIM_SEED={seed}"
        );
    }
}

#[test]
fn simulation_runs_alike_from_the_same_seed() {
    for seed in Seeds::few() {
        let hashes = [(); 2].map(|()| run(seed, None, Trace::default()).hash);
        assert_eq!(hashes[0], hashes[1], "seed {seed}");
    }
}

#[test]
fn simulation_finds_an_engine_that_acts_on_the_event_type() {
    assert_found(Bug::ActOnTheEventType);
}

#[test]
fn simulation_finds_an_engine_without_a_second_look() {
    assert_found(Bug::NoSecondLook);
}

#[test]
fn simulation_finds_an_engine_that_acknowledges_unclear_writes() {
    assert_found(Bug::AcknowledgeUnclear);
}

#[test]
fn simulation_finds_an_engine_that_destroys_on_a_denial() {
    assert_found(Bug::DestroyOnDenial);
}

#[test]
fn simulation_finds_an_engine_that_ignores_siblings() {
    assert_found(Bug::NoSiblings);
}

#[test]
fn simulation_finds_an_engine_that_believes_a_listed_key_to_be_unchanged() {
    assert_found(Bug::BelieveTheKey);
}

#[test]
fn simulation_finds_an_engine_that_deletes_before_it_dead_letters() {
    assert_found(Bug::DeleteBeforeLetter);
}

#[test]
fn simulation_finds_an_engine_that_gives_back_on_throttling() {
    assert_found(Bug::GiveBackOnThrottling);
}

fn assert_found(bug: Bug) {
    let found =
        Seeds::of_ci().first(|seed| run(seed, Some(bug), Trace::default()).violation.is_some());
    assert!(found.is_some(), "no seed shows {bug:?}");
}
