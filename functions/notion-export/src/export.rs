//! Plans become Notion pages, and stay equal to them.

mod blocks;
mod calls;
mod looks;
mod node;
mod orders;
mod pages;
mod rank;
mod recognise;
mod record;
mod recreate;
mod report;
pub mod request;
mod rows;
mod run;
mod settle;
mod values;
pub mod work;

use domain::{JobId, Layout, PlanId};
use runtime::App;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What an export's job needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Input {
    plan: PlanId,
    layout: Layout,
    parent_page_id: String,
    #[serde(default)]
    recreate_trashed: bool,
    /// The export that is undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    undo: Option<JobId>,
}

impl Input {
    /// Which export this is. One plan has one for each page that it is put below.
    fn subject(&self) -> String {
        format!("{}/{}", subject_of_plan(&self.plan, self.layout), self.parent_page_id)
    }
}

/// Where it is remembered below which page the plan was put last.
fn subject_of_plan(plan: &PlanId, layout: Layout) -> String {
    let layout = match layout {
        Layout::Pages => "pages",
        Layout::Database => "database",
    };
    format!("notion/{plan}/{layout}")
}

/// The address that stands in the plan's page. It carries the mark by which the page is recognised.
fn link(app: &App, mark: Uuid) -> String {
    format!("{}/plans#patchbay-{mark}", app.config.public_url)
}
