//! Giving grants back: at Google that ends everything that its user ever granted us.

use std::collections::BTreeSet;
use std::time::Duration;

use http::StatusCode;
use simulators::Fault;
use simulators::faults::FaultKind;

use super::{
    CALENDAR, CONNECTED, SHEETS, connect, connection, disconnect, raise, standing, try_work, work, world,
};
use crate::support::fate::{Chosen, Fate};
use crate::support::{Browser, World};

fn revocations(world: &World) -> usize {
    world.providers.lock().unwrap().google.simulator.revocations()
}

fn live_grants(world: &World) -> usize {
    world.providers.lock().unwrap().google.simulator.valid_refresh_tokens(world.now()).len()
}

#[tokio::test(start_paused = true)]
async fn the_first_of_two_products_leaves_and_the_second_still_works() {
    let world = world().await;
    connect(&world, "alice", CALENDAR).await;
    connect(&world, "alice", SHEETS).await;
    assert_eq!(disconnect(&world, SHEETS).await.status, StatusCode::NO_CONTENT);
    assert_eq!((revocations(&world), connection(&world, SHEETS).await), (0, None));
    tokio::time::sleep(Duration::from_hours(2)).await;
    assert_eq!(work(&world, CALENDAR).await, Ok("alice@example.com".to_owned()));
    assert_eq!(disconnect(&world, CALENDAR).await.status, StatusCode::NO_CONTENT);
    assert_eq!((revocations(&world), live_grants(&world)), (1, 0), "the last one ends it all");
}

#[tokio::test(start_paused = true)]
async fn products_of_different_accounts_leave_one_without_the_other() {
    let world = world().await;
    connect(&world, "alice", CALENDAR).await;
    let mut browser = Browser { person: Some("Bob"), ..Browser::default() };
    browser.connect_to(&world, "alice", SHEETS).await;
    disconnect(&world, CALENDAR).await;
    assert_eq!((revocations(&world), live_grants(&world)), (1, 1));
    assert_eq!(work(&world, SHEETS).await, Ok("bob@example.com".to_owned()));
}

/// A world in which exchanges take their times, and nothing goes wrong.
async fn timed(seed: u64) -> World {
    let world = World::under(seed, Fate::drawn(seed, u64::MAX, Chosen::default()));
    raise(&world).await;
    world
}

#[tokio::test(start_paused = true)]
async fn two_products_that_leave_at_once_leave_nothing_behind() {
    for seed in 0..40 {
        let world = timed(seed).await;
        connect(&world, "alice", CALENDAR).await;
        connect(&world, "alice", SHEETS).await;
        let both = tokio::join!(disconnect(&world, CALENDAR), disconnect(&world, SHEETS));
        assert_eq!((both.0.status, both.1.status), (StatusCode::NO_CONTENT, StatusCode::NO_CONTENT));
        assert_eq!(live_grants(&world), 0, "seed {seed}: {:#?}", world.fate.log());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_connected_while_a_grant_is_given_back_leaves_with_it() {
    let world = World::calm();
    connect(&world, "alice", CALENDAR).await;
    let slow = Fault { delay_ms: Some(2_000), ..Fault::new(FaultKind::DelayMs) }.on("POST", "/revoke");
    world.providers.lock().unwrap().google.fail(slow).unwrap();
    let reconnect = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        connect(&world, "alice", CALENDAR).await
    };
    let (answer, end) = tokio::join!(disconnect(&world, CALENDAR), reconnect);
    assert_eq!((answer.status, end.as_str()), (StatusCode::NO_CONTENT, CONNECTED));
    assert_eq!((connection(&world, CALENDAR).await, live_grants(&world)), (None, 0));
}

/// Disconnecting and connecting at once may end in either; what is shown is true, and nothing lives on unseen.
#[tokio::test(start_paused = true)]
async fn a_reconnect_during_a_revocation_ends_well() {
    let mut ends = BTreeSet::new();
    for seed in 0..200 {
        let world = timed(seed).await;
        connect(&world, "alice", CALENDAR).await;
        if seed % 3 == 0 {
            world.limit_google(|limits| limits.revocation_delay_ms = 1_000);
        }
        let mut browser = Browser::default();
        let page = super::leave(&world, &mut browser, "alice", CALENDAR).await;
        let early = (seed % 2 == 0).then(|| Browser::agree(&world, &page));
        let come_back = async {
            tokio::time::sleep(Duration::from_millis(25 * (seed % 40))).await;
            let callback = early.unwrap_or_else(|| Browser::agree(&world, &page));
            browser.open(&world, oauth_callback::routes, &callback).await.unwrap()
        };
        tokio::join!(disconnect(&world, CALENDAR), come_back);
        tokio::time::sleep(Duration::from_secs(5)).await;
        let end = match try_work(&world, CALENDAR).await.unwrap() {
            Ok(_) => "works",
            Err(problem) => problem.code().as_str(),
        };
        ends.insert(end);
        match end {
            "works" => assert_eq!(standing(&world, CALENDAR).await.0, "active"),
            "needs_reauth" => assert_eq!(standing(&world, CALENDAR).await.1, "revoked"),
            _ => assert_eq!((end, live_grants(&world)), ("not_connected", 0), "seed {seed}"),
        }
        assert_eq!(connect(&world, "alice", CALENDAR).await, CONNECTED);
        assert_eq!(work(&world, CALENDAR).await, Ok("alice@example.com".to_owned()));
    }
    assert!(ends.len() > 1, "only {ends:?}: the times were not drawn well");
}
