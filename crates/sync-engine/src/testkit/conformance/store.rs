//! The contract of `ObjectStore`, check by check. Every check has a bucket of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use event_mapper::ObjectRef;
use futures_util::StreamExt as _;
use secrecy::SecretString;

use super::Action;
use crate::ports::{ListedObject, ObjectState, ObjectStore, StoreErrorKind};

/// Keys that have broken somebody's encoding before. No more than fit on one page: LocalStack
/// loses a key that needs encoding at the edge of a page.
const AWKWARD_KEYS: [&str; 10] = [
    "a b  c.jpg",
    "a+b.jpg",
    "100% %2B literal %20.jpg",
    "Grüße/世界/\u{1F388}.png",
    "e\u{301} is not é",
    "query?and#fragment&more=1;x",
    "quotes'\"<xml>&amp;",
    "double//slash",
    "semi;colon:at@dollar$comma,star*bang!(round)[square]{curly}|pipe^caret`tick~tilde\\back",
    "trailing space ",
];

/// How a runner makes what the checks need.
#[expect(missing_debug_implementations, reason = "holds closures")]
pub struct StoreHarness {
    /// Makes an empty bucket; with versions if the argument says so.
    pub fresh: Action<bool, StoreUnderTest>,
}

/// One bucket, and what the port cannot do to it.
#[expect(missing_debug_implementations, reason = "holds closures")]
pub struct StoreUnderTest {
    /// The store. Its pages hold at most ten keys.
    pub store: Arc<dyn ObjectStore>,
    /// The bucket's name.
    pub bucket: String,
    /// The name of a bucket that does not exist; `None` where every bucket does.
    pub missing: Option<String>,
    /// Writes an object.
    pub put: Action<Put, ()>,
    /// Deletes a key, without naming a version.
    pub delete: Action<String, ()>,
    /// Fetches a URL without credentials; `None` where URLs lead nowhere.
    pub fetch: Option<Action<SecretString, Vec<u8>>>,
}

/// An object to write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Put {
    /// Its key.
    pub key: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its user metadata.
    pub metadata: BTreeMap<String, String>,
}

/// Runs every check.
///
/// # Panics
/// When the store does not keep the contract.
pub async fn store_conformance(harness: &StoreHarness) {
    let fresh = |versioned| (harness.fresh)(versioned);
    tokio::join!(
        a_head_tells_what_was_put(fresh(false).await),
        an_absent_key_is_proven_absent(fresh(false).await),
        an_overwrite_is_another_write(fresh(false).await),
        a_delete_marker_is_an_absence(fresh(true).await),
        versions_are_told_apart(fresh(true).await),
        a_listing_pages_in_key_order(fresh(false).await),
        a_listing_tells_the_same_write_as_a_head(fresh(false).await),
        a_listing_does_not_tell_versions_apart(fresh(true).await),
        a_missing_bucket_is_no_empty_listing(fresh(false).await),
        awkward_keys_are_the_same_everywhere(fresh(false).await),
        a_read_gives_the_bytes(fresh(false).await),
        a_read_of_something_else_by_now_is_refused(fresh(false).await),
        a_presigned_url_reads_the_version_it_names(fresh(true).await),
    );
}

async fn a_head_tells_what_was_put(test: StoreUnderTest) {
    let metadata = BTreeMap::from([("owner".to_owned(), "ann".to_owned())]);
    let put = Put {
        key: "a.jpg".into(),
        bytes: b"hello".to_vec(),
        metadata: metadata.clone(),
    };
    (test.put)(put).await;
    let state = test.state("a.jpg").await;
    assert!(
        !state.etag.contains('"'),
        "an entity tag comes without quotes"
    );
    assert_eq!(state.size, 5);
    assert_eq!(state.version_id, None, "the bucket keeps no versions");
    assert_eq!(
        state.last_modified.nanosecond(),
        0,
        "a HEAD tells whole seconds"
    );
    assert_eq!(state.md5(), Some(state.etag.as_str()));
    assert!(!state.archived);
    assert_eq!(state.metadata, metadata);
    assert!(
        state.same_write(&test.state("a.jpg").await),
        "two looks at one write agree"
    );
}

async fn an_absent_key_is_proven_absent(test: StoreUnderTest) {
    assert_eq!(test.head("never.jpg").await, None);
    test.put("gone.jpg", b"x").await;
    (test.delete)("gone.jpg".into()).await;
    assert_eq!(test.head("gone.jpg").await, None);
}

async fn an_overwrite_is_another_write(test: StoreUnderTest) {
    test.put("a.jpg", b"one").await;
    let before = test.state("a.jpg").await;
    test.put("a.jpg", b"two!").await;
    let after = test.state("a.jpg").await;
    assert_eq!(after.size, 4);
    assert_ne!(after.etag, before.etag, "other bytes, another entity tag");
    assert!(!after.same_write(&before), "the read after a write sees it");
}

async fn a_delete_marker_is_an_absence(test: StoreUnderTest) {
    test.put("a.jpg", b"x").await;
    (test.delete)("a.jpg".into()).await;
    assert_eq!(test.head("a.jpg").await, None);
    assert_eq!(test.keys("").await, [""; 0], "nor is it listed");
}

async fn versions_are_told_apart(test: StoreUnderTest) {
    test.put("a.jpg", b"same").await;
    let before = test.state("a.jpg").await;
    test.put("a.jpg", b"same").await;
    let after = test.state("a.jpg").await;
    assert!(before.version_id.is_some(), "the bucket keeps versions");
    assert_ne!(before.version_id, after.version_id);
    assert_eq!(
        before.etag, after.etag,
        "the same bytes, the same entity tag"
    );
    assert!(
        !after.same_write(&before),
        "the same bytes, but another write"
    );
}

async fn a_listing_pages_in_key_order(test: StoreUnderTest) {
    let expected: Vec<String> = (0..25)
        .map(|number| format!("in/{number:02}.jpg"))
        .collect();
    for key in expected.iter().rev() {
        test.put(key, b"x").await;
    }
    test.put("inside.jpg", b"x").await;
    test.put("out/a.jpg", b"x").await;
    let first = test
        .store
        .list(&test.bucket, "in/", None)
        .await
        .expect("list");
    assert!(
        first.objects.len() <= 10 && first.next.is_some(),
        "the test needs several pages"
    );
    assert_eq!(first.objects[0].size, 1);
    assert_eq!(
        first.objects[0].last_modified,
        test.state("in/00.jpg").await.last_modified,
        "a listing and a HEAD tell the same time"
    );
    assert_eq!(test.keys("in/").await, expected);
    assert_eq!(test.keys("nothing/").await, [""; 0]);
}

async fn a_listing_tells_the_same_write_as_a_head(test: StoreUnderTest) {
    // So soon after each other that a listing which lags behind would show the one before.
    for content in [b"one".as_slice(), b"two", b"three"] {
        test.put("a.jpg", content).await;
        let listed = test
            .listed("a.jpg")
            .await
            .expect("a write is listed at once");
        let state = test.state("a.jpg").await;
        assert!(state.is_shown_by(&listed), "{state:?} is not {listed:?}");
    }
    (test.delete)("a.jpg".into()).await;
    assert_eq!(test.listed("a.jpg").await, None, "nor does a delete lag");
}

async fn a_listing_does_not_tell_versions_apart(test: StoreUnderTest) {
    test.put("a.jpg", b"same").await;
    let listed = test.listed("a.jpg").await.expect("listed");
    assert!(!test.state("a.jpg").await.is_shown_by(&listed));
}

async fn a_missing_bucket_is_no_empty_listing(test: StoreUnderTest) {
    let Some(missing) = &test.missing else {
        return;
    };
    let error = test.store.list(missing, "", None).await;
    let error = error.expect_err("there is no such bucket");
    assert_eq!(error.kind, StoreErrorKind::NoBucket, "{error:?}");
}

async fn awkward_keys_are_the_same_everywhere(test: StoreUnderTest) {
    for key in AWKWARD_KEYS {
        test.put(key, key.as_bytes()).await;
    }
    let mut expected = AWKWARD_KEYS;
    expected.sort_unstable();
    assert_eq!(test.keys("").await, expected);
    for key in AWKWARD_KEYS {
        assert_eq!(test.keys(key).await, [key], "as a prefix");
        let state = test.state(key).await;
        assert_eq!(test.bytes(key, &state).await, key.as_bytes(), "{key}");
        if let Some(fetch) = &test.fetch {
            let url = test.presigned(key, None).await;
            assert_eq!(fetch(url).await, key.as_bytes(), "{key}");
        }
    }
}

async fn a_read_gives_the_bytes(test: StoreUnderTest) {
    let bytes: Vec<u8> = (0..=250).cycle().take(3_000_000).collect();
    test.put("big.bin", &bytes).await;
    let state = test.state("big.bin").await;
    assert!(
        test.bytes("big.bin", &state).await == bytes,
        "3 MB must arrive unchanged"
    );
    test.put("empty.bin", b"").await;
    let state = test.state("empty.bin").await;
    assert_eq!(test.bytes("empty.bin", &state).await, b"");
}

async fn a_read_of_something_else_by_now_is_refused(test: StoreUnderTest) {
    test.put("a.jpg", b"one").await;
    let state = test.state("a.jpg").await;
    test.put("a.jpg", b"two").await;
    test.refuses_to_read("a.jpg", &state).await;
    (test.delete)("a.jpg".into()).await;
    test.refuses_to_read("a.jpg", &state).await;
}

async fn a_presigned_url_reads_the_version_it_names(test: StoreUnderTest) {
    test.put("a b.jpg", b"old").await;
    let old = test.state("a b.jpg").await;
    test.put("a b.jpg", b"new").await;
    let newest = test.presigned("a b.jpg", None).await;
    let named = test.presigned("a b.jpg", old.version_id.as_deref()).await;
    if let Some(fetch) = &test.fetch {
        assert_eq!(fetch(newest).await, b"new");
        assert_eq!(fetch(named).await, b"old");
    }
}

impl StoreUnderTest {
    fn object(&self, key: &str) -> ObjectRef {
        ObjectRef::new(&self.bucket, key)
    }

    async fn put(&self, key: &str, bytes: &[u8]) {
        let put = Put {
            key: key.to_owned(),
            bytes: bytes.to_vec(),
            ..Put::default()
        };
        (self.put)(put).await;
    }

    async fn head(&self, key: &str) -> Option<ObjectState> {
        self.store.head(&self.object(key)).await.expect("head")
    }

    async fn state(&self, key: &str) -> ObjectState {
        self.head(key)
            .await
            .unwrap_or_else(|| panic!("{key} is there"))
    }

    /// What the first page says of a key.
    async fn listed(&self, key: &str) -> Option<ListedObject> {
        let page = self.store.list(&self.bucket, key, None).await;
        let objects = page.expect("list").objects;
        objects.into_iter().find(|object| object.key == key)
    }

    /// All pages together.
    async fn keys(&self, prefix: &str) -> Vec<String> {
        let mut keys = Vec::new();
        let mut token = None;
        loop {
            let page = self
                .store
                .list(&self.bucket, prefix, token.as_deref())
                .await;
            let page = page.expect("list");
            keys.extend(page.objects.into_iter().map(|object| object.key));
            token = page.next;
            if token.is_none() {
                return keys;
            }
        }
    }

    async fn bytes(&self, key: &str, state: &ObjectState) -> Vec<u8> {
        let mut body = self
            .store
            .read(&self.object(key), state)
            .await
            .expect("read");
        assert_eq!(body.length, state.size, "{key}");
        let mut bytes = Vec::new();
        while let Some(piece) = body.stream.next().await {
            bytes.extend_from_slice(&piece.expect("a piece of the body"));
        }
        bytes
    }

    async fn refuses_to_read(&self, key: &str, state: &ObjectState) {
        let error = self.store.read(&self.object(key), state).await;
        let error = error.expect_err("the object is not the one that was looked at");
        assert_eq!(error.kind, StoreErrorKind::Changed, "{error:?}");
    }

    async fn presigned(&self, key: &str, version_id: Option<&str>) -> SecretString {
        let valid_for = Duration::from_mins(5);
        let url = self
            .store
            .presign(&self.object(key), version_id, valid_for)
            .await;
        url.expect("presign")
    }
}
