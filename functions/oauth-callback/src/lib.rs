//! Finishes connecting a provider: the browser comes back with a code.
//!
//! The `state` is spent first, whatever else is wrong. A code is exchanged once: after a lost answer the user starts again.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::HeaderMap;
use http::Uri;
use providers::http::{Http, Policy};
use providers::oauth::{Grant, OAuth, check_issuer};
use providers::registry::{self, Provider as Entry, Revocation};
use providers::signature::{is_equal, sha256_hex};
use runtime::oauth::{browser_cookie, failed, succeeded};
use runtime::{App, Invocation, Problem, Provider, complete};
use secrecy::ExposeSecret;
use store::{ExternalAccount, NewConnection, OauthState, PutConnection, Taken, Tokens};

/// The routes of this function.
pub fn routes(app: Arc<App>) -> Router {
    complete(Router::new().route("/v1/oauth/{provider}/callback", get(callback)), app)
}

/// Where a provider sends the browser back to.
#[utoipa::path(get, path = "/v1/oauth/{provider}/callback", tag = "Connecting", security(()),
    params(
        ("provider" = String, Path, description = "A provider's id."),
        ("state" = Option<String>, Query, description = "As it was sent to the provider."),
        ("code" = Option<String>, Query, description = "To be exchanged, once."),
        ("error" = Option<String>, Query, description = "Why there is no code."),
        ("iss" = Option<String>, Query, description = "Who answers (RFC 9207)."),
    ),
    responses(
        (status = 303, description = "To `return_to` with `?connected={provider}` or `?error={code}`; to the console's `/integrations` where the state cannot be trusted."),
        (status = 404, description = "Unknown provider.", content_type = "application/problem+json", body = runtime::openapi::Problem),
    ))]
pub async fn callback(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    Provider(id): Provider,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // Providers add parameters of their own; only a repeated one is suspicious.
    let Some(query) = single_valued(&uri) else { return Ok(failed(&app, None, "missing_params")) };
    let Some(state) = query.get("state") else { return Ok(failed(&app, None, "missing_params")) };
    let Taken::Taken(transaction) =
        app.store.take_oauth_state(&sha256_hex(state.as_bytes()), invocation.now).await?
    else {
        return Ok(failed(&app, None, "invalid_state"));
    };
    let same_browser = browser_cookie(&headers).is_some_and(|browser| {
        is_equal(sha256_hex(browser.as_bytes()).as_bytes(), transaction.browser_hash.as_bytes())
    });
    let provider = registry::provider(id);
    let issuer = query.get("iss").map(String::as_str);
    let same_server = check_issuer(provider, &app.config.endpoints, issuer).is_ok();
    if !same_browser || transaction.provider != id || !same_server {
        return Ok(failed(&app, None, "invalid_state"));
    }

    let return_to = transaction.return_to.clone();
    let outcome = match (query.get("error"), query.get("code")) {
        (Some(error), _) if error == "access_denied" => Err("oauth_denied"),
        (Some(_), _) => Err("unknown"),
        (None, None) => Err("missing_params"),
        (None, Some(code)) => connect(&app, &invocation, provider, transaction, code).await.unwrap_or_else(|problem| {
            // The state is spent, so a repeat cannot help: the user starts again.
            tracing::error!(provider = %id, code = problem.code().as_str(), "the connection was not stored: {problem}");
            Err("unknown")
        }),
    };
    Ok(match outcome {
        Ok(()) => succeeded(&app, return_to.as_deref(), id),
        Err(error) => failed(&app, return_to.as_deref(), error),
    })
}

fn single_valued(uri: &Uri) -> Option<HashMap<String, String>> {
    let mut values = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        if values.insert(name.into_owned(), value.into_owned()).is_some() {
            return None;
        }
    }
    values.retain(|_, value| !value.is_empty());
    Some(values)
}

/// Exchanges the code and stores the connection. The inner error is the code for the browser.
async fn connect(
    app: &App,
    invocation: &Invocation,
    provider: &'static Entry,
    transaction: OauthState,
    code: &str,
) -> Result<Result<(), &'static str>, Problem> {
    let document = app.secrets.document(invocation.now).await?;
    let Some(client) = document.client(provider) else { return Ok(Err("not_configured")) };
    let http = Http::new(provider.variable, app.transport.clone(), app.random.clone(), Policy::default())
        .with_deadline(invocation.deadline);
    let oauth = OAuth::new(http, provider, &app.config.endpoints, client);
    let verifier = transaction.pkce_verifier.as_ref().map(ExposeSecret::expose_secret);
    let exchanged = oauth.exchange_code(code, &transaction.redirect_uri, verifier).await;
    let grant = match exchanged {
        Ok(grant) => grant,
        Err(error) => {
            tracing::warn!(provider = %provider.id, "the code was not exchanged: {error}");
            return Ok(Err("token_exchange_failed"));
        }
    };
    let missing = grant.missing_scopes(provider);
    if missing.iter().any(|scope| provider.indispensable.contains(scope)) {
        return Ok(Err("insufficient_scope"));
    }
    let account = match oauth.account(&grant).await {
        Ok(account) => account,
        Err(error) => {
            tracing::warn!(provider = %provider.id, "the account could not be named: {error}");
            return Ok(Err("token_exchange_failed"));
        }
    };
    let limit = app.store.account(&transaction.user).await?.tier.integration_limit();
    let now = app.clock.now();
    let user = transaction.user;
    let new = NewConnection {
        user: user.clone(),
        provider: provider.id,
        partial: !missing.is_empty(),
        account: ExternalAccount {
            id: account.id,
            name: Some(account.name),
            icon: account.icon,
            bot_id: grant.bot_id.clone(),
        },
        scopes: grant.scopes.clone(),
        tokens: Tokens { access: grant.access.clone(), refresh: grant.refresh.clone() },
        token_expires_at: grant.expires_in.and_then(|life| now.checked_add(life).ok()),
    };
    match app.store.put_connection(&app.vault, new, limit, now).await {
        Ok(PutConnection::Connected(_)) => {
            // What waits for this would look by itself, only later.
            if let Err(error) = app.store.wake_jobs(&user, now).await {
                tracing::warn!("jobs were not told of the new connection: {error}");
            }
            if let Err(error) = app.store.hint_syncs(&user, now).await {
                tracing::warn!("scheduled syncs were not told of the new connection: {error}");
            }
            Ok(Ok(()))
        }
        Ok(PutConnection::LimitReached { .. }) => {
            give_back(&oauth, provider, &grant).await;
            Ok(Err("integration_limit_reached"))
        }
        Err(error) => {
            // Without the key nothing was stored; after other failures it may have been.
            if matches!(error, store::Error::Crypto { .. }) {
                give_back(&oauth, provider, &grant).await;
            }
            Err(error.into())
        }
    }
}

/// A grant that is not kept is given back, where that ends nothing else.
async fn give_back(oauth: &OAuth<'_>, provider: &Entry, grant: &Grant) {
    if matches!(provider.revocation, Revocation::Grant(_))
        // The refresh token's end is the grant's, not only its first access token's.
        && let Err(error) = oauth.revoke(grant.refresh.as_ref().unwrap_or(&grant.access)).await
    {
        tracing::warn!(provider = %provider.id, "an unused grant was not given back: {error}");
    }
}
