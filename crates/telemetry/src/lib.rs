//! Logs, metrics and the admin endpoint.
