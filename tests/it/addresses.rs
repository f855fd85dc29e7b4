//! Every address that a user can give, and what becomes of it: nothing inside a network is ever called on their behalf, and
//! no browser is sent where the deployer did not say.

use aws_sdk_dynamodb::types::AttributeValue;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::isolation::rows;
use crate::support::{Answer, Browser, World, send_json};

/// Hosts that are inside some network, however they are spelt.
const INSIDE: &[&str] = include!("../../shared/providers/src/address/inside.in");

async fn put(world: &World, media_url: &str) -> Answer {
    let body = json!({"name": "a", "media_url": media_url});
    world.send(api::routes, send_json(world, "alice", Method::PUT, "/v1/videos/rec-1", None, &body)).await
}

async fn transcribe(world: &World) -> Answer {
    let path = "/v1/videos/rec-1/transcription";
    world
        .send(ticket_extraction::routes, send_json(world, "alice", Method::POST, path, None, &json!({})))
        .await
}

fn submitted(world: &World) -> Vec<String> {
    let jobs = world.providers.lock().unwrap().deepgram.simulator.jobs();
    jobs.into_iter().map(|job| job.media_url).collect()
}

#[tokio::test(start_paused = true)]
async fn no_recording_is_fetched_from_inside_a_network() {
    let world = World::calm();
    let whole = [
        "https://example.com@127.0.0.1/a",
        "https://127.0.0.1:443@10.0.0.1/a",
        "https://127.0.0.1#@example.com/a",
        "https://127.0.0.1?@example.com/a",
        "https://example.com:22/a",
        "https://example.com:80/a",
        "https://example.com:65536/a",
        "https:127.0.0.1/a",
        "https:////127.0.0.1/a",
        "https://127.0.0.1\\@example.com/a",
        "https://example.com\\.evil.example/a",
        "https://exam\nple.com/a",
        "https://example.com/\r\nHost: 127.0.0.1",
        " https://example.com/a",
        "http://example.com/a",
        "//example.com/a",
        "/a.mp4",
        "ftp://example.com/a",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "dict://127.0.0.1:11211/stats",
        "data:audio/wav;base64,AAAA",
        "javascript:alert(1)",
        "blob:https://example.com/a",
        "s3://bucket/key",
        "",
    ];
    let inside = INSIDE.iter().map(|host| format!("https://{host}/a"));
    let with_ports = INSIDE.iter().map(|host| format!("https://{host}:8443/a"));
    for url in inside.chain(with_ports).chain(whole.map(str::to_owned)) {
        let answer = put(&world, &url).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (400, "url_not_allowed".into()), "{url}");
        let shown = String::from_utf8_lossy(&answer.body);
        assert!(url.len() < 9 || !shown.contains(url.as_str()), "{shown}: the address is not given back");
    }
    assert!(world.aws.items().is_empty(), "{:?}", world.aws.items());
    assert!(submitted(&world).is_empty());
}

/// An address that an earlier version, or somebody else, put into the table.
#[tokio::test(start_paused = true)]
async fn an_address_that_is_stored_already_is_looked_at_again() {
    let world = World::calm();
    assert_eq!(put(&world, "https://media.example.com/a.mp4").await.status, StatusCode::CREATED);
    for url in
        ["https://169.254.169.254/a", "http://media.example.com/a.mp4", "https://localhost/a", "nonsense"]
    {
        let mut row = rows::get(&world, "USER#alice", "VIDEO#rec-1").await;
        row.insert("media_url".to_owned(), AttributeValue::S(url.to_owned()));
        rows::put(&world, &row).await;
        let answer = transcribe(&world).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (400, "url_not_allowed".into()), "{url}");
    }
    assert!(submitted(&world).is_empty());
    assert!(!world.fate.log().iter().any(|line| line.starts_with("api.deepgram.com")));
}

/// What was checked is what is sent: two readers of one spelling cannot see two hosts.
#[tokio::test(start_paused = true)]
async fn the_engine_is_told_the_address_that_was_checked() {
    for (given, told) in [
        ("https://media.example.com/a.mp4?sig=a%2Fb%3D", "https://media.example.com/a.mp4?sig=a%2Fb%3D"),
        ("HTTPS://MEDIA.example.com:443/a", "https://media.example.com/a"),
        ("https://media.example.com:8443/a", "https://media.example.com:8443/a"),
        ("https://bücher.example.com/ä", "https://xn--bcher-kva.example.com/%C3%A4"),
        ("https://med%69a.example.com/a/../b", "https://media.example.com/b"),
        ("https://8.8.8.8/a", "https://8.8.8.8/a"),
        ("https://0x8.8.8.010/a", "https://8.8.8.8/a"),
    ] {
        let world = World::calm();
        assert_eq!(put(&world, given).await.status, StatusCode::CREATED, "{given}");
        assert_eq!(transcribe(&world).await.status, StatusCode::ACCEPTED, "{given}");
        assert_eq!(submitted(&world), [told], "{given}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_browser_is_sent_only_where_the_deployer_said() {
    let world = World::calm();
    let refused = [
        "https://app.example.com.",
        "https://app.example.com./",
        "https://app.example.com%2eevil.example/",
        "https://app.example.com%00.evil.example/",
        "https://app.example.com%20/",
        "https://app.example.com:443/",
        "https://app.example.com:0443/",
        "https://app.example.com:/",
        "https://app。example.com/",
        "https://ａpp.example.com/",
        "https://app.example.com\\.evil.example/",
        "https://app.example.com\t/",
        "https://app.example.com\n.evil.example/",
        "https://app.example.com;evil.example/",
        "https://app.example.com,evil.example/",
        "https://app.example.com#@evil.example/",
        "https://app.example.comevil.example/",
        "https://evil.example/https://app.example.com/",
        "https://evil.example?https://app.example.com",
        "https://:@app.example.com/",
        "https://@app.example.com/",
        "https:\\\\app.example.com/",
        "https:/app.example.com/",
        "HTTPS://app.example.com/",
        " https://app.example.com/",
        "https://app.example.com/ ",
        "https://xn--app-x.example.com/",
        "https://a.app.example.com/",
        "https://example.com/",
        "//app.example.com/",
        "///app.example.com/",
        "/\t/evil.example",
        "/\n/evil.example",
        "/%09/evil.example",
        "/%5cevil.example",
        "/.evil.example",
        "/@evil.example",
        "/a:b",
        "/a?x=1",
        "/a#b",
        "/a/../../b",
        "/a%0d%0ab",
        "/ä",
        "/\u{2215}evil.example",
        "\u{ff0f}evil.example",
        "?x=1",
        "#a",
        ".",
        "..",
        "integrations",
        "http://localhost/",
        "https://127.0.0.1/",
        "https://169.254.169.254/",
        "javascript://app.example.com/%0aalert(1)",
        "vbscript:a",
        "data:text/html,a",
        "blob:https://app.example.com/a",
        "filesystem:https://app.example.com/a",
        "ftp://app.example.com/",
        "null",
        "about:blank",
    ];
    let long = format!("/{}", "a".repeat(2_000));
    for return_to in refused.into_iter().chain([long.as_str()]) {
        let body = json!({"provider": "notion", "return_to": return_to});
        let request = send_json(&world, "alice", Method::POST, "/v1/connect-sessions", None, &body);
        let answer = world.send(api::routes, request).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (400, "invalid_return_to".into()),
            "{return_to:?}"
        );
    }
    assert!(world.aws.items().is_empty());
    for (return_to, end) in [
        (Value::Null, "https://api.patchbay.example/integrations"),
        (json!("/"), "https://api.patchbay.example/"),
        (json!("/a/b-c_d/E9"), "https://api.patchbay.example/a/b-c_d/E9"),
        (json!("https://app.example.com"), "https://app.example.com/"),
        (json!("https://app.example.com/a/../b"), "https://app.example.com/b"),
        (json!("https://app.example.com?tab=1"), "https://app.example.com/?tab=1"),
        (json!("https://app.example.com/@evil.example//x"), "https://app.example.com/@evil.example//x"),
    ] {
        let body = json!({"provider": "notion", "return_to": return_to});
        let request = send_json(&world, "alice", Method::POST, "/v1/connect-sessions", None, &body);
        let link = world.send(api::routes, request).await.json()["connect_url"].as_str().unwrap().to_owned();
        let mut browser = Browser::default();
        let page = browser.open(&world, oauth_start::routes, &link).await.unwrap();
        let back =
            browser.open(&world, oauth_callback::routes, &Browser::agree(&world, &page)).await.unwrap();
        let separator = if end.contains('?') { '&' } else { '?' };
        assert_eq!(back, format!("{end}{separator}connected=notion"), "{return_to}");
    }
}

/// What a posted ticket says of the recording's address is not what the page says.
#[tokio::test(start_paused = true)]
async fn links_on_a_page_lead_to_the_recording_and_nowhere_else() {
    let world = World::calm();
    let body = json!({"name": "a", "transcript": "WEBVTT\n\n00:00.000 --> 00:02.000\nIt is broken."});
    world.send(api::routes, send_json(&world, "alice", Method::PUT, "/v1/videos/rec-1", None, &body)).await;
    Browser::default().connect(&world, "alice").await;
    let request = crate::support::get(&world, "alice", "/v1/connections/notion/databases");
    let found = world.send(api::routes, request).await.json();
    let database =
        found["items"].as_array().unwrap().iter().find(|item| item["name"] == "Product tickets").unwrap();
    let choice = json!({"settings": {"database_id": database["id"]}});
    let patch = send_json(&world, "alice", Method::PATCH, "/v1/connections/notion", None, &choice);
    assert_eq!(world.send(api::routes, patch).await.status, StatusCode::OK);
    for url in [
        "https://evil.example/",
        "javascript:alert(1)",
        "http://169.254.169.254/",
        "//evil.example",
        "\u{0}",
        "",
    ] {
        let ticket = json!({
            "title": "See https://evil.example/ now", "description": "[click](https://evil.example/) <https://evil.example/>",
            "steps_to_reproduce": ["Open https://evil.example/"],
            "evidence": [{"pointer": "/steps_to_reproduce/0", "cue_ids": ["1"], "start_ms": 1_000, "end_ms": 2_000, "quote": "a", "url": url}],
        });
        let request = send_json(&world, "alice", Method::POST, "/v1/videos/rec-1/tickets", None, &ticket);
        let answer = world.send(notion_export::routes, request).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    }
    let pages = world.providers.lock().unwrap().notion.simulator.pages("Product tickets");
    assert_eq!(pages.len(), 6);
    for link in pages.iter().flat_map(|page| page.blocks.iter().flat_map(|block| &block.links)) {
        assert!(link.starts_with("https://app.example.com/s/rec-1"), "{link}");
    }
}
