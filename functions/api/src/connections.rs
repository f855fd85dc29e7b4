//! `/v1/connections`: what a user has connected, how it stands, and what they chose.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use domain::{ProviderId, UserId};
use http::StatusCode;
use jiff::Timestamp;
use providers::http::{Http, Policy};
use providers::oauth::OAuth;
use providers::registry::{self, Revocation};
use runtime::{Access, App, Code, Invocation, Items, Json, Problem, Provider, User, stop_channel};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Class, ConnectionStatus};

use crate::settings;

/// A connected account.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Connection {
    /// A provider's id.
    #[schema(value_type = String, example = "notion")]
    provider: ProviderId,
    /// `active`, `needs_reauth`, `partial` or `paused`.
    #[schema(example = "active")]
    status: &'static str,
    /// Why it must be connected again.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The account over there.
    account: Account,
    /// What was granted.
    scopes: Vec<String>,
    /// What the user chose.
    settings: Value,
    /// Whether scheduled syncs run, on a tier that has them.
    sync_enabled: bool,
    /// When it was connected.
    #[schema(value_type = String, format = DateTime)]
    connected_at: Timestamp,
    /// When it was last in step.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_sync: Option<Timestamp>,
}

/// The account over there.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Account {
    /// The provider's id of it.
    id: String,
    /// Its name.
    name: Option<String>,
    /// An emoji or the address of a picture.
    icon: Option<String>,
}

impl From<store::Connection> for Connection {
    fn from(connection: store::Connection) -> Self {
        let (status, reason) = match connection.status {
            ConnectionStatus::Active => ("active", None),
            ConnectionStatus::NeedsReauth { reason } => ("needs_reauth", Some(reason)),
            ConnectionStatus::Partial => ("partial", None),
            ConnectionStatus::Paused => ("paused", None),
        };
        let store::ExternalAccount { id, name, icon, bot_id: _ } = connection.account;
        Self {
            provider: connection.provider,
            status,
            reason,
            account: Account { id, name, icon },
            scopes: connection.scopes,
            settings: settings::shown(connection.provider, &connection.settings),
            sync_enabled: connection.sync_enabled,
            connected_at: connection.connected_at,
            last_sync: connection.last_sync,
        }
    }
}

/// Lists what the user has connected.
#[utoipa::path(get, path = "/v1/connections", tag = "Connections", responses((status = 200, body = Items<Connection>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    User(user): User,
) -> Result<Answer<Items<Connection>>, Problem> {
    let connections = app.store.connections(&user).await?;
    Ok(Answer(Items { items: connections.into_iter().map(Connection::from).collect(), next_cursor: None }))
}

/// Shows one connection.
#[utoipa::path(get, path = "/v1/connections/{provider}", tag = "Connections",
    params(("provider" = String, Path, description = "A provider's id.")),
    responses((status = 200, body = Connection),
        (status = 404, description = "Not connected, or `unknown_provider`.", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn show(
    State(app): State<Arc<App>>,
    User(user): User,
    Provider(provider): Provider,
) -> Result<Answer<Connection>, Problem> {
    Ok(Answer(connected(&app, &user, provider).await?.into()))
}

async fn connected(app: &App, user: &UserId, provider: ProviderId) -> Result<store::Connection, Problem> {
    let connection = app.store.connection(user, provider).await?;
    connection.ok_or_else(|| Problem::new(Code::NotFound, "This provider is not connected."))
}

/// What to change.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Whether scheduled syncs run. Only a tier that has them takes `true`.
    sync_enabled: Option<bool>,
    /// Notion: `database_id`. Sheets: `spreadsheet_id`, `sheet_name`. Airtable: `base_id`, `table_id`. Calendar:
    /// `calendar_id`. Mailchimp: `list_id`.
    #[schema(value_type = Option<Object>)]
    settings: Option<Value>,
}

/// Changes what the user chose.
#[utoipa::path(patch, path = "/v1/connections/{provider}", tag = "Connections", request_body = Change,
    params(("provider" = String, Path, description = "A provider's id.")),
    responses((status = 200, body = Connection),
        (status = 403, description = "`tier_required`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 404, description = "Not connected, or `unknown_provider`.", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 422, description = "`validation_failed`, or `target_not_found`.", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn change(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    User(user): User,
    Provider(provider): Provider,
    body: Json<Change>,
) -> Result<Answer<Connection>, Problem> {
    let Change { sync_enabled, settings } = body.value;
    let mut connection = connected(&app, &user, provider).await?;
    if sync_enabled == Some(true) {
        check_tier(&app, &user).await?;
    }
    if let Some(settings) = settings {
        let settings = settings::resolve(&app, &invocation, &connection, settings).await?;
        connection =
            app.store.update_settings(&user, provider, &settings, connection.settings_version).await?;
    }
    if let Some(enabled) = sync_enabled {
        connection = app.store.set_sync_enabled(&user, provider, enabled).await?;
        app.store.hint_syncs(&user, invocation.now).await?;
    }
    Ok(Answer(connection.into()))
}

/// Whether the tier has scheduled syncs.
async fn check_tier(app: &App, user: &UserId) -> Result<(), Problem> {
    let tier = app.store.account(user).await?.tier;
    if tier.automatic_sync() {
        return Ok(());
    }
    let problem = Problem::new(Code::TierRequired, "This tier has no scheduled syncs.")
        .with("tier", tier.as_str())
        .with("upgrade_url", app.config.upgrade_url.as_str());
    Err(problem)
}

/// Disconnects: the grant is given back where that is safe, and the keys to the tokens are destroyed.
#[utoipa::path(delete, path = "/v1/connections/{provider}", tag = "Connections",
    params(("provider" = String, Path, description = "A provider's id.")),
    responses((status = 204, description = "Disconnected."),
        (status = 404, description = "Not connected, or `unknown_provider`.", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn disconnect(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    User(user): User,
    Provider(provider): Provider,
) -> Result<StatusCode, Problem> {
    let connections = app.store.connections(&user).await?;
    let connection = connections.iter().find(|connection| connection.provider == provider);
    let Some(connection) = connection else {
        return Err(Problem::new(Code::NotFound, "This provider is not connected."));
    };
    // Given back first: after a crash in between, the request can be repeated; the other way round the grant would live on.
    stop_channels(&app, &invocation, connection).await;
    let given_back = may_revoke(connection, &connections);
    if given_back {
        give_back(&app, &invocation, connection).await;
    }
    let Some(gone) = app.store.disconnect(&user, provider).await? else { return Ok(StatusCode::NO_CONTENT) };
    // Meanwhile it may have been connected again, or what lived on the same grant may have been disconnected too.
    if !given_back || gone.token_version != connection.token_version {
        match app.store.connections(&user).await {
            Ok(others) if may_revoke(&gone, &others) => give_back(&app, &invocation, &gone).await,
            Ok(_) => {}
            Err(error) => tracing::warn!("whether the grant can be given back is not known: {error}"),
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Closes the channels of what goes on by itself, as long as there is a grant to do so with. A failure is only logged: what comes
/// through them then is not listened to.
async fn stop_channels(app: &App, invocation: &Invocation, connection: &store::Connection) {
    if connection.provider != ProviderId::GoogleCalendar {
        return;
    }
    let stopped = async {
        let syncs = app.store.scheduled_syncs(&connection.user).await?;
        let channels: Vec<_> = syncs.into_iter().flat_map(|sync| sync.channels).collect();
        if channels.is_empty() {
            return Ok(());
        }
        let (user, provider, by) = (&connection.user, connection.provider, invocation.deadline);
        let mut access = Access::open(app, user, provider, by, Class::Interactive).await?;
        for channel in &channels {
            stop_channel(app, &mut access, channel).await?;
        }
        Ok::<_, Problem>(())
    };
    if let Err(problem) = stopped.await {
        tracing::warn!(provider = %connection.provider, "channels are left to their end: {problem}");
    }
}

/// Google ends all grants of an account together: not while another connection lives on one.
fn may_revoke(connection: &store::Connection, all: &[store::Connection]) -> bool {
    let entry = registry::provider(connection.provider);
    match entry.revocation {
        Revocation::None => false,
        Revocation::Grant(_) => true,
        Revocation::Project(_) => !all.iter().any(|other| {
            other.provider != connection.provider
                && registry::provider(other.provider).client_key == entry.client_key
                && other.account.id == connection.account.id
        }),
    }
}

/// Gives the grant back. The user wants to be disconnected in any case, so a failure is only logged.
async fn give_back(app: &App, invocation: &Invocation, connection: &store::Connection) {
    let revoked = async {
        let tokens = app.vault.open(connection, invocation.now).await?;
        let document = app.secrets.document(invocation.now).await?;
        let entry = registry::provider(connection.provider);
        let Some(client) = document.client(entry) else { return Ok(()) };
        let http = Http::new(entry.variable, app.transport.clone(), app.random.clone(), Policy::default())
            .with_deadline(invocation.deadline);
        let oauth = OAuth::new(http, entry, &app.config.endpoints, client);
        // Revoking the refresh token, where there is one, ends the grant and not only its latest access token.
        let token = tokens.refresh.as_ref().unwrap_or(&tokens.access);
        oauth.revoke(token).await.map_err(Problem::from)
    };
    if let Err(problem) = revoked.await {
        tracing::warn!(provider = %connection.provider, "the grant was not given back: {problem}");
    }
}
