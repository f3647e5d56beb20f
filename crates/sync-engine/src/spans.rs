//! The spans of the engine: one per message, one per reconcile, for whoever exports traces.
//!
//! A reconcile belongs to the message that opened its round of the lane, and is linked to the
//! others that it answers. The calls inside it get their spans where they are made. Nobody
//! listens by default; then a span is never made, and none of its fields is looked at.

use cloudinary_core::AssetId;
use tracing::Span;
use tracing::field::Empty;

use crate::context::Context;
use crate::observation::Observation;
use crate::outcome::Outcome;
use crate::ports::Delivery;
use crate::settle::Settlement;

/// From the start of the work on a message until its settlement is on its way.
pub(crate) fn message(cx: &Context, delivery: &Delivery) -> Span {
    let span = tracing::info_span!(
        parent: None,
        "message",
        otel.kind = "consumer",
        messaging.system = "aws_sqs",
        "messaging.operation.type" = "process",
        messaging.message.id = %delivery.id,
        cldsync.receive_count = delivery.receive_count,
        cldsync.envelope = Empty,
        cldsync.settlement = Empty,
        cldsync.reason = Empty,
    );
    if let (Some(header), false) = (&delivery.trace_header, span.is_disabled()) {
        cx.observer.tell(&Observation::Traced {
            span: span.clone(),
            trace_header: header.clone(),
        });
    }
    span
}

/// One run of a lane, on behalf of the messages whose spans these are.
pub(crate) fn reconcile<'a>(asset: &AssetId, mut waiting: impl Iterator<Item = &'a Span>) -> Span {
    let first = waiting.next();
    let span = tracing::info_span!(
        parent: first.and_then(Span::id),
        "reconcile",
        cldsync.public_id = %asset.public_id,
        cldsync.resource_type = asset.resource_type.as_str(),
        cldsync.action = Empty,
        cldsync.outcome = Empty,
        cldsync.reason = Empty,
    );
    for other in waiting.filter(|other| Some(*other) != first) {
        span.follows_from(other);
    }
    span
}

/// What was found in the message of the span we are in.
pub(crate) fn unwrapped(envelope: &'static str) {
    Span::current().record("cldsync.envelope", envelope);
}

/// What becomes of the message of the span we are in.
pub(crate) fn settled(settlement: &Settlement) {
    let (word, reason) = match settlement {
        Settlement::Acknowledge => ("acknowledge", None),
        Settlement::RetryAfter { reason, .. } => ("retry", Some(*reason)),
        Settlement::DeadLetter(why) => ("dead_letter", Some(why.reason)),
    };
    Span::current()
        .record("cldsync.settlement", word)
        .record("cldsync.reason", reason);
}

/// How the reconcile of the span we are in went.
pub(crate) fn reconciled(action: &'static str, outcome: &Outcome) {
    Span::current()
        .record("cldsync.action", action)
        .record("cldsync.outcome", outcome.as_str())
        .record("cldsync.reason", outcome.reason());
}
