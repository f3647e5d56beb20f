//! Writes: one library call for one plan, with everything that goes along with it.

use std::time::Duration;

use adaptive_limit::gate::CallKind;
use cloudinary_core::{Disposition, UploadParams};
use event_mapper::ObjectRef;
use tokio::time::Instant;

use super::Run;
use super::decide::{Owner, Seen, Written};
use crate::observation::Observation;
use crate::outcome::{Hold, Outcome, Rejection};
use crate::ports::{LibraryError, Source, Uploaded};
use crate::rights::Right;
use crate::settings::{Transfer, UploadOptions};
use crate::slots::Slot;

/// How long Cloudinary has to start pulling a presigned URL. Signed when the slot is there, so it
/// only has to outlive Cloudinary's own queue.
const PRESIGNED_FOR: Duration = Duration::from_hours(1);
/// A look that a destroy may rest on is not older than this.
const EVIDENCE_MAX: Duration = Duration::from_secs(1);

impl<'a> Run<'a> {
    /// Whether the library already delivers the owner's bytes. Not knowing means no.
    ///
    /// A hint that was worked on before may have left a write behind that has not landed yet;
    /// what is delivered now would then be true only for now.
    pub(super) async fn is_delivered(&self, owner: &Owner) -> bool {
        if self.subject.redelivered || self.has_written {
            return false;
        }
        match self.cx.ports.library.etag(owner.asset()).await {
            Ok(delivered) => {
                matches!((delivered, owner.state.md5()), (Some(a), Some(b)) if a.eq_ignore_ascii_case(b))
            }
            Err(error) => {
                tracing::debug!(asset = %owner.asset(), %error, "Uploading, as the comparison failed");
                false
            }
        }
    }

    /// Uploads the owner. Returns to look again, or ends the run.
    pub(super) async fn upload(
        &mut self,
        owner: Owner,
        mismatched: Option<String>,
    ) -> Result<(), Outcome> {
        self.action = "upload";
        let Some(slot) = self.slot(CallKind::Upload).await? else {
            return Ok(());
        };
        let Some(source) = self.source(&owner).await? else {
            return Ok(());
        };
        let params = upload_params(&owner, &self.cx.settings.upload);
        let began = self.patience.now();
        let answer = self
            .cx
            .ports
            .library
            .upload(owner.asset(), &params, source)
            .await;
        slot.end(answer.as_ref().err());
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return self.write_failed(Right::Upload, &error).await,
        };
        self.patience.granted(Right::Upload, began);
        self.patience.granted(Right::Source, began);
        self.compare_sizes(&owner, &answer);
        self.has_written = true;
        self.written = Some(Written::Upload {
            owner,
            answer,
            mismatched,
        });
        Ok(())
    }

    /// Removes the asset. Returns to look again, or ends the run.
    pub(super) async fn destroy(&mut self) -> Result<(), Outcome> {
        self.action = "destroy";
        let looked_at = Instant::now();
        let Some(slot) = self.slot(CallKind::Destroy).await? else {
            return Ok(());
        };
        if looked_at.elapsed() > EVIDENCE_MAX && !self.is_still_absent().await? {
            return Ok(());
        }
        if !self.cx.brake.may_destroy() {
            return Err(Outcome::Held(Hold::MassDelete));
        }
        let began = self.patience.now();
        let answer = self
            .cx
            .ports
            .library
            .destroy(&self.subject.mapped.asset)
            .await;
        slot.end(answer.as_ref().err());
        match answer {
            Ok(_) => {
                self.patience.granted(Right::Destroy, began);
                self.has_written = true;
                self.written = Some(Written::Destroy);
                Ok(())
            }
            Err(error) => self.write_failed(Right::Destroy, &error).await,
        }
    }

    /// Looks once more, with the slot in hand: the wait for it can be long, and a destroy must not
    /// rest on a look of that time.
    async fn is_still_absent(&mut self) -> Result<bool, Outcome> {
        Ok(matches!(self.observe().await?, Some(Seen::Absent)))
    }

    /// A failed write may have been applied all the same, so no earlier write counts any more.
    /// One that was throttled was not.
    async fn write_failed(&mut self, right: Right, error: &LibraryError) -> Result<(), Outcome> {
        if error.disposition != Disposition::Throttled {
            self.has_written = true;
            self.written = None;
        }
        self.patience.with_library(right, error).await
    }

    /// Waits for a slot. A member that stops begins no more writes, and one that was paused in
    /// the meantime (`None`) waits and looks again.
    async fn slot(&self, kind: CallKind) -> Result<Option<Slot<'a>>, Outcome> {
        let slot = self.cx.slots.acquire(kind);
        let slot = self.patience.while_leased(slot).await?;
        Ok((!self.patience.is_paused()).then_some(slot))
    }

    /// Where the library gets the bytes from; `None`: look again.
    async fn source(&mut self, owner: &Owner) -> Result<Option<Source>, Outcome> {
        let store = &self.cx.ports.store;
        let object = &owner.object;
        let began = self.patience.now();
        let source = match self.cx.settings.transfer {
            Transfer::S3 if object.bucket.contains('.') => return Err(dotted_bucket(object)),
            Transfer::S3 => Ok(Source::S3(object.clone())),
            Transfer::Presigned => {
                let version = owner.state.version_id.as_deref();
                store
                    .presign(object, version, PRESIGNED_FOR)
                    .await
                    .map(Source::Url)
            }
            Transfer::Stream => store
                .read(object, &owner.state)
                .await
                .map(|body| Source::Stream {
                    file_name: file_name(object),
                    body,
                }),
        };
        match source {
            Ok(source) => {
                self.patience.granted(Right::Read, began);
                Ok(Some(source))
            }
            Err(error) => {
                self.patience.with_store(Right::Read, &error).await?;
                Ok(None)
            }
        }
    }

    fn compare_sizes(&self, owner: &Owner, answer: &Uploaded) {
        let Some(stored) = answer.bytes else { return };
        if stored != owner.state.size {
            tracing::warn!(
                asset = %owner.asset(),
                object = %owner.object,
                size_bytes = owner.state.size,
                stored_bytes = stored,
                "Cloudinary stored another number of bytes"
            );
            self.cx.observer.tell(&Observation::SizeMismatch);
        }
    }
}

fn upload_params(owner: &Owner, options: &UploadOptions) -> UploadParams {
    let asset = owner.asset();
    let mut params = UploadParams::new(asset.public_id.clone(), asset.delivery_type);
    params.invalidate = options.invalidate;
    params.asset_folder.clone_from(&owner.mapped.asset_folder);
    params.display_name.clone_from(&owner.mapped.display_name);
    params
        .notification_url
        .clone_from(&options.notification_url);
    params.upload_preset.clone_from(&options.upload_preset);
    params.tags.clone_from(&options.tags);
    params.eager.clone_from(&options.eager);
    let metadata = options.context_metadata.iter().filter_map(|name| {
        owner
            .state
            .metadata
            .get(name)
            .map(|value| (name.clone(), value.clone()))
    });
    params.context.extend(metadata);
    params
        .context
        .insert("s3_key".to_owned(), owner.object.key.clone());
    params
        .context
        .insert("s3_etag".to_owned(), owner.state.etag.clone());
    if let Some(version) = &owner.state.version_id {
        params
            .context
            .insert("s3_version_id".to_owned(), version.clone());
    }
    params
}

fn file_name(object: &ObjectRef) -> String {
    object.key.rsplit('/').next().unwrap_or_default().to_owned()
}

fn dotted_bucket(object: &ObjectRef) -> Outcome {
    let detail = format!(
        "Cloudinary cannot pull from the bucket `{}`, whose name has a dot; use another transfer",
        object.bucket
    );
    Outcome::Rejected(Rejection::new("dotted_bucket", detail))
}
