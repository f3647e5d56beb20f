//! The admin endpoint over a real socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use telemetry::{AdminServer, BuildInfo, Health, Metrics};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

struct Running {
    address: SocketAddr,
    health: Arc<Health>,
    stop: CancellationToken,
    served: JoinHandle<Result<(), telemetry::AdminError>>,
}

#[expect(clippy::disallowed_methods, reason = "the handle is awaited in `stop`")]
async fn start() -> Running {
    let metrics = Metrics::new(
        BuildInfo {
            version: "1.2.3",
            commit: "abc",
        },
        0.0,
    );
    let health = Arc::new(Health::new(&["queue"], Duration::from_secs(90)));
    let stop = CancellationToken::new();
    let server = AdminServer::bind(([127, 0, 0, 1], 0).into())
        .await
        .expect("a free port");
    let address = server.local_addr();
    let serving = server.serve(Arc::new(metrics), Arc::clone(&health), stop.clone());
    Running {
        address,
        health,
        stop,
        served: tokio::spawn(serving),
    }
}

impl Running {
    async fn get(&self, path: &str) -> String {
        let (address, path) = (self.address, path.to_owned());
        tokio::task::spawn_blocking(move || get(address, &path))
            .await
            .expect("no panic")
    }

    async fn stop(self) {
        self.stop.cancel();
        self.served.await.expect("no panic").expect("a clean end");
    }
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut socket = TcpStream::connect(address).expect("connect");
    write!(
        socket,
        "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
    )
    .expect("send");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("receive");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_served_as_prometheus_text() {
    let running = start().await;
    let answer = running.get("/metrics").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        answer.contains("content-type: text/plain; version=0.0.4"),
        "{answer}"
    );
    assert!(answer.contains("cldsync_draining 0"), "{answer}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_names_the_failing_check_until_it_passes() {
    let running = start().await;
    running.health.fail("queue", "access denied");
    let answer = running.get("/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains(r#""failing":["queue"]"#), "{answer}");
    assert!(answer.contains(r#""queue":"access denied""#), "{answer}");
    running.health.pass("queue");
    let answer = running.get("/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn liveness_does_not_depend_on_readiness_and_other_paths_are_not_there() {
    let running = start().await;
    running.health.drain_started();
    assert!(running.get("/livez").await.starts_with("HTTP/1.1 200"));
    assert!(running.get("/").await.starts_with("HTTP/1.1 404"));
    running.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_an_error_that_names_the_address() {
    let running = start().await;
    let error = AdminServer::bind(running.address).await.expect_err("taken");
    assert_eq!(
        error.to_string(),
        format!("admin endpoint on {}", running.address)
    );
    running.stop().await;
}
