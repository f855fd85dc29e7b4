//! What a plan must be before it is kept. Types and unknown fields were refused while reading the JSON.

use std::collections::HashSet;

use url::Url;

use super::{Module, Plan, Reminder, Resource, Task, is_time_zone};
use crate::check::{Check, FieldError};
use crate::id::is_name;

const LINE_MAX_CHARS: usize = 500;
const DESCRIPTION_MAX_CHARS: usize = 100_000;
const MODULES_MAX: usize = 100;
const TASKS_MAX: usize = 2_000;
const MINUTES_MAX: u32 = 10_080;
const REMINDERS_MAX: usize = 5;
const MINUTES_BEFORE_MAX: u32 = 40_320;
const URL_MAX_CHARS: usize = 2_000;
/// More are not told: the answer has to stay smaller than what it is about.
const ERRORS_MAX: usize = 1_000;

impl Plan {
    /// Everything wrong with the plan, up to a thousand errors; empty when it can be kept.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut check = Check::default();
        check.line("/title", &self.title, LINE_MAX_CHARS);
        check.text("/description", &self.description, DESCRIPTION_MAX_CHARS);
        if self.time_zone.as_deref().is_some_and(|name| !is_time_zone(name)) {
            let detail = "Must be the name of an IANA time zone.".to_owned();
            check.refuse("/time_zone", "invalid_time_zone", detail);
        }
        check.count("/modules", self.modules.len(), MODULES_MAX);
        let tasks = self.tasks().count();
        if tasks > TASKS_MAX {
            let detail = format!("Must have at most {TASKS_MAX} tasks altogether, has {tasks}.");
            check.refuse("/modules", "too_many", detail);
        }
        let (mut module_ids, mut task_ids) = (HashSet::new(), HashSet::new());
        let mut left = TASKS_MAX;
        for (at, module) in self.modules.iter().take(MODULES_MAX).enumerate() {
            let pointer = format!("/modules/{at}");
            check_module(&mut check, &pointer, module, &mut module_ids);
            for (at, task) in module.tasks.iter().take(left).enumerate() {
                let pointer = format!("{pointer}/tasks/{at}");
                check_id(&mut check, &format!("{pointer}/id"), &task.id, &mut task_ids);
                check_task(&mut check, &pointer, task, self.time_zone.as_deref());
            }
            left = left.saturating_sub(module.tasks.len());
        }
        check.errors.truncate(ERRORS_MAX);
        check.errors
    }
}

fn check_module<'a>(check: &mut Check, pointer: &str, module: &'a Module, ids: &mut HashSet<&'a str>) {
    check_id(check, &format!("{pointer}/id"), &module.id, ids);
    let title = format!("{pointer}/title");
    check.line(&title, &module.title, LINE_MAX_CHARS);
    check.text(&format!("{pointer}/description"), &module.description, DESCRIPTION_MAX_CHARS);
}

fn check_id<'a>(check: &mut Check, pointer: &str, id: &'a str, ids: &mut HashSet<&'a str>) {
    if !is_name(id) {
        let detail = "Must be 1 to 128 letters, digits, '.', '_' and '-', beginning with a letter or digit."
            .to_owned();
        check.refuse(pointer, "invalid", detail);
    } else if !ids.insert(id) {
        check.refuse(pointer, "duplicate", "Must not be used twice in a plan.".to_owned());
    }
}

fn check_task(check: &mut Check, pointer: &str, task: &Task, plan_zone: Option<&str>) {
    let title = format!("{pointer}/title");
    check.line(&title, &task.title, LINE_MAX_CHARS);
    check.text(&format!("{pointer}/description"), &task.description, DESCRIPTION_MAX_CHARS);
    if task.minutes.is_some_and(|minutes| !(1..=MINUTES_MAX).contains(&minutes)) {
        let detail = format!("Must be a number from 1 to {MINUTES_MAX}.");
        check.refuse(&format!("{pointer}/minutes"), "out_of_range", detail);
    }
    if let Some(Err(wrong)) = task.schedule.as_ref().map(|it| it.span(plan_zone, task.minutes)) {
        for FieldError { pointer: field, code, detail } in wrong {
            check.refuse(&format!("{pointer}/schedule{field}"), code, detail);
        }
    }
    check_reminders(check, &format!("{pointer}/reminders"), &task.reminders);
    for (at, resource) in task.resources.iter().enumerate() {
        check_resource(check, &format!("{pointer}/resources/{at}"), resource);
    }
}

fn check_reminders(check: &mut Check, pointer: &str, reminders: &[Reminder]) {
    if reminders.len() > REMINDERS_MAX {
        let detail = format!("Must have at most {REMINDERS_MAX} entries, has {}.", reminders.len());
        check.refuse(pointer, "too_many_reminders", detail);
    }
    let mut seen = HashSet::new();
    for (at, Reminder { method, minutes_before }) in reminders.iter().take(REMINDERS_MAX).enumerate() {
        if *minutes_before > MINUTES_BEFORE_MAX {
            let detail = format!("Must be a number from 0 to {MINUTES_BEFORE_MAX}.");
            check.refuse(&format!("{pointer}/{at}/minutes_before"), "out_of_range", detail);
        }
        if !seen.insert((*method, *minutes_before)) {
            check.refuse(&format!("{pointer}/{at}"), "duplicate", "Stands there twice.".to_owned());
        }
    }
}

fn check_resource(check: &mut Check, pointer: &str, resource: &Resource) {
    let title = format!("{pointer}/title");
    check.line(&title, &resource.title, LINE_MAX_CHARS);
    let url = format!("{pointer}/url");
    check.length(&url, &resource.url, URL_MAX_CHARS);
    if !is_web_address(&resource.url) {
        check.refuse(&url, "invalid", "Must be an http or https address.".to_owned());
    }
}

/// The parser drops white space and control characters silently, and takes a backslash for a slash.
fn is_web_address(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\')
        && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
