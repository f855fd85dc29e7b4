//! Sends a browser to a provider so that its user can agree.
//!
//! A connect link works once. The `state` it turns into is bound to this browser by a cookie, to the user who asked for
//! the link, and to the provider.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};
use jiff::SignedDuration;
use providers::oauth::{Pkce, authorize_url};
use providers::registry;
use providers::signature::sha256_hex;
use runtime::oauth::{BROWSER_COOKIE, browser_cookie, callback_url, failed};
use runtime::{App, Invocation, Problem, Provider, Query, complete};
use serde::Deserialize;
use store::{OauthState, Taken};

/// Within this the user must have agreed.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// The routes of this function.
pub fn routes(app: Arc<App>) -> Router {
    complete(Router::new().route("/v1/oauth/{provider}/start", get(start)), app)
}

/// The query of a connect link.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Link {
    /// The link's secret.
    session: Option<String>,
}

/// Opens a connect link in the user's browser.
#[utoipa::path(get, path = "/v1/oauth/{provider}/start", tag = "Connecting", security(()),
    params(("provider" = String, Path, description = "A provider's id."), Link),
    responses(
        (status = 302, description = "To the provider. Sets the cookie `__Host-oauth`."),
        (status = 303, description = "To the console with `?error=`, when the link is not good (any more)."),
        (status = 404, description = "Unknown provider.", content_type = "application/problem+json", body = runtime::openapi::Problem),
    ))]
pub async fn start(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    Provider(id): Provider,
    Query(link): Query<Link>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(secret) = link.session.filter(|secret| !secret.is_empty()) else {
        return Ok(failed(&app, None, "missing_params"));
    };
    let Taken::Taken(session) =
        app.store.take_connect_session(&sha256_hex(secret.as_bytes()), invocation.now).await?
    else {
        return Ok(failed(&app, None, "invalid_state"));
    };
    if session.provider != id {
        return Ok(failed(&app, None, "invalid_state"));
    }
    let provider = registry::provider(id);
    let document = app.secrets.document(invocation.now).await?;
    let Some(client) = document.client(provider) else {
        return Ok(failed(&app, session.return_to.as_deref(), "not_configured"));
    };

    // A browser keeps its cookie while several connections are being made in several tabs.
    let browser = browser_cookie(&headers).unwrap_or_else(|| app.random.token());
    let state = app.random.token();
    let pkce = provider.pkce.then(|| Pkce::generate(&app.random));
    let redirect_uri = callback_url(&app, id);
    let transaction = OauthState {
        user: session.user,
        provider: id,
        browser_hash: sha256_hex(browser.as_bytes()),
        pkce_verifier: pkce.as_ref().map(|pkce| pkce.verifier().to_owned().into()),
        return_to: session.return_to,
        redirect_uri: redirect_uri.clone(),
        expires_at: invocation.now + LIFETIME,
    };
    app.store.put_oauth_state(&sha256_hex(state.as_bytes()), &transaction).await?;

    let location =
        authorize_url(provider, &app.config.endpoints, &client.id, &redirect_uri, &state, pkce.as_ref());
    let cookie = format!(
        "{BROWSER_COOKIE}={browser}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}",
        LIFETIME.as_secs()
    );
    Ok((StatusCode::FOUND, [(header::LOCATION, location), (header::SET_COOKIE, cookie)]).into_response())
}
