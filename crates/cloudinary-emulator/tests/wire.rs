//! The emulator over real sockets: what SDKs do not show, and what only some of them send.

#[path = "wire/admin.rs"]
mod admin;
#[path = "wire/client.rs"]
mod client;
#[path = "wire/credentials.rs"]
mod credentials;
#[path = "wire/delivery.rs"]
mod delivery;
#[path = "wire/faults.rs"]
mod faults;
#[path = "wire/limits.rs"]
mod limits;
#[path = "wire/notifications.rs"]
mod notifications;
#[path = "wire/sources.rs"]
mod sources;
#[path = "wire/uploads.rs"]
mod uploads;
