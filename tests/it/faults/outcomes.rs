//! Writes and reads that fail half way: there is one page in the end, whole, and lists are whole or refused.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::faults::FaultKind;
use simulators::notion::NotionLimits;
use simulators::{Fault, Notion, StandIn};

use super::{PAGES, SEARCH, leave_open, open_outcomes, queue_is_empty, refusal, sent};
use crate::support::{Answer, World, get, send_json};
use crate::tickets::{MAIN, calls, create, created, fault, pages, ready, ticket};

const CHILDREN: &str = "/v1/blocks/";

/// A ticket whose page takes more than one call.
pub(crate) fn long_ticket() -> Value {
    let mut long = ticket();
    let steps: Vec<_> = (0..100).map(|number| format!("{number} {}", "é".repeat(900))).collect();
    long["steps_to_reproduce"] = json!(steps);
    long["description"] = json!("x".repeat(10_000));
    long
}

/// Repeats the request until it succeeds.
async fn insist(world: &World, ticket: &Value) {
    let path = "/v1/videos/rec-1/tickets";
    let again = || send_json(world, "alice", Method::POST, path, Some("k"), ticket);
    let answer = world.insist(notion_export::routes, again).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
}

/// There is one page, and every step stands on it once.
pub(crate) fn one_whole_page(world: &World, database: &str) {
    let pages = pages(world, database);
    assert_eq!(pages.len(), 1);
    let steps = pages[0].blocks.iter().filter(|block| block.kind == "numbered_list_item");
    let numbers: Vec<_> = steps.map(|step| step.text.split(' ').next().unwrap().to_owned()).collect();
    let expected: Vec<_> = (0..100).map(|number: u32| number.to_string()).collect();
    assert_eq!(numbers, expected);
}

async fn databases(world: &World) -> Answer {
    world.send(api::routes, get(world, "alice", "/v1/connections/notion/databases")).await
}

#[tokio::test(start_paused = true)]
async fn a_conflict_with_somebody_elses_change_passes_within_the_request() {
    let conflict = |times| refusal(409, "conflict_error", &json!({})).on("POST", PAGES).times(times);
    let world = ready(MAIN).await;
    fault(&world, conflict(4));
    created(&world, "k", &ticket()).await;
    assert_eq!((sent(&world), pages(&world, MAIN).len()), (5, 1));

    let world = ready(MAIN).await;
    fault(&world, conflict(5));
    let answer = create(&world, "k", &ticket()).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (503, "provider_unavailable".into()));
    assert_eq!((sent(&world), open_outcomes(&world)), (5, 0), "given up, and certainly not made");
    created(&world, "k", &ticket()).await;
    assert_eq!(pages(&world, MAIN).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_before_anything_was_done_ends_in_one_page() {
    for status in [500, 502, 503, 504] {
        let world = ready(MAIN).await;
        fault(&world, refusal(status, "internal_server_error", &json!({})).on("POST", PAGES));
        assert_eq!(create(&world, "k", &ticket()).await.code(), "provider_unavailable", "{status}");
        assert_eq!(sent(&world), 1, "{status}: not sent again before it was looked for");
        insist(&world, &ticket()).await;
        assert_eq!((sent(&world), pages(&world, MAIN).len()), (2, 1), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_notion_saved_in_spite_of_its_failure_is_not_sent_again() {
    let world = ready(MAIN).await;
    fault(&world, Fault::new(FaultKind::ApplyThenStatus).on("POST", PAGES));
    fault(&world, Fault::new(FaultKind::ApplyThenStatus).on("PATCH", CHILDREN));
    let before = calls(&world);
    created(&world, "k", &long_ticket()).await;
    assert_eq!(sent(&world), 1);
    let looked = world.providers.lock().unwrap().notion.records.all()[before..]
        .iter()
        .any(|record| record.path.ends_with("/query"));
    assert!(!looked, "the failure names the page");
    one_whole_page(&world, MAIN);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_in_time_is_a_lost_one() {
    let world = ready(MAIN).await;
    let slow = Fault { delay_ms: Some(70_000), ..Fault::new(FaultKind::DelayMs) };
    fault(&world, slow.on("POST", PAGES));
    let began = world.now();
    created(&world, "k", &ticket()).await;
    let waited = began.duration_until(world.now()).as_secs();
    assert!(waited < 29, "waited {waited} s, longer than the gateway does");
    assert_eq!((sent(&world), pages(&world, MAIN).len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_runs_out_of_time_in_the_middle_of_a_page_is_finished_by_its_repeat() {
    for kind in [FaultKind::DelayMs, FaultKind::LoseRequest, FaultKind::Status] {
        let world = ready(MAIN).await;
        let slow = Fault { delay_ms: Some(70_000), ..Fault::new(kind) };
        fault(&world, slow.on("PATCH", CHILDREN).times(4));
        assert_eq!(create(&world, "k", &long_ticket()).await.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(pages(&world, MAIN).len(), 1, "{kind:?}: a part of it is there");
        world.providers.lock().unwrap().notion.faults.clear();
        insist(&world, &long_ticket()).await;
        assert_eq!(sent(&world), 1, "{kind:?}");
        one_whole_page(&world, MAIN);
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_drags_while_a_long_page_is_looked_at_is_not_written_again() {
    let world = ready(MAIN).await;
    fault(&world, Fault::new(FaultKind::LoseAnswer).on("PATCH", CHILDREN));
    fault(&world, Fault::new(FaultKind::Status).on("GET", CHILDREN).times(9));
    assert_eq!(create(&world, "k", &long_ticket()).await.status, StatusCode::SERVICE_UNAVAILABLE);
    world.providers.lock().unwrap().notion.faults.clear();
    let slow = Fault { delay_ms: Some(100), ..Fault::new(FaultKind::DelayMs).times(9) };
    fault(&world, slow.on("GET", CHILDREN));
    let blocks: Vec<_> = pages(&world, MAIN)[0].blocks.iter().map(|block| block.id).collect();
    assert!(blocks.len() > 104, "{}", blocks.len());
    let path = format!("/v1/blocks/{}/children", pages(&world, MAIN)[0].id);
    let lists = |notion: &mut StandIn<Notion>| notion.records.count(&Method::GET, &path);
    let drag = async {
        // Before that nothing is written, since it may still arrive.
        tokio::time::sleep(Duration::from_mins(3)).await;
        let before = lists(&mut world.providers.lock().unwrap().notion);
        world.until(|notion| lists(notion) > before).await;
        let now = world.now();
        let notion = &mut world.providers.lock().unwrap().notion.simulator;
        // The next part of the list begins with it.
        assert!(notion.person_moves_block(blocks[100], *blocks.last().unwrap(), now));
    };
    let repeated = async {
        tokio::time::sleep(Duration::from_mins(4)).await;
        insist(&world, &long_ticket()).await;
    };
    tokio::join!(repeated, drag);
    assert_eq!(pages(&world, MAIN)[0].blocks.len(), blocks.len());
}

#[tokio::test(start_paused = true)]
async fn a_question_whose_answer_cannot_be_read_is_asked_again_and_then_given_up() {
    let world = ready(MAIN).await;
    let whole = databases(&world).await.json();
    for kind in [FaultKind::HtmlBody, FaultKind::TruncateBody, FaultKind::LoseAnswer, FaultKind::Status] {
        fault(&world, Fault::new(kind).on("POST", SEARCH));
        assert_eq!(databases(&world).await.json(), whole, "{kind:?}");
    }
    fault(&world, Fault::new(FaultKind::HtmlBody).on("POST", SEARCH).times(9));
    let before = calls(&world);
    let answer = databases(&world).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (502, "provider_bad_response".into()));
    assert_eq!(calls(&world) - before, 3);
    assert!(!String::from_utf8_lossy(&answer.body).contains("browser"), "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn a_list_whose_third_page_fails_is_whole_or_refused() {
    let world = ready(MAIN).await;
    let whole = databases(&world).await.json();
    assert!(whole["items"].as_array().unwrap().len() >= 3);
    {
        let notion = &mut world.providers.lock().unwrap().notion.simulator;
        let limits = notion.limits().clone();
        notion.set_limits(NotionLimits { page_size: 1, ..limits });
    }
    fault(&world, Fault::new(FaultKind::Status).on("POST", SEARCH).after(2));
    assert_eq!(databases(&world).await.json(), whole);
    fault(&world, Fault::new(FaultKind::Status).on("POST", SEARCH).after(2).times(9));
    assert_eq!(
        databases(&world).await.code(),
        "provider_unavailable",
        "no part of a list is shown as all of it"
    );
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_gone_is_named_and_nothing_is_made_in_its_place() {
    let world = ready(MAIN).await;
    let databases = world.providers.lock().unwrap().notion.simulator.databases();
    leave_open(&world).await;
    world.providers.lock().unwrap().notion.simulator.person_unshares(MAIN);
    let before = calls(&world);
    world.pass_minutes(120).await;
    assert_eq!(open_outcomes(&world), 1, "it is parked");
    queue_is_empty(&world);
    assert!(calls(&world) - before <= 24, "{} looks in two hours", calls(&world) - before);
    let other = create(&world, "other", &ticket()).await;
    assert_eq!((other.status.as_u16(), other.code()), (422, "target_not_found".into()));
    assert_eq!(world.providers.lock().unwrap().notion.simulator.databases(), databases);
}
