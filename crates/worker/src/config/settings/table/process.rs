//! Settings of the worker as a process: its endpoint, its log, its file.

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

pub(crate) static CONFIG: Setting = Setting::new(
    "CLDSYNC_CONFIG",
    Kind::Path,
    "A configuration file in TOML, for several routes or for settings beside the environment.",
)
.not_in_file();
