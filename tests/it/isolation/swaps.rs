//! Sealed tokens in another place than their own: nobody can use them there, and nothing is lost by trying.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::Value;

use super::rows::{Row, connection, put, sealed, with_sealed};
use super::tenant::Tenant;
use crate::support::{Answer, World, authorized, get};

async fn databases(world: &World, user: &str) -> Answer {
    world.send(api::routes, get(world, user, "/v1/connections/notion/databases")).await
}

fn valid_tokens(world: &World) -> usize {
    world.providers.lock().unwrap().notion.simulator.valid_access_tokens(world.now()).len()
}

fn asked(world: &World) -> usize {
    world.fate.log().iter().filter(|line| line.starts_with("api.notion.com")).count()
}

/// Alice and bob, both connected.
async fn connected() -> World {
    let world = World::calm();
    for user in ["alice", "bob"] {
        let mut tenant = Tenant::new(user);
        for step in 0..4 {
            tenant.take_step(&world, step).await;
        }
    }
    world
}

/// While `row` is in alice's place her tokens cannot be used, nobody else's are, and everything is well again afterwards.
async fn fails_closed(world: &World, what: &str, row: &Row) {
    let own = connection(world, "alice", "notion").await;
    put(world, row).await;
    let (before, asked_before) = (world.aws.items(), asked(world));
    for _ in 0..2 {
        let answer = databases(world, "alice").await;
        assert_eq!((answer.status.as_u16(), answer.code()), (503, "crypto_unavailable".into()), "{what}");
        assert_eq!(answer.headers["retry-after"], "5", "{what}");
    }
    assert_eq!(asked(world), asked_before, "{what}: Notion is not asked");
    assert_eq!(world.aws.items(), before, "{what}: nothing is changed or deleted");
    put(world, &own).await;
    assert_eq!(databases(world, "alice").await.status, StatusCode::OK, "{what}: afterwards");
}

/// The wrapped key and the sealed text.
fn parts(sealed: &str) -> (&str, &str) {
    sealed.strip_prefix("v1.").unwrap().split_once('.').unwrap()
}

#[tokio::test(start_paused = true)]
async fn sealed_tokens_open_in_their_own_place_only() {
    let world = connected().await;
    let (alice, bob) =
        (connection(&world, "alice", "notion").await, connection(&world, "bob", "notion").await);
    let (hers, his) = (sealed(&alice), sealed(&bob));
    let ((her_key, her_text), (his_key, his_text)) = (parts(&hers), parts(&his));
    let flipped = |text: &str, at: usize| {
        let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
        format!("{}{other}{}", &text[..at], &text[at + 1..])
    };
    let cases = [
        ("bob's tokens", his.clone()),
        ("bob's key", format!("v1.{his_key}.{her_text}")),
        ("bob's text", format!("v1.{her_key}.{his_text}")),
        ("key and text exchanged", format!("v1.{her_text}.{her_key}")),
        ("a changed key", format!("v1.{}.{her_text}", flipped(her_key, 20))),
        ("a changed nonce", format!("v1.{her_key}.{}", flipped(her_text, 2))),
        ("a changed text", format!("v1.{her_key}.{}", flipped(her_text, 30))),
        ("a changed tag", format!("v1.{her_key}.{}", flipped(her_text, her_text.len() - 5))),
        ("a cut text", format!("v1.{her_key}.{}", &her_text[..her_text.len() - 8])),
        ("no text", format!("v1.{her_key}.")),
        ("no key", format!("v1..{her_text}")),
        ("another form", hers.replacen("v1.", "v2.", 1)),
        ("nothing", String::new()),
        ("plain text", r#"{"access":"ntn_stolen"}"#.to_owned()),
    ];
    for (what, text) in cases {
        fails_closed(&world, what, &with_sealed(&alice, &text)).await;
    }
    // Bob's whole row, with every field of it, in alice's place.
    let mut moved = bob.clone();
    moved.insert("pk".to_owned(), alice["pk"].clone());
    moved.insert("user".to_owned(), alice.get("user").unwrap_or(&alice["pk"]).clone());
    fails_closed(&world, "bob's row", &moved).await;
    assert_eq!(databases(&world, "bob").await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn tokens_of_one_provider_do_not_open_as_those_of_another() {
    let world = World::calm();
    let app = world.instance();
    app.store.set_tier(&"alice".parse().unwrap(), "pro".parse().unwrap(), world.now()).await.unwrap();
    let mut alice = Tenant::new("alice");
    for step in 0..4 {
        alice.take_step(&world, step).await;
    }
    let notion = connection(&world, "alice", "notion").await;
    // The same row under another provider's name is another place, even with the same user, version and data key.
    let mut gmail = notion.clone();
    gmail.insert("sk".to_owned(), aws_sdk_dynamodb::types::AttributeValue::S("CONN#gmail".to_owned()));
    gmail.insert("provider".to_owned(), aws_sdk_dynamodb::types::AttributeValue::S("gmail".to_owned()));
    put(&world, &gmail).await;
    let stored =
        app.store.connection(&"alice".parse().unwrap(), "gmail".parse().unwrap()).await.unwrap().unwrap();
    let error = app.vault.open(&stored, world.now()).await.unwrap_err();
    assert_eq!(runtime::Problem::from(error).code().as_str(), "crypto_unavailable");
    let before = asked(&world);
    let gone =
        world.send(api::routes, authorized(&world, "alice", Method::DELETE, "/v1/connections/gmail")).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "a user gets rid of it all the same");
    assert_eq!(asked(&world), before);
    assert_eq!(databases(&world, "alice").await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn tokens_of_before_a_refresh_do_not_come_back() {
    let world = connected().await;
    let old = connection(&world, "alice", "notion").await;
    world.token_lifetime_ms(Some(60_000));
    let mut alice = Tenant::new("alice");
    for step in 1..4 {
        // The first key of the same name stands for the link that was used; a new one is asked for without.
        if step == 1 {
            alice.ask_for_a_new_link(&world).await;
        } else {
            alice.take_step(&world, step).await;
        }
    }
    world.token_lifetime_ms(None);
    tokio::time::sleep(Duration::from_mins(2)).await;
    let before_refresh = connection(&world, "alice", "notion").await;
    assert_eq!(databases(&world, "alice").await.status, StatusCode::OK);
    let new = connection(&world, "alice", "notion").await;
    assert_ne!(sealed(&before_refresh), sealed(&new), "it was refreshed");
    fails_closed(&world, "those of before the refresh", &with_sealed(&new, &sealed(&before_refresh))).await;
    fails_closed(&world, "those of before the reconnection", &with_sealed(&new, &sealed(&old))).await;
}

#[tokio::test(start_paused = true)]
async fn disconnecting_with_anothers_tokens_in_the_row_ends_nothing_of_theirs() {
    let world = connected().await;
    let (alice, bob) =
        (connection(&world, "alice", "notion").await, connection(&world, "bob", "notion").await);
    put(&world, &with_sealed(&alice, &sealed(&bob))).await;
    let before = valid_tokens(&world);
    let gone =
        world.send(api::routes, authorized(&world, "alice", Method::DELETE, "/v1/connections/notion")).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{gone:?}");
    assert_eq!(valid_tokens(&world), before, "no grant was given back: hers cannot be read, his is not hers");
    assert_eq!(databases(&world, "bob").await.status, StatusCode::OK);
    let items = world.aws.items().into_iter().map(Value::Object).collect::<Value>().to_string();
    assert!(!items.contains(&sealed(&alice)), "her sealed tokens are gone");
}
