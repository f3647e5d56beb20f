//! What a test needs from outside: named by a variable, demanded where tests must be complete.

/// The value of a variable. Without one, `suite` is skipped by name, or fails where `CI=true`.
pub(crate) fn needed(variable: &str, suite: &str) -> Option<String> {
    let value = read(variable);
    if value.is_none() {
        assert_ne!(
            read("CI").as_deref(),
            Some("true"),
            "{suite} needs {variable}, which is not set"
        );
        skipped(suite, variable);
    }
    value
}

/// The value of a variable that a test can do without.
pub(crate) fn given(variable: &str) -> Option<String> {
    read(variable)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where these tests read the environment"
)]
fn read(variable: &str) -> Option<String> {
    std::env::var(variable)
        .ok()
        .filter(|value| !value.is_empty())
}

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn skipped(suite: &str, variable: &str) {
    eprintln!("skipped: {suite} ({variable} is not set; `cargo xtask test` sets it)");
}
