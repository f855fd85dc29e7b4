//! Syncs that go on by themselves, and the channels that hasten them.

use serde_json::json;
use store::{Channel, Due, Error, Listener, ScheduledSync};

use crate::world::{World, alice, at, bob, race, world};

async fn due(world: &World, ms: i64) -> Vec<(String, u64)> {
    let due = world.store.due(at(ms), 100).await.unwrap().into_iter();
    let due = due.map(|due| match due {
        Due::Sync(ScheduledSync { id, version, .. }) => (id, version),
        other => panic!("{other:?}"),
    });
    due.collect()
}

async fn read(world: &World) -> ScheduledSync {
    world.store.scheduled_sync(&alice(), "s").await.unwrap().unwrap()
}

/// Alice's sync, to be looked at in five seconds.
async fn scheduled() -> World {
    let world = world();
    world.store.schedule_sync(&alice(), "s", &json!({"plan": "p"}), at(5_000), at(7_000)).await.unwrap();
    world
}

#[tokio::test]
async fn a_sync_is_due_at_its_time_and_sooner_when_somebody_says_so() {
    let world = scheduled().await;
    assert_eq!(due(&world, 4_999).await, []);
    assert_eq!(due(&world, 5_000).await, [("s".to_owned(), 1)]);
    let store = &world.store;
    store.schedule_sync(&alice(), "s", &json!({"plan": "p"}), at(1_000), at(9_000)).await.unwrap();
    assert_eq!(read(&world).await.due_at, at(5_000), "never later than it was promised");
    store.schedule_sync(&alice(), "s", &json!({"plan": "p"}), at(1_000), at(3_000)).await.unwrap();
    assert_eq!(due(&world, 3_000).await.len(), 1);
    store.hint_syncs(&alice(), at(1_000)).await.unwrap();
    assert_eq!(due(&world, 1_000).await, [("s".to_owned(), 4)]);
    for user in [bob(), alice()] {
        store.hint_sync(&user, "another", at(0)).await.unwrap();
    }
    assert_eq!(due(&world, 9_000).await.len(), 1, "what is not scheduled cannot be hastened");
    assert_eq!(store.scheduled_syncs(&bob()).await.unwrap(), []);
    store.end_scheduled_sync(&alice(), "s").await.unwrap();
    assert_eq!(
        (due(&world, 9_000).await.len(), store.scheduled_syncs(&alice()).await.unwrap().len()),
        (0, 0)
    );
    let gone = store.save_scheduled_sync(ScheduledSync { id: "s".into(), ..given() }).await;
    assert!(matches!(gone, Err(Error::Missing)), "it does not come back: {gone:?}");
}

fn given() -> ScheduledSync {
    ScheduledSync {
        id: "s".into(),
        user: alice(),
        input: json!({}),
        due_at: at(0),
        version: 1,
        channels: Vec::new(),
        watch_after: None,
    }
}

#[tokio::test]
async fn whoever_asks_for_a_look_while_one_is_under_way_gets_another() {
    let world = scheduled().await;
    let channel =
        Channel { id: "c".into(), asked_at: at(5_000), ends_at: Some(at(9_000)), resource_id: None };
    for (hinted, next) in [(false, 20_000), (true, 6_000)] {
        let seen = read(&world).await;
        if hinted {
            world.store.hint_sync(&alice(), "s", at(6_000)).await.unwrap();
        }
        let looked = ScheduledSync { due_at: at(20_000), channels: vec![channel.clone()], ..seen.clone() };
        let saved = world.store.save_scheduled_sync(looked).await.unwrap();
        assert_eq!((saved.due_at, &saved.channels), (at(next), &vec![channel.clone()]));
        assert_eq!(saved, read(&world).await);
        assert!(saved.version > seen.version);
    }
}

#[tokio::test]
async fn many_at_once_schedule_one_sync() {
    let world = world();
    let store = world.store.clone();
    let answers = race(move |caller| {
        let store = store.clone();
        let due_at = at(1_000 + i64::try_from(caller).unwrap());
        async move { store.schedule_sync(&alice(), "s", &json!({}), due_at, due_at).await.map(|()| due_at) }
    })
    .await;
    assert_eq!(world.store.scheduled_syncs(&alice()).await.unwrap().len(), 1);
    assert_eq!(Some(read(&world).await.due_at), answers.into_iter().filter_map(Result::ok).min());
}

#[tokio::test]
async fn a_channel_is_listened_to_until_it_expires_and_hears_each_number_once() {
    let world = world();
    let store = &world.store;
    let listener = Listener {
        user: alice(),
        sync: "s".into(),
        token_hash: "hash".into(),
        heard: 0,
        resource_id: None,
        expires_at: at(60_000),
    };
    store.listen("c", listener.clone()).await.unwrap();
    store.note_heard("c", 3, Some("resource")).await.unwrap();
    for number in [2, 3] {
        store.note_heard("c", number, Some("other")).await.unwrap();
    }
    store.listen("c", listener.clone()).await.unwrap();
    store.note_heard("another", 1, None).await.unwrap();
    let heard = Listener { heard: 3, resource_id: Some("resource".into()), ..listener };
    assert_eq!(store.listener("c", at(59_000)).await.unwrap(), Some(heard.clone()));
    store.note_heard("c", 4, None).await.unwrap();
    assert_eq!(store.listener("c", at(0)).await.unwrap(), Some(Listener { heard: 4, ..heard }));
    assert_eq!(store.listener("c", at(60_000)).await.unwrap(), None, "expired");
    assert_eq!(store.listener("another", at(0)).await.unwrap(), None);
    store.stop_listening("c").await.unwrap();
    assert_eq!(store.listener("c", at(0)).await.unwrap(), None);
}
