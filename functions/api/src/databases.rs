//! `GET /v1/connections/notion/databases`: the databases a user can choose from.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use domain::ProviderId;
use providers::notion::Notion;
use runtime::{Access, App, Invocation, Items, Problem, Query, User};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use store::Class;

/// How long a part of a title may be.
const QUERY_MAX_CHARS: usize = 200;

/// A database that is shared with us.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Database {
    /// The database's id, to be put into the connection's settings.
    id: String,
    /// Its data source.
    data_source_id: String,
    /// Its title.
    name: String,
    /// An emoji or the address of a picture.
    icon: Option<String>,
    /// Where people see it.
    url: String,
}

/// What to look for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// A part of the title, up to 200 characters.
    #[serde(default, deserialize_with = "part_of_title")]
    #[param(max_length = 200)]
    query: Option<String>,
}

fn part_of_title<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let part = String::deserialize(deserializer)?;
    if part.chars().count() > QUERY_MAX_CHARS {
        return Err(D::Error::custom("query must have at most 200 characters"));
    }
    Ok(Some(part))
}

/// Lists the Notion databases that the user shared, last edited first.
#[utoipa::path(get, path = "/v1/connections/notion/databases", tag = "Connections", params(Search),
    responses((status = 200, body = Items<Database>),
        (status = 409, description = "`not_connected`, `needs_reauth`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 503, description = "`provider_unavailable`, `provider_rate_limited`", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn list(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    User(user): User,
    Query(search): Query<Search>,
) -> Result<Answer<Items<Database>>, Problem> {
    let mut access =
        Access::open(&app, &user, ProviderId::Notion, invocation.deadline, Class::Interactive).await?;
    let (endpoints, query) = (&app.config.endpoints, search.query.as_deref());
    let found = access
        .call(
            |http, token| async move { Notion::new(http, endpoints, token).search_data_sources(query).await },
        )
        .await?;
    let items = found.into_iter().map(|source| Database {
        id: source.database_id,
        data_source_id: source.id,
        name: source.name,
        icon: source.icon,
        url: source.url,
    });
    Ok(Answer(Items { items: items.collect(), next_cursor: None }))
}
