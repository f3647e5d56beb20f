//! The HTTP server: one port for S3, SQS and the control calls.
//!
//! Routes by what a request is (an `X-Amz-Target` header, a `/_emulator/` path, or else S3), keeps
//! connections alive, and on stop lets answers that are under way finish.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::Body;
use s3s::service::S3Service;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::emulator::Inner;
use crate::s3::front;
use crate::s3::wire::CutFlag;
use crate::{control, sqs};

/// An answer of either service.
pub(crate) type Answer = Response<Body>;

/// The connection must be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("connection cut by a fault")]
pub(crate) struct Cut;

/// The largest SQS request: 1 MiB of messages, each byte possibly escaped as six.
const MAX_SQS_BODY: usize = 8 << 20;

/// Serves until told to stop.
pub(crate) async fn run(
    listener: TcpListener,
    inner: Arc<Inner>,
    s3: S3Service,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                drop(tasks.spawn(serve(stream, Arc::clone(&inner), s3.clone(), stop.clone())));
            }
            Err(error) => {
                // Out of descriptors, usually: others must close some first.
                tracing::warn!(%error, "Cannot accept a connection");
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, inner: Arc<Inner>, s3: S3Service, stop: CancellationToken) {
    // Answers are small and written whole; waiting for more to send would only delay them.
    drop(stream.set_nodelay(true));
    let service = service_fn(|request| route(request, &inner, &s3));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "Connection ended early");
    }
}

async fn route(
    request: Request<Incoming>,
    inner: &Arc<Inner>,
    s3: &S3Service,
) -> Result<Answer, Cut> {
    let target = request
        .headers()
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    if let Some(operation) = target.and_then(|target| target.strip_prefix("AmazonSQS.")) {
        let operation = operation.to_owned();
        return to_sqs(request, inner, &operation).await;
    }
    match request.uri().path().strip_prefix("/_emulator/") {
        Some(call) => {
            let call = call.to_owned();
            Ok(to_control(request, inner, &call).await)
        }
        None => to_s3(request, inner, s3).await,
    }
}

async fn to_sqs(
    request: Request<Incoming>,
    inner: &Arc<Inner>,
    operation: &str,
) -> Result<Answer, Cut> {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let endpoint = host.map_or_else(|| inner.endpoint.clone(), |host| format!("http://{host}"));
    match read(request, MAX_SQS_BODY).await {
        Ok(body) => {
            sqs::service::handle(&inner.sqs, &inner.gate, operation, &endpoint, &body).await
        }
        Err(answer) => Ok(answer),
    }
}

async fn to_control(request: Request<Incoming>, inner: &Inner, call: &str) -> Answer {
    let method = request.method().clone();
    match read(request, MAX_SQS_BODY).await {
        Ok(body) => control::handle(inner, &method, call, &body),
        Err(answer) => answer,
    }
}

async fn to_s3(request: Request<Incoming>, inner: &Inner, s3: &S3Service) -> Result<Answer, Cut> {
    let limit = inner.s3.lock().limits().object_bytes;
    let mut request = match front::admit(request.map(Body::from), limit, inner.s3.clock.now()).await
    {
        Ok(request) => request,
        Err(error) => {
            return Ok(error
                .to_http_response()
                .unwrap_or_else(|_| plain(StatusCode::BAD_REQUEST, "")));
        }
    };
    let cut = CutFlag::default();
    request.extensions_mut().insert(cut.clone());
    let answer = s3.call(request).await;
    if cut.is_set() {
        return Err(Cut);
    }
    Ok(answer.unwrap_or_else(|error| {
        tracing::error!(?error, "S3 request failed");
        plain(StatusCode::INTERNAL_SERVER_ERROR, "")
    }))
}

async fn read(request: Request<Incoming>, limit: usize) -> Result<Bytes, Answer> {
    let mut body = Body::from(request.into_body());
    body.store_all_limited(limit)
        .await
        .map_err(|_| plain(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.\n"))
}

/// An answer of plain text.
pub(crate) fn plain(status: StatusCode, text: &'static str) -> Answer {
    let mut answer = Response::new(Body::from(Bytes::from_static(text.as_bytes())));
    *answer.status_mut() = status;
    answer
}
