//! The key service refuses, is switched off or is busy: nothing is used in the clear, nothing is deleted, and it all works
//! again afterwards.

use std::time::Duration;

use aws_doubles::KeyTrouble;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::tenant::Tenant;
use crate::support::world::Routes;
use crate::support::{Answer, Browser, World, authorized, get, send_json};

/// More than anybody repeats.
const BUSY: usize = 1_000;

/// The ways in which the key cannot be used.
const TROUBLES: [&str; 3] = ["denied", "disabled", "throttled"];

fn trouble(world: &World, trouble: &str) {
    match trouble {
        "denied" => world.aws.trouble_key(KeyTrouble::Denied),
        "disabled" => world.aws.trouble_key(KeyTrouble::Disabled),
        "throttled" => world.aws.throttle_key(BUSY),
        _ => {
            world.aws.trouble_key(KeyTrouble::Well);
            world.aws.throttle_key(0);
        }
    }
}

/// Alice with a recording, connected, with a database chosen.
async fn ready() -> World {
    let world = World::calm();
    let mut alice = Tenant::new("alice");
    for step in 0..5 {
        alice.take_step(&world, step).await;
    }
    world
}

fn refused(what: &str, answer: &Answer) {
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (503, "crypto_unavailable".into()),
        "{what}: {answer:?}"
    );
    assert_eq!(answer.headers["retry-after"], "5", "{what}");
}

fn connections(world: &World) -> Vec<Value> {
    let items = world.aws.items().into_iter();
    items.filter(|item| item["sk"].as_str().unwrap().starts_with("CONN#")).map(Value::Object).collect()
}

fn pages(world: &World) -> usize {
    let providers = world.providers.lock().unwrap();
    let simulator = &providers.notion.simulator;
    simulator.databases().iter().map(|database| simulator.pages(database).len()).sum()
}

fn valid_tokens(world: &World) -> usize {
    world.providers.lock().unwrap().notion.simulator.valid_access_tokens(world.now()).len()
}

#[tokio::test(start_paused = true)]
async fn without_the_key_nothing_is_called_and_nothing_forgotten() {
    for what in TROUBLES {
        let world = ready().await;
        let (before, made) = (connections(&world), pages(&world));
        trouble(&world, what);
        let ticket = json!({"title": "It crashes"});
        let choice = json!({"settings": {"database_id": "11111111-1111-4111-8111-111111111111"}});
        let create =
            || send_json(&world, "alice", Method::POST, "/v1/videos/rec-1/tickets", Some("k"), &ticket);
        let patch = || send_json(&world, "alice", Method::PATCH, "/v1/connections/notion", None, &choice);
        let list = || get(&world, "alice", "/v1/connections/notion/databases");
        for _ in 0..2 {
            refused(what, &world.send(api::routes, list()).await);
            refused(what, &world.send(api::routes as Routes, patch()).await);
            refused(what, &world.send(notion_export::routes, create()).await);
        }
        assert_eq!(
            (connections(&world), pages(&world)),
            (before, made),
            "{what}: nothing is marked, deleted or made"
        );
        let shown = world.send(api::routes, get(&world, "alice", "/v1/connections/notion")).await.json();
        assert_eq!(shown["status"], "active", "{what}: the user is not asked to connect again");
        trouble(&world, "well");
        assert_eq!(world.send(api::routes, list()).await.status, StatusCode::OK, "{what}");
        let created = world.send(notion_export::routes, create()).await;
        assert_eq!(
            created.status,
            StatusCode::CREATED,
            "{what}: the same request under the same key: {created:?}"
        );
        assert_eq!(pages(&world), made + 1, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_key_nobody_is_connected_and_the_grant_is_given_back() {
    for what in TROUBLES {
        let world = World::calm();
        let mut browser = Browser::default();
        let link = browser.link(&world, "alice").await;
        let page = browser.open(&world, oauth_start::routes, &link).await.unwrap();
        let callback = Browser::agree(&world, &page);
        trouble(&world, what);
        let end = browser.open(&world, oauth_callback::routes, &callback).await.unwrap();
        assert!(end.ends_with("/integrations?error=unknown"), "{what}: {end}");
        assert_eq!(connections(&world), [] as [Value; 0], "{what}");
        assert_eq!(valid_tokens(&world), 0, "{what}: the grant that cannot be kept is given back");
        let again = browser.open(&world, oauth_callback::routes, &callback).await.unwrap();
        assert!(again.ends_with("?error=invalid_state"), "{what}: the state is spent: {again}");
        trouble(&world, "well");
        assert!(browser.connect(&world, "alice").await.ends_with("?connected=notion"), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_that_end_while_the_key_cannot_be_used_are_refreshed_afterwards() {
    for what in TROUBLES {
        let world = World::calm();
        world.token_lifetime_ms(Some(60_000));
        let mut alice = Tenant::new("alice");
        for step in 0..4 {
            alice.take_step(&world, step).await;
        }
        world.token_lifetime_ms(None);
        tokio::time::sleep(Duration::from_mins(10)).await;
        trouble(&world, what);
        let before = connections(&world);
        let list = || get(&world, "alice", "/v1/connections/notion/databases");
        refused(what, &world.send(api::routes, list()).await);
        assert_eq!(connections(&world), before, "{what}");
        trouble(&world, "well");
        assert_eq!(world.send(api::routes, list()).await.status, StatusCode::OK, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_service_that_is_busy_for_a_moment_is_not_noticed() {
    let world = ready().await;
    world.aws.throttle_key(2);
    let answer = world.send(api::routes, get(&world, "alice", "/v1/connections/notion/databases")).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn who_wants_to_be_disconnected_is_without_the_key_too() {
    for what in TROUBLES {
        let world = ready().await;
        trouble(&world, what);
        let gone = world
            .send(api::routes, authorized(&world, "alice", Method::DELETE, "/v1/connections/notion"))
            .await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT, "{what}: {gone:?}");
        assert_eq!(connections(&world), [] as [Value; 0], "{what}");
    }
}
