//! What happened in a run, in order: always as a hash, and as lines when somebody will read them.

use std::fmt::Arguments;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::plan::Moment;

/// The record of one run.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    hasher: DefaultHasher,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// Keeps the lines too.
    pub(crate) fn with_lines() -> Self {
        Self {
            lines: Some(Vec::new()),
            ..Self::default()
        }
    }

    pub(crate) fn note(&mut self, now: Moment, what: Arguments<'_>) {
        let line = format!("{:>11.3} {what}", now.as_secs_f64());
        line.hash(&mut self.hasher);
        if let Some(lines) = &mut self.lines {
            lines.push(line);
        }
    }

    /// Equal for equal runs.
    pub(crate) fn hash(&self) -> u64 {
        self.hasher.finish()
    }

    pub(crate) fn take_lines(&mut self) -> Vec<String> {
        self.lines.take().unwrap_or_default()
    }
}
