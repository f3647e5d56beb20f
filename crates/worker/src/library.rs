//! The `AssetLibrary` port on `cloudinary_client`: translates words, counts, and nothing else.
//!
//! Each call is one exchange, measured, traced and counted by operation and by how it ended. What a
//! failure means was decided by `cloudinary_core`; what to do about it is for the engine.

use std::sync::Arc;

use async_trait::async_trait;
use cloudinary_client::{Client, FileSource};
use cloudinary_core::{
    ApiError, AssetId, DestroyResponse, Disposition, ErrorKind, RateLimit, ResourceType,
    UploadParams, UploadResponse,
};
use sync_engine::ports::{AssetLibrary, Destroyed, LibraryError, Source, Uploaded};
use telemetry::Metrics;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::admin_quota::{AdminQuota, until};
use crate::call_span;

/// Stands for the asset in errors of calls about none.
const NO_ASSET: &str = "the account";

/// Cloudinary, measured.
#[derive(Debug, Clone)]
pub(crate) struct CloudinaryLibrary {
    client: Client,
    quota: Arc<AdminQuota>,
    metrics: Arc<Metrics>,
}

impl CloudinaryLibrary {
    /// A library behind this client.
    pub(crate) fn new(client: Client, metrics: Arc<Metrics>) -> Self {
        let quota = Arc::new(AdminQuota::new());
        Self {
            client,
            quota,
            metrics,
        }
    }

    /// How the account relates folders to public IDs.
    pub(crate) async fn folder_mode(&self) -> Result<cloudinary_core::FolderMode, ApiError> {
        let call = self.client.folder_mode_and_quota();
        self.counted("config", call).await
    }

    async fn measured<T>(
        &self,
        operation: &str,
        call: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        let started = Instant::now();
        let span = call_span::cloudinary(operation);
        let result = call.instrument(span.clone()).await;
        let took = started.elapsed().as_secs_f64();
        if let Err(error) = &result {
            call_span::failed(&span, error.kind.as_str(), error.status);
        }
        self.metrics
            .cloudinary_request_seconds
            .with([operation])
            .observe(took);
        let code = result.as_ref().map_or_else(code, |_| "ok".to_owned());
        self.metrics
            .cloudinary_requests
            .with([operation, &code])
            .inc();
        if let Some(kind) = result.as_ref().err().and_then(throttle_kind) {
            self.metrics.cloudinary_throttled.with([kind]).inc();
        }
        result
    }

    /// The same for a call that the hourly quota counts, and whose answer may tell of it.
    async fn counted<T>(
        &self,
        operation: &str,
        call: impl Future<Output = Result<(T, Option<RateLimit>), ApiError>>,
    ) -> Result<T, ApiError> {
        self.quota.take()?;
        match self.measured(operation, call).await {
            Ok((value, told)) => {
                if let Some(told) = told {
                    self.quota.told(&told, &self.metrics);
                }
                Ok(value)
            }
            Err(error) => {
                self.quota.refused(&error, &self.metrics);
                Err(error)
            }
        }
    }
}

#[async_trait]
impl AssetLibrary for CloudinaryLibrary {
    async fn upload(
        &self,
        asset: &AssetId,
        params: &UploadParams,
        source: Source,
    ) -> Result<Uploaded, LibraryError> {
        let call = self.client.upload(asset, params, file(source));
        let answer = self
            .measured("upload", call)
            .await
            .map_err(|e| failed("upload", asset, e))?;
        stored(answer).map_err(|error| failed("upload", asset, error))
    }

    async fn destroy(&self, asset: &AssetId) -> Result<Destroyed, LibraryError> {
        // Without invalidation the CDN would go on delivering what is gone.
        let call = self.client.destroy(asset, true);
        match self
            .measured("destroy", call)
            .await
            .map_err(|e| failed("destroy", asset, e))?
        {
            DestroyResponse::Ok => Ok(Destroyed::Removed),
            DestroyResponse::NotFound => Ok(Destroyed::WasAbsent),
            DestroyResponse::Other(word) => {
                let message = format!("unknown result `{word}`");
                let error = ApiError::new(ErrorKind::UnreadableResponse, message);
                Err(failed("destroy", asset, error))
            }
        }
    }

    async fn etag(&self, asset: &AssetId) -> Result<Option<String>, LibraryError> {
        if reads_as_a_format(asset) {
            return Ok(None);
        }
        // A version that nobody has asked for yet is in no cache.
        let version = fastrand::u64(1..=9_999_999_999);
        let call = self.client.delivery_etag(asset, None, version);
        self.measured("etag", call)
            .await
            .map_err(|error| failed("etag", asset, error))
    }

    async fn ping(&self) -> Result<(), LibraryError> {
        let call = self.client.ping();
        let call = async { call.await.map(|ping| ((), ping.rate_limit)) };
        let answer = self.counted("ping", call).await;
        answer.map_err(|error| failed("ping", &NO_ASSET, error))
    }
}

/// Whether the delivery URL of the original would be read as that of another asset. What follows
/// the last dot of an image's or a video's public ID is taken for the wanted format, so the URL of
/// `cat.png` delivers `cat`. Raw files have no format.
fn reads_as_a_format(asset: &AssetId) -> bool {
    let name = asset.public_id.as_str().rsplit('/').next();
    asset.resource_type != ResourceType::Raw && name.is_some_and(|name| name.contains('.'))
}

fn file(source: Source) -> FileSource {
    match source {
        Source::S3(object) => FileSource::S3 {
            bucket: object.bucket,
            key: object.key,
        },
        Source::Url(url) => FileSource::RemoteUrl(url),
        Source::Stream { file_name, body } => FileSource::Bytes {
            length: body.length,
            name: file_name,
            body: body.stream,
        },
    }
}

/// Success means that it is stored, so an answer that says otherwise is none.
fn stored(answer: UploadResponse) -> Result<Uploaded, ApiError> {
    if answer.existing && !answer.overwritten {
        let message =
            "Cloudinary kept the asset that was there; does an upload preset forbid to overwrite?";
        return Err(ApiError::new(ErrorKind::AlreadyExists, message));
    }
    if answer.is_pending() {
        let message =
            "Cloudinary stores it later; does an upload preset make uploads asynchronous?";
        return Err(ApiError::new(ErrorKind::UnreadableResponse, message));
    }
    Ok(Uploaded {
        etag: answer.etag,
        bytes: answer.bytes,
    })
}

fn failed(operation: &'static str, asset: &dyn std::fmt::Display, error: ApiError) -> LibraryError {
    LibraryError {
        operation,
        asset: asset.to_string(),
        disposition: error.disposition(),
        retry_after: error.retry_at.map(until),
        source: Box::new(error),
    }
}

fn code(error: &ApiError) -> String {
    error.status.map_or_else(
        || error.kind.as_str().to_owned(),
        |status| status.to_string(),
    )
}

fn throttle_kind(error: &ApiError) -> Option<&'static str> {
    match (error.disposition(), error.kind, error.status) {
        (Disposition::Throttled, ErrorKind::QuotaExhausted, _) => Some("quota"),
        (Disposition::Throttled, _, Some(429)) => Some("rate_429"),
        (Disposition::Throttled, _, _) => Some("concurrency_420"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_says_it_is_not_stored_is_no_success() {
        let kept = UploadResponse {
            existing: true,
            ..UploadResponse::default()
        };
        assert_eq!(
            stored(kept).expect_err("kept").disposition(),
            Disposition::Refused
        );
        let pending = UploadResponse {
            status: Some("pending".to_owned()),
            ..UploadResponse::default()
        };
        assert_eq!(
            stored(pending).expect_err("pending").disposition(),
            Disposition::Unclear
        );
        let replaced = UploadResponse {
            existing: true,
            overwritten: true,
            ..UploadResponse::default()
        };
        assert_eq!(stored(replaced).expect("stored"), Uploaded::default());
    }

    #[test]
    fn throttling_is_told_apart_by_what_is_used_up() {
        let error = |kind, status| ApiError {
            status: Some(status),
            ..ApiError::new(kind, "")
        };
        assert_eq!(
            throttle_kind(&error(ErrorKind::RateLimited, 420)),
            Some("concurrency_420")
        );
        assert_eq!(
            throttle_kind(&error(ErrorKind::RateLimited, 429)),
            Some("rate_429")
        );
        assert_eq!(
            throttle_kind(&error(ErrorKind::QuotaExhausted, 420)),
            Some("quota")
        );
        assert_eq!(throttle_kind(&error(ErrorKind::ServerError, 500)), None);
    }

    #[test]
    fn an_asset_whose_id_ends_like_a_format_is_not_compared() {
        let asset = |resource_type, id: &str| AssetId {
            resource_type,
            delivery_type: cloudinary_core::DeliveryType::Upload,
            public_id: cloudinary_core::PublicId::new(id).expect("valid"),
        };
        assert!(reads_as_a_format(&asset(ResourceType::Image, "a/cat.png")));
        assert!(!reads_as_a_format(&asset(ResourceType::Image, "a.b/cat")));
        assert!(!reads_as_a_format(&asset(ResourceType::Raw, "a/cat.txt")));
    }

    #[test]
    fn a_moment_that_has_passed_is_no_wait() {
        let past = std::time::SystemTime::UNIX_EPOCH;
        assert_eq!(until(past), std::time::Duration::ZERO);
    }
}
