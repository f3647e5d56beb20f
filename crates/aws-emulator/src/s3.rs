//! S3: buckets, objects, versions and uploads in memory, and real notifications of every change.
//!
//! Reading order: an [`object`] and its versions in a [`bucket`]; the [`store`] of all buckets, pure
//! state that is told the time, under [`conditions`]; [`listing`] and [`multipart`]; [`events`] with [`notification`]
//! filters, [`sequencer`] and the JSON [`record`]; [`service`], which locks, changes and publishes; then
//! the wire: [`front`] (any credentials, [`chunked`] bodies) and [`wire`] (the `s3s` operations).

pub(crate) mod bucket;
pub(crate) mod chunked;
pub(crate) mod conditions;
pub(crate) mod error;
pub(crate) mod events;
pub(crate) mod front;
pub(crate) mod listing;
pub(crate) mod multipart;
pub(crate) mod notification;
pub(crate) mod object;
pub(crate) mod record;
pub(crate) mod sequencer;
pub(crate) mod service;
pub(crate) mod store;
pub(crate) mod wire;
