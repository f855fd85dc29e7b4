//! One instance of a function: its process, and a Lambda runtime API of its own that hands it events.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use uuid::Uuid;

use crate::process::{self, Usage};
use crate::serve::{Server, empty, serve};
use crate::surroundings::now;

/// How long anything may take before the run is given up. The functions' own limit is 29 seconds.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often it is looked whether a silent program still runs.
const LOOK: Duration = Duration::from_millis(200);
/// What the deployment gives a function.
const MEMORY_MB: &str = "512";

/// A program that takes events from a runtime API.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) command: Vec<String>,
}

/// A running instance, stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct Instance {
    child: Child,
    started: Instant,
    calls: mpsc::UnboundedReceiver<Call>,
    /// The function waits for an event since then.
    waiting: Option<(Instant, oneshot::Sender<Response<Bytes>>)>,
    log: String,
    _server: Server,
}

/// What a function says to its runtime API.
#[derive(Debug)]
enum Call {
    Next(Instant, oneshot::Sender<Response<Bytes>>),
    Answered(Instant, Bytes),
    Failed(Bytes),
}

/// One event and its answer, in time.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    /// When the event was handed out.
    pub(crate) given: Instant,
    /// When its answer was there, whole.
    pub(crate) answered: Instant,
    /// When the function asked for the next event.
    pub(crate) ready: Instant,
    pub(crate) answer: Bytes,
}

impl Instance {
    /// Starts `program`, logging into `logs`.
    pub(crate) async fn start(
        program: &Program,
        environment: &[(&'static str, String)],
        logs: &Path,
    ) -> Result<Self> {
        let (sender, calls) = mpsc::unbounded_channel();
        let server = serve(move |request| runtime_api(sender.clone(), request)).await?;
        let path = logs.join(format!("{}.log", program.name));
        let log = path.display().to_string();
        let output = File::options().create(true).append(true).open(path)?;
        let (executable, arguments) = program.command.split_first().context("a command")?;
        let mut command = Command::new(executable);
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(environment.iter().cloned())
            .env("AWS_LAMBDA_RUNTIME_API", server.address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", program.name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", MEMORY_MB)
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", program.name))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
            .env("TZ", ":UTC")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let started = Instant::now();
        let child = command.spawn().with_context(|| format!("{executable} could not be started"))?;
        Ok(Self { child, started, calls, waiting: None, log, _server: server })
    }

    /// From the start of the process until it asked for its first event.
    pub(crate) async fn first_poll(&mut self) -> Result<Duration> {
        let ready = self.ready().await?;
        Ok(ready.duration_since(self.started))
    }

    /// From the start of the process until then.
    pub(crate) fn age_at(&self, then: Instant) -> Duration {
        then.duration_since(self.started)
    }

    /// Hands out an event and waits for its answer and for the next poll.
    pub(crate) async fn invoke(&mut self, event: &str) -> Result<Invocation> {
        self.ready().await?;
        let Some((_, give)) = self.waiting.take() else { bail!("the function does not wait") };
        let event = handed_out(event)?;
        let given = Instant::now();
        drop(give.send(event));
        let (answered, answer) = match self.call().await? {
            Call::Answered(at, answer) => (at, answer),
            Call::Failed(error) => {
                bail!("an invocation failed: {} (see {})", String::from_utf8_lossy(&error), self.log)
            }
            Call::Next(..) => bail!("an event was not answered (see {})", self.log),
        };
        let ready = self.ready().await?;
        Ok(Invocation { given, answered, ready, answer })
    }

    /// What the process has used so far.
    pub(crate) fn usage(&self) -> Result<Usage> {
        process::usage(self.child.id())
    }

    async fn ready(&mut self) -> Result<Instant> {
        if let Some((since, _)) = &self.waiting {
            return Ok(*since);
        }
        let Call::Next(at, give) = self.call().await? else {
            bail!("the function does not ask for an event (see {})", self.log)
        };
        self.waiting = Some((at, give));
        Ok(at)
    }

    async fn call(&mut self) -> Result<Call> {
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            if let Ok(call) = timeout(LOOK, self.calls.recv()).await {
                return call.context("the runtime API ended");
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the program ended: {status} (see {})", self.log);
            }
        }
        bail!("the program says nothing (see {})", self.log)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

async fn runtime_api(calls: mpsc::UnboundedSender<Call>, request: Request<Bytes>) -> Response<Bytes> {
    let arrived = Instant::now();
    let path = request.uri().path();
    if request.method() == Method::GET && path.ends_with("/invocation/next") {
        let (give, event) = oneshot::channel();
        drop(calls.send(Call::Next(arrived, give)));
        return event.await.unwrap_or_else(|_| empty(StatusCode::GONE));
    }
    drop(match path {
        path if path.ends_with("/response") => calls.send(Call::Answered(arrived, request.into_body())),
        path if path.ends_with("/error") => calls.send(Call::Failed(request.into_body())),
        _ => return empty(StatusCode::NOT_FOUND),
    });
    empty(StatusCode::ACCEPTED)
}

fn handed_out(event: &str) -> Result<Response<Bytes>> {
    let deadline = now() + Duration::from_secs(29);
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", Uuid::new_v4().to_string())
        .header("lambda-runtime-deadline-ms", deadline.as_millisecond())
        .header(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:123456789012:function:bench",
        )
        .header("lambda-runtime-trace-id", "Root=1-6b015e44-0a1b2c3d4e5f60718293a4b5;Sampled=0");
    Ok(response.body(Bytes::copy_from_slice(event.as_bytes()))?)
}
