//! Holds the values of labels to the catalogue: listed words to their list, others to a number.
//!
//! The catalogue promises that other rooms keep their lists short. This is the guard behind that
//! promise: a mistake there costs a blurred label here, never memory without end.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use super::spec::{MetricSpec, Values};

/// Different words that a label takes if the catalogue does not list them.
pub(super) const WORDS_MAX: usize = 100;
/// Stands for every word that is not taken.
pub(super) const OTHER: &str = "other";

/// The words of all labels of one metric.
#[derive(Debug, Clone)]
pub(super) struct Vocabulary<const N: usize>(Arc<[Words; N]>);

/// The words of one label.
#[derive(Debug)]
enum Words {
    Listed(&'static [&'static str]),
    Taken(RwLock<BTreeSet<String>>),
}

impl<const N: usize> Vocabulary<N> {
    /// No word has been taken yet.
    pub(super) fn new(spec: &'static MetricSpec) -> Self {
        assert_eq!(spec.labels.len(), N, "labels of {}", spec.name);
        let words = std::array::from_fn(|at| match spec.labels[at].values {
            Values::Listed(words) => Words::Listed(words),
            Values::Described(_) => Words::Taken(RwLock::default()),
        });
        Self(Arc::new(words))
    }

    /// The values to use for these words.
    pub(super) fn bound<'a>(&self, words: [&'a str; N]) -> [&'a str; N] {
        std::array::from_fn(|at| self.0[at].bound(words[at]))
    }
}

impl Words {
    fn bound<'a>(&self, word: &'a str) -> &'a str {
        let is_known = match self {
            Self::Listed(words) => words.contains(&word),
            Self::Taken(taken) => take(taken, word),
        };
        if is_known { word } else { OTHER }
    }
}

/// Whether the word is one of those that were taken first.
fn take(taken: &RwLock<BTreeSet<String>>, word: &str) -> bool {
    if taken
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .contains(word)
    {
        return true;
    }
    let mut taken = taken.write().unwrap_or_else(PoisonError::into_inner);
    if taken.len() < WORDS_MAX {
        taken.insert(word.to_owned());
    }
    taken.contains(word)
}
