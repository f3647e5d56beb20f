//! Settings of the worker as a process: its endpoint, its log, its traces, its file.

use crate::config::kind::Kind;
use crate::config::settings::Setting;

pub(crate) static ADMIN_ADDR: Setting = Setting::new(
    "CLDSYNC_ADMIN_ADDR",
    Kind::Address,
    "Where `/metrics`, `/livez` and `/readyz` are served. Port 0 takes any free port and logs it.",
)
.default("0.0.0.0:9090");

pub(crate) static LOG_FORMAT: Setting = Setting::new(
    "CLDSYNC_LOG_FORMAT",
    Kind::Word(&["json", "text"]),
    "How log lines look: one JSON object each, or text for people.",
)
.default("json");

pub(crate) static LOG_FILTER: Setting = Setting::new(
    "CLDSYNC_LOG_FILTER",
    Kind::Text("a filter such as `info` or `warn,sync_engine=debug`"),
    "Which log lines are written.",
)
.also("RUST_LOG")
.default("info")
.advice(
    "Libraries from outside never write below `info`, whatever the filter says, because their \
     debug output holds credentials.",
);

pub(crate) static OTLP_ENDPOINT: Setting = Setting::new(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    Kind::HttpUrl,
    "Where an OpenTelemetry collector takes OTLP over HTTP, such as `http://127.0.0.1:4318`; spans \
     go to `/v1/traces` below it. Without it, and without the variable for traces alone, nothing \
     is traced.",
)
.advice(
    "Always protobuf over HTTP, whatever OTEL_EXPORTER_OTLP_PROTOCOL says. The SDK's other \
     variables work too, as variables only: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, \
     OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS, OTEL_BSP_MAX_QUEUE_SIZE and their kin. A \
     collector that is down or slow costs spans, never work.",
);

pub(crate) static OTLP_TRACES_ENDPOINT: Setting = Setting::new(
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    Kind::HttpUrl,
    "The whole URL that takes spans, if it is not `/v1/traces` below the one above.",
);

pub(crate) static CONFIG: Setting = Setting::new(
    "CLDSYNC_CONFIG",
    Kind::Path,
    "A configuration file in TOML, for several routes or for settings beside the environment.",
)
.not_in_file();
