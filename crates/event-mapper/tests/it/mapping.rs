//! From key to asset.

use cloudinary_core::DeliveryType;
use event_mapper::{
    Characters, Collisions, ExtensionTable, FolderMode, Hint, Mapping, Route, Rules, SkipReason,
};
use proptest::prelude::*;

use crate::support::{mapped, object, rules};

fn sync_to_library() -> Rules {
    rules(|config| {
        config.routes = vec![Route {
            bucket: None,
            prefix: "/sync/".to_owned(),
            cloudinary_root: "library".to_owned(),
        }];
    })
}

fn awkward_key() -> impl Strategy<Value = String> {
    "[ab /.?&_\\x01\\u{85}\\u{201b}\\u{2420}\\u{ff0f}\\u{ff1f}]{1,6}(\\.(jpg|PNG|mp4|csv))?"
}

#[test]
fn the_prefix_becomes_the_root_and_media_lose_their_extension() {
    let rules = sync_to_library();
    let table = [
        ("sync/a/b.JPG", "image/upload/library/a/b"),
        ("sync/v.Mp4", "video/upload/library/v"),
        ("sync/Data Set.CSV", "raw/upload/library/Data Set.CSV"),
        ("sync/x.d+ocx", "raw/upload/library/x.d＋ocx"),
        ("sync/a.tar.gz", "raw/upload/library/a.tar.gz"),
        ("sync/.hidden", "raw/upload/library/.hidden"),
        ("sync/.jpg", "raw/upload/library/.jpg"),
        ("sync/été.png", "image/upload/library/été"),
        ("sync/sync/x.png", "image/upload/library/sync/x"),
        ("sync/a b&c.jpg", "image/upload/library/a b＆c"),
        ("sync/a .jpg", "image/upload/library/a␠"),
        ("sync//x.png", "image/upload/library/／x"),
    ];
    for (key, asset) in table {
        assert_eq!(mapped(&rules, key), asset);
    }
}

#[test]
fn a_prefix_ends_at_a_folder_boundary() {
    let rules = sync_to_library();
    for key in ["syncother/x.png", "sync", "x/sync/y.png", "Sync/x.png"] {
        assert_eq!(mapped(&rules, key), "skipped: outside_routes", "{key}");
    }
}

#[test]
fn what_is_no_picture_is_skipped_with_a_reason() {
    let rules = rules(|_| ());
    assert_eq!(mapped(&rules, "photos/2024/"), "skipped: folder_marker");
    assert_eq!(
        mapped(&rules, ".wellknown/cloudinary/demo"),
        "skipped: ownership_file"
    );
    assert_eq!(
        mapped(&rules, "a/.wellknown/cloudinary/x"),
        "raw/upload/a/.wellknown/cloudinary/x"
    );
    let empty = rules.map(&object("a.jpg"), Some(0));
    assert_eq!(empty, Mapping::Skipped(SkipReason::ZeroBytes));
    assert!(rules.map(&object("a.jpg"), Some(1)).asset().is_some());
}

#[test]
fn patterns_apply_below_the_prefix() {
    let rules = rules(|config| {
        config.routes[0].prefix = "in".to_owned();
        config.include = vec!["/a/**".to_owned()];
        config.exclude = vec!["*.tmp".to_owned()];
    });
    assert_eq!(mapped(&rules, "in/a/x.jpg"), "image/upload/a/x");
    assert_eq!(mapped(&rules, "in/b/x.jpg"), "skipped: not_included");
    assert_eq!(mapped(&rules, "in/a/b/x.tmp"), "skipped: excluded");
}

#[test]
fn what_cloudinary_could_not_hold_is_rejected() {
    let rules = rules(|_| ());
    assert_eq!(mapped(&rules, "../../etc/passwd"), "rejected: dot_segment");
    assert_eq!(mapped(&rules, "a/./b.jpg"), "rejected: dot_segment");
    assert_eq!(mapped(&rules, "a/.."), "rejected: dot_segment");
    assert_eq!(mapped(&rules, "a//../b.jpg"), "rejected: dot_segment");
    assert_eq!(mapped(&rules, &"k".repeat(256)), "rejected: too_long");
    assert_eq!(mapped(&rules, &"k".repeat(1024)), "rejected: too_long");
    assert_eq!(
        mapped(&rules, &"é".repeat(255)),
        format!("raw/upload/{}", "é".repeat(255))
    );
}

#[test]
fn the_reject_policy_names_the_character() {
    let rules = rules(|config| config.characters = Characters::Reject);
    assert_eq!(mapped(&rules, "a b/c.jpg"), "image/upload/a b/c");
    let table = [
        (
            "a?b.jpg",
            "public ID contains '?', which Cloudinary refuses",
        ),
        (
            "a\tb.jpg",
            "public ID contains '\\t', which Cloudinary refuses",
        ),
        (
            "a //b.jpg",
            "public ID has a path segment that starts or ends with a space",
        ),
        ("a//b.jpg", "public ID has an empty path segment"),
    ];
    for (key, reason) in table {
        match rules.map(&object(key), None) {
            Mapping::Rejected(error) => assert_eq!(error.to_string(), reason),
            other => panic!("{key} gives {other:?}"),
        }
    }
}

#[test]
fn the_underscore_policy_writes_underscores() {
    let rules = rules(|config| config.characters = Characters::Underscore);
    assert_eq!(
        mapped(&rules, "a?b/ c //d .jpg"),
        "image/upload/a_b/_c_/_d_"
    );
}

#[test]
fn keep_extension_gives_every_object_its_own_asset() {
    let rules = rules(|config| config.collisions = Collisions::KeepExtension);
    assert_eq!(mapped(&rules, "a.JPG"), "image/upload/a.JPG");
    assert_eq!(mapped(&rules, "a.png"), "image/upload/a.png");
}

#[test]
fn the_lambda_table_keeps_newer_formats_raw() {
    let rules = rules(|config| config.extension_table = ExtensionTable::Ftp2cld);
    assert_eq!(mapped(&rules, "a.avif"), "raw/upload/a.avif");
    assert_eq!(mapped(&rules, "a.jpg"), "image/upload/a");
}

#[test]
fn the_delivery_type_is_part_of_the_name() {
    let rules = rules(|config| config.delivery_type = DeliveryType::Authenticated);
    assert_eq!(mapped(&rules, "a.jpg"), "image/authenticated/a");
}

#[test]
fn dynamic_folders_are_told_apart_from_the_name() {
    let place = |folder_mode, key: &str| match rules(|config| config.folder_mode = folder_mode)
        .map(&object(key), None)
    {
        Mapping::Mapped(mapped) => (mapped.asset_folder, mapped.display_name),
        other => panic!("{key} gives {other:?}"),
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        place(FolderMode::Dynamic, "a/b/c d.jpg"),
        (some("a/b"), some("c d"))
    );
    assert_eq!(place(FolderMode::Dynamic, "c.csv"), (None, some("c.csv")));
    assert_eq!(place(FolderMode::Fixed, "a/b/c.jpg"), (None, None));
}

#[test]
fn a_change_of_tags_is_heeded_only_where_tags_are_mapped() {
    let plain = rules(|_| ());
    let tagging = rules(|config| config.tags_mapped = true);
    for hint in [Hint::Created, Hint::Removed, Hint::Restored] {
        assert!(plain.heeds(hint));
    }
    assert!(!plain.heeds(Hint::Tagging) && tagging.heeds(Hint::Tagging));
    assert!(!tagging.heeds(Hint::Ignored));
}

proptest! {
    #[test]
    fn two_keys_share_an_asset_only_if_they_differ_in_the_extension_alone(
        a in awkward_key(), b in awkward_key(),
    ) {
        let (a, b) = (object(&a), object(&b));
        prop_assume!(a != b);
        let newest = rules(|_| ());
        if let (Some(one), Some(other)) = (newest.map(&a, None).asset(), newest.map(&b, None).asset())
            && one == other
        {
            let stem = |key: &str| key.rsplit_once('.').map(|(stem, _)| stem.to_owned());
            prop_assert_eq!(stem(&a.key), stem(&b.key));
        }
        let keep = rules(|config| config.collisions = Collisions::KeepExtension);
        if let Some(one) = keep.map(&a, None).asset() {
            let other = keep.map(&b, None);
            prop_assert_ne!(Some(one), other.asset());
        }
    }

    #[test]
    fn the_default_rules_hold_every_short_key_without_dot_segments(key in awkward_key()) {
        prop_assume!(!key.split('/').any(|segment| matches!(segment, "." | "..")));
        let mapping = rules(|_| ()).map(&object(&key), None);
        prop_assert_eq!(mapping.asset().is_some(), !key.ends_with('/'), "{:?}", mapping);
    }
}
