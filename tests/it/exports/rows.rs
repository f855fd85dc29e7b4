//! Plans as databases.

use serde_json::json;
use simulators::Fault;
use simulators::faults::FaultKind;
use simulators::notion::DatabaseView;

use super::{ask, by_hand, calls, export, outline, pages, plan, put, ready, target};
use crate::support::jobs::over;
use crate::support::{World, get};
use crate::tickets::fault;

/// The database of the tasks.
pub(super) fn database(world: &World) -> DatabaseView {
    let (own, _) = pages(world);
    let mut databases = world.providers.lock().unwrap().notion.simulator.databases_under(own.id);
    assert_eq!(databases.len(), 1, "one database");
    databases.remove(0)
}

#[tokio::test(start_paused = true)]
async fn a_plan_becomes_a_database_with_a_row_for_each_task() {
    let world = ready().await;
    let mut plan = plan(2, 2);
    plan["time_zone"] = json!("Europe/Berlin");
    plan["modules"][1]["title"] = json!("Module 1");
    let task = &mut plan["modules"][0]["tasks"][0];
    task["schedule"] = json!({"start": "2026-11-23T09:00"});
    task["status"] = json!("doing");
    task["reminders"] =
        json!([{"method": "popup", "minutes_before": 10}, {"method": "email", "minutes_before": 60}]);
    task["resources"] = json!([{"title": "The Book", "url": "https://example.com/book"}]);
    plan["modules"][0]["tasks"][1]["schedule"] = json!({"date": "2026-11-23", "end_date": "2026-11-24"});
    put(&world, &plan).await;
    let mut body = target(&world);
    body["layout"] = json!("database");
    let job = export(&world, &body).await;
    assert_eq!(job["status"], "succeeded", "{job}");
    assert_eq!(job["progress"]["done"], 4);
    let made = calls(&world);
    assert_eq!(
        made.iter().filter(|call| *call == "POST /v1/pages").count(),
        5,
        "the plan's and one for each task"
    );
    assert_eq!(made.len(), 8, "a look at the parent, a database, and a look at its columns: {made:?}");
    let (own, _) = pages(&world);
    assert_eq!(
        outline(&own.blocks)[1..],
        [
            "paragraph: All of it.",
            "heading_2: Module 1",
            "paragraph: About it.",
            "heading_2: Module 1",
            "paragraph: About it."
        ]
    );
    let database = database(&world);
    assert_eq!(database.title, "Tasks");
    let row = &database.rows[0];
    assert_eq!(row.title, "Task 1.1");
    for (name, value) in [
        ("Status", json!("In progress")),
        ("Module", json!("Module 1")),
        ("Minutes", json!(30)),
        ("Order", json!(1)),
        ("Reminders", json!("reminder 10 min before, e-mail 60 min before")),
    ] {
        assert_eq!(row.properties[name], value, "{name}");
    }
    assert_eq!(row.properties["When"]["start"], "2026-11-23T09:00:00.000+01:00");
    assert_eq!(
        outline(&row.blocks),
        [
            "paragraph: Read it.",
            "bulleted_list_item: one",
            "bulleted_list_item: two",
            "bulleted_list_item: The Book"
        ]
    );
    assert_eq!(row.blocks[3].links, ["https://example.com/book"]);
    assert_eq!(
        database.rows[2].properties["Module"], "Module 1 (2)",
        "a module of the same title is another module"
    );
    assert_eq!(database.rows[1].properties["When"]["end"], "2026-11-24");
    export(&world, &json!({"target": "notion", "layout": "database"})).await;
    assert_eq!(calls(&world).len(), 1, "and nothing is left to be done");
}

#[tokio::test(start_paused = true)]
async fn of_a_row_only_the_changed_columns_are_written_whatever_they_are_called_now() {
    let world = ready().await;
    let mut plan = plan(1, 3);
    put(&world, &plan).await;
    let mut body = target(&world);
    body["layout"] = json!("database");
    export(&world, &body).await;
    by_hand(&world, |notion, _| assert!(notion.person_renames_property("Tasks", "Minutes", "Duration")));
    let tasks = plan["modules"][0]["tasks"].as_array_mut().unwrap();
    tasks[0]["minutes"] = json!(45);
    tasks[1]["title"] = json!("Other words");
    tasks[1]["description"] = json!("Read it all.");
    tasks.remove(2);
    put(&world, &plan).await;
    calls(&world);
    let job = export(&world, &json!({"target": "notion", "layout": "database"})).await;
    assert_eq!((&job["result"]["updated"], &job["result"]["archived"]), (&json!(3), &json!(3)), "{job}");
    let rows = database(&world).rows;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].properties["Duration"].as_f64(), Some(45.0));
    assert_eq!(
        (rows[1].title.as_str(), outline(&rows[1].blocks)),
        ("Other words", vec!["paragraph: Read it all.".to_owned()])
    );
    // A column that somebody took away is not written any more, and nothing else suffers.
    by_hand(&world, |notion, _| assert!(notion.person_removes_property("Tasks", "Order")));
    let new = json!({"id": "new", "title": "New"});
    plan["modules"][0]["tasks"].as_array_mut().unwrap().push(new);
    put(&world, &plan).await;
    let job = export(&world, &json!({"target": "notion", "layout": "database"})).await;
    assert_eq!(job["status"], "succeeded", "{job}");
    assert_eq!(database(&world).rows[2].title, "New");
    // Without the id's column nothing can be made without the danger of making it twice.
    by_hand(&world, |notion, _| assert!(notion.person_removes_property("Tasks", "Patchbay ID")));
    plan["modules"][0]["tasks"].as_array_mut().unwrap().push(json!({"id": "newer", "title": "Newer"}));
    put(&world, &plan).await;
    let answer = ask(&world, "last", &json!({"target": "notion", "layout": "database"})).await;
    world.drain().await;
    let job = format!("/v1/jobs/{}", answer.json()["id"].as_str().unwrap());
    let job = world.send(api::routes, get(&world, "alice", &job)).await.json();
    assert_eq!(
        (&job["status"], &job["error"]["code"]),
        (&json!("waiting"), &json!("mapping_property_missing")),
        "{job}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_column_that_is_renamed_before_we_know_its_id_is_found_by_its_kind() {
    for column in ["Task", "Status", "When", "Minutes", "Reminders", "Patchbay ID"] {
        let world = ready().await;
        let mut plan = plan(1, 2);
        plan["modules"][0]["tasks"][0]["schedule"] =
            json!({"start": "2026-12-01T09:00", "time_zone": "Europe/Berlin"});
        put(&world, &plan).await;
        let late = Fault { delay_ms: Some(1_000), ..Fault::new(FaultKind::DelayMs) };
        fault(&world, late.on("POST", "/v1/databases"));
        let mut body = target(&world);
        body["layout"] = json!("database");
        let asked = ask(&world, "k", &body).await.json();
        let rename =
            world.until(|notion| notion.simulator.person_renames_property("Tasks", column, "My own name"));
        tokio::join!(Box::pin(world.drain()), rename);
        let job = over(&world, asked["id"].as_str().unwrap()).await;
        assert_eq!(job["status"], "succeeded", "{column}: {job}");
        let row = &database(&world).rows[0];
        let is_told = row.properties.get("My own name").is_some_and(|value| !value.is_null());
        assert_eq!(row.title, "Task 1.1");
        assert!(is_told || ["Task", "Reminders"].contains(&column), "{column}: {row:?}");
        assert_eq!(row.properties.get(column), None, "{column}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_people_wrote_in_rows_is_kept_also_where_many_are_changed_at_once() {
    let world = ready().await;
    let mut plan = plan(1, 30);
    put(&world, &plan).await;
    let mut body = target(&world);
    body["layout"] = json!("database");
    export(&world, &body).await;
    let rows = database(&world).rows;
    by_hand(&world, |notion, now| {
        assert!(notion.person_renames_page(rows[3].id, "My words", now));
        assert!(notion.person_renames_page(rows[20].id, "Mine too", now));
        notion.person_trashes(rows[5].id, true);
    });
    let tasks = plan["modules"][0]["tasks"].as_array_mut().unwrap();
    for task in tasks.iter_mut() {
        task["title"] = json!("Changed");
    }
    tasks.truncate(20 + 3);
    tasks.remove(20);
    put(&world, &plan).await;
    calls(&world);
    let job = export(&world, &body).await;
    let mut found = super::conflicts(&job);
    found.sort();
    let because = |task: &str, reason: &str| (task.to_owned(), reason.to_owned());
    assert_eq!(
        found,
        [
            because("t1-21", "kept_for_edits"),
            because("t1-4", "edited_in_notion"),
            because("t1-6", "trashed_in_notion")
        ]
    );
    let titles: Vec<_> = database(&world).rows.into_iter().map(|row| row.title).collect();
    let count = |title: &str| titles.iter().filter(|it| *it == title).count();
    assert_eq!((count("Changed"), count("My words"), count("Mine too")), (20, 1, 1), "{titles:?}");
    let looks = calls(&world).iter().filter(|call| call.starts_with("GET /v1/pages/")).count();
    assert!(looks <= 1 + 3, "one for the plan's page and each row that is not as it was left: {looks}");
}

#[tokio::test(start_paused = true)]
async fn rows_that_were_thrown_away_are_made_again_where_that_is_asked_for_and_no_others() {
    let world = ready().await;
    put(&world, &plan(1, 150)).await;
    let mut body = target(&world);
    body["layout"] = json!("database");
    export(&world, &body).await;
    body["recreate_trashed"] = json!(true);
    for count in [1, 120] {
        let rows = &database(&world).rows[20..20 + count];
        by_hand(&world, |notion, _| rows.iter().for_each(|row| notion.person_trashes(row.id, true)));
        calls(&world);
        let job = export(&world, &body).await;
        assert_eq!(
            (&job["status"], &job["result"]["created"]),
            (&json!("succeeded"), &json!(count)),
            "{job}"
        );
        let made = calls(&world);
        assert!(made.len() <= count + 12, "lists tell what is there and what is not: {made:?}");
        assert_eq!(database(&world).rows.len(), 150);
    }
}
