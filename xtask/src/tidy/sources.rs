//! Checks the text of files: headers, length, file names, leftovers and machine paths.
//!
//! Lines are read as text, not parsed: an attribute counts where rustfmt puts it, at the start
//! of its line. Lock files are left out, because their hashes spell anything.

use super::{Finding, Source};

const MAX_LINES: usize = 400;

/// Everything that is wrong with one file.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if source.ends_with(&[".rs"]) {
        findings.extend(header(source));
        findings.extend(length(source));
        findings.extend(file_name(source));
        findings.extend(bare_allow(source));
    }
    if !source.ends_with(&[".lock", "package-lock.json"]) {
        findings.extend(leftovers(source));
        findings.extend(machine_paths(source));
    }
    findings
}

fn header(source: &Source) -> Option<Finding> {
    let what = "the module does not say what it is, begin with a `//!` header";
    (!source.text.starts_with("//!")).then(|| Finding::new(&source.path, 1, what))
}

fn length(source: &Source) -> Option<Finding> {
    let lines = source.text.lines().count();
    let what = || format!("the file has {lines} lines, {MAX_LINES} are allowed");
    (lines > MAX_LINES).then(|| Finding::new(&source.path, lines, what()))
}

fn file_name(source: &Source) -> Option<Finding> {
    let name = source.path.rsplit('/').next().unwrap_or_default();
    let what = match name {
        "mod.rs" => "`mod.rs` hides the module's name, use `name.rs` beside `name/`",
        "utils.rs" | "helpers.rs" => "a drawer for anything, name the file after what it holds",
        _ => return None,
    };
    Some(Finding::new(&source.path, 1, what))
}

fn bare_allow(source: &Source) -> Vec<Finding> {
    let starts = [concat!("#[all", "ow("), concat!("#![all", "ow(")];
    let what = "a lint is allowed for good, use `#[expect(…, reason = \"…\")]`";
    let matches = |line: &str| {
        starts
            .iter()
            .any(|start| line.trim_start().starts_with(start))
    };
    lines_where(source, matches, what)
}

fn leftovers(source: &Source) -> Vec<Finding> {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME")];
    let what = "a leftover marker, finish the work or write an issue";
    lines_where(
        source,
        |line| words.iter().any(|word| has_word(line, word)),
        what,
    )
}

fn machine_paths(source: &Source) -> Vec<Finding> {
    let roots = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
    ];
    let what = "a path of one machine, use a path below the checkout";
    lines_where(
        source,
        |line| roots.iter().any(|root| has_path(line, root)),
        what,
    )
}

fn lines_where(source: &Source, matches: impl Fn(&str) -> bool, what: &str) -> Vec<Finding> {
    let lines = source.numbered().filter(|(_, line)| matches(line));
    lines
        .map(|(number, _)| Finding::new(&source.path, number, what))
        .collect()
}

fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        !line[..start].ends_with(part_of_word)
            && !line[start + word.len()..].starts_with(part_of_word)
    })
}

/// Whether a path begins here, rather than an object key or URL going on.
fn has_path(line: &str, root: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || "_-.~}>*:%+/".contains(c);
    line.match_indices(root)
        .any(|(start, _)| !line[..start].ends_with(goes_on))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        let source = Source {
            path: path.into(),
            text: text.into(),
        };
        check(&source).iter().map(ToString::to_string).collect()
    }

    fn only(path: &str, text: &str) -> String {
        let [finding] = findings(path, text).try_into().unwrap();
        finding
    }

    #[test]
    fn a_plain_module_has_no_findings() {
        assert!(findings("crates/x/src/lib.rs", "//! What it is.\n\npub struct X;\n").is_empty());
    }

    #[test]
    fn a_module_without_a_header_is_found() {
        assert!(only("crates/x/src/lib.rs", "use std::fs;\n").contains("`//!` header"));
    }

    #[test]
    fn a_file_of_401_lines_is_found_and_one_of_400_is_not() {
        let lines = |count: usize| format!("//! Long.\n{}", "\n".repeat(count - 1));
        assert!(findings("src/a.rs", &lines(400)).is_empty());
        assert!(only("src/a.rs", &lines(401)).starts_with("src/a.rs:401: "));
    }

    #[test]
    fn a_nameless_module_file_is_found() {
        assert!(only("src/tidy/mod.rs", "//! A module.\n").contains("name.rs"));
        assert!(only("src/utils.rs", "//! A drawer.\n").contains("drawer"));
    }

    #[test]
    fn a_bare_allow_is_found_and_one_in_a_string_is_not() {
        let allow = concat!("#[all", "ow(dead_code)]");
        let text = format!("//! X.\n    {allow}\nlet s = \"{allow}\";\n");
        assert!(only("src/a.rs", &text).starts_with("src/a.rs:2: "));
    }

    #[test]
    fn a_leftover_marker_is_found_in_any_text_file() {
        let text = format!("key: 1 # {}: later\n", concat!("TO", "DO"));
        assert!(only("deploy/a.yaml", &text).starts_with("deploy/a.yaml:1: "));
    }

    #[test]
    fn a_word_that_contains_a_marker_is_no_leftover() {
        let text = format!("{}S and METHODS\n", concat!("TO", "DO"));
        assert!(findings("a.md", &text).is_empty());
    }

    #[test]
    fn a_machine_path_is_found_and_an_object_key_is_not() {
        let path = concat!("/ho", "me/me/x");
        assert!(only("a.md", &format!("see {path}")).starts_with("a.md:1: "));
        assert!(only("a.md", &format!("\"{path}\"")).starts_with("a.md:1: "));
        assert!(findings("a.md", &format!("s3://bucket{path}")).is_empty());
    }

    #[test]
    fn a_lock_file_may_spell_anything() {
        let text = format!("hash = \"{}\"\n", concat!("TO", "DO"));
        assert!(findings("Cargo.lock", &text).is_empty());
    }
}
