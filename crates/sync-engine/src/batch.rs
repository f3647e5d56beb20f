//! Collects what arrives one by one into batches: full ones at once, others after a short linger.

use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::ports::MAX_BATCH;

/// How long the first entry of a batch waits for others.
pub(crate) const LINGER: Duration = Duration::from_millis(150);

/// The next batch; `None` when `closed` and everything has been collected.
pub(crate) async fn next<T>(
    entries: &mut Receiver<T>,
    closed: &CancellationToken,
) -> Option<Vec<T>> {
    let mut batch = Vec::with_capacity(MAX_BATCH);
    batch.push(first(entries, closed).await?);
    let deadline = Instant::now() + LINGER;
    while batch.len() < MAX_BATCH {
        let more = timeout_at(deadline, first(entries, closed)).await;
        // Time is up, or nothing will follow.
        let Ok(Some(entry)) = more else { break };
        batch.push(entry);
    }
    Some(batch)
}

async fn first<T>(entries: &mut Receiver<T>, closed: &CancellationToken) -> Option<T> {
    tokio::select! {
        biased;
        entry = entries.recv() => entry,
        () = closed.cancelled() => None,
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_full_batch_does_not_linger() {
        let (send, mut receive) = mpsc::channel(16);
        for n in 0..12 {
            send.send(n).await.expect("open");
        }
        let started = Instant::now();
        assert_eq!(
            next(&mut receive, &CancellationToken::new()).await,
            Some((0..10).collect())
        );
        assert_eq!(started.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lone_entry_waits_for_company_only_so_long() {
        let (send, mut receive) = mpsc::channel(16);
        send.send(1).await.expect("open");
        let started = Instant::now();
        assert_eq!(
            next(&mut receive, &CancellationToken::new()).await,
            Some(vec![1])
        );
        assert_eq!(started.elapsed(), LINGER);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_when_the_collection_closes_is_sent_without_a_linger() {
        let (send, mut receive) = mpsc::channel(16);
        let closed = CancellationToken::new();
        send.send(1).await.expect("open");
        closed.cancel();
        let started = Instant::now();
        assert_eq!(next(&mut receive, &closed).await, Some(vec![1]));
        assert_eq!(next(&mut receive, &closed).await, None);
        assert_eq!(started.elapsed(), Duration::ZERO);
    }
}
