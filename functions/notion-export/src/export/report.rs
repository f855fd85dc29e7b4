//! What an export does, did, and left alone.

use domain::JobId;
use serde::{Deserialize, Serialize};

use super::node::{Wanted, WantedPage, is_task, original};

/// Of a title, what is shown in a list.
const SHOWN: usize = 80;

/// Something of the plan that is put into Notion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct Item {
    /// `plan`, `module`, `task`, or `text` within one of these.
    #[schema(example = "task")]
    object: String,
    /// The module's or the task's id; of a text that of the module it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Its first words.
    title: String,
}

/// Something that was left as it is in Notion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct Conflict {
    /// What it is.
    #[serde(flatten)]
    item: Item,
    /// Why it was left.
    reason: Reason,
}

/// Why something was left as it is in Notion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// Somebody changed it in Notion, and the plan changed too.
    EditedInNotion,
    /// Somebody threw it away in Notion.
    TrashedInNotion,
    /// It is not in the plan any more, but somebody wrote in it.
    KeptForEdits,
}

/// The changes of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Report {
    /// The job that this is about.
    pub(super) job: Option<JobId>,
    /// Whether it was looked whether the plan's page is there, and what of it is to be made again.
    pub(super) looked: bool,
    pub(super) created: u32,
    pub(super) updated: u32,
    pub(super) archived: u32,
    pub(super) conflicts: Vec<Conflict>,
    /// Whether there were more of them than are listed.
    pub(super) more_conflicts: bool,
    /// What is made, changed and thrown away; of a trial only.
    #[serde(skip)]
    pub(super) creates: Vec<Item>,
    #[serde(skip)]
    pub(super) updates: Vec<Item>,
    #[serde(skip)]
    pub(super) archives: Vec<Item>,
}

/// Conflicts that are remembered: with them, an item of the table must stay below 400 KB.
const LISTED: usize = 300;

impl Report {
    pub(super) fn updates(&mut self, item: Item) {
        self.updated += 1;
        self.updates.push(item);
    }

    pub(super) fn archives(&mut self, item: Item) {
        self.archived += 1;
        self.archives.push(item);
    }

    pub(super) fn leaves(&mut self, item: Item, reason: Reason) {
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
}

impl Item {
    /// A page, by its key.
    pub(super) fn page(key: &str, title: &str) -> Self {
        let (object, id) = match key.split_once(':') {
            Some(("t", id)) => ("task", Some(id.to_owned())),
            Some((_, id)) => ("module", Some(id.to_owned())),
            None => ("plan", None),
        };
        Self { object: object.to_owned(), id, title: shown(title) }
    }

    /// A block of a page: a task, or text of whatever the page or the task is.
    pub(super) fn block(page: &WantedPage, outermost: Option<&Wanted>, path: &[usize]) -> Self {
        let words = outermost.map(Wanted::words).unwrap_or_default();
        match outermost.and_then(|wanted| wanted.key.as_deref()) {
            Some(key) if is_task(key) => {
                let task = Self::page(key, &words);
                if path.len() > 1 { Self { object: "text".to_owned(), ..task } } else { task }
            }
            _ => Self { object: "text".to_owned(), title: shown(&words), ..Self::page(&page.key, "") },
        }
    }

    /// A block that the plan does not know any more, with the words that Notion shows in it.
    pub(super) fn former(page: &WantedPage, key: Option<&str>, words: &str) -> Self {
        match key {
            Some(key) => Self::page(original(key), words),
            None => Self { object: "text".to_owned(), ..Self::page(&page.key, words) },
        }
    }
}

fn shown(title: &str) -> String {
    title.chars().take(SHOWN).collect()
}
