//! The environment as a value, so that nothing below `main` reads the process's own.

use std::collections::BTreeMap;
use std::fmt;

/// Names and values. `Debug` shows only the names, because any value may be a secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The value of a variable. Empty is the same as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.trim().is_empty())
    }

    /// Variables of ours, used or not: those that nobody but us would set.
    pub(super) fn ours(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(|(name, value)| name.starts_with("CLDSYNC_") && !is_foreign(name, value))
            .map(|(name, _)| name.as_str())
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Whether a `CLDSYNC_` variable was set by somebody else: our own test suite, or Kubernetes,
/// which describes every Service to every container of its namespace. A Service called
/// `cldsync-metrics` gives `CLDSYNC_METRICS_SERVICE_HOST`, `CLDSYNC_METRICS_PORT` and more.
fn is_foreign(name: &str, value: &str) -> bool {
    let service = name.contains("_SERVICE_HOST") || name.contains("_SERVICE_PORT");
    let port = name.contains("_PORT")
        && (value.contains("://") || name.contains("_TCP") || name.contains("_UDP"));
    name.starts_with("CLDSYNC_TEST_") || service || port
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_not_set() {
        let environment = Environment::from_iter([("A", ""), ("B", "  "), ("C", "c")]);
        assert_eq!(environment.get("A"), None);
        assert_eq!(environment.get("B"), None);
        assert_eq!(environment.get("C"), Some("c"));
    }

    #[test]
    fn variables_that_kubernetes_sets_for_services_are_not_ours() {
        let environment = Environment::from_iter([
            ("CLDSYNC_METRICS_PORT", "tcp://10.0.0.1:9090"),
            ("CLDSYNC_METRICS_PORT_9090_TCP", "tcp://10.0.0.1:9090"),
            ("CLDSYNC_METRICS_PORT_9090_TCP_ADDR", "10.0.0.1"),
            ("CLDSYNC_METRICS_PORT_9090_TCP_PROTO", "tcp"),
            ("CLDSYNC_METRICS_SERVICE_HOST", "10.0.0.1"),
            ("CLDSYNC_METRICS_SERVICE_PORT_METRICS", "9090"),
            ("CLDSYNC_TEST_BIN_DIR", "target/debug"),
            ("CLDSYNC_QUEUE_ULR", "https://sqs"),
            ("CLDSYNC_ADMIN_PORT", "9090"),
            ("PATH", "/bin"),
        ]);
        let ours: Vec<_> = environment.ours().collect();
        assert_eq!(ours, ["CLDSYNC_ADMIN_PORT", "CLDSYNC_QUEUE_ULR"]);
    }

    #[test]
    fn debug_shows_no_values() {
        let environment = Environment::from_iter([("CLOUDINARY_URL", "cloudinary://k:s3cret@c")]);
        assert_eq!(format!("{environment:?}"), r#"{"CLOUDINARY_URL"}"#);
    }
}
