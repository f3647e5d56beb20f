//! Where other objects of the same asset can be.

use event_mapper::{Characters, Collisions, Route, Rules};
use proptest::prelude::*;

use crate::support::{object, rules};

fn prefix(rules: &Rules, key: &str) -> Option<String> {
    rules.sibling_prefix(&object(key))
}

/// Every combination of the settings that can bring keys together.
fn all_rules() -> Vec<Rules> {
    let routes = |pairs: &[(&str, &str)]| -> Vec<Route> {
        let route = |(prefix, root): &(&str, &str)| Route {
            bucket: None,
            prefix: (*prefix).to_owned(),
            cloudinary_root: (*root).to_owned(),
        };
        pairs.iter().map(route).collect()
    };
    let mut all = Vec::new();
    for characters in [
        Characters::Fullwidth,
        Characters::Underscore,
        Characters::Reject,
    ] {
        for collisions in [Collisions::Newest, Collisions::KeepExtension] {
            for routes in [
                routes(&[("", "")]),
                routes(&[("", ""), ("a", "a"), ("a/b", "a/b")]),
                routes(&[("a", "x"), ("b", "y/z")]),
                routes(&[("", ""), ("_", "_"), ("a/_", "a/_")]),
            ] {
                all.push(rules(|config| {
                    config.characters = characters;
                    config.collisions = collisions;
                    config.routes = routes;
                }));
            }
        }
    }
    all
}

/// Few characters, so that keys often meet.
fn short_key() -> impl Strategy<Value = String> {
    "[ab_? /]{0,4}[ab_?](\\.(jpg|png|mp4|csv|))?"
}

/// A key and another that only differs where a policy might not notice.
fn close_keys() -> impl Strategy<Value = (String, String)> {
    let variants = proptest::collection::vec(
        prop_oneof![
            Just(("a", "a")),
            Just(("_", "?")),
            Just(("?", "&")),
            Just(("/", "/")),
            Just((" ", "_")),
            Just(("/", "_")),
            Just(("b", "b")),
            Just(("_", "_")),
        ],
        1..6,
    );
    let extension = prop_oneof![
        Just(""),
        Just(".jpg"),
        Just(".png"),
        Just(".csv"),
        Just(" .jpg")
    ];
    (variants, extension.clone(), extension).prop_map(|(parts, one, other)| {
        let left: String = parts.iter().map(|(left, _)| *left).collect();
        let right: String = parts.iter().map(|(_, right)| *right).collect();
        (left + one, right + other)
    })
}

fn assert_siblings_are_found(rules: &Rules, a: &str, b: &str) -> Result<(), TestCaseError> {
    let (one, other) = (rules.map(&object(a), None), rules.map(&object(b), None));
    if a == b || one.asset().is_none() || one.asset() != other.asset() {
        return Ok(());
    }
    for key in [a, b] {
        let Some(prefix) = prefix(rules, key) else {
            return Err(TestCaseError::fail(format!(
                "{a:?} and {b:?} meet, {key:?} denies it"
            )));
        };
        prop_assert!(
            a.starts_with(&prefix) && b.starts_with(&prefix),
            "{:?} {:?} {:?}",
            a,
            b,
            prefix
        );
    }
    Ok(())
}

#[test]
fn pictures_with_other_extensions_lie_under_the_stem_and_its_dot() {
    let rules = rules(|_| ());
    assert_eq!(prefix(&rules, "a/photo.jpg").as_deref(), Some("a/photo."));
    assert_eq!(
        prefix(&rules, "a/b?c .tar.mp4").as_deref(),
        Some("a/b?c .tar.")
    );
}

#[test]
fn an_object_that_nothing_can_meet_has_no_siblings() {
    let newest = rules(|_| ());
    for key in [
        "a.csv",
        "a",
        ".jpg",
        "a/",
        "../a.jpg",
        ".wellknown/cloudinary/x",
    ] {
        assert_eq!(prefix(&newest, key), None, "{key}");
    }
    let keep = rules(|config| config.collisions = Collisions::KeepExtension);
    assert_eq!(prefix(&keep, "a.jpg"), None);
}

#[test]
fn underscores_widen_the_prefix_to_the_first_of_them() {
    let rules = rules(|config| config.characters = Characters::Underscore);
    assert_eq!(prefix(&rules, "a/b_c.jpg").as_deref(), Some("a/b"));
    assert_eq!(prefix(&rules, "a/b?c.csv").as_deref(), Some("a/b"));
    assert_eq!(prefix(&rules, "a/b .jpg").as_deref(), Some("a/b"));
    assert_eq!(prefix(&rules, "a/b.jpg").as_deref(), Some("a/b."));
    assert_eq!(prefix(&rules, "a/b.csv"), None);
}

#[test]
fn underscores_of_the_prefix_do_not_count() {
    let rules = rules(|config| {
        config.characters = Characters::Underscore;
        config.routes[0].prefix = "my_pictures".to_owned();
    });
    assert_eq!(
        prefix(&rules, "my_pictures/a_b.jpg").as_deref(),
        Some("my_pictures/a")
    );
    assert_eq!(
        prefix(&rules, "my_pictures/ab.jpg").as_deref(),
        Some("my_pictures/ab.")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn keys_that_meet_by_chance_find_each_other(a in short_key(), b in short_key()) {
        for rules in all_rules() {
            assert_siblings_are_found(&rules, &a, &b)?;
        }
    }

    #[test]
    fn keys_made_to_meet_find_each_other((a, b) in close_keys()) {
        for rules in all_rules() {
            assert_siblings_are_found(&rules, &a, &b)?;
        }
    }
}
