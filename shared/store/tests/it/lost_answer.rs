//! Lost answers, refusals that pass, and kills: no caller is ever told wrong.

use std::sync::Arc;
use std::time::Duration;

use aws_doubles::{After, Before, Call, Decision, Failure, Hook, Service};
use domain::ProviderId;
use serde_json::json;
use store::{
    Acquire, Admit, Begin, Class, Error, IdempotencyKey, LeaseName, NewIntent, NewJob, NewVideo, PaceKey,
};
use store::{PacePolicy, PutSending, Refresh, Remote, StoredResponse, Taken};
use uuid::Uuid;

use crate::world::{World, alice, at, finish, new_connection, tokens, world_with};

/// Loses the answer to every exchange with the table that comes first after a delivered one.
struct LoseEverySecond;

impl Hook for LoseEverySecond {
    fn after<'a>(&'a self, call: &'a Call) -> Decision<'a, After> {
        let lost = call.service == Service::Dynamo && call.number % 2 == 1;
        Box::pin(std::future::ready(if lost { After::Lose } else { After::Deliver }))
    }
}

/// Fails every exchange with the table that comes first after a successful one.
struct FailEverySecond(Failure);

impl Hook for FailEverySecond {
    fn before<'a>(&'a self, call: &'a Call) -> Decision<'a, Before> {
        let fails = call.service == Service::Dynamo && call.number % 2 == 1;
        Box::pin(std::future::ready(if fails { Before::Fail(self.0.clone()) } else { Before::Proceed }))
    }
}

fn troubled_worlds() -> Vec<World> {
    let answer = |status, code: &str| Failure::Answer { status, code: code.into() };
    let mut worlds = vec![world_with(Arc::new(LoseEverySecond))];
    for failure in [
        Failure::Refused,
        answer(400, "ProvisionedThroughputExceededException"),
        answer(400, "ThrottlingException"),
        answer(400, "TransactionConflictException"),
        answer(500, "InternalServerError"),
        answer(503, "Whatever"),
    ] {
        worlds.push(world_with(Arc::new(FailEverySecond(failure))));
    }
    worlds
}

#[tokio::test(start_paused = true)]
async fn a_whole_story_ends_well_although_every_second_exchange_goes_wrong() {
    for world in troubled_worlds() {
        tell_the_story(&world).await;
        assert!(world.aws.calls().len() > 40, "the trouble was real");
    }
}

async fn tell_the_story(world: &World) {
    let (store, vault) = (&world.store, &world.vault);
    let minute = Duration::from_mins(1);
    let provider = ProviderId::Notion;

    let state = store::ConnectSession { user: alice(), provider, return_to: None, expires_at: at(600_000) };
    store.put_connect_session("h", &state).await.unwrap();
    assert_eq!(store.take_connect_session("h", at(0)).await.unwrap(), Taken::Taken(state));
    assert_eq!(store.take_connect_session("h", at(0)).await.unwrap(), Taken::Used);

    let connection = world.put(new_connection(&alice(), provider), Some(1)).await.unwrap();
    let begun = store.begin_refresh(&alice(), provider, connection.token_version, at(0)).await.unwrap();
    let Refresh::Mine(ticket) = begun else { panic!("{begun:?}") };
    assert!(!ticket.interrupted);
    finish((store, vault), &ticket, tokens("new", None), None, at(1)).await.unwrap();
    store.update_settings(&alice(), provider, &json!({"database_id": "d"}), 0).await.unwrap();

    let lease = LeaseName::connection(&alice(), provider);
    let Acquire::Held(lease) = store.acquire_lease(&lease, "a", minute, at(0)).await.unwrap() else {
        panic!()
    };
    assert_eq!(lease.fence, 1);
    store.renew_lease(&lease, minute, at(1)).await.unwrap();
    store.release_lease(&lease).await.unwrap();

    let once = PacePolicy { interval_ms: 1_000, burst: 2 };
    let pace = PaceKey::new(provider, "connection", "b");
    for expected in [Admit::Go, Admit::Go, Admit::Wait { until: at(1_000) }] {
        assert_eq!(store.admit(&pace, &once, 1, Class::Interactive, at(0)).await.unwrap(), expected);
    }

    let key = IdempotencyKey { user: alice(), operation: "create_ticket".into(), key: "k".into() };
    let Begin::Started(claim) = store.begin(&key, "h", "a", minute, at(0)).await.unwrap() else { panic!() };
    assert!(!claim.resumed);
    let new = NewIntent {
        ext_id: Uuid::from_u128(1),
        user: alice(),
        kind: "create_ticket".into(),
        target: json!({}),
        payload_hash: "p".into(),
        strategy: "property".into(),
    };
    let PutSending::Send(intent) = store.put_sending(&new, at(0)).await.unwrap() else { panic!() };
    store.mark_pending(&intent).await.unwrap();
    let PutSending::Send(intent) = store.put_sending(&new, at(1)).await.unwrap() else { panic!() };
    assert_eq!(intent.attempt, 2);
    let response = StoredResponse { status: 201, headers: vec![], body: "{}".into() };
    let remote = Remote { id: "page".into(), url: None };
    store.record_done(&intent, &remote, Some((&claim, &response)), at(2)).await.unwrap();
    assert_eq!(store.begin(&key, "h", "b", minute, at(3)).await.unwrap(), Begin::Replay(response));

    let id = "v".parse().unwrap();
    let video = store.put_video(&alice(), &id, NewVideo::default(), None, at(0)).await.unwrap();
    store.put_video(&alice(), &id, NewVideo::default(), Some(&video), at(1)).await.unwrap();
    let job = NewJob {
        id: "j".parse().unwrap(),
        user: alice(),
        kind: "k".into(),
        subject: "v".into(),
        input: json!({}),
        progress: store::Progress::default(),
        due_at: None,
    };
    let job = store.create_job(job, at(0)).await.unwrap();
    store.save_job(job, at(1)).await.unwrap();
    assert_eq!(store.jobs(&alice(), 10, None).await.unwrap().items.len(), 1);

    assert!(store.disconnect(&alice(), provider).await.unwrap().is_some());
    assert!(store.account(&alice()).await.unwrap().connected.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_table_that_stays_away_is_reported_after_six_tries() {
    struct Away;
    impl Hook for Away {
        fn before<'a>(&'a self, _: &'a Call) -> Decision<'a, Before> {
            Box::pin(std::future::ready(Before::Fail(Failure::Refused)))
        }
    }
    let world = world_with(Arc::new(Away));
    assert!(matches!(world.store.account(&alice()).await, Err(Error::Unavailable(_))));
    assert_eq!(world.aws.count(Service::Dynamo, "GetItem"), 6);
}

#[tokio::test]
async fn a_refusal_that_will_not_pass_is_reported_at_once() {
    struct Denied;
    impl Hook for Denied {
        fn before<'a>(&'a self, _: &'a Call) -> Decision<'a, Before> {
            let denied = Failure::Answer { status: 400, code: "AccessDeniedException".into() };
            Box::pin(std::future::ready(Before::Fail(denied)))
        }
    }
    let world = world_with(Arc::new(Denied));
    assert!(matches!(world.store.account(&alice()).await, Err(Error::Unavailable(_))));
    assert_eq!(world.aws.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_killed_caller_hears_nothing_and_its_effect_is_found_by_the_next() {
    struct KillAfter(&'static str);
    impl Hook for KillAfter {
        fn after<'a>(&'a self, call: &'a Call) -> Decision<'a, After> {
            let killed = call.operation == self.0;
            Box::pin(std::future::ready(if killed { After::Kill } else { After::Deliver }))
        }
    }
    let world = world_with(Arc::new(KillAfter("TransactWriteItems")));
    let put = world.store.put_connection(
        &world.vault,
        new_connection(&alice(), ProviderId::Notion),
        Some(1),
        at(0),
    );
    assert!(tokio::time::timeout(Duration::from_hours(1), put).await.is_err());
    let (store, vault) = world.calm();
    let found = store.connection(&alice(), ProviderId::Notion).await.unwrap().unwrap();
    vault.open(&found, at(0)).await.unwrap();
    assert_eq!(store.account(&alice()).await.unwrap().connected.len(), 1);
}
