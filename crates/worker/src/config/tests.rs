//! Who wins, what the defaults are, and that the secret is never shown. What every mistake says is
//! in `mistakes`.

mod mistakes;
mod traces;

use std::io::Write;
use std::time::Duration;

use clap::Command;
use event_mapper::{Characters, Collisions, ExtensionTable, Route};
use tempfile::NamedTempFile;

use super::*;

const SECRET: &str = "s3cr3t-Pa55";
const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/123/photos";

/// Enough to start with.
fn minimal() -> Vec<(&'static str, String)> {
    vec![
        ("CLOUDINARY_URL", format!("cloudinary://key:{SECRET}@demo")),
        ("CLDSYNC_QUEUE_URL", QUEUE.to_owned()),
    ]
}

fn environment(more: &[(&'static str, &str)]) -> Environment {
    let more = more
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    minimal().into_iter().chain(more).collect()
}

fn flags(arguments: &[&str]) -> Flags {
    let command = Flags::add_to(Command::new("worker").no_binary_name(true));
    Flags::from_matches(&command.try_get_matches_from(arguments).expect("good flags"))
}

fn with(more: &[(&'static str, &str)]) -> Config {
    Config::resolve(&Flags::default(), &environment(more)).expect("a good configuration")
}

/// The one mistake in these settings.
fn mistake(more: &[(&'static str, &str)]) -> String {
    let errors = Config::resolve(&Flags::default(), &environment(more))
        .expect_err("a mistake")
        .to_string();
    assert!(!errors.contains(SECRET), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    errors
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("write");
    file
}

fn path(file: &NamedTempFile) -> &str {
    file.path().to_str().expect("UTF-8")
}

#[test]
fn without_more_than_account_and_queue_the_defaults_are_the_documented_ones() {
    let config = with(&[]);
    assert_eq!(config.queue_url, QUEUE);
    assert_eq!(config.dead_letter_queue_url, None);
    assert_eq!(config.rules.routes, [Route::default()]);
    assert_eq!(config.rules.characters, Characters::Fullwidth);
    assert_eq!(config.rules.collisions, Collisions::Newest);
    assert_eq!(config.rules.extension_table, ExtensionTable::Current);
    assert_eq!(config.folder_mode, FolderModeChoice::Auto);
    assert_eq!(config.transfer, Transfer::S3);
    assert_eq!(config.upload, UploadOptions::default());
    assert!(!config.upload_only && !config.skip_same_etag);
    assert_eq!(config.admin_addr.to_string(), "0.0.0.0:9090");
    assert_eq!(
        (config.log_format, config.log_filter.as_str()),
        (LogFormat::Json, "info")
    );
    let limits = config.limits;
    assert_eq!(limits.messages_in_flight.get(), 100);
    assert_eq!(
        (limits.concurrency_initial, limits.concurrency_max.get()),
        (slots(10), 50)
    );
    assert_eq!(limits.operations_per_second, None);
    assert_eq!(limits.destroys_per_minute, None);
    assert_eq!(limits.visibility_timeout, Duration::from_mins(2));
    assert_eq!(limits.wait_time, Duration::from_secs(20));
    assert_eq!(limits.drain_timeout, Duration::from_secs(25));
}

#[test]
fn defaults_of_the_table_agree_with_those_of_the_engine() {
    let ours = with(&[])
        .engine_settings(FolderMode::Fixed, 0)
        .expect("good rules");
    let theirs = Settings::new(ours.rules.clone());
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
}

#[test]
fn the_brake_on_mass_deletes_reaches_the_engine() {
    let name = "CLDSYNC_MAX_DESTROYS_PER_MINUTE";
    let settings = with(&[(name, "250")])
        .engine_settings(FolderMode::Fixed, 0)
        .expect("good rules");
    assert_eq!(settings.destroys_per_minute.map(u32::from), Some(250));
    let refused = mistake(&[(name, "0")]);
    assert!(
        refused.contains("a whole number from 1 to 100000"),
        "{refused}"
    );
}

#[test]
fn flag_beats_variable_beats_other_name_beats_file_beats_default() {
    let file = file("upload_only_mode = true\nwait_time = '1s'\ntags = ['a,b', 'c']\n");
    let from = |flag: &[&str], variables: &[(&'static str, &str)]| {
        let mut variables = variables.to_vec();
        variables.push(("CLDSYNC_CONFIG", path(&file)));
        Config::resolve(&flags(flag), &environment(&variables))
            .expect("good")
            .upload_only
    };
    let ours = ("CLDSYNC_UPLOAD_ONLY_MODE", "true");
    assert!(from(&[], &[]), "file beats default");
    assert!(
        !from(&[], &[("upload_only_mode", "no")]),
        "other name beats file"
    );
    assert!(
        from(&[], &[("upload_only_mode", "no"), ours]),
        "variable beats other name"
    );
    assert!(
        !from(&["--upload-only-mode=false"], &[ours]),
        "flag beats variable"
    );
    assert!(
        from(&["--upload-only-mode"], &[("upload_only_mode", "0")]),
        "a bare flag is true"
    );
    let config = with(&[("CLDSYNC_CONFIG", path(&file))]);
    assert_eq!(config.limits.wait_time, Duration::from_secs(1));
    assert_eq!(config.upload.tags, ["a,b", "c"]);
}

#[test]
fn the_lambdas_own_names_work() {
    let config = with(&[
        ("s3_sync_root", "in/"),
        ("cld_sync_root", "out"),
        ("notification_url", "https://hook.test/x"),
        ("upload_only_mode", "TRUE"),
        ("skip_reload_same_etag", "Yes"),
    ]);
    let route = &config.rules.routes[0];
    assert_eq!(
        (route.prefix.as_str(), route.cloudinary_root.as_str()),
        ("in/", "out")
    );
    assert_eq!(
        config.upload.notification_url.as_deref(),
        Some("https://hook.test/x")
    );
    assert!(config.upload_only && config.skip_same_etag);
}

#[test]
fn an_empty_variable_is_not_set() {
    let config = with(&[("CLDSYNC_WAIT_TIME", ""), ("CLDSYNC_S3_SYNC_ROOT", " ")]);
    assert_eq!(config.limits.wait_time, Duration::from_secs(20));
    assert_eq!(config.rules.routes[0].prefix, "");
}

#[test]
fn booleans_are_read_in_any_case_and_nothing_else_is_one() {
    for (text, value) in [
        ("true", true),
        ("YES", true),
        ("1", true),
        ("False", false),
        ("0", false),
    ] {
        assert_eq!(
            with(&[("upload_only_mode", text)]).upload_only,
            value,
            "{text}"
        );
    }
    assert_eq!(
        mistake(&[("upload_only_mode", "maybe")]),
        "upload_only_mode is `maybe`; allowed: true, false, 1, 0, yes, no"
    );
}

#[test]
fn the_account_can_come_from_a_file_and_only_from_one_place() {
    let secret = file(&format!("cloudinary://key:{SECRET}@other\n"));
    let alone = Environment::from_iter([
        ("CLDSYNC_CLOUDINARY_URL_FILE", path(&secret)),
        ("CLDSYNC_QUEUE_URL", QUEUE),
    ]);
    let config = Config::resolve(&Flags::default(), &alone).expect("good");
    assert_eq!(config.account.cloud_name.as_str(), "other");
    assert_eq!(
        mistake(&[("CLDSYNC_CLOUDINARY_URL_FILE", path(&secret))]),
        "CLOUDINARY_URL and CLDSYNC_CLOUDINARY_URL_FILE are both set; allowed: one of them"
    );
    let broken = file(SECRET);
    let environment = Environment::from_iter([
        ("CLDSYNC_CLOUDINARY_URL_FILE", path(&broken)),
        ("CLDSYNC_QUEUE_URL", QUEUE),
    ]);
    let error = Config::resolve(&Flags::default(), &environment)
        .expect_err("broken")
        .to_string();
    assert!(
        error.contains("wrong scheme") && !error.contains(SECRET),
        "{error}"
    );
}

#[test]
fn the_secret_is_neither_in_debug_nor_in_the_effective_settings() {
    let config = with(&[(
        "notification_url",
        "https://user:t0ken@hook.test/x?key=t0ken",
    )]);
    let shown = format!("{config:?}");
    assert!(!shown.contains(SECRET), "{shown}");
    let shown = format!("{:?}", config.effective);
    assert!(
        shown.contains("(hidden)") && shown.contains("hook.test/x"),
        "{shown}"
    );
    assert!(
        !shown.contains(SECRET) && !shown.contains("t0ken"),
        "{shown}"
    );
}

#[test]
fn routes_come_from_the_file_and_exclude_the_settings_of_a_single_route() {
    let file = file(
        "[[route]]\nbucket = 'a'\nprefix = 'p'\ncloudinary_root = 'x'\n\
                     [[route]]\nbucket = 'b'\ncloudinary_root = 'y'\n",
    );
    let config = with(&[("CLDSYNC_CONFIG", path(&file))]);
    assert_eq!(config.rules.routes.len(), 2);
    assert_eq!(config.rules.routes[0].bucket.as_deref(), Some("a"));
    assert_eq!(
        mistake(&[("CLDSYNC_CONFIG", path(&file)), ("s3_sync_root", "p")]),
        "s3_sync_root is set beside `[[route]]` of the configuration file; allowed: one of them"
    );
}

#[test]
fn a_smaller_maximum_lowers_the_default_start_but_contradicts_a_start_that_was_set() {
    let limits = with(&[("CLDSYNC_CONCURRENCY_MAX", "4")]).limits;
    assert_eq!(limits.concurrency_initial, slots(4));
    assert_eq!(
        mistake(&[
            ("CLDSYNC_CONCURRENCY_MAX", "4"),
            ("CLDSYNC_CONCURRENCY_INITIAL", "5")
        ]),
        "CLDSYNC_CONCURRENCY_INITIAL is `5`, more than CLDSYNC_CONCURRENCY_MAX with `4`; \
         allowed: at most the maximum"
    );
}

fn slots(count: usize) -> Start {
    Start::Slots(NonZeroUsize::new(count).expect("not zero"))
}

#[test]
fn a_known_fleet_starts_with_its_share_of_the_account() {
    let settings = |more: &[_]| {
        let config = with(more);
        let settings = config.engine_settings(FolderMode::Fixed, 0);
        settings.expect("good rules").calls_at_start
    };
    assert_eq!(settings(&[]), slots(10));
    let count = |n| NonZeroUsize::new(n).expect("not zero");
    let share = Start::Share {
        account: count(20),
        workers: count(4),
    };
    let known = [("CLDSYNC_FLEET_SIZE", "4"), ("CLDSYNC_ACCOUNT_SLOTS", "20")];
    assert_eq!(settings(&known), share);
    let both = [known[0], known[1], ("CLDSYNC_CONCURRENCY_INITIAL", "7")];
    assert_eq!(settings(&both), share, "the share wins");
}

#[test]
fn half_of_a_share_is_a_mistake() {
    assert_eq!(
        mistake(&[("CLDSYNC_FLEET_SIZE", "4")]),
        "CLDSYNC_FLEET_SIZE is set without CLDSYNC_ACCOUNT_SLOTS; allowed: both or neither"
    );
    assert_eq!(
        mistake(&[("CLDSYNC_ACCOUNT_SLOTS", "20")]),
        "CLDSYNC_ACCOUNT_SLOTS is set without CLDSYNC_FLEET_SIZE; allowed: both or neither"
    );
    let zero = mistake(&[("CLDSYNC_FLEET_SIZE", "0"), ("CLDSYNC_ACCOUNT_SLOTS", "20")]);
    assert!(zero.contains("CLDSYNC_FLEET_SIZE"), "{zero}");
}

#[test]
fn rules_can_be_had_without_queue_and_account() {
    let environment = Environment::from_iter([("s3_sync_root", "in")]);
    Config::resolve_rules(&Flags::default(), &environment).expect("good rules");
    let wrong = Environment::from_iter([("CLDSYNC_CHARACTERS", "x")]);
    Config::resolve_rules(&Flags::default(), &wrong).expect_err("a mistake");
}

#[test]
fn every_default_of_the_table_is_an_allowed_value() {
    // Each default is read by the first test; here it is read once more as if it were given.
    for setting in settings::all() {
        if let Some(default) = setting.default {
            with(&[(setting.name, default)]);
        }
    }
}

#[test]
fn the_page_and_the_help_have_every_setting() {
    let page = render_markdown();
    let mut command = Flags::add_to(Command::new("worker"));
    let help = command.render_long_help().to_string();
    for setting in settings::all() {
        assert!(
            page.contains(&format!("### `{}`", setting.name)),
            "{}",
            setting.name
        );
        if let Some(flag) = setting.flag() {
            assert!(help.contains(&format!("--{flag}")), "{flag}");
        }
    }
    assert!(!help.contains("--cloudinary-url "), "{help}");
    command.debug_assert();
}
