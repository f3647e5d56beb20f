//! One message from body to settlement: decode, map, reconcile, settle.

use std::sync::Arc;

use event_mapper::{
    BadRecord, Content, Decoded, Defect, MappedAsset, Mapping, ObjectChange, ObjectRef, Record,
    decode,
};
use futures_util::future::join_all;

use crate::context::Context;
use crate::lanes::Lanes;
use crate::observation::Observation;
use crate::outcome::{Outcome, Rejection, Skip};
use crate::ports::Delivery;
use crate::settle::{Settlement, UNCLEAR_WAIT, settle};
use crate::spans;

/// Unclear writes in a row after which a message goes back to the queue.
const UNCLEAR_MAX: u32 = 3;

/// Works through every record of a message. Records that can be done are done, whatever becomes
/// of their neighbours.
pub(crate) async fn handle(cx: &Context, lanes: &Arc<Lanes>, delivery: &Delivery) -> Settlement {
    let decoded = decode(delivery.body.as_bytes());
    spans::unwrapped(envelope(&decoded));
    let records = match &decoded.content {
        Content::Changes(records) => records.as_slice(),
        other => return whole_message(cx, &decoded, other, delivery),
    };
    let work = records
        .iter()
        .map(|record| work(cx, lanes, record, delivery));
    let outcomes = join_all(work).await;
    for (record, outcome) in records.iter().zip(&outcomes) {
        report(cx, &decoded, record, outcome, delivery);
    }
    settle(&outcomes, delivery.receive_count, cx.random())
}

async fn work(cx: &Context, lanes: &Arc<Lanes>, record: &Record, delivery: &Delivery) -> Outcome {
    let change = match record {
        Record::Change(change) => change,
        Record::Bad(bad) => return rejected(&bad.defect),
    };
    if !cx.settings.rules.heeds(change.hint) {
        return Outcome::Skipped(Skip::IgnoredEvent);
    }
    // The size in the event is what the object was; whether it is empty now, a look will tell.
    match cx.settings.rules.map(&change.object, None) {
        Mapping::Mapped(mapped) => {
            let object = &change.object;
            until_clear(cx, lanes, &mapped, object, delivery.receive_count > 1).await
        }
        Mapping::Skipped(reason) => Outcome::Skipped(Skip::ByRules(reason)),
        Mapping::Rejected(error) => Outcome::Rejected(Rejection::new(
            error.as_str(),
            format!("{}: {error}", change.object),
        )),
    }
}

/// Joins the lane of the asset; again, when a write was unclear and must have landed or failed.
///
/// The message stays in hand meanwhile. Given back, it could be deleted by another member that was
/// given it too, and then nobody would look again.
async fn until_clear(
    cx: &Context,
    lanes: &Arc<Lanes>,
    mapped: &MappedAsset,
    object: &ObjectRef,
    redelivered: bool,
) -> Outcome {
    let mut tries = 1;
    loop {
        let redelivered = redelivered || tries > 1;
        let outcome = lanes
            .join(mapped.clone(), object.clone(), redelivered)
            .await;
        if outcome != Outcome::Unclear || tries == UNCLEAR_MAX {
            return outcome;
        }
        let landed = tokio::time::sleep(UNCLEAR_WAIT);
        if cx.stop.run_until_cancelled(landed).await.is_none() {
            return outcome;
        }
        tries += 1;
    }
}

/// A body that holds no record to work on.
fn whole_message(
    cx: &Context,
    decoded: &Decoded,
    content: &Content,
    delivery: &Delivery,
) -> Settlement {
    let outcome = match content {
        Content::Changes(_) | Content::TestEvent | Content::Empty => {
            Outcome::Skipped(Skip::NothingToDo)
        }
        Content::Foreign(defect) | Content::Malformed(defect) => rejected(defect),
        Content::UnsupportedMajor { version, .. } => {
            rejected(&Defect::UnsupportedMajor(version.clone()))
        }
    };
    tracing::info!(
        message_id = %delivery.id,
        class = content.class(),
        outcome = outcome.as_str(),
        reason = outcome.reason(),
        "Read a message without records to work on"
    );
    cx.observer.tell(&Observation::Record {
        envelope: envelope(decoded),
        event: content.class(),
        outcome: outcome.as_str(),
    });
    settle(&[outcome], delivery.receive_count, cx.random())
}

fn rejected(defect: &Defect) -> Outcome {
    Outcome::Rejected(Rejection::new(defect.as_str(), defect.to_string()))
}

fn report(
    cx: &Context,
    decoded: &Decoded,
    record: &Record,
    outcome: &Outcome,
    delivery: &Delivery,
) {
    let event = match record {
        Record::Change(change) => change.event.metric_label(),
        Record::Bad(BadRecord { event, .. }) => event
            .as_ref()
            .map_or("other", event_mapper::EventName::metric_label),
    };
    let outcome_label = outcome.as_str();
    cx.observer.tell(&Observation::Record {
        envelope: envelope(decoded),
        event,
        outcome: outcome_label,
    });
    let Record::Change(ObjectChange {
        object, event_time, ..
    }) = record
    else {
        return;
    };
    tracing::info!(
        message_id = %delivery.id,
        object = %object,
        event,
        outcome = outcome_label,
        reason = outcome.reason(),
        "Worked on a record"
    );
    if let (true, Some(event_time)) = (outcome.is_proven(), *event_time) {
        cx.observer.tell(&Observation::Converged { event_time });
    }
}

fn envelope(decoded: &Decoded) -> &'static str {
    decoded
        .envelope
        .map_or("none", event_mapper::Envelope::as_str)
}
