//! Settings of leases, polls and the drain.

use std::time::Duration;

use crate::config::kind::Kind;
use crate::config::settings::Setting;

pub(crate) static VISIBILITY_TIMEOUT: Setting = Setting::new(
    "CLDSYNC_VISIBILITY_TIMEOUT",
    Kind::Seconds {
        min: 10,
        max: 12 * 60 * 60,
    },
    "For how long a message that is held stays invisible to others; asked for at receive, \
     extended at half.",
)
.default("120s")
.advice(
    "Smaller: messages of a worker that died come back sooner, at more extension calls. Larger: \
     fewer calls, later recovery.",
);

pub(crate) static WAIT_TIME: Setting = Setting::new(
    "CLDSYNC_WAIT_TIME",
    Kind::Seconds { min: 1, max: 20 },
    "For how long a receive waits for the first message.",
)
.default("20s")
.advice("Smaller: more calls when idle, which SQS charges for. Never later arrivals.");

pub(crate) static DRAIN_TIMEOUT: Setting = Setting::new(
    "CLDSYNC_DRAIN_TIMEOUT",
    Kind::Duration {
        min: Duration::from_secs(1),
        max: Duration::from_hours(1),
    },
    "From the stop signal to the exit: started work is finished, the rest is given back.",
)
.default("25s")
.advice(
    "Must be below what the platform allows before it kills: 30s is the default of ECS \
     (`stopTimeout`) and Kubernetes (`terminationGracePeriodSeconds`).",
);

pub(crate) static QUEUE_DEPTH_INTERVAL: Setting = Setting::new(
    "CLDSYNC_QUEUE_DEPTH_INTERVAL",
    Kind::Duration {
        min: Duration::from_secs(1),
        max: Duration::from_hours(1),
    },
    "Between two looks at how many messages are in the queue and in the dead-letter queue, for the \
     metrics.",
)
.default("60s")
.advice(
    "Each look is one GetQueueAttributes call per queue and worker, which SQS charges for. SQS's \
     own counts are up to a minute late, so smaller seldom tells more.",
);
