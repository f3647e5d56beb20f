//! Counts the log lines from `info` up that the test's thread writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, set_default};
use tracing::{Event, Level, Metadata, Subscriber};

/// The lines written since it was made, as long as it lives.
pub(crate) struct LogLines {
    written: Arc<AtomicUsize>,
    _guard: DefaultGuard,
}

impl LogLines {
    pub(crate) fn record() -> Self {
        let written = Arc::default();
        let counter = Counter(Arc::clone(&written));
        Self {
            written,
            _guard: set_default(counter),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.written.load(Ordering::Relaxed)
    }
}

struct Counter(Arc<AtomicUsize>);

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
