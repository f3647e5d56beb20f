//! Keeps ECS from ending this task while an upload runs that a drain would not outlast.
//!
//! Sits beside the engine: a library between engine and Cloudinary tells which uploads run, `plan`
//! decides what to ask of ECS, and the calls are made here. Best effort: without ECS, or when ECS
//! refuses, everything works as before, and an upload that is cut off begins again elsewhere.

mod plan;
mod uploads;

use std::time::Duration;

use aws_adapters::{TaskProtection, TaskProtectionError};
use telemetry::error_chain;
use tokio::time::{Instant, MissedTickBehavior};

use self::plan::{EXPIRES_MINUTES, Plan, Step};
use self::uploads::Uploads;
pub(crate) use self::uploads::WatchedLibrary;

/// Between two looks at what runs; short beside what counts as long.
const LOOK: Duration = Duration::from_secs(1);
/// At the end the process waits for no more than this.
const FAREWELL: Duration = Duration::from_secs(2);

/// The protection of this task, if it runs on ECS.
#[derive(Debug)]
pub(crate) struct Protection {
    agent: Option<TaskProtection>,
    uploads: Uploads,
    plan: Plan,
    complained: bool,
}

impl Protection {
    /// Protects through `agent` while an upload runs for longer than a drain may take.
    pub(crate) fn new(agent: Option<TaskProtection>, drain_timeout: Duration) -> Self {
        Self {
            agent,
            uploads: Uploads::default(),
            plan: Plan::new(drain_timeout),
            complained: false,
        }
    }

    /// A library whose uploads are watched.
    pub(crate) fn watch<L>(&self, library: L) -> WatchedLibrary<L> {
        WatchedLibrary::new(library, self.uploads.clone())
    }

    /// Asks ECS for what is needed, until dropped.
    pub(crate) async fn keep(&mut self) {
        let Some(agent) = self.agent.clone() else {
            return std::future::pending().await;
        };
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let now = looks.tick().await;
            if let Some(step) = self.plan.next(now, self.uploads.oldest()) {
                let result = ask(&agent, step).await;
                self.plan.answered(step, Instant::now(), result.is_ok());
                self.tell(step, result.err().as_ref());
            }
        }
    }

    /// Takes the protection back, once no work is left.
    pub(crate) async fn end(self) {
        let Some(agent) = self.agent.filter(|_| self.plan.may_be_protected()) else {
            return;
        };
        // If this fails, the protection ends by itself.
        let _ = tokio::time::timeout(FAREWELL, ask(&agent, Step::Release)).await;
    }

    /// One line for a run of failures: whoever has not given the right would read it all day.
    fn tell(&mut self, step: Step, error: Option<&TaskProtectionError>) {
        match error {
            None => tracing::info!("{}", agreement(step)),
            Some(error) if !self.complained => tracing::warn!(
                error = %error_chain(error),
                "This task is not protected from scaling in while long uploads run; it needs \
                 ecs:UpdateTaskProtection. Work goes on"
            ),
            Some(error) => {
                tracing::debug!(?step, error = %error_chain(error), "Still no scale-in protection");
            }
        }
        self.complained = error.is_some();
    }
}

/// Rare, and what explains a deployment that waits.
fn agreement(step: Step) -> &'static str {
    match step {
        Step::Protect => "An upload runs long: ECS spares this task for ten minutes",
        Step::Release => "ECS may end this task again",
    }
}

async fn ask(agent: &TaskProtection, step: Step) -> Result<(), TaskProtectionError> {
    match step {
        Step::Protect => agent.protect(EXPIRES_MINUTES).await,
        Step::Release => agent.release().await,
    }
}
