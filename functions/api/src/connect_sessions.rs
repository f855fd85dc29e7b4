//! `POST /v1/connect-sessions`: a link that lets a user's browser connect one provider, once.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use domain::{ProviderId, UserId};
use http::{StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use providers::signature::sha256_hex;
use runtime::{App, Code, Document, IdempotencyKey, Invocation, Json, Operation, Problem, Reply, User, once};
use serde::{Deserialize, Serialize};
use store::{Account, ConnectSession};

use crate::return_to;

const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// What to connect.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConnectSession {
    /// A provider's id.
    #[schema(example = "notion")]
    provider: String,
    /// Where the browser goes afterwards: a path of the console, or an address at an allowed origin.
    #[schema(example = "/integrations")]
    return_to: Option<String>,
}

/// A link to open in the user's browser.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConnectLink {
    /// Works once.
    connect_url: String,
    /// From then on it does not work any more.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Makes a link with which the user connects a provider.
#[utoipa::path(post, path = "/v1/connect-sessions", tag = "Connecting", request_body = NewConnectSession,
    params(runtime::openapi::IdempotencyKey),
    responses(
        (status = 201, body = ConnectLink),
        (status = 400, description = "`invalid_return_to`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 403, description = "`integration_limit_reached`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 404, description = "`unknown_provider`", content_type = "application/problem+json", body = runtime::openapi::Problem),
    ))]
pub async fn create(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    User(user): User,
    key: IdempotencyKey,
    body: Json<NewConnectSession>,
) -> Result<Response, Problem> {
    let provider: ProviderId = body
        .value
        .provider
        .parse()
        .map_err(|_| Problem::new(Code::UnknownProvider, "There is no provider of this name."))?;
    let return_to =
        body.value.return_to.as_deref().map(|text| return_to::absolute(&app.config, text)).transpose()?;
    let document = app.secrets.document(invocation.now).await?;
    let (app, invocation, user, secrets) = (&*app, &invocation, &user, &document);
    let make = |_: Operation| async move {
        check_room(app, user, provider).await?;
        let nonce = app.random.token();
        let secret = secret(secrets, user, &nonce)?;
        let expires_at = invocation.now + LIFETIME;
        let session = ConnectSession { user: user.clone(), provider, return_to, expires_at };
        app.store.put_connect_session(&sha256_hex(secret.as_bytes()), &session).await?;
        let url = format!("{}/v1/oauth/{provider}/start?session={nonce}", app.config.public_url);
        Reply::json(StatusCode::CREATED, &ConnectLink { connect_url: url, expires_at })
    };
    let response = once(app, invocation, user, "connect_session", key, &body.hash, make).await?;
    with_secret(response, secrets, user).await
}

/// Whether the tier has room for the provider; the answer that comes back from it is checked again.
async fn check_room(app: &App, user: &UserId, provider: ProviderId) -> Result<(), Problem> {
    let Account { tier, connected } = app.store.account(user).await?;
    let is_full = |limit| u32::try_from(connected.len()).is_ok_and(|used| used >= limit);
    if connected.contains(&provider) || !tier.integration_limit().is_some_and(is_full) {
        return Ok(());
    }
    let problem =
        Problem::new(Code::IntegrationLimitReached, "This tier has no room for another integration.")
            .with("tier", tier.as_str())
            .with("limit", tier.integration_limit())
            .with("used", connected.len())
            .with("upgrade_url", app.config.upgrade_url.as_str());
    Err(problem)
}

fn secret(secrets: &Document, user: &UserId, nonce: &str) -> Result<String, Problem> {
    secrets.derived_token(&["connect_session", user.as_str(), nonce])
}

/// The answer that is stored for repeats holds a nonce in place of the link's secret, which only we can derive from it.
async fn with_secret(response: Response, secrets: &Document, user: &UserId) -> Result<Response, Problem> {
    let broken = || Problem::internal();
    let (mut parts, body) = response.into_parts();
    let bytes = runtime::json::read(body, runtime::json::MAX_BODY).await?;
    let mut link: ConnectLink = serde_json::from_slice(&bytes).map_err(|error| broken().because(error))?;
    let (url, nonce) = link.connect_url.split_once('=').ok_or_else(broken)?;
    link.connect_url = format!("{url}={}", secret(secrets, user, nonce)?);
    parts.headers.remove(header::CONTENT_LENGTH);
    let body = serde_json::to_vec(&link).map_err(|error| broken().because(error))?;
    Ok(Response::from_parts(parts, Body::from(body)))
}
