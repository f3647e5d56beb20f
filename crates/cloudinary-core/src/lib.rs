//! Cloudinary's vocabulary and rules: ids, signatures, parameters, responses, errors. Pure.

pub mod asset;

pub use asset::{AssetId, DeliveryType, PublicId, PublicIdError, ResourceType};
