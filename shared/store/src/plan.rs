//! Learning plans: what a list shows of them, and how they change.
//!
//! A plan is two items that are written together: this summary, and its body in `plan_body.rs`.

use domain::{PlanId, UserId};
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::key::{self, Key};
use crate::plan_body::{NewPlan, body_item};
use crate::row::{self, Item};
use crate::table::Range;
use crate::transact::Transacted;
use crate::write::Write;
use crate::{Error, Page, Store, page};

const WHAT: &str = "plan";
/// How often a write that lost a race is decided anew.
const ROUNDS: usize = 8;

/// A plan without what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSummary {
    /// The host product's name for it.
    pub id: PlanId,
    /// Its title.
    pub title: String,
    /// How many modules it has.
    pub modules: u32,
    /// How many tasks they have altogether.
    pub tasks: u32,
    /// SHA-256 of the body.
    pub hash: String,
    /// 1 at first; grows by one with every change.
    pub version: u64,
    /// When it was first put.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Which versions may be replaced or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Any, but there must be one.
    Any,
    /// One of these.
    OneOf(Vec<u64>),
}

/// What came of putting a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutPlan {
    /// There was none.
    Created(PlanSummary),
    /// It replaced the version before.
    Changed(PlanSummary),
    /// It is what was there already.
    Unchanged(PlanSummary),
    /// What is there is not what was expected.
    Unexpected,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PlanSummary")]
struct Columns {
    id: PlanId,
    title: String,
    modules: u32,
    tasks: u32,
    hash: String,
    version: u64,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Row(#[serde(with = "Columns")] PlanSummary);

impl Expected {
    fn is_met_by(&self, version: Option<u64>) -> bool {
        match self {
            Self::Any => version.is_some(),
            Self::OneOf(versions) => version.is_some_and(|version| versions.contains(&version)),
        }
    }
}

impl Store {
    /// Creates the plan, or replaces what is there if it is as `expected`. The same content again is no change and meets
    /// every expectation: whoever did not hear the answer may ask again.
    pub async fn put_plan(
        &self,
        user: &UserId,
        id: &PlanId,
        plan: &NewPlan,
        expected: Option<&Expected>,
        now: Timestamp,
    ) -> Result<PutPlan, Error> {
        let key = Key::plan(user, id);
        for _ in 0..ROUNDS {
            let item = self.get(&key).await?;
            let seen = item.clone().map(summary_from_item).transpose()?;
            if let Some(seen) = seen.clone().filter(|seen| seen.hash == plan.hash) {
                return Ok(PutPlan::Unchanged(seen));
            }
            if expected.is_some_and(|it| !it.is_met_by(seen.as_ref().map(|seen| seen.version))) {
                return Ok(PutPlan::Unexpected);
            }
            let next = plan.after(id, seen.as_ref(), now);
            let summary = Write::put(key.clone(), row::item(WHAT, &Row(next.clone()))?);
            let body = Write::put(Key::plan_body(user, id), body_item(plan, &next)?);
            let writes = vec![summary.when_unchanged(item.as_ref()), body];
            if self.transact(writes).await? == Transacted::Done {
                return Ok(if seen.is_some() { PutPlan::Changed(next) } else { PutPlan::Created(next) });
            }
        }
        Err(Error::Conflict)
    }

    /// A user's plans in the order of their ids, without what is in them. `limit` is brought into 1..=100.
    pub async fn plans(
        &self,
        user: &UserId,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<PlanSummary>, Error> {
        let size = page::size(limit);
        let range = Range {
            pk: key::partition(user),
            prefix: key::PLANS,
            after: page::place(cursor, |place| place.parse::<PlanId>().is_ok())?,
            newest_first: false,
            limit: size + 1,
        };
        let items = self.range(range).await?;
        let plans = items.into_iter().map(summary_from_item).collect::<Result<_, _>>()?;
        Ok(page::page(plans, size, |plan: &PlanSummary| plan.id.to_string()))
    }

    /// Deletes the plan if it is as `expected`. [`Error::Missing`] if there is none; otherwise whether it was deleted.
    pub async fn delete_plan(
        &self,
        user: &UserId,
        id: &PlanId,
        expected: Option<&Expected>,
    ) -> Result<bool, Error> {
        let key = Key::plan(user, id);
        for _ in 0..ROUNDS {
            let item = self.get(&key).await?.ok_or(Error::Missing)?;
            let seen = summary_from_item(item.clone())?;
            if expected.is_some_and(|it| !it.is_met_by(Some(seen.version))) {
                return Ok(false);
            }
            let summary = Write::delete(key.clone()).when_unchanged(Some(&item));
            let writes = vec![summary, Write::delete(Key::plan_body(user, id))];
            if self.transact(writes).await? == Transacted::Done {
                return Ok(true);
            }
        }
        Err(Error::Conflict)
    }
}

fn summary_from_item(item: Item) -> Result<PlanSummary, Error> {
    row::read(WHAT, item).map(|Row(plan)| plan)
}
