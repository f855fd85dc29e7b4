//! Calendars that stay in step by themselves: whose do, how Google's messages arrive, and what a plan that nobody asked to sync comes
//! to.

use std::time::Duration;

use axum::body::Body;
use domain::Plan;
use futures_util::future::join;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::sleep;

use super::Synced;
use crate::simulation::whole::people::Person;
use crate::simulation::whole::surroundings::pause;
use crate::support::World;
use crate::support::dice::Dice;
use crate::support::fate::Line;

/// A look that was under way when a plan was put may not have seen it.
const UNDER_WAY: Duration = Duration::from_mins(1);

/// How often a calendar is looked at.
const EVERY: Duration = Duration::from_mins(15);
/// A person puts their plan up to so often.
const PLANS: usize = 4;
/// What happens by itself ends up to so many jobs, each of which is begun once more.
const MISCHIEF: usize = 8;

/// What Google says arrives: at times late, at times twice, at times not at all.
pub(in super::super) async fn deliver(world: &World, mut dice: Dice) {
    let start = tokio::time::Instant::now();
    loop {
        pause(start, 5_000).await;
        let due = world.providers.lock().unwrap().google.simulator.due_notifications(world.now());
        for notification in due {
            if dice.one_in(10) {
                continue;
            }
            if dice.one_in(5) {
                sleep(Duration::from_secs(dice.below(90))).await;
            }
            let message = notification.request;
            let send = || world.try_send(provider_push::routes, message.clone().map(Body::from));
            let answer = if dice.one_in(4) { join(send(), send()).await.0 } else { send().await };
            let status = answer.map(|answer| answer.status.as_u16());
            let google = &mut world.providers.lock().unwrap().google.simulator;
            google.notification_answered(notification.number, status, world.now());
        }
    }
}

/// How many calls of Google may come of looks that nobody asked for: by schedule, and since Google said something.
pub(in super::super) fn calls(world: &World, calendars: &[Synced], lines: &[Line]) -> usize {
    let lived = lines.last().map_or(0, |line| line.at.as_secs());
    let by_schedule = usize::try_from(lived / EVERY.as_secs()).unwrap() + 2;
    // A message that is heeded takes two exchanges at least.
    let messages = lines.iter().filter(|line| line.entry.starts_with("provider-push")).count() / 2;
    let has_small_pages = world.providers.lock().unwrap().google.simulator.limits().page_size < 10;
    // A list, at times another without the token, and a channel now and then.
    let of_look = if has_small_pages { 12 } else { 3 };
    let automatic = calendars.iter().filter(|calendar| calendar.tier.automatic_sync()).count();
    automatic * of_look * (by_schedule + messages)
}

/// Nobody's list fills up with jobs that they did not ask for: each was for something that they, or somebody else, changed.
pub(in super::super) fn few_jobs(world: &World, calendars: &[Synced], lines: &[Line]) {
    let harms = lines.iter().filter(|line| line.harm.is_some()).count();
    for synced in calendars.iter().filter(|calendar| calendar.tier.automatic_sync()) {
        let is_theirs = |item: &serde_json::Map<String, Value>| {
            item.get("kind") == Some(&"calendar_sync".into()) && item["user"] == synced.user
        };
        let jobs = world.aws.items().iter().filter(|item| is_theirs(item)).count();
        let changes = usize::try_from(synced.written).unwrap() + PLANS;
        let explained = synced.asked + changes + harms + MISCHIEF;
        assert!(jobs <= explained, "{jobs} jobs of {}, {explained} can be explained", synced.user);
    }
}

impl Synced {
    /// Whether what is put is synced without being asked for.
    pub(super) fn is_automatic(&self) -> bool {
        self.tier.automatic_sync() && self.succeeded > 0
    }

    /// Waits until the calendar is in step with a plan that was put.
    pub(super) async fn stay_in_step(&mut self, person: &Person<'_>, body: &Value) {
        let plan: Plan = serde_json::from_value(body.clone()).unwrap();
        let put_at = person.world.now() + jiff::SignedDuration::try_from(UNDER_WAY).unwrap();
        let kept = self.begin(person.world, &plan);
        for round in 0..200 {
            let connection = person.insist(api::routes, || person.get("/v1/connections/google-calendar"));
            let connection = connection.await;
            if connection["status"] == "needs_reauth" {
                person.connect().await;
            }
            let last: Option<Timestamp> = connection["last_sync"].as_str().map(|at| at.parse().unwrap());
            if last.is_some_and(|last| last > put_at) {
                self.end(plan, kept);
                return;
            }
            sleep(if round < 30 { Duration::from_mins(4) } else { Duration::from_mins(30) }).await;
        }
        panic!("{} is not in step by itself", self.user);
    }
}
