//! Waiting for what must come: asked again and again, never longer than a limit.

use std::time::Duration;

use tokio::time::Instant;

/// Between two questions. Small beside what is waited for, large beside the cost of asking.
const PAUSE: Duration = Duration::from_millis(50);

/// Asks until there is an answer; panics with what was expected when the limit has passed.
pub(crate) async fn within<T>(
    limit: Duration,
    what: &str,
    ask: impl AsyncFnMut() -> Option<T>,
) -> T {
    let answer = ask_until(limit, ask).await;
    answer.unwrap_or_else(|| panic!("not within {limit:?}: {what}"))
}

/// Asks until there is an answer, or `None` when the limit has passed.
pub(crate) async fn ask_until<T>(
    limit: Duration,
    mut ask: impl AsyncFnMut() -> Option<T>,
) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        let answer = ask().await;
        if answer.is_some() || Instant::now() >= deadline {
            return answer;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
