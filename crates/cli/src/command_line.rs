//! The command line: names, arguments and help texts, and nothing about what they do.
//!
//! `docs/cli.md` is generated from this.

use std::path::PathBuf;

use clap::{ArgMatches, Args, FromArgMatches, Parser, Subcommand, ValueEnum};

/// The operator's tool of cldsync.
#[derive(Debug, Parser)]
#[command(name = "cldsync", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Print a generated page of the documentation.
    #[arg(long, hide = true, exclusive = true)]
    pub(crate) generate: Option<Page>,
}

/// The pages that can be generated.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Page {
    /// `docs/cli.md`.
    Cli,
}

/// One subcommand each.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show a bucket and a media library becoming equal, without any account.
    ///
    /// Starts an S3, an SQS and a Cloudinary in this process on free loopback ports and a real
    /// worker against them, changes the bucket, and compares what both hold in the end.
    /// Nothing outside this machine is contacted.
    Demo(Demo),
    /// Say how a queue message is understood, without touching anything.
    ///
    /// Reads one message body: an S3 notification, direct or wrapped by SNS, EventBridge or
    /// Lambda. Keys are mapped to assets by the settings that the worker would read from the same
    /// environment; a folder mode of `auto` counts as `fixed`, since nobody is asked.
    Explain(Explain),
    /// Print the string to sign and the signature of request parameters.
    ///
    /// For comparing with what Cloudinary says in `Invalid Signature`. Reads JSON:
    /// {"params": {…}, "secret": "…", "algorithm": "sha1" or "sha256", "version": 1 or 2}.
    /// The secret is never an argument, because other users can see arguments.
    Sign(Sign),
    /// Check the worker's settings without starting it.
    ///
    /// Resolves them as `cldsync-worker` does and prints the result with the secrets left out.
    CheckConfig(CheckConfig),
    /// Find out whether an installation will work, before the first event comes.
    ///
    /// Resolves the settings as `cldsync-worker` does and looks at everything they name: the queue
    /// and its dead-letter queue, each bucket, its notifications, Cloudinary's access to it, and
    /// the Cloudinary account. Nothing is changed. Each line says what was found: ok, a warning, a
    /// failure, or unknown where it could not be seen; below it stands the command or the setting
    /// that mends it. What hangs on something out of reach is left out.
    ///
    /// Run it with rights to read the configuration. With the worker's own role more lines are
    /// unknown, and each names the action that would have to be allowed.
    Doctor(Doctor),
}

/// Arguments of `cldsync demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Keep everything running afterwards and print where it is, until Ctrl-C.
    #[arg(long, conflicts_with = "json")]
    pub(crate) serve: bool,
    /// Print the report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Number of objects in the burst.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) burst: u32,
    /// Colours of the pictures, so that a run can be repeated.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
}

/// Arguments of `cldsync explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// File with one message body; `-` or nothing: standard input.
    pub(crate) file: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `cldsync sign`.
#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// File with the JSON; `-` or nothing: standard input.
    pub(crate) file: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `cldsync check-config`.
#[derive(Debug, Args)]
pub(crate) struct CheckConfig {
    /// Also ask AWS and Cloudinary whether they accept what the settings say.
    #[arg(long)]
    pub(crate) probe: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) worker: WorkerFlags,
}

/// Arguments of `cldsync doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Print JSON: {"ok": …, "checks": [{"id", "status", "subject", "message", "fix"}]}.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) worker: WorkerFlags,
}

/// The flags of `cldsync-worker`, as the worker itself defines them.
#[derive(Debug)]
pub(crate) struct WorkerFlags(pub(crate) worker::Flags);

impl Args for WorkerFlags {
    fn augment_args(command: clap::Command) -> clap::Command {
        worker::Flags::add_to(command)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for WorkerFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(worker::Flags::from_matches(matches)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_free_of_contradictions() {
        Cli::command().debug_assert();
    }
}
