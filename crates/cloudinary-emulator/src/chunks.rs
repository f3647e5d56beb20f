//! Uploads that come in pieces, until the last piece is here.
//!
//! Pieces may come twice and out of order. The total may be unknown (`-1` or `*`) until the piece
//! that names it. Unfinished uploads are forgotten after an hour; Cloudinary does not say when.

use std::collections::{BTreeMap, HashMap};

use axum::http::HeaderMap;
use bytes::{Bytes, BytesMut};
use cloudinary_core::AssetId;

use crate::reply::Refusal;

const KEPT_SECONDS: u64 = 3600;
const SMALLEST_PART: u64 = 5 * 1024 * 1024;

/// Where one request's bytes belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) upload_id: String,
    start: u64,
    /// One past the last byte.
    end: u64,
    total: Option<u64>,
}

/// Where an upload stands after a piece was added.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// So many bytes are here.
    Partial(u64),
    Complete(Bytes),
}

/// All unfinished uploads.
#[derive(Debug)]
pub(crate) struct Chunks {
    unfinished: HashMap<String, Unfinished>,
    finished: HashMap<String, (AssetId, u64)>,
    limit: u64,
}

#[derive(Debug)]
struct Unfinished {
    /// The name found for the first piece; later pieces may spell it otherwise.
    id: AssetId,
    parts: BTreeMap<u64, Bytes>,
    total: Option<u64>,
    expires: u64,
}

impl Chunk {
    /// Reads the two headers. Neither: not a chunk.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let (Some(upload_id), Some(range)) = (text("x-unique-upload-id"), text("content-range"))
        else {
            return Ok(None);
        };
        let invalid = || Refusal::bad_request(format!("Invalid Content-Range {range}"));
        let chunk = Self::parse(upload_id, range).ok_or_else(invalid)?;
        Ok(Some(chunk))
    }

    fn parse(upload_id: &str, range: &str) -> Option<Self> {
        let (span, total) = range.strip_prefix("bytes")?.trim_start().split_once('/')?;
        let (start, last) = span.split_once('-')?;
        let (start, last): (u64, u64) = (start.parse().ok()?, last.parse().ok()?);
        let total = match total {
            "-1" | "*" => None,
            number => Some(number.parse().ok()?),
        };
        let end = last.checked_add(1).filter(|end| *end > start)?;
        let fits = total.is_none_or(|total| end <= total);
        fits.then(|| Self {
            upload_id: upload_id.to_owned(),
            start,
            end,
            total,
        })
    }

    fn is_last(&self) -> bool {
        self.total == Some(self.end)
    }

    fn check(&self, length: u64) -> Result<(), Refusal> {
        if length != self.end - self.start {
            return Err(Refusal::bad_request(
                "Content-Range does not match the size of the chunk",
            ));
        }
        if !self.is_last() && length <= SMALLEST_PART {
            return Err(Refusal::bad_request(
                "All parts except EOF-chunk must be larger than 5mb",
            ));
        }
        Ok(())
    }
}

impl Chunks {
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            unfinished: HashMap::new(),
            finished: HashMap::new(),
            limit,
        }
    }

    /// The asset that an earlier piece of this upload was for.
    pub(crate) fn name_of(&self, chunk: &Chunk) -> Option<AssetId> {
        self.unfinished
            .get(&chunk.upload_id)
            .map(|unfinished| unfinished.id.clone())
    }

    /// The asset that this upload became, if all pieces were here before.
    pub(crate) fn finished(&self, chunk: &Chunk) -> Option<AssetId> {
        self.finished
            .get(&chunk.upload_id)
            .map(|(id, _)| id.clone())
    }

    /// Adds one piece of the upload of `id`.
    pub(crate) fn add(
        &mut self,
        chunk: &Chunk,
        bytes: Bytes,
        id: &AssetId,
        now: u64,
    ) -> Result<Progress, Refusal> {
        self.expire(now);
        chunk.check(bytes.len() as u64)?;
        if self.held() + bytes.len() as u64 > self.limit {
            return Err(Refusal::new(503, "The emulator's memory limit is reached"));
        }
        let expires = now + KEPT_SECONDS;
        let upload = self
            .unfinished
            .entry(chunk.upload_id.clone())
            .or_insert_with(|| Unfinished {
                id: id.clone(),
                parts: BTreeMap::new(),
                total: None,
                expires,
            });
        upload.expires = expires;
        upload.total = chunk.total.or(upload.total);
        upload.parts.insert(chunk.start, bytes);
        if !upload.is_complete() {
            return Ok(Progress::Partial(upload.received()));
        }
        let complete = self.unfinished.remove(&chunk.upload_id);
        self.finished
            .insert(chunk.upload_id.clone(), (id.clone(), expires));
        Ok(Progress::Complete(
            complete.map(Unfinished::joined).unwrap_or_default(),
        ))
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.limit);
    }

    fn expire(&mut self, now: u64) {
        self.unfinished.retain(|_, upload| upload.expires > now);
        self.finished.retain(|_, (_, expires)| *expires > now);
    }

    fn held(&self) -> u64 {
        self.unfinished.values().map(Unfinished::received).sum()
    }
}

impl Unfinished {
    fn received(&self) -> u64 {
        self.parts.values().map(|part| part.len() as u64).sum()
    }

    fn is_complete(&self) -> bool {
        let mut next = 0;
        let gapless = self.parts.iter().all(|(start, part)| {
            let follows = *start == next;
            next = start + part.len() as u64;
            follows
        });
        gapless && self.total == Some(next)
    }

    fn joined(self) -> Bytes {
        let length = self.parts.values().map(Bytes::len).sum();
        let mut parts = self.parts.into_values();
        match (parts.next(), parts.len()) {
            (Some(only), 0) => only,
            (first, _) => {
                let mut whole = BytesMut::with_capacity(length);
                first
                    .into_iter()
                    .chain(parts)
                    .for_each(|part| whole.extend_from_slice(&part));
                whole.freeze()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use cloudinary_core::{DeliveryType, PublicId, ResourceType};

    use super::*;

    const PART: usize = 5 * 1024 * 1024 + 1;

    fn id() -> AssetId {
        AssetId {
            resource_type: ResourceType::Raw,
            delivery_type: DeliveryType::Upload,
            public_id: PublicId::new("a").expect("valid"),
        }
    }

    fn chunk(range: &str) -> Chunk {
        Chunk::parse("u", range).expect(range)
    }

    fn part(byte: u8) -> Bytes {
        Bytes::from(vec![byte; PART])
    }

    #[test]
    fn pieces_may_come_twice_and_in_any_order() {
        let mut chunks = Chunks::new(u64::MAX);
        let total = 2 * PART + 1;
        let first = chunk(&format!("bytes 0-{}/{total}", PART - 1));
        let second = chunk(&format!("bytes {PART}-{}/-1", 2 * PART - 1));
        let last = chunk(&format!("bytes {}-{}/{total}", total - 1, total - 1));
        let progress = chunks.add(&second, part(2), &id(), 0);
        assert_eq!(progress, Ok(Progress::Partial(PART as u64)));
        for _ in 0..2 {
            let progress = chunks.add(&first, part(1), &id(), 0);
            assert_eq!(progress, Ok(Progress::Partial(2 * PART as u64)));
        }
        let Ok(Progress::Complete(whole)) = chunks.add(&last, Bytes::from_static(b"3"), &id(), 0)
        else {
            panic!("not complete")
        };
        assert_eq!(
            (whole.len(), whole[PART - 1], whole[PART], whole[total - 1]),
            (total, 1, 2, b'3')
        );
        assert_eq!(chunks.finished(&last), Some(id()));
        assert_eq!(chunks.held(), 0);
    }

    #[test]
    fn a_small_piece_is_refused_unless_it_is_the_last() {
        let mut chunks = Chunks::new(u64::MAX);
        let short = Bytes::from_static(b"0123456789");
        let refused = chunks.add(&chunk("bytes 0-9/20"), short.clone(), &id(), 0);
        let text = "All parts except EOF-chunk must be larger than 5mb";
        assert_eq!(refused, Err(Refusal::bad_request(text)));
        assert!(
            chunks
                .add(&chunk("bytes 0-9/-1"), short.clone(), &id(), 0)
                .is_err()
        );
        let whole = chunks.add(&chunk("bytes 0-9/10"), short.clone(), &id(), 0);
        assert_eq!(whole, Ok(Progress::Complete(short)));
    }

    #[test]
    fn a_range_that_makes_no_sense_is_refused() {
        for range in [
            "bytes 9-0/20",
            "bytes 0-20/20",
            "0-9/20",
            "bytes 0-9",
            "bytes a-9/20",
            "bytes 0-9/x",
        ] {
            assert_eq!(Chunk::parse("u", range), None, "{range}");
        }
        assert!(Chunk::parse("u", &format!("bytes 0-{}/*", u64::MAX)).is_none());
        let mut chunks = Chunks::new(u64::MAX);
        assert!(
            chunks
                .add(&chunk("bytes 0-9/10"), Bytes::new(), &id(), 0)
                .is_err()
        );
    }

    #[test]
    fn an_unfinished_upload_is_forgotten_after_an_hour() {
        let mut chunks = Chunks::new(PART as u64);
        let first = chunk(&format!("bytes 0-{}/-1", PART - 1));
        assert!(chunks.add(&first, part(1), &id(), 0).is_ok());
        let other = Chunk {
            upload_id: "v".to_owned(),
            ..first.clone()
        };
        assert!(
            chunks.add(&other, part(1), &id(), 10).is_err(),
            "memory limit"
        );
        assert!(chunks.add(&other, part(1), &id(), 3600).is_ok());
        assert_eq!(chunks.name_of(&first), None);
    }
}
