//! Adds `trace_id` to lines that are written within a trace, so that one leads to the other.
//!
//! Only in use while traces are exported. The formats themselves know no such field, so it is put
//! behind the others when a line is finished.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::LogFormat;
use crate::traces::current_trace_id;

/// A format of lines, and the field behind it.
pub(super) struct WithTraceId<F> {
    pub(super) inner: F,
    pub(super) format: LogFormat,
}

impl<S, N, F> FormatEvent<S, N> for WithTraceId<F>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(id) = current_trace_id() else {
            return self.inner.format_event(context, writer, event);
        };
        let mut line = String::new();
        let plain = Writer::new(&mut line);
        self.inner.format_event(context, plain, event)?;
        match (
            self.format,
            line.strip_suffix("}\n"),
            line.strip_suffix('\n'),
        ) {
            (LogFormat::Json, Some(fields), _) => {
                writeln!(writer, "{fields},\"trace_id\":\"{id}\"}}")
            }
            (LogFormat::Text, _, Some(text)) => writeln!(writer, "{text} trace_id={id}"),
            _ => writer.write_str(&line),
        }
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::registry::Registry;

    use super::super::{make_layer, tests::Buffer};
    use super::*;

    /// One line within a span, and one outside.
    fn logged(format: LogFormat) -> [String; 2] {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let lines = make_layer(format, move || writer.clone(), false, "info", true);
        let tracer = SdkTracerProvider::builder().build().tracer("test");
        let otel = tracing_opentelemetry::layer().with_tracer(tracer);
        let subscriber = Registry::default()
            .with(lines.expect("a good filter"))
            .with(otel);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info_span!("message").in_scope(|| tracing::info!(count = 2, "inside"));
            tracing::info!("outside");
        });
        let text = buffer.text();
        let (inside, outside) = text.split_once('\n').expect("two lines");
        [inside.to_owned(), outside.to_owned()]
    }

    #[test]
    fn a_json_line_within_a_trace_has_its_id_beside_the_other_fields() {
        let [inside, outside] = logged(LogFormat::Json);
        let line: serde_json::Value = serde_json::from_str(&inside).expect("one JSON object");
        assert_eq!(line["message"], "inside");
        assert_eq!(line["count"], 2);
        let id = line["trace_id"].as_str().expect("an ID");
        assert_eq!(id.len(), 32, "{line}");
        assert!(line.get("span").is_none(), "{line}");
        assert!(!outside.contains("\"trace_id\":"), "{outside}");
    }

    #[test]
    fn a_text_line_within_a_trace_ends_with_its_id() {
        let [inside, outside] = logged(LogFormat::Text);
        let (_, id) = inside
            .split_once("inside count=2 trace_id=")
            .expect(&inside);
        assert_eq!(id.len(), 32, "{inside}");
        assert!(!outside.contains("trace_id="), "{outside}");
    }
}
