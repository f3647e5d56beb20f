//! SQS: the state of every queue and the JSON 1.0 protocol in front of it.
//!
//! Reading order: a [`message`] and its [`receipt`]; one [`queue`], a pure state machine that is
//! told the time; its [`attributes`] and [`visibility`] timeouts; a [`shared_queue`] with its lock; the
//! [`registry`] of all queues, which adds waiting and [`redrive`]; [`move_task`]; then the wire: [`protocol`], [`error`], [`batch`], [`queue_actions`],
//! [`message_actions`], [`service`].

pub(crate) mod attributes;
pub(crate) mod batch;
pub(crate) mod error;
pub(crate) mod message;
pub(crate) mod message_actions;
pub(crate) mod move_task;
pub(crate) mod protocol;
pub(crate) mod queue;
pub(crate) mod queue_actions;
pub(crate) mod receipt;
pub(crate) mod redrive;
pub(crate) mod registry;
pub(crate) mod service;
pub(crate) mod shared_queue;
pub(crate) mod visibility;
