//! Settings of how assets are named.

use crate::config::kind::Kind;
use crate::config::settings::Setting;

pub(crate) static DELIVERY_TYPE: Setting = Setting::new(
    "CLDSYNC_DELIVERY_TYPE",
    Kind::Word(&["upload", "private", "authenticated"]),
    "The delivery type of every asset.",
)
.default("upload")
.advice("A change moves nothing: assets of the former type stay, and are no longer destroyed.");

pub(crate) static FOLDER_MODE: Setting = Setting::new(
    "CLDSYNC_FOLDER_MODE",
    Kind::Word(&["auto", "fixed", "dynamic"]),
    "`fixed`: the path in the public ID is the folder. `dynamic`: folder and display name are \
     sent too. `auto`: Cloudinary is asked once at the start.",
)
.default("auto")
.advice("`auto` costs one Admin API call per start.");

pub(crate) static EXTENSION_TABLE: Setting = Setting::new(
    "CLDSYNC_EXTENSION_TABLE",
    Kind::Word(&["current", "ftp2cld"]),
    "`current`: the formats that Cloudinary documents today. `ftp2cld`: the list of the FTP-API \
     Lambda, so that its public IDs stay what they are.",
)
.default("current");

pub(crate) static CHARACTERS: Setting = Setting::new(
    "CLDSYNC_CHARACTERS",
    Kind::Word(&["fullwidth", "underscore", "reject"]),
    "What becomes of characters that Cloudinary refuses in a public ID: reversible look-alikes, \
     `_`, or the object is dead-lettered.",
)
.default("fullwidth")
.advice("With `underscore` two keys can become one public ID.");

pub(crate) static COLLISIONS: Setting = Setting::new(
    "CLDSYNC_COLLISIONS",
    Kind::Word(&["newest", "keep-extension"]),
    "What becomes of `a.jpg` beside `a.png`: one asset that follows the newest of them, or one \
     asset each, whose public ID keeps the extension.",
)
.default("newest")
.advice("With `keep-extension` an image is delivered as `a.jpg.jpg`.");
