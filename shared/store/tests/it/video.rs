//! Recordings, and drafts already made.

use serde_json::json;
use store::{Error, NewVideo, TranscriptionStatus, Video};

use crate::world::{World, alice, at, bob, race, world};

fn new(name: &str) -> NewVideo {
    NewVideo {
        name: name.into(),
        media_url: Some("https://cdn.example.com/v.mp4".into()),
        ..NewVideo::default()
    }
}

async fn put(world: &World, id: &str, seen: Option<&Video>) -> Result<Video, Error> {
    world.store.put_video(&alice(), &id.parse().unwrap(), new(id), seen, at(1)).await
}

#[tokio::test]
async fn a_recording_reads_back_as_it_was_put() {
    let world = world();
    let id = "v".parse().unwrap();
    let wanted = NewVideo {
        transcription: TranscriptionStatus::Processing,
        transcription_job: Some("job-1".parse().unwrap()),
        ..new("A")
    };
    let put = world.store.put_video(&alice(), &id, wanted, None, at(1)).await.unwrap();
    assert_eq!(world.store.video(&alice(), &id).await.unwrap(), Some(put.clone()));
    assert_eq!((put.version, put.created_at, put.transcription), (1, at(1), TranscriptionStatus::Processing));
    let replaced = world.store.put_video(&alice(), &id, new("B"), Some(&put), at(2)).await.unwrap();
    assert_eq!((replaced.version, replaced.created_at, replaced.updated_at), (2, at(1), at(2)));
    assert_eq!((replaced.name.as_str(), replaced.transcription_job), ("B", None));
    assert_eq!(world.store.video(&bob(), &id).await.unwrap(), None);
}

#[tokio::test]
async fn of_many_who_replace_the_same_version_one_wins() {
    let world = world();
    let seen = put(&world, "v", None).await.unwrap();
    assert!(matches!(put(&world, "v", None).await, Err(Error::Conflict)));
    let store = world.store.clone();
    let answers = race(move |_| {
        let (store, seen) = (store.clone(), seen.clone());
        async move { store.put_video(&alice(), &seen.id, new("same"), Some(&seen), at(2)).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "even though all write the same");
}

#[tokio::test]
async fn a_list_comes_in_pages_and_says_where_it_ends() {
    let world = world();
    for id in ["c", "a", "e", "b", "d"] {
        put(&world, id, None).await.unwrap();
    }
    let (mut cursor, mut pages) = (None::<String>, vec![]);
    loop {
        let page = world.store.videos(&alice(), 2, cursor.as_deref()).await.unwrap();
        pages.push(page.items.iter().map(|video| video.id.to_string()).collect::<String>());
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, ["ab", "cd", "e"]);
    let all = world.store.videos(&alice(), 5, None).await.unwrap();
    assert_eq!((all.items.len(), all.next_cursor), (5, None));
    assert_eq!(world.store.videos(&alice(), 0, None).await.unwrap().items.len(), 1);
    assert_eq!(world.store.videos(&bob(), 100, None).await.unwrap().items, []);
}

#[tokio::test]
async fn a_cursor_leads_nowhere_but_into_its_users_own_list() {
    let world = world();
    for id in ["a", "b"] {
        put(&world, id, None).await.unwrap();
    }
    let alices = world.store.videos(&alice(), 1, None).await.unwrap().next_cursor;
    let bobs = world.store.videos(&bob(), 100, alices.as_deref()).await.unwrap();
    assert_eq!(bobs.items, []);
    for wrong in ["", "*", "Li4vLi4", "VklERU8jYQ", "_w", "YQ=="] {
        let refused = world.store.videos(&alice(), 10, Some(wrong)).await;
        assert!(matches!(refused, Err(Error::InvalidCursor)), "{wrong}");
    }
}

#[tokio::test]
async fn a_draft_is_kept_for_thirty_days_for_its_user() {
    let world = world();
    let draft = json!({"title": "Broken", "deep": [[{"a": 1e300}]]});
    world.store.cache_draft(&alice(), "hash", &draft, at(0)).await.unwrap();
    let read = |user, hash: &'static str, days: i64| {
        let store = world.store.clone();
        async move { store.cached_draft(&user, hash, at(days * 24 * 3_600_000)).await.unwrap() }
    };
    assert_eq!(read(alice(), "hash", 29).await, Some(draft));
    assert_eq!(read(alice(), "hash", 30).await, None);
    assert_eq!(read(alice(), "other", 0).await, None);
    assert_eq!(read(bob(), "hash", 0).await, None);
}
