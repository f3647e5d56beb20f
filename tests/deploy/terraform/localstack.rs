//! The queue module, applied to a real LocalStack; and a real worker on what it made.
//!
//! One test, because the provider waits half a minute after each change of a queue.

use std::time::Duration;

use cloudinary_emulator::{Emulator, Options, Running};
use serde_json::Value;

use super::program::Terraform;
use crate::localstack::LocalStack;
use crate::programs::{Binaries, Program, Variables, aws};
use crate::world::{REGION, patience};

const EXAMPLE: &str = "examples/localstack";
const SUITE: &str = "Terraform on LocalStack";
const BUCKET: &str = "pictures";
/// Generous: it is only used up by a failure.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn terraform_makes_on_localstack_what_a_worker_syncs_through() {
    let (Some(terraform), Some(binaries)) = (Terraform::find(SUITE), Binaries::find(SUITE)) else {
        return;
    };
    // The provider takes only URLs of AWS's shape: host, account, name.
    let Some(localstack) = LocalStack::start_with_queue_urls("off", SUITE).await else {
        return;
    };
    let endpoint = localstack.endpoint();

    terraform.init(EXAMPLE);
    let variable = format!("-var=endpoint={endpoint}");
    terraform.succeed(EXAMPLE, &["apply", "-auto-approve", &variable]);
    let plan = ["plan", "-detailed-exitcode", &variable];
    let again = terraform.run(EXAMPLE, &plan);
    let printed = String::from_utf8_lossy(&again.stdout);
    // 2 is a plan with changes.
    assert_eq!(again.status.code(), Some(0), "drift:\n{printed}");

    let outputs = terraform.succeed(EXAMPLE, &["output", "-json"]);
    let outputs = serde_json::from_str(&outputs).expect("outputs are JSON");
    a_worker_follows_the_bucket(&binaries, endpoint, &outputs).await;

    terraform.succeed(EXAMPLE, &["destroy", "-auto-approve", &variable]);
    let left = aws::sqs(endpoint).list_queues().send().await;
    let left = left.expect("LocalStack answers").queue_urls;
    assert_eq!(left.unwrap_or_default(), Vec::<String>::new());
}

async fn a_worker_follows_the_bucket(binaries: &Binaries, endpoint: &str, outputs: &Value) {
    let options = Options {
        s3_endpoint: Some(endpoint.to_owned()),
        ..Options::on_free_port()
    };
    let cloudinary = Emulator::start(options).await;
    let cloudinary = cloudinary.expect("the Cloudinary emulator starts");
    let variables = variables(endpoint, outputs, &cloudinary);
    let mut worker = Program::start(&binaries.path("cldsync-worker"), &[], &variables);

    let s3 = aws::s3(endpoint);
    let put = s3.put_object().bucket(BUCKET).key("cats/tom.jpg");
    let put = put.body(b"a picture of Tom".to_vec().into()).send().await;
    put.expect("the object is put");
    wait_for(&cloudinary, &["cats/tom"]).await;

    let deleted = s3.delete_object().bucket(BUCKET).key("cats/tom.jpg");
    deleted.send().await.expect("the object is deleted");
    wait_for(&cloudinary, &[]).await;

    worker.terminate();
    let end = worker.end().await;
    assert_eq!(end.code(), Some(0), "{end}\n{}", worker.printed());
    cloudinary.stop().await;
}

fn variables(endpoint: &str, outputs: &Value, cloudinary: &Running) -> Variables {
    let output = |name: &str| {
        let value = outputs[name]["value"].as_str();
        value
            .unwrap_or_else(|| panic!("no {name} in {outputs}"))
            .to_owned()
    };
    Variables::from([
        ("CLOUDINARY_URL", cloudinary.cloudinary_url()),
        ("CLDSYNC_QUEUE_URL", output("queue_url")),
        (
            "CLDSYNC_DEAD_LETTER_QUEUE_URL",
            output("dead_letter_queue_url"),
        ),
        ("CLDSYNC_BUCKET", BUCKET.to_owned()),
        ("CLDSYNC_ADMIN_ADDR", "127.0.0.1:0".to_owned()),
        ("CLDSYNC_WAIT_TIME", "1s".to_owned()),
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
    ])
}

async fn wait_for(cloudinary: &Running, wanted: &[&str]) {
    let what = format!("Cloudinary holds exactly {wanted:?}");
    patience::within(PATIENCE, &what, async || {
        let assets = cloudinary.handle().assets();
        let held: Vec<_> = assets
            .iter()
            .map(|asset| asset.public_id.as_str())
            .collect();
        (held == wanted).then_some(())
    })
    .await;
}
