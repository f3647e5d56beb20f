//! From flags, environment and file to a typed [`Config`], or to every mistake at once.
//!
//! One table ([`settings`]) says what there is; `sources` gathers, `reader` reads, and this
//! page puts the parts together and looks for contradictions between them. Reads the
//! configuration file and a secret file, nothing else: the environment is passed in.

mod account;
mod concurrency;
mod did_you_mean;
mod duration;
mod effective;
mod environment;
mod error;
mod file;
mod flags;
mod kind;
mod markdown;
mod reader;
mod rules;
pub mod settings;
mod sources;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::str::FromStr;
use std::time::Duration;

use adaptive_limit::Start;
use cloudinary_core::{Account, DeliveryType};
use event_mapper::{FolderMode, Rules, RulesConfig, RulesError};
use sync_engine::{Settings, Transfer, UploadOptions};
use telemetry::LogFormat;
use telemetry::logs::check_filter;

pub use effective::EffectiveSetting;
pub use environment::Environment;
pub use error::{ConfigError, ConfigErrors};
pub use flags::Flags;
pub use kind::Kind;
pub use markdown::render_markdown;
pub use rules::FolderModeChoice;

use reader::{Bad, Reader};
use settings as s;
use sources::Sources;

/// What a worker needs to know, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The Cloudinary account.
    pub account: Account,
    /// The queue that S3 notifies.
    pub queue_url: String,
    /// Where messages that can never succeed go.
    pub dead_letter_queue_url: Option<String>,
    /// From key to asset; its folder mode counts only when [`Config::folder_mode`] says so.
    pub rules: RulesConfig,
    /// How folders and public IDs relate.
    pub folder_mode: FolderModeChoice,
    /// How the bytes reach Cloudinary.
    pub transfer: Transfer,
    /// What is sent along with every upload.
    pub upload: UploadOptions,
    /// Deletes in S3 do not reach Cloudinary.
    pub upload_only: bool,
    /// What Cloudinary holds byte for byte is not uploaded again.
    pub skip_same_etag: bool,
    /// Messages held, calls made, and time taken.
    pub limits: Limits,
    /// Where metrics and health are served.
    pub admin_addr: SocketAddr,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log lines there are.
    pub log_filter: String,
    /// The URL that takes spans; without one nothing is traced.
    pub traces_endpoint: Option<String>,
    /// Every setting as it came out, without secrets.
    pub effective: Vec<EffectiveSetting>,
}

/// The settings about load and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages held at once.
    pub messages_in_flight: NonZeroUsize,
    /// Calls to Cloudinary in flight at the start.
    pub concurrency_initial: Start,
    /// Calls to Cloudinary ever in flight.
    pub concurrency_max: NonZeroUsize,
    /// Calls to Cloudinary started per second.
    pub operations_per_second: Option<NonZeroU32>,
    /// Assets destroyed within a minute.
    pub destroys_per_minute: Option<NonZeroU32>,
    /// The lease on a message.
    pub visibility_timeout: Duration,
    /// The long poll.
    pub wait_time: Duration,
    /// From the stop signal to the exit.
    pub drain_timeout: Duration,
    /// Between two looks at how full the queues are.
    pub queue_depth_interval: Duration,
}

impl Config {
    /// Puts the configuration together, or says everything that is wrong with it.
    pub fn resolve(flags: &Flags, environment: &Environment) -> Result<Self, ConfigErrors> {
        let sources = Sources::gather(flags, environment);
        let effective = effective::effective(&sources);
        read_all(sources, |r| read_config(r, effective))
    }

    /// Only the rules from key to asset, without asking for a queue or an account. A folder mode
    /// of `auto` is taken for `fixed`, since nobody is there to ask.
    pub fn resolve_rules(flags: &Flags, environment: &Environment) -> Result<Rules, ConfigErrors> {
        let sources = Sources::gather(flags, environment);
        let (config, _) = read_all(sources, rules::read_rules)?;
        Rules::new(&config).map_err(|error| ConfigError::new(error.to_string()).into())
    }

    /// Only where metrics and health are served, for somebody who wants to ask there.
    pub fn resolve_admin_addr(
        flags: &Flags,
        environment: &Environment,
    ) -> Result<SocketAddr, ConfigErrors> {
        let sources = Sources::gather(flags, environment);
        read_all(sources, |r| r.parsed(&s::ADMIN_ADDR))
    }

    /// Every setting that is not at its default, on one line, without secrets.
    pub fn changed_settings(&self) -> String {
        let changed = self
            .effective
            .iter()
            .filter(|setting| setting.origin != "default");
        changed
            .map(|s| format!("{}={}", s.name, s.value))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// What the engine needs to know, once the folder mode is. `seed` is the seed of all jitter.
    pub fn engine_settings(&self, mode: FolderMode, seed: u64) -> Result<Settings, RulesError> {
        let rules = Rules::new(&RulesConfig {
            folder_mode: mode,
            ..self.rules.clone()
        })?;
        Ok(Settings {
            messages_in_flight: self.limits.messages_in_flight,
            visibility_timeout: self.limits.visibility_timeout,
            wait_time: self.limits.wait_time,
            drain_timeout: self.limits.drain_timeout,
            calls_in_flight: self.limits.concurrency_max,
            calls_at_start: self.limits.concurrency_initial,
            operations_per_second: self.limits.operations_per_second,
            destroys_per_minute: self.limits.destroys_per_minute,
            transfer: self.transfer,
            upload: self.upload.clone(),
            upload_only: self.upload_only,
            skip_same_etag: self.skip_same_etag,
            seed,
            ..Settings::new(rules)
        })
    }
}

/// Runs a reader over the sources; succeeds only when nothing at all was wrong.
fn read_all<T>(
    sources: Sources,
    read: impl FnOnce(&mut Reader) -> Result<T, Bad>,
) -> Result<T, ConfigErrors> {
    let mut reader = Reader::new(sources);
    let result = read(&mut reader);
    let errors = reader.into_errors();
    match result {
        Ok(value) if errors.is_empty() => Ok(value),
        Ok(_) | Err(Bad) => Err(ConfigErrors::new(errors)),
    }
}

/// Reads everything before it gives up on anything, so that all mistakes are found.
fn read_config(r: &mut Reader, effective: Vec<EffectiveSetting>) -> Result<Config, Bad> {
    let account = account::read_account(r);
    let queue_url = r.url(&s::QUEUE_URL);
    let dead_letter_queue_url = read_dead_letter_queue(r);
    let rules = rules::read_rules(r);
    let transfer = r.parsed::<TransferWord>(&s::TRANSFER);
    let dots = refuse_dotted_buckets(r, transfer);
    let upload = read_upload(r);
    let upload_only = r.bool(&s::UPLOAD_ONLY_MODE);
    let skip_same_etag = r.bool(&s::SKIP_RELOAD_SAME_ETAG);
    let limits = read_limits(r);
    let admin_addr = r.parsed(&s::ADMIN_ADDR);
    let log_format = r.parsed(&s::LOG_FORMAT);
    let log_filter = read_log_filter(r);
    let traces_endpoint = read_traces_endpoint(r);
    dots?;
    let (rules, folder_mode) = rules?;
    let (account, skip_same_etag) = (account?, skip_same_etag?);
    check_signatures(r, &account, rules.delivery_type, skip_same_etag)?;
    Ok(Config {
        account,
        queue_url: queue_url?,
        dead_letter_queue_url: dead_letter_queue_url?,
        rules,
        folder_mode,
        transfer: transfer?.0,
        upload: upload?,
        upload_only: upload_only?,
        skip_same_etag,
        limits: limits?,
        admin_addr: admin_addr?,
        log_format: log_format?,
        log_filter: log_filter?,
        traces_endpoint: traces_endpoint?,
        effective,
    })
}

fn read_dead_letter_queue(r: &mut Reader) -> Result<Option<String>, Bad> {
    let url = r.optional_url(&s::DEAD_LETTER_QUEUE_URL)?;
    let same = url.is_some() && url == r.optional_text(&s::QUEUE_URL)?;
    if same {
        let both = [r.place(&s::DEAD_LETTER_QUEUE_URL), r.place(&s::QUEUE_URL)];
        return Err(r.note(ConfigError::new(format!(
            "{} and {} are the same queue; allowed: two different queues",
            both[0], both[1]
        ))));
    }
    Ok(url)
}

/// Cloudinary reads `s3://bucket/key` over HTTPS with the bucket in the host name, where the
/// certificate covers no dots.
fn refuse_dotted_buckets(r: &mut Reader, transfer: Result<TransferWord, Bad>) -> Result<(), Bad> {
    let why = "the transfer mode `s3` cannot read a bucket with a dot in its name; \
               allowed: CLDSYNC_TRANSFER=presigned or stream, or a bucket without a dot";
    if !matches!(transfer, Ok(TransferWord(Transfer::S3))) {
        return Ok(());
    }
    let in_file = r.routes().iter().filter_map(|route| route.bucket.clone());
    let dotted = in_file.filter(|bucket| bucket.contains('.')).map(|bucket| {
        ConfigError::new(format!(
            "bucket of a route in the file is `{bucket}`; {why}"
        ))
    });
    let mut errors: Vec<_> = dotted.collect();
    if r.optional_text(&s::BUCKET)?
        .is_some_and(|bucket| bucket.contains('.'))
    {
        errors.extend(
            r.given(&s::BUCKET)
                .map(|given| ConfigError::wrong(&s::BUCKET, given, why)),
        );
    }
    errors.into_iter().try_for_each(|error| Err(r.note(error)))
}

fn read_upload(r: &mut Reader) -> Result<UploadOptions, Bad> {
    let invalidate = r.bool(&s::INVALIDATE);
    let notification_url = r.optional_url(&s::NOTIFICATION_URL);
    let upload_preset = r.optional_text(&s::UPLOAD_PRESET);
    let eager = r.optional_text(&s::EAGER);
    Ok(UploadOptions {
        invalidate: invalidate?,
        notification_url: notification_url?,
        upload_preset: upload_preset?,
        tags: r.list(&s::TAGS),
        eager: eager?,
        context_metadata: r.list(&s::CONTEXT_METADATA),
    })
}

fn read_limits(r: &mut Reader) -> Result<Limits, Bad> {
    let messages_in_flight = r.count(&s::MESSAGES_IN_FLIGHT);
    let concurrency = concurrency::read_concurrency(r);
    let operations_per_second = r.optional_count(&s::OPERATIONS_PER_SECOND);
    let destroys_per_minute = r.optional_count(&s::MAX_DESTROYS_PER_MINUTE);
    let visibility_timeout = r.duration(&s::VISIBILITY_TIMEOUT);
    let wait_time = r.duration(&s::WAIT_TIME);
    let drain_timeout = r.duration(&s::DRAIN_TIMEOUT);
    let queue_depth_interval = r.duration(&s::QUEUE_DEPTH_INTERVAL);
    let (concurrency_initial, concurrency_max) = concurrency?;
    Ok(Limits {
        messages_in_flight: messages_in_flight?,
        concurrency_initial,
        concurrency_max,
        operations_per_second: operations_per_second?,
        destroys_per_minute: destroys_per_minute?,
        visibility_timeout: visibility_timeout?,
        wait_time: wait_time?,
        drain_timeout: drain_timeout?,
        queue_depth_interval: queue_depth_interval?,
    })
}

fn read_log_filter(r: &mut Reader) -> Result<String, Bad> {
    let filter = r.text(&s::LOG_FILTER)?;
    match (check_filter(&filter), r.given(&s::LOG_FILTER)) {
        (Err(_), Some(given)) => {
            let error = ConfigError::not_allowed(&s::LOG_FILTER, given);
            Err(r.note(error))
        }
        _ => Ok(filter),
    }
}

/// The variable for all signals names what the path of each is put behind; the one for traces is
/// taken as it is.
fn read_traces_endpoint(r: &mut Reader) -> Result<Option<String>, Bad> {
    let all = r.optional_url(&s::OTLP_ENDPOINT);
    let traces = r.optional_url(&s::OTLP_TRACES_ENDPOINT);
    let behind = |base: String| format!("{}/v1/traces", base.trim_end_matches('/'));
    Ok(traces?.or(all?.map(behind)))
}

/// Asking what is delivered needs a signed URL, unless everybody may ask.
fn check_signatures(
    r: &mut Reader,
    account: &Account,
    delivery_type: DeliveryType,
    skip_same_etag: bool,
) -> Result<(), Bad> {
    let signed = delivery_type != DeliveryType::Upload;
    if !skip_same_etag || !signed || account.signing_key().is_some() {
        return Ok(());
    }
    let place = r.place(&s::SKIP_RELOAD_SAME_ETAG);
    Err(r.note(ConfigError::new(format!(
        "{place} is `true` with the delivery type `{delivery_type}`, for which an API key and \
         secret must sign; allowed: a Cloudinary URL with both, or `false`"
    ))))
}

/// [`Transfer`] as a word of the configuration.
#[derive(Debug, Clone, Copy)]
struct TransferWord(Transfer);

impl FromStr for TransferWord {
    type Err = Bad;

    fn from_str(word: &str) -> Result<Self, Bad> {
        match word {
            "s3" => Ok(Self(Transfer::S3)),
            "presigned" => Ok(Self(Transfer::Presigned)),
            "stream" => Ok(Self(Transfer::Stream)),
            _ => Err(Bad),
        }
    }
}
