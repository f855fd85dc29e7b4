//! Google's tokens: access tokens live for an hour, refresh tokens until somebody or something ends them.

use std::time::Duration;

use simulators::Fault;
use simulators::faults::FaultKind;
use simulators::google::TokenRequest;

use super::{CALENDAR, CONNECTED, SHEETS, connect, standing, work, world};
use crate::support::World;

const HOUR: Duration = Duration::from_hours(1);

const DONE: Result<&str, &&str> = Ok("alice@example.com");

fn fault(world: &World, kind: FaultKind) {
    world.providers.lock().unwrap().google.fail(Fault::new(kind).on("POST", "/token")).unwrap();
}

fn refreshes(world: &World) -> Vec<bool> {
    let providers = world.providers.lock().unwrap();
    let requests = providers.google.simulator.token_requests().iter();
    let of_refreshes = requests.filter(|TokenRequest { grant_type, .. }| grant_type == "refresh_token");
    of_refreshes.map(|request| request.issued).collect()
}

#[tokio::test(start_paused = true)]
async fn an_access_token_is_renewed_hour_after_hour_with_the_same_refresh_token() {
    let world = World::calm();
    connect(&world, "alice", CALENDAR).await;
    let refresh_tokens =
        |world: &World| world.providers.lock().unwrap().google.simulator.valid_refresh_tokens(world.now());
    let first = refresh_tokens(&world);
    assert_eq!(work(&world, CALENDAR).await.as_deref(), DONE);
    assert_eq!(refreshes(&world).len(), 0, "the first token is still good");
    for hour in 1..=3 {
        tokio::time::sleep(HOUR).await;
        assert_eq!(work(&world, CALENDAR).await.as_deref(), DONE);
        assert_eq!(refreshes(&world).len(), hour);
    }
    assert_eq!((refresh_tokens(&world), first.len()), (first, 1));
    assert_eq!(standing(&world, CALENDAR).await.0, "active");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_whose_answer_is_lost_is_made_again() {
    for kind in
        [FaultKind::LoseAnswer, FaultKind::LoseRequest, FaultKind::TruncateBody, FaultKind::ApplyThenStatus]
    {
        let world = World::calm();
        connect(&world, "alice", CALENDAR).await;
        tokio::time::sleep(HOUR).await;
        fault(&world, kind);
        assert_eq!(work(&world, CALENDAR).await.as_deref(), DONE, "{kind:?}");
        assert_eq!(standing(&world, CALENDAR).await.0, "active", "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_is_lost_again_and_again_ends_nothing() {
    let world = World::calm();
    connect(&world, "alice", CALENDAR).await;
    tokio::time::sleep(HOUR).await;
    for _ in 0..2 {
        fault(&world, FaultKind::LoseAnswer);
    }
    assert_eq!(work(&world, CALENDAR).await, Err("provider_unavailable"));
    assert_eq!(standing(&world, CALENDAR).await.0, "active");
    // Whoever asked has the right to refresh for a while; it ends by itself.
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(work(&world, CALENDAR).await.as_deref(), DONE);
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_ended_asks_its_user_to_connect_again() {
    for ended in ["withdrawn", "a week in testing"] {
        let world = World::calm();
        world.limit_google(|limits| limits.grant_lifetime_ms = Some(604_800_000));
        connect(&world, "alice", CALENDAR).await;
        if ended == "withdrawn" {
            world.providers.lock().unwrap().google.simulator.person_withdraws_access("Alice");
        } else {
            tokio::time::sleep(7 * 24 * HOUR).await;
        }
        assert_eq!(work(&world, CALENDAR).await, Err("needs_reauth"), "{ended}");
        assert_eq!(standing(&world, CALENDAR).await, ("needs_reauth".into(), "revoked".into()), "{ended}");
        let asked = refreshes(&world);
        assert_eq!(work(&world, CALENDAR).await, Err("needs_reauth"), "{ended}");
        assert_eq!((refreshes(&world), &asked[..]), (asked.clone(), &[false][..]), "and nobody asks again");
        assert_eq!(connect(&world, "alice", CALENDAR).await, CONNECTED);
        assert_eq!(work(&world, CALENDAR).await.as_deref(), DONE);
        assert_eq!(standing(&world, CALENDAR).await.0, "active");
    }
}

#[tokio::test(start_paused = true)]
async fn the_oldest_of_too_many_grants_ends_and_is_asked_for_again() {
    let world = world().await;
    world.limit_google(|limits| limits.refresh_tokens = 1);
    connect(&world, "alice", CALENDAR).await;
    connect(&world, "alice", SHEETS).await;
    tokio::time::sleep(HOUR).await;
    assert_eq!(work(&world, CALENDAR).await, Err("needs_reauth"));
    assert_eq!(work(&world, SHEETS).await.as_deref(), DONE);
}
