//! Everything that must stay secret, searched for wherever it could have been left.

use serde_json::{Value, json};
use simulators::Fault;
use simulators::faults::FaultKind;

use super::tenant::{STEPS, Tenant};
use crate::support::logs::Logs;
use crate::support::world::{CLIENT_SECRET, DEEPGRAM_KEY, OPENAI_KEY, QUEUES, SESSION_KEY};
use crate::support::{World, get};

/// Of the deployment, and how Notion's and Google's tokens begin.
const NEVER: [&str; 8] =
    [CLIENT_SECRET, OPENAI_KEY, DEEPGRAM_KEY, SESSION_KEY, "ntn_", "nrt_", "ya29.", "1//"];

fn holds_none<'a>(place: &str, text: &str, secrets: impl IntoIterator<Item = &'a str>) {
    for secret in secrets {
        let found = text.find(secret);
        assert!(
            found.is_none(),
            "{place} holds {secret}: …{}…",
            text.get(found.unwrap().saturating_sub(300)..)
                .unwrap_or(text)
                .chars()
                .take(500)
                .collect::<String>()
        );
    }
}

/// Everything that is kept: items, messages and objects.
fn kept(world: &World) -> [(&'static str, String); 3] {
    let objects: Vec<_> =
        world.aws.objects().into_values().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect();
    let messages = QUEUES.map(|queue| world.aws.sent_bodies(queue)).concat();
    [
        ("an item", serde_json::to_string(&world.aws.items()).unwrap()),
        ("a message", messages.join("\n")),
        ("an object", objects.join("\n")),
    ]
}

#[tokio::test(start_paused = true)]
async fn nothing_secret_is_logged_kept_or_shown_even_at_the_most_talkative() {
    for level in [tracing::Level::DEBUG, tracing::Level::TRACE] {
        let logs = Logs::default();
        let guard = logs.collect(level);
        let world = World::calm();
        world.token_lifetime_ms(Some(120_000));
        let mut tenants = [Tenant::new("alice"), Tenant::new("bob")];
        for step in 0..STEPS {
            for tenant in &mut tenants {
                if step == 6 {
                    // Long enough for the tokens to end: the next call refreshes them.
                    tokio::time::sleep(std::time::Duration::from_mins(3)).await;
                }
                tenant.take_step(&world, step).await;
            }
            for (place, text) in kept(&world) {
                holds_none(place, &text, NEVER);
                holds_none(
                    place,
                    &text,
                    tenants.iter().flat_map(|tenant| tenant.secrets.iter().map(String::as_str)),
                );
            }
        }
        drop(guard);
        let log = logs.text();
        assert!(log.contains("answered"), "something is logged");
        holds_none("the log", &log, NEVER);
        holds_none(
            "the log",
            &log,
            tenants.iter().flat_map(|tenant| tenant.secrets.iter().map(String::as_str)),
        );
        let claims =
            ["alice", "bob"].map(|user| world.token(user).split('.').nth(1).unwrap()[..24].to_owned());
        holds_none("the log", &log, claims.iter().map(String::as_str));
        holds_none("the log", &log, ["canary-speech", "canary-signature", "canary-module", "canary-task"]);
        holds_none("the log", &log, ["@example.com", "eyJ", "Bearer ey", "BEGIN "]);
        let answers = world.answers.lock().unwrap().join("\n");
        holds_none("an answer", &answers, NEVER);
        holds_none("an answer", &answers, claims.iter().map(String::as_str));
    }
}

#[tokio::test(start_paused = true)]
async fn what_providers_answer_is_neither_passed_on_nor_logged() {
    let logs = Logs::default();
    let guard = logs.collect(tracing::Level::TRACE);
    let world = World::calm();
    let mut alice = Tenant::new("alice");
    for step in 0..5 {
        alice.take_step(&world, step).await;
    }
    for status in [400, 401, 403, 404, 409, 429, 500, 503] {
        let body = json!({"object": "error", "code": "validation_error", "message": "canary-raw-body ntn_canary",
                          "status": status, "request_id": "canary-raw-id"});
        let fault = Fault::new(FaultKind::Status).answering(status, body).on("POST", "/v1/search").times(5);
        {
            let mut providers = world.providers.lock().unwrap();
            providers.notion.faults.clear();
            providers.notion.fail(fault).unwrap();
        }
        let answer = world.send(api::routes, get(&world, "alice", "/v1/connections/notion/databases")).await;
        assert!(answer.status.as_u16() >= 400, "{status}: {answer:?}");
        holds_none("an answer", &String::from_utf8_lossy(&answer.body), ["canary", "ntn_"]);
    }
    drop(guard);
    holds_none("the log", &logs.text(), ["canary-raw", "ntn_"]);
}

#[tokio::test(start_paused = true)]
async fn what_callers_send_is_not_logged_when_it_is_refused() {
    let logs = Logs::default();
    let guard = logs.collect(tracing::Level::TRACE);
    let world = World::calm();
    let canary = "canary-input";
    let mut sent = Vec::new();
    for body in [
        json!({"name": "a", canary: 1}),
        json!({"name": "a", "media_url": format!("https://{canary}:{canary}@10.0.0.1/{canary}?{canary}")}),
        json!({"name": "a", "transcript": canary}),
        json!({"name": [canary]}),
    ] {
        let request =
            crate::support::send_json(&world, "alice", http::Method::PUT, "/v1/videos/rec-1", None, &body);
        sent.push(world.send(api::routes, request).await);
    }
    for query in ["cursor=canary-input", "canary-input=1", "limit=canary-input"] {
        sent.push(world.send(api::routes, get(&world, "alice", &format!("/v1/videos?{query}"))).await);
    }
    for path in
        ["/v1/hooks/deepgram/canary-input/canary-input", "/v1/videos/canary-input%00", "/canary-input"]
    {
        sent.push(
            world
                .send(
                    ticket_extraction::routes,
                    crate::support::authorized(&world, "alice", http::Method::POST, path),
                )
                .await,
        );
    }
    assert!(sent.iter().all(|answer| (400..500).contains(&answer.status.as_u16())), "{sent:?}");
    drop(guard);
    let log: Vec<Value> = logs.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let leaks: Vec<_> = log.iter().filter(|line| line.to_string().contains(canary)).collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}
