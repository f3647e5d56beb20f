//! Queue message bytes to object changes, object keys to asset identities. Pure.
//!
//! [`decode`] reads one queue message body and says what it is: changes of objects, a test
//! event, nothing, or something that must be set aside with a reason. [`Rules::map`] says which
//! Cloudinary asset an object belongs to. [`explain()`] does both for people.
//! An event is only ever a hint to look at a key; what to do about it is decided elsewhere, from
//! what the bucket holds. There is no clock, socket, environment or randomness in this crate,
//! and no input makes it panic.

mod change;
mod decode;
mod decoded;
mod event_name;
mod explain;
mod mapping;
mod object_key;
mod rules;

pub use change::{Hint, ObjectChange, ObjectRef, Sequencer};
pub use decode::decode;
pub use decoded::{BadRecord, Content, Decoded, Defect, Envelope, Record};
pub use event_name::EventName;
pub use explain::{AssetExplanation, Explanation, RecordExplanation, explain};
pub use mapping::{MapError, MappedAsset, Mapping, SkipReason};
pub use rules::{
    Characters, Collisions, ExtensionTable, FolderMode, Route, Rules, RulesConfig, RulesError,
    UnknownPolicy,
};
