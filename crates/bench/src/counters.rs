//! What both emulators have counted, and the difference between two moments.
//!
//! Cloudinary pulls each object with a `GetObject`, which no contender calls: those are
//! Cloudinary's, and are left out of the calls to S3.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// Calls by operation.
type Calls = BTreeMap<String, u64>;

/// The Admin API, in the emulator's words.
const ADMIN: [&str; 8] = [
    "config",
    "delete_resources",
    "ping",
    "resource",
    "resources",
    "search",
    "update_resource",
    "usage",
];

/// Both emulators at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters {
    pub(crate) s3: Calls,
    pub(crate) sqs: Calls,
    pub(crate) cloudinary: Calls,
    /// Messages in the queue, in whatever state.
    pub(crate) messages: u64,
    /// Messages that somebody has received and not settled.
    pub(crate) in_flight: u64,
    pub(crate) assets: u64,
    /// Calls that Cloudinary answered 420.
    pub(crate) throttled: u64,
    /// Upload API calls at Cloudinary at this moment.
    pub(crate) uploading: u32,
}

/// Calls of one contender.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct CallCounts {
    pub(crate) sqs: Calls,
    pub(crate) s3: Calls,
    pub(crate) cloudinary: Calls,
}

impl Counters {
    /// Reads the statistics of both.
    pub(crate) fn parse(aws: &Value, cloudinary: &Value, queue: &str) -> Self {
        let depth = |state: &str| aws["queues"][queue][state].as_u64().unwrap_or(0);
        let in_flight = depth("in_flight");
        Self {
            s3: calls(&aws["calls"]["s3"]),
            sqs: calls(&aws["calls"]["sqs"]),
            cloudinary: sums(&cloudinary["calls"]),
            messages: depth("visible") + depth("delayed") + in_flight,
            in_flight,
            assets: cloudinary["assets"].as_u64().unwrap_or(0),
            throttled: cloudinary["throttled"].as_u64().unwrap_or(0),
            uploading: cloudinary["concurrency"]["current"]
                .as_u64()
                .and_then(|calls| u32::try_from(calls).ok())
                .unwrap_or(0),
        }
    }

    /// How often messages were asked for.
    pub(crate) fn receives(&self) -> u64 {
        self.sqs.get("ReceiveMessage").copied().unwrap_or(0)
    }

    /// What a contender has called since `before`.
    pub(crate) fn since(&self, before: &Self) -> CallCounts {
        let mut s3 = difference(&self.s3, &before.s3);
        s3.remove("GetObject");
        CallCounts {
            sqs: difference(&self.sqs, &before.sqs),
            s3,
            cloudinary: difference(&self.cloudinary, &before.cloudinary),
        }
    }
}

impl CallCounts {
    /// Calls of the Admin API.
    pub(crate) fn admin(&self) -> u64 {
        let admin = ADMIN.iter().filter_map(|name| self.cloudinary.get(*name));
        admin.sum()
    }
}

/// The sum of all operations.
pub(crate) fn total(calls: &Calls) -> u64 {
    calls.values().sum()
}

fn calls(counted: &Value) -> Calls {
    let all = counted.as_object().into_iter().flatten();
    all.filter_map(|(name, count)| Some((name.clone(), count.as_u64()?)))
        .collect()
}

/// Cloudinary's calls are counted by status; here every answer is a call.
fn sums(counted: &Value) -> Calls {
    let all = counted.as_object().into_iter().flatten();
    all.map(|(name, by_status)| (name.clone(), total(&calls(by_status))))
        .collect()
}

fn difference(after: &Calls, before: &Calls) -> Calls {
    let new = after.iter().map(|(name, count)| {
        let earlier = before.get(name).copied().unwrap_or(0);
        (name.clone(), count.saturating_sub(earlier))
    });
    new.filter(|(_, count)| *count > 0).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn moment(heads: u64, uploads: u64) -> Counters {
        Counters::parse(
            &json!({
                "calls": {"s3": {"HeadObject": heads, "GetObject": 9}, "sqs": {"ReceiveMessage": 2}},
                "queues": {"events": {"visible": 3, "in_flight": 2, "delayed": 1}},
            }),
            &json!({"calls": {"upload": {"200": uploads, "420": 1}, "config": {"200": 1}}, "assets": 5, "throttled": 1}),
            "events",
        )
    }

    #[test]
    fn both_statistics_are_read() {
        let counters = moment(7, 4);
        assert_eq!((counters.messages, counters.in_flight), (6, 2));
        assert_eq!((counters.assets, counters.throttled), (5, 1));
        assert_eq!(counters.receives(), 2);
        assert_eq!(counters.cloudinary["upload"], 5);
    }

    #[test]
    fn pulls_are_not_the_contenders_calls() {
        let calls = moment(7, 4).since(&Counters::default());
        assert_eq!(total(&calls.s3), 7);
        assert_eq!(calls.admin(), 1);
    }

    #[test]
    fn only_what_came_since_counts() {
        let calls = moment(7, 4).since(&moment(5, 4));
        assert_eq!(calls.s3, BTreeMap::from([("HeadObject".to_owned(), 2)]));
        assert_eq!(calls.cloudinary, BTreeMap::new());
    }
}
