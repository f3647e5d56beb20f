//! What a check found, and all findings together. The JSON of both is a contract with scripts.

use serde::Serialize;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// As it should be.
    Pass,
    /// It works, until some day it does not.
    Warning,
    /// It does not work.
    Failure,
    /// Nobody can tell from here.
    Unknown,
}

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// Which check: its subject's kind, a dot, and what was looked at.
    pub(crate) id: &'static str,
    pub(crate) status: Status,
    /// What was looked at, such as `queue cldsync`.
    pub(crate) subject: String,
    /// What was found and why it matters.
    pub(crate) message: String,
    /// What mends it: commands for a shell, one per line, or a setting.
    pub(crate) fix: Option<String>,
}

/// Everything that was found.
#[derive(Debug, Serialize)]
pub(crate) struct Diagnosis {
    /// Whether nothing failed.
    pub(crate) ok: bool,
    pub(crate) checks: Vec<Finding>,
}

impl Finding {
    pub(crate) fn pass(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(id, Status::Pass, message.into(), None)
    }

    pub(crate) fn warning(
        id: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::new(id, Status::Warning, message.into(), Some(fix.into()))
    }

    pub(crate) fn failure(
        id: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::new(id, Status::Failure, message.into(), Some(fix.into()))
    }

    pub(crate) fn unknown(
        id: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::new(id, Status::Unknown, message.into(), Some(fix.into()))
    }

    /// A pass where `good`, else a warning.
    pub(crate) fn warning_unless(
        good: bool,
        id: &'static str,
        message: String,
        fix: impl Into<String>,
    ) -> Self {
        if good {
            Self::pass(id, message)
        } else {
            Self::warning(id, message, fix)
        }
    }

    fn new(id: &'static str, status: Status, message: String, fix: Option<String>) -> Self {
        Self {
            id,
            status,
            subject: String::new(),
            message,
            fix,
        }
    }
}

/// Says of findings what they are about.
pub(crate) fn about(subject: &str, mut findings: Vec<Finding>) -> Vec<Finding> {
    for finding in &mut findings {
        subject.clone_into(&mut finding.subject);
    }
    findings
}

impl Diagnosis {
    pub(crate) fn new(checks: Vec<Finding>) -> Self {
        Self {
            ok: checks.iter().all(|check| check.status != Status::Failure),
            checks,
        }
    }

    /// How many checks came out so.
    pub(crate) fn count(&self, status: Status) -> usize {
        let checks = self.checks.iter();
        checks.filter(|check| check.status == status).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_failures_make_a_diagnosis_bad() {
        let soft = vec![
            Finding::pass("a.b", "good"),
            Finding::warning("a.c", "odd", "do"),
            Finding::unknown("a.d", "hidden", "allow"),
        ];
        assert!(Diagnosis::new(soft.clone()).ok);
        let hard = [soft, vec![Finding::failure("a.e", "bad", "do")]].concat();
        assert!(!Diagnosis::new(hard).ok);
    }

    #[test]
    fn the_json_has_the_members_that_scripts_rely_on() {
        let found = about("queue q", vec![Finding::pass("queue.delay", "none")]);
        let json = serde_json::to_value(Diagnosis::new(found)).expect("JSON");
        assert_eq!(
            json,
            serde_json::json!({"ok": true, "checks": [{
                "id": "queue.delay", "status": "pass", "subject": "queue q",
                "message": "none", "fix": null,
            }]})
        );
    }
}
