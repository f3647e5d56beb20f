//! What every mistake says. No mistake shows the secret: `mistake` looks at each.

use super::*;

#[test]
fn each_wrong_value_is_named_with_what_is_allowed() {
    let table: &[(&'static str, &str, &str)] = &[
        (
            "CLDSYNC_WAIT_TIME",
            "21s",
            "a duration of whole seconds with a unit from 1s to 20s",
        ),
        (
            "CLDSYNC_WAIT_TIME",
            "20",
            "a duration of whole seconds with a unit from 1s to 20s",
        ),
        (
            "CLDSYNC_WAIT_TIME",
            "1500ms",
            "a duration of whole seconds with a unit from 1s to 20s",
        ),
        (
            "CLDSYNC_VISIBILITY_TIMEOUT",
            "9s",
            "a duration of whole seconds with a unit from 10s to 12h",
        ),
        (
            "CLDSYNC_VISIBILITY_TIMEOUT",
            "13h",
            "a duration of whole seconds with a unit from 10s to 12h",
        ),
        (
            "CLDSYNC_DRAIN_TIMEOUT",
            "0s",
            "a duration with a unit from 1s to 1h",
        ),
        (
            "CLDSYNC_MESSAGES_IN_FLIGHT",
            "0",
            "a whole number from 1 to 10000",
        ),
        (
            "CLDSYNC_MESSAGES_IN_FLIGHT",
            "10001",
            "a whole number from 1 to 10000",
        ),
        (
            "CLDSYNC_OPERATIONS_PER_SECOND",
            "0.5",
            "a whole number from 1 to 10000",
        ),
        ("CLDSYNC_TRANSFER", "S3", "s3, presigned, stream"),
        (
            "CLDSYNC_DELIVERY_TYPE",
            "public",
            "upload, private, authenticated",
        ),
        ("CLDSYNC_FOLDER_MODE", "flat", "auto, fixed, dynamic"),
        ("CLDSYNC_EXTENSION_TABLE", "old", "current, ftp2cld"),
        (
            "CLDSYNC_CHARACTERS",
            "keep",
            "fullwidth, underscore, reject",
        ),
        ("CLDSYNC_COLLISIONS", "oldest", "newest, keep-extension"),
        (
            "CLDSYNC_NOTIFICATION_URL",
            "hook.test",
            "an http:// or https:// URL",
        ),
        (
            "CLDSYNC_DEAD_LETTER_QUEUE_URL",
            "dlq",
            "an http:// or https:// URL",
        ),
        (
            "CLDSYNC_ADMIN_ADDR",
            "9090",
            "an IP address with a port, such as 0.0.0.0:9090",
        ),
        ("CLDSYNC_LOG_FORMAT", "xml", "json, text"),
        (
            "RUST_LOG",
            "worker=loud",
            "a filter such as `info` or `warn,sync_engine=debug`",
        ),
    ];
    for (name, value, allowed) in table {
        assert_eq!(
            mistake(&[(name, value)]),
            format!("{name} is `{value}`; allowed: {allowed}")
        );
    }
}

#[test]
fn a_wrong_flag_is_named_as_a_flag_and_a_wrong_key_as_a_key() {
    let flags = flags(&["--wait-time", "1h"]);
    let errors = Config::resolve(&flags, &environment(&[]))
        .expect_err("wrong")
        .to_string();
    assert!(
        errors.starts_with("--wait-time is `1h`; allowed: "),
        "{errors}"
    );
    let file = file("wait_time = 25\n");
    let error = mistake(&[("CLDSYNC_CONFIG", path(&file))]);
    assert!(
        error.starts_with(&format!("`wait_time` in {} is `25`; ", path(&file))),
        "{error}"
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    let environment = Environment::from_iter([
        ("CLOUDINARY_URL", "nonsense"),
        ("upload_only_mode", "maybe"),
        ("CLDSYNC_BUCKET", "my.bucket"),
        ("CLDSYNC_WAIT_TIMES", "1s"),
    ]);
    let errors = Config::resolve(&Flags::default(), &environment).expect_err("mistakes");
    let errors = errors.to_string();
    let begins: Vec<_> = errors
        .lines()
        .map(|line| line.split(' ').next().unwrap_or_default())
        .collect();
    assert_eq!(
        begins,
        [
            "CLDSYNC_WAIT_TIMES",
            "CLOUDINARY_URL",
            "CLDSYNC_QUEUE_URL",
            "CLDSYNC_BUCKET",
            "upload_only_mode"
        ],
        "{errors}"
    );
}

#[test]
fn a_missing_queue_is_told_with_every_way_to_give_it() {
    let environment = Environment::from_iter([("CLOUDINARY_URL", "cloudinary://k:s@demo")]);
    let errors = Config::resolve(&Flags::default(), &environment).expect_err("missing");
    assert_eq!(
        errors.to_string(),
        "CLDSYNC_QUEUE_URL (or --queue-url, `queue_url` in the configuration file) is missing; \
         allowed: an http:// or https:// URL"
    );
}

#[test]
fn a_wrong_account_is_told_without_its_text() {
    for url in [
        format!("https://key:{SECRET}@demo"),
        format!("cloudinary://key:{SECRET}"),
        format!("cloudinary://:{SECRET}@demo"),
        format!("cloudinary://key:{SECRET}@demo?signature_algorithm={SECRET}"),
    ] {
        let error = mistake(&[("CLDSYNC_CLOUDINARY_URL", &url)]);
        assert!(
            error.starts_with("CLDSYNC_CLOUDINARY_URL is `(hidden)`; "),
            "{error}"
        );
    }
}

#[test]
fn an_unknown_variable_is_refused_with_a_suggestion() {
    assert_eq!(
        mistake(&[("CLDSYNC_VISIBILTY_TIMEOUT", "60s")]),
        "CLDSYNC_VISIBILTY_TIMEOUT in the environment is no setting of cldsync; \
         did you mean CLDSYNC_VISIBILITY_TIMEOUT?"
    );
    let error = mistake(&[("CLDSYNC_SQS_ENDPOINT_ADDRESS_V2", "x")]);
    assert!(
        error.ends_with("docs/configuration.md lists every setting"),
        "{error}"
    );
}

#[test]
fn unknown_keys_and_broken_files_are_refused_with_their_place() {
    let table = [
        (
            "trasnfer = 's3'",
            "`trasnfer` in FILE is no setting of cldsync; did you mean `transfer`?",
        ),
        (
            "cloudinary_url = 'x'",
            "`cloudinary_url` in FILE is not allowed, because it holds a secret",
        ),
        (
            "[[route]]\nprefx = 'a'",
            "`prefx` in route 1 of FILE is no setting of cldsync; did you mean `prefix`?",
        ),
        (
            "[[route]]\nprefix = 1",
            "`prefix` in route 1 of FILE is not text",
        ),
        ("route = 'a'", "`route` in FILE is no list of tables"),
        (
            "wait_time = 1.5",
            "`wait_time` in FILE is of a type that is not allowed",
        ),
        (
            "wait_time = ['1s']",
            "`wait_time` in FILE is `1s`; allowed: ",
        ),
        (
            "a = 1\nb = = 2",
            "CLDSYNC_CONFIG is `FILE`; line 2 of the file is not TOML: ",
        ),
    ];
    for (text, begins) in table {
        let file = file(text);
        let error = mistake(&[("CLDSYNC_CONFIG", path(&file))]);
        let error = error.replace(path(&file), "FILE");
        assert!(error.starts_with(begins), "{error}");
    }
    let error = mistake(&[("CLDSYNC_CONFIG", "/no/such/file.toml")]);
    assert!(
        error.starts_with("CLDSYNC_CONFIG is `/no/such/file.toml`; the file cannot"),
        "{error}"
    );
}

#[test]
fn a_bucket_with_a_dot_cannot_be_pulled_by_cloudinary_itself() {
    let error = mistake(&[("CLDSYNC_BUCKET", "my.bucket")]);
    assert!(
        error.starts_with("CLDSYNC_BUCKET is `my.bucket`; the transfer mode `s3`"),
        "{error}"
    );
    with(&[
        ("CLDSYNC_BUCKET", "my.bucket"),
        ("CLDSYNC_TRANSFER", "presigned"),
    ]);
    let file = file("[[route]]\nbucket = 'b.c'\n");
    let error = mistake(&[("CLDSYNC_CONFIG", path(&file))]);
    assert!(
        error.starts_with("bucket of a route in the file is `b.c`; "),
        "{error}"
    );
}

#[test]
fn the_dead_letter_queue_is_another_queue() {
    let error = mistake(&[("CLDSYNC_DEAD_LETTER_QUEUE_URL", QUEUE)]);
    assert!(
        error.ends_with("are the same queue; allowed: two different queues"),
        "{error}"
    );
}

#[test]
fn a_token_alone_cannot_ask_what_is_delivered_privately() {
    let token = ("CLDSYNC_CLOUDINARY_URL", "cloudinary://demo?oauth_token=t");
    let skip = ("skip_reload_same_etag", "true");
    let error = mistake(&[token, skip, ("CLDSYNC_DELIVERY_TYPE", "private")]);
    assert!(
        error.starts_with("skip_reload_same_etag is `true` with the delivery type"),
        "{error}"
    );
    with(&[token, skip]);
}

#[test]
fn wrong_patterns_and_roots_are_told_by_their_setting() {
    let error = mistake(&[("CLDSYNC_EXCLUDE", "a[")]);
    assert!(error.starts_with("CLDSYNC_EXCLUDE is `a[`; "), "{error}");
    let error = mistake(&[("cld_sync_root", "a?b")]);
    assert!(error.starts_with("cld_sync_root is `a?b`; "), "{error}");
}
