//! Which calls go wrong, and how. Decides only; `dispatch` carries the decision out.
//!
//! A plan is a list of rules; the first one that matches a call and fires wins. Chance comes from
//! the plan's seed, so a run can be repeated.

use std::time::Duration;

use fastrand::Rng;
use serde::{Deserialize, Serialize};

/// Rules with the seed of their chances. `{"seed": 7, "rules": [...]}` in JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultPlan {
    /// Where chance starts.
    pub seed: u64,
    /// Asked in order.
    pub rules: Vec<FaultRule>,
}

impl FaultPlan {
    /// A plan of these rules with seed 0.
    pub fn of(rules: impl IntoIterator<Item = FaultRule>) -> Self {
        Self {
            seed: 0,
            rules: rules.into_iter().collect(),
        }
    }
}

/// One rule: which calls it is about, which of those it hits, and what happens to them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultRule {
    /// Name as in the statistics (`upload`, `destroy`, `delivery`, …); absent: every operation.
    pub operation: Option<String>,
    /// Only public IDs that start with this.
    pub public_id_prefix: Option<String>,
    /// Matching calls let through before the rule begins.
    pub after: u64,
    /// Hits every n-th matching call from then on; 0 and 1: each.
    pub every: u64,
    /// Hits at most this many calls; absent: no end.
    pub times: Option<u64>,
    /// Chance of a hit, 0 to 1; absent: certain.
    pub probability: Option<f64>,
    /// Wait before anything else happens to a call that is hit.
    pub delay_ms: u64,
    /// What happens then.
    pub effect: FaultEffect,
}

impl FaultRule {
    /// Hits every call of one operation.
    pub fn on(operation: &str, effect: FaultEffect) -> Self {
        Self {
            operation: Some(operation.to_owned()),
            effect,
            ..Self::default()
        }
    }

    /// The same rule for at most `times` calls.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// The same rule for public IDs that start with `prefix`.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.public_id_prefix = Some(prefix.to_owned());
        self
    }

    /// The same rule with a chance of a hit.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    fn is_about(&self, operation: &str, public_id: &str) -> bool {
        self.operation
            .as_deref()
            .is_none_or(|name| name == operation)
            && self
                .public_id_prefix
                .as_deref()
                .is_none_or(|prefix| public_id.starts_with(prefix))
    }
}

/// What happens to a call that is hit. In JSON an object with a `kind`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultEffect {
    /// Nothing but the delay.
    #[default]
    Delay,
    /// An error answer; nothing is applied.
    Answer {
        /// HTTP status.
        status: u16,
        /// Error text; absent: a usual one for the status.
        message: Option<String>,
        /// Seconds for a `Retry-After` header.
        retry_after: Option<u64>,
    },
    /// The connection is closed; nothing is applied.
    Close,
    /// The call is applied, then the connection is closed without an answer.
    ApplyThenClose,
    /// The call is applied, then nothing is said for a while and the connection is closed.
    ApplyThenHang {
        /// How long nothing is said.
        ms: u64,
    },
    /// The connection is closed at once and the call is applied later.
    ApplyLate {
        /// How much later.
        after_ms: u64,
    },
    /// A source URL is fetched after a wait.
    SlowPull {
        /// How long the wait is.
        ms: u64,
    },
}

impl FaultEffect {
    /// An error answer with the usual text of its status.
    pub fn status(status: u16) -> Self {
        Self::Answer {
            status,
            message: None,
            retry_after: None,
        }
    }
}

/// The rules at work: each with what it has seen so far.
#[derive(Debug)]
pub(crate) struct Faults {
    rng: Rng,
    rules: Vec<Counted>,
}

#[derive(Debug)]
struct Counted {
    rule: FaultRule,
    seen: u64,
    hits: u64,
}

/// What `dispatch` has to do to one call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) delay: Duration,
    pub(crate) effect: FaultEffect,
}

impl Fault {
    /// How long a pull is to be held up.
    pub(crate) fn pull_delay(&self) -> Duration {
        match self.effect {
            FaultEffect::SlowPull { ms } => Duration::from_millis(ms),
            FaultEffect::Delay
            | FaultEffect::Answer { .. }
            | FaultEffect::Close
            | FaultEffect::ApplyThenClose
            | FaultEffect::ApplyThenHang { .. }
            | FaultEffect::ApplyLate { .. } => Duration::ZERO,
        }
    }
}

impl Faults {
    pub(crate) fn new(plan: FaultPlan) -> Self {
        let rules = plan.rules.into_iter().map(|rule| Counted {
            rule,
            seen: 0,
            hits: 0,
        });
        Self {
            rng: Rng::with_seed(plan.seed),
            rules: rules.collect(),
        }
    }

    /// The fault for this call, if any rule fires.
    pub(crate) fn pick(&mut self, operation: &str, public_id: &str) -> Option<Fault> {
        let rng = &mut self.rng;
        let mut about = self
            .rules
            .iter_mut()
            .filter(|c| c.rule.is_about(operation, public_id));
        about.find_map(|counted| counted.fire(rng))
    }
}

impl Counted {
    fn fire(&mut self, rng: &mut Rng) -> Option<Fault> {
        let turn = self.seen.checked_sub(self.rule.after);
        self.seen += 1;
        let due = turn.is_some_and(|turn| turn % self.rule.every.max(1) == 0)
            && self.rule.times.is_none_or(|times| self.hits < times)
            && self
                .rule
                .probability
                .is_none_or(|chance| rng.f64() < chance);
        due.then(|| {
            self.hits += 1;
            let delay = Duration::from_millis(self.rule.delay_ms);
            Fault {
                delay,
                effect: self.rule.effect.clone(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(rule: FaultRule, calls: usize) -> Vec<usize> {
        let mut faults = Faults::new(FaultPlan::of([rule]));
        (0..calls)
            .filter(|_| faults.pick("upload", "a/x").is_some())
            .collect()
    }

    #[test]
    fn a_rule_counts_only_the_calls_it_is_about() {
        let rule = FaultRule::on("upload", FaultEffect::Close)
            .prefix("a/")
            .times(1);
        let mut faults = Faults::new(FaultPlan::of([rule]));
        assert_eq!(faults.pick("destroy", "a/x"), None);
        assert_eq!(faults.pick("upload", "b/x"), None);
        assert!(faults.pick("upload", "a/x").is_some());
        assert_eq!(faults.pick("upload", "a/x"), None);
    }

    #[test]
    fn after_every_and_times_combine() {
        let rule = FaultRule {
            after: 2,
            every: 3,
            times: Some(2),
            ..FaultRule::default()
        };
        assert_eq!(hits(rule, 20), [2, 5]);
    }

    #[test]
    fn chance_is_the_same_for_the_same_seed() {
        let rule = || FaultRule::default().probability(0.5);
        let first = hits(rule(), 100);
        assert_eq!(first, hits(rule(), 100));
        assert!((20..80).contains(&first.len()), "{} of 100", first.len());
    }

    #[test]
    fn the_plan_in_the_readme_is_one() {
        let readme = include_str!("../README.md");
        let block = readme
            .split("```json")
            .nth(1)
            .and_then(|rest| rest.split("```").next());
        let plan: FaultPlan = serde_json::from_str(block.expect("a block")).expect("a plan");
        assert_eq!(plan.rules.len(), 3);
    }

    #[test]
    fn a_plan_is_read_from_json_and_a_misspelt_field_is_refused() {
        let text = r#"{"seed": 7, "rules": [
            {"operation": "upload", "times": 3, "effect": {"kind": "answer", "status": 420}},
            {"effect": {"kind": "apply_late", "after_ms": 50}}]}"#;
        let plan: FaultPlan = serde_json::from_str(text).expect("a plan");
        assert_eq!(
            plan.rules[0],
            FaultRule::on("upload", FaultEffect::status(420)).times(3)
        );
        assert_eq!(
            plan.rules[1].effect,
            FaultEffect::ApplyLate { after_ms: 50 }
        );
        assert!(serde_json::from_str::<FaultPlan>(r#"{"rules": [{"tmes": 3}]}"#).is_err());
    }
}
