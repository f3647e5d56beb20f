//! Cuts one stream of bytes into the bodies of several requests, without collecting them.
//!
//! Each body takes the next bytes from the shared stream; an item that crosses a border is split.
//! The reader insists on the announced length and on order, and remembers why it failed, because
//! an HTTP library reports a failed body as one more broken connection.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::{Mutex, oneshot};

use crate::file_source::ByteStream;

/// The borders of the chunks of a file; one empty chunk for an empty file.
pub(crate) fn ranges(length: u64, chunk_size: u64) -> impl Iterator<Item = Range<u64>> {
    let count = length.div_ceil(chunk_size).max(1);
    (0..count).map(move |n| n * chunk_size..length.min((n + 1) * chunk_size))
}

/// `bytes <first>-<last>/<total>`, always with the real total.
pub(crate) fn content_range(range: &Range<u64>, total: u64) -> String {
    format!(
        "bytes {}-{}/{total}",
        range.start,
        range.end.saturating_sub(1)
    )
}

/// A stream that several bodies read from, one after the other.
pub(crate) struct ChunkReader {
    source: Arc<Mutex<Source>>,
    failure: oneshot::Receiver<io::Error>,
}

impl ChunkReader {
    pub(crate) fn new(stream: ByteStream, length: u64) -> Self {
        let (failed, failure) = oneshot::channel();
        let failed = Some(failed);
        let source = Source {
            stream,
            pending: Bytes::new(),
            position: 0,
            length,
            failed,
        };
        Self {
            source: Arc::new(Mutex::new(source)),
            failure,
        }
    }

    /// The bytes of one range. Ranges must be read in order and to their end.
    pub(crate) fn body(
        &self,
        range: Range<u64>,
    ) -> impl Stream<Item = Result<Bytes, io::Error>> + Send + use<> {
        let source = Arc::clone(&self.source);
        stream::try_unfold(range, move |range| {
            let source = Arc::clone(&source);
            async move {
                if range.is_empty() {
                    return Ok(None);
                }
                let piece = source.lock().await.next(&range).await?;
                let rest = range.start + piece.len() as u64..range.end;
                Ok(Some((piece, rest)))
            }
        })
    }

    /// Why a body failed, when the fault was on our side.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.try_recv().ok()
    }
}

struct Source {
    stream: ByteStream,
    /// What is left of the item that was read last.
    pending: Bytes,
    position: u64,
    length: u64,
    failed: Option<oneshot::Sender<io::Error>>,
}

impl Source {
    async fn next(&mut self, range: &Range<u64>) -> Result<Bytes, io::Error> {
        match self.read(range).await {
            Ok(piece) => Ok(piece),
            Err(error) => Err(self.fail(error)),
        }
    }

    async fn read(&mut self, range: &Range<u64>) -> Result<Bytes, io::Error> {
        // A server that answers early may leave the body before this one unread.
        if self.position != range.start {
            return Err(io::Error::other("chunk read out of order"));
        }
        while self.pending.is_empty() {
            let ended = || io::Error::new(io::ErrorKind::UnexpectedEof, "source ended early");
            self.pending = self.stream.next().await.ok_or_else(ended)??;
        }
        if self.pending.len() as u64 > self.length - self.position {
            return Err(io::Error::other("source longer than announced"));
        }
        let wanted = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let piece = self.pending.split_to(wanted.min(self.pending.len()));
        self.position += piece.len() as u64;
        Ok(piece)
    }

    fn fail(&mut self, error: io::Error) -> io::Error {
        let told = io::Error::from(error.kind());
        if let Some(failed) = self.failed.take() {
            // Nobody listens when the upload was given up, which is no loss.
            let _ = failed.send(error);
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt;
    use proptest::prelude::*;

    use super::*;

    fn reader(items: &[&'static [u8]], length: u64) -> ChunkReader {
        let items: Vec<_> = items
            .iter()
            .map(|item| Ok(Bytes::from_static(item)))
            .collect();
        ChunkReader::new(stream::iter(items).boxed(), length)
    }

    async fn read(reader: &ChunkReader, range: Range<u64>) -> Result<Vec<u8>, io::Error> {
        let pieces: Vec<Bytes> = reader.body(range).try_collect().await?;
        Ok(pieces.concat())
    }

    #[test]
    fn ranges_cover_the_file_without_gap_or_overlap() {
        let all = |length, size| {
            ranges(length, size)
                .map(|r| (r.start, r.end))
                .collect::<Vec<_>>()
        };
        assert_eq!(all(10, 4), [(0, 4), (4, 8), (8, 10)]);
        assert_eq!(all(8, 4), [(0, 4), (4, 8)]);
        assert_eq!(all(3, 4), [(0, 3)]);
        assert_eq!(all(0, 4), [(0, 0)]);
    }

    #[test]
    fn a_range_is_written_with_its_last_byte_and_the_total() {
        assert_eq!(content_range(&(0..4), 10), "bytes 0-3/10");
        assert_eq!(content_range(&(8..10), 10), "bytes 8-9/10");
    }

    #[tokio::test]
    async fn an_item_that_crosses_a_border_is_split() {
        let reader = reader(&[b"abc", b"", b"defgh", b"ij"], 10);
        assert_eq!(read(&reader, 0..4).await.expect("bytes"), b"abcd");
        assert_eq!(read(&reader, 4..8).await.expect("bytes"), b"efgh");
        assert_eq!(read(&reader, 8..10).await.expect("bytes"), b"ij");
    }

    #[tokio::test]
    async fn a_source_that_is_too_short_or_too_long_fails() {
        let mut short = reader(&[b"abc"], 5);
        assert!(read(&short, 0..5).await.is_err());
        let failure = short.take_failure().expect("remembered");
        assert_eq!(failure.to_string(), "source ended early");
        let mut long = reader(&[b"abc", b"def"], 5);
        assert!(read(&long, 0..5).await.is_err());
        let failure = long.take_failure().expect("remembered");
        assert_eq!(failure.to_string(), "source longer than announced");
    }

    #[tokio::test]
    async fn an_error_of_the_source_is_remembered_once() {
        let broken = stream::iter([Err(io::Error::other("disk on fire"))]).boxed();
        let mut reader = ChunkReader::new(broken, 3);
        assert!(read(&reader, 0..3).await.is_err());
        assert_eq!(
            reader.take_failure().expect("remembered").to_string(),
            "disk on fire"
        );
        assert!(reader.take_failure().is_none());
    }

    #[tokio::test]
    async fn a_chunk_cannot_start_before_the_one_before_it_was_read() {
        let mut reader = reader(&[b"abcdef"], 6);
        assert!(read(&reader, 3..6).await.is_err());
        assert!(reader.take_failure().is_some());
    }

    proptest! {
        #[test]
        fn chunks_joined_are_the_file(
            items in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..20),
            chunk_size in 1_u64..30,
        ) {
            let file = items.concat();
            let length = file.len() as u64;
            let stream = stream::iter(items.into_iter().map(|item| Ok(Bytes::from(item)))).boxed();
            let reader = ChunkReader::new(stream, length);
            let joined = futures_util::FutureExt::now_or_never(async {
                let mut joined = Vec::new();
                for range in ranges(length, chunk_size) {
                    let chunk = read(&reader, range.clone()).await.expect("whole chunk");
                    assert_eq!(chunk.len() as u64, range.end - range.start);
                    joined.extend(chunk);
                }
                joined
            });
            prop_assert_eq!(joined.expect("a ready stream never waits"), file);
        }
    }
}
