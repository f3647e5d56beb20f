//! The seeds and the dictionary of a target, as they lie in `fuzz/`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::dictionary;

/// What the mutations of one target are made of.
pub(crate) struct Corpus {
    /// File names with contents, by name, so that a seed number means the same everywhere.
    pub(crate) seeds: Vec<(String, Vec<u8>)>,
    /// Words that mean something to the target.
    pub(crate) words: Vec<Vec<u8>>,
}

impl Corpus {
    /// Reads the files of the target.
    pub(crate) fn read(target: &str) -> Self {
        let dictionary = directory("dictionaries").join(format!("{target}.dict"));
        let dictionary = fs::read_to_string(dictionary).expect("a dictionary");
        Self {
            seeds: seeds(&directory("corpus").join(target)),
            words: dictionary::parse(&dictionary),
        }
    }
}

/// The names, without their endings, of what a directory of `fuzz/` holds.
pub(crate) fn names_in(part: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(directory(part)).expect(part);
    entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().expect("a name");
            name.to_string_lossy().into_owned()
        })
        .collect()
}

fn seeds(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(directory).expect("a corpus");
    let mut seeds: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy();
            (name.into_owned(), fs::read(&path).expect("a seed"))
        })
        .collect();
    seeds.sort_unstable();
    assert!(!seeds.is_empty(), "{} is empty", directory.display());
    seeds
}

fn directory(part: &str) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.join("../fuzz").join(part)
}
