//! Any bytes as what a stranger sends to the admin endpoint: an answer or a closed connection.
//!
//! The real endpoint on a loopback socket. After each input a probe must still be answered, and
//! nothing may have panicked: the server keeps a panic to its connection, so panics are counted.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::panic;
use std::sync::{Arc, Once};
use std::time::Duration;

use telemetry::{AdminError, AdminServer, BuildInfo, Health, Metrics};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Far above what an answer over loopback takes; without it a hang would have no words.
const PATIENCE: Duration = Duration::from_secs(30);
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const PROBE: &[u8] = b"GET /livez HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n";

/// Sends the input, then the probe.
pub fn run(request: &[u8]) {
    ENDPOINT.with(|endpoint| endpoint.survives(request));
}

thread_local! {
    // Its tasks run on the thread that feeds it, so their panics are counted there.
    static ENDPOINT: Endpoint = Endpoint::start();
    static PANICS: Cell<usize> = const { Cell::new(0) };
}

struct Endpoint {
    runtime: Runtime,
    address: SocketAddr,
    _serving: JoinSet<Result<(), AdminError>>,
}

impl Endpoint {
    fn start() -> Self {
        count_panics();
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let local = ([127, 0, 0, 1], 0).into();
        let server = runtime.block_on(AdminServer::bind(local));
        let server = server.expect("a free port");
        let address = server.local_addr();
        let mut serving = JoinSet::new();
        serving.spawn_on(serve(server), runtime.handle());
        Self {
            runtime,
            address,
            _serving: serving,
        }
    }

    fn survives(&self, request: &[u8]) {
        let answer = self.exchange(request);
        let http1 = answer.starts_with(b"HTTP/1.");
        let http2 = request.starts_with(HTTP2_PREFACE);
        assert!(answer.is_empty() || http1 || http2, "{answer:?}");
        let probed = self.exchange(PROBE);
        assert!(probed.starts_with(b"HTTP/1.1 200 OK\r\n"), "{probed:?}");
        assert_eq!(PANICS.get(), 0, "a connection was dropped by a panic");
    }

    fn exchange(&self, request: &[u8]) -> Vec<u8> {
        let bounded =
            async { tokio::time::timeout(PATIENCE, exchange(self.address, request)).await };
        let answer = self.runtime.block_on(bounded);
        answer.expect("an answer or a closed connection")
    }
}

async fn serve(server: AdminServer) -> Result<(), AdminError> {
    let build = BuildInfo {
        version: "1.2.3",
        commit: "abc",
    };
    let metrics = Arc::new(Metrics::new(build, 0.0));
    let health = Arc::new(Health::new(&["queue"], PATIENCE));
    server
        .serve(metrics, health, CancellationToken::new())
        .await
}

/// Whatever comes back until the other side closes. It may close before it has read everything,
/// which this side sees as an error of either half.
async fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let stream = TcpStream::connect(address)
        .await
        .expect("the endpoint listens");
    let (mut receiver, mut sender) = stream.into_split();
    let send = async {
        sender.write_all(request).await?;
        sender.shutdown().await?;
        io::Result::Ok(())
    };
    let mut answer = Vec::new();
    let (_sent, _received) = tokio::join!(send, receiver.read_to_end(&mut answer));
    answer
}

fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            PANICS.set(PANICS.get() + 1);
            before(panic);
        }));
    });
}
