//! What a user is told about their tier and what they used of it.

use domain::Tier;
use serde_json::json;

use crate::support::{Browser, World, get};

#[tokio::test(start_paused = true)]
async fn a_user_sees_what_their_tier_allows_and_what_they_used() {
    let world = World::calm();
    let usage = async || world.send(api::routes, get(&world, "alice", "/v1/usage")).await.json();
    let period = json!({"start": "2026-11-01T00:00:00Z", "end": "2026-12-01T00:00:00Z"});
    let before = json!({
        "tier": "free", "period": period,
        "exports": {"used": 0, "held": 0, "limit": 2}, "integrations": {"used": 0, "limit": 1},
        "automatic_sync": false, "real_time": false, "upgrade_url": "https://app.example.com/upgrade",
    });
    assert_eq!(usage().await, before);
    Browser::default().connect(&world, "alice").await;
    assert_eq!(usage().await["integrations"], json!({"used": 1, "limit": 1}));
    let app = world.instance();
    app.store.set_tier(&"alice".parse().unwrap(), Tier::Agency, world.now()).await.unwrap();
    let after = usage().await;
    assert_eq!(after["exports"], json!({"used": 0, "held": 0, "limit": null}));
    assert_eq!(after["integrations"], json!({"used": 1, "limit": null}));
    assert_eq!((&after["automatic_sync"], &after["real_time"]), (&json!(true), &json!(true)));
}
