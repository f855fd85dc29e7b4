//! The last sync can be undone: the calendar shows again what it showed before, but for what people changed since.

use std::collections::BTreeMap;

use domain::Tier;
use serde_json::{Value, json};
use simulators::google::EventView;

use super::{CALENDAR, automatic, by_hand, calls, conflicts, event, events, plan, put, ready, sync};
use crate::support::dice::Dice;
use crate::support::{World, jobs};

async fn undo(world: &World, job: &Value) -> Value {
    let undone = jobs::undo(world, job).await;
    assert_eq!(
        (&undone["kind"], &undone["status"]),
        (&json!("calendar_sync_undo"), &json!("succeeded")),
        "{undone}"
    );
    undone
}

/// What somebody sees in the calendar.
fn shown(world: &World) -> Vec<Value> {
    let shown = |event: EventView| {
        json!([
            event.summary,
            event.description,
            event.start,
            event.end,
            event.reminders,
            event.more.get("location")
        ])
    };
    events(world).into_iter().map(shown).collect()
}

#[tokio::test(start_paused = true)]
async fn the_calendar_shows_again_what_it_showed_before_the_last_sync() {
    let world = ready().await;
    let mut plan = plan(4);
    put(&world, &plan).await;
    let first = sync(&world).await;
    let before = shown(&world);
    let tasks = plan["modules"][0]["tasks"].as_array_mut().unwrap();
    tasks.remove(0);
    tasks[0]["title"] = json!("Renamed");
    tasks[1]["schedule"] = json!({"date": "2026-11-01"});
    tasks.push(json!({"id": "new", "title": "New", "schedule": {"date": "2026-11-02"}}));
    put(&world, &plan).await;
    let job = sync(&world).await;
    assert_ne!(shown(&world), before);
    calls(&world);
    let undone = undo(&world, &job).await;
    assert_eq!(shown(&world), before);
    assert_eq!(undone["progress"], json!({"done": 4, "total": 4, "unit": "events"}));
    let result = &undone["result"];
    assert_eq!(
        (&result["created"], &result["updated"], &result["archived"]),
        (&json!(1), &json!(2), &json!(1)),
        "{undone}"
    );
    assert_eq!(calls(&world).len(), 5, "a look and the changes");
    let early = jobs::ask_undo(&world, &first, None).await;
    assert_eq!((early.status.as_u16(), early.code().as_str()), (409, "version_conflict"));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_of_a_first_sync_but_what_people_changed() {
    let world = ready().await;
    put(&world, &plan(3)).await;
    let job = sync(&world).await;
    let id = event(&world, "Task 1").id;
    by_hand(&world, |google, now| {
        assert!(google.person_edits_event(CALENDAR, &id, &json!({"summary": "Mine"}), now));
    });
    let undone = undo(&world, &job).await;
    let about = |reason: &str| ("t1".to_owned(), reason.to_owned());
    assert_eq!(conflicts(&undone), [about("edited_in_calendar"), about("kept_for_edits")]);
    assert_eq!(events(&world).iter().map(|event| event.summary.as_str()).collect::<Vec<_>>(), ["Mine"]);
    // The next sync knows it again.
    sync(&world).await;
    assert_eq!(
        events(&world).iter().map(|event| event.summary.as_str()).collect::<Vec<_>>(),
        ["Mine", "Task 0", "Task 2"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_people_did_before_and_after_a_sync_outlasts_its_undoing() {
    let world = ready().await;
    let mut plan = plan(5);
    put(&world, &plan).await;
    sync(&world).await;
    let [edited, deleted] = ["Task 0", "Task 1"].map(|title| event(&world, title).id);
    by_hand(&world, |google, now| {
        assert!(google.person_edits_event(CALENDAR, &edited, &json!({"summary": "Mine"}), now));
        assert!(google.person_deletes_event(CALENDAR, &deleted, now));
    });
    // Both tasks leave the plan, and two others change.
    let tasks = plan["modules"][0]["tasks"].as_array_mut().unwrap();
    tasks.drain(..2);
    tasks[0]["title"] = json!("Renamed");
    tasks[1]["title"] = json!("Renamed too");
    put(&world, &plan).await;
    let job = sync(&world).await;
    let [again, gone] = ["Renamed", "Renamed too"].map(|title| event(&world, title).id);
    by_hand(&world, |google, now| {
        assert!(google.person_edits_event(CALENDAR, &again, &json!({"summary": "Mine as well"}), now));
        assert!(google.person_deletes_event(CALENDAR, &gone, now));
    });
    undo(&world, &job).await;
    let titles: Vec<_> = events(&world).into_iter().map(|event| event.summary).collect();
    assert_eq!(titles, ["Mine", "Mine as well", "Task 4"], "each once, and nothing that was deleted");
}

/// What somebody sees in the calendar, by the tasks, whose ids are the first words of the titles.
fn by_task(world: &World) -> BTreeMap<String, Value> {
    let task = |event: EventView| {
        let EventView { summary, description, start, end, reminders, more, .. } = event;
        let task = summary.split(' ').next().unwrap().to_owned();
        let event = json!({"summary": summary, "description": description, "start": start, "end": end, "reminders": reminders,
            "location": more.get("location"), "colorId": more.get("colorId")});
        (task, event)
    };
    let events = events(world);
    let tasks: BTreeMap<_, _> = events.iter().cloned().map(task).collect();
    assert_eq!(tasks.len(), events.len(), "one event for each task: {events:?}");
    tasks
}

/// Alice changes an event, adds something to it or deletes it, which is to be seen in the end: with what was there before, or, where
/// there was no such event, with what is there now.
fn work(world: &World, dice: &mut Dice, expected: &mut BTreeMap<String, Value>) {
    let tasks = by_task(world);
    if tasks.is_empty() {
        return;
    }
    let task = tasks.keys().nth(usize::try_from(dice.below(tasks.len() as u64)).unwrap()).unwrap().clone();
    let id = event(world, tasks[&task]["summary"].as_str().unwrap()).id;
    let patch = match dice.below(7) {
        0 => {
            expected.remove(&task);
            by_hand(world, |google, now| assert!(google.person_deletes_event(CALENDAR, &id, now)));
            return;
        }
        1 => json!({"summary": format!("{task} is mine")}),
        2 => json!({"description": "My notes."}),
        3 => json!({"start": {"date": "2026-11-20"}, "end": {"date": "2026-11-22"}}),
        4 => json!({"reminders": {"useDefault": false, "overrides": [{"method": "email", "minutes": 120}]}}),
        5 => json!({"location": "Library"}),
        _ => json!({"colorId": "4"}),
    };
    by_hand(world, |google, now| assert!(google.person_edits_event(CALENDAR, &id, &patch, now)));
    let now = by_task(world).remove(&task).unwrap();
    let seen = expected.entry(task).or_insert_with(|| now.clone());
    for name in patch.as_object().unwrap().keys() {
        seen[name] = now[name].clone();
    }
}

#[tokio::test(start_paused = true)]
async fn syncing_and_undoing_changes_nothing_but_what_people_did_whatever_the_plans() {
    let any_plan = |dice: &mut Dice| {
        let mut any = plan(8);
        let tasks = any["modules"][0]["tasks"].as_array_mut().unwrap();
        tasks.retain(|_| !dice.one_in(3));
        for task in tasks {
            task["title"] = json!(format!("{} {}", task["id"], dice.pick(&["Read", "Write"])));
            task["schedule"] = json!({"date": format!("2026-11-0{}", 1 + dice.below(3))});
            if dice.one_in(2) {
                task["reminders"] = json!([]);
            }
        }
        any
    };
    for seed in 0..60 {
        let mut dice = Dice::new(seed);
        let world = ready().await;
        for _ in 0..=dice.below(2) {
            put(&world, &any_plan(&mut dice)).await;
            sync(&world).await;
        }
        let mut expected = by_task(&world);
        put(&world, &any_plan(&mut dice)).await;
        let job = sync(&world).await;
        for _ in 0..dice.below(6) {
            work(&world, &mut dice, &mut expected);
        }
        undo(&world, &job).await;
        assert_eq!(by_task(&world), expected, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_undone_is_not_done_again_by_itself() {
    let world = ready().await;
    automatic::set_tier(&world, Tier::Pro).await;
    put(&world, &plan(2)).await;
    sync(&world).await;
    put(&world, &plan(3)).await;
    let job = sync(&world).await;
    undo(&world, &job).await;
    put(&world, &plan(4)).await;
    world.pass_minutes(60).await;
    assert_eq!(events(&world).len(), 2, "as before the sync that was undone");
    sync(&world).await;
    put(&world, &plan(5)).await;
    world.pass_minutes(20).await;
    assert_eq!(events(&world).len(), 5, "whoever syncs again wants it to go on");
}
