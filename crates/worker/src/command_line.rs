//! The command line of `cldsync-worker`: a flag for every setting, and the pages that the
//! repository keeps copies of.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::config::{self, Flags};

const GENERATE: &str = "generate";
const HEALTHCHECK: &str = "healthcheck";
/// How a Cloudinary account begins, which holds a secret.
const ACCOUNT: &str = "cloudinary://";

/// The command with its flags.
pub fn command() -> Command {
    let command = Command::new("cldsync-worker")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Keeps a Cloudinary media library equal to an S3 bucket, from an SQS queue")
        .after_help(
            "Every flag is an environment variable too; docs/configuration.md tells them all.\n\
             CLOUDINARY_URL has no flag, because the arguments of a process are visible.",
        )
        .arg(
            Arg::new(GENERATE)
                .long(GENERATE)
                .value_name("PAGE")
                .value_parser(PossibleValuesParser::new(["configuration", "metrics"]))
                .hide(true),
        )
        .arg(
            Arg::new(HEALTHCHECK)
                .long(HEALTHCHECK)
                .action(ArgAction::SetTrue)
                .help("Ask the worker that runs beside this process whether it lives, and exit"),
        );
    Flags::add_to(command)
}

/// Whether another worker is to be asked for its health, in place of a run.
pub fn asks_for_health(matches: &ArgMatches) -> bool {
    matches.get_flag(HEALTHCHECK)
}

/// The page that was asked for in place of a run, in Markdown.
pub fn page(matches: &ArgMatches) -> Option<String> {
    match matches.get_one::<String>(GENERATE)?.as_str() {
        "metrics" => Some(telemetry::metrics::render_markdown()),
        _ => Some(config::render_markdown()),
    }
}

/// Prints what clap has to say, but no account that stands where it does not belong: clap quotes
/// arguments, and what a process prints at its start is kept in logs.
pub fn print(error: &clap::Error) {
    let text = error.to_string();
    if error.use_stderr() && text.contains(ACCOUNT) {
        complain(&without_account(&text));
    } else {
        // Nobody is left to tell when even this cannot be printed.
        let _ = error.print();
    }
}

#[expect(clippy::print_stderr, reason = "for the person at the terminal")]
fn complain(text: &str) {
    eprint!("{text}");
}

/// Without the rest of each line in which an account begins.
fn without_account(text: &str) -> String {
    let lines = text
        .split_inclusive('\n')
        .map(|line| match line.split_once(ACCOUNT) {
            Some((before, _)) => format!("{before}{ACCOUNT}…\n"),
            None => line.to_owned(),
        });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_among_the_arguments_is_not_quoted() {
        let arguments = ["cldsync-worker", "cloudinary://key:s e'cret@demo"];
        let refused = command().try_get_matches_from(arguments);
        let text = without_account(&refused.expect_err("no such argument").to_string());
        assert!(
            text.contains("unexpected argument 'cloudinary://…\n"),
            "{text}"
        );
        assert!(!text.contains("cret") && text.contains("Usage"), "{text}");
    }
}
