//! The two doors of a simulated function: every exchange takes its time, is counted, and goes wrong if fate says so.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_doubles::{After, Before, Call, Decision, Failure, Hook, Service, Strayed};
use bytes::Bytes;
use http::{Request, Response};
use providers::transport::{Exchange, Limits, ReqwestTransport, SendError, Transport};
use simulators::{Outcome, Simulator, StandIn};

use super::dice::Dice;
use super::fate::{Harm, LONGEST, Life};
use super::oddity;
use super::world::Providers;

/// The way to AWS.
pub(crate) struct AwsDoor {
    pub(crate) life: Arc<Life>,
    /// What is still to happen to the exchanges under way, and how long their answers take.
    pub(crate) under_way: Mutex<BTreeMap<usize, (Option<Harm>, Duration)>>,
    /// How long the next stray request takes.
    pub(crate) stray: Mutex<Duration>,
}

impl Hook for AwsDoor {
    fn before<'a>(&'a self, call: &'a Call) -> Decision<'a, Before> {
        Box::pin(async move {
            let what = format!("{:?} {}", call.service, call.operation);
            let mut lot = self.life.fate.draw(&self.life, what, Some(call));
            wait(lot.ways.0).await;
            let late = Duration::from_millis(100 + lot.dice.below(3_000));
            match lot.harm {
                None | Some(Harm::KillAfter | Harm::LoseAnswer | Harm::FailAfter) => {}
                Some(Harm::KillBefore) => self.life.die().await,
                Some(Harm::LoseRequest) => return Before::Fail(Failure::Refused),
                Some(Harm::Refuse | Harm::Odd(_)) => return Before::Fail(refusal(call, lot.dice)),
                Some(harm @ (Harm::Stray | Harm::KillStray)) => {
                    *self.stray.lock().unwrap() = late;
                    if harm == Harm::KillStray {
                        self.life.kill();
                    }
                    return Before::Stray;
                }
                Some(Harm::Late) => lot.ways.1 += late,
            }
            self.under_way.lock().unwrap().insert(call.number, (lot.harm, lot.ways.1));
            Before::Proceed
        })
    }

    fn after<'a>(&'a self, call: &'a Call) -> Decision<'a, After> {
        Box::pin(async move {
            let (harm, way) = self.under_way.lock().unwrap().remove(&call.number).unwrap_or_default();
            wait(way).await;
            match harm {
                None | Some(Harm::Late) => After::Deliver,
                Some(Harm::KillAfter) => {
                    self.life.kill();
                    After::Kill
                }
                Some(_) => After::Lose,
            }
        })
    }

    fn stray(&self, arrive: Strayed) {
        let after = *self.stray.lock().unwrap();
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            arrive();
        });
    }
}

/// "Not now", in the words of the service.
fn refusal(call: &Call, mut dice: Dice) -> Failure {
    let cancelled =
        ["TransactionConflict", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    let code = match (call.service, call.operation.as_str()) {
        (Service::Dynamo, "TransactWriteItems") if !dice.one_in(4) => {
            return Failure::Cancelled { reason: dice.pick(&cancelled).to_owned() };
        }
        (Service::Dynamo, "PutItem" | "UpdateItem" | "DeleteItem") if dice.one_in(2) => {
            "TransactionConflictException"
        }
        (Service::Dynamo, _) => dice.pick(&[
            "ProvisionedThroughputExceededException",
            "ThrottlingException",
            "RequestLimitExceeded",
        ]),
        _ => "ThrottlingException",
    };
    Failure::Answer { status: 400, code: code.to_owned() }
}

/// A way of no length takes no turn of the scheduler either.
async fn wait(way: Duration) {
    if !way.is_zero() {
        tokio::time::sleep(way).await;
    }
}

/// The way to the providers: to the stand-ins, or to what really listens on this machine.
pub(crate) struct ProviderDoor {
    pub(crate) life: Arc<Life>,
    pub(crate) providers: Arc<Mutex<Providers>>,
    pub(crate) now: Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>,
}

impl std::fmt::Debug for ProviderDoor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ProviderDoor")
    }
}

impl ProviderDoor {
    /// The request arrives, after its caller has given up.
    fn stray(&self, host: String, request: Request<Bytes>, after: Duration) {
        let (providers, now) = (self.providers.clone(), self.now.clone());
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            providers.lock().unwrap().exchange(&host, &request, now());
        });
    }
}

impl Transport for ProviderDoor {
    fn send(&self, request: Request<Bytes>, limits: Limits) -> Exchange<'_> {
        Box::pin(async move {
            let host = request.uri().host().unwrap_or_default().to_owned();
            let what = format!("{host} {} {}", request.method(), request.uri().path());
            if host == "127.0.0.1" {
                return ReqwestTransport::new().send(request, limits).await;
            }
            let mut lot = self.life.fate.draw(&self.life, what, None);
            wait(lot.ways.0).await;
            let late = Duration::from_secs(1 + lot.dice.below(LONGEST.as_secs() - 2));
            match lot.harm {
                Some(Harm::KillBefore) => self.life.die().await,
                Some(Harm::LoseRequest) => return Err(lost("reset before the request arrived")),
                Some(Harm::Refuse) => return Ok(unavailable()),
                Some(Harm::Late) => lot.ways.1 += late,
                Some(Harm::KillStray) => {
                    self.stray(host, request, late);
                    self.life.die().await;
                }
                Some(Harm::Stray) => {
                    self.stray(host, request, late);
                    return Err(lost("reset while the request was on its way"));
                }
                _ => {}
            }
            let exchange = {
                let mut providers = self.providers.lock().unwrap();
                if let Some(Harm::Odd(number)) = lot.harm {
                    let Some(oddity) = oddity::of(&host, &request, number, lot.dice.clone(), (self.now)())
                    else {
                        return Ok(unavailable());
                    };
                    providers.misbehave(&host, oddity);
                }
                providers.exchange(&host, &request, (self.now)())
            };
            let delay = Duration::from_millis(exchange.delay_ms) + lot.ways.1;
            if delay >= limits.timeout {
                tokio::time::sleep(limits.timeout).await;
                return Err(lost("timed out"));
            }
            wait(delay).await;
            match lot.harm {
                Some(Harm::KillAfter) => self.life.die().await,
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

/// One exchange with a stand-in, whose own answers are the vendor's.
pub(crate) fn exchange<S: Simulator>(
    stand_in: &mut StandIn<S>,
    request: &Request<Bytes>,
    now: jiff::Timestamp,
    hold: fn(&Request<Bytes>, &Response<Bytes>),
) -> simulators::Exchange {
    let exchange = stand_in.exchange(request, now);
    let is_its_own = stand_in.records.all().last().is_some_and(|record| record.fault.is_none());
    if let Outcome::Answer(answer) = &exchange.outcome
        && is_its_own
    {
        hold(request, answer);
    }
    exchange
}
