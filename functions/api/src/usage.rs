//! `GET /v1/usage`: what the user's tier allows, and what they used of it this month.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use domain::Tier;
use jiff::Timestamp;
use runtime::{App, Problem, User};
use serde::Serialize;
use store::{Metric, Period};

/// What is allowed and what was used.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Usage {
    /// What was paid for.
    #[schema(value_type = String, example = "free")]
    tier: Tier,
    /// The month that is counted.
    period: Month,
    /// Plans exported; only those that succeeded count.
    exports: Exports,
    /// Providers connected.
    integrations: Integrations,
    /// Whether connections are synchronised on a schedule.
    automatic_sync: bool,
    /// Whether a provider's change notices start a sync.
    real_time: bool,
    /// Where more can be had.
    upgrade_url: String,
}

/// A calendar month in UTC.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Month {
    /// Its first moment.
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    /// The first moment of the next, when counting begins anew.
    #[schema(value_type = String, format = DateTime)]
    end: Timestamp,
}

/// Plans exported.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Exports {
    /// Succeeded.
    used: u32,
    /// Under way.
    held: u32,
    /// How many a month; null is any number.
    limit: Option<u32>,
}

/// Providers connected.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Integrations {
    /// Connected now.
    used: usize,
    /// How many at the same time; null is any number.
    limit: Option<u32>,
}

/// Shows what the user's tier allows and what they used of it this month.
#[utoipa::path(get, path = "/v1/usage", tag = "Usage", responses((status = 200, body = Usage)))]
pub async fn show(State(app): State<Arc<App>>, User(user): User) -> Result<Answer<Usage>, Problem> {
    let period = Period::of(app.clock.now());
    let account = app.store.account(&user).await?;
    let exports = app.store.usage(&user, Metric::Exports, &period).await?;
    let tier = account.tier;
    Ok(Answer(Usage {
        tier,
        period: Month { start: period.start, end: period.end },
        exports: Exports { used: exports.used, held: exports.held, limit: tier.export_limit() },
        integrations: Integrations { used: account.connected.len(), limit: tier.integration_limit() },
        automatic_sync: tier.automatic_sync(),
        real_time: tier.real_time(),
        upgrade_url: app.config.upgrade_url.clone(),
    }))
}
