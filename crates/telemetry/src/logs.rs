//! Logs: one sentence plus fields, as JSON or as text, with UTC times.
//!
//! [`init`] installs the process-wide subscriber. Code of this workspace logs at any level that
//! the filter asks for. Everybody else's code is cut off below `info`, whatever the filter says:
//! HTTP and AWS libraries print request headers, and with them credentials, at `debug`.
//! Spans are not for logs: this layer wants none, so that without traces none is ever made.

mod trace_id;

use std::fmt;
use std::io::{self, IsTerminal};
use std::str::FromStr;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::util::SubscriberInitExt;

use self::trace_id::WithTraceId;
use crate::traces::Traces;

/// A layer whose parts nobody needs to know.
type BoxedLayer<S> = Box<dyn Layer<S> + Send + Sync>;

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
    Registry::default()
        .with(layer_to(target, format, filter, false)?)
        .try_init()
        .map_err(LogsError::Installed)
}

/// The same, with traces beside the lines, and their ids in the lines.
pub fn init_with_traces(
    format: LogFormat,
    target: LogTarget,
    filter: &str,
    traces: &Traces,
) -> Result<(), LogsError> {
    // A layer that may be absent wants every span when it is, so this is not the one above with
    // an option.
    Registry::default()
        .with(layer_to(target, format, filter, true)?)
        .with(traces.layer())
        .try_init()
        .map_err(LogsError::Installed)
}

/// The layer that [`init`] installs, for tests that bring their own writer.
pub fn layer<S, W>(
    format: LogFormat,
    writer: W,
    colours: bool,
    filter: &str,
) -> Result<BoxedLayer<S>, LogsError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    make_layer(format, writer, colours, filter, false)
}

fn layer_to<S>(
    target: LogTarget,
    format: LogFormat,
    filter: &str,
    with_trace_ids: bool,
) -> Result<BoxedLayer<S>, LogsError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    match target {
        LogTarget::Stdout => {
            let colours = io::stdout().is_terminal();
            make_layer(format, io::stdout, colours, filter, with_trace_ids)
        }
        LogTarget::Stderr => {
            let colours = io::stderr().is_terminal();
            make_layer(format, io::stderr, colours, filter, with_trace_ids)
        }
    }
}

fn make_layer<S, W>(
    format: LogFormat,
    writer: W,
    colours: bool,
    filter: &str,
    with_trace_ids: bool,
) -> Result<BoxedLayer<S>, LogsError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let filter = parse_filter(filter)?.and(filter_fn(may_log));
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    Ok(match (format, with_trace_ids) {
        (LogFormat::Json, false) => lines.json().flatten_event(true).with_filter(filter).boxed(),
        (LogFormat::Text, false) => lines.with_ansi(colours).with_filter(filter).boxed(),
        (LogFormat::Json, true) => lines
            .json()
            .flatten_event(true)
            .map_event_format(|inner| WithTraceId { inner, format })
            .with_filter(filter)
            .boxed(),
        (LogFormat::Text, true) => lines
            .with_ansi(colours)
            .map_event_format(|inner| WithTraceId { inner, format })
            .with_filter(filter)
            .boxed(),
    })
}

fn parse_filter(filter: &str) -> Result<EnvFilter, LogsError> {
    EnvFilter::builder()
        .parse(filter)
        .map_err(|error| LogsError::Filter(filter.to_owned(), error))
}

fn may_log(metadata: &Metadata<'_>) -> bool {
    metadata.is_event() && (*metadata.level() <= Level::INFO || is_ours(metadata))
}

/// Whether code of this workspace speaks.
pub(crate) fn is_ours(metadata: &Metadata<'_>) -> bool {
    let krate = metadata.target().split("::").next().unwrap_or_default();
    OURS.contains(&krate)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    pub(super) struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Buffer {
        pub(super) fn text(&self) -> String {
            let bytes = self.0.lock().expect("not poisoned").clone();
            String::from_utf8(bytes).expect("UTF-8")
        }
    }

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
        buffer.text()
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
    fn without_traces_no_span_is_made_whatever_the_filter_says() {
        let text = logged(LogFormat::Json, "trace", || {
            let span = tracing::info_span!(target: "sync_engine", "message", id = 1);
            assert!(span.is_disabled());
            span.in_scope(|| tracing::info!(target: "sync_engine", "inside"));
        });
        let line: serde_json::Value = serde_json::from_str(&text).expect("one JSON object");
        assert_eq!(line["message"], "inside");
        for absent in ["span", "spans", "trace_id"] {
            assert!(line.get(absent).is_none(), "{line}");
        }
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
