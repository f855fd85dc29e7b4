//! The two doors of a simulated function: every exchange is counted, and the chosen ones go wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_doubles::{After, Before, Call, Decision, Failure, Hook};
use bytes::Bytes;
use http::{Request, Response};
use providers::transport::{Exchange, Limits, SendError, Transport};
use simulators::{Outcome, Simulator, StandIn};
use tokio::sync::Notify;

use super::world::Providers;

/// How an exchange goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Harm {
    /// The function dies before anything is sent.
    KillBefore,
    /// It is done over there; then the function dies.
    KillAfter,
    /// Nothing is done; the connection breaks.
    LoseRequest,
    /// It is done; the connection breaks before the answer.
    LoseAnswer,
    /// It is done, and the answer is 503.
    FailAfter,
    /// Nothing is done, and the answer is 503 (AWS: throttled).
    Refuse,
}

impl Harm {
    pub(crate) const ALL: [Self; 6] = [
        Self::KillBefore,
        Self::KillAfter,
        Self::LoseRequest,
        Self::LoseAnswer,
        Self::FailAfter,
        Self::Refuse,
    ];
}

/// Decides which exchange goes wrong, and remembers all of them.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    planned: Mutex<BTreeMap<usize, Harm>>,
    log: Mutex<Vec<String>>,
    killed: Notify,
}

impl Fate {
    pub(crate) fn new(planned: BTreeMap<usize, Harm>) -> Self {
        Self { planned: Mutex::new(planned), ..Self::default() }
    }

    /// The exchanges so far, as `service operation`.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// No more harm from now on; the exchanges so far.
    pub(crate) fn relent(&self) -> Vec<String> {
        self.planned.lock().unwrap().clear();
        self.log()
    }

    /// Resolves when the running function dies.
    pub(crate) async fn death(&self) {
        self.killed.notified().await;
    }

    fn next(&self, what: String) -> Option<Harm> {
        let mut log = self.log.lock().unwrap();
        log.push(what);
        self.planned.lock().unwrap().remove(&log.len())
    }

    fn amend(&self, harm: Harm) {
        if let Some(last) = self.log.lock().unwrap().last_mut() {
            *last = format!("{last} [{harm:?}]");
        }
    }

    async fn die(&self) -> ! {
        self.killed.notify_one();
        std::future::pending().await
    }
}

/// The way to AWS.
pub(crate) struct AwsDoor {
    pub(crate) fate: Arc<Fate>,
    pub(crate) after: Mutex<Option<Harm>>,
}

impl Hook for AwsDoor {
    fn before<'a>(&'a self, call: &'a Call) -> Decision<'a, Before> {
        Box::pin(async move {
            let harm = self.fate.next(format!("{:?} {}", call.service, call.operation));
            let Some(harm) = harm else { return Before::Proceed };
            self.fate.amend(harm);
            match harm {
                Harm::KillBefore => self.fate.die().await,
                Harm::LoseRequest => Before::Fail(Failure::Refused),
                Harm::Refuse => Before::Fail(Failure::Answer {
                    status: 400,
                    code: match call.service {
                        aws_doubles::Service::Dynamo => "ProvisionedThroughputExceededException",
                        _ => "ThrottlingException",
                    }
                    .to_owned(),
                }),
                Harm::KillAfter | Harm::LoseAnswer | Harm::FailAfter => {
                    *self.after.lock().unwrap() = Some(harm);
                    Before::Proceed
                }
            }
        })
    }

    fn after<'a>(&'a self, _: &'a Call) -> Decision<'a, After> {
        Box::pin(async move {
            match self.after.lock().unwrap().take() {
                None => After::Deliver,
                Some(Harm::KillAfter) => {
                    self.fate.killed.notify_one();
                    After::Kill
                }
                Some(_) => After::Lose,
            }
        })
    }
}

/// The way to the providers.
pub(crate) struct ProviderDoor {
    pub(crate) fate: Arc<Fate>,
    pub(crate) providers: Arc<Mutex<Providers>>,
    pub(crate) now: Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>,
}

impl std::fmt::Debug for ProviderDoor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ProviderDoor")
    }
}

impl Transport for ProviderDoor {
    fn send(&self, request: Request<Bytes>, limits: Limits) -> Exchange<'_> {
        Box::pin(async move {
            let host = request.uri().host().unwrap_or_default().to_owned();
            let harm = self.fate.next(format!("{host} {} {}", request.method(), request.uri().path()));
            if let Some(harm) = harm {
                self.fate.amend(harm);
            }
            match harm {
                Some(Harm::KillBefore) => self.fate.die().await,
                Some(Harm::LoseRequest) => return Err(lost("reset before the request arrived")),
                Some(Harm::Refuse) => return Ok(unavailable()),
                _ => {}
            }
            let exchange = self.providers.lock().unwrap().exchange(&host, &request, (self.now)());
            let delay = Duration::from_millis(exchange.delay_ms);
            if delay >= limits.timeout {
                tokio::time::sleep(limits.timeout).await;
                return Err(lost("timed out"));
            }
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            match harm {
                Some(Harm::KillAfter) => self.fate.die().await,
                Some(Harm::LoseAnswer) => return Err(lost("reset before the answer arrived")),
                Some(Harm::FailAfter) => return Ok(unavailable()),
                _ => {}
            }
            match exchange.outcome {
                Outcome::Answer(response) if is_cut(&response) => Err(lost("the body ended early")),
                Outcome::Answer(response) => Ok(response),
                Outcome::LostBefore | Outcome::LostAfter => Err(lost("reset")),
                Outcome::Refused => Err(SendError::NotSent { reason: "connection refused".into() }),
            }
        })
    }
}

fn lost(reason: &str) -> SendError {
    SendError::Lost { reason: reason.to_owned() }
}

fn unavailable() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(br#"{"message":"unavailable"}"#));
    *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
    response
}

fn is_cut(response: &Response<Bytes>) -> bool {
    let length = response.headers().get(http::header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    length.is_some_and(|length| response.body().len() < length)
}

/// One exchange with a stand-in.
pub(crate) fn exchange<S: Simulator>(
    stand_in: &mut StandIn<S>,
    request: &Request<Bytes>,
    now: jiff::Timestamp,
) -> simulators::Exchange {
    stand_in.exchange(request, now)
}
