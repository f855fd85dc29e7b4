//! Learning plans: modules of tasks, some of which take place at a time.

mod events;
mod pages;
mod schedule;
mod validate;

use serde::{Deserialize, Serialize};

use crate::object::{objects, optional_object, word};
pub use events::{Moment, PlanEvent, When};
pub use pages::{Layout, PLAN_PAGE, Part, PlanPage, PlanRow};
pub use schedule::{Schedule, Span, is_time_zone};

/// A plan as its user puts it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// One line.
    #[schema(min_length = 1, max_length = 500)]
    pub title: String,
    /// Markdown.
    #[serde(default)]
    #[schema(max_length = 100_000)]
    pub description: String,
    /// The IANA time zone of schedules that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Europe/Berlin")]
    pub time_zone: Option<String>,
    /// In order. All together have up to 2,000 tasks.
    #[serde(default, deserialize_with = "objects")]
    #[schema(max_items = 100)]
    pub modules: Vec<Module>,
}

/// A part of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// The host product's name for it, of its own within the plan.
    #[schema(max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    pub id: String,
    /// One line.
    #[schema(min_length = 1, max_length = 500)]
    pub title: String,
    /// Markdown.
    #[serde(default)]
    #[schema(max_length = 100_000)]
    pub description: String,
    /// In order.
    #[serde(default, deserialize_with = "objects")]
    #[schema(max_items = 2_000)]
    pub tasks: Vec<Task>,
}

/// One thing to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// The host product's name for it, of its own within the whole plan.
    #[schema(max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    pub id: String,
    /// One line.
    #[schema(min_length = 1, max_length = 500)]
    pub title: String,
    /// Markdown.
    #[serde(default)]
    #[schema(max_length = 100_000)]
    pub description: String,
    /// How long it takes, up to a week. Where its schedule has an end, that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10_080)]
    pub minutes: Option<u32>,
    /// How far it is.
    #[serde(default, deserialize_with = "word")]
    pub status: TaskStatus,
    /// When it takes place.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional_object")]
    pub schedule: Option<Schedule>,
    /// What calls attention to it.
    #[serde(default, deserialize_with = "objects")]
    #[schema(max_items = 5)]
    pub reminders: Vec<Reminder>,
    /// What to read, watch or use.
    #[serde(default, deserialize_with = "objects")]
    pub resources: Vec<Resource>,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TaskStatus {
    /// Not begun.
    #[default]
    Todo,
    /// Begun.
    Doing,
    /// Finished.
    Done,
}

/// Calls attention to a task before it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reminder {
    /// How.
    #[serde(deserialize_with = "word")]
    pub method: ReminderMethod,
    /// How long before, up to four weeks.
    #[schema(maximum = 40_320)]
    pub minutes_before: u32,
}

/// How a reminder reaches its person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReminderMethod {
    /// On the screen.
    Popup,
    /// By e-mail.
    Email,
}

/// Something on the web that helps with a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// One line.
    #[schema(min_length = 1, max_length = 500)]
    pub title: String,
    /// An http or https address.
    #[schema(max_length = 2_000)]
    pub url: String,
}

impl Plan {
    /// Every task, in order.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.modules.iter().flat_map(|module| &module.tasks)
    }
}

#[cfg(test)]
mod tests;
