//! Tickets in databases as people have them: renamed, removed and locked columns, pages in the trash, lost answers.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::Fault;
use simulators::faults::FaultKind;
use simulators::notion::{NotionLimits, PageView};

use crate::support::{Answer, Browser, World, get, send_json};

pub(crate) const MAIN: &str = "Product tickets";
const LOCKED: &str = "Locked board";

pub(crate) fn ticket() -> Value {
    json!({
        "title": "Discount code is lost when the address changes",
        "ticket_type": "Bug", "priority": "High", "product_area": "Checkout",
        "description": "The code disappears. It should stay.",
        "steps_to_reproduce": ["Enter a code.", "Change the address.", "Look at the total."],
        "evidence": [{"pointer": "/steps_to_reproduce/0", "cue_ids": ["4"], "start_ms": 42_000, "end_ms": 44_000,
                      "quote": "I enter a code", "url": "https://evil.example/"}],
    })
}

/// Alice with a recording, connected, with `database` chosen.
pub(crate) async fn ready(database: &str) -> World {
    let world = World::calm();
    let body =
        json!({"name": "a", "transcript": "WEBVTT\n\n00:00.000 --> 00:02.000\nIt is broken, believe me."});
    let put = send_json(&world, "alice", Method::PUT, "/v1/videos/rec-1", None, &body);
    assert_eq!(world.send(api::routes, put).await.status, StatusCode::CREATED);
    Browser::default().connect(&world, "alice").await;
    choose(&world, database).await;
    world
}

async fn choose(world: &World, database: &str) -> Value {
    let list = world.send(api::routes, get(world, "alice", "/v1/connections/notion/databases")).await.json();
    let item = list["items"].as_array().unwrap().iter().find(|item| item["name"] == database).unwrap();
    let body = json!({"settings": {"database_id": item["id"]}});
    let patch = send_json(world, "alice", Method::PATCH, "/v1/connections/notion", None, &body);
    let answer = world.send(api::routes, patch).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

pub(crate) async fn create(world: &World, key: &str, ticket: &Value) -> Answer {
    let path = "/v1/videos/rec-1/tickets";
    world.send(notion_export::routes, send_json(world, "alice", Method::POST, path, Some(key), ticket)).await
}

pub(crate) async fn created(world: &World, key: &str, ticket: &Value) -> Value {
    let answer = create(world, key, ticket).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json()
}

/// The answer to the next page that is made is lost, and lists show the page only after so long.
fn lose_page(world: &World, visibility_delay_ms: i64) {
    {
        let notion = &mut world.providers.lock().unwrap().notion.simulator;
        let limits = notion.limits().clone();
        notion.set_limits(NotionLimits { visibility_delay_ms, ..limits });
    }
    fault(world, Fault::new(FaultKind::LoseAnswer).on("POST", "/v1/pages$"));
}

/// Asks for the same ticket until there is an answer.
async fn insisted(world: &World, key: &str) -> Answer {
    let path = "/v1/videos/rec-1/tickets";
    let again = || send_json(world, "alice", Method::POST, path, Some(key), &ticket());
    world.insist(notion_export::routes, again).await
}

pub(crate) fn pages(world: &World, database: &str) -> Vec<PageView> {
    world.providers.lock().unwrap().notion.simulator.pages(database)
}

pub(crate) fn fault(world: &World, fault: Fault) {
    world.providers.lock().unwrap().notion.fail(fault).unwrap();
}

pub(crate) fn calls(world: &World) -> usize {
    world.providers.lock().unwrap().notion.records.all().len()
}

fn lines(page: &PageView) -> Vec<String> {
    page.blocks.iter().map(|block| format!("{}: {}", block.kind, block.text)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_ticket_becomes_a_page_with_its_properties_and_body_in_one_call() {
    let world = ready(MAIN).await;
    let before = calls(&world);
    let answer = created(&world, "k", &ticket()).await;
    assert_eq!(calls(&world) - before, 1);
    let page = pages(&world, MAIN).remove(0);
    assert_eq!(answer, json!({"page_id": page.id.to_string(), "url": page.url, "unmapped": []}));
    assert_eq!(page.title, ticket()["title"].as_str().unwrap());
    for (name, value) in [("Ticket Type", "Bug"), ("Priority", "High"), ("Product Area", "Checkout")] {
        assert_eq!(page.properties[name], value, "{name}");
    }
    assert_eq!(
        lines(&page),
        [
            "heading_2: Summary",
            "paragraph: The code disappears. It should stay.",
            "heading_2: Steps to Reproduce",
            "numbered_list_item: Enter a code. 0:42",
            "numbered_list_item: Change the address.",
            "numbered_list_item: Look at the total.",
            "heading_2: Video Reference",
            "bookmark: ",
        ]
    );
    assert_eq!(
        page.blocks[3].links,
        ["https://app.example.com/s/rec-1?t=42"],
        "our link, not the posted one"
    );
    assert_eq!(page.blocks[7].links, ["https://app.example.com/s/rec-1"]);
}

#[tokio::test(start_paused = true)]
async fn what_has_no_property_stands_in_the_body_and_the_answer_says_so() {
    let world = ready("Ideas").await;
    let answer = created(&world, "k", &ticket()).await;
    assert!(answer["unmapped"].as_array().unwrap().contains(&json!("Priority")), "{answer}");
    let page = pages(&world, "Ideas").remove(0);
    assert!(lines(&page).iter().any(|line| line.contains("Priority: High")), "{:?}", lines(&page));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_the_property_cannot_take_stands_in_the_body() {
    let world = ready(MAIN).await;
    let mut odd = ticket();
    odd["product_area"] = json!("Cart, Checkout");
    let answer = created(&world, "k", &odd).await;
    assert_eq!(answer["unmapped"], json!(["Product Area"]));
    assert!(lines(&pages(&world, MAIN)[0]).iter().any(|line| line.contains("Cart, Checkout")));
}

#[tokio::test(start_paused = true)]
async fn a_renamed_property_is_still_found() {
    let world = ready(MAIN).await;
    world.providers.lock().unwrap().notion.simulator.person_renames_property(MAIN, "Priority", "Urgency");
    let before = calls(&world);
    let answer = created(&world, "k", &ticket()).await;
    assert_eq!((calls(&world) - before, &answer["unmapped"]), (1, &json!([])));
    assert_eq!(pages(&world, MAIN)[0].properties["Urgency"], "High");
}

#[tokio::test(start_paused = true)]
async fn a_removed_property_is_told_not_failed() {
    let world = ready(MAIN).await;
    assert!(world.providers.lock().unwrap().notion.simulator.person_removes_property(MAIN, "Priority"));
    let answer = created(&world, "k", &ticket()).await;
    assert_eq!(answer["unmapped"], json!(["Priority"]));
    let before = calls(&world);
    created(&world, "k-2", &ticket()).await;
    assert_eq!(calls(&world) - before, 1, "the present columns are remembered");
    assert_eq!(pages(&world, MAIN).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn renamed_properties_are_still_found_when_another_was_removed() {
    let world = ready(MAIN).await;
    let properties = |world: &World| pages(world, MAIN).last().unwrap().properties.clone();
    {
        let notion = &mut world.providers.lock().unwrap().notion.simulator;
        assert!(notion.person_renames_property(MAIN, "Priority", "Urgency"));
        assert!(notion.person_renames_property(MAIN, "Patchbay ID", "Key"));
        assert!(notion.person_renames_property(MAIN, "Ticket Type", "Priority"));
        assert!(notion.person_removes_property(MAIN, "Product Area"));
    }
    let answer = created(&world, "k", &ticket()).await;
    assert_eq!(answer["unmapped"], json!(["Product Area"]));
    let found = properties(&world);
    assert_eq!((&found["Urgency"], &found["Priority"]), (&json!("High"), &json!("Bug")));
    let key = found["Key"].clone();
    choose(&world, MAIN).await;
    assert_eq!(created(&world, "k-2", &ticket()).await["unmapped"], json!(["Product Area"]));
    let found = properties(&world);
    assert_eq!((&found["Urgency"], found.get("Patchbay ID")), (&json!("High"), None));
    assert!(found["Key"] != key && found["Key"] != json!(null), "each page has an id of its own");
}

#[tokio::test(start_paused = true)]
async fn without_the_property_that_finds_pages_again_nothing_is_created_blindly() {
    let world = ready(MAIN).await;
    assert!(world.providers.lock().unwrap().notion.simulator.person_removes_property(MAIN, "Patchbay ID"));
    let answer = create(&world, "k", &ticket()).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (409, "mapping_property_missing".into()));
    assert!(pages(&world, MAIN).is_empty());
    choose(&world, MAIN).await;
    created(&world, "k", &ticket()).await;
    assert_eq!(pages(&world, MAIN).len(), 1, "choosing the database again restores it");
}

#[tokio::test(start_paused = true)]
async fn in_a_locked_database_the_link_finds_the_page_again() {
    let world = ready(LOCKED).await;
    let connection = world.send(api::routes, get(&world, "alice", "/v1/connections/notion")).await.json();
    assert_eq!(connection["settings"]["pages_found_by"], "link");
    fault(&world, Fault::new(FaultKind::LoseAnswer).on("POST", "/v1/pages$"));
    let answer = created(&world, "k", &ticket()).await;
    let found = pages(&world, LOCKED);
    assert_eq!(found.len(), 1);
    assert_eq!(answer["page_id"], found[0].id.to_string());
    let link = &found[0].blocks.last().unwrap().links[0];
    assert!(link.contains("/s/rec-1#patchbay-"), "{link}");
}

#[tokio::test(start_paused = true)]
async fn in_a_locked_database_the_page_is_found_again_by_another_connection() {
    let world = ready(LOCKED).await;
    lose_page(&world, 20_000);
    let first = create(&world, "k", &ticket()).await;
    assert!(first.status.is_server_error(), "{first:?}");
    // Notion gives who connects again another identity.
    world.providers.lock().unwrap().notion.simulator.person_disconnects("Alice");
    Browser::default().connect(&world, "alice").await;
    let answer = insisted(&world, "k").await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    assert_eq!(pages(&world, LOCKED).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn which_of_the_two_ways_finds_pages_is_told() {
    let world = ready(MAIN).await;
    let settings = choose(&world, MAIN).await["settings"].clone();
    assert_eq!(settings["pages_found_by"], "property");
    assert!(settings["ticket_schema"].is_null(), "our own notes are not shown: {settings}");
}

#[tokio::test(start_paused = true)]
async fn every_way_of_losing_the_answer_ends_in_one_page() {
    for kind in
        [FaultKind::LoseAnswer, FaultKind::HtmlBody, FaultKind::TruncateBody, FaultKind::ApplyThenStatus]
    {
        let world = ready(MAIN).await;
        fault(&world, Fault::new(kind).on("POST", "/v1/pages$"));
        let answer = created(&world, "k", &ticket()).await;
        assert_eq!(created(&world, "k", &ticket()).await, answer, "{kind:?}");
        assert_eq!(pages(&world, MAIN).len(), 1, "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_becomes_visible_late_is_not_made_twice() {
    let world = ready(MAIN).await;
    lose_page(&world, 80_000);
    let first = create(&world, "k", &ticket()).await;
    assert_eq!((first.status.as_u16(), first.code()), (503, "provider_unavailable".into()));
    let answer = insisted(&world, "k").await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(pages(&world, MAIN).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_was_never_made_is_made_after_looking_twice() {
    let world = ready(MAIN).await;
    fault(&world, Fault::new(FaultKind::LoseRequest).on("POST", "/v1/pages$"));
    let first = create(&world, "k", &ticket()).await;
    assert_eq!(first.status, StatusCode::SERVICE_UNAVAILABLE);
    let began = world.now();
    let answer = insisted(&world, "k").await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(pages(&world, MAIN).len(), 1);
    let waited = began.duration_until(world.now()).as_secs();
    assert!((115..=180).contains(&waited), "waited {waited} s");
}

#[tokio::test(start_paused = true)]
async fn a_page_in_the_trash_is_not_made_again() {
    let world = ready(MAIN).await;
    fault(&world, Fault::new(FaultKind::LoseAnswer).on("POST", "/v1/pages$"));
    fault(
        &world,
        Fault::new(FaultKind::Status).on("POST", "/v1/data_sources/").times(9).answering(500, json!({})),
    );
    let first = create(&world, "k", &ticket()).await;
    assert_eq!(first.status, StatusCode::SERVICE_UNAVAILABLE, "{first:?}");
    let page = pages(&world, MAIN)[0].id;
    {
        let notion = &mut world.providers.lock().unwrap().notion;
        notion.faults.clear();
        notion.simulator.person_trashes(page, true);
    }
    tokio::time::sleep(Duration::from_mins(5)).await;
    let answer = created(&world, "k", &ticket()).await;
    assert_eq!(answer["page_id"], page.to_string());
    assert_eq!(pages(&world, MAIN).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_has_to_ask_again_for_a_page_to_be_recorded() {
    let world = ready(MAIN).await;
    fault(&world, Fault::new(FaultKind::LoseAnswer).on("POST", "/v1/pages$"));
    fault(
        &world,
        Fault::new(FaultKind::Status).on("POST", "/v1/data_sources/").times(9).answering(500, json!({})),
    );
    assert_eq!(create(&world, "k", &ticket()).await.status, StatusCode::SERVICE_UNAVAILABLE);
    world.providers.lock().unwrap().notion.faults.clear();
    world.pass_minutes(4).await;
    let sending =
        world.aws.items().iter().filter(|item| item.get("state") == Some(&json!("sending"))).count();
    assert_eq!(sending, 0);
    let before = calls(&world);
    created(&world, "k", &ticket()).await;
    assert_eq!(calls(&world), before, "it was recorded meanwhile");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_too_long_for_one_call_is_whole() {
    let world = ready(MAIN).await;
    let steps: Vec<_> =
        (0..100).map(|number| format!("Step number {number}: {}", "🦀é".repeat(300))).collect();
    let mut long = ticket();
    long["steps_to_reproduce"] = json!(steps);
    long["description"] = json!("x".repeat(10_000));
    fault(&world, Fault::new(FaultKind::LoseAnswer).on("PATCH", "/v1/blocks/"));
    created(&world, "k", &long).await;
    let page = pages(&world, MAIN).remove(0);
    let written: Vec<_> = page
        .blocks
        .iter()
        .filter(|block| block.kind == "numbered_list_item")
        .map(|block| block.text.clone())
        .collect();
    assert_eq!(written.len(), 100);
    for (step, text) in steps.iter().zip(&written) {
        assert!(text.starts_with(step), "nothing is cut");
    }
    let summary: String = page
        .blocks
        .iter()
        .filter(|block| block.kind == "paragraph")
        .map(|block| block.text.clone())
        .collect();
    assert_eq!(summary.len(), 10_000);
}

#[tokio::test(start_paused = true)]
async fn notions_pace_is_kept_by_all_instances_together() {
    let world = ready(MAIN).await;
    tokio::time::sleep(Duration::from_mins(2)).await;
    let asks = (0..60)
        .map(|_| world.insist(api::routes, || get(&world, "alice", "/v1/connections/notion/databases")));
    for answer in futures_util::future::join_all(asks).await {
        assert_eq!(answer.status, StatusCode::OK);
    }
    let providers = world.providers.lock().unwrap();
    let limited = providers.notion.records.all().iter().filter(|record| record.status == Some(429)).count();
    assert_eq!(limited, 0, "no 429 was provoked");
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_is_waited_out_by_everybody() {
    let world = ready(MAIN).await;
    let limited = Fault::new(FaultKind::Status).on("POST", "/v1/pages$");
    let body = json!({"object": "error", "status": 429, "code": "rate_limited", "message": "slow down"});
    fault(&world, limited.answering(429, body).header("retry-after", "30"));
    let answer = create(&world, "k", &ticket()).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (503, "provider_rate_limited".into()));
    assert!((25..=31).contains(&answer.json()["retry_after"].as_u64().unwrap()), "{answer:?}");
    let before = calls(&world);
    let other = world.send(api::routes, get(&world, "alice", "/v1/connections/notion/databases")).await;
    assert_eq!((other.status.as_u16(), calls(&world) - before), (503, 0), "nobody calls meanwhile");
    tokio::time::sleep(Duration::from_secs(31)).await;
    created(&world, "k", &ticket()).await;
    assert_eq!(pages(&world, MAIN).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_stands_in_the_way_is_named() {
    let world = ready(MAIN).await;
    world.providers.lock().unwrap().notion.simulator.person_unshares(MAIN);
    let gone = create(&world, "k-1", &ticket()).await;
    assert_eq!((gone.status.as_u16(), gone.code()), (422, "target_not_found".into()));

    let world = World::calm();
    let put = send_json(&world, "alice", Method::PUT, "/v1/videos/rec-1", None, &json!({"name": "a"}));
    world.send(api::routes, put).await;
    let unconnected = create(&world, "k-1", &ticket()).await;
    assert_eq!((unconnected.status.as_u16(), unconnected.code()), (409, "not_connected".into()));
    Browser::default().connect(&world, "alice").await;
    let unchosen = create(&world, "k-1", &ticket()).await;
    assert_eq!((unchosen.status.as_u16(), unchosen.code()), (409, "database_not_selected".into()));
    choose(&world, MAIN).await;
    created(&world, "k-1", &ticket()).await;
}

#[tokio::test(start_paused = true)]
async fn the_same_key_is_the_same_ticket() {
    let world = ready(MAIN).await;
    let first = create(&world, "k", &ticket()).await;
    let again = create(&world, "k", &ticket()).await;
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert!(first.headers.get("idempotency-replayed").is_none());
    let mut other = ticket();
    other["title"] = json!("Another");
    let reused = create(&world, "k", &other).await;
    assert_eq!((reused.status.as_u16(), reused.code()), (422, "idempotency_key_reused".into()));
    created(&world, "k-2", &other).await;
    assert_eq!(pages(&world, MAIN).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn twenty_equal_requests_at_once_make_one_page() {
    let world = ready(MAIN).await;
    let body = ticket();
    let asks = (0..20).map(|_| create(&world, "k", &body));
    let answers = futures_util::future::join_all(asks).await;
    let made = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    let waiting = answers.iter().filter(|answer| answer.code_or_empty() == "in_progress").count();
    assert!(made >= 1 && made + waiting == 20, "{answers:?}");
    assert_eq!(pages(&world, MAIN).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_is_not_one_is_refused_field_by_field() {
    let world = ready(MAIN).await;
    for (change, pointer) in [
        (json!({"title": ""}), "/title"),
        (json!({"title": "x".repeat(81)}), "/title"),
        (json!({"title": "two\nlines"}), "/title"),
        (json!({"ticket_type": "Epic"}), "/ticket_type"),
        (json!({"priority": "Urgent"}), "/priority"),
        (json!({"description": "x".repeat(10_001)}), "/description"),
        (json!({"steps_to_reproduce": ["ok", ""]}), "/steps_to_reproduce/1"),
        (json!({"steps_to_reproduce": vec!["x"; 101]}), "/steps_to_reproduce"),
        (json!({"product_area": ""}), "/product_area"),
        (json!({"assignee": "bob"}), "/assignee"),
        (json!({"title": 7}), "/title"),
    ] {
        let mut wrong = ticket();
        wrong.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = create(&world, "k", &wrong).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (422, "validation_failed".into()), "{change}");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{change}");
    }
    assert!(pages(&world, MAIN).is_empty());
}
