//! Connect sessions and OAuth transactions are taken once.

use domain::ProviderId;
use secrecy::ExposeSecret;
use store::{ConnectSession, Error, OauthState, Taken};

use crate::world::{alice, at, race, world};

fn session() -> ConnectSession {
    let return_to = Some("/integrations".into());
    ConnectSession { user: alice(), provider: ProviderId::Notion, return_to, expires_at: at(600_000) }
}

fn state() -> OauthState {
    OauthState {
        user: alice(),
        provider: ProviderId::Airtable,
        browser_hash: "b".into(),
        pkce_verifier: Some("verifier".into()),
        return_to: None,
        redirect_uri: "https://example.com/callback".into(),
        expires_at: at(600_000),
    }
}

#[tokio::test]
async fn a_session_is_taken_by_exactly_one_of_many() {
    let world = world();
    world.store.put_connect_session("h", &session()).await.unwrap();
    let store = world.store.clone();
    let answers = race(move |_| {
        let store = store.clone();
        async move { store.take_connect_session("h", at(1)).await.unwrap() }
    })
    .await;
    let (taken, others): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| matches!(answer, Taken::Taken(_)));
    assert_eq!(taken, [Taken::Taken(session())]);
    assert!(others.iter().all(|answer| *answer == Taken::Used));
}

#[tokio::test]
async fn a_transaction_is_taken_by_exactly_one_of_many_with_all_it_holds() {
    let world = world();
    world.store.put_oauth_state("h", &state()).await.unwrap();
    let store = world.store.clone();
    let answers = race(move |_| {
        let store = store.clone();
        async move { store.take_oauth_state("h", at(1)).await.unwrap() }
    })
    .await;
    let mut taken = answers.into_iter().filter_map(|answer| match answer {
        Taken::Taken(state) => Some(state),
        _ => None,
    });
    let taken = (taken.next().unwrap(), taken.next().is_none());
    assert!(taken.1);
    let OauthState { user, provider, browser_hash, pkce_verifier, return_to, redirect_uri, expires_at } =
        taken.0;
    assert_eq!((user, provider, expires_at), (alice(), ProviderId::Airtable, at(600_000)));
    assert_eq!((browser_hash.as_str(), return_to), ("b", None));
    assert_eq!(redirect_uri, "https://example.com/callback");
    assert_eq!(pkce_verifier.unwrap().expose_secret(), "verifier");
}

#[tokio::test]
async fn what_expired_is_unknown_even_while_it_is_still_stored() {
    let world = world();
    world.store.put_connect_session("h", &session()).await.unwrap();
    for late in [600_000, 601_000, 90_000_000] {
        assert_eq!(world.store.take_connect_session("h", at(late)).await.unwrap(), Taken::Unknown);
    }
    assert_eq!(world.store.take_connect_session("other", at(0)).await.unwrap(), Taken::Unknown);
    assert!(matches!(world.store.take_connect_session("h", at(599_000)).await.unwrap(), Taken::Taken(_)));
    assert_eq!(world.store.take_connect_session("h", at(599_000)).await.unwrap(), Taken::Used);
    assert_eq!(world.store.take_connect_session("h", at(600_000)).await.unwrap(), Taken::Unknown);
}

#[tokio::test]
async fn a_hash_stands_for_one_thing_only() {
    let world = world();
    world.store.put_oauth_state("h", &state()).await.unwrap();
    assert!(matches!(world.store.put_oauth_state("h", &state()).await, Err(Error::Conflict)));
    assert_eq!(world.store.take_connect_session("h", at(0)).await.unwrap(), Taken::Unknown);
    world.store.put_connect_session("h", &session()).await.unwrap();
    assert!(matches!(world.store.put_connect_session("h", &session()).await, Err(Error::Conflict)));
    assert!(!format!("{:?}", state()).contains("verifier\""));
}
