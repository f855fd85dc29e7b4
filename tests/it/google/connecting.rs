//! Connecting Google Calendar: what is asked for, and what comes of what is granted.

use std::collections::BTreeMap;

use serde_json::json;
use simulators::Fault;
use simulators::faults::FaultKind;
use url::Url;

use super::{CALENDAR, CONNECTED, SHEETS, connect, connection, leave, standing, world};
use crate::support::world::PUBLIC_URL;
use crate::support::{Browser, World};

const SCOPES: &str = "https://www.googleapis.com/auth/";

fn tick(world: &World, scopes: &[&str]) {
    let scopes = scopes.iter().map(|scope| format!("{SCOPES}{scope}")).collect();
    world.providers.lock().unwrap().google.simulator.set_consent("Alice", Some(scopes));
}

fn query(address: &str) -> BTreeMap<String, String> {
    Url::parse(address).unwrap().query_pairs().into_owned().collect()
}

#[tokio::test(start_paused = true)]
async fn a_user_connects_google_calendar_and_sees_the_account() {
    let world = World::calm();
    let mut browser = Browser::default();
    let page = leave(&world, &mut browser, "alice", CALENDAR).await;
    assert!(page.starts_with("https://accounts.google.com/o/oauth2/v2/auth?"), "{page}");
    let asked = query(&page);
    assert_eq!((asked["code_challenge_method"].as_str(), asked["code_challenge"].len()), ("S256", 43));
    assert_eq!((asked["access_type"].as_str(), asked["prompt"].as_str()), ("offline", "consent"));
    assert_eq!(asked["redirect_uri"], format!("{PUBLIC_URL}/v1/oauth/google-calendar/callback"));
    assert!(!asked.contains_key("code_verifier"));
    let callback = Browser::agree(&world, &page);
    assert_eq!(browser.open(&world, oauth_callback::routes, &callback).await.unwrap(), CONNECTED);
    let connection = connection(&world, CALENDAR).await.unwrap();
    assert_eq!(
        (&connection["status"], &connection["account"]["name"]),
        (&json!("active"), &json!("alice@example.com"))
    );
    assert_eq!(connection["scopes"].as_array().unwrap().len(), 4);
    assert!(world.providers.lock().unwrap().google.simulator.violations().is_empty());
}

#[tokio::test(start_paused = true)]
async fn without_the_list_of_calendars_the_connection_is_partial_and_becomes_whole_later() {
    let world = world().await;
    for (product, indispensable) in [(CALENDAR, "calendar.events"), (SHEETS, "spreadsheets")] {
        tick(&world, &[indispensable]);
        assert!(connect(&world, "alice", product).await.ends_with(&format!("?connected={product}")));
        assert_eq!(standing(&world, product).await.0, "partial", "{product}");
        world.providers.lock().unwrap().google.simulator.set_consent("Alice", None);
        connect(&world, "alice", product).await;
        assert_eq!(standing(&world, product).await.0, "active", "{product}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_what_is_indispensable_there_is_no_connection() {
    let world = world().await;
    for (product, granted) in [
        (CALENDAR, &["calendar.calendarlist.readonly"][..]),
        (CALENDAR, &[]),
        (SHEETS, &["drive.metadata.readonly"]),
        ("gmail", &[]),
    ] {
        tick(&world, granted);
        let end = connect(&world, "alice", product).await;
        assert!(end.ends_with("/integrations?error=insufficient_scope"), "{product}: {end}");
        assert_eq!(connection(&world, product).await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_worked_survives_a_consent_that_grants_too_little() {
    let world = World::calm();
    connect(&world, "alice", CALENDAR).await;
    tick(&world, &[]);
    assert!(connect(&world, "alice", CALENDAR).await.ends_with("?error=insufficient_scope"));
    assert_eq!(standing(&world, CALENDAR).await.0, "active");
    assert_eq!(super::work(&world, CALENDAR).await, Ok("alice@example.com".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_code_is_of_no_use_to_whoever_did_not_ask_for_it() {
    let world = World::calm();
    let (mut victim, mut thief) = (Browser::default(), Browser::default());
    let page = leave(&world, &mut victim, "alice", CALENDAR).await;
    let stolen = query(&Browser::agree(&world, &page))["code"].clone();
    let own = leave(&world, &mut thief, "bob", CALENDAR).await;
    let mut callback = Url::parse(&format!("{PUBLIC_URL}/v1/oauth/google-calendar/callback")).unwrap();
    callback.query_pairs_mut().append_pair("code", &stolen).append_pair("state", &query(&own)["state"]);
    let end = thief.open(&world, oauth_callback::routes, callback.as_str()).await.unwrap();
    assert!(end.ends_with("?error=token_exchange_failed"), "{end}");
    assert!(world.providers.lock().unwrap().google.simulator.issued_tokens().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_exchange_whose_answer_is_lost_is_begun_anew() {
    for kind in
        [FaultKind::LoseAnswer, FaultKind::LoseRequest, FaultKind::TruncateBody, FaultKind::ApplyThenStatus]
    {
        let world = World::calm();
        let fault = Fault::new(kind).on("POST", "/token");
        world.providers.lock().unwrap().google.fail(fault).unwrap();
        let end = connect(&world, "alice", CALENDAR).await;
        assert!(end.ends_with("?error=token_exchange_failed"), "{kind:?}: {end}");
        assert_eq!(connect(&world, "alice", CALENDAR).await, CONNECTED, "{kind:?}");
        assert_eq!(standing(&world, CALENDAR).await.0, "active");
    }
}

#[tokio::test(start_paused = true)]
async fn who_says_no_is_not_connected() {
    let world = World::calm();
    let mut browser = Browser::default();
    let page = leave(&world, &mut browser, "alice", CALENDAR).await;
    let denied = Browser::decide(&world, &page, "cancel");
    let end = browser.open(&world, oauth_callback::routes, &denied).await.unwrap();
    assert!(end.ends_with("?error=oauth_denied"), "{end}");
    assert_eq!(connection(&world, CALENDAR).await, None);
}
