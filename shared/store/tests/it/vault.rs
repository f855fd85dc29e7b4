//! The vault and the key service.

use std::sync::Arc;

use aws_doubles::{Calm, KeyTrouble, Service, TABLE};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ProviderId;
use secrecy::ExposeSecret;
use store::Error;

use crate::world::{World, alice, at, bob, new_connection, tokens, world};

const FIVE_MINUTES: i64 = 300_000;

#[tokio::test]
async fn a_data_key_is_asked_for_once_in_five_minutes() {
    let world = world();
    let connection = world.connect(&alice()).await;
    for _ in 0..10 {
        world.vault.open(&connection, at(FIVE_MINUTES - 1)).await.unwrap();
    }
    assert_eq!(
        (world.aws.count(Service::Kms, "GenerateDataKey"), world.aws.count(Service::Kms, "Decrypt")),
        (1, 0)
    );
    world.vault.open(&connection, at(FIVE_MINUTES)).await.unwrap();
    world.vault.open(&connection, at(FIVE_MINUTES)).await.unwrap();
    assert_eq!(world.aws.count(Service::Kms, "Decrypt"), 1);
}

#[tokio::test]
async fn another_instance_opens_what_this_one_sealed() {
    let world = world();
    let connection = world.connect(&alice()).await;
    let opened = world.calm().1.open(&connection, at(0)).await.unwrap();
    assert_eq!(opened.access.expose_secret(), "access-1");
    assert_eq!(opened.refresh.unwrap().expose_secret(), "refresh-1");
}

#[tokio::test]
async fn sealed_tokens_moved_to_another_row_do_not_open() {
    let world = world();
    let alices = world.connect(&alice()).await;
    let bobs = world.connect(&bob()).await;
    copy_sealed(&world, "USER#alice", "USER#bob").await;
    let swapped = world.store.connection(&bob(), ProviderId::Notion).await.unwrap().unwrap();
    assert_ne!(swapped, bobs, "the attack took place");
    let other_instance = world.calm().1;
    for vault in [&world.vault, &other_instance] {
        assert!(matches!(vault.open(&swapped, at(0)).await, Err(Error::Crypto { retryable: false })));
        vault.open(&alices, at(0)).await.unwrap();
    }
}

#[tokio::test]
async fn sealed_tokens_open_for_no_other_provider_and_no_other_version() {
    let world = world();
    let connection = world.connect(&alice()).await;
    let (mut zoom, mut older) = (connection.clone(), connection);
    zoom.provider = ProviderId::Zoom;
    older.token_version -= 1;
    for wrong in [zoom, older] {
        assert!(world.vault.open(&wrong, at(0)).await.is_err(), "with a cached data key");
        assert!(world.calm().1.open(&wrong, at(0)).await.is_err());
    }
}

async fn copy_sealed(world: &World, from: &str, to: &str) {
    let items = world.aws.items();
    let row = items.iter().find(|item| item["pk"] == from && item.contains_key("sealed")).unwrap();
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let dynamo = world.aws.clients(Arc::new(Calm)).dynamo;
    dynamo
        .update_item()
        .table_name(TABLE)
        .key("pk", text(to))
        .key("sk", text(row["sk"].as_str().unwrap()))
        .update_expression("SET sealed = :sealed")
        .expression_attribute_values(":sealed", text(row["sealed"].as_str().unwrap()))
        .send()
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_busy_key_service_is_asked_again_and_then_reported_as_busy() {
    let world = world();
    world.aws.throttle_key(5);
    let connection = world.connect(&alice()).await;
    let vault = world.calm().1;
    world.aws.throttle_key(100);
    let refused = vault.open(&connection, at(0)).await;
    assert!(matches!(refused, Err(Error::Crypto { retryable: true })));
    world.aws.throttle_key(0);
    vault.open(&connection, at(0)).await.unwrap();
}

#[tokio::test]
async fn without_the_key_nothing_is_written_and_nothing_is_lost() {
    for trouble in [KeyTrouble::Denied, KeyTrouble::Disabled] {
        let world = world();
        let connection = world.connect(&alice()).await;
        let before = world.aws.items();
        world.aws.trouble_key(trouble);
        let (store, vault) = world.calm();
        assert!(matches!(vault.open(&connection, at(0)).await, Err(Error::Crypto { retryable: false })));
        let new = new_connection(&bob(), ProviderId::Notion);
        let refused = store.put_connection(&vault, new, None, at(0)).await;
        assert!(matches!(refused, Err(Error::Crypto { retryable: false })));
        assert_eq!(world.aws.items(), before);
        world.aws.trouble_key(KeyTrouble::Well);
        vault.open(&connection, at(0)).await.unwrap();
    }
}

#[tokio::test]
async fn new_tokens_are_stored_without_the_key_service_once_the_old_ones_were_opened() {
    let world = world();
    let connection = world.connect(&alice()).await;
    let (store, vault) = world.calm();
    let version = connection.token_version;
    let begun = store.begin_refresh(&alice(), ProviderId::Notion, version, at(0)).await;
    let store::Refresh::Mine(ticket) = begun.unwrap() else { panic!("nobody else") };
    let opened = vault.open_to_replace(&ticket.connection, at(0)).await.unwrap();

    // The key is gone, and the cached one has ended.
    world.aws.trouble_key(KeyTrouble::Disabled);
    let late = at(3_600_000);
    assert!(vault.open(&connection, late).await.is_err());
    let stored = store.finish_refresh(&ticket, &opened, tokens("new", None), None).await.unwrap();

    world.aws.trouble_key(KeyTrouble::Well);
    let tokens = vault.open(&stored, late).await.unwrap();
    assert_eq!(tokens.access.expose_secret(), "new");
}

#[tokio::test]
async fn the_key_service_learns_the_purpose_and_the_provider_but_not_the_user() {
    let world = world();
    let connection = world.connect(&"alice@example.com".parse().unwrap()).await;
    world.calm().1.open(&connection, at(0)).await.unwrap();
    let contexts = world.aws.key_contexts();
    assert_eq!(contexts.len(), 2);
    for context in contexts {
        assert_eq!(context.keys().collect::<Vec<_>>(), ["provider", "purpose", "user"]);
        assert_eq!(
            (context["provider"].as_str(), context["purpose"].as_str()),
            ("notion", "connection-tokens")
        );
        let user = &context["user"];
        assert!(user.len() == 32 && user.bytes().all(|digit| digit.is_ascii_hexdigit()), "{user}");
    }
}
