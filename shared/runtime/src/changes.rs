//! What bringing a plan to a provider does, did, and left alone.

use std::collections::BTreeSet;

use domain::JobId;
use serde::{Deserialize, Serialize};
use store::{Class, PacePolicy};

/// Of a title, what is shown in a list.
const SHOWN: usize = 80;
/// Conflicts that are remembered: with them, an item of the table must stay below 400 KB.
const LISTED: usize = 300;

/// Whether writes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They are.
    Apply,
    /// They are counted.
    Try,
}

/// Something of the plan that is put at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Item {
    /// `plan`, `module`, `task`, or `text` within one of these.
    #[schema(example = "task")]
    object: String,
    /// The module's or the task's id; of a text that of the module it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Its first words.
    title: String,
}

impl Item {
    /// An object of the plan with its id and title.
    pub fn new(object: &str, id: Option<&str>, title: &str) -> Self {
        let title = title.chars().take(SHOWN).collect();
        Self { object: object.to_owned(), id: id.map(str::to_owned), title }
    }
}

/// Something that was left as it is at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Conflict {
    /// What it is.
    #[serde(flatten)]
    item: Item,
    /// Why it was left.
    reason: Reason,
}

/// Why something was left as it is at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Somebody changed it in Notion, and the plan changed too.
    EditedInNotion,
    /// Somebody threw it away in Notion.
    TrashedInNotion,
    /// Somebody changed it in the calendar.
    EditedInCalendar,
    /// Somebody deleted it in the calendar.
    DeletedInCalendar,
    /// It is not in the plan any more, but somebody wrote in it.
    KeptForEdits,
}

/// The changes of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// The job that this is about.
    pub job: Option<JobId>,
    /// Whether it was looked what is there.
    pub looked: bool,
    /// What was searched for things that somebody threw away, and need not be again.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub searched: BTreeSet<String>,
    /// Whether the job did all that it was to do.
    pub finished: bool,
    /// How many were made.
    pub created: u32,
    /// How many were changed.
    pub updated: u32,
    /// How many were thrown away.
    pub archived: u32,
    /// What was left alone.
    pub conflicts: Vec<Conflict>,
    /// Whether there were more of them than are listed.
    pub more_conflicts: bool,
    /// What is made; of a trial only, as the next two.
    #[serde(skip)]
    pub creates: Vec<Item>,
    /// What is changed.
    #[serde(skip)]
    pub updates: Vec<Item>,
    /// What is thrown away.
    #[serde(skip)]
    pub archives: Vec<Item>,
}

impl Report {
    /// The report of this job, begun unless it is.
    pub fn begin(&mut self, job: &JobId) {
        if self.job.as_ref() != Some(job) {
            *self = Self { job: Some(job.clone()), ..Self::default() };
        }
    }

    /// Something is changed.
    pub fn updates(&mut self, item: Item) {
        self.updated += 1;
        self.updates.push(item);
    }

    /// Something is thrown away.
    pub fn archives(&mut self, item: Item) {
        self.archived += 1;
        self.archives.push(item);
    }

    /// Something is left as it is.
    pub fn leaves(&mut self, item: Item, reason: Reason) {
        let conflict = Conflict { item, reason };
        if self.conflicts.contains(&conflict) {
            return;
        }
        if self.conflicts.len() < LISTED {
            self.conflicts.push(conflict);
        } else {
            self.more_conflicts = true;
        }
    }

    /// What would be done, in so many calls at this pace, of which some could not be made to look.
    pub fn preview(self, calls: u32, unchecked: u32, pace: Option<PacePolicy>) -> Preview {
        let Self { creates, updates, archives, conflicts, .. } = self;
        let estimated_seconds = pace.map_or(0, |pace| pace.seconds_for(calls, Class::Bulk));
        Preview { creates, updates, archives, conflicts, calls, unchecked, estimated_seconds }
    }
}

/// What would be done now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Preview {
    /// What would be made.
    creates: Vec<Item>,
    /// What would be changed.
    updates: Vec<Item>,
    /// What would be thrown away.
    archives: Vec<Item>,
    /// What would be left as it is.
    conflicts: Vec<Conflict>,
    /// How many calls of the provider it would take.
    calls: u32,
    /// How many of these calls would look what people changed, for which a request has no time: of what they would show, nothing is
    /// among the conflicts.
    unchecked: u32,
    /// How long it would take at the provider's pace.
    estimated_seconds: u32,
}
