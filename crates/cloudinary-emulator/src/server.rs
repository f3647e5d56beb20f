//! Sockets: accepts connections, speaks HTTP/1.1 on each, and closes them when told to stop.
//!
//! Drives hyper itself rather than through `axum::serve`, because a fault may close a connection
//! without an answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use crate::dispatch;
use crate::state::State;

/// How long a request that is being answered may still take once the emulator stops.
const GOODBYE: Duration = Duration::from_secs(2);

/// Accepts connections until the emulator stops.
pub(crate) async fn accept(listener: TcpListener, state: Arc<State>) {
    loop {
        let accepted = tokio::select! {
            () = state.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                state.tasks.spawn(connection(stream, Arc::clone(&state)));
            }
            Err(error) => {
                tracing::warn!(%error, "Accepting a connection failed");
                // Out of file descriptors: others must be given the time to close.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, state: Arc<State>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "Setting TCP_NODELAY failed");
    }
    let stop = state.stop.clone();
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        dispatch::serve(Arc::clone(&state), request.map(Body::new))
    });
    let mut http = http1::Builder::new();
    let serving = http
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    let result = tokio::select! {
        result = serving.as_mut() => result,
        () = stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            tokio::time::timeout(GOODBYE, serving).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "A connection ended early");
    }
}
