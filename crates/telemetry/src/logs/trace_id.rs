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
