//! Our own services fail, and users disconnect in the middle: nothing falls back, nothing is lost, nobody is called after.

use std::time::Duration;

use aws_doubles::KeyTrouble;
use http::{Method, StatusCode};
use simulators::Fault;
use simulators::faults::FaultKind;

use super::{PAGES, leave_open, queue_is_empty, sent};
use crate::support::fate::Harm;
use crate::support::{Answer, Browser, World, authorized, get};
use crate::tickets::{MAIN, calls, create, created, fault, pages, ready, ticket};

async fn connection(world: &World) -> Answer {
    world.send(api::routes, get(world, "alice", "/v1/connections/notion")).await
}

async fn disconnect(world: &World) {
    let request = authorized(world, "alice", Method::DELETE, "/v1/connections/notion");
    assert_eq!(world.send(api::routes, request).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test(start_paused = true)]
async fn a_busy_key_service_is_asked_again_within_the_request() {
    let world = ready(MAIN).await;
    world.aws.throttle_key(3);
    created(&world, "k", &ticket()).await;
    world.aws.throttle_key(99);
    let answer = create(&world, "k-2", &ticket()).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (503, "crypto_unavailable".into()));
    world.aws.throttle_key(0);
    created(&world, "k-2", &ticket()).await;
}

#[tokio::test(start_paused = true)]
async fn without_the_key_nothing_is_sent_and_nothing_is_forgotten() {
    for trouble in [KeyTrouble::Denied, KeyTrouble::Disabled] {
        let world = ready(MAIN).await;
        world.aws.trouble_key(trouble);
        let before = calls(&world);
        let answer = create(&world, "k", &ticket()).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (503, "crypto_unavailable".into()));
        assert_eq!(calls(&world), before);
        assert_eq!(connection(&world).await.json()["status"], "active", "no token was touched");
        world.aws.trouble_key(KeyTrouble::Well);
        created(&world, "k", &ticket()).await;
        assert_eq!(pages(&world, MAIN).len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_key_nobody_is_connected() {
    let world = World::calm();
    let mut browser = Browser::default();
    let link = browser.link(&world, "alice").await;
    let page = browser.open(&world, oauth_start::routes, &link).await.unwrap();
    let callback = Browser::agree(&world, &page);
    world.aws.trouble_key(KeyTrouble::Denied);
    let end = browser.open(&world, oauth_callback::routes, &callback).await.unwrap();
    assert!(end.ends_with("?error=unknown"), "no success is told: {end}");
    assert_eq!(connection(&world).await.status, StatusCode::NOT_FOUND);
    let stored = serde_json::to_string(&world.aws.items()).unwrap();
    assert!(!stored.contains("sealed") && !stored.contains("ntn_"), "{stored}");
    world.aws.trouble_key(KeyTrouble::Well);
    assert!(browser.connect(&world, "alice").await.ends_with("connected=notion"), "the user starts again");
}

#[tokio::test(start_paused = true)]
async fn a_table_that_stays_busy_is_told_and_the_request_can_be_repeated() {
    // The first two exchanges fetch the issuer's keys; the table is tried six times.
    let world = World::new(1, (3..=8).map(|exchange| (exchange, Harm::Refuse)).collect());
    let videos = async || world.send(api::routes, get(&world, "alice", "/v1/videos")).await;
    let answer = videos().await;
    assert_eq!((answer.status.as_u16(), answer.code()), (503, "storage_unavailable".into()));
    assert_eq!(answer.headers["retry-after"], "2");
    assert_eq!(videos().await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn disconnecting_while_a_page_is_made_ends_all_calls() {
    let world = ready(MAIN).await;
    let slow = Fault { delay_ms: Some(3_000), ..Fault::new(FaultKind::DelayMs) };
    fault(&world, slow.on("POST", PAGES));
    let body = ticket();
    let disconnecting = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        disconnect(&world).await;
    };
    let (answer, ()) = tokio::join!(create(&world, "k", &body), disconnecting);
    assert_eq!(answer.status, StatusCode::CREATED, "what was under way may end: {answer:?}");
    let before = calls(&world);
    world.pass_minutes(10).await;
    let refused = create(&world, "k-2", &ticket()).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "not_connected".into()));
    assert_eq!((calls(&world), pages(&world, MAIN).len()), (before, 1));
    assert!(
        !serde_json::to_string(&world.aws.items()).unwrap().contains("sealed"),
        "the tokens are destroyed"
    );
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_is_open_when_the_user_disconnects_is_never_asked_about() {
    let world = ready(MAIN).await;
    leave_open(&world).await;
    disconnect(&world).await;
    let before = calls(&world);
    world.pass_minutes(30).await;
    assert_eq!((calls(&world), sent(&world)), (before, 1));
    queue_is_empty(&world);
}
