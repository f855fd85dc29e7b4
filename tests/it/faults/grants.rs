//! Tokens and permissions that fail: refreshed once, and otherwise the user is asked, once.

use http::StatusCode;
use serde_json::json;
use simulators::Fault;
use simulators::faults::FaultKind;

use super::{PAGES, leave_open, open_outcomes, queue_is_empty, refusal, sent, token_requests};
use crate::support::{Browser, World, get};
use crate::tickets::{MAIN, calls, create, created, fault, pages, ready, ticket};

const TOKEN: &str = "/v1/oauth/token$";

fn refused_token() -> Fault {
    refusal(401, "unauthorized", &json!({})).on("POST", PAGES)
}

/// How the connection stands, and why.
async fn standing(world: &World) -> (String, String) {
    let connection = world.send(api::routes, get(world, "alice", "/v1/connections/notion")).await.json();
    let text = |name: &str| connection[name].as_str().unwrap_or_default().to_owned();
    (text("status"), text("reason"))
}

#[tokio::test(start_paused = true)]
async fn a_token_refused_once_is_refreshed_and_the_call_made_again() {
    let world = ready(MAIN).await;
    let before = token_requests(&world);
    fault(&world, refused_token());
    created(&world, "k", &ticket()).await;
    assert_eq!((token_requests(&world) - before, sent(&world), pages(&world, MAIN).len()), (1, 2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_token_refused_again_waits_for_its_user_and_nobody_calls_meanwhile() {
    let world = ready(MAIN).await;
    fault(&world, refused_token().times(9));
    let answer = create(&world, "k", &ticket()).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (409, "needs_reauth".into()));
    assert_eq!(standing(&world).await, ("needs_reauth".into(), "unauthorized".into()));
    assert_eq!(sent(&world), 2, "one call, and one more with new tokens");
    let before = calls(&world);
    let again = create(&world, "k", &ticket()).await;
    assert_eq!((again.code(), &again.json()["reason"]), ("needs_reauth".into(), &json!("unauthorized")));
    assert_eq!(calls(&world), before);
    world.providers.lock().unwrap().notion.faults.clear();
    Browser::default().connect(&world, "alice").await;
    created(&world, "k", &ticket()).await;
    assert_eq!(pages(&world, MAIN).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn work_waits_for_its_user_and_goes_on_when_they_are_back() {
    let world = ready(MAIN).await;
    leave_open(&world).await;
    world.providers.lock().unwrap().notion.simulator.person_disconnects("alice");
    world.pass_minutes(20).await;
    assert_eq!(open_outcomes(&world), 1, "it is parked, not failed");
    queue_is_empty(&world);
    Browser::default().connect(&world, "alice").await;
    world.pass_minutes(20).await;
    assert_eq!((open_outcomes(&world), sent(&world), pages(&world, MAIN).len()), (0, 1, 1));
    queue_is_empty(&world);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_was_lost_on_the_way_is_made_again() {
    let world = ready(MAIN).await;
    let before = token_requests(&world);
    fault(&world, refused_token());
    fault(&world, Fault::new(FaultKind::LoseRequest).on("POST", TOKEN));
    created(&world, "k", &ticket()).await;
    assert_eq!(token_requests(&world) - before, 1);
    assert_eq!(standing(&world).await.0, "active");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_whose_answer_was_lost_is_tried_once_more_and_then_told_as_lost() {
    let world = ready(MAIN).await;
    let before = token_requests(&world);
    fault(&world, refused_token());
    fault(&world, Fault::new(FaultKind::LoseAnswer).on("POST", TOKEN));
    let answer = create(&world, "k", &ticket()).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (409, "needs_reauth".into()));
    assert_eq!(standing(&world).await, ("needs_reauth".into(), "refresh_lost".into()));
    assert_eq!(token_requests(&world) - before, 2);
    assert!(pages(&world, MAIN).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_the_grant_does_not_cover_is_said_and_not_repeated() {
    let world = ready(MAIN).await;
    fault(&world, refusal(403, "restricted_resource", &json!({})).on("POST", PAGES).times(9));
    let answer = create(&world, "k", &ticket()).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (422, "insufficient_scope".into()));
    assert_eq!(sent(&world), 1);
    assert_eq!(standing(&world).await.0, "active", "the rest of the connection works");
    let databases = world.send(api::routes, get(&world, "alice", "/v1/connections/notion/databases")).await;
    assert_eq!(databases.status, StatusCode::OK);
}
