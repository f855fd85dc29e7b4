//! `POST /v1/videos/{id}/tickets`: the reviewed draft becomes a page.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use domain::{ProviderId, Ticket, UserId, VideoId};
use http::StatusCode;
use providers::Error;
use providers::notion::{EXTERNAL_ID_NAME, Notion, Page, TicketSchema};
use runtime::{
    Access, App, Code, Id, IdempotencyKey, Invocation, Json, Operation, Problem, Reply, User, once,
};
use serde::Serialize;
use store::{Class, Connection, Intent, NewIntent, PutSending};

use crate::body::{Rest, complete_found};
use crate::ledger::{Missing, Sent, contended, look, missing, record, send};
use crate::target::Target;

/// The page of a ticket.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Created {
    /// Notion's id of the page.
    page_id: String,
    /// Where people see it.
    url: String,
    /// Parts of the ticket that the database has no property for; they stand in the page's body.
    #[schema(example = json!(["Priority"]))]
    unmapped: Vec<String>,
}

/// Creates the ticket's page in the chosen Notion database. With the same key there is one page, also across crashes.
#[utoipa::path(post, path = "/v1/videos/{id}/tickets", tag = "Tickets", request_body = Ticket,
    params(runtime::openapi::Id, runtime::openapi::IdempotencyKey),
    responses((status = 201, body = Created),
        (status = 404, description = "`not_found`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 409, description = "`not_connected`, `needs_reauth`, `database_not_selected`, `in_progress`, `mapping_property_missing`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 422, description = "`validation_failed`, `target_not_found`, `insufficient_scope`, `idempotency_key_reused`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 503, description = "`provider_unavailable`: repeat the request with the same key.", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn create(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    User(user): User,
    Id(video): Id<VideoId>,
    key: IdempotencyKey,
    body: Json<Ticket>,
) -> Result<Response, Problem> {
    let ticket = body.value;
    let errors = ticket.validate();
    if !errors.is_empty() {
        return Err(Problem::new(Code::ValidationFailed, "Some fields are not valid.").with_errors(errors));
    }
    let operation = format!("create_ticket#{video}");
    let (app, invocation, user, hash) = (&*app, &invocation, &user, body.hash.as_str());
    let make = |operation: Operation| async move {
        let page = make(app, invocation, user, video, ticket, hash, &operation).await?;
        Reply::json(StatusCode::CREATED, &page)
    };
    // Boxed: the future holds the ticket, the plan and every call on the way.
    Box::pin(once(app, invocation, user, &operation, key, hash, make)).await
}

async fn make(
    app: &App,
    invocation: &Invocation,
    user: &UserId,
    video: VideoId,
    ticket: Ticket,
    body_hash: &str,
    operation: &Operation,
) -> Result<Created, Problem> {
    let owned = app.store.video(user, &video).await?;
    owned.ok_or_else(|| Problem::new(Code::NotFound, "There is no such recording."))?;
    let mut access =
        Access::open(app, user, ProviderId::Notion, invocation.deadline, Class::Interactive).await?;
    let target = Target::new(access.connection(), video, ticket)?;
    match begin(app, user, operation, body_hash, &target).await? {
        PutSending::Send(intent) => create_page(app, &mut access, intent, target, body_hash).await,
        PutSending::Unresolved(intent) => settle(app, &mut access, intent, body_hash).await,
        PutSending::Done(intent) => created(app, &intent),
        PutSending::Failed(_) => {
            Err(Problem::new(Code::ProviderFailed, "This ticket was given up. Use another idempotency key."))
        }
    }
}

async fn begin(
    app: &App,
    user: &UserId,
    operation: &Operation,
    body_hash: &str,
    target: &Target,
) -> Result<PutSending, Problem> {
    let new = NewIntent {
        ext_id: operation.id,
        user: user.clone(),
        kind: "create_ticket".to_owned(),
        target: target.to_value(),
        payload_hash: body_hash.to_owned(),
        strategy: target.strategy().to_owned(),
    };
    app.store.put_sending(&new, app.clock.now()).await.map_err(contended)
}

/// Sends the page. When Notion refuses a value, the database's columns are read again, since they may have changed; and when
/// that does not help, everything but the title goes into the body.
async fn create_page(
    app: &App,
    access: &mut Access<'_>,
    intent: Intent,
    target: Target,
    body_hash: &str,
) -> Result<Created, Problem> {
    let (mut intent, mut target, mut plain) = (intent, target, false);
    loop {
        let calls = target.plan(app, intent.ext_id);
        let error = match send(app, access, &intent, &target, &calls).await? {
            Sent::Page(page) => return recorded(app, &intent, &page).await,
            Sent::Unknown => return Err(unknown(10)),
            Sent::Refused(error) => error,
        };
        let pending = app.store.mark_pending(&intent).await.map_err(contended)?;
        if plain || !matches!(error, Error::Rejected { .. }) {
            return Err(error.into());
        }
        target = if let Some(changed) = with_present_columns(app, access, &target).await? {
            changed
        } else {
            plain = true;
            Target { schema: target.schema.title_only(), ..target }
        };
        let operation = Operation { id: pending.ext_id, claim: None };
        let PutSending::Send(again) = begin(app, &pending.user, &operation, body_hash, &target).await? else {
            return Err(contended(store::Error::Conflict));
        };
        intent = again;
    }
}

/// The target with the database's columns as they are now; none when they are as remembered.
async fn with_present_columns(
    app: &App,
    access: &mut Access<'_>,
    target: &Target,
) -> Result<Option<Target>, Problem> {
    let (endpoints, id) = (&app.config.endpoints, &target.schema.data_source_id);
    let source = access
        .call(|http, token| async move { Notion::new(http, endpoints, token).data_source(id).await })
        .await?;
    if source.in_trash {
        return Err(Error::NotFound.into());
    }
    let schema = TicketSchema::from_data_source(&source, Some(&target.schema));
    let Some(schema) = schema.filter(|schema| *schema != target.schema) else { return Ok(None) };
    if target.schema.external_id.is_some() && schema.external_id.is_none() {
        let detail =
            format!("The property \"{EXTERNAL_ID_NAME}\" is gone. Choose the database again to restore it.");
        return Err(Problem::new(Code::MappingPropertyMissing, detail));
    }
    remember(app, access.connection(), &schema).await;
    Ok(Some(Target { schema, ..target.clone() }))
}

/// Saves the next ticket the detour. Somebody else's change of the settings wins.
async fn remember(app: &App, connection: &Connection, schema: &TicketSchema) {
    let Connection { user, provider, settings, settings_version, .. } = connection;
    let mut settings = settings.clone();
    settings["ticket_schema"] = serde_json::to_value(schema).unwrap_or_default();
    if let Err(error) = app.store.update_settings(user, *provider, &settings, *settings_version).await {
        tracing::info!("the present columns were not remembered: {error}");
    }
}

/// A page that was sent before, and of which nobody knows whether it was made.
async fn settle(
    app: &App,
    access: &mut Access<'_>,
    intent: Intent,
    body_hash: &str,
) -> Result<Created, Problem> {
    let target = Target::of(&intent)?;
    let plan = target.plan(app, intent.ext_id);
    if let Some(page) = look(app, access, &intent, &target).await? {
        return match complete_found(app, access, &intent, &page, &plan).await? {
            Rest::Whole => recorded(app, &intent, &page).await,
            Rest::Open(wait) => Err(unknown(wait.as_secs().clamp(1, 30))),
        };
    }
    match missing(app, &intent, app.clock.now()).await? {
        Missing::TooEarly(wait) => Err(unknown(wait.as_secs().clamp(1, 30))),
        Missing::NotMade => {
            let now = app.clock.now();
            let intent = app.store.put_sending_again(&intent, body_hash, now).await.map_err(contended)?;
            create_page(app, access, intent, target, body_hash).await
        }
    }
}

fn unknown(retry_after: i64) -> Problem {
    let detail = "Notion did not answer, so it is not known yet whether the page is there and whole. \
                  Repeat the request with the same idempotency key: there will be one page.";
    Problem::new(Code::ProviderUnavailable, detail).retry_after(u64::try_from(retry_after).unwrap_or(1))
}

async fn recorded(app: &App, intent: &Intent, page: &Page) -> Result<Created, Problem> {
    created(app, &record(app, intent, page).await?)
}

fn created(app: &App, intent: &Intent) -> Result<Created, Problem> {
    let (Some(page_id), Some(url)) = (intent.remote_id.clone(), intent.remote_url.clone()) else {
        return Err(Problem::internal());
    };
    let unmapped = Target::of(intent)?.plan(app, intent.ext_id).unmapped;
    Ok(Created { page_id, url, unmapped })
}
