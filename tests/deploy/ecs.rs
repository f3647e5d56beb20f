//! A real worker in a task of ECS, as far as the worker can tell: an agent that may be asked for
//! scale-in protection, and uploads that run for longer than a drain may take.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::put;
use cloudinary_emulator::{FaultEffect, FaultPlan, FaultRule};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::programs::aws::{self, Queue};
use crate::programs::{Binaries, Program, Services, Variables, control};
use crate::world::{REGION, patience};

const BUCKET: &str = "long";
/// What the worker may take to drain, and hence what makes an upload a long one.
const DRAIN_TIMEOUT: &str = "1s";
/// For how long the upload runs.
const UPLOAD_MS: u64 = 8_000;
/// Generous: it is only used up by a failure.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn ecs_is_asked_to_spare_a_task_while_a_long_upload_runs_and_told_when_it_stops() {
    let Some(binaries) = Binaries::find("ECS task protection") else {
        return;
    };
    let agent = Agent::that(Answers::Agree).await;
    let stage = Stage::set(&binaries).await;
    let mut worker = stage.start_worker(&binaries, &agent);
    stage.put_what_takes_long().await;

    let protect = json!({"ProtectionEnabled": true, "ExpiresInMinutes": 10});
    patience::within(PATIENCE, "ECS is asked", async || {
        (!agent.asked().is_empty()).then_some(())
    })
    .await;
    assert!(stage.services.assets().await.is_empty(), "it still runs");
    stage.wait_until_done().await;
    assert_eq!(
        agent.asked(),
        std::slice::from_ref(&protect),
        "once is enough"
    );

    stop(&mut worker).await;
    assert_eq!(
        agent.asked(),
        [protect, json!({"ProtectionEnabled": false})]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ecs_that_refuses_protection_is_complained_about_once_and_harms_nothing() {
    let Some(binaries) = Binaries::find("ECS that refuses protection") else {
        return;
    };
    let agent = Agent::that(Answers::Refuse).await;
    let stage = Stage::set(&binaries).await;
    let mut worker = stage.start_worker(&binaries, &agent);
    stage.put_what_takes_long().await;

    stage.wait_until_done().await;
    stop(&mut worker).await;
    let printed = worker.printed();
    let complaints = printed.matches("AccessDeniedException").count();
    assert_eq!(complaints, 1, "{printed}");
}

/// Both emulators, a bucket and its queue. The first upload takes long.
struct Stage {
    services: Services,
    s3: aws_sdk_s3::Client,
    queue: Queue,
}

impl Stage {
    async fn set(binaries: &Binaries) -> Self {
        let services = Services::start(binaries, Variables::new()).await;
        let s3 = aws::s3(&services.aws);
        let queue = Queue::create(&aws::sqs(&services.aws), "long", None).await;
        aws::create_bucket(&s3, BUCKET, &queue).await;
        let slow = FaultRule::on("upload", FaultEffect::SlowPull { ms: UPLOAD_MS });
        let faults = json!(FaultPlan::of([slow.times(1)]));
        control::put_faults(&services.cloudinary, &faults).await;
        Self {
            services,
            s3,
            queue,
        }
    }

    fn start_worker(&self, binaries: &Binaries, agent: &Agent) -> Program {
        let variables = Variables::from([
            ("ECS_AGENT_URI", agent.uri.clone()),
            ("CLOUDINARY_URL", self.services.cloudinary_url.clone()),
            ("CLDSYNC_QUEUE_URL", self.queue.url.clone()),
            ("CLDSYNC_ADMIN_ADDR", "127.0.0.1:0".to_owned()),
            ("CLDSYNC_LOG_FORMAT", "text".to_owned()),
            ("CLDSYNC_WAIT_TIME", "1s".to_owned()),
            ("CLDSYNC_DRAIN_TIMEOUT", DRAIN_TIMEOUT.to_owned()),
            ("AWS_ENDPOINT_URL", self.services.aws.clone()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ]);
        Program::start(&binaries.path("cldsync-worker"), &[], &variables)
    }

    async fn put_what_takes_long(&self) {
        let request = self.s3.put_object().bucket(BUCKET).key("film.mp4");
        let put = request.body(b"a long film".to_vec().into()).send().await;
        put.expect("the object is put");
    }

    async fn wait_until_done(&self) {
        self.services
            .wait_for_messages(&self.queue, 0, PATIENCE)
            .await;
        assert_eq!(self.services.assets().await.len(), 1, "it is uploaded");
    }
}

async fn stop(worker: &mut Program) {
    worker.terminate();
    let end = worker.end().await;
    assert_eq!(end.code(), Some(0), "{end}\n{}", worker.printed());
}

#[derive(Debug, Clone, Copy)]
enum Answers {
    Agree,
    Refuse,
}

/// A stand-in for the agent, which answers as AWS documents it and remembers what it was asked.
struct Agent {
    uri: String,
    asked: Asked,
    _serving: JoinSet<()>,
}

type Asked = Arc<Mutex<Vec<Value>>>;

impl Agent {
    async fn that(answers: Answers) -> Self {
        let asked = Asked::default();
        let handler = async move |State(asked): State<Asked>, body: String| {
            let wanted: Value = serde_json::from_str(&body).expect("JSON");
            let answer = answer(answers, &wanted);
            asked.lock().expect("no panic").push(wanted);
            answer.to_string()
        };
        let path = "/api/0123-task/task-protection/v1/state";
        let router = Router::new().route(path, put(handler));
        let router = router.with_state(Arc::clone(&asked));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its number");
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        Self {
            uri: format!("http://{address}/api/0123-task"),
            asked,
            _serving: serving,
        }
    }

    fn asked(&self) -> Vec<Value> {
        self.asked.lock().expect("no panic").clone()
    }
}

fn answer(answers: Answers, wanted: &Value) -> Value {
    let task = "arn:aws:ecs:us-east-1:111122223333:task/long/0123";
    match answers {
        Answers::Agree => json!({"protection": {
            "ExpirationDate": null,
            "ProtectionEnabled": wanted["ProtectionEnabled"],
            "TaskArn": task,
        }}),
        Answers::Refuse => json!({"requestID": "1", "error": {
            "Arn": task,
            "Code": "AccessDeniedException",
            "Message": "not authorized to perform: ecs:UpdateTaskProtection",
        }}),
    }
}
