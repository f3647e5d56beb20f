//! Two keys under one of the policies: whatever shares an asset is found by the sibling prefix.
//!
//! Input: one byte of policy, then the keys with a line feed between them.
#![no_main]

use event_mapper::{Characters, Collisions, FolderMode, ObjectRef, Rules, RulesConfig};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
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
});

fn rules(policy: u8) -> Rules {
    let config = RulesConfig {
        characters: match policy % 3 {
            0 => Characters::Fullwidth,
            1 => Characters::Underscore,
            _ => Characters::Reject,
        },
        collisions: if policy & 4 == 0 {
            Collisions::Newest
        } else {
            Collisions::KeepExtension
        },
        folder_mode: if policy & 8 == 0 {
            FolderMode::Fixed
        } else {
            FolderMode::Dynamic
        },
        ..RulesConfig::default()
    };
    Rules::new(&config).expect("no contradiction in these settings")
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
