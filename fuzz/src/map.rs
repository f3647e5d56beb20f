//! Two keys under one of the policies: whatever shares an asset is found by the sibling prefix.
//!
//! Input: one byte of policy, then the keys with a line feed between them.

use event_mapper::{ObjectRef, Rules};

use super::policy::rules;

/// Maps both keys of the input.
pub fn run(input: &[u8]) {
    let Some((policy, keys)) = input.split_first() else {
        return;
    };
    let Ok(keys) = std::str::from_utf8(keys) else {
        return;
    };
    let Some((one, other)) = keys.split_once('\n') else {
        return;
    };
    check(
        &rules(*policy),
        &ObjectRef::new("b", one),
        &ObjectRef::new("b", other),
    );
}

fn check(rules: &Rules, one: &ObjectRef, other: &ObjectRef) {
    let (mapped, also) = (rules.map(one, None), rules.map(other, None));
    let prefix = rules.sibling_prefix(one);
    if let Some(prefix) = &prefix {
        assert!(one.key.starts_with(prefix), "an object is its own sibling");
    }
    if one != other && mapped.asset().is_some() && mapped.asset() == also.asset() {
        let prefix = prefix.expect("an object that shares its asset has siblings");
        assert!(other.key.starts_with(&prefix), "siblings share the prefix");
    }
}
