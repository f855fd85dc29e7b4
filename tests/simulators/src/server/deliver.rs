//! Delivers Deepgram's callbacks in the background. Nothing leaves the machine: only loopback addresses are called.

use super::{Shared, now};
use bytes::Bytes;
use http::{HeaderValue, Request, Uri, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use simulators::{Deepgram, deepgram::Callback};
use std::{sync::Arc, time::Duration};
use tokio::net::TcpStream;

/// How often it looks for due callbacks.
const LOOK: Duration = Duration::from_millis(50);
/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs for as long as the program does.
pub(crate) async fn deliver(shared: Shared<Deepgram>) {
    loop {
        let due = shared.lock().await.simulator.due_callbacks(now());
        for callback in due {
            tokio::spawn(call(Arc::clone(&shared), callback));
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn call(shared: Shared<Deepgram>, callback: Callback) {
    let answered = tokio::time::timeout(PATIENCE, send(callback.request)).await;
    shared.lock().await.simulator.callback_answered(&callback.request_id, answered.ok().flatten());
}

/// The status of the answer, if there is one.
async fn send(mut request: Request<Bytes>) -> Option<u16> {
    let authority = request.uri().authority()?.clone();
    if request.uri().scheme_str() != Some("http") {
        return None;
    }
    let address =
        tokio::net::lookup_host((authority.host(), authority.port_u16().unwrap_or(80))).await.ok()?;
    let address = address.into_iter().find(|address| address.ip().is_loopback())?;
    let stream = TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    request.headers_mut().insert(header::HOST, HeaderValue::from_str(authority.as_str()).ok()?);
    let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    *request.uri_mut() = path.parse::<Uri>().ok()?;
    let response = sender.send_request(request.map(Full::new)).await.ok()?;
    Some(response.status().as_u16())
}
