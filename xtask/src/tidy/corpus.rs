//! Finds copies of the test vectors that lie beside the checkout.
//!
//! Tests read those vectors where they are. A copy in the repository would go stale unseen.
//! Where the vectors are absent, there is nothing to compare and nothing is found.

use std::fs;
use std::path::Path;

use super::{Finding, Source};

/// A body shorter than this, such as `{"Records":[]}`, is nobody's work.
const MIN_CHARACTERS: usize = 60;

/// A vector by its file name, without its white space.
pub(crate) struct Vector {
    name: String,
    content: String,
}

/// Every JSON file below a directory; none when it does not exist.
pub(crate) fn read(directory: &Path) -> Vec<Vector> {
    let mut vectors = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            vectors.extend(read(&path));
        } else if let Ok(text) = fs::read_to_string(&path) {
            let name = entry.file_name().to_string_lossy().into_owned();
            vectors.push(Vector {
                name,
                content: squeeze(&text),
            });
        }
    }
    vectors
}

/// Files that hold the same as a vector, however they are indented.
pub(crate) fn check(sources: &[Source], vectors: &[Vector]) -> Vec<Finding> {
    let json = sources.iter().filter(|source| source.ends_with(&[".json"]));
    json.filter_map(|source| {
        let content = squeeze(&source.text);
        if content.len() < MIN_CHARACTERS {
            return None;
        }
        let vector = vectors.iter().find(|vector| vector.content == content)?;
        let what = format!(
            "a copy of the test vector {}, read it where it is",
            vector.name
        );
        Some(Finding::new(&source.path, 1, what))
    })
    .collect()
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(key: &str) -> String {
        format!("{{\n \"Records\": [{{\"s3\": {{\"object\": {{\"key\": \"{key}\"}}}}}}]\n}}\n")
    }

    fn findings(vector: &str, fixture: &str) -> usize {
        let vector = Vector {
            name: "01.json".into(),
            content: squeeze(vector),
        };
        let fixture = Source {
            path: "tests/fixtures/mine.json".into(),
            text: fixture.into(),
        };
        check(&[fixture], &[vector]).len()
    }

    #[test]
    fn a_reindented_copy_is_found() {
        let vector = body("happy-face-of-the-vectors.jpg");
        assert_eq!(findings(&vector, &vector.replace('\n', "\n\t")), 1);
    }

    #[test]
    fn a_fixture_of_our_own_is_fine() {
        let vector = body("happy-face-of-the-vectors.jpg");
        assert_eq!(findings(&vector, &body("a-face-of-our-own.jpg")), 0);
    }

    #[test]
    fn a_body_too_short_to_be_anybodys_is_fine() {
        assert_eq!(findings("{\"Records\": []}", "{\"Records\":[]}"), 0);
    }

    #[test]
    fn without_vectors_nothing_is_found() {
        assert!(read(Path::new("no/such/directory")).is_empty());
    }
}
