//! How a member's run ended.

/// What a drained member leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopReport {
    /// Messages deleted after proof, dead-lettered ones included, since the start.
    pub deleted: usize,
    /// Messages put into the dead-letter queue since the start.
    pub dead_lettered: usize,
    /// Messages given back to the queue since the start.
    pub released: usize,
    /// Messages that were still being worked on when the drain ran out of time; given back too.
    pub abandoned: usize,
    /// Messages that could not even be given back: they come back when their leases end.
    pub left: usize,
}

impl StopReport {
    /// Whether the drain ended before its time.
    pub fn is_clean(&self) -> bool {
        self.abandoned == 0 && self.left == 0
    }
}
