//! The fuzz targets on any compiler: every seed, then seeded mutations of the seeds.
//!
//! libFuzzer searches deeper with the same targets, see `fuzz/README.md` and `cargo xtask fuzz`.
//! `CLDSYNC_FUZZ_ITERATIONS` is the number of mutations that each target gets, `CLDSYNC_FUZZ_SEED`
//! the seed of the first; the next ones follow it. A failure names the seed of its input.

mod corpus;
mod dictionary;
mod mutation;
#[path = "../fuzz/src/lib.rs"]
#[expect(
    unreachable_pub,
    reason = "a library of its own where libFuzzer calls it"
)]
mod targets;

use std::collections::BTreeSet;
use std::panic::catch_unwind;

use fastrand::Rng;

use self::corpus::Corpus;
use self::targets::{TARGETS, Target};

const ITERATIONS: u64 = 2_000;

// `cargo xtask fuzz` finds the test of a target by the target's name, with which it begins.

#[test]
fn admin_answers_or_closes_whatever_is_sent() {
    endure("admin");
}

#[test]
fn cloudinary_url_gives_an_account_or_a_reason_and_never_its_secret() {
    endure("cloudinary_url");
}

#[test]
fn decode_reads_any_bytes_or_sets_them_aside() {
    endure("decode");
}

#[test]
fn explain_says_of_any_bytes_what_decoding_says() {
    endure("explain");
}

#[test]
fn headers_of_any_kind_are_read_or_left_alone() {
    endure("headers");
}

#[test]
fn map_lets_any_two_objects_of_an_asset_find_each_other() {
    endure("map");
}

#[test]
fn response_of_any_kind_is_read_or_classified_without_its_credentials() {
    endure("response");
}

#[test]
fn every_target_has_seeds_a_dictionary_a_test_and_a_libfuzzer_binary() {
    let names: BTreeSet<_> = TARGETS
        .iter()
        .map(|target| target.name.to_owned())
        .collect();
    assert_eq!(names.len(), TARGETS.len());
    for part in ["corpus", "dictionaries", "fuzz_targets"] {
        assert_eq!(corpus::names_in(part), names, "{part}");
    }
    for name in names {
        assert!(
            include_str!("fuzz.rs").contains(&format!("\nfn {name}_")),
            "{name}"
        );
    }
}

/// Feeds the target every seed of its corpus, then mutations.
fn endure(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name);
    let target = target.expect("a target of that name");
    let corpus = Corpus::read(name);
    for (file, input) in &corpus.seeds {
        attempt(target, &format!("{file} of the corpus"), input);
    }
    let first = number("CLDSYNC_FUZZ_SEED").unwrap_or(1);
    let iterations = number("CLDSYNC_FUZZ_ITERATIONS").unwrap_or(ITERATIONS);
    for seed in first..first.saturating_add(iterations) {
        let input = mutation::mutated(&corpus, &mut Rng::with_seed(seed));
        attempt(target, &format!("CLDSYNC_FUZZ_SEED={seed}"), &input);
    }
}

fn attempt(target: &Target, origin: &str, input: &[u8]) {
    let outcome = catch_unwind(|| (target.run)(input));
    assert!(
        outcome.is_ok(),
        "{} fails for {origin}: {}",
        target.name,
        input.escape_ascii()
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long to search is chosen by whoever starts the tests"
)]
fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{variable}={text} is not a number")))
}
