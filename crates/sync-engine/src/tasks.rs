//! The tasks of one member: somebody waits for them, and none of them outlives the member.

use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// A set of tasks that end with the member at the latest.
#[derive(Debug, Clone)]
pub(crate) struct Tasks {
    tracker: TaskTracker,
    gone: CancellationToken,
}

/// Ends all tasks of a member where they are when dropped, as a crash would.
#[derive(Debug)]
pub(crate) struct Life {
    gone: CancellationToken,
    _guard: DropGuard,
}

impl Life {
    pub(crate) fn new() -> Self {
        let gone = CancellationToken::new();
        Self {
            _guard: gone.clone().drop_guard(),
            gone,
        }
    }

    /// A new set of tasks within this life.
    pub(crate) fn tasks(&self) -> Tasks {
        Tasks {
            tracker: TaskTracker::new(),
            gone: self.gone.clone(),
        }
    }
}

impl Tasks {
    /// Boxed, because what wraps a future would hold it twice: before it starts and while it runs.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let (gone, task) = (self.gone.clone(), Box::pin(task));
        self.tracker
            .spawn(async move { gone.run_until_cancelled(task).await });
    }

    /// Waits until no task is left; none may be added afterwards but by the tasks themselves.
    pub(crate) async fn finish(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}
