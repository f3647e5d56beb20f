//! The files of the checkout, as the checks of containers, Compose and Kubernetes read them, and
//! changed copies of them: what a check is worth is seen when what it checks is broken.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde::Deserialize;
use serde_json::Value;

/// A path of the checkout.
pub(crate) fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the checkout")
        .join(relative)
}

/// The text of a file.
pub(crate) fn read(relative: &str) -> String {
    fs::read_to_string(path(relative)).unwrap_or_else(|error| panic!("read {relative}: {error}"))
}

/// Every document of a YAML text, with its merge keys merged.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml_ng::Deserializer::from_str(text).map(|document| {
        let mut value = serde_yaml_ng::Value::deserialize(document).expect("YAML");
        value.apply_merge().expect("mappings to merge");
        serde_json::to_value(value).expect("keys that are text")
    });
    documents.collect()
}

/// A copy in which the value at a JSON pointer is another, or is new.
pub(crate) fn with(document: &Value, pointer: &str, value: Value) -> Value {
    let mut copy = document.clone();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let parent = copy
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("nothing at {parent}"));
    match parent {
        Value::Object(map) => {
            map.insert(key.replace("~1", "/"), value);
        }
        Value::Array(items) => items[key.parse::<usize>().expect("an index")] = value,
        _ => panic!("{pointer} leads into a scalar"),
    }
    copy
}

/// A copy without what a JSON pointer names.
pub(crate) fn without(document: &Value, pointer: &str) -> Value {
    let mut copy = document.clone();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let removed = match copy.pointer_mut(parent) {
        Some(Value::Object(map)) => map.remove(key),
        Some(Value::Array(items)) => key.parse().ok().map(|index: usize| items.remove(index)),
        _ => None,
    };
    assert!(removed.is_some(), "nothing at {pointer}");
    copy
}

/// Text at a JSON pointer; empty when there is none.
pub(crate) fn text<'a>(document: &'a Value, pointer: &str) -> &'a str {
    document
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The seconds in a text such as `25s`.
pub(crate) fn seconds(text: &str) -> u64 {
    let number = text
        .strip_suffix('s')
        .and_then(|number| number.parse().ok());
    number.unwrap_or_else(|| panic!("`{text}` is no number of seconds"))
}

/// Runs a program to its end, without input.
pub(crate) fn run(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output();
    output.unwrap_or_else(|error| panic!("start {command:?}: {error}"))
}

/// Everything that a program has written.
pub(crate) fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The version of the workspace, which images carry as their tag.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
