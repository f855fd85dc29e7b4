//! `POST /v1/plans/{id}/exports`: asks for an export, or for what it would do.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::{Layout, PlanId, ProviderId, Tier, UserId, word};
use runtime::{
    Access, App, Astray, Code, EXPORT, Id, IdempotencyKey, Invocation, Json, Mode, Operation, Preview,
    Problem, Reply, Report, User, Work, once,
};
use serde::Deserialize;
use serde_json::json;
use store::{Class, CountedJob, FORGOTTEN, Job, Metric, NewJob, Period, Progress, Usage};
use uuid::Uuid;

use super::calls::Calls;
use super::node::{Wanted, WantedPage, wanted_pages};
use super::record::Record;
use super::rows::Rows;
use super::run::Run;
use super::{Input, subject_of_plan};

/// What to export, and where to.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// Where to.
    #[serde(deserialize_with = "word")]
    target: Target,
    /// As pages, or as a database.
    #[serde(default, deserialize_with = "word")]
    layout: Layout,
    /// The Notion page below which the plan is put; afterwards the one below which it was put last.
    #[serde(default)]
    #[schema(example = "2f1e1c5b-7f0e-4b8a-9a37-0c9f3b5f9a11")]
    parent_page_id: Option<String>,
    /// Whether only to tell what would be done.
    #[serde(default)]
    dry_run: bool,
    /// Whether to make again what was thrown away in Notion.
    #[serde(default)]
    recreate_trashed: bool,
}

/// Where a plan can be exported to.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum Target {
    /// Notion.
    Notion,
}

/// Exports a plan to Notion: what is there already is changed only where the plan changed, and what people wrote is kept.
#[utoipa::path(post, path = "/v1/plans/{id}/exports", tag = "Plans", request_body = Export,
    params(runtime::openapi::Id, runtime::openapi::IdempotencyKey),
    responses((status = 200, description = "What it would do, where `dry_run` is true.", body = Preview),
        (status = 202, body = runtime::Job, headers(("Location" = String, description = "The job."))),
        (status = 403, description = "`quota_exceeded`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 404, description = "`not_found`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 409, description = "`not_connected`, `needs_reauth`, `in_progress`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 422, description = "`validation_failed`, `target_not_found`, `insufficient_scope`, `idempotency_key_reused`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 503, description = "`provider_unavailable`, `provider_rate_limited`", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn create(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    User(user): User,
    Id(plan): Id<PlanId>,
    key: IdempotencyKey,
    body: Json<Export>,
) -> Result<Response, Problem> {
    let (app, invocation, user) = (&*app, &invocation, &user);
    if body.value.dry_run {
        let preview = Box::pin(preview(app, invocation, user, plan, body.value)).await?;
        return Ok(axum::Json(preview).into_response());
    }
    let operation = format!("export_plan#{plan}");
    let hash = body.hash.as_str();
    let start = |operation: Operation| async move {
        Reply::job(start(app, invocation, user, plan, body.value, &operation).await?)
    };
    Box::pin(once(app, invocation, user, &operation, key, hash, start)).await
}

/// Blocks inside one block, itself included: they are remembered together, in an item of at most 400 KB.
const MAX_TOGETHER: usize = 2_000;

/// A plan with text that cannot be remembered is refused.
pub(super) fn check(pages: &[WantedPage]) -> Result<(), Problem> {
    let largest = pages.iter().flat_map(|page| &page.blocks).map(Wanted::size).max();
    if largest.unwrap_or_default() <= MAX_TOGETHER {
        return Ok(());
    }
    let detail = format!("A task or a list has more than {MAX_TOGETHER} paragraphs, items and rows.");
    Err(Problem::new(Code::ValidationFailed, detail))
}

/// What is exported, and the account it goes to.
struct Asked<'a> {
    plan: domain::Plan,
    input: Input,
    access: Access<'a>,
}

async fn asked<'a>(
    app: &'a App,
    invocation: &Invocation,
    user: &UserId,
    id: PlanId,
    export: Export,
) -> Result<Asked<'a>, Problem> {
    let Export { target: Target::Notion, layout, parent_page_id, recreate_trashed, dry_run: _ } = export;
    let stored = app.store.plan(user, &id).await?;
    let plan = stored.ok_or_else(|| Problem::new(Code::NotFound, "There is no such plan."))?.plan;
    let parent = parent_page_id.map(|id| page_id(&id)).transpose()?;
    let mut access =
        Access::open(app, user, ProviderId::Notion, invocation.deadline, Class::Interactive).await?;
    let last = app.store.sync(user, &subject_of_plan(&id, layout)).await?;
    let known = last.head["parent_page_id"].as_str().map(str::to_owned);
    let Some(parent_page_id) = parent.or_else(|| known.clone()) else {
        let detail = "Say below which Notion page the plan is put.";
        return Err(Problem::field("/parent_page_id", "missing", detail));
    };
    if known.as_ref() != Some(&parent_page_id) {
        let (endpoints, page) = (&app.config.endpoints, parent_page_id.as_str());
        let look = access.call(|http, token| async move {
            providers::notion::Notion::new(http, endpoints, token).page(page).await
        });
        if look.await?.in_trash {
            return Err(Problem::new(Code::TargetNotFound, "The page is in Notion's trash."));
        }
    }
    check(&wanted_pages(&plan, layout, ""))?;
    Ok(Asked {
        plan,
        input: Input { plan: id, layout, parent_page_id, recreate_trashed, undo: None },
        access,
    })
}

/// An id as Notion writes it, or as it stands in a page's address.
fn page_id(text: &str) -> Result<String, Problem> {
    let valid = matches!(text.len(), 32 | 36).then(|| Uuid::try_parse(text).ok()).flatten();
    let detail = "Must be the id of a Notion page: 32 hexadecimal digits, with or without dashes.";
    valid.map(|id| id.to_string()).ok_or_else(|| Problem::field("/parent_page_id", "invalid", detail))
}

async fn preview(
    app: &App,
    invocation: &Invocation,
    user: &UserId,
    plan: PlanId,
    export: Export,
) -> Result<Preview, Problem> {
    let Asked { plan, input, access } = asked(app, invocation, user, plan, export).await?;
    let mut record = Record::load(app, user, &input.subject()).await?;
    record.report = Report::default();
    let pages = wanted_pages(&plan, input.layout, &super::link(app, record.mark));
    let mut run = Run {
        calls: Calls::new(app, access, Mode::Try, invocation.deadline, Astray::default()),
        record,
        parent_page_id: input.parent_page_id,
        layout: input.layout,
        recreate: input.recreate_trashed,
        rows: Rows::default(),
    };
    run.make(pages, true).await.map_err(|stop| stop.into_problem("Notion"))?;
    Ok(run.record.report.preview(run.calls.count, run.calls.unchecked, runtime::pace(ProviderId::Notion)))
}

async fn start(
    app: &App,
    invocation: &Invocation,
    user: &UserId,
    plan: PlanId,
    export: Export,
    operation: &Operation,
) -> Result<Job, Problem> {
    let Asked { plan, input, .. } = asked(app, invocation, user, plan, export).await?;
    let now = invocation.now;
    let tier = app.store.account(user).await?.tier;
    let new = NewJob {
        id: operation.id.to_string().parse().map_err(|error| Problem::internal().because(error))?,
        user: user.clone(),
        kind: EXPORT.to_owned(),
        subject: input.subject(),
        progress: Progress {
            done: 0,
            total: u64::try_from(plan.tasks().count()).ok(),
            unit: "tasks".to_owned(),
        },
        input: serde_json::to_value(&input).map_err(|error| Problem::internal().because(error))?,
        due_at: now.checked_add(FORGOTTEN).ok(),
    };
    let job = match app.store.create_counted_job(new, Metric::Exports, tier.export_limit(), now).await? {
        CountedJob::Job(job) => *job,
        CountedJob::Full(usage) => return Err(quota_exceeded(app, tier, usage, &Period::of(now))),
    };
    remember(app, user, &input).await?;
    app.queues.send(&Work::of_job(job.clone())).await?;
    Ok(job)
}

/// The next export goes to the same page.
async fn remember(app: &App, user: &UserId, input: &Input) -> Result<(), Problem> {
    let subject = subject_of_plan(&input.plan, input.layout);
    let last = app.store.sync(user, &subject).await?;
    let head = json!({ "parent_page_id": input.parent_page_id });
    if last.head == head {
        return Ok(());
    }
    match app.store.save_sync(user, &subject, last.version, &head, &[]).await {
        // Whoever asked for another page at the same moment is right as well.
        Ok(_) | Err(store::Error::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn quota_exceeded(app: &App, tier: Tier, usage: Usage, period: &Period) -> Problem {
    Problem::new(Code::QuotaExceeded, "This month's exports are used up.")
        .with("tier", tier.as_str())
        .with("limit", tier.export_limit())
        .with("used", usage.used.saturating_add(usage.held))
        .with("resets_at", period.end.to_string())
        .with("upgrade_url", app.config.upgrade_url.as_str())
}
