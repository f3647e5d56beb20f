//! A request's body → [`Params`], in every form that SDKs send.
//!
//! Multipart, urlencoded (also without a Content-Type), JSON and query text all end in the same
//! ordered list of names and values. A body cut short yields what was whole before the cut, as the
//! service does. The file's bytes are a slice of the body, not a copy.

mod forms;
mod multipart;
mod params;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

pub(crate) use params::{File, Params};

use crate::reply::Refusal;

/// The most one request may carry: 100 MB.
pub(crate) const MOST_BYTES: u64 = 104_857_600;

/// A body read to its end.
pub(crate) enum Collected {
    Whole(Bytes),
    /// This many bytes came; they were thrown away.
    TooLarge(u64),
    /// The client stopped sending.
    Broken,
}

/// Reads a body to its end, so that the client is listening when the answer comes.
pub(crate) async fn collect(headers: &HeaderMap, body: Body) -> Collected {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok()?.parse().ok());
    let mut whole = Gathered::default();
    let mut frames = body.into_data_stream();
    let mut total = 0;
    while let Some(frame) = frames.next().await {
        let Ok(frame) = frame else {
            return Collected::Broken;
        };
        total += frame.len() as u64;
        if total.max(announced.unwrap_or(0)) > MOST_BYTES {
            whole = Gathered::default();
        } else {
            whole.add(frame, announced.unwrap_or(0));
        }
    }
    if total > MOST_BYTES {
        Collected::TooLarge(total)
    } else {
        Collected::Whole(whole.finish())
    }
}

/// Parameters from the query and the body together.
pub(crate) fn parse(
    headers: &HeaderMap,
    query: Option<&str>,
    body: &Bytes,
) -> Result<Params, Refusal> {
    let mut params = Params::default();
    forms::urlencoded(query.unwrap_or_default(), &mut params)?;
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let kind = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match kind.as_str() {
        "multipart/form-data" => multipart::parse(content_type, body, &mut params)?,
        "application/json" => forms::json(body, &mut params)?,
        _ => {
            let text = std::str::from_utf8(body)
                .map_err(|_| Refusal::bad_request("Invalid encoding of the request body"))?;
            forms::urlencoded(text, &mut params)?;
        }
    }
    Ok(params)
}

/// Frames of a body; a single frame is kept as it is.
#[derive(Default)]
struct Gathered {
    first: Bytes,
    rest: BytesMut,
}

impl Gathered {
    fn add(&mut self, frame: Bytes, announced: u64) {
        if self.first.is_empty() && self.rest.is_empty() {
            self.first = frame;
            return;
        }
        if self.rest.is_empty() {
            // Trusts the announced length only as far as a request may go.
            let room = usize::try_from(announced.min(MOST_BYTES)).unwrap_or_default();
            self.rest.reserve(room.max(self.first.len() + frame.len()));
            self.rest
                .extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.rest.extend_from_slice(&frame);
    }

    fn finish(self) -> Bytes {
        if self.rest.is_empty() {
            self.first
        } else {
            self.rest.freeze()
        }
    }
}

#[cfg(test)]
mod tests;
