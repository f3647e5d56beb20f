//! The Cloudinary account: credentials, folder mode, quota, plan. Pure.

use cloudinary_client::Ping;
use cloudinary_core::{ApiError, Disposition, FolderMode, MediaLimits, Usage};
use event_mapper::FolderMode as WantedMode;
use telemetry::error_chain;
use worker::config::FolderModeChoice;

use super::command::setting;
use super::finding::Finding;

/// Above this share of credits a person should know.
const CREDITS_HIGH: f64 = 90.0;
/// Below this share of the hourly quota a worker may have to wait for it.
const QUOTA_LOW: u64 = 10;
const CONSOLE: &str = "see https://console.cloudinary.com";

type Seen<T> = Result<T, ApiError>;

/// What the account said; the later questions are asked only where the first was answered.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) ping: Seen<Ping>,
    pub(crate) more: Option<(Seen<FolderMode>, Seen<Usage>)>,
}

/// Everything about the account.
pub(crate) fn check(account: &Account, choice: FolderModeChoice) -> Vec<Finding> {
    let mut findings = vec![credentials(&account.ping)];
    if let Ok(ping) = &account.ping {
        findings.push(quota(ping));
    }
    if let Some((mode, usage)) = &account.more {
        findings.push(folder_mode(mode, choice));
        findings.push(credits(usage));
        findings.push(media_limits(usage));
    }
    findings
}

fn credentials(ping: &Seen<Ping>) -> Finding {
    let id = "cloudinary.credentials";
    let Err(error) = ping else {
        return Finding::pass(id, "accepted");
    };
    let told = error_chain(error);
    match error.disposition() {
        Disposition::Throttled => {
            let message = format!("the hourly quota of the Admin API is used up ({told})");
            Finding::unknown(id, message, "try again in the next hour")
        }
        Disposition::Ours => {
            let message = format!("not accepted ({told})");
            let fix = "export CLOUDINARY_URL=cloudinary://API_KEY:API_SECRET@CLOUD";
            Finding::failure(id, message, format!("{fix}\n{CONSOLE}, API keys"))
        }
        _ => {
            let message = format!("Cloudinary cannot be asked ({told})");
            let fix = "check CLOUDINARY_URL and the way there: upload_prefix, proxy, firewall";
            Finding::failure(id, message, fix)
        }
    }
}

fn quota(ping: &Ping) -> Finding {
    let id = "cloudinary.admin_quota";
    let limit = ping.rate_limit.as_ref();
    let (Some(remaining), Some(limit)) = (
        limit.and_then(|limit| limit.remaining),
        limit.and_then(|limit| limit.limit),
    ) else {
        return Finding::pass(id, "Cloudinary tells no limit");
    };
    let message = format!("{remaining} of {limit} Admin API calls left in this hour");
    let enough = remaining.saturating_mul(100) >= limit.saturating_mul(QUOTA_LOW);
    let fix = "find out who else uses this account's Admin API";
    Finding::warning_unless(enough, id, message, fix)
}

fn folder_mode(mode: &Seen<FolderMode>, choice: FolderModeChoice) -> Finding {
    let id = "cloudinary.folder_mode";
    let mode = match mode {
        Ok(FolderMode::Fixed) => WantedMode::Fixed,
        Ok(FolderMode::Dynamic) => WantedMode::Dynamic,
        Err(error) => {
            let message = format!("not told ({})", error_chain(error));
            return match choice {
                FolderModeChoice::Auto => {
                    Finding::warning(id, message, setting("CLDSYNC_FOLDER_MODE", "fixed"))
                }
                FolderModeChoice::Is(_) => Finding::pass(id, message + ", nor asked for"),
            };
        }
    };
    match choice {
        FolderModeChoice::Auto => Finding::pass(id, format!("{}, found out", word(mode))),
        FolderModeChoice::Is(wanted) if wanted == mode => Finding::pass(id, word(mode)),
        FolderModeChoice::Is(wanted) => {
            let message = format!(
                "the account is {}, but CLDSYNC_FOLDER_MODE says {}; assets do not appear in \
                 their folders",
                word(mode),
                word(wanted)
            );
            Finding::warning(id, message, setting("CLDSYNC_FOLDER_MODE", "auto"))
        }
    }
}

fn word(mode: WantedMode) -> &'static str {
    match mode {
        WantedMode::Fixed => "fixed",
        WantedMode::Dynamic => "dynamic",
    }
}

fn credits(usage: &Seen<Usage>) -> Finding {
    let id = "cloudinary.credits";
    let usage = match usage {
        Ok(usage) => usage,
        Err(error) => return untold(id, error),
    };
    let plan = usage.plan.as_deref().unwrap_or("unnamed");
    match usage.credits.and_then(|credits| credits.percent()) {
        None => Finding::pass(id, format!("plan {plan}, not limited by credits")),
        Some(percent) => {
            let message = format!("plan {plan}, {percent:.0} % of the credits are used");
            let fix = format!("{CONSOLE}, billing");
            Finding::warning_unless(percent < CREDITS_HIGH, id, message, fix)
        }
    }
}

fn media_limits(usage: &Seen<Usage>) -> Finding {
    let id = "cloudinary.media_limits";
    let usage = match usage {
        Ok(usage) => usage,
        Err(error) => return untold(id, error),
    };
    let MediaLimits { image, video, raw } = usage.media_limits;
    let limits = [("image", image), ("video", video), ("raw file", raw)];
    let told: Vec<String> = limits
        .into_iter()
        .filter_map(|(kind, limit)| Some(format!("{kind} {} MiB", limit? / (1024 * 1024))))
        .collect();
    if told.is_empty() {
        return Finding::unknown(
            id,
            "Cloudinary does not tell how large files may be",
            CONSOLE,
        );
    }
    let message = format!(
        "largest {}; what is larger is dead-lettered",
        told.join(", ")
    );
    Finding::pass(id, message)
}

fn untold(id: &'static str, error: &ApiError) -> Finding {
    let message = format!("could not be checked ({})", error_chain(error));
    Finding::unknown(id, message, CONSOLE)
}

#[cfg(test)]
mod tests {
    use cloudinary_core::{Credits, ErrorKind, RateLimit};

    use super::super::finding::Status::{self, Failure, Pass, Unknown, Warning};
    use super::super::testkit::{find, fix, status};
    use super::*;

    fn healthy() -> Account {
        let usage = Usage {
            plan: Some("Plus".to_owned()),
            credits: Some(Credits {
                used: 10.0,
                limit: Some(225.0),
            }),
            media_limits: MediaLimits {
                image: Some(20 * 1024 * 1024),
                video: Some(2048 * 1024 * 1024),
                raw: None,
            },
        };
        Account {
            ping: Ok(Ping { rate_limit: None }),
            more: Some((Ok(FolderMode::Dynamic), Ok(usage))),
        }
    }

    fn failed(kind: ErrorKind) -> ApiError {
        ApiError::new(kind, "no")
    }

    #[test]
    fn a_healthy_account_passes() {
        let found = check(&healthy(), FolderModeChoice::Auto);
        for finding in &found {
            assert_eq!(finding.status, Pass, "{finding:?}");
        }
        let limits = &find(&found, "cloudinary.media_limits").message;
        assert!(
            limits.starts_with("largest image 20 MiB, video 2048 MiB;"),
            "{limits}"
        );
    }

    #[test]
    fn refused_credentials_are_told_from_a_cloudinary_out_of_reach() {
        let with = |kind| Account {
            ping: Err(failed(kind)),
            more: None,
        };
        let refused = check(&with(ErrorKind::Unauthorized), FolderModeChoice::Auto);
        assert_eq!(status(&refused, "cloudinary.credentials"), Failure);
        assert!(fix(&refused, "cloudinary.credentials").contains("CLOUDINARY_URL"));
        assert_eq!(refused.len(), 1, "the rest was not asked");
        let away = check(&with(ErrorKind::Connect), FolderModeChoice::Auto);
        assert_eq!(status(&away, "cloudinary.credentials"), Failure);
        assert!(fix(&away, "cloudinary.credentials").contains("proxy"));
    }

    #[test]
    fn a_small_rest_of_the_quota_is_a_warning() {
        let left = |remaining| {
            let rate_limit = Some(RateLimit {
                limit: Some(500),
                remaining: Some(remaining),
                ..RateLimit::default()
            });
            let account = Account {
                ping: Ok(Ping { rate_limit }),
                ..healthy()
            };
            status(
                &check(&account, FolderModeChoice::Auto),
                "cloudinary.admin_quota",
            )
        };
        assert_eq!(left(50), Pass);
        assert_eq!(left(49), Warning);
    }

    #[test]
    fn a_folder_mode_that_is_not_the_account_s_is_a_warning() {
        let with = |choice| status(&check(&healthy(), choice), "cloudinary.folder_mode");
        assert_eq!(with(FolderModeChoice::Auto), Pass);
        assert_eq!(with(FolderModeChoice::Is(WantedMode::Dynamic)), Pass);
        assert_eq!(with(FolderModeChoice::Is(WantedMode::Fixed)), Warning);
    }

    #[test]
    fn a_folder_mode_that_is_not_told_matters_only_where_it_is_asked_for() {
        let account = Account {
            more: Some((
                Err(failed(ErrorKind::NotFound)),
                Err(failed(ErrorKind::NotFound)),
            )),
            ..healthy()
        };
        let with = |choice| status(&check(&account, choice), "cloudinary.folder_mode");
        assert_eq!(with(FolderModeChoice::Auto), Warning);
        assert_eq!(with(FolderModeChoice::Is(WantedMode::Fixed)), Pass);
        let found = check(&account, FolderModeChoice::Auto);
        assert_eq!(status(&found, "cloudinary.credits"), Unknown);
        assert_eq!(status(&found, "cloudinary.media_limits"), Unknown);
    }

    #[test]
    fn credits_that_run_out_are_a_warning() {
        let used = |used: f64, limit| -> Status {
            let usage = Usage {
                credits: Some(Credits { used, limit }),
                ..Usage::default()
            };
            let account = Account {
                more: Some((Ok(FolderMode::Fixed), Ok(usage))),
                ..healthy()
            };
            status(
                &check(&account, FolderModeChoice::Auto),
                "cloudinary.credits",
            )
        };
        assert_eq!(used(22.4, Some(25.0)), Pass);
        assert_eq!(used(22.6, Some(25.0)), Warning);
        assert_eq!(used(900.0, None), Pass);
    }
}
