//! The scenarios against LocalStack: real S3, SQS, SNS and EventBridge protocols, and the real
//! `cldsync-worker` binary as the operating system sees it.
//!
//! Each test starts one LocalStack and runs its scenarios one after the other, each in a bucket
//! and with queues of its own. The embedded emulator runs the same scenarios in `world::embedded`.

mod process;

pub(crate) use self::process::LocalStack;
use crate::world::{Cloud, Wiring, scenarios};

#[tokio::test(flavor = "multi_thread")]
async fn cloudinary_equals_s3_on_localstack_with_direct_notifications() {
    let Some(cloud) = Cloud::localstack("LocalStack with direct notifications").await else {
        return;
    };
    scenarios::objects::all(&cloud, Wiring::Direct).await;
    scenarios::versions::all(&cloud, Wiring::Direct).await;
    scenarios::keys::all(&cloud, Wiring::Direct).await;
    scenarios::messages::all(&cloud).await;
    scenarios::transfer::all(&cloud).await;
    scenarios::fleet::all(&cloud).await;
    cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cloudinary_equals_s3_on_localstack_through_sns() {
    let Some(cloud) = Cloud::localstack("LocalStack through SNS").await else {
        return;
    };
    scenarios::objects::all(&cloud, Wiring::Sns).await;
    scenarios::versions::all(&cloud, Wiring::Sns).await;
    scenarios::keys::all(&cloud, Wiring::Sns).await;
    cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cloudinary_equals_s3_on_localstack_through_eventbridge() {
    let Some(cloud) = Cloud::localstack("LocalStack through EventBridge").await else {
        return;
    };
    scenarios::objects::all(&cloud, Wiring::EventBridge).await;
    scenarios::versions::all(&cloud, Wiring::EventBridge).await;
    // S3 sends keys to EventBridge as they are; LocalStack percent-encodes them there too.
    scenarios::keys::plain(&cloud, Wiring::EventBridge).await;
    cloud.stop().await;
}
