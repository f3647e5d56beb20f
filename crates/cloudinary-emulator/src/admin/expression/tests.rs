//! What matches, what does not, and what cannot be read.

use bytes::Bytes;
use cloudinary_core::{AssetId, DeliveryType, PublicId, ResourceType};

use super::*;
use crate::asset::{Content, Details};

fn asset() -> Asset {
    Asset {
        id: AssetId {
            resource_type: ResourceType::Image,
            delivery_type: DeliveryType::Upload,
            public_id: PublicId::new("animals/dog one").expect("valid"),
        },
        asset_id: "a".repeat(32),
        version: 1,
        version_id: String::new(),
        created_at: 1,
        content: Content::of(Bytes::from_static(b"x")),
        details: Details {
            asset_folder: Some("home/pets".to_owned()),
            tags: vec!["small dog".to_owned()],
            context: [("s3_key".to_owned(), "a.jpg".to_owned())].into(),
            ..Details::default()
        },
    }
}

fn matches(text: &str) -> bool {
    Expression::parse(text).expect(text).matches(&asset(), true)
}

#[test]
fn what_matches() {
    for text in [
        "",
        r#"public_id="animals/dog one""#,
        r"public_id:animals\/dog\ one",
        "public_id:animals/*",
        "resource_type:image AND type:upload",
        "resource_type:raw OR tags=\"small dog\"",
        "NOT resource_type:raw AND (type:private OR type:upload)",
        "tags:small",
        "asset_folder=home/pets",
        "asset_folder:home/*",
        "asset_folder:home/pets/*",
        "context.s3_key=a.jpg",
        "public_id:dog",
    ] {
        assert!(matches(text), "{text}");
    }
}

#[test]
fn what_does_not_match() {
    for text in [
        "public_id=animals",
        "public_id=dog",
        "tags=small",
        "resource_type:raw AND tags:small OR type:private",
        "folder:animals",
        "asset_folder=home",
        "context.other=a.jpg",
        "unknown:x",
    ] {
        assert!(!matches(text), "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_position() {
    let refused = |text| Expression::parse(text).expect_err(text);
    assert_eq!(refused("*dog"), error(1));
    assert_eq!(refused("tags:a b"), error(8));
    for text in ["(tags:a", "tags:a AND", "AND", "\"a", ")"] {
        refused(text);
    }
    assert!(Expression::parse(&"(".repeat(100_000)).is_err());
    assert!(Expression::parse(&"NOT ".repeat(100_000)).is_err());
}
