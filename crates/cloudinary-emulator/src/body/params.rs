//! The parameters of one call, whatever form they came in.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::reply::Refusal;

/// Names with their values, in the order they came, and the file if there was one.
#[derive(Debug, Default, Clone)]
pub(crate) struct Params {
    entries: Vec<Entry>,
    pub(crate) file: Option<File>,
}

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    values: Vec<String>,
    /// Came as a list, so a comma is part of a value and not between two.
    listed: bool,
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
        let (name, listed) = list_name(name).map_or((name, false), |name| (name, true));
        if name == "file" {
            self.file = Some(File::Text(Bytes::from(value)));
            return;
        }
        if let Some(known) = self.entries.iter_mut().find(|known| known.name == name) {
            known.values.push(value);
            known.listed = true;
            return;
        }
        let (name, values) = (name.to_owned(), vec![value]);
        self.entries.push(Entry {
            name,
            values,
            listed,
        });
    }

    /// The names that came, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
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

    /// The values of a list, or one value cut at its commas.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let Some(entry) = self.entry(name) else {
            return Vec::new();
        };
        let cut = |value: &String| -> Vec<String> {
            value
                .split(',')
                .map(|item| item.trim().to_owned())
                .collect()
        };
        let items = entry.values.iter().flat_map(|value| {
            if entry.listed {
                vec![value.clone()]
            } else {
                cut(value)
            }
        });
        items.filter(|item| !item.is_empty()).collect()
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
        self.entry(name).map_or(&[], |entry| &entry.values)
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
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
