//! What the emulator can be told: the command line, the environment and the library share it.
//!
//! One struct, so that a setting has one name, one default and one sentence of help.
//! Checks that need more than one value are left to the place that uses them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use clap::{Args, ValueEnum};
use secrecy::SecretString;

use crate::faults::FaultPlan;

const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9400);
const GIB: u64 = 1024 * 1024 * 1024;

/// Settings of one emulator.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Address to listen on; port 0 picks a free one.
    #[arg(long, env = "CLOUDINARY_EMULATOR_LISTEN", default_value_t = LISTEN)]
    pub listen: SocketAddr,
    /// Base URL that clients reach the emulator by, when it is not the address listened on.
    #[arg(long, env = "CLOUDINARY_EMULATOR_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Cloud name.
    #[arg(long, env = "CLOUDINARY_EMULATOR_CLOUD", default_value = "demo")]
    pub cloud: String,
    /// API key.
    #[arg(long, env = "CLOUDINARY_EMULATOR_API_KEY", default_value = "key")]
    pub api_key: String,
    /// API secret.
    #[arg(
        long,
        env = "CLOUDINARY_EMULATOR_API_SECRET",
        default_value = "secret",
        hide_env_values = true
    )]
    pub api_secret: SecretString,
    /// OAuth token accepted as `Authorization: Bearer`.
    #[arg(long, env = "CLOUDINARY_EMULATOR_OAUTH_TOKEN", hide_env_values = true)]
    pub oauth_token: Option<SecretString>,
    /// Where `s3://bucket/key` sources are fetched from, path-style and unsigned.
    #[arg(long, env = "CLOUDINARY_EMULATOR_S3_ENDPOINT")]
    pub s3_endpoint: Option<String>,
    /// Refuse a bucket without the object `.wellknown/cloudinary/<cloud>`.
    #[arg(long, env = "CLOUDINARY_EMULATOR_REQUIRE_WELLKNOWN")]
    pub require_wellknown: bool,
    /// Treat a missing S3 object as denied, as a bucket does that grants no listing.
    #[arg(long, env = "CLOUDINARY_EMULATOR_S3_HIDES_MISSING")]
    pub s3_hides_missing: bool,
    /// How folders work in this account.
    #[arg(
        long,
        env = "CLOUDINARY_EMULATOR_FOLDER_MODE",
        value_enum,
        default_value_t
    )]
    pub folder_mode: FolderMode,
    /// Upload API calls in flight before the next one is answered 420.
    #[arg(long, env = "CLOUDINARY_EMULATOR_MAX_CONCURRENT")]
    pub max_concurrent: Option<usize>,
    /// Time every Upload API call takes, in its slot.
    #[arg(long, env = "CLOUDINARY_EMULATOR_LATENCY", default_value = "0ms", value_parser = duration)]
    pub latency: Duration,
    /// Admin API calls in one clock hour before the next one is answered 420.
    #[arg(long, env = "CLOUDINARY_EMULATOR_ADMIN_HOURLY_LIMIT")]
    pub admin_hourly_limit: Option<u32>,
    /// How long search keeps showing the past.
    #[arg(long, env = "CLOUDINARY_EMULATOR_SEARCH_LAG", default_value = "0ms", value_parser = duration)]
    pub search_lag: Duration,
    /// JSON file with the faults to inject.
    #[arg(
        long = "fault-plan",
        env = "CLOUDINARY_EMULATOR_FAULT_PLAN",
        value_name = "FILE",
        value_parser = fault_plan,
        default_value = "",
        hide_default_value = true
    )]
    pub faults: FaultPlan,
    /// Name of an upload preset that exists; repeatable.
    #[arg(
        long = "upload-preset",
        env = "CLOUDINARY_EMULATOR_UPLOAD_PRESETS",
        value_delimiter = ','
    )]
    pub upload_presets: Vec<String>,
    /// Name of an upload preset that unsigned uploads may use; repeatable.
    #[arg(
        long = "unsigned-preset",
        env = "CLOUDINARY_EMULATOR_UNSIGNED_PRESETS",
        value_delimiter = ','
    )]
    pub unsigned_presets: Vec<String>,
    /// Refuse images whose bytes are no known image format.
    #[arg(long, env = "CLOUDINARY_EMULATOR_STRICT_IMAGES")]
    pub strict_images: bool,
    /// Status of a stale request; the service has been seen to use 400 and 401.
    #[arg(long, env = "CLOUDINARY_EMULATOR_STALE_STATUS", default_value_t = 400)]
    pub stale_status: u16,
    /// Status of a rename onto an asset that exists; 409 and 400 are plausible.
    #[arg(
        long,
        env = "CLOUDINARY_EMULATOR_RENAME_CONFLICT_STATUS",
        default_value_t = 409
    )]
    pub rename_conflict_status: u16,
    /// Bytes of assets and unfinished uploads held in memory; above it only size and `ETag` stay.
    #[arg(long, env = "CLOUDINARY_EMULATOR_MEMORY_LIMIT", default_value_t = 2 * GIB)]
    pub memory_limit: u64,
    /// Largest asset whose bytes are kept; of larger ones only size and `ETag` stay.
    #[arg(long, env = "CLOUDINARY_EMULATOR_KEEP_BYTES_UP_TO", default_value_t = GIB / 4)]
    pub keep_bytes_up_to: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: LISTEN,
            public_url: None,
            cloud: "demo".to_owned(),
            api_key: "key".to_owned(),
            api_secret: SecretString::from("secret"),
            oauth_token: None,
            s3_endpoint: None,
            require_wellknown: false,
            s3_hides_missing: false,
            folder_mode: FolderMode::default(),
            max_concurrent: None,
            latency: Duration::ZERO,
            admin_hourly_limit: None,
            search_lag: Duration::ZERO,
            faults: FaultPlan::default(),
            upload_presets: Vec::new(),
            unsigned_presets: Vec::new(),
            strict_images: false,
            stale_status: 400,
            rename_conflict_status: 409,
            memory_limit: 2 * GIB,
            keep_bytes_up_to: GIB / 4,
        }
    }
}

impl Options {
    /// The defaults on a free loopback port: what a test wants.
    pub fn on_free_port() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            ..Self::default()
        }
    }
}

/// Whether the folder is part of the public ID.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum FolderMode {
    /// The path in the public ID is the folder: accounts before 2024.
    Fixed,
    /// `asset_folder` and `display_name` are independent of the public ID.
    #[default]
    Dynamic,
}

impl FolderMode {
    /// The word that the Admin API's `config` uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Dynamic => "dynamic",
        }
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let value: u64 = number
        .parse()
        .map_err(|_| "expected a number with ms, s or m, like 50ms".to_owned())?;
    match &text[number.len()..] {
        "ms" => Ok(Duration::from_millis(value)),
        "s" => Ok(Duration::from_secs(value)),
        "m" => Ok(Duration::from_secs(value.saturating_mul(60))),
        _ => Err("expected a unit of ms, s or m".to_owned()),
    }
}

fn fault_plan(file: &str) -> Result<FaultPlan, String> {
    if file.is_empty() {
        return Ok(FaultPlan::default());
    }
    let text = std::fs::read(Path::new(file)).map_err(|error| error.to_string())?;
    serde_json::from_slice(&text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use secrecy::ExposeSecret;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn the_command_line_without_arguments_gives_the_library_defaults() {
        let parsed = Cli::parse_from(["cloudinary-emulator"]).options;
        let default = Options::default();
        assert_eq!(
            parsed.api_secret.expose_secret(),
            default.api_secret.expose_secret()
        );
        assert_eq!(format!("{parsed:?}"), format!("{default:?}"));
    }

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(duration("50ms"), Ok(Duration::from_millis(50)));
        assert_eq!(duration("2m"), Ok(Duration::from_mins(2)));
        assert!(duration("50").is_err());
        assert!(duration("ms").is_err());
        assert!(duration("-1s").is_err());
    }

    #[test]
    fn the_secret_is_not_in_the_debug_text() {
        let options = Options {
            api_secret: "hunter2".into(),
            ..Options::default()
        };
        assert!(!format!("{options:?}").contains("hunter2"));
    }
}
