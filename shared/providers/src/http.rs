//! How calls are made: time limits, repeats, waits and the meaning of each status. Clients say only what they call.

mod answer;
mod request;
mod retry_after;
mod status;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use tokio::time::{Instant, sleep, timeout};

pub(crate) use self::request::{authorization, bearer, get, json};
pub(crate) use self::retry_after::wait_from_seconds;
pub(crate) use self::status::{DEFAULT_WAIT, problem_code};
pub use self::{
    answer::{Answer, Json, Nothing},
    retry_after::retry_after,
};
use crate::{
    error::Error,
    random::Random,
    transport::{Limits, SendError, Transport},
};

/// Limits of one provider's calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Longest exchange.
    pub timeout: Duration,
    /// Exchanges per call, at least one.
    pub attempts: u32,
    /// First wait between attempts; each further one is twice as long.
    pub base: Duration,
    /// Longest wait in one call. What a provider asks beyond it is the caller's to decide.
    pub cap: Duration,
    /// Largest answer.
    pub max_body: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(15),
            attempts: 3,
            base: Duration::from_millis(250),
            cap: Duration::from_secs(5),
            max_body: 4 * 1024 * 1024,
        }
    }
}

/// What a provider's own codes mean, where the status alone does not say it.
pub type Classify = fn(&Response<Bytes>) -> Option<Error>;

/// Calls to one provider.
#[derive(Clone, Debug)]
pub struct Http {
    provider: &'static str,
    transport: Arc<dyn Transport>,
    random: Random,
    policy: Policy,
    deadline: Option<Instant>,
    classify: Option<Classify>,
}

/// Whether a call may be made again after it may have been applied.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    Safe,
    Never,
}

/// What one exchange came to.
enum Attempt {
    /// Retry after a wait of our choice.
    Again(Error),
    /// Retry after this wait at least.
    Limited(Duration),
    /// Held back by ourselves: does not count as an attempt.
    Paced(Duration),
    Over(Error),
}

/// What a call has used up.
#[derive(Default)]
struct Spent {
    attempts: u32,
    held: Duration,
}

impl Http {
    /// Calls to `provider` through `transport`.
    pub fn new(
        provider: &'static str,
        transport: Arc<dyn Transport>,
        random: Random,
        policy: Policy,
    ) -> Self {
        Self { provider, transport, random, policy, deadline: None, classify: None }
    }

    /// The same, but every call is over by `deadline`.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The same, but every call leaves `reserve` of the time until the deadline for what comes after it.
    #[must_use]
    pub fn reserving(mut self, reserve: Duration) -> Self {
        self.deadline = self.deadline.and_then(|deadline| deadline.checked_sub(reserve)).or(self.deadline);
        self
    }

    /// The same, with a provider's own reading of refusals.
    #[must_use]
    pub fn with_classification(mut self, classify: Classify) -> Self {
        self.classify = Some(classify);
        self
    }

    /// The randomness given to this door.
    pub fn random(&self) -> &Random {
        &self.random
    }

    /// Sends a request that may be repeated whatever happened to it: a read, a delete, a replacement.
    pub async fn send_idempotent<T: Answer>(&self, request: Request<Bytes>) -> Result<T, Error> {
        self.send(request, Repeat::Safe).await
    }

    /// Sends a request that must not be applied twice. It is sent again only when it was certainly not applied.
    pub async fn send_once<T: Answer>(&self, request: Request<Bytes>) -> Result<T, Error> {
        self.send(request, Repeat::Never).await
    }

    pub(crate) async fn send<T: Answer>(&self, request: Request<Bytes>, repeat: Repeat) -> Result<T, Error> {
        let mut spent = Spent::default();
        loop {
            let failure = match self.attempt(request.clone(), repeat).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let wait = self.wait_after(failure, &mut spent)?;
            tracing::debug!(provider = self.provider, wait_ms = wait.as_millis(), "Calling again");
            sleep(wait).await;
        }
    }

    /// How long to wait before the next attempt; the error when there is none.
    fn wait_after(&self, failure: Attempt, spent: &mut Spent) -> Result<Duration, Error> {
        spent.attempts += u32::from(!matches!(failure, Attempt::Paced(_)));
        let (wait, error) = match failure {
            Attempt::Over(error) => return Err(error),
            Attempt::Again(error) => (self.backoff(spent.attempts), error),
            Attempt::Limited(asked) => {
                if asked > self.policy.cap {
                    return Err(Error::RateLimited { retry_after: asked });
                }
                (asked + self.random_part(self.policy.base), Error::RateLimited { retry_after: asked })
            }
            Attempt::Paced(asked) => {
                spent.held += asked;
                if spent.held > self.policy.cap {
                    return Err(Error::RateLimited { retry_after: asked });
                }
                (asked, Error::RateLimited { retry_after: asked })
            }
        };
        let is_time = self.deadline.is_none_or(|deadline| Instant::now() + wait < deadline);
        if spent.attempts < self.policy.attempts && is_time { Ok(wait) } else { Err(error) }
    }

    async fn attempt<T: Answer>(&self, request: Request<Bytes>, repeat: Repeat) -> Result<T, Attempt> {
        let limits = self.limits().ok_or(Attempt::Over(Error::Unavailable))?;
        let sent = timeout(limits.timeout, self.transport.send(request, limits)).await;
        let sent = sent.unwrap_or_else(|_| Err(SendError::Lost { reason: "timed out".to_owned() }));
        let response = sent.map_err(|error| self.unanswered(&error, repeat))?;
        if !response.status().is_success() {
            return Err(self.refused(&response, repeat));
        }
        T::from_body(response.body()).ok_or_else(|| {
            tracing::warn!(provider = self.provider, "The answer cannot be read");
            match repeat {
                Repeat::Safe => Attempt::Again(Error::BadResponse),
                Repeat::Never => Attempt::Over(Error::Ambiguous { committed: None }),
            }
        })
    }

    fn unanswered(&self, error: &SendError, repeat: Repeat) -> Attempt {
        tracing::info!(provider = self.provider, %error, "No answer");
        match (error, repeat) {
            (SendError::Paced { retry_after }, _) => Attempt::Paced(*retry_after),
            (SendError::NotSent { .. }, _) | (SendError::Lost { .. }, Repeat::Safe) => {
                Attempt::Again(Error::Unavailable)
            }
            (SendError::Lost { .. }, Repeat::Never) => Attempt::Over(Error::Ambiguous { committed: None }),
        }
    }

    fn refused(&self, response: &Response<Bytes>, repeat: Repeat) -> Attempt {
        let named = self.classify.and_then(|classify| classify(response));
        let error = named.unwrap_or_else(|| status::error_from_response(response));
        tracing::info!(
            provider = self.provider,
            status = response.status().as_u16(),
            request.id = status::request_id(response),
            %error,
            "Refused"
        );
        match (error, repeat) {
            (Error::RateLimited { retry_after }, _) => Attempt::Limited(retry_after),
            (Error::Unavailable, Repeat::Never) => Attempt::Over(Error::Ambiguous { committed: None }),
            (Error::Unavailable | Error::Ambiguous { .. }, Repeat::Safe) => {
                Attempt::Again(Error::Unavailable)
            }
            (error, _) => Attempt::Over(error),
        }
    }

    /// Limits of the next exchange, unless the deadline has passed.
    fn limits(&self) -> Option<Limits> {
        let left = self
            .deadline
            .map_or(self.policy.timeout, |deadline| deadline.saturating_duration_since(Instant::now()));
        let timeout = left.min(self.policy.timeout);
        (!timeout.is_zero()).then_some(Limits { timeout, max_body: self.policy.max_body })
    }

    /// Doubles from the base to the cap, half of it random: many callers must not come back together.
    pub(crate) fn backoff(&self, attempt: u32) -> Duration {
        let full =
            self.policy.base.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(self.policy.cap);
        full / 2 + self.random_part(full / 2)
    }

    fn random_part(&self, whole: Duration) -> Duration {
        whole.mul_f64(self.random.jitter())
    }
}
