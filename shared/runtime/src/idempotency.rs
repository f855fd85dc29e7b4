//! The same request once: its answer as often as asked for.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use domain::UserId;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use store::{Begin, Claim, IdempotencyKey as StoredKey, StoredResponse};
use uuid::Uuid;

use crate::App;
use crate::canonical::canonical;
use crate::params::IdempotencyKey;
use crate::problem::{Code, Problem};
use crate::web::Invocation;

/// Longer than any invocation: after it whoever claimed the request is dead.
const CLAIM: Duration = Duration::from_secs(35);
/// Names the operations that idempotency keys stand for.
const OPERATIONS: Uuid = Uuid::from_u128(0x7fb1_6a3e_52c9_4b0d_9a64_1d0f_c3b8_e271);

/// One request that is to have its effect once.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The same for every repeat of the request; random when the caller sent no key.
    pub id: Uuid,
    /// The claim on the key, if there is a key.
    pub claim: Option<Claim>,
}

/// What a handler answers.
#[derive(Clone, Debug)]
pub struct Reply {
    status: StatusCode,
    location: Option<String>,
    body: String,
}

impl Reply {
    /// `status` with `body` as JSON.
    pub fn json(status: StatusCode, body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(body);
        let body = body.map_err(|error| Problem::internal().because(error))?;
        Ok(Self { status, location: None, body })
    }

    /// A job that is on its way.
    pub fn job(job: store::Job) -> Result<Self, Problem> {
        let location = format!("/v1/jobs/{}", job.id);
        let answer = Self::json(StatusCode::ACCEPTED, &crate::Job::from(job))?;
        Ok(Self { location: Some(location), ..answer })
    }

    /// The answer as it is stored for repeats.
    pub fn stored(&self) -> StoredResponse {
        let location = self.location.iter().map(|location| ("location".to_owned(), location.clone()));
        StoredResponse { status: self.status.as_u16(), headers: location.collect(), body: self.body.clone() }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        response(self.stored())
    }
}

fn response(stored: StoredResponse) -> Response {
    let mut response = Response::new(Body::from(stored.body));
    *response.status_mut() = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in stored.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Carries `work` out once per key. A failure gives the key back: the same request may then run again, and the effect
/// ledger makes sure that what did happen does not happen twice.
pub async fn once<F>(
    app: &App,
    invocation: &Invocation,
    user: &UserId,
    operation: &str,
    key: IdempotencyKey,
    body_hash: &str,
    work: impl FnOnce(Operation) -> F,
) -> Result<Response, Problem>
where
    F: Future<Output = Result<Reply, Problem>>,
{
    let IdempotencyKey(Some(key)) = key else {
        let reply = work(Operation { id: app.random.uuid_v4(), claim: None }).await?;
        return Ok(reply.into_response());
    };
    let id = Uuid::new_v5(&OPERATIONS, &canonical(&[user.as_str(), operation, &key]));
    let stored_key = StoredKey { user: user.clone(), operation: operation.to_owned(), key };
    let owner = &invocation.request_id;
    match app.store.begin(&stored_key, body_hash, owner, CLAIM, invocation.now).await? {
        Begin::Started(claim) => match work(Operation { id, claim: Some(claim.clone()) }).await {
            Ok(reply) => {
                app.store.complete(&claim, &reply.stored(), app.clock.now()).await.map_err(overtaken)?;
                Ok(reply.into_response())
            }
            Err(problem) => {
                if let Err(error) = app.store.release(&claim).await {
                    tracing::warn!("the claim will end by itself: {error}");
                }
                Err(problem)
            }
        },
        Begin::Replay(stored) => {
            let mut response = response(stored);
            response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
            Ok(response)
        }
        Begin::InProgress { until } => {
            let wait = invocation.now.duration_until(until).as_secs().max(1);
            Err(in_progress(u64::try_from(wait).unwrap_or(1)))
        }
        Begin::Mismatch => Err(Problem::new(
            Code::IdempotencyKeyReused,
            "This idempotency key was used for a request with another body.",
        )),
    }
}

/// Whoever took too long finds that the same request was begun with again: its answer is the one that counts.
fn overtaken(error: store::Error) -> Problem {
    match error {
        store::Error::Conflict => in_progress(1),
        error => error.into(),
    }
}

fn in_progress(wait_s: u64) -> Problem {
    Problem::new(Code::InProgress, "A request with this key is still running.").retry_after(wait_s)
}
