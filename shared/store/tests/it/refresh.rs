//! Refreshing, one at a time.

use domain::ProviderId;
use secrecy::ExposeSecret;
use store::{Connection, ConnectionStatus, Error, REFRESH_LEASE_MS, Refresh, RefreshTicket};

use crate::world::{World, alice, at, finish, new_connection, race, tokens, world};

async fn begin(world: &World, version: u64, ms: i64) -> Refresh {
    world.store.begin_refresh(&alice(), ProviderId::Notion, version, at(ms)).await.unwrap()
}

async fn mine(world: &World, version: u64, ms: i64) -> RefreshTicket {
    match begin(world, version, ms).await {
        Refresh::Mine(ticket) => *ticket,
        other => panic!("{other:?}"),
    }
}

async fn now(world: &World) -> Connection {
    world.store.connection(&alice(), ProviderId::Notion).await.unwrap().unwrap()
}

#[tokio::test]
async fn of_many_who_need_new_tokens_one_refreshes_and_all_get_them() {
    let world = world();
    let first = world.connect(&alice()).await;
    let (store, vault) = (world.store.clone(), world.vault.clone());
    let refreshed = race(move |caller| {
        let (store, vault, version) = (store.clone(), vault.clone(), first.token_version);
        async move {
            loop {
                match store.begin_refresh(&alice(), ProviderId::Notion, version, at(0)).await.unwrap() {
                    Refresh::Mine(ticket) => {
                        let new = tokens(&format!("access of {caller}"), None);
                        let done = finish((&store, &vault), &ticket, new, None, at(0)).await.unwrap();
                        return (true, vault.open(&done, at(0)).await.unwrap());
                    }
                    Refresh::Newer(connection) => {
                        return (false, vault.open(&connection, at(0)).await.unwrap());
                    }
                    Refresh::Busy { .. } => tokio::task::yield_now().await,
                    Refresh::NotRefreshable => panic!("refreshable"),
                }
            }
        }
    })
    .await;
    assert_eq!(refreshed.iter().filter(|(mine, _)| *mine).count(), 1);
    let expected = refreshed[0].1.access.expose_secret();
    for (_, tokens) in &refreshed {
        assert_eq!(tokens.access.expose_secret(), expected);
        assert_eq!(tokens.refresh.as_ref().unwrap().expose_secret(), "refresh-1", "the present one stays");
    }
}

#[tokio::test]
async fn a_rotated_refresh_token_replaces_the_old_one() {
    let world = world();
    let first = world.connect(&alice()).await;
    let ticket = mine(&world, first.token_version, 0).await;
    assert!(!ticket.interrupted);
    let new = tokens("access-2", Some("refresh-2"));
    let ends = Some(at(3_600_000));
    let second = world.finish(&ticket, new, ends, at(9)).await.unwrap();
    assert_eq!(second.token_version, first.token_version + 1);
    assert_eq!(second.token_expires_at, ends);
    assert_eq!(second, now(&world).await);
    let opened = world.vault.open(&second, at(9)).await.unwrap();
    assert_eq!(opened.refresh.unwrap().expose_secret(), "refresh-2");
}

#[tokio::test]
async fn the_next_holder_learns_that_an_earlier_one_never_came_back() {
    let world = world();
    let version = world.connect(&alice()).await.token_version;
    let dead = mine(&world, version, 0).await;
    assert_eq!(begin(&world, version, 1).await, Refresh::Busy { until: at(REFRESH_LEASE_MS) });
    assert!(matches!(begin(&world, version, REFRESH_LEASE_MS - 1).await, Refresh::Busy { .. }));
    let heir = mine(&world, version, REFRESH_LEASE_MS).await;
    assert!(heir.interrupted);
    assert!(heir.fence > dead.fence);

    let late = world.finish(&dead, tokens("late", None), None, at(30_000)).await;
    assert!(matches!(late, Err(Error::Conflict)));
    assert!(matches!(world.store.fail_refresh(&dead, "revoked").await, Err(Error::Conflict)));
    world.store.abandon_refresh(&dead).await.unwrap();
    assert!(
        matches!(begin(&world, version, 30_000).await, Refresh::Busy { .. }),
        "the heir's right is untouched"
    );

    world.store.abandon_refresh(&heir).await.unwrap();
    assert!(mine(&world, version, 30_000).await.interrupted, "what the dead one left open stays open");
}

#[tokio::test]
async fn a_holder_who_gives_the_right_back_leaves_no_doubt_behind() {
    let world = world();
    let version = world.connect(&alice()).await.token_version;
    let first = mine(&world, version, 0).await;
    world.store.abandon_refresh(&first).await.unwrap();
    world.store.abandon_refresh(&first).await.unwrap();
    let second = mine(&world, version, 1).await;
    assert!(!second.interrupted);
    world.store.abandon_refresh(&first).await.unwrap();
    assert!(matches!(begin(&world, version, 2).await, Refresh::Busy { .. }));
    let third = mine(&world, version, 1 + REFRESH_LEASE_MS).await;
    assert!(third.interrupted, "giving back twice hides nobody's death");
}

#[tokio::test]
async fn a_refused_grant_waits_for_its_user() {
    let world = world();
    let version = world.connect(&alice()).await.token_version;
    let ticket = mine(&world, version, 0).await;
    world.store.fail_refresh(&ticket, "refresh_lost").await.unwrap();
    assert_eq!(now(&world).await.status, ConnectionStatus::NeedsReauth { reason: "refresh_lost".into() });
    assert_eq!(begin(&world, version, 60_000).await, Refresh::NotRefreshable);
    let late = world.finish(&ticket, tokens("late", None), None, at(1)).await;
    assert!(matches!(late, Err(Error::Conflict)));
}

#[tokio::test]
async fn tokens_stored_twice_are_stored_once() {
    let world = world();
    let version = world.connect(&alice()).await.token_version;
    let ticket = mine(&world, version, 0).await;
    let opened = world.vault.open_to_replace(&ticket.connection, at(1)).await.unwrap();
    let finish = || world.store.finish_refresh(&ticket, &opened, tokens("new", None), None);
    let first = finish().await.unwrap();
    assert_eq!(finish().await.unwrap(), first);
}

#[tokio::test]
async fn a_refresh_from_before_a_disconnect_finds_nothing_to_write_to() {
    let world = world();
    let version = world.connect(&alice()).await.token_version;
    let ticket = mine(&world, version, 0).await;
    world.store.disconnect(&alice(), ProviderId::Notion).await.unwrap();
    let new = new_connection(&alice(), ProviderId::Notion);
    world.store.put_connection(&world.vault, new, None, at(5)).await.unwrap();
    let again = now(&world).await;
    assert!(
        matches!(begin(&world, again.token_version, 6).await, Refresh::Mine(_)),
        "with the same fence as before"
    );
    let late = world.finish(&ticket, tokens("late", None), None, at(7)).await;
    assert!(matches!(late, Err(Error::Conflict)));
    world.store.abandon_refresh(&ticket).await.unwrap();
    assert!(matches!(begin(&world, again.token_version, 8).await, Refresh::Busy { .. }), "nor to give back");
    assert!(matches!(begin(&world, version, 8).await, Refresh::Newer(_)));
}

#[tokio::test]
async fn without_a_refresh_token_there_is_nothing_to_begin() {
    let world = world();
    assert_eq!(begin(&world, 1, 0).await, Refresh::NotRefreshable);
    let mut new = new_connection(&alice(), ProviderId::Notion);
    new.tokens = tokens("access", None);
    let connection = world.put(new, None).await.unwrap();
    assert_eq!(begin(&world, connection.token_version, 0).await, Refresh::NotRefreshable);
}

#[tokio::test]
async fn tokens_come_too_late_when_somebody_else_has_the_right() {
    let world = world();
    let version = world.connect(&alice()).await.token_version;
    let slow = mine(&world, version, 0).await;
    let next = mine(&world, version, REFRESH_LEASE_MS).await;
    too_late(&world, &slow).await;
    let done = world.finish(&next, tokens("new", None), None, at(30_001)).await;
    assert_eq!(done.unwrap().token_version, version + 1);
}

#[tokio::test]
async fn who_gave_the_right_back_neither_finishes_nor_fails() {
    let world = world();
    let version = world.connect(&alice()).await.token_version;
    let ticket = mine(&world, version, 0).await;
    world.store.abandon_refresh(&ticket).await.unwrap();
    too_late(&world, &ticket).await;
    assert!(matches!(world.store.fail_refresh(&ticket, "refresh_lost").await, Err(Error::Conflict)));
    assert_eq!(now(&world).await.status, ConnectionStatus::Active);
}

#[tokio::test]
async fn a_refresh_from_before_connecting_again_ends_nothing() {
    let world = world();
    let version = world.connect(&alice()).await.token_version;
    let old = mine(&world, version, 0).await;
    world.store.disconnect(&alice(), ProviderId::Notion).await.unwrap();
    let new = new_connection(&alice(), ProviderId::Notion);
    world.store.put_connection(&world.vault, new, None, at(5)).await.unwrap();
    let again = mine(&world, now(&world).await.token_version, 6).await;
    assert_eq!(again.fence, old.fence);
    assert!(matches!(world.store.fail_refresh(&old, "refresh_lost").await, Err(Error::Conflict)));
    too_late(&world, &old).await;
    assert_eq!(now(&world).await.status, ConnectionStatus::Active);
}

/// Whether their end is known or not, these tokens change nothing.
async fn too_late(world: &World, ticket: &RefreshTicket) {
    for ends in [None, Some(at(90_000))] {
        let late = world.finish(ticket, tokens("late", None), ends, at(30_000));
        assert!(matches!(late.await, Err(Error::Conflict)));
    }
}
