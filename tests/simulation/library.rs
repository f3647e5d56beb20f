//! Cloudinary as one member reaches it: refused, slow, answered late or not at all. What the
//! caller is told and what becomes of the write are two things.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cloudinary_core::{AssetId, Disposition, UploadParams};
use futures_util::TryStreamExt;
use secrecy::ExposeSecret;
use sync_engine::ports::{AssetLibrary, Destroyed, LibraryError, Source, Uploaded};
use sync_engine::testkit::content_etag;
use tokio::time::sleep;

use super::bucket::BUCKET;
use super::cloud::{Ending, Intent, Work, WorkId};
use super::plan::{LATE_AFTER_DEATH, LATE_AFTER_TIMEOUT, Moment};
use super::witness::Wrote;
use super::world::{MemberId, State, World};

/// One member's way to Cloudinary.
#[derive(Clone)]
pub(crate) struct SimLibrary {
    pub(crate) world: Arc<World>,
    pub(crate) member: MemberId,
}

/// What becomes of one write.
struct Course {
    /// `None`: the truth.
    answer: Option<Disposition>,
    answers_at: Moment,
    pulls_at: Moment,
    lands_at: Option<Moment>,
}

/// A caller that waits for its write. When it goes away first, the write has no caller any more.
struct Caller<'a> {
    library: &'a SimLibrary,
    work: WorkId,
    waits: bool,
}

impl SimLibrary {
    async fn write(
        &self,
        asset: &AssetId,
        intent: Intent,
        wrote: Wrote,
    ) -> Result<Ending, LibraryError> {
        let operation = wrote.operation();
        self.world.peril(self.member).await;
        let (course, mut caller, stamp) = {
            let mut state = self.world.state();
            let course = Course::draw(&mut state);
            let work = state.cloud.begin(course.work(self.member, asset, intent));
            if wrote == Wrote::Destroy {
                state.check_destroy(self.member, asset);
            }
            let stamp = state.witness.write_begins(self.member, asset, wrote);
            state.note(format_args!(
                "{}: {operation} {asset} begins ({work})",
                self.member
            ));
            let waits = true;
            (
                course,
                Caller {
                    library: self,
                    work,
                    waits,
                },
                stamp,
            )
        };
        tokio::time::sleep_until(self.world.instant(course.answers_at)).await;
        let answer = {
            let mut state = self.world.state();
            let answer = caller.answered(&mut state, course.answer);
            state.note(format_args!(
                "{}: {operation} {asset}: {answer:?} ({})",
                self.member, caller.work
            ));
            state
                .witness
                .write_ends(self.member, stamp, answer.as_ref().err().copied());
            answer
        };
        self.world.peril(self.member).await;
        answer.map_err(|disposition| failure(operation, asset, disposition))
    }

    async fn intent(&self, source: Source) -> Option<Intent> {
        match source {
            Source::S3(object) => Some(Intent::Pull {
                key: object.key,
                version_id: None,
            }),
            Source::Url(url) => {
                let path = url
                    .expose_secret()
                    .strip_prefix("sim://")?
                    .strip_prefix(BUCKET)?;
                let (key, version) = path.strip_prefix('/')?.rsplit_once('?')?;
                let version_id = (!version.is_empty()).then(|| version.to_owned());
                Some(Intent::Pull {
                    key: key.to_owned(),
                    version_id,
                })
            }
            Source::Stream { body, .. } => {
                let pieces: Vec<_> = body.stream.try_collect().await.ok()?;
                Some(Intent::Store(String::from_utf8(pieces.concat()).ok()?))
            }
        }
    }
}

#[async_trait]
impl AssetLibrary for SimLibrary {
    async fn upload(
        &self,
        asset: &AssetId,
        params: &UploadParams,
        source: Source,
    ) -> Result<Uploaded, LibraryError> {
        let unread = || failure("upload", asset, Disposition::Refused);
        let intent = self.intent(source).await.ok_or_else(unread)?;
        let named = |name: &str| params.context.get(name).cloned().unwrap_or_default();
        let wrote = Wrote::Upload {
            key: named("s3_key"),
            etag: named("s3_etag"),
        };
        match self.write(asset, intent, wrote).await? {
            Ending::Stored(content) => Ok(Uploaded {
                etag: Some(content_etag(content.as_bytes())),
                bytes: Some(content.len() as u64),
            }),
            Ending::Destroyed | Ending::SourceGone => {
                Err(failure("upload", asset, Disposition::SourceGone))
            }
        }
    }

    async fn destroy(&self, asset: &AssetId) -> Result<Destroyed, LibraryError> {
        self.write(asset, Intent::Destroy, Wrote::Destroy).await?;
        Ok(Destroyed::Removed)
    }

    async fn etag(&self, asset: &AssetId) -> Result<Option<String>, LibraryError> {
        self.world.peril(self.member).await;
        self.world.travel().await;
        let mut state = self.world.state();
        let rate = state.plan.rates.server_error;
        if state.chance(rate) {
            return Err(failure("etag", asset, Disposition::Transient));
        }
        let etag = state.cloud.etag(asset);
        if let Some(etag) = &etag {
            state.witness.compared(self.member, asset, etag);
        }
        Ok(etag)
    }

    async fn ping(&self) -> Result<(), LibraryError> {
        sleep(Duration::from_millis(20)).await;
        let is_locked_out = self.world.state().is_locked_out(0);
        if is_locked_out {
            let source = "the simulation said so".into();
            let asset = "account".to_owned();
            let disposition = Disposition::Ours;
            return Err(LibraryError {
                operation: "ping",
                asset,
                disposition,
                retry_after: None,
                source,
            });
        }
        Ok(())
    }
}

impl Course {
    fn work(&self, caller: MemberId, asset: &AssetId, intent: Intent) -> Work {
        let (pulls_at, lands_at) = (self.pulls_at, self.lands_at);
        Work {
            caller,
            asset: asset.clone(),
            intent,
            pulls_at,
            lands_at,
        }
    }

    fn draw(state: &mut State) -> Self {
        let rates = state.plan.rates.clone();
        if state.is_locked_out(0) {
            return Self::refused(state, Disposition::Ours);
        }
        let is_storm = state
            .plan
            .throttling
            .iter()
            .any(|window| window.contains(&state.now));
        if state.chance(rates.throttled) || (is_storm && state.chance(0.95)) {
            return Self::refused(state, Disposition::Throttled);
        }
        if state.chance(rates.processing) || state.chance(rates.unconnected) {
            return Self::refused(state, Disposition::Transient);
        }
        if state.chance(rates.server_error) {
            return Self::failed(state);
        }
        if state.chance(rates.timeout) || state.chance(rates.reset) {
            return Self::lost(state);
        }
        Self::regular(state)
    }

    /// The library says no, and that is all.
    fn refused(state: &mut State, answer: Disposition) -> Self {
        let answers_at = state.now + state.span(Duration::from_millis(300));
        Self {
            answer: Some(answer),
            answers_at,
            pulls_at: answers_at,
            lands_at: None,
        }
    }

    /// A 5xx: the library is done with the call, whether it has written or not.
    fn failed(state: &mut State) -> Self {
        let mut course = Self::regular(state);
        course.answer = Some(Disposition::Transient);
        course.lands_at = course.lands_at.filter(|_| state.rng.bool());
        course
    }

    /// No answer: never, in time, or long after nobody waits any more.
    fn lost(state: &mut State) -> Self {
        let answers_at = state.now + state.span(Duration::from_mins(1));
        let pulls_at = state.now + state.span(Duration::from_secs(5));
        let last = if state.rng.bool() {
            LATE_AFTER_TIMEOUT
        } else {
            Duration::from_secs(5)
        };
        let lands_at = pulls_at.max(answers_at + state.span(last));
        Self {
            answer: Some(Disposition::Unclear),
            answers_at,
            pulls_at,
            lands_at: state.rng.bool().then_some(lands_at),
        }
    }

    fn regular(state: &mut State) -> Self {
        let is_slow = {
            let rate = state.plan.rates.pull_slow;
            state.chance(rate)
        };
        let most = Duration::from_secs(if is_slow { 100 } else { 2 });
        let pulls_at = state.now + state.span(Duration::from_millis(200));
        let lands_at = pulls_at + state.span(most);
        let answers_at = lands_at + state.span(most / 4);
        Self {
            answer: None,
            answers_at,
            pulls_at,
            lands_at: Some(lands_at),
        }
    }
}

impl Caller<'_> {
    fn answered(
        &mut self,
        state: &mut State,
        answer: Option<Disposition>,
    ) -> Result<Ending, Disposition> {
        self.waits = false;
        match answer {
            Some(disposition) => Err(disposition),
            None => state.cloud.take(self.work).ok_or(Disposition::Unclear),
        }
    }
}

impl Drop for Caller<'_> {
    fn drop(&mut self) {
        if self.waits {
            let mut state = self.library.world.state();
            let within = state.span(LATE_AFTER_DEATH);
            let latest = state.now + within;
            let lands = state.rng.bool().then_some(latest);
            state.note(format_args!(
                "{}: nobody waits for {}",
                self.library.member, self.work
            ));
            state.cloud.orphan(self.work, lands);
            state.witness.write_abandoned(self.library.member);
        }
    }
}

fn failure(operation: &'static str, asset: &AssetId, disposition: Disposition) -> LibraryError {
    LibraryError {
        operation,
        asset: asset.to_string(),
        disposition,
        retry_after: None,
        source: "the simulation said so".into(),
    }
}
