//! Uploads: one request, or one request per chunk when a large file is streamed.
//!
//! Each chunk is signed anew, because a slow upload outlives a signature. A failed chunk fails the
//! upload: the stream cannot be rewound, so a new attempt starts with a new stream and a new id.

use std::ops::Range;

use cloudinary_core::{ApiError, AssetId, ErrorKind, UploadParams, UploadResponse};
use reqwest::RequestBuilder;
use secrecy::ExposeSecret;

use crate::chunks::{self, ChunkReader};
use crate::client::Client;
use crate::exchange::{self, Effect};
use crate::file_source::{ByteStream, FileSource, quotable, s3_url};
use crate::form;

impl Client {
    /// Stores a file under the name in `params`, replacing what is there.
    ///
    /// `Ok` is what Cloudinary answered: look at `existing` (the file was not stored) and
    /// `is_pending()` (not stored yet) before believing that it holds the new bytes.
    pub async fn upload(
        &self,
        asset: &AssetId,
        params: &UploadParams,
        file: FileSource,
    ) -> Result<UploadResponse, ApiError> {
        match file {
            FileSource::RemoteUrl(url) => self.fetch(asset, params, url.expose_secret()).await,
            FileSource::S3 { bucket, key } => {
                self.fetch(asset, params, &s3_url(&bucket, &key)).await
            }
            FileSource::Bytes { length, name, body } => {
                self.stream(asset, params, &quotable(&name), length, body)
                    .await
            }
        }
    }

    /// Has Cloudinary fetch the file.
    async fn fetch(
        &self,
        asset: &AssetId,
        params: &UploadParams,
        file: &str,
    ) -> Result<UploadResponse, ApiError> {
        let params = form::authenticated(&self.account, params.wire(), exchange::now());
        let request = form::encoded(self.upload_request(asset), &params, Some(file));
        let answer = exchange::send(request, Effect::Write).await?;
        complete(answer.parse(UploadResponse::parse)?)
    }

    async fn stream(
        &self,
        asset: &AssetId,
        params: &UploadParams,
        name: &str,
        length: u64,
        body: ByteStream,
    ) -> Result<UploadResponse, ApiError> {
        let mut reader = ChunkReader::new(body, length);
        let upload = Streamed {
            asset,
            params,
            name,
            length,
            id: unique_id(),
        };
        let mut answer = UploadResponse::default();
        for range in chunks::ranges(length, self.settings.chunk_size) {
            answer = self.send_chunk(&upload, &mut reader, range).await?;
        }
        complete(answer)
    }

    async fn send_chunk(
        &self,
        upload: &Streamed<'_>,
        reader: &mut ChunkReader,
        range: Range<u64>,
    ) -> Result<UploadResponse, ApiError> {
        let params = form::authenticated(&self.account, upload.params.wire(), exchange::now());
        let request = upload.with_chunk_headers(self.upload_request(upload.asset), &range);
        let length = range.end - range.start;
        let bytes = reader.body(range);
        let request = form::multipart(request, params, upload.name, length, bytes)
            .map_err(exchange::unsendable)?;
        let answer = exchange::send(request, Effect::Write).await;
        // A body that failed on our side was never complete, whatever the answer to it.
        if let Some(failure) = reader.take_failure() {
            let error = ApiError::new(ErrorKind::SourceRead, "unreadable source");
            return Err(error.with_source(failure));
        }
        answer?.parse(UploadResponse::parse)
    }

    fn upload_request(&self, asset: &AssetId) -> RequestBuilder {
        let request = self.http.post(self.endpoints.upload(asset.resource_type));
        form::with_token(request.timeout(self.settings.total_timeout), &self.account)
    }
}

/// What the chunks of one upload have in common.
struct Streamed<'a> {
    asset: &'a AssetId,
    params: &'a UploadParams,
    name: &'a str,
    length: u64,
    id: String,
}

impl Streamed<'_> {
    /// A file in one piece needs no headers.
    fn with_chunk_headers(&self, request: RequestBuilder, range: &Range<u64>) -> RequestBuilder {
        if *range == (0..self.length) {
            return request;
        }
        let content_range = chunks::content_range(range, self.length);
        request
            .header("X-Unique-Upload-Id", &self.id)
            .header("Content-Range", content_range)
    }
}

fn unique_id() -> String {
    format!("{:032x}", fastrand::u128(..))
}

/// Everything was sent; a server that waits for more has not stored the file.
fn complete(answer: UploadResponse) -> Result<UploadResponse, ApiError> {
    if answer.is_partial() {
        let message = "partial answer to a complete upload";
        return Err(ApiError::new(ErrorKind::UnreadableResponse, message));
    }
    Ok(answer)
}
