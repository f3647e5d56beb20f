//! The parameters of one call, whatever form they came in.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::reply::Refusal;

/// Names with their values, in the order they came, and the file if there was one.
#[derive(Debug, Default, Clone)]
pub(crate) struct Params {
    entries: Vec<(String, Vec<String>)>,
    pub(crate) file: Option<File>,
}

/// What the `file` parameter held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum File {
    /// A part with a file name.
    Bytes { name: String, bytes: Bytes },
    /// A URL or a data URI.
    Text(Bytes),
}

impl Params {
    /// Adds a value; `k[]` and `k[0]` are `k` said again.
    pub(crate) fn push(&mut self, name: &str, value: String) {
        let name = list_name(name).unwrap_or(name);
        if name == "file" {
            self.file = Some(File::Text(Bytes::from(value)));
            return;
        }
        match self.entries.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => values.push(value),
            None => self.entries.push((name.to_owned(), vec![value])),
        }
    }

    /// The names that came, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| name.as_str())
    }

    /// The first value that is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values(name)
            .iter()
            .map(String::as_str)
            .find(|value| !value.is_empty())
    }

    /// All values joined with commas, as signatures see them.
    pub(crate) fn text(&self, name: &str) -> String {
        self.values(name).join(",")
    }

    /// 1, 0, true and false are booleans; anything else is no answer.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)?.to_ascii_lowercase().as_str() {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        }
    }

    /// Repeated values, or one value cut at its commas.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let whole = |values: &[String]| values.iter().filter(|v| !v.is_empty()).cloned().collect();
        match self.values(name) {
            [one] => one
                .split(',')
                .map(str::trim)
                .filter(|v| !v.is_empty())
                .map(str::to_owned)
                .collect(),
            many => whole(many),
        }
    }

    /// `k=v|k2=v2`, where a backslash makes the next `=` or `|` part of the text.
    pub(crate) fn map(&self, name: &str) -> BTreeMap<String, String> {
        self.values(name)
            .iter()
            .flat_map(|value| pairs(value))
            .collect()
    }

    /// Like `get`, and its absence is an error.
    pub(crate) fn require(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name)
            .ok_or_else(|| Refusal::missing_parameter(name))
    }

    fn values(&self, name: &str) -> &[String] {
        self.entries
            .iter()
            .find(|(known, _)| known == name)
            .map_or(&[], |(_, values)| values)
    }
}

fn list_name(name: &str) -> Option<&str> {
    let (base, index) = name.strip_suffix(']')?.split_once('[')?;
    index.bytes().all(|b| b.is_ascii_digit()).then_some(base)
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut key, mut part) = (None, String::new());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => part.extend(chars.next()),
            '=' if key.is_none() => key = Some(std::mem::take(&mut part)),
            '|' => found.extend(key.take().map(|key| (key, std::mem::take(&mut part)))),
            other => part.push(other),
        }
    }
    found.extend(key.map(|key| (key, part)));
    found
}
