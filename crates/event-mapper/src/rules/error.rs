//! Why settings cannot become rules. Each sentence names the setting and what is wrong with it.

use cloudinary_core::PublicIdError;

/// A contradiction or an invalid value in the settings.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// Nothing would ever be synced.
    #[error("no route")]
    NoRoutes,
    /// Two routes for one bucket and prefix.
    #[error("two routes for the same keys: `{0}` and `{1}`")]
    SameKeys(String, String),
    /// Two routes could give one public ID to two objects.
    #[error("routes `{0}` and `{1}` could give two objects the same public ID")]
    SharedIds(String, String),
    /// A root that Cloudinary would change or refuse.
    #[error("Cloudinary root of route `{route}` is not the beginning of a public ID")]
    InvalidRoot {
        /// The route.
        route: String,
        /// What is wrong with its root.
        source: PublicIdError,
    },
    /// A pattern that is no glob.
    #[error("include or exclude pattern `{pattern}` is not a glob")]
    InvalidPattern {
        /// The pattern as configured.
        pattern: String,
        /// What is wrong with it.
        source: globset::Error,
    },
}
