//! Notion does not tell the ids of blocks that are made with their page: which of them is which is found out when it matters,
//! whatever people did to them meanwhile.

use http::Method;
use serde_json::{Value, json};
use simulators::Fault;
use simulators::faults::FaultKind;
use simulators::notion::{BlockView, NotionLimits};

use super::{by_hand, calls, conflicts, export, outline, pages, plan, put, ready, target};
use crate::support::World;
use crate::tickets::fault;

/// A plan of one module with these tasks (titles and descriptions), exported.
async fn exported(tasks: &[(&str, &str)]) -> (World, Value) {
    let (world, mut plan) = (ready().await, plan(1, tasks.len()));
    for (task, (title, description)) in
        plan["modules"][0]["tasks"].as_array_mut().unwrap().iter_mut().zip(tasks)
    {
        (task["title"], task["description"]) = (json!(title), json!(description));
    }
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    (world, plan)
}

/// What the module's page looks like below its description.
fn shown(world: &World) -> Vec<String> {
    outline(&pages(world).1[0].blocks)[1..].to_vec()
}

#[tokio::test(start_paused = true)]
async fn of_two_tasks_the_one_is_deleted_that_had_something_inside() {
    let world = ready().await;
    let mut plan = plan(1, 2);
    plan["modules"][0]["tasks"][0]["description"] = json!("");
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    // Notion does not tell the ids of blocks that are made with their page, so nobody has seen them yet.
    let (_, below) = pages(&world);
    by_hand(&world, |notion, now| {
        assert!(notion.person_edits_block(below[0].blocks[1].id, "My words", now));
        notion.person_trashes(below[0].blocks[2].id, true);
    });
    let mut body = target(&world);
    body["recreate_trashed"] = json!(true);
    export(&world, &body).await;
    let (_, below) = pages(&world);
    let expected = [
        "paragraph: About it.",
        "to_do: My words",
        "to_do: Task 1.2 · 30 min",
        "  paragraph: Read it.",
        "  bulleted_list_item: one",
        "  bulleted_list_item: two",
    ];
    assert_eq!(outline(&below[0].blocks), expected);
}

#[tokio::test(start_paused = true)]
async fn of_two_tasks_that_say_the_same_the_one_is_deleted_that_had_something_else_inside() {
    let (world, mut plan) = exported(&[("Write", "Two."), ("Write", "One.\n\nTwo.")]).await;
    let (_, below) = pages(&world);
    by_hand(&world, |notion, _| notion.person_trashes(below[0].blocks[1].id, true));
    plan["modules"][0]["tasks"][0]["description"] = json!("One.\n\nTwo.");
    put(&world, &plan).await;
    calls(&world);
    let job = export(&world, &json!({"target": "notion"})).await;
    assert_eq!(shown(&world), ["to_do: Write · 30 min", "  paragraph: One.", "  paragraph: Two."]);
    assert_eq!(conflicts(&job), [("t1-1".to_owned(), "trashed_in_notion".to_owned())]);
    assert_eq!(calls(&world).len(), 3, "the page, its blocks, and what is inside the one that is left");
}

#[tokio::test(start_paused = true)]
async fn of_two_tasks_one_is_deleted_and_one_written_over_whose_inside_tells_which_it_is() {
    for deleted in [0, 1] {
        let (world, mut plan) = exported(&[("Read", "One."), ("Write", "Two.")]).await;
        let (_, below) = pages(&world);
        by_hand(&world, |notion, now| {
            notion.person_trashes(below[0].blocks[1 + deleted].id, true);
            assert!(notion.person_edits_block(below[0].blocks[2 - deleted].id, "My words", now));
        });
        plan["modules"][0]["tasks"][0]["description"] = json!("One.\n\nMore.");
        plan["modules"][0]["tasks"][1]["description"] = json!("Two.\n\nMore.");
        put(&world, &plan).await;
        let job = export(&world, &json!({"target": "notion"})).await;
        let left = ["Two.", "One."][deleted];
        let expected = ["to_do: My words", &format!("  paragraph: {left}"), "  paragraph: More."];
        assert_eq!(shown(&world), expected);
        assert_eq!(conflicts(&job), [(format!("t1-{}", deleted + 1), "trashed_in_notion".to_owned())]);
    }
}

#[tokio::test(start_paused = true)]
async fn tasks_that_somebody_dragged_elsewhere_are_still_what_they_are() {
    let (world, mut plan) =
        exported(&[("Read", ""), ("Write", "Two."), ("Write", "One."), ("Sing", ""), ("Rest", "")]).await;
    let (_, below) = pages(&world);
    let tasks: Vec<_> = below[0].blocks.iter().map(|block| block.id).collect();
    by_hand(&world, |notion, now| {
        assert!(notion.person_moves_block(tasks[1], tasks[5], now));
        assert!(notion.person_moves_block(tasks[2], tasks[3], now));
        assert!(notion.person_moves_block(tasks[4], tasks[0], now));
    });
    let all = [
        "Sing · 30 min",
        "Write · 30 min",
        "One.",
        "Write · 30 min",
        "Two.",
        "Rest · 30 min",
        "Read · 30 min",
    ];
    let texts = || -> Vec<String> {
        let words = |line: &String| line.split_once(": ").unwrap().1.to_owned();
        shown(&world).iter().map(words).collect()
    };
    assert_eq!(texts(), all);
    let job = export(&world, &json!({"target": "notion", "recreate_trashed": true})).await;
    assert_eq!(
        (texts(), conflicts(&job)),
        (all.map(str::to_owned).to_vec(), vec![]),
        "nothing of it is missing"
    );
    let tasks = plan["modules"][0]["tasks"].as_array_mut().unwrap();
    tasks[0]["title"] = json!("Read on");
    tasks[1]["description"] = json!("Two.\n\nThree.");
    tasks[2]["description"] = json!("Uno.");
    tasks.remove(3);
    put(&world, &plan).await;
    let job = export(&world, &json!({"target": "notion"})).await;
    let expected =
        ["Write · 30 min", "Uno.", "Write · 30 min", "Two.", "Three.", "Rest · 30 min", "Read on · 30 min"];
    assert_eq!((texts(), conflicts(&job)), (expected.map(str::to_owned).to_vec(), vec![]));
}

/// Exports; somebody drags an outermost block of the last module's page behind another one while that page's blocks are listed.
async fn export_beside_a_drag(world: &World, recreate: bool, (moved, after): (usize, usize)) -> Value {
    let module = pages(world).1.pop().unwrap();
    let path = format!("/v1/blocks/{}/children", module.id);
    calls(world);
    let drag = async {
        world.until(|notion| notion.records.count(&Method::GET, &path) > 0).await;
        let (moved, after) = (module.blocks[moved].id, module.blocks[after].id);
        assert!(by_hand(world, |notion, now| notion.person_moves_block(moved, after, now)));
    };
    let body = json!({"target": "notion", "recreate_trashed": recreate});
    tokio::join!(export(world, &body), drag).0
}

/// Notion tells two blocks in each answer.
fn list_in_parts(world: &World) {
    by_hand(world, |notion, _| {
        notion.set_limits(NotionLimits { page_size: 2, ..notion.limits().clone() });
    });
}

#[tokio::test(start_paused = true)]
async fn a_note_that_somebody_drags_while_its_page_is_to_go_is_seen() {
    let world = ready().await;
    let mut plan = plan(2, 2);
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    by_hand(&world, |notion, now| {
        let page = notion.page_titled("Module 2").unwrap().id;
        assert!(notion.person_adds_block(page, None, "A note of mine", now).is_some());
    });
    list_in_parts(&world);
    plan["modules"].as_array_mut().unwrap().remove(1);
    put(&world, &plan).await;
    // To where the list was read already.
    let job = export_beside_a_drag(&world, false, (3, 0)).await;
    assert_eq!(conflicts(&job), [("m2".to_owned(), "kept_for_edits".to_owned())]);
    assert_eq!(pages(&world).1.len(), 2, "with the note on it");
}

#[tokio::test(start_paused = true)]
async fn what_somebody_drags_while_a_list_is_read_in_parts_is_neither_lost_nor_made_again() {
    let sorted = |mut lines: Vec<String>| {
        lines.sort_unstable();
        lines
    };
    // The next part begins with what is dragged to the end; or something is dragged to where it was read already.
    for drags in [[(2, 5), (2, 5), (2, 3)], [(4, 0), (5, 0), (3, 0)]] {
        let tasks = [("Read", ""), ("Write", "Two."), ("Write", "Two."), ("Sing", ""), ("Rest", "")];
        let (world, mut plan) = exported(&tasks).await;
        list_in_parts(&world);
        let before = sorted(shown(&world));
        let job = export_beside_a_drag(&world, true, drags[0]).await;
        assert_eq!(
            (sorted(shown(&world)), conflicts(&job)),
            (before, vec![]),
            "{drags:?}: nothing was missing"
        );
        let steps = [(drags[1], 2..4, &["Read", "Rest", "Two.", "Write"][..]), (drags[2], 1..3, &["Read"])];
        for (drag, removed, left) in steps {
            plan["modules"][0]["tasks"].as_array_mut().unwrap().drain(removed);
            put(&world, &plan).await;
            let job = export_beside_a_drag(&world, false, drag).await;
            let words = |line: String| line.split_once(": ").unwrap().1.replace(" · 30 min", "");
            let shown: Vec<_> = shown(&world).into_iter().map(words).collect();
            assert_eq!(
                (sorted(shown), conflicts(&job)),
                (left.iter().map(|line| (*line).to_owned()).collect(), vec![]),
                "{drags:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_tasks_that_say_the_same_are_told_apart_in_several_pieces() {
    let descriptions: Vec<String> = (0..99).map(|number| format!("Number {number}.")).collect();
    let tasks: Vec<_> = descriptions.iter().map(|description| ("Practise", description.as_str())).collect();
    let (world, mut plan) = exported(&tasks).await;
    let (_, below) = pages(&world);
    by_hand(&world, |notion, _| notion.person_trashes(below[0].blocks[1].id, true));
    plan["modules"][0]["tasks"][98]["description"] = json!("Number 98.\n\nThe last.");
    put(&world, &plan).await;
    // Whatever is asked takes so long that one piece is not enough.
    let slow = Fault { delay_ms: Some(500), ..Fault::new(FaultKind::DelayMs).times(1_000) };
    fault(&world, slow.on("GET", "/v1/blocks/"));
    calls(&world);
    export(&world, &json!({"target": "notion"})).await;
    let shown = shown(&world);
    assert_eq!(shown.len(), 2 * 98 + 1);
    assert_eq!(shown[shown.len() - 2..], ["  paragraph: Number 98.", "  paragraph: The last."]);
    let made = calls(&world).len();
    assert!((100..110).contains(&made), "each is looked into once: {made}");
}

/// A plan of two modules whose last task of the first somebody drags to the second's page, after it was seen.
async fn dragged_away() -> (World, Value) {
    let world = ready().await;
    let mut plan = plan(2, 2);
    for task in 0..2 {
        plan["modules"][0]["tasks"][task]["description"] = json!("");
    }
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    plan["modules"][0]["tasks"][0]["title"] = json!("Read");
    plan["modules"][0]["tasks"][1]["title"] = json!("Write");
    put(&world, &plan).await;
    export(&world, &json!({"target": "notion"})).await;
    let (_, below) = pages(&world);
    by_hand(&world, |notion, now| {
        assert!(notion.person_moves_block(below[0].blocks[2].id, below[1].blocks[1].id, now));
    });
    (world, plan)
}

/// The words of the tasks on the pages of two modules.
fn tasks(world: &World) -> Vec<Vec<String>> {
    let (_, below) = pages(world);
    let words = |text: &str| text.replace(" · 30 min", "");
    let tasks = |blocks: &[BlockView]| blocks[1..].iter().map(|block| words(&block.text)).collect();
    below.iter().map(|page| tasks(&page.blocks)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_task_that_was_dragged_to_another_page_is_not_made_again_and_still_changed() {
    let (world, mut plan) = dragged_away().await;
    let job = export(&world, &json!({"target": "notion", "recreate_trashed": true})).await;
    let elsewhere = [vec!["Read"], vec!["Task 2.1", "Write", "Task 2.2"]];
    assert_eq!(
        (tasks(&world), conflicts(&job)),
        (elsewhere.map(|page| page.into_iter().map(str::to_owned).collect()).to_vec(), vec![])
    );
    plan["modules"][0]["tasks"][1]["title"] = json!("Write more");
    put(&world, &plan).await;
    export(&world, &json!({"target": "notion"})).await;
    assert_eq!(tasks(&world)[1], ["Task 2.1", "Write more", "Task 2.2"]);
}

#[tokio::test(start_paused = true)]
async fn after_a_task_that_was_dragged_to_another_page_comes_another() {
    for is_invalid in [false, true] {
        let (world, mut plan) = dragged_away().await;
        let new = json!({"id": "new", "title": "Sing"});
        plan["modules"][0]["tasks"].as_array_mut().unwrap().push(new);
        put(&world, &plan).await;
        if is_invalid {
            let message = "The block to insert after is not a child of this one.";
            let error =
                json!({"object": "error", "status": 400, "code": "validation_error", "message": message});
            fault(&world, Fault::new(FaultKind::Status).on("PATCH", "/v1/blocks/").answering(400, error));
        }
        let job = export(&world, &json!({"target": "notion"})).await;
        assert_eq!(job["status"], "succeeded", "{job}");
        assert_eq!(tasks(&world), [vec!["Read", "Sing"], vec!["Task 2.1", "Write", "Task 2.2"]]);
    }
}

#[tokio::test(start_paused = true)]
async fn eighty_tasks_that_were_dragged_to_another_page_are_looked_at_once_each() {
    let world = ready().await;
    let mut plan = plan(2, 80);
    for task in plan["modules"][0]["tasks"].as_array_mut().unwrap() {
        task["description"] = json!("");
    }
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    plan["modules"][0]["tasks"][0]["title"] = json!("Read");
    put(&world, &plan).await;
    export(&world, &json!({"target": "notion"})).await;
    let (_, below) = pages(&world);
    by_hand(&world, |notion, now| {
        for task in &below[0].blocks[1..] {
            assert!(notion.person_moves_block(task.id, below[1].blocks[1].id, now));
        }
    });
    // Longer than one piece may take.
    let slow = Fault { delay_ms: Some(500), ..Fault::new(FaultKind::DelayMs).times(1_000) };
    fault(&world, slow.on("GET", "/v1/blocks/"));
    calls(&world);
    let job = export(&world, &json!({"target": "notion", "recreate_trashed": true})).await;
    assert_eq!(conflicts(&job), []);
    assert_eq!(tasks(&world).iter().map(Vec::len).collect::<Vec<_>>(), [0, 160], "each is there once");
    let made = calls(&world).len();
    assert!((80..110).contains(&made), "{made} calls");
}
