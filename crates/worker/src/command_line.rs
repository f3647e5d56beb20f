//! The command line of `cldsync-worker`: a flag for every setting, and the pages that the
//! repository keeps copies of.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command};

use crate::config::{self, Flags};

const GENERATE: &str = "generate";

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
        );
    Flags::add_to(command)
}

/// The page that was asked for in place of a run, in Markdown.
pub fn page(matches: &ArgMatches) -> Option<String> {
    match matches.get_one::<String>(GENERATE)?.as_str() {
        "metrics" => Some(telemetry::metrics::render_markdown()),
        _ => Some(config::render_markdown()),
    }
}
