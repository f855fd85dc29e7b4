//! Learning plans: versions, expectations, races, and answers that were lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use aws_doubles::{After, Before, Call, Decision, Hook, Service};
use domain::{Module, Plan, PlanId, Task};
use store::{Error, Expected, NewPlan, PlanSummary, PutPlan, Store};

use crate::world::{CALLERS, alice, at, bob, race, world, world_with};

fn id() -> PlanId {
    "p".parse().unwrap()
}

fn plan(title: &str) -> Plan {
    let task = |id: &str| Task { id: id.into(), title: "task".into(), ..Task::default() };
    let modules = ["m", "n"].map(|id| Module {
        id: id.into(),
        title: "module".into(),
        tasks: vec![task(&format!("{id}1")), task(&format!("{id}2"))],
        ..Module::default()
    });
    Plan { title: title.into(), modules: modules.into(), ..Plan::default() }
}

async fn put_if(store: &Store, title: &str, expected: Option<&Expected>, ms: i64) -> Result<PutPlan, Error> {
    store.put_plan(&alice(), &id(), &NewPlan::of(&plan(title)).unwrap(), expected, at(ms)).await
}

async fn put(store: &Store, title: &str, ms: i64) -> PutPlan {
    put_if(store, title, None, ms).await.unwrap()
}

fn summary(put: PutPlan) -> PlanSummary {
    match put {
        PutPlan::Created(plan) | PutPlan::Changed(plan) | PutPlan::Unchanged(plan) => plan,
        PutPlan::Unexpected => panic!("unexpected"),
    }
}

async fn title_and_version(store: &Store) -> Option<(String, u64)> {
    store.plan(&alice(), &id()).await.unwrap().map(|stored| (stored.plan.title, stored.version))
}

#[tokio::test]
async fn a_plan_reads_back_as_it_was_put() {
    let world = world();
    let created = put(&world.store, "a", 1).await;
    let PutPlan::Created(first) = created else { panic!("{created:?}") };
    assert_eq!((first.modules, first.tasks, first.version), (2, 4, 1));
    assert_eq!((first.created_at, first.updated_at), (at(1), at(1)));
    let changed = put(&world.store, "b", 2).await;
    let PutPlan::Changed(second) = changed else { panic!("{changed:?}") };
    assert_eq!((second.version, second.created_at, second.updated_at), (2, at(1), at(2)));
    let stored = world.store.plan(&alice(), &id()).await.unwrap().unwrap();
    assert_eq!(stored.plan, plan("b"));
    assert_eq!((stored.version, stored.created_at, stored.updated_at), (2, at(1), at(2)));
    assert_eq!(world.store.plan(&bob(), &id()).await.unwrap(), None);
    assert_eq!(world.store.plans(&bob(), 100, None).await.unwrap().items, []);
}

#[tokio::test]
async fn the_same_again_is_no_change_whatever_is_expected() {
    let world = world();
    put(&world.store, "a", 1).await;
    let second = summary(put(&world.store, "b", 2).await);
    for expected in [None, Some(Expected::Any), Some(Expected::OneOf(vec![1])), Some(Expected::OneOf(vec![]))]
    {
        let again = put_if(&world.store, "b", expected.as_ref(), 3).await.unwrap();
        assert_eq!(again, PutPlan::Unchanged(second.clone()), "{expected:?}");
    }
}

#[tokio::test]
async fn only_what_is_expected_is_replaced_or_deleted() {
    let world = world();
    let store = &world.store;
    let [first, others] = [vec![1], vec![0, 2, 3]].map(Expected::OneOf);
    for expected in [&Expected::Any, &first] {
        assert_eq!(put_if(store, "a", Some(expected), 1).await.unwrap(), PutPlan::Unexpected);
        let absent = store.delete_plan(&alice(), &id(), Some(expected)).await;
        assert!(matches!(absent, Err(Error::Missing)), "{absent:?}");
    }
    assert_eq!(world.aws.items().len(), 0);
    put(store, "a", 1).await;
    assert_eq!(put_if(store, "b", Some(&others), 2).await.unwrap(), PutPlan::Unexpected);
    assert!(!store.delete_plan(&alice(), &id(), Some(&others)).await.unwrap());
    assert_eq!(summary(put_if(store, "b", Some(&first), 2).await.unwrap()).version, 2);
    assert_eq!(summary(put_if(store, "c", Some(&Expected::Any), 3).await.unwrap()).version, 3);
    assert!(store.delete_plan(&alice(), &id(), Some(&others)).await.unwrap(), "3 is one of them");
    assert_eq!(world.aws.items().len(), 0, "summary and body");
    assert!(matches!(store.delete_plan(&alice(), &id(), None).await, Err(Error::Missing)));
    assert_eq!(summary(put(store, "d", 4).await).version, 1);
    assert!(store.delete_plan(&alice(), &id(), None).await.unwrap());
}

#[tokio::test]
async fn of_many_who_change_the_same_version_one_wins() {
    let world = world();
    put(&world.store, "a", 0).await;
    let store = world.store.clone();
    let answers = race(move |caller| {
        let store = store.clone();
        async move { put_if(&store, &format!("by {caller}"), Some(&Expected::OneOf(vec![1])), 1).await }
    })
    .await;
    let winners: Vec<_> = answers
        .into_iter()
        .filter_map(|answer| match answer {
            Ok(PutPlan::Changed(plan)) => Some(plan),
            Ok(PutPlan::Unexpected) | Err(Error::Conflict) => None,
            other => panic!("{other:?}"),
        })
        .collect();
    let [winner] = &winners[..] else { panic!("{winners:?}") };
    assert_eq!(title_and_version(&world.store).await, Some((winner.title.clone(), 2)));
    assert_eq!(world.store.plans(&alice(), 10, None).await.unwrap().items, winners);
}

#[tokio::test]
async fn many_who_create_the_same_plan_create_it_once() {
    let world = world();
    let store = world.store.clone();
    let answers = race(move |_| {
        let store = store.clone();
        async move { put(&store, "same", 1).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| matches!(answer, PutPlan::Created(_))).count(), 1);
    let same =
        answers.into_iter().filter(|answer| matches!(answer, PutPlan::Unchanged(plan) if plan.version == 1));
    assert_eq!(same.count(), usize::try_from(CALLERS).unwrap() - 1);
}

#[tokio::test]
async fn of_many_who_change_and_delete_every_body_belongs_to_its_summary() {
    let world = world();
    let store = world.store.clone();
    let answers = race(move |caller| {
        let store = store.clone();
        async move {
            if caller % 5 == 4 {
                return store.delete_plan(&alice(), &id(), None).await.map(|_| ());
            }
            put_if(&store, &format!("by {caller}"), None, 1).await.map(|_| ())
        }
    })
    .await;
    for answer in answers {
        assert!(matches!(answer, Ok(()) | Err(Error::Conflict | Error::Missing)), "{answer:?}");
    }
    let listed = world.store.plans(&alice(), 10, None).await.unwrap().items;
    let listed = listed.into_iter().map(|plan| (plan.title, plan.version)).next();
    assert_eq!(title_and_version(&world.store).await, listed);
}

#[tokio::test]
async fn many_who_delete_at_once_delete_it_once() {
    let world = world();
    put(&world.store, "a", 0).await;
    let store = world.store.clone();
    let answers = race(move |_| {
        let store = store.clone();
        async move { store.delete_plan(&alice(), &id(), None).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Ok(true))).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer, Ok(true) | Err(Error::Missing))), "{answers:?}");
}

/// Loses the answer to every other exchange with the table.
struct LoseEverySecond;

impl Hook for LoseEverySecond {
    fn after<'a>(&'a self, call: &'a Call) -> Decision<'a, After> {
        let lost = call.service == Service::Dynamo && call.number % 2 == 1;
        Box::pin(std::future::ready(if lost { After::Lose } else { After::Deliver }))
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_neither_a_second_change_nor_a_refusal() {
    let world = world_with(Arc::new(LoseEverySecond));
    let store = &world.store;
    assert!(matches!(put(store, "a", 1).await, PutPlan::Created(plan) if plan.version == 1));
    let first = Expected::OneOf(vec![1]);
    let changed = put_if(store, "b", Some(&first), 2).await.unwrap();
    assert!(matches!(&changed, PutPlan::Changed(plan) if plan.version == 2), "{changed:?}");
    assert_eq!(title_and_version(store).await, Some(("b".to_owned(), 2)));
    assert!(store.delete_plan(&alice(), &id(), Some(&Expected::OneOf(vec![2]))).await.unwrap());
    assert_eq!(world.aws.items().len(), 0);
    assert!(world.aws.count(Service::Dynamo, "TransactWriteItems") >= 5, "answers were lost");
}

/// Somebody else deletes the plan and makes another one, just before the first change of it.
#[derive(Default)]
struct ReplaceBeforeChange(OnceLock<Store>, AtomicBool);

impl Hook for ReplaceBeforeChange {
    fn before<'a>(&'a self, call: &'a Call) -> Decision<'a, Before> {
        Box::pin(async move {
            if call.operation == "TransactWriteItems"
                && let Some(other) = self.0.get()
                && !self.1.swap(true, Ordering::SeqCst)
            {
                other.delete_plan(&alice(), &id(), None).await.unwrap();
                put(other, "another", 5).await;
            }
            Before::Proceed
        })
    }
}

#[tokio::test]
async fn another_plan_of_the_same_version_is_not_taken_for_the_one_that_was_read() {
    let hook = Arc::new(ReplaceBeforeChange::default());
    let world = world_with(hook.clone());
    put(&world.store, "a", 0).await;
    hook.0.set(world.calm().0).unwrap();
    let changed = summary(put(&world.store, "b", 6).await);
    assert!(hook.1.load(Ordering::SeqCst), "it was replaced");
    assert_eq!((changed.version, changed.created_at), (2, at(5)), "it was read again");
}

#[tokio::test]
async fn a_list_comes_in_pages_and_does_not_read_bodies() {
    let world = world();
    let new = NewPlan::of(&plan("a")).unwrap();
    for name in ["c", "a", "e", "b", "d"] {
        world.store.put_plan(&alice(), &name.parse().unwrap(), &new, None, at(1)).await.unwrap();
    }
    let (mut cursor, mut pages) = (None::<String>, vec![]);
    loop {
        let page = world.store.plans(&alice(), 2, cursor.as_deref()).await.unwrap();
        pages.push(page.items.iter().map(|plan| plan.id.to_string()).collect::<String>());
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, ["ab", "cd", "e"]);
    for wrong in ["", "*", "Li4vLi4", "UExBTiNh", "_w", "YQ=="] {
        let refused = world.store.plans(&alice(), 10, Some(wrong)).await;
        assert!(matches!(refused, Err(Error::InvalidCursor)), "{wrong}");
    }
}
