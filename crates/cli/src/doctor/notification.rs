//! Whether the bucket tells the queue everything that the worker must hear of. Pure.
//!
//! `events` knows which events there are and how filters meet prefixes, `plan` puts together the
//! configuration that mends; here is what they amount to.

mod events;
mod plan;

use aws_adapters::{NotificationTarget, Notifications, TargetKind};

use self::events::{Reach, covered, reach};
use self::plan::Plan;
use super::command::aws;
use super::finding::Finding;
use super::sending::Sender;

/// What must arrive, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) queue_arn: &'a str,
    /// Folders that are synced; an empty one is the whole bucket.
    pub(crate) prefixes: &'a [String],
    /// Whether deletes are to reach Cloudinary.
    pub(crate) deletes: bool,
}

/// How events get from the bucket to the queue, as far as the bucket tells.
#[derive(Debug, PartialEq, Eq)]
enum Way<'a> {
    /// Directly.
    Direct(Vec<&'a NotificationTarget>),
    /// Perhaps through these topics.
    Topics(Vec<&'a NotificationTarget>),
    /// Perhaps through a rule.
    EventBridge,
    /// In no way that is known.
    None,
}

/// Everything about the bucket's notifications.
pub(crate) fn check(told: &Notifications, wanted: &Wanted<'_>) -> Vec<Finding> {
    let way = way(told, wanted);
    let mut findings = vec![arrival(&way, told, wanted)];
    if let Way::Direct(carriers) | Way::Topics(carriers) = &way {
        findings.push(kinds(carriers, told, wanted));
        findings.push(keys(carriers, told, wanted));
    }
    findings
}

/// Who hands the events of this bucket to the queue. Where there is nobody yet, the bucket would.
pub(crate) fn senders<'a>(told: Option<&'a Notifications>, wanted: &Wanted<'a>) -> Vec<Sender<'a>> {
    match told.map(|told| way(told, wanted)) {
        None | Some(Way::None | Way::Direct(_)) => vec![Sender::Bucket(wanted.bucket)],
        Some(Way::Topics(topics)) => {
            let mut arns: Vec<&str> = topics.iter().map(|topic| topic.arn.as_str()).collect();
            arns.dedup();
            arns.into_iter().map(Sender::Topic).collect()
        }
        Some(Way::EventBridge) => vec![Sender::EventBridge],
    }
}

fn way<'a>(told: &'a Notifications, wanted: &Wanted<'_>) -> Way<'a> {
    let of = |kind| {
        let targets = told.targets.iter();
        targets.filter(move |target| target.kind == kind)
    };
    let reaches = |topic: &&NotificationTarget| {
        let mut prefixes = wanted.prefixes.iter();
        prefixes.any(|prefix| reach(topic, prefix) != Reach::Nothing)
    };
    let direct: Vec<_> = of(TargetKind::Queue)
        .filter(|target| target.arn == wanted.queue_arn)
        .collect();
    let topics: Vec<_> = of(TargetKind::Topic).filter(reaches).collect();
    match told.event_bridge {
        _ if !direct.is_empty() => Way::Direct(direct),
        // Whoever has both uses EventBridge for something; it may be this.
        true => Way::EventBridge,
        false if !topics.is_empty() => Way::Topics(topics),
        false => Way::None,
    }
}

fn arrival(way: &Way<'_>, told: &Notifications, wanted: &Wanted<'_>) -> Finding {
    let id = "bucket.notification";
    match way {
        Way::Direct(_) => Finding::pass(id, "the bucket tells the queue"),
        Way::Topics(topics) => {
            let arn = topics
                .first()
                .map(|topic| topic.arn.as_str())
                .unwrap_or_default();
            let message = format!(
                "the bucket tells the topic {arn}; whether that hands everything to the queue \
                 cannot be seen from here, so look for the queue among its subscriptions"
            );
            let list = ["sns", "list-subscriptions-by-topic", "--topic-arn", arn];
            Finding::warning(id, message, aws(&list))
        }
        Way::EventBridge => {
            let message = "the bucket tells EventBridge; whether a rule hands everything to the \
                           queue cannot be seen from here, so look for one";
            let arn = wanted.queue_arn;
            let list = ["events", "list-rule-names-by-target", "--target-arn", arn];
            Finding::warning(id, message, aws(&list))
        }
        Way::None => {
            let message = format!(
                "the bucket does not tell the queue of anything{}",
                others(told)
            );
            let Plan { commands, note } = plan::mend(told, &[], wanted);
            Finding::failure(id, message + note, commands)
        }
    }
}

fn others(told: &Notifications) -> String {
    let arns: Vec<&str> = told
        .targets
        .iter()
        .map(|target| target.arn.as_str())
        .collect();
    if arns.is_empty() {
        return String::new();
    }
    format!("; it tells {}", arns.join(", "))
}

/// Whether each kind of event is asked for.
fn kinds(carriers: &[&NotificationTarget], told: &Notifications, wanted: &Wanted<'_>) -> Finding {
    let id = "bucket.events";
    let missing: Vec<_> = events::needed(wanted.deletes)
        .filter(|kind| !kind.events.iter().all(|event| covered(carriers, event)))
        .collect();
    if missing.is_empty() {
        return Finding::pass(id, "every kind of change that matters");
    }
    let names: Vec<&str> = missing.iter().map(|kind| kind.name).collect();
    let harm: Vec<&str> = missing.iter().map(|kind| kind.harm).collect();
    let message = format!("missing: {}; {}", names.join(", "), harm.join(", "));
    let Plan { commands, note } = plan::mend(told, carriers, wanted);
    if missing.iter().any(|kind| kind.essential) {
        Finding::failure(id, message + note, commands)
    } else {
        Finding::warning(id, message + note, commands)
    }
}

/// Whether the filters let every key through that is synced.
fn keys(carriers: &[&NotificationTarget], told: &Notifications, wanted: &Wanted<'_>) -> Finding {
    let id = "bucket.filter";
    let reached = |wanted: Reach| {
        move |prefix: &&String| {
            let best = carriers.iter().map(|carrier| reach(carrier, prefix)).max();
            best.unwrap_or(Reach::Nothing) == wanted
        }
    };
    let with = |wanted_reach| -> Vec<String> {
        let prefixes = wanted.prefixes.iter().filter(reached(wanted_reach));
        prefixes
            .map(|prefix| format!("s3://{}/{prefix}", wanted.bucket))
            .collect()
    };
    let (nothing, part) = (with(Reach::Nothing), with(Reach::Part));
    let Plan { commands, note } = plan::mend(told, carriers, wanted);
    if !nothing.is_empty() {
        let message = format!("the filters let no event of {} through", nothing.join(", "));
        return Finding::failure(id, message + note, commands);
    }
    if !part.is_empty() {
        let message = format!(
            "the filters let only some events of {} through; what they hold back is never synced",
            part.join(", ")
        );
        return Finding::warning(id, message + note, commands);
    }
    Finding::pass(id, "every key that is synced")
}

#[cfg(test)]
mod tests;
