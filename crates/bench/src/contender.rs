//! Who runs, and with which settings: all have the same number of messages in flight.

use std::collections::BTreeMap;
use std::process::Command;

use clap::ValueEnum;

use crate::emulators::Emulators;
use crate::tools::Tools;

/// Messages that every contender holds at once.
pub(crate) const IN_FLIGHT: usize = 50;

/// A program that works through the events of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Contender {
    /// The worker with its usual guarantees.
    Cldsync,
    /// The same HTTP stack without any logic.
    Floor,
    /// The published Lambda's logic behind a boto3 loop.
    LambdaPython,
    /// `sqs-consumer` with Cloudinary's Node SDK.
    SqsConsumerNode,
}

impl Contender {
    /// In the order of the report.
    pub(crate) const ALL: [Self; 4] = [
        Self::Cldsync,
        Self::Floor,
        Self::LambdaPython,
        Self::SqsConsumerNode,
    ];

    /// As on the command line and in the JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cldsync => "cldsync",
            Self::Floor => "floor",
            Self::LambdaPython => "lambda-python",
            Self::SqsConsumerNode => "sqs-consumer-node",
        }
    }

    /// What it is, for the page.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Cldsync => {
                "`cldsync-worker` with its default guarantees: proof after every write, leases, lanes, limiter, metrics, a log line per event"
            }
            Self::Floor => {
                "the same Rust HTTP stack, allocator and single thread: receive, HEAD, upload, HEAD, batched delete, and nothing else"
            }
            Self::LambdaPython => {
                "the published Lambda's logic (one search, one upload) behind a boto3 loop with 50 threads, official Python SDK"
            }
            Self::SqsConsumerNode => {
                "`sqs-consumer` in batch mode, official Node SDK with kept connections, one upload per event, no look at the bucket"
            }
        }
    }

    /// How it is started; `None` when it could not be installed here.
    pub(crate) fn command(self, tools: &Tools, stage: &Emulators) -> Option<Command> {
        let mut command = match self {
            Self::Cldsync => return Some(worker(tools, stage, &[])),
            Self::Floor => Command::new(tools.binary("floor")),
            Self::LambdaPython => {
                let mut command = Command::new(tools.python.as_ref()?);
                command.arg(tools.peer("lambda-python/main.py"));
                command
            }
            Self::SqsConsumerNode => {
                let mut command = Command::new("node");
                command.arg(tools.node_program.as_ref()?);
                command
            }
        };
        surroundings(&mut command, tools, stage);
        command
            .env("IN_FLIGHT", IN_FLIGHT.to_string())
            .env("QUEUE_URL", &stage.queue_url)
            .env("s3_sync_root", "media")
            .env("cld_sync_root", "site");
        Some(command)
    }
}

/// A worker with these settings beside those of the race.
pub(crate) fn worker(tools: &Tools, stage: &Emulators, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(tools.binary("cldsync-worker"));
    surroundings(&mut command, tools, stage);
    let in_flight = IN_FLIGHT.to_string();
    let race = BTreeMap::from([
        ("CLDSYNC_QUEUE_URL", stage.queue_url.as_str()),
        ("CLDSYNC_ADMIN_ADDR", "127.0.0.1:0"),
        ("CLDSYNC_S3_SYNC_ROOT", "media"),
        ("CLDSYNC_CLD_SYNC_ROOT", "site"),
        ("CLDSYNC_MESSAGES_IN_FLIGHT", &in_flight),
        ("CLDSYNC_CONCURRENCY_MAX", &in_flight),
    ]);
    command.envs(race).envs(settings.iter().copied());
    command
}

/// The same for all; nothing of the caller's environment but where programs are.
fn surroundings(command: &mut Command, tools: &Tools, stage: &Emulators) {
    command.env_clear();
    command
        .env("PATH", &tools.search_path)
        .env("AWS_ENDPOINT_URL", &stage.aws_url)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("CLOUDINARY_URL", &stage.cloudinary_url);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_command_line_are_those_of_the_report() {
        for contender in Contender::ALL {
            let value = contender.to_possible_value().expect("not hidden");
            assert_eq!(value.get_name(), contender.name());
        }
    }
}
