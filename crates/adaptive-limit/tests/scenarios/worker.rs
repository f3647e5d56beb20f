//! One worker of a simulated fleet: a limiter, and a backlog that never ends.

use std::time::Duration;

use adaptive_limit::limiter::{Call, Decision, Limiter};

pub(crate) struct Worker {
    pub(crate) limiter: Limiter,
    /// Has left the fleet: finishes its calls and starts no more.
    pub(crate) gone: bool,
    /// The next moment at which it looks by itself.
    pub(crate) wakes: Option<Duration>,
}

impl Worker {
    pub(crate) fn new(limiter: Limiter) -> Self {
        Self {
            limiter,
            gone: false,
            wakes: None,
        }
    }

    /// Starts all the calls that may start; a moment to come back at may follow.
    pub(crate) fn start_calls(&mut self, now: Duration) -> (Vec<Call>, Option<Duration>) {
        let mut calls = Vec::new();
        while !self.gone {
            match self.limiter.start(now) {
                Decision::Start(call) => calls.push(call),
                Decision::Wait(until) => return (calls, until),
            }
        }
        (calls, None)
    }

    /// A refused call waits among the backlog, so that its own wait shows nowhere here.
    pub(crate) fn end(&mut self, call: Call, let_in: bool, now: Duration, random: f64) {
        if let_in {
            self.limiter.answered(call, now, random);
        } else {
            self.limiter.refused(call, now, random);
        }
    }
}
