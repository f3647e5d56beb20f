//! What happens to the demo's bucket: five chapters, each followed by a wait until the queue is
//! empty again.

use std::time::Duration;

use aws_emulator::{Emulator, NewObject, Versioning};
use tokio::time::{Instant, sleep};

use super::picture::Picture;
use super::progress::Progress;
use super::stage::{BUCKET, QUEUE};

/// Between two looks at the queue.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Without a message done for this long, the demo gives up and says what is different.
const STUCK_AFTER: Duration = Duration::from_mins(1);

/// The story so far.
pub(crate) struct Story<'a> {
    aws: Emulator,
    progress: &'a Progress,
    random: fastrand::Rng,
    /// Changes of the bucket, each of which S3 tells in one event.
    changes: usize,
}

/// Why the story ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoryError {
    #[error("the embedded AWS")]
    Aws(#[from] aws_emulator::Error),
    #[error("no message was done for {} seconds, {left} are left", STUCK_AFTER.as_secs())]
    Stuck { left: usize },
}

type Told = Result<(), StoryError>;

impl<'a> Story<'a> {
    pub(crate) fn new(aws: Emulator, progress: &'a Progress, seed: u64) -> Self {
        Self {
            aws,
            progress,
            random: fastrand::Rng::with_seed(seed),
            changes: 0,
        }
    }

    /// Tells it from the beginning to the end.
    pub(crate) async fn tell(&mut self, burst: u32) -> Told {
        self.pictures_arrive().await?;
        self.some_change_and_some_go().await?;
        self.two_objects_want_one_asset().await?;
        self.versions_go_and_come_back().await?;
        self.too_many_at_once(burst).await
    }

    pub(crate) fn changes(&self) -> usize {
        self.changes
    }

    async fn pictures_arrive(&mut self) -> Told {
        self.progress
            .chapter("Pictures arrive, with names that are easily misread");
        for key in [
            "holiday/beach.jpg",
            "holiday/mountains.png",
            "holiday/city.gif",
        ] {
            self.put(key)?;
        }
        for key in [
            "a b+c é(1)&?.jpg",
            "100% sure.png",
            "party 🎉.gif",
            "写真/東京.jpg",
        ] {
            self.put(key)?;
        }
        self.put_bytes("notes/packing list.txt", b"towel\n".to_vec())?;
        // A folder as consoles draw it: an event like any other, and nothing to mirror.
        self.put_bytes("holiday/", Vec::new())?;
        self.until_quiet().await
    }

    async fn some_change_and_some_go(&mut self) -> Told {
        self.progress.chapter("Some are replaced, some are deleted");
        self.put("holiday/beach.jpg")?;
        self.put("holiday/mountains.png")?;
        self.delete("holiday/city.gif")?;
        self.until_quiet().await
    }

    async fn two_objects_want_one_asset(&mut self) -> Told {
        self.progress
            .chapter("Two objects share an asset, one of them goes");
        self.put("twins/left.jpg")?;
        self.put("twins/left.png")?;
        self.until_quiet().await?;
        self.delete("twins/left.png")?;
        self.until_quiet().await
    }

    async fn versions_go_and_come_back(&mut self) -> Told {
        self.progress
            .chapter("An old version is deleted, a deleted object is restored");
        self.aws.set_versioning(BUCKET, Versioning::Enabled)?;
        let old = self.put("archive/cat.jpg")?;
        self.put("archive/cat.jpg")?;
        self.put("archive/dog.jpg")?;
        self.until_quiet().await?;
        self.delete_version("archive/cat.jpg", old.as_deref())?;
        let marker = self.delete("archive/dog.jpg")?;
        self.until_quiet().await?;
        self.delete_version("archive/dog.jpg", marker.as_deref())?;
        self.until_quiet().await
    }

    async fn too_many_at_once(&mut self, burst: u32) -> Told {
        self.progress
            .chapter("A burst, more than Cloudinary takes at once");
        for number in 1..=burst {
            let extension = ["jpg", "png", "gif"][number as usize % 3];
            self.put(&format!("burst/{number:04}.{extension}"))?;
            // So that Ctrl-C is heard while a long burst is drawn.
            tokio::task::yield_now().await;
        }
        self.until_quiet().await
    }

    fn put(&mut self, key: &str) -> Result<Option<String>, StoryError> {
        let file = Picture::random(&mut self.random).file(key);
        self.put_bytes(key, file)
    }

    fn put_bytes(&mut self, key: &str, bytes: Vec<u8>) -> Result<Option<String>, StoryError> {
        let object = NewObject {
            bytes: bytes.into(),
            ..NewObject::default()
        };
        let put = self.aws.put_object(BUCKET, key, object)?;
        self.changes += 1;
        Ok(put.version_id)
    }

    fn delete(&mut self, key: &str) -> Result<Option<String>, StoryError> {
        self.delete_version(key, None)
    }

    fn delete_version(
        &mut self,
        key: &str,
        version: Option<&str>,
    ) -> Result<Option<String>, StoryError> {
        let deleted = self.aws.delete_object(BUCKET, key, version)?;
        self.changes += 1;
        Ok(deleted.version_id)
    }

    async fn until_quiet(&self) -> Told {
        let (mut least, mut since) = (usize::MAX, Instant::now());
        loop {
            let depth = self.aws.queue_depth(QUEUE)?;
            let left = depth.visible + depth.in_flight + depth.delayed;
            self.progress.show(self.changes, left);
            if left == 0 {
                return Ok(());
            }
            if left < least {
                (least, since) = (left, Instant::now());
            } else if since.elapsed() > STUCK_AFTER {
                return Err(StoryError::Stuck { left });
            }
            sleep(LOOK_EVERY).await;
        }
    }
}
