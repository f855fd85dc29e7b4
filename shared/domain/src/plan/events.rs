//! The tasks of a plan that take place at some time, as entries of a calendar.

use jiff::Timestamp;
use jiff::civil::Date;

use super::schedule::zone;
use super::{Plan, Reminder, Schedule, Span, Task};
use crate::html;

/// What a calendar holds of a description, in UTF-16 units (Google's limit, as its users report it).
const MAX_DESCRIPTION: usize = 8_192;

/// A task that takes place at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanEvent {
    /// The task's id.
    pub task: String,
    /// One line.
    pub title: String,
    /// HTML.
    pub description: String,
    /// When.
    pub when: When,
    /// What calls attention to it, each once, in a fixed order; the calendar's own where there are none.
    pub reminders: Vec<Reminder>,
}

/// When something takes place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// From one moment to a later one.
    Timed {
        /// When it begins.
        start: Moment,
        /// When it ends.
        end: Moment,
    },
    /// On whole days.
    AllDay {
        /// The first day.
        first: Date,
        /// The day after the last.
        end: Date,
    },
}

/// A moment as the clocks of a place show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The local time, without an offset: should the place's rules change, it still begins when its clocks show this. Only a time
    /// that clocks show twice has its offset.
    pub local: String,
    /// The place's IANA time zone.
    pub zone: String,
    /// The instant, by today's rules.
    pub at: Timestamp,
}

impl Plan {
    /// The tasks that take place at some time, in the plan's order.
    pub fn events(&self) -> Vec<PlanEvent> {
        self.tasks().filter_map(|task| task.event(self.time_zone.as_deref())).collect()
    }
}

impl Task {
    fn event(&self, plan_zone: Option<&str>) -> Option<PlanEvent> {
        let mut reminders = self.reminders.clone();
        reminders.sort_by_key(|reminder| (reminder.minutes_before, reminder.words()));
        reminders.dedup();
        Some(PlanEvent {
            task: self.id.clone(),
            title: self.title.clone(),
            description: html::from_blocks(&self.body(), MAX_DESCRIPTION),
            when: self.schedule.as_ref()?.when(plan_zone, self.minutes)?,
            reminders,
        })
    }
}

impl Schedule {
    /// When it takes place; nothing if it is not valid.
    pub fn when(&self, plan_zone: Option<&str>, minutes: Option<u32>) -> Option<When> {
        match self.span(plan_zone, minutes).ok()? {
            Span::AllDay { first, last } => Some(When::AllDay { first, end: last.tomorrow().ok()? }),
            Span::Timed { start, end } => {
                let name = self.time_zone.as_deref().or(plan_zone)?;
                Some(When::Timed { start: Moment::at(start, name)?, end: Moment::at(end, name)? })
            }
        }
    }
}

impl Moment {
    fn at(at: Timestamp, name: &str) -> Option<Self> {
        let zone = zone(name)?;
        let zoned = at.to_zoned(zone.clone());
        let is_twice = zone.to_ambiguous_timestamp(zoned.datetime()).is_ambiguous();
        let form = if is_twice { "%Y-%m-%dT%H:%M:%S%:z" } else { "%Y-%m-%dT%H:%M:%S" };
        Some(Self { local: zoned.strftime(form).to_string(), zone: name.to_owned(), at })
    }
}

#[cfg(test)]
mod tests;
