//! What may be chosen about an adaptive limit, with what smaller and larger values cause.
//! Counts are `NonZero`, so a limit that lets nothing through cannot be written. The defaults come
//! from the scenarios in `tests/scenarios`, which fail when one is changed for the worse.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

/// Share of a known account that its fleet starts with: a little room, so that nothing is refused.
const FLEET_SHARE: f64 = 0.9;

/// How one limiter behaves. The whole fleet should use the same settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Where the window starts.
    pub start: Start,
    /// The window never grows beyond it. Smaller: room of the account stays unused. Larger: one
    /// worker may take more of an account that others share.
    pub max: NonZeroUsize,
    /// Calls made between two asks for more, after a refusal. Smaller: room is found sooner, and
    /// more calls are refused (100 would mean one in a hundred). Larger: the opposite.
    pub calls_per_ask: NonZeroU32,
    /// Calls made between two asks, as long as they are granted. Smaller: new room is filled
    /// faster. Larger: workers push each other out less often.
    pub calls_per_step: NonZeroU32,
    /// A worker that holds nothing asks, in the end, this many times as rarely as one that holds
    /// one slot. Smaller: more refused calls in a fleet larger than its account. Larger: such a
    /// worker waits longer for its turn.
    pub idle_factor: NonZeroU32,
    /// How long a call is thought to take until one has been answered.
    pub expected_call: Duration,
    /// No wait between two asks is longer, however slow the calls are, give or take the jitter.
    pub ask_wait_max: Duration,
}

/// Where the window starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With so many calls at once, doubled until the first refusal.
    Slots(NonZeroUsize),
    /// With an even share of an account whose size is known.
    Share {
        /// Calls that the account takes at once.
        account: NonZeroUsize,
        /// Workers that share it.
        workers: NonZeroUsize,
    },
}

impl From<NonZeroUsize> for Start {
    fn from(slots: NonZeroUsize) -> Self {
        Self::Slots(slots)
    }
}

impl Settings {
    /// The defaults, with the two numbers that operators set.
    pub fn new(start: impl Into<Start>, max: NonZeroUsize) -> Self {
        Self {
            start: start.into(),
            max,
            calls_per_ask: const { NonZeroU32::new(130).expect("not zero") },
            calls_per_step: const { NonZeroU32::new(5).expect("not zero") },
            idle_factor: const { NonZeroU32::new(4).expect("not zero") },
            expected_call: Duration::from_secs(2),
            ask_wait_max: Duration::from_mins(20),
        }
    }

    /// The window to start with, below one where there are more workers than slots.
    pub(crate) fn first_window(&self) -> f64 {
        let window = match self.start {
            Start::Slots(slots) => to_f64(slots.get()),
            Start::Share { account, workers } => {
                FLEET_SHARE * to_f64(account.get()) / to_f64(workers.get())
            }
        };
        window.min(to_f64(self.max.get()))
    }
}

/// Exact for every count of calls that fits in memory.
pub(crate) fn to_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
