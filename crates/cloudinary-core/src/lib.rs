//! Cloudinary's vocabulary and rules: ids, signatures, parameters, responses, errors. Pure.
//!
//! Nothing here opens a socket, reads a clock, the environment or a random number: time comes in
//! as an argument. `cloudinary-client` does the talking, the emulator answers with the same types.
//!
//! Reading order: who we are ([`account`], [`cloudinary_url`]), what is named ([`asset`]), what is
//! sent ([`params`], [`signing`], [`delivery_url`]), what comes back ([`response`],
//! [`rate_limit`]), and what a failure means ([`mod@classify`], [`error`]).

pub mod account;
pub mod asset;
pub mod base_url;
pub mod classify;
pub mod cloudinary_url;
pub mod delivery_url;
pub mod error;
mod error_message;
pub mod params;
pub mod rate_limit;
pub mod response;
pub mod signing;

pub use account::{Account, CloudName, CloudNameError, Credentials, KeyPair};
pub use asset::{AssetId, DeliveryType, PublicId, PublicIdError, ResourceType};
pub use base_url::{BaseUrl, BaseUrlError};
pub use classify::{Reply, classify};
pub use cloudinary_url::CloudinaryUrlError;
pub use delivery_url::{DeliveryUrls, UnsignableUrl};
pub use error::{ApiError, Disposition, ErrorKind};
pub use params::{DestroyParams, UploadParams};
pub use rate_limit::RateLimit;
pub use response::{
    Credits, DestroyResponse, FolderMode, MediaLimits, UnreadableBody, UploadResponse, Usage,
};
pub use signing::{
    Notification, SignatureAlgorithm, SignatureVersion, Signed, SigningKey, sign_request,
    string_to_sign,
};
