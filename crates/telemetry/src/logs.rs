//! Logs: one sentence plus fields, as JSON or as text, with UTC times.
//!
//! [`init`] installs the process-wide subscriber. Code of this workspace logs at any level that
//! the filter asks for. Everybody else's code is cut off below `info`, whatever the filter says:
//! HTTP and AWS libraries print request headers, and with them credentials, at `debug`.

use std::fmt;
use std::io::{self, IsTerminal};
use std::str::FromStr;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::util::SubscriberInitExt;

/// The crates whose debug output is known to hold no credentials.
const OURS: &[&str] = &[
    "adaptive_limit",
    "aws_adapters",
    "aws_emulator",
    "bench",
    "cldsync",
    "cldsync_worker",
    "cli",
    "cloudinary_client",
    "cloudinary_core",
    "cloudinary_emulator",
    "event_mapper",
    "sync_engine",
    "telemetry",
    "worker",
];

/// How a log line looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line, fields beside the message.
    #[default]
    Json,
    /// For people; coloured on a terminal.
    Text,
}

impl LogFormat {
    /// The word used in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "text",
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for LogFormat {
    type Err = LogsError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err(LogsError::Format(word.to_owned())),
        }
    }
}

/// Where log lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogTarget {
    /// Where containers collect them.
    Stdout,
    /// For tools whose standard output is their result.
    Stderr,
}

/// Logs could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// The filter does not parse.
    #[error("log filter `{0}`")]
    Filter(String, #[source] tracing_subscriber::filter::ParseError),
    /// Neither `json` nor `text`.
    #[error("log format `{0}` is not one of json, text")]
    Format(String),
    /// Something else in this process has installed a subscriber.
    #[error("logs are already set up")]
    Installed(#[source] tracing_subscriber::util::TryInitError),
}

/// Checks a filter in the syntax of `RUST_LOG` without installing anything.
pub fn check_filter(filter: &str) -> Result<(), LogsError> {
    parse_filter(filter).map(drop)
}

/// Installs the subscriber of this process. May succeed once.
pub fn init(format: LogFormat, target: LogTarget, filter: &str) -> Result<(), LogsError> {
    let layer = match target {
        LogTarget::Stdout => layer(format, io::stdout, io::stdout().is_terminal(), filter)?,
        LogTarget::Stderr => layer(format, io::stderr, io::stderr().is_terminal(), filter)?,
    };
    Registry::default()
        .with(layer)
        .try_init()
        .map_err(LogsError::Installed)
}

/// The layer that [`init`] installs, for tests that bring their own writer.
pub fn layer<S, W>(
    format: LogFormat,
    writer: W,
    colours: bool,
    filter: &str,
) -> Result<Box<dyn Layer<S> + Send + Sync>, LogsError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let filter = parse_filter(filter)?.and(filter_fn(may_log));
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    Ok(match format {
        LogFormat::Json => layer.json().flatten_event(true).with_filter(filter).boxed(),
        LogFormat::Text => layer.with_ansi(colours).with_filter(filter).boxed(),
    })
}

fn parse_filter(filter: &str) -> Result<EnvFilter, LogsError> {
    EnvFilter::builder()
        .parse(filter)
        .map_err(|error| LogsError::Filter(filter.to_owned(), error))
}

fn may_log(metadata: &Metadata<'_>) -> bool {
    let krate = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO || OURS.contains(&krate)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0
                .lock()
                .expect("not poisoned")
                .extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, filter: &str, act: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let layer = layer(format, move || writer.clone(), false, filter).expect("a good filter");
        tracing::subscriber::with_default(Registry::default().with(layer), act);
        let bytes = buffer.0.lock().expect("not poisoned").clone();
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn json_lines_hold_message_and_fields_side_by_side() {
        let text = logged(LogFormat::Json, "info", || {
            tracing::info!(target: "sync_engine", attempts = 2, "Uploaded");
        });
        let line: serde_json::Value = serde_json::from_str(&text).expect("one JSON object");
        assert_eq!(line["message"], "Uploaded");
        assert_eq!(line["attempts"], 2);
        assert_eq!(line["level"], "INFO");
        assert!(
            line["timestamp"]
                .as_str()
                .is_some_and(|at| at.ends_with('Z')),
            "{line}"
        );
    }

    #[test]
    fn foreign_debug_output_stays_hidden_even_when_the_filter_asks_for_it() {
        let text = logged(LogFormat::Text, "trace", || {
            tracing::debug!(target: "hyper::proto", "authorization: Basic c2VjcmV0");
            tracing::debug!(target: "sync_engine::lanes", "lane opened");
            tracing::info!(target: "hyper::proto", "connected");
        });
        assert!(!text.contains("Basic"), "{text}");
        assert!(text.contains("lane opened"), "{text}");
        assert!(text.contains("connected"), "{text}");
    }

    #[test]
    fn the_filter_decides_what_our_own_code_says() {
        let text = logged(LogFormat::Text, "warn", || {
            tracing::info!(target: "sync_engine", "quiet");
            tracing::warn!(target: "sync_engine", "loud");
        });
        assert!(!text.contains("quiet") && text.contains("loud"), "{text}");
    }

    #[test]
    fn a_bad_filter_or_format_is_an_error_that_shows_it() {
        let error = check_filter("worker=shout").expect_err("no such level");
        assert_eq!(error.to_string(), "log filter `worker=shout`");
        let error = "xml".parse::<LogFormat>().expect_err("no such format");
        assert_eq!(
            error.to_string(),
            "log format `xml` is not one of json, text"
        );
    }
}
