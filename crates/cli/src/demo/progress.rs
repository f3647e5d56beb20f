//! What a person sees on standard error while the demo works; nothing where nobody looks.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line that moves.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Hidden when standard error is no terminal, and when told to be.
    pub(crate) fn new(hidden: bool) -> Self {
        let target = if hidden {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style =
            ProgressStyle::with_template("{spinner} {wide_msg} {bar:24} {pos}/{len} events");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    /// A new part of the story begins.
    pub(crate) fn chapter(&self, title: &'static str) {
        self.0.set_message(title);
    }

    /// So many changes were made, and so many messages about them are not done.
    pub(crate) fn show(&self, changes: usize, left: usize) {
        self.0.set_length(changes as u64);
        self.0.set_position(changes.saturating_sub(left) as u64);
        self.0.tick();
    }

    /// Leaves the line clean for what is printed next.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
