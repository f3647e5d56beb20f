//! Include and exclude patterns, read as `.gitignore` reads them.
//!
//! They are matched against the key below the route's prefix. `*` and `?` stop at a slash, `**`
//! does not. A pattern without a slash matches the last segment at any depth (`*.tmp`); a
//! leading slash ties it to the root; a trailing slash means everything below (`drafts/`).
//! Exclude beats include.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use super::RulesError;
use crate::SkipReason;

#[derive(Debug, Clone)]
pub(super) struct Filter {
    /// `None` lets everything in.
    include: Option<GlobSet>,
    exclude: GlobSet,
}

impl Filter {
    pub(super) fn new(include: &[String], exclude: &[String]) -> Result<Self, RulesError> {
        Ok(Self {
            include: if include.is_empty() {
                None
            } else {
                Some(compile(include)?)
            },
            exclude: compile(exclude)?,
        })
    }

    /// Why a key is left out, if it is.
    pub(super) fn skip(&self, below_root: &str) -> Option<SkipReason> {
        if self.exclude.is_match(below_root) {
            return Some(SkipReason::Excluded);
        }
        match &self.include {
            Some(include) if !include.is_match(below_root) => Some(SkipReason::NotIncluded),
            _ => None,
        }
    }
}

fn compile(patterns: &[String]) -> Result<GlobSet, RulesError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(glob(pattern).map_err(|source| invalid(pattern, source))?);
    }
    set.build()
        .map_err(|source| invalid(&patterns.join(" "), source))
}

fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    let anchored = pattern.trim_end_matches('/').contains('/');
    let tail = if pattern.ends_with('/') { "**" } else { "" };
    let head = if anchored { "" } else { "**/" };
    let path = pattern.strip_prefix('/').unwrap_or(pattern);
    GlobBuilder::new(&format!("{head}{path}{tail}"))
        .literal_separator(true)
        .backslash_escape(true)
        .build()
}

fn invalid(pattern: &str, source: globset::Error) -> RulesError {
    RulesError::InvalidPattern {
        pattern: pattern.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excludes(pattern: &str, key: &str) -> bool {
        Filter::new(&[], &[pattern.to_owned()])
            .expect(pattern)
            .skip(key)
            .is_some()
    }

    #[test]
    fn patterns_match_as_in_gitignore() {
        let table = [
            ("*.tmp", "a.tmp", true),
            ("*.tmp", "x/y/a.tmp", true),
            ("/*.tmp", "a.tmp", true),
            ("/*.tmp", "x/a.tmp", false),
            ("x/*.tmp", "x/a.tmp", true),
            ("x/*.tmp", "x/y/a.tmp", false),
            ("x/*.tmp", "w/x/a.tmp", false),
            ("x/**/*.tmp", "x/y/z/a.tmp", true),
            ("drafts/", "drafts/a/b.jpg", true),
            ("drafts/", "x/drafts/a.jpg", true),
            ("drafts/", "drafts", false),
            ("/drafts/", "x/drafts/a.jpg", false),
            ("*.{jpg,png}", "a.png", true),
            ("*.jpg", "a.JPG", false),
            ("été/*", "été/日本.jpg", true),
        ];
        for (pattern, key, matches) in table {
            assert_eq!(excludes(pattern, key), matches, "{pattern} on {key}");
        }
    }

    #[test]
    fn exclude_beats_include() {
        let filter = Filter::new(&["*.jpg".to_owned()], &["private/".to_owned()]).expect("valid");
        assert_eq!(filter.skip("a.jpg"), None);
        assert_eq!(filter.skip("a.png"), Some(SkipReason::NotIncluded));
        assert_eq!(filter.skip("private/a.jpg"), Some(SkipReason::Excluded));
    }

    #[test]
    fn a_broken_pattern_is_named() {
        let error = Filter::new(&["a[".to_owned()], &[]).expect_err("broken");
        assert_eq!(
            error.to_string(),
            "include or exclude pattern `a[` is not a glob"
        );
    }
}
