//! `GET /v1/providers`: what can be connected.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::ProviderId;
use providers::registry::PROVIDERS;
use runtime::{App, Invocation, Items, Problem, User};
use serde::Serialize;

/// A service that users can connect.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Provider {
    /// Its id.
    #[schema(value_type = String, example = "notion")]
    id: ProviderId,
    /// Its name for people.
    name: &'static str,
    /// Whether the deployment is registered there.
    configured: bool,
    /// What users are asked for; empty where a provider has no scopes.
    scopes: &'static [&'static str],
    /// What a connection is good for.
    capabilities: &'static [&'static str],
}

/// Lists what can be connected.
#[utoipa::path(get, path = "/v1/providers", tag = "Connecting",
    responses((status = 200, body = Items<Provider>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    _: User,
) -> Result<Json<Items<Provider>>, Problem> {
    let document = app.secrets.document(invocation.now).await?;
    let items = PROVIDERS.iter().map(|provider| Provider {
        id: provider.id,
        name: provider.name,
        configured: document.client(provider).is_some(),
        scopes: provider.scopes,
        capabilities: provider.capabilities,
    });
    Ok(Json(Items { items: items.collect(), next_cursor: None }))
}
