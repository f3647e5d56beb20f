//! Settings that are wrong in ways that put a secret where an error message could quote it.

use super::needles::{API_KEY, API_SECRET, in_url};
use super::stage::Stage;
use crate::programs::Variables;

/// What a start is refused for.
pub(super) struct Wrong {
    pub(super) name: &'static str,
    pub(super) arguments: Vec<String>,
    pub(super) variables: Variables,
}

/// Every kind.
pub(super) fn all(stage: &Stage) -> Vec<Wrong> {
    let good = good_url(stage);
    let mut all: Vec<_> = urls(&good)
        .into_iter()
        .map(|(name, url)| with(stage, name, "CLOUDINARY_URL", url))
        .collect();
    all.push(with(
        stage,
        "the URL in the queue's place",
        "CLDSYNC_QUEUE_URL",
        good.clone(),
    ));
    let hook = format!(
        "ftp://user:{API_SECRET}@hooks.test/x?token={}",
        in_url(API_SECRET)
    );
    all.push(with(
        stage,
        "a secret in another URL",
        "CLDSYNC_NOTIFICATION_URL",
        hook,
    ));
    all.push(with_url_file(
        stage,
        &format!("cloudinary://{API_KEY}:{API_SECRET}\n"),
    ));
    for (name, file) in [
        (
            "the URL in the configuration file",
            format!("cloudinary_url = \"{good}\"\n"),
        ),
        (
            "the URL without quotes in the file",
            format!("cloudinary_url = {good}\n"),
        ),
        (
            "an unknown name in the file",
            format!("cloudinary_secret = \"{API_SECRET}\"\n"),
        ),
        (
            "the secret as a name in the file",
            format!("\"{API_SECRET}\" = 1\n\"{API_SECRET}\" = 2\n"),
        ),
    ] {
        all.push(with(stage, name, "CLDSYNC_CONFIG", stage.file(&file)));
    }
    for (name, argument) in [
        ("the URL as a flag", format!("--cloudinary-url={good}")),
        ("the URL as an argument", good.clone()),
        (
            "the URL as another flag's value",
            format!("--log-format={good}"),
        ),
    ] {
        let variables = stage.variables("s3", "text");
        all.push(Wrong {
            name,
            arguments: vec![argument],
            variables,
        });
    }
    all
}

/// Misshapen forms of `CLOUDINARY_URL`.
fn urls(good: &str) -> Vec<(&'static str, String)> {
    let encoded = in_url(API_SECRET);
    vec![
        (
            "no colon after the scheme",
            format!("cloudinary//{API_KEY}:{encoded}@demo"),
        ),
        (
            "another scheme",
            format!("https://{API_KEY}:{encoded}@demo"),
        ),
        ("no cloud", format!("cloudinary://{API_KEY}:{encoded}")),
        (
            "an empty cloud",
            format!("cloudinary://{API_KEY}:{encoded}@"),
        ),
        (
            "a cloud with a space",
            format!("cloudinary://{API_KEY}:{encoded}@de mo"),
        ),
        (
            "the secret as the key",
            format!("cloudinary://{encoded}@demo"),
        ),
        (
            "the secret as the cloud",
            format!("cloudinary://{API_KEY}:x@{encoded}"),
        ),
        ("the secret alone", API_SECRET.to_owned()),
        ("a wrong setting", format!("{good}&chunk_size={encoded}")),
        (
            "a wrong prefix",
            format!("cloudinary://{API_KEY}:{encoded}@demo?upload_prefix=ftp://u:{encoded}@h"),
        ),
    ]
}

/// Nothing is wrong with this one, but for where it stands.
fn good_url(stage: &Stage) -> String {
    let prefix = &stage.services.cloudinary;
    format!(
        "cloudinary://{API_KEY}:{}@demo?upload_prefix={prefix}",
        in_url(API_SECRET)
    )
}

fn with(stage: &Stage, name: &'static str, variable: &'static str, value: String) -> Wrong {
    let mut variables = stage.variables("s3", "text");
    variables.insert(variable, value);
    Wrong {
        name,
        arguments: Vec::new(),
        variables,
    }
}

fn with_url_file(stage: &Stage, content: &str) -> Wrong {
    let file = stage.file(content);
    let mut wrong = with(
        stage,
        "a wrong URL in a file",
        "CLDSYNC_CLOUDINARY_URL_FILE",
        file,
    );
    wrong.variables.remove("CLOUDINARY_URL");
    wrong
}
