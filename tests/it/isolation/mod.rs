//! Two tenants side by side: what one does never touches, shows or unlocks what is the other's.

mod key_service;
pub(crate) mod rows;
mod secrets;
mod swaps;
mod tenant;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::support::World;
use crate::support::world::{BUCKET, TRANSCRIPTION_QUEUE};
use tenant::{STEPS, Tenant};

/// What a tenant's requests named: items, objects, contexts of keys, groups of messages, secrets.
async fn touched(world: &World, tenant: &mut Tenant, step: usize) -> BTreeSet<String> {
    let before = world.aws.calls().len();
    tenant.take_step(world, step).await;
    world.aws.calls()[before..].iter().flat_map(|call| call.touches.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn requests_of_two_tenants_touch_nothing_in_common() {
    let world = World::calm();
    let mut tenants = [Tenant::new("alice"), Tenant::new("bob")];
    let mut names = [BTreeSet::new(), BTreeSet::new()];
    for step in 0..STEPS {
        for (tenant, names) in tenants.iter_mut().zip(&mut names) {
            names.extend(touched(&world, tenant, step).await);
        }
    }
    let [alices, bobs] = &names;
    assert!(alices.len() > 10, "{alices:#?}");
    // The pace of a provider's account and workspace, which both of them connected, and the deployment's own document are everybody's.
    let common =
        alices.intersection(bobs).map(|name| name.rsplit_once('#').map_or(name.as_str(), |(kind, _)| kind));
    let shared = ["item PACE#notion#connection", "item PACE#notion#workspace", "secret \"secret\""];
    assert_eq!(common.collect::<Vec<_>>(), shared);
    for (user, other, names) in [("alice", "bob", alices), ("bob", "alice", bobs)] {
        let kinds: BTreeSet<_> =
            names.iter().map(|name| name.split([' ', '#', '{']).next().unwrap()).collect();
        assert_eq!(kinds, BTreeSet::from(["context", "group", "item", "object", "secret"]), "{user}");
        assert!(names.contains(&format!("item USER#{user}")));
        assert!(!names.iter().any(|name| name.contains(other)), "{user}: {names:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_is_kept_is_of_one_tenant_only() {
    let world = World::calm();
    let mut tenants = [Tenant::new("alice"), Tenant::new("bob")];
    for step in 0..STEPS - 1 {
        for tenant in &mut tenants {
            tenant.take_step(&world, step).await;
        }
    }
    let of_both = |text: &str| text.contains("alice") && text.contains("bob");
    for item in world.aws.items() {
        let text = Value::Object(item).to_string();
        assert!(!of_both(&text), "{text}");
    }
    let objects = world.aws.objects();
    for ((bucket, key), bytes) in &objects {
        assert_eq!(bucket, BUCKET);
        let (owner, rest) = key.split_once('/').unwrap();
        assert!(["rec-1", "rec-2"].iter().any(|video| rest == format!("{video}/transcription.vtt")), "{key}");
        let other = if owner == "alice" { "bob" } else { "alice" };
        assert!(!String::from_utf8_lossy(bytes).contains(other), "{key}");
    }
    assert_eq!(objects.len(), 4);
    let shown = tenants.map(|tenant| tenant.shown);
    assert!(
        !shown[0].contains("bob") && !shown[1].contains("alice"),
        "nothing of one was shown to the other"
    );
}

#[tokio::test(start_paused = true)]
async fn work_of_two_tenants_waits_in_groups_of_their_own() {
    let world = World::calm();
    for user in ["alice", "bob"] {
        let mut tenant = Tenant::new(user);
        tenant.put_recordings(&world).await;
        tenant.ask_for_transcription(&world).await;
    }
    tokio::time::sleep(Duration::from_mins(16)).await;
    world.sweep().await;
    let messages = world.aws.messages(TRANSCRIPTION_QUEUE);
    assert_eq!(messages.len(), 2);
    let groups: BTreeSet<_> = messages.iter().map(|message| message.group.clone()).collect();
    assert_eq!(groups.len(), 2, "{messages:?}");
    for message in &messages {
        assert!(message.body.contains("alice") != message.body.contains("bob"), "{}", message.body);
        let group = format!("{:?}", message.group);
        assert!(!group.contains("alice") && !group.contains("bob"), "{group}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_looks_like_a_part_of_anothers_key_opens_nothing() {
    let world = World::calm();
    let mut alice = Tenant::new("alice");
    for step in 0..STEPS - 1 {
        alice.take_step(&world, step).await;
    }
    let before = world.aws.items();
    let strangers = [
        "Alice",
        "alice ",
        " alice",
        "alice#",
        "alice#CONN",
        "alice%23",
        "alice/",
        "alice/rec-1",
        "USER#alice",
        "alice\u{200b}",
        "ａlice",
        "../alice",
        "alice/../alice",
        "*",
        "%",
        "alice\u{301}",
        "al\u{131}ce",
    ];
    for name in strangers {
        let stranger = Tenant::new(name);
        let before = world.aws.calls().len();
        stranger.sees_nothing_of(&alice, &world).await;
        let named =
            world.aws.calls()[before..].iter().flat_map(|call| call.touches.clone()).collect::<BTreeSet<_>>();
        assert!(!named.contains("item USER#alice"), "{name}: {named:?}");
        assert!(
            !named.iter().any(|name| name.contains("/alice/rec-1/transcription.vtt")),
            "{name}: {named:?}"
        );
    }
    assert_eq!(world.aws.items(), before, "and nothing was changed");
}
