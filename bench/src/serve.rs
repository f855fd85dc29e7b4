//! HTTP on loopback: one listener, one answering function. Everything the measured programs talk to is served by it.

use std::convert::Infallible;
use std::net::SocketAddr;

use anyhow::Result;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The most that is read of a request.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Server {
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Answers every request on a free loopback port. Connections are kept alive and send without delay.
pub(crate) async fn serve<F>(
    answer: impl Fn(Request<Bytes>) -> F + Clone + Send + Sync + 'static,
) -> Result<Server>
where
    F: Future<Output = Response<Bytes>> + Send + 'static,
{
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = listener.local_addr()?;
    let accepting = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream.set_nodelay(true));
            tokio::spawn(connection(stream, answer.clone()));
        }
    });
    Ok(Server { address, accepting })
}

async fn connection<F>(stream: TcpStream, answer: impl Fn(Request<Bytes>) -> F + Clone)
where
    F: Future<Output = Response<Bytes>>,
{
    let service = service_fn(|request| exchange(answer.clone(), request));
    // A caller that was stopped leaves a broken connection behind.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

async fn exchange<F>(
    answer: impl Fn(Request<Bytes>) -> F,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible>
where
    F: Future<Output = Response<Bytes>>,
{
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return Ok(empty(StatusCode::PAYLOAD_TOO_LARGE).map(Full::new));
    };
    Ok(answer(Request::from_parts(parts, body.to_bytes())).await.map(Full::new))
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
