//! Damaged seeds: bits flipped, bytes put in and taken out, seeds joined, dictionary words added.
//!
//! The same generator state gives the same input, so a seed is all that a failure has to tell.

use std::ops::Range;

use fastrand::Rng;

use super::corpus::Corpus;

const MAX_CHANGES: usize = 8;
/// Repeated repetition grows quickly; longer inputs find nothing that shorter ones do not.
const MAX_BYTES: usize = 16 * 1024;

/// A seed with a few changes.
pub(crate) fn mutated(corpus: &Corpus, random: &mut Rng) -> Vec<u8> {
    let mut input = any_seed(corpus, random).to_vec();
    for _ in 0..random.usize(1..=MAX_CHANGES) {
        change(&mut input, corpus, random);
        input.truncate(MAX_BYTES);
    }
    input
}

fn change(input: &mut Vec<u8>, corpus: &Corpus, random: &mut Rng) {
    match random.u8(0..7) {
        0 => flip_a_bit(input, random),
        1 => {
            let at = random.usize(0..=input.len());
            input.insert(at, random.u8(..));
        }
        2 => {
            let range = any_range(input, random);
            input.drain(range);
        }
        3 => {
            let range = any_range(input, random);
            let copy = input[range.clone()].to_vec();
            insert(input, range.end, &copy);
        }
        4 => {
            let other = any_seed(corpus, random);
            input.truncate(random.usize(0..=input.len()));
            input.extend_from_slice(&other[random.usize(0..=other.len())..]);
        }
        5 => {
            let word = any_word(corpus, random);
            let range = any_range(input, random);
            input.splice(range, word.iter().copied());
        }
        _ => {
            let at = random.usize(0..=input.len());
            insert(input, at, any_word(corpus, random));
        }
    }
}

fn flip_a_bit(input: &mut [u8], random: &mut Rng) {
    if !input.is_empty() {
        input[random.usize(0..input.len())] ^= 1 << random.u8(0..8);
    }
}

fn insert(input: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    input.splice(at..at, bytes.iter().copied());
}

fn any_seed<'a>(corpus: &'a Corpus, random: &mut Rng) -> &'a [u8] {
    &corpus.seeds[random.usize(0..corpus.seeds.len())].1
}

fn any_word<'a>(corpus: &'a Corpus, random: &mut Rng) -> &'a [u8] {
    &corpus.words[random.usize(0..corpus.words.len())]
}

/// Mostly a short one, so that most of a seed keeps its meaning.
fn any_range(input: &[u8], random: &mut Rng) -> Range<usize> {
    let start = random.usize(0..=input.len());
    let most = if random.u8(0..4) == 0 { usize::MAX } else { 8 };
    let rest = (input.len() - start).min(most);
    start..start + random.usize(0..=rest)
}

#[test]
fn a_seed_gives_the_same_input_again_and_another_seed_another() {
    let corpus = Corpus::read("decode");
    let input = |seed| mutated(&corpus, &mut Rng::with_seed(seed));
    assert_eq!(input(7), input(7));
    let others = (0..50).map(input).collect::<std::collections::HashSet<_>>();
    assert!(others.len() > 40, "{} different inputs", others.len());
}

#[test]
fn inputs_stay_short_and_even_an_empty_seed_is_mutated() {
    let corpus = Corpus {
        seeds: vec![
            ("empty".to_owned(), Vec::new()),
            ("long".to_owned(), vec![b'a'; MAX_BYTES]),
        ],
        words: vec![b"word".to_vec()],
    };
    let inputs = (0..500).map(|seed| mutated(&corpus, &mut Rng::with_seed(seed)));
    let lengths: Vec<_> = inputs.map(|input| input.len()).collect();
    assert!(lengths.iter().all(|length| *length <= MAX_BYTES));
    assert!(lengths.iter().any(|length| (1..64).contains(length)));
}
