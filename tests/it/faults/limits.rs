//! Too fast, overloaded, blocked: whoever is told to wait waits, and so does everybody whom it concerns.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use simulators::Fault;

use super::{PAGES, SEARCH, leave_open, open_outcomes, queue_is_empty, refusal, sent};
use crate::support::{Answer, Browser, World, get};
use crate::tickets::{MAIN, calls, create, created, fault, pages, ready, ticket};

const OWN: &str = "public_api_request_rate_limit";
const WORKSPACE: &str = "public_api_space_request_rate_limit";
const BLOCKED: &str = "public_api_request_blocked";

fn limited(additional: &Value) -> Fault {
    refusal(429, "rate_limited", additional)
}

async fn databases(world: &World, user: &str) -> Answer {
    world.send(api::routes, get(world, user, "/v1/connections/notion/databases")).await
}

/// Bob connects with an account of his own in the same workspace.
async fn connect_bob(world: &World) {
    let mut browser = Browser::default();
    let link = browser.link(world, "bob").await;
    let page = browser.open(world, oauth_start::routes, &link).await.unwrap();
    let callback = Browser::agree(world, &format!("{page}&person=Bob"));
    let end = browser.open(world, oauth_callback::routes, &callback).await.unwrap();
    assert!(end.contains("connected=notion"), "{end}");
}

#[tokio::test(start_paused = true)]
async fn a_short_wait_is_waited_out_within_the_request() {
    let world = ready(MAIN).await;
    fault(&world, limited(&json!({"rate_limit_reason": OWN})).on("POST", PAGES).header("retry-after", "5"));
    let began = world.now();
    created(&world, "k", &ticket()).await;
    let waited = began.duration_until(world.now()).as_secs();
    assert!((5..=6).contains(&waited), "waited {waited} s");
    assert_eq!((sent(&world), pages(&world, MAIN).len()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn every_form_of_a_long_wait_is_told_and_kept() {
    let date = |fault: Fault| fault.header("date", "Sat, 21 Nov 2026 08:00:00 GMT");
    for (limit, told) in [
        (limited(&json!({})).header("retry-after", "3600"), 3_600),
        (limited(&json!({})).header("retry-after", "99999999999"), 86_400),
        (date(limited(&json!({}))).header("retry-after", "Sat, 21 Nov 2026 08:05:00 GMT"), 300),
        (limited(&json!({"rate_limit_reason": OWN, "retry_after": 40})), 40),
        (limited(&json!({"retry_after": 40})).header("retry-after", "-1"), 40),
        (limited(&json!({"retry_after": 40})).header("retry-after", "50"), 50),
        (limited(&json!({"rate_limit_reason": WORKSPACE, "retry_after": 90})), 90),
        (refusal(529, "service_overload", &json!({"retry_after": 30})), 30),
    ] {
        let world = ready(MAIN).await;
        fault(&world, limit.clone().on("POST", PAGES));
        let answer = create(&world, "k", &ticket()).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (503, "provider_rate_limited".into()));
        assert_eq!(answer.json()["retry_after"], told, "{limit:?}");
        assert_eq!(answer.headers["retry-after"], told.to_string());
        // What is longer than an hour is looked at again after an hour.
        let kept = told.min(3_600);
        tokio::time::sleep(Duration::from_secs(kept - 10)).await;
        let before = calls(&world);
        assert_eq!(databases(&world, "alice").await.code(), "provider_rate_limited", "{limit:?}");
        assert_eq!(calls(&world), before, "nobody calls meanwhile: {limit:?}");
        tokio::time::sleep(Duration::from_secs(11)).await;
        created(&world, "k", &ticket()).await;
        assert_eq!(pages(&world, MAIN).len(), 1, "{limit:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_without_sense_is_a_short_one() {
    for (header, in_body) in
        [("soon", json!(null)), ("-5", json!(-5)), ("", json!("a while")), ("NaN", json!([1]))]
    {
        let world = ready(MAIN).await;
        let limit = limited(&json!({"rate_limit_reason": OWN, "retry_after": in_body}));
        fault(&world, limit.on("POST", PAGES).header("retry-after", header));
        created(&world, "k", &ticket()).await;
        assert_eq!((sent(&world), pages(&world, MAIN).len()), (2, 1), "{header}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_the_workspace_stops_everybody_in_it_and_a_limit_of_a_connection_only_that() {
    for (reason, others_wait) in [(WORKSPACE, true), (OWN, false)] {
        let world = ready(MAIN).await;
        connect_bob(&world).await;
        let limit = limited(&json!({"rate_limit_reason": reason, "retry_after": 120}));
        fault(&world, limit.on("POST", PAGES));
        assert_eq!(create(&world, "k", &ticket()).await.code(), "provider_rate_limited");
        let before = calls(&world);
        let bobs = databases(&world, "bob").await;
        if others_wait {
            assert_eq!((bobs.code(), calls(&world)), ("provider_rate_limited".into(), before));
            assert!((118..=120).contains(&bobs.json()["retry_after"].as_u64().unwrap()), "{bobs:?}");
        } else {
            assert_eq!((bobs.status, calls(&world)), (StatusCode::OK, before + 1));
        }
        tokio::time::sleep(Duration::from_secs(121)).await;
        assert_eq!(databases(&world, "bob").await.status, StatusCode::OK);
        created(&world, "k", &ticket()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_block_is_told_at_once_and_not_knocked_at() {
    let world = ready(MAIN).await;
    fault(
        &world,
        limited(&json!({"rate_limit_reason": BLOCKED})).on("POST", PAGES).header("retry-after", "1").times(9),
    );
    let answer = create(&world, "k", &ticket()).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (502, "provider_failed".into()));
    assert!(answer.headers.get("retry-after").is_none(), "waiting does not help: {answer:?}");
    assert_eq!(sent(&world), 1);
    world.providers.lock().unwrap().notion.faults.clear();
    created(&world, "k", &ticket()).await;
    assert_eq!(pages(&world, MAIN).len(), 1, "it was certainly not made");
}

#[tokio::test(start_paused = true)]
async fn an_open_outcome_waits_out_a_limit_without_using_up_its_repeats() {
    let world = ready(MAIN).await;
    leave_open(&world).await;
    let limit = limited(&json!({"rate_limit_reason": OWN, "retry_after": 1_800}));
    fault(&world, limit.on("POST", "/v1/data_sources/"));
    let before = calls(&world);
    world.pass_minutes(25).await;
    assert_eq!((calls(&world) - before, open_outcomes(&world)), (1, 1));
    queue_is_empty(&world);
    world.pass_minutes(35).await;
    assert_eq!((open_outcomes(&world), sent(&world)), (0, 1));
    queue_is_empty(&world);
}

#[tokio::test(start_paused = true)]
async fn an_open_outcome_behind_a_block_is_looked_at_ever_more_rarely() {
    let world = ready(MAIN).await;
    leave_open(&world).await;
    let block = limited(&json!({"rate_limit_reason": BLOCKED}));
    fault(&world, block.on("POST", "/v1/data_sources/").times(99));
    let before = calls(&world);
    world.pass_minutes(120).await;
    let looks = calls(&world) - before;
    assert!((3..=12).contains(&looks), "{looks} looks in two hours");
    queue_is_empty(&world);
}

#[tokio::test(start_paused = true)]
async fn a_search_waits_as_a_write_does() {
    let world = ready(MAIN).await;
    fault(&world, limited(&json!({"rate_limit_reason": OWN, "retry_after": 2})).on("POST", SEARCH));
    assert_eq!(databases(&world, "alice").await.status, StatusCode::OK);
}
