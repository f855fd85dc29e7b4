//! Connections, and how many of them a user may have.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use aws_doubles::{Before, Call, Decision, Hook};
use domain::{ProviderId, Tier};
use serde_json::json;
use store::{ConnectionStatus, Error, PutConnection, Store};

use crate::world::{CALLERS, alice, at, bob, new_connection, race, world, world_with};

#[tokio::test]
async fn an_account_that_was_never_written_is_free_and_empty() {
    let world = world();
    let account = world.store.account(&alice()).await.unwrap();
    assert_eq!((account.tier, account.connected.len()), (Tier::Free, 0));
    world.store.set_tier(&alice(), Tier::Pro, at(0)).await.unwrap();
    world.connect(&alice()).await;
    let account = world.store.account(&alice()).await.unwrap();
    assert_eq!((account.tier, account.connected), (Tier::Pro, [ProviderId::Notion].into()));
}

#[tokio::test]
async fn a_connection_reads_back_as_it_was_put() {
    let world = world();
    let mut new = new_connection(&alice(), ProviderId::Notion);
    new.partial = true;
    new.token_expires_at = Some(at(3_600_000));
    let put = world.put(new, Some(1)).await.unwrap();
    let read = world.store.connection(&alice(), ProviderId::Notion).await.unwrap().unwrap();
    assert_eq!(put, read);
    assert_eq!(read.status, ConnectionStatus::Partial);
    assert_eq!(read.settings, json!({}));
    assert_eq!(read.account.bot_id.as_deref(), Some("bot-1"));
    assert_eq!((read.connected_at, read.token_expires_at), (at(0), Some(at(3_600_000))));
    assert!(read.sync_enabled && read.refreshable);
    assert_eq!(world.store.connections(&alice()).await.unwrap(), [read]);
    assert_eq!(world.store.connections(&bob()).await.unwrap(), []);
    assert_eq!(world.store.connection(&bob(), ProviderId::Notion).await.unwrap(), None);
}

#[tokio::test]
async fn the_limit_counts_providers_and_never_stops_a_reconnect() {
    let world = world();
    let new = |provider| new_connection(&alice(), provider);
    assert!(world.put(new(ProviderId::Notion), Some(1)).await.is_some());
    assert!(world.put(new(ProviderId::Zoom), Some(1)).await.is_none());
    assert!(world.put(new(ProviderId::Notion), Some(1)).await.is_some());
    assert!(world.put(new(ProviderId::Zoom), Some(2)).await.is_some());
    assert!(world.put(new(ProviderId::Notion), Some(0)).await.is_some(), "after a downgrade too");
    let refused = world.store.put_connection(&world.vault, new(ProviderId::Gmail), Some(0), at(0)).await;
    assert_eq!(refused.unwrap(), PutConnection::LimitReached { used: 2 });
}

#[tokio::test]
async fn of_many_who_connect_at_once_exactly_as_many_succeed_as_the_limit_allows() {
    let world = world();
    let (store, vault) = (world.store.clone(), world.vault.clone());
    let answers = race(move |caller| {
        let (store, vault) = (store.clone(), vault.clone());
        let provider = ProviderId::ALL[usize::try_from(caller).unwrap() % ProviderId::ALL.len()];
        async move { store.put_connection(&vault, new_connection(&alice(), provider), Some(3), at(0)).await }
    })
    .await;
    let connected = world.store.connections(&alice()).await.unwrap();
    assert_eq!(connected.len(), 3);
    assert_eq!(world.store.account(&alice()).await.unwrap().connected.len(), 3);
    let providers: Vec<_> = connected.iter().map(|connection| connection.provider).collect();
    for answer in answers {
        match answer {
            Ok(PutConnection::Connected(connection)) => assert!(providers.contains(&connection.provider)),
            Ok(PutConnection::LimitReached { used }) => assert_eq!(used, 3),
            Err(Error::Conflict) => {}
            Err(other) => panic!("{other}"),
        }
    }
    for connection in &connected {
        world.vault.open(connection, at(0)).await.unwrap();
    }
}

#[tokio::test]
async fn settings_stay_with_the_same_account_and_go_with_another() {
    let world = world();
    let first = world.connect(&alice()).await;
    let settings = json!({"database_id": "d1", "depth": {"of": [1, 2.5, null, ""]}, "huge": 1e300});
    world
        .store
        .update_settings(&alice(), ProviderId::Notion, &settings, first.settings_version)
        .await
        .unwrap();
    world.store.set_sync_enabled(&alice(), ProviderId::Notion, false).await.unwrap();
    world.store.note_synced(&alice(), ProviderId::Notion, at(5)).await.unwrap();

    let again = world.connect(&alice()).await;
    assert_eq!((again.settings, again.sync_enabled, again.last_sync), (settings, false, Some(at(5))));
    assert!(again.token_version > first.token_version);

    let mut other = new_connection(&alice(), ProviderId::Notion);
    other.account.id = "ws-2".into();
    let other = world.put(other, None).await.unwrap();
    assert_eq!((other.settings, other.sync_enabled, other.last_sync), (json!({}), true, None));
    assert!(other.settings_version > again.settings_version, "an editor of the old settings is told");
}

/// Changes the settings just before the first transaction.
#[derive(Default)]
struct EditBeforeTransaction(OnceLock<Store>, AtomicBool);

impl Hook for EditBeforeTransaction {
    fn before<'a>(&'a self, call: &'a Call) -> Decision<'a, Before> {
        Box::pin(async move {
            if let Some(store) = self.0.get().filter(|_| call.operation == "TransactWriteItems")
                && !self.1.swap(true, Ordering::SeqCst)
            {
                let chosen = json!({"database_id": "d"});
                store.update_settings(&alice(), ProviderId::Notion, &chosen, 0).await.unwrap();
            }
            Before::Proceed
        })
    }
}

#[tokio::test]
async fn settings_chosen_while_connecting_again_are_not_lost() {
    let hook = Arc::new(EditBeforeTransaction::default());
    let world = world_with(hook.clone());
    world.connect(&alice()).await;
    hook.0.set(world.calm().0).unwrap();
    let again = world.connect(&alice()).await;
    assert!(hook.1.load(Ordering::SeqCst), "the edit took place");
    assert_eq!(again.settings, json!({"database_id": "d"}));
}

/// Somebody else connects just before the first transaction.
#[derive(Default)]
struct ConnectBeforeTransaction(OnceLock<(Store, store::Vault)>, AtomicBool);

impl Hook for ConnectBeforeTransaction {
    fn before<'a>(&'a self, call: &'a Call) -> Decision<'a, Before> {
        Box::pin(async move {
            if call.operation == "TransactWriteItems"
                && !self.1.swap(true, Ordering::SeqCst)
                && let Some((store, vault)) = self.0.get()
            {
                let other = new_connection(&alice(), ProviderId::Notion);
                store.put_connection(vault, other, None, at(0)).await.unwrap();
            }
            Before::Proceed
        })
    }
}

#[tokio::test]
async fn of_two_who_connect_for_the_first_time_the_later_one_follows_the_earlier() {
    let alone = world().connect(&alice()).await;
    let hook = Arc::new(ConnectBeforeTransaction::default());
    let world = world_with(hook.clone());
    hook.0.set(world.calm()).unwrap();
    let later = world.connect(&alice()).await;
    assert!(hook.1.load(Ordering::SeqCst), "somebody else connected");
    let follows = (alone.token_version + 1, alone.settings_version + 1);
    assert_eq!(
        (later.token_version, later.settings_version),
        follows,
        "two pairs of tokens never share a version"
    );
}

#[tokio::test]
async fn only_one_of_many_editors_of_the_same_settings_wins() {
    let world = world();
    let seen = world.connect(&alice()).await.settings_version;
    let store = world.store.clone();
    let answers = race(move |caller| {
        let store = store.clone();
        async move { store.update_settings(&alice(), ProviderId::Notion, &json!({"by": caller}), seen).await }
    })
    .await;
    let winners: Vec<_> = answers.into_iter().filter_map(Result::ok).collect();
    assert_eq!(winners.len(), 1);
    let now = world.store.connection(&alice(), ProviderId::Notion).await.unwrap().unwrap();
    assert_eq!(now.settings, winners[0].settings);
}

#[tokio::test]
async fn what_is_not_connected_cannot_be_changed() {
    let world = world();
    let provider = ProviderId::Zoom;
    let settings = world.store.update_settings(&alice(), provider, &json!({}), 0).await;
    assert!(matches!(settings, Err(Error::Missing)));
    assert!(matches!(world.store.set_sync_enabled(&alice(), provider, true).await, Err(Error::Missing)));
    world.store.note_synced(&alice(), provider, at(0)).await.unwrap();
    world.store.mark_needs_reauth(&alice(), provider, 1, "revoked").await.unwrap();
    assert_eq!(world.store.disconnect(&alice(), provider).await.unwrap(), None);
    assert_eq!(world.aws.items().len(), 0);
}

#[tokio::test]
async fn disconnecting_frees_the_place_and_leaves_nothing_sealed() {
    let world = world();
    let connection = world.connect(&alice()).await;
    let gone = world.store.disconnect(&alice(), ProviderId::Notion).await.unwrap();
    assert_eq!(gone, Some(connection));
    assert_eq!(world.store.connection(&alice(), ProviderId::Notion).await.unwrap(), None);
    assert!(world.aws.items().iter().all(|item| !item.contains_key("sealed")));
    assert!(world.put(new_connection(&alice(), ProviderId::Zoom), Some(1)).await.is_some());
}

#[tokio::test]
async fn many_who_disconnect_at_once_free_one_place() {
    let world = world();
    world.connect(&alice()).await;
    let store = world.store.clone();
    let answers = race(move |_| {
        let store = store.clone();
        async move { store.disconnect(&alice(), ProviderId::Notion).await.unwrap() }
    })
    .await;
    assert_eq!(answers.len(), usize::try_from(CALLERS).unwrap());
    assert_eq!(answers.into_iter().flatten().count(), 1);
    assert!(world.store.account(&alice()).await.unwrap().connected.is_empty());
}

#[tokio::test]
async fn a_late_mark_does_not_touch_newer_tokens() {
    let world = world();
    let first = world.connect(&alice()).await;
    let second = world.connect(&alice()).await;
    let mark = |version| {
        let store = world.store.clone();
        async move { store.mark_needs_reauth(&alice(), ProviderId::Notion, version, "revoked").await.unwrap() }
    };
    let status =
        || async { world.store.connection(&alice(), ProviderId::Notion).await.unwrap().unwrap().status };
    mark(first.token_version).await;
    assert_eq!(status().await, ConnectionStatus::Active);
    mark(second.token_version).await;
    assert_eq!(status().await, ConnectionStatus::NeedsReauth { reason: "revoked".into() });
    world.connect(&alice()).await;
    assert_eq!(status().await, ConnectionStatus::Active);
}
