//! What is in a learning plan. The body carries all that showing a plan needs, so that one read is enough.

use std::borrow::Cow;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Plan, PlanId, UserId};
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::row::{self, Item};
use crate::{Error, PlanSummary, Store};

const WHAT: &str = "plan's body";

/// A plan as it is to be written: its JSON, and what follows from it.
#[derive(Clone, Debug)]
pub struct NewPlan {
    title: String,
    modules: u32,
    tasks: u32,
    json: String,
    pub(crate) hash: String,
}

/// A plan with what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPlan {
    /// What is in it.
    pub plan: Plan,
    /// 1 at first; grows by one with every change.
    pub version: u64,
    /// When it was first put.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Row<'a> {
    /// As text: the table's own numbers and nesting are narrower than JSON's, and it counts every name.
    json: Cow<'a, str>,
    version: u64,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
}

impl NewPlan {
    /// The plan's JSON and what follows from it.
    pub fn of(plan: &Plan) -> Result<Self, Error> {
        let json = serde_json::to_string(plan).map_err(|_| Error::Corrupt(WHAT))?;
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Self {
            title: plan.title.clone(),
            modules: count(plan.modules.len()),
            tasks: count(plan.tasks().count()),
            hash: URL_SAFE_NO_PAD.encode(digest(&SHA256, json.as_bytes())),
            json,
        })
    }

    /// How long its JSON is, in bytes. An item of the table has up to 400 KiB.
    pub fn bytes(&self) -> usize {
        self.json.len()
    }

    /// The summary of the version that follows the one seen.
    pub(crate) fn after(&self, id: &PlanId, seen: Option<&PlanSummary>, now: Timestamp) -> PlanSummary {
        PlanSummary {
            id: id.clone(),
            title: self.title.clone(),
            modules: self.modules,
            tasks: self.tasks,
            hash: self.hash.clone(),
            version: seen.map_or(1, |seen| seen.version.saturating_add(1)),
            created_at: seen.map_or(now, |seen| seen.created_at),
            updated_at: now,
        }
    }
}

/// The body that belongs to this version.
pub(crate) fn body_item(plan: &NewPlan, version: &PlanSummary) -> Result<Item, Error> {
    let PlanSummary { version, created_at, updated_at, .. } = *version;
    row::item(WHAT, &Row { json: plan.json.as_str().into(), version, created_at, updated_at })
}

impl Store {
    /// One plan with what is in it, read strongly consistently.
    pub async fn plan(&self, user: &UserId, id: &PlanId) -> Result<Option<StoredPlan>, Error> {
        let Some(item) = self.get(&Key::plan_body(user, id)).await? else { return Ok(None) };
        let Row { json, version, created_at, updated_at } = row::read(WHAT, item)?;
        let plan = serde_json::from_str(&json).map_err(|_| Error::Corrupt(WHAT))?;
        Ok(Some(StoredPlan { plan, version, created_at, updated_at }))
    }
}
