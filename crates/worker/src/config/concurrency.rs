//! How many calls to Cloudinary there may be, and with how many a worker starts.
//!
//! The start is a number of its own, or a share of an account whose size and fleet are known.
//! Where it goes from there is for the limiter, which knows nothing but what is refused.

use std::num::NonZeroUsize;

use adaptive_limit::Start;

use super::error::ConfigError;
use super::reader::{Bad, Reader};
use super::settings::{ACCOUNT_SLOTS, CONCURRENCY_INITIAL, CONCURRENCY_MAX, FLEET_SIZE, Setting};

/// Where a worker starts, and its most.
pub(super) fn read_concurrency(r: &mut Reader) -> Result<(Start, NonZeroUsize), Bad> {
    let share = read_share(r);
    let (initial, max) = read_own(r)?;
    Ok((share?.unwrap_or(Start::Slots(initial)), max))
}

/// A smaller maximum lowers the default of the start value; only a start value that somebody
/// has set can contradict it.
fn read_own(r: &mut Reader) -> Result<(NonZeroUsize, NonZeroUsize), Bad> {
    let initial = r.count(&CONCURRENCY_INITIAL);
    let max = r.count(&CONCURRENCY_MAX);
    let (initial, max) = (initial?, max?);
    if initial > max && r.is_set(&CONCURRENCY_INITIAL) {
        let places = [r.place(&CONCURRENCY_INITIAL), r.place(&CONCURRENCY_MAX)];
        return Err(r.note(ConfigError::new(format!(
            "{} is `{initial}`, more than {} with `{max}`; allowed: at most the maximum",
            places[0], places[1]
        ))));
    }
    Ok((initial.min(max), max))
}

/// An even share, if both sides of the division are known.
fn read_share(r: &mut Reader) -> Result<Option<Start>, Bad> {
    let workers = r.optional_count(&FLEET_SIZE);
    let account = r.optional_count(&ACCOUNT_SLOTS);
    let half = match (workers?, account?) {
        (None, None) => return Ok(None),
        (Some(workers), Some(account)) => {
            let [account, workers] = [account, workers].map(NonZeroUsize::try_from);
            let (account, workers) = (account.map_err(|_| Bad)?, workers.map_err(|_| Bad)?);
            return Ok(Some(Start::Share { account, workers }));
        }
        (Some(_), None) => [&FLEET_SIZE, &ACCOUNT_SLOTS],
        (None, Some(_)) => [&ACCOUNT_SLOTS, &FLEET_SIZE],
    };
    Err(without(r, half))
}

fn without(r: &mut Reader, [set, missing]: [&Setting; 2]) -> Bad {
    let place = r.place(set);
    r.note(ConfigError::new(format!(
        "{place} is set without {}; allowed: both or neither",
        missing.name
    )))
}
