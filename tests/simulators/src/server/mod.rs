//! What the sockets need: arguments, accepting connections, and turning outcomes into bytes or broken connections.

pub(crate) mod control;
pub(crate) mod deliver;
mod google;

use bytes::Bytes;
use control::Controlled;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::{
    body::{Body, Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use simulators::{Outcome, StandIn};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    sync::Mutex,
};

/// A stand-in behind a socket.
pub(crate) type Shared<S> = Arc<Mutex<StandIn<S>>>;

/// The most that is read of a request.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// What the program was told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) notion: Option<SocketAddr>,
    pub(crate) openai: Option<SocketAddr>,
    pub(crate) deepgram: Option<SocketAddr>,
    pub(crate) google: Option<SocketAddr>,
    pub(crate) ready_file: Option<PathBuf>,
    pub(crate) seed: u64,
}

impl Arguments {
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self { seed: 1, ..Self::default() };
        while let Some(flag) = words.next() {
            let value = words.next().ok_or_else(|| format!("{flag} needs a value"))?;
            match flag.as_str() {
                "--notion" => read.notion = Some(loopback(&value)?),
                "--openai" => read.openai = Some(loopback(&value)?),
                "--deepgram" => read.deepgram = Some(loopback(&value)?),
                "--google" => read.google = Some(loopback(&value)?),
                "--ready-file" => read.ready_file = Some(value.into()),
                "--seed" => read.seed = value.parse().map_err(|_| format!("{value} is not a seed"))?,
                _ => return Err(format!("{flag} is not known")),
            }
        }
        let services = [&mut read.notion, &mut read.openai, &mut read.deepgram, &mut read.google];
        if services.iter().all(|service| service.is_none()) {
            for service in services {
                *service = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
            }
        }
        Ok(read)
    }
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| format!("{text} is not an address with a port"))?;
    if address.ip().is_loopback() { Ok(address) } else { Err(format!("{text} is not a loopback address")) }
}

/// The time on the wall: the only place that reads it.
#[expect(
    clippy::disallowed_methods,
    reason = "the stand-ins take the time as an argument; here it comes from"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Tells where the stand-ins are: in the ready file when there is one, else on the standard output.
#[expect(clippy::print_stdout, reason = "the addresses are what the program is asked for")]
pub(crate) fn announce(urls: &BTreeMap<&str, String>, ready_file: Option<&Path>) -> Result<(), String> {
    let text = serde_json::to_string(urls).map_err(|error| error.to_string())?;
    let Some(path) = ready_file else {
        println!("{text}");
        return Ok(());
    };
    // A reader that waits for the file must never see half of it.
    let unfinished = path.with_extension("unfinished");
    std::fs::write(&unfinished, &text).map_err(|error| format!("{}: {error}", unfinished.display()))?;
    std::fs::rename(&unfinished, path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Waits for SIGTERM or Ctrl-C.
pub(crate) async fn until_told_to_stop() -> Result<(), String> {
    let mut terminated = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    tokio::select! {
        _ = terminated.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(|error| error.to_string()),
    }
}

/// Accepts connections for as long as the program runs.
pub(crate) async fn serve<S: Controlled + 'static>(listener: TcpListener, shared: Shared<S>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream, Arc::clone(&shared)));
        }
    }
}

/// One connection. A service error ends it without an answer, which is what a lost answer is.
async fn connection<S: Controlled + 'static>(stream: TcpStream, shared: Shared<S>) {
    let service = service_fn(|request| exchange(request, Arc::clone(&shared)));
    let ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    drop(ended);
}

/// The connection ends here.
#[derive(Debug)]
struct Ended;

impl std::fmt::Display for Ended {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the connection was ended on purpose")
    }
}

impl std::error::Error for Ended {}

async fn exchange<S: Controlled>(
    request: Request<Incoming>,
    shared: Shared<S>,
) -> Result<Response<Payload>, Ended> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        let mut refused = Response::new(Payload::whole(Bytes::new()));
        *refused.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(refused);
    };
    let request = Request::from_parts(parts, body.to_bytes());
    let mut stand_in = shared.lock().await;
    if let Some(path) = request.uri().path().strip_prefix("/_control/") {
        return Ok(control::answer(&mut stand_in, path, &request).map(Payload::whole));
    }
    let exchange = stand_in.exchange(&request, now());
    drop(stand_in);
    if exchange.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(exchange.delay_ms)).await;
    }
    match exchange.outcome {
        Outcome::Answer(response) => Ok(Payload::of(response)),
        Outcome::LostBefore | Outcome::LostAfter | Outcome::Refused => Err(Ended),
    }
}

/// The bytes of an answer, or of its beginning when it is cut off.
#[derive(Debug)]
struct Payload {
    bytes: Option<Bytes>,
    cut: bool,
}

impl Payload {
    fn whole(bytes: Bytes) -> Self {
        Self { bytes: Some(bytes), cut: false }
    }

    /// An answer that is shorter than it says is cut off: the connection ends within its body.
    fn of(response: Response<Bytes>) -> Response<Self> {
        let announced = response
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let cut = announced.is_some_and(|announced: usize| announced > response.body().len());
        response.map(|bytes| Self { bytes: Some(bytes), cut })
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Ended;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Ended>>> {
        match self.bytes.take() {
            Some(bytes) if !bytes.is_empty() => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            _ if self.cut => Poll::Ready(Some(Err(Ended))),
            _ => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.bytes {
            Some(bytes) if !self.cut => SizeHint::with_exact(bytes.len() as u64),
            _ => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Arguments, String> {
        Arguments::read(words.iter().map(ToString::to_string))
    }

    #[test]
    fn without_arguments_all_are_started_on_free_ports() {
        let Arguments { notion, openai, deepgram, google, .. } = read(&[]).unwrap();
        for service in [notion, openai, deepgram, google] {
            assert_eq!(service.unwrap().port(), 0);
        }
    }

    #[test]
    fn only_what_is_named_is_started_and_only_on_loopback() {
        let arguments = read(&["--openai", "127.0.0.1:4010", "--ready-file", "/tmp/ready.json"]).unwrap();
        assert_eq!((arguments.notion, arguments.openai.unwrap().port()), (None, 4010));
        assert!(read(&["--notion", "0.0.0.0:4010"]).unwrap_err().contains("loopback"));
        assert!(read(&["--notoin", "127.0.0.1:0"]).unwrap_err().contains("not known"));
        assert!(read(&["--notion"]).unwrap_err().contains("needs a value"));
    }
}
