//! Everything that was measured in one go.

use crate::contender::Contender;
use crate::machine::Machine;
use crate::race::{Entry, Run};
use crate::section::Sections;
use crate::spread::Spread;

/// The input of the report.
#[derive(Debug)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) events: u64,
    pub(crate) rounds: u64,
    pub(crate) contenders: Vec<Entry>,
    pub(crate) sections: Sections,
    /// Contenders that could not be installed.
    pub(crate) left_out: Vec<String>,
}

impl Results {
    /// Middle and ends of one number of one contender, if it ran.
    pub(crate) fn spread(
        &self,
        contender: Contender,
        number: impl Fn(&Run) -> f64,
    ) -> Option<Spread> {
        self.entry(contender)?.spread(number)
    }

    fn entry(&self, contender: Contender) -> Option<&Entry> {
        self.contenders
            .iter()
            .find(|entry| entry.contender == contender)
    }
}

impl Entry {
    /// Middle and ends of one number over all rounds.
    pub(crate) fn spread(&self, number: impl Fn(&Run) -> f64) -> Option<Spread> {
        Spread::of(self.runs.iter().map(number))
    }
}
