//! What is remembered of an export or a sync.

use serde_json::{Value, json};
use store::{Error, SYNC_ROWS};

use crate::world::{alice, bob, race, world};

fn row(name: &str, value: Value) -> (String, Option<Value>) {
    (name.to_owned(), Some(value))
}

#[tokio::test]
async fn what_is_written_is_read_and_what_is_taken_away_is_gone() {
    let (world, user) = (world(), alice());
    let store = &world.store;
    assert_eq!(store.sync(&user, "a/b").await.unwrap(), store::Sync::default());
    let rows = [row("one", json!({"n": 1})), row("one#01", json!([1, 2.5])), row("two", json!(null))];
    assert_eq!(store.save_sync(&user, "a/b", 0, &json!({"x": 1}), &rows).await.unwrap(), 1);
    let rows = [("one".to_owned(), None), row("two", json!("2"))];
    assert_eq!(store.save_sync(&user, "a/b", 1, &json!({"x": 2}), &rows).await.unwrap(), 2);
    let sync = store.sync(&user, "a/b").await.unwrap();
    assert_eq!((sync.version, sync.head), (2, json!({"x": 2})));
    assert_eq!(
        sync.rows.into_iter().collect::<Vec<_>>(),
        [("one#01".to_owned(), json!([1, 2.5])), ("two".to_owned(), json!("2"))]
    );
    for (user, subject) in [(bob(), "a/b"), (alice(), "a"), (alice(), "a/b/")] {
        assert_eq!(store.sync(&user, subject).await.unwrap().version, 0, "another's, or another");
    }
}

#[tokio::test]
async fn as_many_rows_as_promised_go_together() {
    let world = world();
    let rows: Vec<_> = (0..SYNC_ROWS).map(|number| row(&number.to_string(), json!(number))).collect();
    world.store.save_sync(&alice(), "s", 0, &json!({}), &rows).await.unwrap();
    assert_eq!(world.store.sync(&alice(), "s").await.unwrap().rows.len(), SYNC_ROWS);
}

#[tokio::test]
async fn of_those_who_work_on_the_same_sync_one_gets_on_and_the_others_write_nothing() {
    let world = world();
    for (seen, with_rows) in [(0, true), (1, false), (2, true)] {
        let store = world.store.clone();
        let answers = race(move |caller| {
            let store = store.clone();
            let rows =
                if with_rows { vec![row(&format!("{seen}-{caller}"), json!(caller))] } else { Vec::new() };
            async move { store.save_sync(&alice(), "s", seen, &json!({ "by": caller }), &rows).await }
        })
        .await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(Error::Conflict))));
    }
    assert_eq!(world.store.sync(&alice(), "s").await.unwrap().rows.len(), 2);
}
