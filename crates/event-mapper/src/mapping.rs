//! The answer to "which asset does this object belong to?".
//!
//! Made by [`Rules::map`](crate::Rules::map): an asset, a skip, or a rejection. A skip is what
//! the configuration asks for and is acknowledged; a rejection is an object that somebody must
//! rename, and goes to the dead-letter queue with its reason.

use std::fmt;

use cloudinary_core::{AssetId, PublicIdError};

/// Where an object goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapping {
    /// To this asset.
    Mapped(MappedAsset),
    /// Nowhere, by the rules.
    Skipped(SkipReason),
    /// Nowhere, because Cloudinary could not hold it under a name of its own.
    Rejected(MapError),
}

impl Mapping {
    /// The asset's name, if there is one.
    pub fn asset(&self) -> Option<&AssetId> {
        match self {
            Self::Mapped(mapped) => Some(&mapped.asset),
            Self::Skipped(_) | Self::Rejected(_) => None,
        }
    }
}

/// An asset and where dynamic folder mode files it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedAsset {
    /// The asset's name.
    pub asset: AssetId,
    /// Sent as `asset_folder`: only in dynamic mode, and not for an asset at the root.
    pub asset_folder: Option<String>,
    /// Sent as `display_name`: only in dynamic mode.
    pub display_name: Option<String>,
}

/// Why an object is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SkipReason {
    /// No route has its bucket and prefix.
    OutsideRoutes,
    /// A key that ends with a slash: a folder as consoles draw it.
    FolderMarker,
    /// An object of 0 bytes, which Cloudinary does not take.
    ZeroBytes,
    /// `.wellknown/cloudinary/…`, with which a bucket grants access to Cloudinary.
    OwnershipFile,
    /// No `include` pattern has it.
    NotIncluded,
    /// An `exclude` pattern has it.
    Excluded,
}

impl SkipReason {
    /// A word from a fixed list, for metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OutsideRoutes => "outside_routes",
            Self::FolderMarker => "folder_marker",
            Self::ZeroBytes => "zero_bytes",
            Self::OwnershipFile => "ownership_file",
            Self::NotIncluded => "not_included",
            Self::Excluded => "excluded",
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutsideRoutes => "outside every route",
            Self::FolderMarker => "folder marker",
            Self::ZeroBytes => "object has 0 bytes",
            Self::OwnershipFile => "Cloudinary's bucket ownership file",
            Self::NotIncluded => "matches no include pattern",
            Self::Excluded => "matches an exclude pattern",
        })
    }
}

/// Why an object cannot have a public ID under the configured rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct MapError(#[from] PublicIdError);

impl MapError {
    /// A word from a fixed list, for metrics.
    pub fn as_str(&self) -> &'static str {
        match self.0 {
            PublicIdError::Empty => "empty",
            PublicIdError::TooLong(_) => "too_long",
            PublicIdError::RefusedCharacter(_) => "refused_character",
            PublicIdError::EmptySegment => "empty_segment",
            PublicIdError::EdgeSpace => "edge_space",
            PublicIdError::DotSegment(_) => "dot_segment",
        }
    }
}
