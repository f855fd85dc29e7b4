//! Connect, draft, create: with every exchange going wrong in every way, there is one page and nothing is stuck.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::invariants::{nothing_leaks, nothing_malformed, nothing_stuck, one_page};
use super::{DEATHS, EVERY_END, LOSSES, harm_each, in_virtual_time, is_read};
use crate::faults::outcomes::{long_ticket, one_whole_page};
use crate::support::fate::Harm;
use crate::support::logs::Logs;
use crate::support::{Browser, World, get, send_json};

const TRANSCRIPT: &str = include_str!("../../../events/demo/walkthrough.vtt");
const DATABASE: &str = "Product tickets";

/// What a user does, from nothing to a ticket. Whoever calls repeats what failed, as the answers tell them to.
async fn story(world: &World, short_tokens: bool) -> Value {
    put_video(world).await;
    let mut browser = Browser::default();
    world.token_lifetime_ms(short_tokens.then_some(30_000));
    browser.connect(world, "alice").await;
    world.token_lifetime_ms(None);
    choose_database(world, &mut browser, DATABASE).await;
    let mut ticket = draft(world).await;
    ticket["product_area"] = json!("Checkout");
    if short_tokens {
        // The token ends between choosing and creating: the creation refreshes it.
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    create(world, &mut browser, &ticket).await
}

async fn put_video(world: &World) {
    let body = json!({"name": "Checkout walkthrough", "transcript": TRANSCRIPT});
    let put = || send_json(world, "alice", Method::PUT, "/v1/videos/rec-1", None, &body);
    let answer = world.insist(api::routes, put).await;
    assert!(answer.status.is_success(), "{answer:?}");
}

async fn choose_database(world: &World, browser: &mut Browser, database: &str) {
    let list = insist_connected(world, browser, api::routes, || {
        get(world, "alice", "/v1/connections/notion/databases")
    })
    .await;
    let items = list["items"].as_array().unwrap();
    let database = items.iter().find(|item| item["name"] == database).unwrap();
    let body = json!({"settings": {"database_id": database["id"]}});
    insist_connected(world, browser, api::routes, || {
        send_json(world, "alice", Method::PATCH, "/v1/connections/notion", None, &body)
    })
    .await;
}

async fn draft(world: &World) -> Value {
    let ask = || send_json(world, "alice", Method::POST, "/v1/videos/rec-1/ticket-draft", None, &json!({}));
    let answer = world.insist(ticket_extraction::routes, ask).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

async fn create(world: &World, browser: &mut Browser, ticket: &Value) -> Value {
    insist_connected(world, browser, notion_export::routes, || {
        send_json(world, "alice", Method::POST, "/v1/videos/rec-1/tickets", Some("ticket-1"), ticket)
    })
    .await
}

/// Repeats the request until it succeeds; connects again when told to.
async fn insist_connected(
    world: &World,
    browser: &mut Browser,
    routes: crate::support::world::Routes,
    request: impl Fn() -> Request<Body>,
) -> Value {
    for _ in 0..5 {
        let answer = world.insist(routes, &request).await;
        if answer.status == StatusCode::CONFLICT && answer.code() == "needs_reauth" {
            browser.connect(world, "alice").await;
            continue;
        }
        assert!(answer.status.is_success(), "{answer:?}\n{}", world.fate.log().join("\n"));
        return answer.json();
    }
    panic!("connected five times in vain");
}

/// Runs the story with the given harm, lets everything come to rest, and checks what must hold. Answers the exchanges
/// until the user had the ticket.
async fn run(seed: u64, harm: BTreeMap<usize, Harm>, short_tokens: bool) -> Vec<String> {
    let logs = Logs::default();
    let level = if harm.is_empty() { tracing::Level::DEBUG } else { tracing::Level::INFO };
    let guard = logs.collect(level);
    let world = World::new(seed, harm);
    let created = story(&world, short_tokens).await;
    let exchanges = world.fate.relent();
    world.pass_minutes(6).await;

    one_page(&world, DATABASE, created["page_id"].as_str().unwrap());
    let again = create(&world, &mut Browser::default(), &draft_as_posted(&world).await).await;
    assert_eq!(again, created, "the same request has the same answer");
    one_page(&world, DATABASE, created["page_id"].as_str().unwrap());
    nothing_stuck(&world);
    nothing_leaks(&world, &logs);
    nothing_malformed(&world);
    drop(guard);
    exchanges
}

async fn draft_as_posted(world: &World) -> Value {
    let mut ticket = draft(world).await;
    ticket["product_area"] = json!("Checkout");
    ticket
}

#[test]
fn undisturbed_the_story_has_one_page_made_in_one_call() {
    let log = in_virtual_time(run(1, BTreeMap::new(), false));
    let creations = log.iter().filter(|line| *line == "api.notion.com POST /v1/pages").count();
    assert_eq!(creations, 1, "{}", log.join("\n"));
}

#[test]
fn every_exchange_may_be_the_last_of_its_function() {
    harm_each(DEATHS, |_| 1, |seed, harm| run(seed, harm, false));
}

#[test]
fn every_exchange_may_stay_unanswered() {
    harm_each(LOSSES, |_| 1, |seed, harm| run(seed, harm, false));
}

/// A ticket whose page takes two calls is created. Answers the exchanges of that.
async fn write_long_ticket(database: &str, harm: BTreeMap<usize, Harm>) -> Vec<String> {
    let logs = Logs::default();
    let guard = logs.collect(tracing::Level::INFO);
    let world = World::new(1, harm);
    put_video(&world).await;
    let mut browser = Browser::default();
    browser.connect(&world, "alice").await;
    choose_database(&world, &mut browser, database).await;
    let ticket = long_ticket();
    let created = create(&world, &mut browser, &ticket).await;
    let exchanges = world.fate.relent();
    // Longer than any request is on its way.
    world.pass_minutes(6).await;
    assert_eq!(create(&world, &mut browser, &ticket).await, created);
    one_page(&world, database, created["page_id"].as_str().unwrap());
    one_whole_page(&world, database);
    nothing_stuck(&world);
    nothing_leaks(&world, &logs);
    nothing_malformed(&world);
    drop(guard);
    exchanges
}

#[test]
fn every_write_of_a_long_ticket_may_be_the_last_of_its_function_or_stay_unanswered_or_come_late() {
    // The columns of the second cannot be changed, so that its pages have no id of ours.
    for database in [DATABASE, "Locked board"] {
        let exchanges = in_virtual_time(write_long_ticket(database, BTreeMap::new()));
        let first = exchanges.iter().position(|what| what.ends_with("POST /v1/pages")).unwrap();
        let writes = (1..).zip(&exchanges).skip(first);
        let writes = writes.filter(|(_, what)| what.starts_with("api.notion.com") && !is_read(what));
        let writes: Vec<_> = writes.collect();
        assert_eq!(writes.len(), 2, "{}", exchanges.join("\n"));
        for (number, what) in writes {
            for harm in EVERY_END {
                let harm_there = BTreeMap::from([(number, harm)]);
                let harmed = AssertUnwindSafe(|| in_virtual_time(write_long_ticket(database, harm_there)));
                let outcome = catch_unwind(harmed);
                assert!(outcome.is_ok(), "{database}, exchange {number}, {what}: {harm:?}");
            }
        }
    }
}

/// Where the creation begins that has to refresh its token first.
fn the_refresh(exchanges: &[String]) -> usize {
    let refresh = exchanges.iter().rposition(|exchange| exchange.ends_with("POST /v1/oauth/token"));
    refresh.unwrap().saturating_sub(12)
}

#[test]
fn every_exchange_of_a_refresh_may_be_the_last_of_its_function() {
    harm_each(DEATHS, the_refresh, |seed, harm| run(seed, harm, true));
}

#[test]
fn every_exchange_of_a_refresh_may_stay_unanswered() {
    harm_each(LOSSES, the_refresh, |seed, harm| run(seed, harm, true));
}
