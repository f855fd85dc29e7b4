//! What people do with the pages is respected and reported.

use serde_json::json;

use crate::support::Browser;

use super::{by_hand, calls, conflicts, export, outline, pages, plan, put, ready, target};

#[tokio::test(start_paused = true)]
async fn what_people_wrote_in_notion_is_kept_and_reported() {
    let world = ready().await;
    let mut plan = plan(1, 4);
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    let (_, below) = pages(&world);
    let tasks = &below[0].blocks[1..];
    by_hand(&world, |notion, now| {
        // The first task's own line, a paragraph within the second, and a note of her own within the third.
        assert!(notion.person_edits_block(tasks[0].id, "My words", now));
        assert!(notion.person_edits_block(tasks[1].children[0].id, "Read it twice.", now));
        assert!(notion.person_adds_block(tasks[2].id, None, "A note of mine", now).is_some());
        assert!(notion.person_deletes_block(tasks[3].id, now));
    });
    let list = plan["modules"][0]["tasks"].as_array_mut().unwrap();
    list[0]["title"] = json!("Changed");
    list[1]["description"] = json!("Read it now.\n\n- one\n- two");
    list[3]["title"] = json!("Changed too");
    list.remove(2);
    put(&world, &plan).await;
    let job = export(&world, &json!({"target": "notion"})).await;
    assert_eq!(job["status"], "succeeded", "{job}");
    let mut found = conflicts(&job);
    found.sort();
    let edited = |id: &str| (id.to_owned(), "edited_in_notion".to_owned());
    let kept = ("t1-3".to_owned(), "kept_for_edits".to_owned());
    assert_eq!(
        found,
        [edited("t1-1"), edited("t1-2"), kept, ("t1-4".to_owned(), "trashed_in_notion".to_owned())]
    );
    let (_, below) = pages(&world);
    let lines = outline(&below[0].blocks);
    for line in ["to_do: My words", "  paragraph: Read it twice.", "  paragraph: A note of mine"] {
        assert!(lines.contains(&line.to_owned()), "{line} is not in {lines:?}");
    }
    assert_eq!(below[0].blocks.len(), 4, "what was thrown away is not made again: {lines:?}");
    calls(&world);
    let again = export(&world, &json!({"target": "notion"})).await;
    assert_eq!((conflicts(&again).len(), calls(&world).len()), (0, 1), "once is enough");
}

#[tokio::test(start_paused = true)]
async fn what_was_made_before_the_account_was_connected_anew_is_still_ours() {
    let world = ready().await;
    let mut plan = plan(2, 4);
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    // Notion gives who connects again another identity.
    by_hand(&world, |notion, _| notion.person_disconnects("Alice"));
    Browser::default().connect(&world, "alice").await;
    plan["modules"][0]["tasks"][1]["title"] = json!("Changed");
    plan["modules"].as_array_mut().unwrap().remove(1);
    put(&world, &plan).await;
    let job = export(&world, &json!({"target": "notion"})).await;
    assert_eq!((&job["status"], conflicts(&job)), (&json!("succeeded"), vec![]), "{job}");
    let (_, below) = pages(&world);
    assert_eq!(below.len(), 1, "what left the plan is gone");
    assert!(outline(&below[0].blocks).contains(&"to_do: Changed · 30 min".to_owned()), "{below:?}");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_somebody_threw_away_is_not_made_again_unless_asked_for() {
    let world = ready().await;
    let mut plan = plan(2, 2);
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    let (own, below) = pages(&world);
    by_hand(&world, |notion, _| notion.person_trashes(below[0].id, true));
    plan["modules"][0]["tasks"][0]["title"] = json!("Changed");
    put(&world, &plan).await;
    let job = export(&world, &json!({"target": "notion"})).await;
    assert_eq!(conflicts(&job), [("m1".to_owned(), "trashed_in_notion".to_owned())]);
    assert_eq!(pages(&world).1.len(), 1);
    let job = export(&world, &json!({"target": "notion", "recreate_trashed": true})).await;
    assert_eq!(job["status"], "succeeded", "{job}");
    let titles: Vec<_> = pages(&world).1.into_iter().map(|page| page.title).collect();
    assert_eq!(titles, ["Module 2", "Module 1"]);
    by_hand(&world, |notion, _| notion.person_trashes(own.id, true));
    let job = export(&world, &json!({"target": "notion"})).await;
    assert_eq!(
        (job["status"].as_str(), job["error"]["code"].as_str()),
        (Some("failed"), Some("target_not_found"))
    );
    let job = export(&world, &json!({"target": "notion", "recreate_trashed": true})).await;
    assert_eq!(job["status"], "succeeded", "{job}");
    assert_eq!(pages(&world).1.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn tasks_in_another_order_and_in_another_module_are_there_once() {
    let world = ready().await;
    let mut plan = plan(2, 4);
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    let first = plan["modules"][0]["tasks"].as_array_mut().unwrap();
    first.reverse();
    let moved = first.remove(1);
    plan["modules"][1]["tasks"].as_array_mut().unwrap().insert(2, moved);
    put(&world, &plan).await;
    let job = export(&world, &json!({"target": "notion"})).await;
    assert_eq!((&job["status"], &job["progress"]["done"]), (&json!("succeeded"), &json!(8)), "{job}");
    let (_, below) = pages(&world);
    let titles = |page: usize| -> Vec<String> {
        below[page].blocks[1..].iter().map(|block| block.text.replace(" · 30 min", "")).collect()
    };
    assert_eq!(titles(0), ["Task 1.4", "Task 1.2", "Task 1.1"]);
    assert_eq!(titles(1), ["Task 2.1", "Task 2.2", "Task 1.3", "Task 2.3", "Task 2.4"]);
    calls(&world);
    export(&world, &json!({"target": "notion"})).await;
    assert_eq!(calls(&world).len(), 1);
}
