//! The rules that name the asset of an object, checked once and then only read.
//!
//! [`Rules::map`] walks one way: route, skip, resource type, characters, length. It answers the
//! same for the same key for ever, so a worker, a demo and `explain` cannot disagree.
//! [`Rules::sibling_prefix`] answers the reverse question: where to look for other objects that
//! map to the same asset.

mod characters;
mod error;
mod extension;
mod filter;
mod policy;
mod route;

use cloudinary_core::{AssetId, DeliveryType, PublicId, PublicIdError, ResourceType};

pub use self::error::RulesError;
use self::filter::Filter;
pub use self::policy::{Characters, Collisions, ExtensionTable, FolderMode, UnknownPolicy};
use self::route::CheckedRoute;
pub use self::route::Route;
use crate::{Hint, MappedAsset, Mapping, ObjectRef, SkipReason};

/// Where a bucket tells Cloudinary which account may fetch from it.
const OWNERSHIP_PREFIX: &str = ".wellknown/cloudinary/";

/// The settings that [`Rules`] are made of. The default maps a whole bucket to the root.
#[derive(Debug, Clone)]
pub struct RulesConfig {
    /// Which keys go where; the longest matching prefix wins.
    pub routes: Vec<Route>,
    /// Glob patterns; if there are any, a key must match one.
    pub include: Vec<String>,
    /// Glob patterns; a key that matches one is left alone.
    pub exclude: Vec<String>,
    /// Delivery type of every asset.
    pub delivery_type: DeliveryType,
    /// Whether folder parameters are sent.
    pub folder_mode: FolderMode,
    /// Which extensions are images and videos.
    pub extension_table: ExtensionTable,
    /// What happens to characters that Cloudinary refuses.
    pub characters: Characters,
    /// What happens to keys that differ in their extension only.
    pub collisions: Collisions,
    /// Whether a change of tags is a reason to look at an object.
    pub tags_mapped: bool,
}

impl Default for RulesConfig {
    fn default() -> Self {
        Self {
            routes: vec![Route::default()],
            include: Vec::new(),
            exclude: Vec::new(),
            delivery_type: DeliveryType::default(),
            folder_mode: FolderMode::default(),
            extension_table: ExtensionTable::default(),
            characters: Characters::default(),
            collisions: Collisions::default(),
            tags_mapped: false,
        }
    }
}

/// Settings that have been found to be free of contradictions.
#[derive(Debug, Clone)]
pub struct Rules {
    routes: Vec<CheckedRoute>,
    filter: Filter,
    delivery_type: DeliveryType,
    folder_mode: FolderMode,
    extension_table: ExtensionTable,
    characters: Characters,
    collisions: Collisions,
    tags_mapped: bool,
}

impl Rules {
    /// Checks the settings.
    pub fn new(config: &RulesConfig) -> Result<Self, RulesError> {
        Ok(Self {
            routes: route::check(&config.routes, config.characters)?,
            filter: Filter::new(&config.include, &config.exclude)?,
            delivery_type: config.delivery_type,
            folder_mode: config.folder_mode,
            extension_table: config.extension_table,
            characters: config.characters,
            collisions: config.collisions,
            tags_mapped: config.tags_mapped,
        })
    }

    /// Whether a hint is a reason to look at its object.
    pub fn heeds(&self, hint: Hint) -> bool {
        match hint {
            Hint::Created | Hint::Removed | Hint::Restored => true,
            Hint::Tagging => self.tags_mapped,
            Hint::Ignored => false,
        }
    }

    /// Says which asset an object belongs to. Give the size where it is known.
    pub fn map(&self, object: &ObjectRef, size: Option<u64>) -> Mapping {
        let Some((route, rest)) = self.route(object) else {
            return Mapping::Skipped(SkipReason::OutsideRoutes);
        };
        if let Some(reason) = self.skip(&object.key, rest, size) {
            return Mapping::Skipped(reason);
        }
        match self.name(route, rest) {
            Ok(asset) => Mapping::Mapped(self.place(asset)),
            Err(error) => Mapping::Rejected(error.into()),
        }
    }

    /// The longest key prefix under which every key lies that maps to the same asset as this one.
    ///
    /// `None` when no other key can map there, or when this one maps nowhere. To be listed and
    /// filtered with [`Rules::map`]: not every key under the prefix is a sibling.
    /// With [`Characters::Underscore`] it can be short, down to the empty text, because a key
    /// could differ in the first character already.
    pub fn sibling_prefix(&self, object: &ObjectRef) -> Option<String> {
        self.map(object, None).asset()?;
        let (route, rest) = self.route(object)?;
        let kept = self.split(rest).kept;
        let stem = &object.key[..route.prefix.len() + kept.len()];
        // Above this, the whole family of routes agrees on the text of the key.
        let family = route.family;
        if self.characters == Characters::Underscore
            && let Some(at) = characters::first_underscore(&stem[family..])
        {
            return Some(stem[..family + at].to_owned());
        }
        (kept.len() < rest.len()).then(|| format!("{stem}."))
    }

    fn route<'a>(&self, object: &'a ObjectRef) -> Option<(&CheckedRoute, &'a str)> {
        self.routes
            .iter()
            .find_map(|route| Some((route, route.below(object)?)))
    }

    fn skip(&self, key: &str, rest: &str, size: Option<u64>) -> Option<SkipReason> {
        if key.starts_with(OWNERSHIP_PREFIX) {
            Some(SkipReason::OwnershipFile)
        } else if rest.is_empty() || rest.ends_with('/') {
            Some(SkipReason::FolderMarker)
        } else if size == Some(0) {
            Some(SkipReason::ZeroBytes)
        } else {
            self.filter.skip(rest)
        }
    }

    fn name(&self, route: &CheckedRoute, rest: &str) -> Result<AssetId, PublicIdError> {
        refuse_dot_segments(rest)?;
        let split = self.split(rest);
        let encoded = characters::encode(split.kept, self.characters);
        Ok(AssetId {
            resource_type: split.resource_type,
            delivery_type: self.delivery_type,
            public_id: PublicId::new(format!("{}{encoded}", route.root))?,
        })
    }

    /// Images and videos lose their extension, which Cloudinary adds to their URL: an ID that
    /// keeps it is delivered as `photo.jpg.jpg`.
    fn split<'a>(&self, rest: &'a str) -> Split<'a> {
        let (stem, extension) = extension::split(rest);
        let resource_type = self.extension_table.resource_type(extension);
        let drop = resource_type != ResourceType::Raw && self.collisions == Collisions::Newest;
        Split {
            kept: if drop { stem } else { rest },
            resource_type,
        }
    }

    fn place(&self, asset: AssetId) -> MappedAsset {
        if self.folder_mode == FolderMode::Fixed {
            return MappedAsset {
                asset,
                asset_folder: None,
                display_name: None,
            };
        }
        let (folder, name) = match asset.public_id.as_str().rsplit_once('/') {
            Some((folder, name)) => (Some(folder.to_owned()), name.to_owned()),
            None => (None, asset.public_id.to_string()),
        };
        MappedAsset {
            asset,
            asset_folder: folder,
            display_name: Some(name),
        }
    }
}

/// What of a key becomes the public ID, and of which type.
struct Split<'a> {
    kept: &'a str,
    resource_type: ResourceType,
}

fn refuse_dot_segments(rest: &str) -> Result<(), PublicIdError> {
    rest.split('/').try_for_each(|segment| match segment {
        "." => Err(PublicIdError::DotSegment(".")),
        ".." => Err(PublicIdError::DotSegment("..")),
        _ => Ok(()),
    })
}
