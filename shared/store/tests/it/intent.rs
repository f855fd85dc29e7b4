//! The effect ledger.

use std::time::Duration;

use serde_json::json;
use store::{
    Begin, Due, Error, IdempotencyKey, Intent, IntentState, NewIntent, PutSending, Remote, StoredResponse,
};
use uuid::Uuid;

use crate::world::{World, alice, at, bob, race, world};

fn new() -> NewIntent {
    NewIntent {
        ext_id: Uuid::from_u128(7),
        user: alice(),
        kind: "create_ticket".into(),
        target: json!({"data_source_id": "d"}),
        payload_hash: "p1".into(),
        strategy: "property".into(),
    }
}

fn page(id: &str) -> Remote {
    Remote { id: id.into(), url: Some(format!("https://notion.so/{id}")) }
}

async fn send(world: &World, ms: i64) -> Intent {
    match world.store.put_sending(&new(), at(ms)).await.unwrap() {
        PutSending::Send(intent) => intent,
        other => panic!("{other:?}"),
    }
}

async fn due(world: &World, ms: i64) -> Vec<Intent> {
    let mut found = vec![];
    for due in world.store.due(at(ms), 10).await.unwrap() {
        let Due::Intent(intent) = due else { panic!("{due:?}") };
        found.push(intent);
    }
    found
}

#[tokio::test]
async fn of_many_who_want_the_same_effect_exactly_one_sends() {
    let world = world();
    let store = world.store.clone();
    let answers = race(move |_| {
        let store = store.clone();
        async move { store.put_sending(&new(), at(0)).await.unwrap() }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| matches!(answer, PutSending::Send(_))).count(), 1);
    assert_eq!(answers.iter().filter(|answer| matches!(answer, PutSending::Unresolved(_))).count(), 49);
}

#[tokio::test]
async fn a_definite_failure_lets_exactly_one_of_many_send_again() {
    let world = world();
    let first = send(&world, 0).await;
    let pending = world.store.mark_pending(&first).await.unwrap();
    assert_eq!((pending.state, due(&world, 9).await), (IntentState::Pending, vec![]));
    let store = world.store.clone();
    let answers = race(move |_| {
        let store = store.clone();
        let changed = NewIntent { payload_hash: "p2".into(), ..new() };
        async move { store.put_sending(&changed, at(1)).await.unwrap() }
    })
    .await;
    let mut senders = answers.into_iter().filter_map(|answer| match answer {
        PutSending::Send(intent) => Some(intent),
        _ => None,
    });
    let sender = senders.next().unwrap();
    assert!(senders.next().is_none());
    assert_eq!((sender.attempt, sender.payload_hash.as_str(), sender.sent_at), (2, "p2", Some(at(1))));
    assert!(sender.fence > first.fence);
    assert!(
        matches!(world.store.mark_pending(&first).await, Err(Error::Conflict)),
        "the first sender is too late"
    );
}

#[tokio::test]
async fn an_unresolved_effect_is_sent_again_by_exactly_one_of_many() {
    let world = world();
    let lost = send(&world, 0).await;
    let missed = world.store.note_missed(&lost, at(90_000)).await.unwrap();
    assert_eq!(missed.missed_at, Some(at(90_000)));
    let again = world.store.note_missed(&lost, at(120_000)).await.unwrap();
    assert_eq!(again.missed_at, Some(at(90_000)), "the first miss is kept");
    let store = world.store.clone();
    let answers = race(move |_| {
        let (store, again) = (store.clone(), again.clone());
        async move { store.put_sending_again(&again, "p1", at(120_001)).await }
    })
    .await;
    let sent: Vec<_> = answers.into_iter().filter_map(Result::ok).collect();
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].attempt, sent[0].missed_at), (2, None));
    assert!(matches!(world.store.note_missed(&lost, at(130_000)).await, Err(Error::Conflict)));
}

#[tokio::test]
async fn what_is_missing_is_added_by_exactly_one_of_many() {
    let world = world();
    let sent = send(&world, 0).await;
    let store = world.store.clone();
    let answers = race(move |_| {
        let (store, sent) = (store.clone(), sent.clone());
        async move { store.note_appending(&sent, at(120_000)).await }
    })
    .await;
    let noted: Vec<_> = answers.into_iter().filter_map(Result::ok).collect();
    assert_eq!(noted.len(), 1);
    assert_eq!((noted[0].appended_at, noted[0].sent_at), (Some(at(120_000)), Some(at(0))));
    assert_eq!(due(&world, 239_999).await, [], "somebody is at it");
    assert_eq!(due(&world, 240_000).await.len(), 1);
}

#[tokio::test]
async fn what_was_done_stays_done_and_is_one_object() {
    let world = world();
    let intent = send(&world, 0).await;
    let done = world.store.record_done(&intent, &page("a"), None, at(1)).await.unwrap();
    assert_eq!((done.state, done.remote_id.as_deref()), (IntentState::Done, Some("a")));
    assert_eq!(done.remote_url.as_deref(), Some("https://notion.so/a"));
    assert_eq!(world.store.put_sending(&new(), at(2)).await.unwrap(), PutSending::Done(done.clone()));
    assert_eq!(world.store.record_done(&intent, &page("a"), None, at(3)).await.unwrap(), done);
    assert!(matches!(world.store.record_done(&intent, &page("b"), None, at(3)).await, Err(Error::Conflict)));
    assert!(matches!(world.store.mark_failed(&done).await, Err(Error::Conflict)));
    assert!(matches!(world.store.put_sending_again(&done, "p1", at(3)).await, Err(Error::Conflict)));
    assert_eq!(due(&world, 1_000_000).await, []);
}

#[tokio::test]
async fn an_early_sender_whose_effect_shows_up_late_is_believed() {
    let world = world();
    let early = send(&world, 0).await;
    world.store.put_sending_again(&early, "p1", at(90_000)).await.unwrap();
    let done = world.store.record_done(&early, &page("early"), None, at(90_001)).await.unwrap();
    assert_eq!(done.remote_id.as_deref(), Some("early"));
}

#[tokio::test]
async fn a_given_up_effect_is_not_sent_again() {
    let world = world();
    let intent = send(&world, 0).await;
    let failed = world.store.mark_failed(&intent).await.unwrap();
    assert_eq!(world.store.put_sending(&new(), at(1)).await.unwrap(), PutSending::Failed(failed));
    assert_eq!(due(&world, 1_000_000).await, []);
}

#[tokio::test]
async fn another_users_effect_is_nobody_elses() {
    let world = world();
    let intent = send(&world, 0).await;
    assert_eq!(world.store.intent(&alice(), intent.ext_id).await.unwrap(), Some(intent.clone()));
    assert_eq!(world.store.intent(&bob(), intent.ext_id).await.unwrap(), None);
    let stolen = NewIntent { user: bob(), ..new() };
    assert!(matches!(world.store.put_sending(&stolen, at(1)).await, Err(Error::Conflict)));
}

#[tokio::test]
async fn the_sweep_finds_what_nobody_asked_about_again() {
    let world = world();
    let intent = send(&world, 1_000).await;
    assert_eq!(due(&world, 120_999).await, []);
    assert_eq!(due(&world, 121_000).await, std::slice::from_ref(&intent));
    world.store.note_missed(&intent, at(125_000)).await.unwrap();
    assert_eq!(due(&world, 244_999).await, [], "looked at since");
    assert_eq!(due(&world, 245_000).await.len(), 1);
}

#[tokio::test]
async fn a_look_can_be_put_off_as_long_as_the_outcome_is_open() {
    let world = world();
    let intent = send(&world, 1_000).await;
    world.store.put_off(&intent, at(9_000)).await.unwrap();
    assert_eq!(due(&world, 8_999).await, []);
    assert_eq!(due(&world, 9_000).await, std::slice::from_ref(&intent));
    let again = world.store.put_sending_again(&intent, "p1", at(9_001)).await.unwrap();
    assert!(matches!(world.store.put_off(&intent, at(9_999)).await, Err(Error::Conflict)), "sent since");
    world.store.mark_pending(&again).await.unwrap();
    assert!(matches!(world.store.put_off(&again, at(9_999)).await, Err(Error::Conflict)));
    assert_eq!(due(&world, 1_000_000).await, [], "what is not open is not looked at");
}

#[tokio::test]
async fn effect_and_answer_are_recorded_together() {
    let world = world();
    let key = IdempotencyKey { user: alice(), operation: "create_ticket".into(), key: "k".into() };
    let response = StoredResponse { status: 201, headers: vec![], body: "{}".into() };
    let begin = |owner: &'static str, ms| {
        let (store, key) = (world.store.clone(), key.clone());
        async move { store.begin(&key, "hash", owner, Duration::from_mins(1), at(ms)).await.unwrap() }
    };
    let Begin::Started(slow) = begin("slow", 0).await else { panic!("new") };
    let intent = send(&world, 0).await;
    let Begin::Started(heir) = begin("heir", 60_000).await else { panic!("taken over") };

    let late = world.store.record_done(&intent, &page("a"), Some((&slow, &response)), at(60_001)).await;
    assert!(matches!(late, Err(Error::Conflict)));
    let PutSending::Done(done) = world.store.put_sending(&new(), at(60_002)).await.unwrap() else {
        panic!("the effect was recorded even so")
    };
    assert!(matches!(begin("third", 60_002).await, Begin::InProgress { .. }));

    let recorded =
        world.store.record_done(&done, &page("a"), Some((&heir, &response)), at(60_003)).await.unwrap();
    assert_eq!(recorded.state, IntentState::Done);
    assert_eq!(begin("third", 60_004).await, Begin::Replay(response));
}

#[tokio::test]
async fn another_object_does_not_complete_the_request() {
    let world = world();
    let key = IdempotencyKey { user: alice(), operation: "create_ticket".into(), key: "k".into() };
    let response = StoredResponse { status: 201, headers: vec![], body: "{}".into() };
    let minute = Duration::from_mins(1);
    let Begin::Started(claim) = world.store.begin(&key, "h", "a", minute, at(0)).await.unwrap() else {
        panic!("new")
    };
    let intent = send(&world, 0).await;
    world.store.record_done(&intent, &page("a"), None, at(1)).await.unwrap();
    let other = world.store.record_done(&intent, &page("b"), Some((&claim, &response)), at(2)).await;
    assert!(matches!(other, Err(Error::Conflict)));
    let begun = world.store.begin(&key, "h", "b", minute, at(3)).await.unwrap();
    assert!(matches!(begun, Begin::InProgress { .. }));
}

#[tokio::test]
async fn an_effect_nobody_wrote_down_cannot_be_done() {
    let world = world();
    let intent = send(&world, 0).await;
    let unknown = Intent { ext_id: Uuid::from_u128(8), ..intent };
    assert!(matches!(world.store.record_done(&unknown, &page("a"), None, at(1)).await, Err(Error::Missing)));
    assert!(matches!(world.store.mark_pending(&unknown).await, Err(Error::Missing)));
}

#[tokio::test]
async fn what_is_not_being_sent_is_neither_missed_nor_made_pending() {
    let world = world();
    let intent = send(&world, 0).await;
    world.store.mark_failed(&intent).await.unwrap();
    assert!(matches!(world.store.note_missed(&intent, at(1)).await, Err(Error::Conflict)));
    assert!(matches!(world.store.mark_pending(&intent).await, Err(Error::Conflict)));
    assert!(matches!(world.store.put_sending(&new(), at(2)).await.unwrap(), PutSending::Failed(_)));
}

#[tokio::test]
async fn an_early_sender_gives_up_nothing_that_was_sent_again() {
    let world = world();
    let early = send(&world, 0).await;
    world.store.put_sending_again(&early, "p1", at(90_000)).await.unwrap();
    assert!(matches!(world.store.mark_failed(&early).await, Err(Error::Conflict)));
    assert!(matches!(world.store.put_sending(&new(), at(90_001)).await.unwrap(), PutSending::Unresolved(_)));
}

#[tokio::test]
async fn nobody_records_another_users_effect() {
    let world = world();
    let theirs = Intent { user: bob(), ..send(&world, 0).await };
    for remote in [page("a"), Remote { id: "a".into(), url: None }] {
        assert!(matches!(world.store.record_done(&theirs, &remote, None, at(1)).await, Err(Error::Conflict)));
    }
}
