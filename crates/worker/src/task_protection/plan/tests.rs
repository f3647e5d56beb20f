//! The plan, minute by minute, without ECS and without waiting.

use super::*;

const DRAIN: Duration = Duration::from_secs(110);

/// A plan in a time of its own, in seconds.
struct Story {
    plan: Plan,
    start: Instant,
    now: u64,
}

impl Story {
    fn begin() -> Self {
        Self {
            plan: Plan::new(DRAIN),
            start: Instant::now(),
            now: 0,
        }
    }

    /// Looks every second up to `until`; ECS agrees to everything. Gives what was asked, and when.
    fn until(&mut self, until: u64, oldest: impl Fn(u64) -> Option<u64>) -> Vec<(u64, Step)> {
        self.until_with(until, oldest, |_| true)
    }

    fn until_with(
        &mut self,
        until: u64,
        oldest: impl Fn(u64) -> Option<u64>,
        agrees: impl Fn(Step) -> bool,
    ) -> Vec<(u64, Step)> {
        let mut asked = Vec::new();
        while self.now < until {
            let began = oldest(self.now).map(|began| self.at(began));
            let now = self.at(self.now);
            if let Some(step) = self.plan.next(now, began) {
                self.plan.answered(step, now, agrees(step));
                asked.push((self.now, step));
            }
            self.now += 1;
        }
        asked
    }

    fn at(&self, second: u64) -> Instant {
        self.start + Duration::from_secs(second)
    }
}

/// An upload from one second to another.
fn upload(from: u64, to: u64) -> impl Fn(u64) -> Option<u64> {
    move |now| (from..to).contains(&now).then_some(from)
}

#[test]
fn uploads_that_a_drain_outlasts_never_protect() {
    let mut story = Story::begin();
    // One after the other without a gap, each a second shorter than a drain.
    let asked = story.until(3600, |now| Some(now - now % 109));
    assert_eq!(asked, []);
    assert!(!story.plan.may_be_protected());
}

#[test]
fn a_long_upload_protects_once_it_has_run_as_long_as_a_drain_and_a_minute_longer() {
    let mut story = Story::begin();
    let asked = story.until(1000, upload(10, 250));
    // The upload was last seen in second 249.
    assert_eq!(asked, [(120, Step::Protect), (309, Step::Release)]);
    assert!(!story.plan.may_be_protected());
}

#[test]
fn protection_is_renewed_in_good_time_before_it_expires() {
    let mut story = Story::begin();
    let asked = story.until(1000, upload(0, 1000));
    let protect = [110, 410, 710].map(|at| (at, Step::Protect));
    assert_eq!(asked, protect);
}

#[test]
fn the_next_long_upload_finds_the_protection_still_there() {
    let mut story = Story::begin();
    let both = |now| upload(0, 150)(now).or(upload(90, 300)(now));
    let asked = story.until(1000, both);
    assert_eq!(asked, [(110, Step::Protect), (359, Step::Release)]);
}

#[test]
fn after_an_hour_the_task_can_be_ended_for_five_minutes() {
    let mut story = Story::begin();
    let asked = story.until(110 + 3600 + 301, |now| Some(now.saturating_sub(1000)));
    let (at, step) = asked[asked.len() - 2];
    let released = at;
    assert_eq!(step, Step::Release);
    let (at, step) = asked[asked.len() - 1];
    assert_eq!((at - released, step), (300, Step::Protect));
    assert_eq!(released - asked[0].0, 3600);
}

#[test]
fn a_refusal_is_asked_about_again_after_a_minute_and_not_sooner() {
    let mut story = Story::begin();
    let asked = story.until_with(300, upload(0, 300), |_| false);
    let protect = [110, 170, 230, 290].map(|at| (at, Step::Protect));
    assert_eq!(asked, protect);
}

#[test]
fn a_protection_whose_renewal_is_refused_counts_as_expired_in_the_end() {
    let mut story = Story::begin();
    story.until(111, upload(0, 10_000));
    story.until_with(711, upload(0, 10_000), |_| false);
    assert!(story.plan.protected.is_none(), "ten minutes are over");
    let asked = story.until(800, upload(0, 10_000));
    assert_eq!(asked.len(), 1, "it is asked for again: {asked:?}");
}

#[test]
fn an_answer_that_was_lost_leaves_something_to_take_back() {
    let mut story = Story::begin();
    story.until_with(111, upload(0, 111), |_| false);
    assert!(story.plan.may_be_protected());
}

#[test]
fn a_release_that_is_refused_is_asked_for_again() {
    let mut story = Story::begin();
    story.until(200, upload(0, 200));
    let asked = story.until_with(320, |_| None, |_| false);
    assert_eq!(asked, [(259, Step::Release), (319, Step::Release)]);
    assert!(story.plan.may_be_protected());
}
