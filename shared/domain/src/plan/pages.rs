//! A plan as pages of text, for wherever people read it.

use std::collections::HashMap;

use super::{Module, Plan, Reminder, ReminderMethod, Resource, Schedule, Task, TaskStatus};
use crate::document::{Block, Inline, Marker, Marks};
use crate::markdown;

/// How a plan is laid out.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// A page for the plan, a page below it for each module, and in it an entry for each task.
    #[default]
    Pages,
    /// A page for the plan, and in it a database with a row for each task.
    Database,
}

/// A page of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanPage {
    /// What it is known by: `plan`, or `m:` and the module's id.
    pub key: String,
    /// One line.
    pub title: String,
    /// What is on it, in order.
    pub parts: Vec<Part>,
}

/// A task as a row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRow {
    /// What it is known by: `t:` and the task's id.
    pub key: String,
    /// One line.
    pub title: String,
    /// How far it is, in words.
    pub status: &'static str,
    /// The module's title; of several modules with the same title, which of them.
    pub module: String,
    /// How long it takes.
    pub minutes: Option<u32>,
    /// When it begins and when it ends: days, or times with their offset.
    pub when: Option<(String, Option<String>)>,
    /// What calls attention to it, in words.
    pub reminders: String,
    /// What is to be read about it.
    pub blocks: Vec<Block>,
}

/// A block on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is known by, if it is more than a paragraph among others: `t:` and the task's id.
    pub key: Option<String>,
    /// The block, with everything inside.
    pub block: Block,
}

/// The key of the plan's own page.
pub const PLAN_PAGE: &str = "plan";

impl Plan {
    /// The plan as pages: its own first, then one for each module.
    pub fn pages(&self) -> Vec<PlanPage> {
        let own = PlanPage {
            key: PLAN_PAGE.to_owned(),
            title: self.title.clone(),
            parts: paragraphs(&self.description),
        };
        std::iter::once(own).chain(self.modules.iter().map(Module::page)).collect()
    }
}

impl Plan {
    /// The plan as one page that says everything but its tasks, which are [`Self::rows`].
    pub fn cover(&self) -> PlanPage {
        let mut parts = paragraphs(&self.description);
        for module in self.modules.iter().filter(|module| !module.description.trim().is_empty()) {
            let text = vec![Inline::plain(module.title.clone())];
            parts.push(Part {
                key: Some(format!("m:{}", module.id)),
                block: Block::Heading { level: 2, text },
            });
            parts.extend(paragraphs(&module.description));
        }
        PlanPage { key: PLAN_PAGE.to_owned(), title: self.title.clone(), parts }
    }

    /// The tasks as rows, in order.
    pub fn rows(&self) -> Vec<PlanRow> {
        let names = self.module_names();
        let tasks = self
            .modules
            .iter()
            .zip(&names)
            .flat_map(|(module, name)| module.tasks.iter().map(move |task| (name, task)));
        tasks.map(|(name, task)| task.row(self.time_zone.as_deref(), name)).collect()
    }

    /// The modules' titles, numbered where several are the same.
    pub fn module_names(&self) -> Vec<String> {
        let (mut seen, mut names) = (HashMap::<&str, u32>::new(), Vec::new());
        for module in &self.modules {
            let count = seen.entry(&module.title).and_modify(|count| *count += 1).or_insert(1);
            names.push(if *count == 1 {
                module.title.clone()
            } else {
                format!("{} ({count})", module.title)
            });
        }
        names
    }
}

impl Module {
    fn page(&self) -> PlanPage {
        let mut parts = paragraphs(&self.description);
        parts.extend(self.tasks.iter().map(Task::part));
        PlanPage { key: format!("m:{}", self.id), title: self.title.clone(), parts }
    }
}

fn paragraphs(markdown: &str) -> Vec<Part> {
    markdown::parse(markdown).blocks.into_iter().map(|block| Part { key: None, block }).collect()
}

impl Task {
    fn part(&self) -> Part {
        let mut text = vec![Inline::plain(self.title.clone())];
        let facts = self.facts();
        if !facts.is_empty() {
            let marks = Marks { italic: true, ..Marks::default() };
            text.push(Inline::Text { text: format!(" · {}", facts.join(" · ")), marks, link: None });
        }
        let marker = Marker::Task { checked: self.status == TaskStatus::Done };
        Part {
            key: Some(format!("t:{}", self.id)),
            block: Block::Item { marker, text, children: self.body() },
        }
    }

    fn row(&self, plan_zone: Option<&str>, module: &str) -> PlanRow {
        let status = match self.status {
            TaskStatus::Todo => "To do",
            TaskStatus::Doing => "In progress",
            TaskStatus::Done => "Done",
        };
        let reminders: Vec<String> = self.reminders.iter().map(Reminder::words).collect();
        PlanRow {
            key: format!("t:{}", self.id),
            title: self.title.clone(),
            status,
            module: module.to_owned(),
            minutes: self.minutes,
            when: self.schedule.as_ref().and_then(|schedule| schedule.times(plan_zone, self.minutes)),
            reminders: reminders.join(", "),
            blocks: self.body(),
        }
    }

    /// Its description, and below it what to read, watch or use.
    pub fn body(&self) -> Vec<Block> {
        let mut blocks = markdown::parse(&self.description).blocks;
        blocks.extend(self.resources.iter().map(Resource::item));
        blocks
    }

    /// What else there is to know of it, in few words.
    fn facts(&self) -> Vec<String> {
        let mut facts = Vec::new();
        if self.status == TaskStatus::Doing {
            facts.push("in progress".to_owned());
        }
        facts.extend(self.minutes.map(|minutes| format!("{minutes} min")));
        facts.extend(self.schedule.as_ref().and_then(Schedule::words));
        facts.extend(self.reminders.iter().map(Reminder::words));
        facts
    }
}

impl Resource {
    fn item(&self) -> Block {
        let (text, link) = (self.title.clone(), Some(self.url.clone()));
        let text = vec![Inline::Text { text, marks: Marks::default(), link }];
        Block::Item { marker: Marker::Bullet, text, children: Vec::new() }
    }
}

impl Reminder {
    /// `reminder 10 min before`, `e-mail 60 min before`.
    pub fn words(&self) -> String {
        let what = match self.method {
            ReminderMethod::Popup => "reminder",
            ReminderMethod::Email => "e-mail",
        };
        format!("{what} {} min before", self.minutes_before)
    }
}

impl Schedule {
    /// `2026-11-23 09:00–09:45 Europe/Berlin`, `2026-11-23 – 2026-11-24`: as it was written, not as anybody's clock shows it.
    fn words(&self) -> Option<String> {
        if let Some(date) = &self.date {
            let last = self.end_date.as_ref().filter(|last| *last != date);
            return Some(last.map_or_else(|| date.clone(), |last| format!("{date} – {last}")));
        }
        let (day, time) = self.start.as_ref()?.split_once('T')?;
        let end = match self.end.as_ref().and_then(|end| end.split_once('T')) {
            Some((last, end)) if last == day => format!("–{end}"),
            Some((last, end)) => format!(" – {last} {end}"),
            None => String::new(),
        };
        let zone = self.time_zone.as_ref().map(|zone| format!(" {zone}")).unwrap_or_default();
        Some(format!("{day} {time}{end}{zone}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::plain_text;

    fn plan() -> Plan {
        serde_json::from_value(serde_json::json!({"title": "Rust", "description": "One.\n\nTwo.",
            "modules": [{"id": "m1", "title": "Ownership", "description": "First this.", "tasks": [
                {"id": "t1", "title": "Read", "description": "- a\n- b", "minutes": 45, "status": "doing",
                 "schedule": {"start": "2026-11-23T09:00", "end": "2026-11-23T09:45", "time_zone": "Europe/Berlin"},
                 "reminders": [{"method": "popup", "minutes_before": 10}],
                 "resources": [{"title": "The Book", "url": "https://example.com"}]},
                {"id": "t2", "title": "Rest", "status": "done", "schedule": {"date": "2026-11-24", "end_date": "2026-11-25"}}]}]}))
        .unwrap()
    }

    #[test]
    fn a_plan_is_a_page_and_a_page_for_each_module() {
        let pages = plan().pages();
        let titles: Vec<_> = pages.iter().map(|page| (page.key.as_str(), page.title.as_str())).collect();
        assert_eq!(titles, [("plan", "Rust"), ("m:m1", "Ownership")]);
        assert_eq!((pages[0].parts.len(), pages[1].parts.len()), (2, 3));
    }

    #[test]
    fn a_task_is_an_entry_that_says_everything_about_it() {
        let pages = plan().pages();
        let lines = pages[1].parts[1..].iter().map(|part| match &part.block {
            Block::Item { marker: Marker::Task { checked }, text, children } => {
                (*checked, plain_text(text), children.len())
            }
            other => panic!("{other:?}"),
        });
        let lines: Vec<_> = lines.collect();
        let facts = "in progress · 45 min · 2026-11-23 09:00–09:45 Europe/Berlin · reminder 10 min before";
        assert_eq!(lines[0], (false, format!("Read · {facts}"), 3));
        assert_eq!(lines[1], (true, "Rest · 2026-11-24 – 2026-11-25".to_owned(), 0));
        assert_eq!(pages[1].parts[1].key.as_deref(), Some("t:t1"));
    }
}
