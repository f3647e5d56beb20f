//! Sequencers: text that orders the events of one key.
//!
//! S3's have 18 upper-case hexadecimal digits: `00`, then the Unix time as 32 bits of seconds and 32
//! of fraction. Ours also strictly increase within a bucket, so within a key too.

use time::OffsetDateTime;

/// The source of a bucket's sequencers.
#[derive(Debug, Default)]
pub(crate) struct Sequencer {
    last: u64,
}

impl Sequencer {
    /// The next sequencer at this time.
    pub(crate) fn next(&mut self, now: OffsetDateTime) -> String {
        self.last = fixed_point(now).max(self.last + 1);
        format!("00{:016X}", self.last)
    }
}

fn fixed_point(now: OffsetDateTime) -> u64 {
    let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0) & 0xffff_ffff;
    let fraction = (u64::from(now.nanosecond()) << 32) / 1_000_000_000;
    (seconds << 32) | fraction
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_sequencer_is_the_time_in_fixed_point() {
        let now = datetime!(2015-07-21 23:33:48.5 UTC);
        assert_eq!(Sequencer::default().next(now), "0055AED6DC80000000");
    }

    #[test]
    fn sequencers_increase_even_when_the_clock_stands_still() {
        let mut sequencer = Sequencer::default();
        let now = datetime!(2026-01-01 00:00 UTC);
        let series: Vec<_> = (0..5).map(|_| sequencer.next(now)).collect();
        assert!(series.is_sorted_by(|a, b| a < b), "{series:?}");
    }
}
