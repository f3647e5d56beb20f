//! Checks before the first message is taken.
//!
//! What a restart cannot cure (a queue that does not exist) stops the start. What a person puts
//! right outside (permissions, credentials, an outage) leaves the worker running and not ready:
//! the engine pauses on the queue's refusals itself, and Cloudinary is asked until it answers.

use std::time::Duration;

use aws_adapters::{QueueAttributes, SqsQueue};
use backon::{BackoffBuilder, ExponentialBuilder};
use cloudinary_core::{ApiError, Disposition};
use event_mapper::FolderMode;
use sync_engine::ports::{AssetLibrary, Queue, QueueError, QueueErrorKind};
use telemetry::{Health, Metrics, error_chain};
use tokio::time::Instant;

use crate::config::{Config, FolderModeChoice};
use crate::library::CloudinaryLibrary;
use crate::observe::{CLOUDINARY, QUEUE, paused_because};
use crate::run::RunError;

/// Between two questions to a Cloudinary that does not answer.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Between two log lines that say the same.
const REMIND_EVERY: Duration = Duration::from_mins(1);
/// Answers without a folder mode before it is given up; a single one may be an accident.
const ANSWERS_MISSED: u32 = 2;

/// The checks and what they need.
#[derive(Clone, Copy)]
pub(crate) struct Preflight<'a> {
    pub(crate) config: &'a Config,
    pub(crate) queue: &'a SqsQueue,
    pub(crate) dead_letters: Option<&'a SqsQueue>,
    pub(crate) library: &'a CloudinaryLibrary,
    pub(crate) health: &'a Health,
    pub(crate) metrics: &'a Metrics,
}

impl Preflight<'_> {
    /// Looks at the queues, and asks Cloudinary until it has answered once: for the folder mode
    /// where that is left to it, else whether it takes our credentials.
    pub(crate) async fn check(self) -> Result<FolderMode, RunError> {
        self.check_queue().await?;
        self.check_dead_letter_queue().await?;
        Ok(self.ask_cloudinary().await)
    }

    async fn check_queue(self) -> Result<(), RunError> {
        match self.queue.attributes().await {
            Ok(attributes) => {
                self.health.pass(QUEUE);
                warn_about(&attributes);
            }
            Err(error) => {
                refuse_missing("CLDSYNC_QUEUE_URL", &self.config.queue_url, &error)?;
                tracing::error!(error = %error_chain(&error), "The queue cannot be used yet");
                self.health
                    .fail(QUEUE, "the first look failed; the log tells why");
            }
        }
        Ok(())
    }

    async fn check_dead_letter_queue(self) -> Result<(), RunError> {
        let (Some(queue), Some(url)) = (self.dead_letters, &self.config.dead_letter_queue_url)
        else {
            return Ok(());
        };
        // Least privilege allows no look at this queue, only sending; so a refusal says nothing.
        if let Err(error) = queue.check().await {
            refuse_missing("CLDSYNC_DEAD_LETTER_QUEUE_URL", url, &error)?;
            tracing::debug!(error = %error_chain(&error), "The dead-letter queue was not seen");
        }
        Ok(())
    }

    async fn ask_cloudinary(self) -> FolderMode {
        let mut waits = ExponentialBuilder::new()
            .with_min_delay(Duration::from_secs(1))
            .with_max_delay(LONGEST_WAIT)
            .with_jitter()
            .without_max_times()
            .build();
        let mut without_answer = 0;
        let mut told = None;
        loop {
            match ask(self.config.folder_mode, self.library).await {
                Ok(mode) => return self.accept(mode),
                Err(refused) if refused.no_answer && without_answer == ANSWERS_MISSED => {
                    tracing::warn!(
                        error = refused.why,
                        "Cloudinary does not tell its folder mode, so `fixed` is taken; \
                         set CLDSYNC_FOLDER_MODE to end this warning"
                    );
                    return self.accept(FolderMode::Fixed);
                }
                Err(refused) => {
                    without_answer += u32::from(refused.no_answer);
                    self.note(refused, &mut told);
                }
            }
            tokio::time::sleep(waits.next().unwrap_or(LONGEST_WAIT)).await;
        }
    }

    fn accept(self, mode: FolderMode) -> FolderMode {
        self.metrics.paused.with([CLOUDINARY]).set(0.0);
        self.health.pass(CLOUDINARY);
        mode
    }

    /// `told`: when the log last said so. Once a minute is enough.
    fn note(self, refused: Refused, told: &mut Option<Instant>) {
        if told.is_none_or(|told| told.elapsed() >= REMIND_EVERY) {
            tracing::error!(error = refused.why, "Cloudinary cannot be used yet");
            *told = Some(Instant::now());
        }
        let paused = if refused.ours { 1.0 } else { 0.0 };
        self.metrics.paused.with([CLOUDINARY]).set(paused);
        let why = if refused.ours {
            paused_because(&refused.why)
        } else {
            refused.why
        };
        self.health.fail(CLOUDINARY, why);
    }
}

/// Cloudinary cannot be used now.
#[derive(Debug, PartialEq, Eq)]
struct Refused {
    /// Because of our credentials or rights.
    ours: bool,
    /// It answered, but did not tell what it was asked.
    no_answer: bool,
    why: String,
}

async fn ask(choice: FolderModeChoice, library: &CloudinaryLibrary) -> Result<FolderMode, Refused> {
    match choice {
        FolderModeChoice::Auto => match library.folder_mode().await {
            Ok(cloudinary_core::FolderMode::Fixed) => Ok(FolderMode::Fixed),
            Ok(cloudinary_core::FolderMode::Dynamic) => Ok(FolderMode::Dynamic),
            Err(error) => Err(Refused {
                ours: error.disposition() == Disposition::Ours,
                no_answer: has_no_answer(&error),
                why: error_chain(&error).to_string(),
            }),
        },
        FolderModeChoice::Is(mode) => match library.ping().await {
            Ok(()) => Ok(mode),
            // The quota of the Admin API is used up; uploads have none.
            Err(error) if error.disposition == Disposition::Throttled => Ok(mode),
            Err(error) => Err(Refused {
                ours: error.disposition == Disposition::Ours,
                no_answer: false,
                why: error_chain(&error).to_string(),
            }),
        },
    }
}

/// Whether asking for ever would not help: the call is not known there, or its answer has no
/// folder mode in it.
fn has_no_answer(error: &ApiError) -> bool {
    error.disposition() == Disposition::Refused || error.status == Some(200)
}

fn refuse_missing(variable: &'static str, url: &str, error: &QueueError) -> Result<(), RunError> {
    if error.kind != QueueErrorKind::Missing {
        return Ok(());
    }
    Err(RunError::QueueMissing {
        variable,
        url: url.to_owned(),
    })
}

fn warn_about(queue: &QueueAttributes) {
    match queue.max_receive_count {
        None => tracing::warn!(
            "The queue has no redrive policy: a message that crashes workers comes back for days"
        ),
        Some(count) if count < QueueAttributes::RECEIVES_ADVISED => tracing::warn!(
            max_receive_count = count,
            "The queue's maxReceiveCount is below {}: \
             an outage moves good messages to the dead-letter queue",
            QueueAttributes::RECEIVES_ADVISED
        ),
        Some(_) => {}
    }
    if queue.maximum_message_size < QueueAttributes::NOTIFICATION_MAX {
        tracing::warn!(
            maximum_message_size_bytes = queue.maximum_message_size,
            "The queue's MaximumMessageSize is below {}: \
             S3 drops larger notifications silently",
            QueueAttributes::NOTIFICATION_MAX
        );
    }
}

#[cfg(test)]
mod tests {
    use cloudinary_core::ErrorKind;

    use super::*;

    fn error(kind: ErrorKind, status: Option<u16>) -> ApiError {
        ApiError {
            status,
            ..ApiError::new(kind, "")
        }
    }

    #[test]
    fn an_answer_without_a_folder_mode_is_told_from_no_answer_at_all() {
        assert!(has_no_answer(&error(ErrorKind::NotFound, Some(404))));
        assert!(has_no_answer(&error(ErrorKind::ReadInterrupted, Some(200))));
        assert!(!has_no_answer(&error(ErrorKind::ReadInterrupted, None)));
        assert!(!has_no_answer(&error(ErrorKind::ServerError, Some(503))));
        assert!(!has_no_answer(&error(ErrorKind::Unauthorized, Some(401))));
    }

    #[test]
    fn only_a_missing_queue_stops_the_start() {
        let error = |kind| QueueError {
            operation: "GetQueueAttributes",
            kind,
            source: "no".into(),
        };
        let check = |kind| refuse_missing("CLDSYNC_QUEUE_URL", "https://q", &error(kind));
        assert!(check(QueueErrorKind::Denied).is_ok());
        assert!(check(QueueErrorKind::Transient).is_ok());
        let refused = check(QueueErrorKind::Missing).expect_err("missing");
        assert_eq!(refused.exit_code(), crate::ExitCode::Config);
    }
}
