//! What the store promises, without a server around it.

use bytes::Bytes;

use super::*;

fn store(limit: u64) -> Store {
    Store::new(limit, SearchIndex::new(std::time::Duration::ZERO))
}

fn id(public_id: &str) -> AssetId {
    AssetId {
        resource_type: ResourceType::Image,
        delivery_type: DeliveryType::Upload,
        public_id: PublicId::new(public_id).expect("valid"),
    }
}

fn put(store: &mut Store, public_id: &str, bytes: &'static str, overwrite: bool) -> Put {
    let content = Content::of(Bytes::from_static(bytes.as_bytes()));
    store.put(id(public_id), content, Details::default(), overwrite, 1000)
}

fn stored(outcome: Put) -> Arc<Asset> {
    match outcome {
        Put::Created(asset) | Put::Overwritten(asset) | Put::Existing(asset) => asset,
    }
}

#[test]
fn the_etag_is_the_md5_of_the_bytes() {
    let asset = stored(put(&mut store(100), "a", "hello", true));
    assert_eq!(asset.content.etag, "5d41402abc4b2a76b9719d911017c592");
}

#[test]
fn an_overwrite_within_one_second_still_raises_the_version_and_keeps_the_asset_id() {
    let mut store = self::store(100);
    let first = stored(put(&mut store, "a", "one", true));
    let second = stored(put(&mut store, "a", "two", true));
    assert_eq!((first.version, second.version), (1000, 1001));
    assert_eq!(first.asset_id, second.asset_id);
    assert_ne!(first.version_id, second.version_id);
}

#[test]
fn without_overwrite_the_first_content_stays() {
    let mut store = self::store(100);
    put(&mut store, "a", "one", true);
    let outcome = put(&mut store, "a", "two", false);
    assert!(matches!(&outcome, Put::Existing(asset) if asset.content.len == 3));
    assert_eq!(store.get(&id("a")).map(|a| a.version), Some(1000));
}

#[test]
fn above_the_memory_limit_only_size_and_etag_are_kept() {
    let mut store = self::store(5);
    put(&mut store, "a", "12345", true);
    let over = stored(put(&mut store, "b", "6", true));
    assert_eq!((over.content.bytes.is_none(), over.content.len), (true, 1));
    store.destroy(&id("a"));
    assert!(
        stored(put(&mut store, "c", "67890", true))
            .content
            .bytes
            .is_some()
    );
}

#[test]
fn a_rename_moves_the_asset_and_refuses_a_taken_name() {
    let mut store = self::store(100);
    let original = stored(put(&mut store, "a", "one", true));
    put(&mut store, "b", "two", true);
    let rename =
        |store: &mut Store, from, to, overwrite| store.rename(&id(from), id(to), overwrite, 1000);
    assert_eq!(
        rename(&mut store, "x", "y", false).err(),
        Some(RenameRefused::Missing)
    );
    assert_eq!(
        rename(&mut store, "a", "b", false).err(),
        Some(RenameRefused::Taken)
    );
    let moved = rename(&mut store, "a", "b", true).expect("overwrites");
    assert_eq!(moved.asset_id, original.asset_id);
    assert_eq!(store.len(), 1);
    assert_eq!(
        store.by_asset_id(&moved.asset_id).map(|a| a.id.clone()),
        Some(id("b"))
    );
}

#[test]
fn a_kind_lists_only_its_own_assets_in_order() {
    let mut store = self::store(100);
    for name in ["b", "a/1", "a", "é"] {
        put(&mut store, name, "x", true);
    }
    let raw = AssetId {
        resource_type: ResourceType::Raw,
        ..id("raw.txt")
    };
    store.put(raw, Content::of(Bytes::new()), Details::default(), true, 1);
    let names: Vec<_> = store
        .of_kind(ResourceType::Image, DeliveryType::Upload)
        .map(|a| a.id.public_id.to_string())
        .collect();
    assert_eq!(names, ["a", "a/1", "b", "é"]);
}

#[tokio::test(start_paused = true)]
async fn a_lagging_search_sees_changes_in_their_order_and_late() {
    let lag = std::time::Duration::from_secs(5);
    let mut store = Store::new(100, SearchIndex::new(lag));
    put(&mut store, "a", "one", true);
    put(&mut store, "a", "three", true);
    put(&mut store, "b", "x", true);
    assert!(store.searchable().is_empty());
    tokio::time::advance(lag).await;
    store.destroy(&id("b"));
    let seen: Vec<_> = store.searchable().iter().map(|a| a.content.len).collect();
    assert_eq!(seen, [5, 1]);
    tokio::time::advance(lag).await;
    assert_eq!(store.searchable().len(), 1);
}
