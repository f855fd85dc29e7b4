//! Canary tokens: whatever happens to a connection, no item ever shows one.

use domain::ProviderId;
use store::Refresh;

use crate::world::{alice, at, new_connection, tokens, world};

#[tokio::test]
async fn no_stored_item_and_no_debug_output_shows_a_token() {
    let world = world();
    let mut new = new_connection(&alice(), ProviderId::Notion);
    new.tokens = tokens("canary-access-1", Some("canary-refresh-1"));
    let debug = format!("{new:?}");
    let connection = world.put(new, None).await.unwrap();
    let seen = |step: &str, shown: String| assert!(!shown.contains("canary"), "{step}: {shown}");
    seen("new", debug);
    seen("connected", format!("{:?} {connection:?}", world.aws.items()));
    let begun =
        world.store.begin_refresh(&alice(), ProviderId::Notion, connection.token_version, at(0)).await;
    let Ok(Refresh::Mine(ticket)) = begun else { panic!("nobody else") };
    seen("refreshing", format!("{:?} {ticket:?}", world.aws.items()));
    let new = tokens("canary-access-2", Some("canary-refresh-2"));
    let refreshed = world.finish(&ticket, new, None, at(1)).await.unwrap();
    seen("refreshed", format!("{:?} {refreshed:?}", world.aws.items()));
    let opened = world.vault.open(&refreshed, at(1)).await.unwrap();
    seen("opened", format!("{opened:?} {:?}", world.vault));
    world.store.disconnect(&alice(), ProviderId::Notion).await.unwrap();
    seen("disconnected", format!("{:?}", world.aws.items()));
}
