//! A person's plan in their calendar: changed, synced, events changed and deleted by hand, synced again. And what the calendar
//! must show in the end.

pub(super) mod push;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::{Plan, PlanEvent, ReminderMethod, Tier, When};
use futures_util::future::{join, join_all, join3};
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use simulators::google::EventView;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::people::{May, Person};
use super::plans::{change_soon, less_and_other};
use crate::support::dice::Dice;
use crate::support::world::Routes;
use crate::support::{World, get};

/// The task that is in every version.
const FIRST: &str = "t1";
/// What people add that does not come from the plan.
const ADDITIONS: [&str; 2] = ["location", "colorId"];

/// An event of a task, as its person knows it.
#[derive(Debug, Default)]
struct Entry {
    /// Its id, once somebody saw it.
    id: Option<String>,
    /// What the person changed or added, as they wrote it: with any of it the event stays, also when its task leaves the plan.
    theirs: Map<String, Value>,
    /// Whether the person deleted it.
    is_gone: bool,
    /// How it was left when its task was taken from the plan and the person had worked on it: nobody may touch it any more until the
    /// task is back.
    left: Option<EventView>,
}

/// What somebody was told is in their calendar.
#[derive(Debug)]
pub(super) struct Synced {
    user: &'static str,
    account: &'static str,
    /// What they pay for.
    pub(super) tier: Tier,
    /// As it was when the last sync that succeeded was asked for.
    plan: Plan,
    /// The last sync that succeeded, and the plan that it can go back to, if that is certain.
    undoable: Option<(String, Plan)>,
    /// By the ids of tasks.
    entries: BTreeMap<String, Entry>,
    /// The person's own events, which nobody may touch.
    own: Vec<EventView>,
    /// Counts what the person writes, so that nothing is written twice.
    pub(super) written: u32,
    /// Syncs that were asked for and succeeded.
    pub(super) succeeded: usize,
    /// Syncs that were asked for.
    pub(super) asked: usize,
    /// Events that may have been made.
    pub(super) made: usize,
}

/// The id of somebody's first calendar.
pub(super) fn calendar_of(account: &str) -> String {
    format!("{}@example.com", account.to_lowercase())
}

/// A plan is changed several times and synced most times; between the syncs, and at times during one, its person works in the
/// calendar.
pub(super) async fn live(person: &Person<'_>, tier: Tier, mut dice: Dice) -> Synced {
    let path = format!("/v1/plans/{}-plan1", person.user);
    let mut synced = Synced {
        user: person.user,
        account: person.account.name,
        tier,
        plan: Plan::default(),
        undoable: None,
        entries: BTreeMap::new(),
        own: Vec::new(),
        written: 0,
        succeeded: 0,
        asked: 0,
        made: 0,
    };
    for _ in 0..2 + dice.below(3) {
        let body = some_plan(person.user, &mut dice);
        person.insist(api::routes, || person.send(Method::PUT, &path, None, &body)).await;
        if !dice.one_in(4) {
            let mut other = dice.nth(1);
            if other.one_in(3) {
                let later = less_and_other(&body, &mut other);
                let change = change_soon(person, &path, &later, other);
                join(synced.sync(person, &body, &mut dice), change).await;
                synced.sync(person, &later, &mut dice).await;
            } else {
                synced.sync(person, &body, &mut dice).await;
                synced.check(person.world);
                // What goes on by itself may follow at any time.
                let automatic = synced.is_automatic();
                if let Some((job, before)) = synced.undoable.take().filter(|_| !automatic && other.one_in(3))
                {
                    synced.undo(person, &job, before).await;
                }
            }
            synced.check(person.world);
        } else if synced.is_automatic() {
            synced.stay_in_step(person, &body).await;
            synced.check(person.world);
        }
        for _ in 0..dice.below(4) {
            sleep(Duration::from_millis(dice.below(5_000))).await;
            synced.work_by_hand(person.world, &mut dice);
        }
        if dice.one_in(8) {
            person.leave(dice.nth(2)).await;
        }
        // Long enough, at times, for everything that is on its way.
        sleep(Duration::from_secs(dice.pick(&[0, 1, 10, 100]))).await;
    }
    synced
}

/// A plan whose tasks come and go, are renamed and moved. Titles tell whose task it is.
fn some_plan(user: &str, dice: &mut Dice) -> Value {
    let mut tasks = Vec::new();
    for id in [FIRST, "t2", "t3", "t4", "t5"] {
        if id != FIRST && dice.one_in(3) {
            continue;
        }
        let day = 10 + dice.below(3);
        let schedule = match dice.below(4) {
            0 if id != FIRST => Value::Null,
            0 | 1 => json!({"date": format!("2026-12-{day}")}),
            2 => json!({"start": format!("2026-12-{day}T09:00")}),
            _ => json!({"start": format!("2026-12-{day}T09:00"), "time_zone": "America/New_York"}),
        };
        let mut task = json!({"id": id, "title": format!("{user} {id} {}", dice.pick(&["Read", "Write"])), "minutes": 30,
            "description": dice.pick(&["", "One.\n\n**Two.**", "- a\n- b"])});
        if !schedule.is_null() {
            task["schedule"] = schedule;
        }
        if dice.one_in(3) {
            task["reminders"] = json!([{"method": "popup", "minutes_before": 10 + dice.below(2)}, {"method": "email", "minutes_before": 60}]);
        }
        tasks.push(task);
    }
    json!({"title": "Rust", "time_zone": "Europe/Berlin", "modules": [{"id": "m1", "title": "Begin", "tasks": tasks}]})
}

impl Synced {
    /// Asks for a sync until one succeeds.
    async fn sync(&mut self, person: &Person<'_>, body: &Value, dice: &mut Dice) {
        let path = format!("/v1/plans/{}-plan1/calendar-syncs", self.user);
        let plan: Plan = serde_json::from_value(body.clone()).unwrap();
        if dice.one_in(4) {
            let trial = json!({"dry_run": true});
            person.insist(calendar_sync::routes, || person.send(Method::POST, &path, None, &trial)).await;
        }
        let kept = self.begin(person.world, &plan);
        for _ in 0..8 {
            // At times two windows ask for the same.
            let windows = if dice.one_in(5) { 2 } else { 1 };
            let waits: Vec<_> = (0..windows).map(|_| Duration::from_millis(dice.below(3_000))).collect();
            let first = self.asked + 1;
            self.asked += windows;
            let mut other = person.dice.nth(1_000 + first);
            let leaves = other.one_in(10);
            let may = if leaves { May::End } else { May::Succeed };
            let accepted = Semaphore::new(0);
            let syncs = waits.into_iter().enumerate().map(|(at, wait)| {
                let key = format!("sync-{}", first + at);
                let (path, accepted) = (&path, &accepted);
                async move {
                    sleep(wait).await;
                    let job = ask(person, calendar_sync::routes, path, &key).await;
                    accepted.add_permits(1);
                    person.succeeds(&job, may).await.then_some(job)
                }
            });
            let away = async {
                if leaves {
                    // What is asked for with another account connected is wanted there.
                    let all = accepted.acquire_many(u32::try_from(windows).unwrap()).await;
                    drop(all.unwrap());
                    sleep(Duration::from_millis(other.below(15_000))).await;
                    person.leave(other).await;
                }
            };
            let (disturbed, at) = (dice.one_in(4), Duration::from_millis(dice.below(15_000)));
            let meanwhile = async {
                sleep(at).await;
                if disturbed {
                    self.change(person.world, FIRST, dice);
                }
            };
            let (jobs, (), ()) = join3(join_all(syncs), meanwhile, away).await;
            if let Some(job) = jobs.into_iter().flatten().next() {
                self.succeeded += 1;
                let before = self.end(plan, kept);
                // Of two that succeed, the first is what the second goes back to.
                self.undoable = (windows == 1).then_some((job, before));
                return;
            }
        }
        panic!("no sync in eight tries");
    }

    /// Undoes the last sync.
    async fn undo(&mut self, person: &Person<'_>, job: &str, before: Plan) {
        let kept = self.begin(person.world, &before);
        let path = format!("/v1/jobs/{job}/undo");
        for _ in 0..8 {
            self.asked += 1;
            let key = format!("undo-{}", self.asked);
            let undo = ask(person, api::routes, &path, &key).await;
            if person.succeeds(&undo, May::Succeed).await {
                self.end(before, kept);
                return;
            }
        }
        panic!("no undo in eight tries");
    }

    /// A plan is to be put into the calendar; answers the events that stay although their tasks are not in it any more.
    fn begin(&mut self, world: &World, plan: &Plan) -> Vec<(String, EventView)> {
        let wanted: BTreeSet<String> = plan.events().into_iter().map(|event| event.task).collect();
        let is_kept = |(task, entry): &(&String, &Entry)| {
            !wanted.contains(*task) && !entry.theirs.is_empty() && !entry.is_gone
        };
        let kept = self.entries.iter().filter(is_kept);
        let kept: Vec<_> =
            kept.map(|(task, _)| (task.clone(), self.event(world, task).expect("an edited event"))).collect();
        self.made += wanted.iter().filter(|task| !self.entries.contains_key(*task)).count();
        for task in wanted {
            self.entries.entry(task).or_default().left = None;
        }
        kept
    }

    /// A plan was put into the calendar; answers the one before.
    fn end(&mut self, plan: Plan, kept: Vec<(String, EventView)>) -> Plan {
        for (task, event) in kept {
            self.entries.entry(task).or_default().left = Some(event);
        }
        let wanted: BTreeSet<String> = plan.events().into_iter().map(|event| event.task).collect();
        self.entries.retain(|task, entry| wanted.contains(task) || entry.is_gone || entry.left.is_some());
        std::mem::replace(&mut self.plan, plan)
    }

    /// What its person does when they look into their calendar.
    fn work_by_hand(&mut self, world: &World, dice: &mut Dice) {
        let tasks: Vec<String> = self.entries.keys().cloned().collect();
        if tasks.is_empty() || dice.one_in(4) {
            self.written += 1;
            let own = json!({"summary": format!("{}'s own {}", self.user, self.written), "start": {"date": "2026-12-11"}, "end": {"date": "2026-12-12"}});
            let (calendar, now) = (calendar_of(self.account), world.now());
            let google = &mut world.providers.lock().unwrap().google.simulator;
            let id = google.person_adds_event(&calendar, &own, now).unwrap();
            self.own.push(google.event(&calendar, &id).unwrap());
            return;
        }
        let task = &tasks[usize::try_from(dice.below(tasks.len() as u64)).unwrap()];
        self.change(world, task, dice);
    }

    /// Its person changes a task's event or deletes it, if it is there.
    fn change(&mut self, world: &World, task: &str, dice: &mut Dice) {
        let Some(event) = self.event(world, task) else { return };
        let (calendar, now) = (calendar_of(self.account), world.now());
        let Some(entry) = self.entries.get_mut(task) else { return };
        entry.id = Some(event.id.clone());
        self.written += 1;
        let number = self.written;
        let day = |day: u32| json!({"date": format!("2027-01-{day:02}"), "dateTime": null, "timeZone": null});
        let patch = match dice.below(9) {
            0 | 1 => {
                let google = &mut world.providers.lock().unwrap().google.simulator;
                assert!(google.person_deletes_event(&calendar, &event.id, now), "{event:?}");
                entry.is_gone = true;
                return;
            }
            2 => json!({"summary": format!("Mine {number}")}),
            3 => json!({"description": format!("My notes {number}")}),
            4 => json!({"start": day(number), "end": day(number + 1)}),
            5 => {
                json!({"reminders": {"useDefault": false, "overrides": [{"method": "email", "minutes": 100 + number}]}})
            }
            6 => json!({"reminders": {"useDefault": false, "overrides": []}}),
            7 => json!({"colorId": format!("{}", 1 + number % 11)}),
            _ => json!({"location": format!("Room {number}")}),
        };
        let google = &mut world.providers.lock().unwrap().google.simulator;
        assert!(google.person_edits_event(&calendar, &event.id, &patch, now), "{patch} {event:?}");
        entry.theirs.append(&mut patch.as_object().unwrap().clone());
        if entry.left.is_some() {
            entry.left = google.event(&calendar, &event.id);
        }
    }

    /// A task's event, unless it is not there: the one whose title says so, or which its person knows.
    fn event(&self, world: &World, task: &str) -> Option<EventView> {
        let entry = self.entries.get(task)?;
        let prefix = format!("{} {task} ", self.user);
        let is_own = |event: &EventView| self.own.iter().any(|own| own.id == event.id);
        let is_it = |event: &EventView| match &entry.id {
            Some(id) => *id == event.id,
            None => event.summary.starts_with(&prefix) && !is_own(event),
        };
        let found = world.providers.lock().unwrap().google.simulator.events(&calendar_of(self.account));
        let mut found: Vec<_> = found.into_iter().filter(is_it).collect();
        assert!(found.len() <= 1, "one event for {task}: {found:?}");
        found.pop()
    }

    /// I1 and I2 for calendars: there is one event for each task of the last version that was synced, with its person's words, and
    /// everything else is as it was. Answers the ids of all events that are this person's.
    fn check(&self, world: &World) -> BTreeSet<String> {
        let mut ids = BTreeSet::new();
        for wanted in self.plan.events() {
            let entry = &self.entries[&wanted.task];
            let event = self.event(world, &wanted.task);
            if entry.is_gone {
                assert_eq!(event, None, "somebody deleted {}", wanted.task);
                continue;
            }
            let event = event.unwrap_or_else(|| panic!("no event for {} of {}", wanted.task, self.user));
            entry.check(&wanted, &event);
            ids.insert(event.id);
        }
        for (task, entry) in &self.entries {
            let Some(left) = &entry.left else { continue };
            let event = self.event(world, task);
            assert_eq!(event.as_ref(), Some(left).filter(|_| !entry.is_gone), "what somebody changed stays");
            ids.extend(event.map(|event| event.id));
        }
        for own in &self.own {
            let calendar = calendar_of(self.account);
            let now = world.providers.lock().unwrap().google.simulator.event(&calendar, &own.id);
            assert_eq!(now.as_ref(), Some(own), "nobody else's event is touched");
            ids.insert(own.id.clone());
        }
        ids
    }
}

/// Asks for a sync, or for the undoing of one; answers the job.
async fn ask(person: &Person<'_>, routes: Routes, path: &str, key: &str) -> String {
    let job = person.insist(routes, || person.send(Method::POST, path, Some(key), &json!({}))).await;
    job["id"].as_str().unwrap().to_owned()
}

impl Entry {
    fn check(&self, wanted: &PlanEvent, event: &EventView) {
        let text = |name: &str, planned: &str| {
            self.theirs.get(name).map_or_else(|| planned.to_owned(), |text| text.as_str().unwrap().to_owned())
        };
        assert_eq!(event.summary, text("summary", &wanted.title));
        assert_eq!(event.description, text("description", &wanted.description));
        for added in ADDITIONS {
            assert_eq!(event.more.get(added), self.theirs.get(added), "{event:?}");
        }
        match (self.theirs.get("start"), &wanted.when) {
            (Some(start), _) => assert_eq!(event.start["date"], start["date"], "{event:?}"),
            (None, When::AllDay { first, end }) => assert_eq!(
                (&event.start["date"], &event.end["date"]),
                (&json!(first), &json!(end)),
                "{event:?}"
            ),
            (None, When::Timed { start, end }) => {
                let at = |edge: &Value| edge["dateTime"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
                assert_eq!((at(&event.start), at(&event.end)), (Some(start.at), Some(end.at)), "{event:?}");
            }
        }
        let calls = |overrides: &Value| -> BTreeSet<(String, u64)> {
            let calls = overrides.as_array().into_iter().flatten();
            calls
                .map(|call| (call["method"].as_str().unwrap().to_owned(), call["minutes"].as_u64().unwrap()))
                .collect()
        };
        let method = |method| if method == ReminderMethod::Popup { "popup" } else { "email" };
        let planned =
            wanted.reminders.iter().map(|it| (method(it.method).to_owned(), it.minutes_before.into()));
        let (planned, by_default) = match self.theirs.get("reminders") {
            Some(theirs) => (calls(&theirs["overrides"]), false),
            None => (planned.collect(), wanted.reminders.is_empty()),
        };
        assert_eq!(
            (calls(&event.reminders["overrides"]), event.reminders["useDefault"] == true),
            (planned, by_default),
            "{event:?}"
        );
    }
}

/// Every calendar shows what its people were told, and nothing else; and no sync was counted as an export.
pub(super) async fn in_step(world: &World, calendars: &[Synced]) {
    for synced in calendars {
        let usage = world.send(api::routes, get(world, synced.user, "/v1/usage")).await;
        assert_eq!(usage.status, StatusCode::OK);
        let exports = &usage.json()["exports"];
        assert_eq!(
            (exports["used"].as_u64(), exports["held"].as_u64()),
            (Some(0), Some(0)),
            "syncs are no exports"
        );
    }
    for account in ["Alice", "Bob"] {
        let theirs = calendars.iter().filter(|synced| synced.account == account);
        let expected: BTreeSet<String> = theirs.flat_map(|synced| synced.check(world)).collect();
        let events = world.providers.lock().unwrap().google.simulator.events(&calendar_of(account));
        let other: Vec<_> = events.iter().filter(|event| !expected.contains(&event.id)).collect();
        assert!(other.is_empty(), "events that nobody wants in {account}'s calendar: {other:?}");
    }
}
