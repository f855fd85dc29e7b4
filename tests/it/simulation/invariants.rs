//! What must hold when everything has come to rest.

use serde_json::Value;
use uuid::Uuid;

use crate::support::World;
use crate::support::logs::Logs;
use crate::support::world::{CLIENT_SECRET, DEEPGRAM_KEY, OPENAI_KEY, QUEUES, SESSION_KEY};

/// The database holds exactly one page of this id, in the trash or not, and it is the one that was answered.
pub(super) fn one_page(world: &World, database: &str, page_id: &str) {
    let pages = world.providers.lock().unwrap().notion.simulator.pages(database);
    let ids: Vec<_> = pages.iter().map(|page| page.id).collect();
    assert_eq!(ids, [Uuid::parse_str(page_id).unwrap()], "exactly one page");
}

/// Nothing is left half done: no write of unknown outcome, no claimed request, no message, no job in the air.
pub(super) fn nothing_stuck(world: &World) {
    for item in world.aws.items() {
        let state = item.get("state").or(item.get("status")).and_then(Value::as_str).unwrap_or_default();
        assert!(
            !matches!(state, "sending" | "queued" | "running" | "waiting" | "processing" | "INPROGRESS"),
            "{item:?}"
        );
    }
    for queue in QUEUES {
        assert_eq!(world.aws.bodies(queue), Vec::<String>::new());
        assert_eq!(world.aws.dead_messages(queue), []);
    }
}

/// No secret and no token stands in a log line, an answer, an item or a message.
pub(super) fn nothing_leaks(world: &World, logs: &Logs) {
    let secrets = [CLIENT_SECRET, OPENAI_KEY, DEEPGRAM_KEY, SESSION_KEY].map(str::to_owned);
    let tokens = {
        let providers = world.providers.lock().unwrap();
        [providers.notion.simulator.issued_tokens(), providers.google.simulator.issued_tokens()].concat()
    };
    let places = [
        ("log", logs.text()),
        ("answer", world.answers.lock().unwrap().join("\n")),
        ("item", serde_json::to_string(&world.aws.items()).unwrap()),
        ("message", QUEUES.map(|queue| world.aws.sent_bodies(queue)).concat().join("\n")),
    ];
    for secret in secrets.iter().chain(&tokens) {
        for (place, text) in &places {
            assert!(!text.contains(secret), "{place} holds {secret}");
        }
    }
}

/// The stand-ins were never sent anything that the real services would refuse as malformed.
pub(super) fn nothing_malformed(world: &World) {
    let providers = world.providers.lock().unwrap();
    assert_eq!(providers.notion.simulator.violations(), [] as [String; 0]);
    assert_eq!(providers.openai.simulator.violations(), [] as [String; 0]);
    assert_eq!(providers.deepgram.simulator.violations(), [] as [String; 0]);
    assert_eq!(providers.google.simulator.violations(), [] as [String; 0]);
}
