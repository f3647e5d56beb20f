//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::contender::Contender;

/// Measures cldsync side by side with what people would use instead.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// Events that each contender works through in each round.
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) events: u64,
    /// How often each contender runs; they take turns.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) rounds: u64,
    /// Who runs.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Contender::ALL)]
    pub(crate) contenders: Vec<Contender>,
    /// Where the numbers go as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Where the page goes. Without it `docs/benchmarks.md` is written by a run that leaves nothing
    /// out, and any other run prints its page.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Take our programs as an earlier run has built them.
    #[arg(long)]
    pub(crate) no_build: bool,
    /// Measurements beside the race to leave out.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) skip: Vec<Section>,
}

/// A measurement beside the race.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Section {
    /// The share of Cloudinary's slots that one worker keeps busy.
    Latency,
    /// Memory with short and long queues, and with many messages in flight.
    Memory,
    /// From the start of the process to its first receive.
    Startup,
    /// How fast the emulated queue is.
    Queue,
    /// Micro-benchmarks.
    Micro,
}

impl Arguments {
    /// Whether a measurement was asked for.
    pub(crate) fn wants(&self, section: Section) -> bool {
        !self.skip.contains(&section)
    }

    /// Whether nothing was left out.
    pub(crate) fn is_complete(&self) -> bool {
        self.skip.is_empty()
            && Contender::ALL
                .iter()
                .all(|one| self.contenders.contains(one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_arguments_everything_is_measured() {
        let arguments = Arguments::parse_from(["bench"]);
        assert!(arguments.is_complete());
        assert!(arguments.wants(Section::Micro));
    }

    #[test]
    fn contenders_and_sections_are_lists() {
        let arguments = Arguments::parse_from([
            "bench",
            "--contenders",
            "cldsync,floor",
            "--skip",
            "memory,micro",
        ]);
        assert_eq!(arguments.contenders, [Contender::Cldsync, Contender::Floor]);
        assert!(!arguments.wants(Section::Memory) && arguments.wants(Section::Latency));
        assert!(!arguments.is_complete());
    }
}
