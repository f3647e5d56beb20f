//! Several routes: which wins, and which pairs are refused.

use event_mapper::{Characters, Route, Rules, RulesConfig, RulesError};

use crate::support::{mapped, rules};

fn route(bucket: Option<&str>, prefix: &str, root: &str) -> Route {
    Route {
        bucket: bucket.map(str::to_owned),
        prefix: prefix.to_owned(),
        cloudinary_root: root.to_owned(),
    }
}

fn check(routes: &[Route]) -> Result<Rules, RulesError> {
    Rules::new(&RulesConfig {
        routes: routes.to_vec(),
        ..RulesConfig::default()
    })
}

#[test]
fn the_longest_prefix_wins_and_a_named_bucket_beats_any() {
    let rules = rules(|config| {
        config.routes = vec![
            route(None, "", "rest"),
            route(None, "a", "short"),
            route(None, "a/b", "long"),
            route(Some("pictures"), "a", "mine"),
            route(Some("other"), "a/b/c", "theirs"),
        ];
    });
    assert_eq!(mapped(&rules, "a/b/c/x.jpg"), "image/upload/long/c/x");
    assert_eq!(mapped(&rules, "a/x.jpg"), "image/upload/mine/x");
    assert_eq!(mapped(&rules, "ab/x.jpg"), "image/upload/rest/ab/x");
}

#[test]
fn a_route_for_one_bucket_leaves_the_others_alone() {
    let rules = rules(|config| config.routes = vec![route(Some("other"), "", "")]);
    assert_eq!(mapped(&rules, "x.jpg"), "skipped: outside_routes");
}

#[test]
fn slashes_around_a_prefix_or_a_root_do_not_matter() {
    for (prefix, root) in [("a", "b"), ("a/", "b/"), ("/a", "/b"), ("//a//", "//b//")] {
        let rules = rules(|config| config.routes = vec![route(None, prefix, root)]);
        assert_eq!(
            mapped(&rules, "a/x.jpg"),
            "image/upload/b/x",
            "{prefix} {root}"
        );
    }
}

#[test]
fn roots_that_meet_are_refused_by_name() {
    let pairs = [
        ((None, "a", "x"), (None, "b", "x")),
        ((None, "a", "x"), (None, "b", "x/y")),
        ((None, "a", "x/y"), (None, "b", "x")),
        ((None, "", ""), (None, "a", "b")),
        ((Some("p"), "", "x"), (Some("q"), "", "x")),
        ((None, "", "x"), (Some("q"), "", "x")),
        // The route above would write a/b to the same place as a/c.
        ((None, "a", "x"), (None, "a/b", "x/c")),
    ];
    for (first, second) in pairs {
        let routes = [
            route(first.0, first.1, first.2),
            route(second.0, second.1, second.2),
        ];
        let error = check(&routes).expect_err("roots meet");
        assert!(matches!(error, RulesError::SharedIds(..)), "{error}");
    }
    let error = check(&[route(None, "a", "x"), route(Some("q"), "b", "x/y")]).expect_err("meet");
    assert_eq!(
        error.to_string(),
        "routes `s3://*/a -> /x` and `s3://q/b -> /x/y` could give two objects the same public ID"
    );
}

#[test]
fn a_route_that_repeats_the_one_above_it_is_allowed() {
    assert!(check(&[route(None, "", ""), route(None, "a", "a")]).is_ok());
    assert!(check(&[route(None, "a/b c?", "x/b c？"), route(None, "a", "x")]).is_ok());
    assert!(check(&[route(None, "a", "x"), route(None, "b", "xy")]).is_ok());
}

#[test]
fn a_root_must_be_the_beginning_of_a_public_id() {
    for root in ["a//b", "a?b", " a", "a/../b", &"r".repeat(256)] {
        let error = check(&[route(None, "a", root)]).expect_err(root);
        assert!(matches!(error, RulesError::InvalidRoot { .. }), "{error}");
    }
}

#[test]
fn no_route_and_the_same_route_twice_are_refused() {
    assert!(matches!(check(&[]), Err(RulesError::NoRoutes)));
    let error = check(&[route(None, "a", "x"), route(None, "/a/", "y")]).expect_err("twice");
    assert!(matches!(error, RulesError::SameKeys(..)), "{error}");
}

#[test]
fn whether_a_route_repeats_another_depends_on_the_characters() {
    let routes = vec![route(None, "", ""), route(None, "a?", "a_")];
    let config = RulesConfig {
        routes,
        ..RulesConfig::default()
    };
    assert!(Rules::new(&config).is_err());
    assert!(
        Rules::new(&RulesConfig {
            characters: Characters::Underscore,
            ..config
        })
        .is_ok()
    );
}
