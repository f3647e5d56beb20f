//! Documents with one thing broken, and the problem that must be found then: a check that finds
//! nothing is worth as much as no check.
//!
//! Listed one to a line: an optional kind of object, a JSON pointer, the new value or `-`, and after
//! `=>` how the problem begins.

use serde_json::Value;

use super::checkout::{with, without};

/// One line of such a list.
#[derive(Debug)]
pub(crate) struct Breakage<'a> {
    /// The kind of the object that is broken; empty where there is only one document.
    pub(crate) kind: &'a str,
    pointer: &'a str,
    value: Option<Value>,
    problem: &'a str,
}

impl<'a> Breakage<'a> {
    /// Every line that is no comment.
    pub(crate) fn all(list: &'a str) -> Vec<Self> {
        let lines = list.lines().filter(|line| !line.starts_with('#'));
        lines.map(Self::parse).collect()
    }

    /// The document with this broken.
    pub(crate) fn apply(&self, document: &Value) -> Value {
        match &self.value {
            Some(value) => with(document, self.pointer, value.clone()),
            None => without(document, self.pointer),
        }
    }

    /// What to say when the problem is not among those that were found.
    pub(crate) fn missed(&self, found: &[String]) -> Option<String> {
        let expected = |problem: &String| problem.starts_with(self.problem);
        let seen = found.iter().any(expected);
        (!seen).then(|| format!("{self:?}, but found {found:?}"))
    }

    fn parse(line: &'a str) -> Self {
        let (change, problem) = line.split_once(" => ").expect("what is found");
        let (kind, change) = match change.split_once(' ') {
            Some((kind, change)) if !kind.starts_with('/') => (kind, change),
            _ => ("", change),
        };
        let (pointer, value) = change.split_once(' ').expect("a pointer and a value");
        let value = (value != "-").then(|| serde_json::from_str(value).expect("JSON"));
        Self {
            kind,
            pointer,
            value,
            problem,
        }
    }
}
