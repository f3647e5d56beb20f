//! How long, from which seed, and where the report goes: from the environment, which
//! `cargo xtask chaos` sets.

use std::time::Duration;

const SHORT: Duration = Duration::from_mins(1);
const SEED: u64 = 1;

/// What is asked of a run.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    /// How long the trouble lasts.
    pub(super) duration: Duration,
    /// How long writes may get an unclear outcome. A worker looks at such a message again only
    /// after two minutes, which a short run shall not have to wait for at its end.
    pub(super) unclear_for: Duration,
    /// A file for the report.
    pub(super) report: Option<String>,
}

impl Plan {
    /// The run that the variables ask for; without any, the short one.
    pub(super) fn from_environment() -> Self {
        let minutes = number("CLDSYNC_CHAOS_MINUTES");
        let duration = minutes.map_or(SHORT, Duration::from_mins);
        let is_short = minutes.is_none();
        Self {
            seed: number("CLDSYNC_CHAOS_SEED").unwrap_or(SEED),
            unclear_for: if is_short { duration / 3 } else { duration },
            duration,
            report: read("CLDSYNC_CHAOS_REPORT"),
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = read(variable)?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{variable} is `{text}`; allowed: a whole number")))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the variables of `cargo xtask chaos` are read here and nowhere else"
)]
fn read(variable: &str) -> Option<String> {
    std::env::var(variable)
        .ok()
        .filter(|value| !value.is_empty())
}
