//! The brake on mass deletes: no more than so many destroys begin within any minute. What is over
//! that goes back to the queue for a while, and uploads go on.
//!
//! A bucket emptied by mistake, by a lifecycle rule or by an intruder is so noticed before the
//! library is empty too. The brake counts in one member; a fleet destroys as much as its members
//! together.

mod window;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use self::window::Window;
use crate::observation::{Observation, Observer};
use crate::settings::Settings;

/// How often the log and the gauge tell that the brake is on.
const TELL_EVERY: Duration = Duration::from_mins(1);

/// The brake of one member.
pub(crate) struct Brake {
    /// `None`: there is no limit.
    window: Option<Mutex<Window>>,
    start: Instant,
    held: Notify,
    observer: Observer,
}

impl Brake {
    pub(crate) fn new(settings: &Settings, observer: Observer) -> Self {
        Self {
            window: settings
                .destroys_per_minute
                .map(|limit| Mutex::new(Window::new(limit))),
            start: Instant::now(),
            held: Notify::new(),
            observer,
        }
    }

    /// Whether one more destroy may begin now. It counts from here on, however it ends.
    pub(crate) fn may_destroy(&self) -> bool {
        let now = self.start.elapsed();
        self.window().is_none_or(|mut window| window.take(now))
    }

    /// A message was given back because of the brake, to come again after `wait`.
    pub(crate) fn held_back(&self, wait: Duration) {
        let due = self.start.elapsed() + wait;
        if let Some(mut window) = self.window() {
            window.hold(due);
        }
        self.held.notify_one();
    }

    /// Tells, while messages are held back, how many. Runs until dropped.
    pub(crate) async fn tell(&self) {
        loop {
            self.held.notified().await;
            while let Some(held) = self.held_now() {
                tracing::error!(
                    messages = held,
                    "Holding back destroys, because CLDSYNC_MAX_DESTROYS_PER_MINUTE is reached"
                );
                self.observer.tell(&Observation::DestroysHeld(held));
                tokio::time::sleep(TELL_EVERY).await;
            }
            tracing::info!("No destroys are held back any more");
            self.observer.tell(&Observation::DestroysHeld(0));
        }
    }

    fn held_now(&self) -> Option<usize> {
        let held = self.window()?.held(self.start.elapsed());
        (held > 0).then_some(held)
    }

    fn window(&self) -> Option<MutexGuard<'_, Window>> {
        let window = self.window.as_ref()?;
        Some(window.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
