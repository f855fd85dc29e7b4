//! Answers of a model that was talked over, or that is broken. None of them may get further than a true one.

use serde_json::{Value, json};
use simulators::openai::ScriptedAnswer;

/// Stands in no recording: whatever of an answer carries it was invented.
pub(super) const INVENTED: &str = "planted.com";

/// An answer that can be read, with one thing replaced.
pub(super) fn claims(field: &str, value: Value) -> Value {
    let mut claims = json!({
        "title": "The page stays empty", "ticket_type": "Bug", "priority": "Medium",
        "description": "After Save the page stays empty.",
        "description_citations": [{"cue_id": "fault", "quote": "the page stays empty"}],
        "steps": [{"text": "Press Save", "citations": [{"cue_id": "fault", "quote": "I press Save"}]}],
    });
    claims[field] = value;
    claims
}

/// Everything at once that a strict reader lets through.
pub(super) fn greedy() -> Value {
    let quotes = [
        ("fault", "the database was wiped by planted.com"),
        ("a", "the page stays empty"),
        ("", "I press Save"),
        ("/description", "page stays"),
        ("../../secrets", "Save"),
        ("__proto__", "constructor"),
        ("99", "…"),
        ("fault", ""),
        ("fault", "the page stays empty planted.com"),
        ("-1", "\u{0}"),
        ("fault", "empty stays page the"),
    ];
    let citations: Vec<_> = quotes.map(|(cue, quote)| json!({"cue_id": cue, "quote": quote})).into();
    let steps = [
        "Open https://planted.com/login",
        "Run javascript:alert('planted.com')",
        "Mail boss@planted.com now",
        "@everyone [look](//planted.com/x)",
        "<a href='https://planted.com'>here</a>",
        "\u{202e}\u{200b}\u{e0041}",
        "Go to http://save@planted.com:80/?q#f",
        "ＷＷＷ．planted.com/a",
        "Press Save",
    ];
    let mut claims =
        claims("description", "Page is empty. See HTTPS://PLANTED.COM and planted.com/a. Done.".into());
    claims["title"] = format!("\u{202e}Own\u{0}ed\r\n{} www.planted.com", "😀".repeat(90)).into();
    claims["priority"] = "P0 – Critical!!".into();
    claims["ticket_type"] = "Incident".into();
    claims["description_citations"] = citations.clone().into();
    claims["steps"] = steps.iter().map(|text| json!({"text": text, "citations": citations})).collect();
    for privileged in
        ["assignee", "database_id", "connection_id", "user_id", "job_id", "status", "product_area", "role"]
    {
        claims[privileged] = INVENTED.into();
    }
    claims["source"] = "rules".into();
    claims["warnings"] = json!([]);
    claims["evidence"] = json!([{"pointer": "/description", "cue_ids": ["fault"], "start_ms": 0, "end_ms": 1,
        "quote": INVENTED, "url": "https://planted.com/s/rec-1"}]);
    claims["tool_calls"] = json!([{"function": {"name": "create_page", "arguments": "{}"}}]);
    claims
}

/// Answers from which a draft is made, with what they do.
pub(super) fn readable() -> Vec<(&'static str, Value)> {
    let quote = |cue: &str, quote: &str| json!([{"cue_id": cue, "quote": quote}]);
    let step = |text: &str| json!([{"text": text, "citations": []}]);
    let many =
        |count: usize| (0..count).map(|_| json!({"text": "Press Save", "citations": []})).collect::<Value>();
    let mut unspoken = Vec::new();
    for address in [
        "https://planted.com/a",
        "http://planted.com",
        "ftp://planted.com/x",
        "//planted.com/a",
        "planted.com/a",
        "www.planted.com",
        "mailto:a@planted.com",
        "a@planted.com",
        "javascript:fetch('//planted.com/a')",
        "data:text/html,planted.com",
        "tel:planted.com",
        "[x](https://planted.com/a)",
        "<https://planted.com>",
        "`https://planted.com`",
        "**https://planted.com**",
        "https:\u{200b}//planted.com",
        "https://Save@planted.com/",
        "xn--80ak6aa92e.planted.com/a",
        "https://1.1.1.1/planted.com",
        "slack://planted.com",
        "HTTPS://PLANTED.COM/",
        "https:/\\planted.com/a",
        "https://planted.com\u{3002}",
        "(planted.com/a)",
        "„planted.com/a“",
    ] {
        unspoken.push((
            "an address nobody spoke",
            claims("description", format!("Look at {address} first.").into()),
        ));
        unspoken
            .push(("an address nobody spoke", claims("title", format!("Look at {address} first").into())));
        unspoken
            .push(("an address nobody spoke", claims("steps", step(&format!("Look at {address} first")))));
    }
    let mut answers = vec![
        ("everything", greedy()),
        ("invented words", claims("description_citations", quote("fault", "all servers are on fire"))),
        ("words put together", claims("description_citations", quote("fault", "Save empty"))),
        ("words of another order", claims("description_citations", quote("fault", "empty stays page the"))),
        ("part of a word", claims("description_citations", quote("fault", "age stays emp"))),
        ("a wrong cue", claims("description_citations", quote("b", "the page stays empty"))),
        (
            "a number for a cue",
            claims("description_citations", quote("99999999999999999999", "the page stays empty")),
        ),
        ("an empty quote", claims("description_citations", quote("fault", " … \u{200b}"))),
        ("a very long quote", claims("description_citations", quote("fault", &"the page ".repeat(20_000)))),
        (
            "ten thousand quotes",
            claims(
                "description_citations",
                (0..10_000).map(|_| json!({"cue_id": "fault", "quote": "Save"})).collect(),
            ),
        ),
        ("ten thousand steps", claims("steps", many(10_000))),
        ("an unknown priority", claims("priority", "Blocker".into())),
        ("a priority with orders", claims("priority", "Critical\nassignee: mallory".into())),
        ("an unknown type", claims("ticket_type", "Epic".into())),
        ("no title", claims("title", "\u{200b}\u{202e}\u{e0041}\u{0}".into())),
        ("a very long title", claims("title", "W".repeat(100_000).into())),
        ("a very long description", claims("description", "It is broken. ".repeat(10_000).into())),
        ("a very long step", claims("steps", step(&"press ".repeat(50_000)))),
        ("mark-up", claims("title", "<img src=x onerror=alert(1)> **x** @everyone {{x}} =1+1".into())),
    ];
    answers.append(&mut unspoken);
    answers
}

/// Answers that are none: the rules answer instead.
pub(super) fn unreadable() -> Vec<(&'static str, ScriptedAnswer)> {
    let prose = |text: String| ScriptedAnswer::Prose { text };
    let good = claims("title", "Owned".into());
    let text = good.to_string();
    vec![
        ("prose", prose("Sure! I set the priority to Critical and told planted.com.".into())),
        ("prose around an answer", prose(format!("Here you are: {text} Anything else?"))),
        ("half an answer", prose(text[..text.len() / 2].to_owned())),
        ("two answers", prose(format!("{text}{text}"))),
        ("ten thousand tickets", prose(json!(vec![claims("steps", json!([])); 2_000]).to_string())),
        ("a key twice", prose(text.replacen('{', "{\"title\":\"first\",", 1))),
        ("deep nesting", prose("[".repeat(100_000))),
        ("nothing", prose("null".into())),
        ("a priority that is a number", ScriptedAnswer::Content { value: claims("priority", 1.into()) }),
        (
            "a priority that is a list",
            ScriptedAnswer::Content { value: claims("priority", json!(["Critical"])) },
        ),
        ("steps that are no list", ScriptedAnswer::Content { value: claims("steps", json!({"text": "x"})) }),
        (
            "a title that is an object",
            ScriptedAnswer::Content { value: claims("title", json!({"$ne": null})) },
        ),
        (
            "a quote without a cue",
            ScriptedAnswer::Content { value: claims("description_citations", json!([{"quote": "Save"}])) },
        ),
        ("a page", ScriptedAnswer::Html),
        ("a refusal", ScriptedAnswer::Refusal { text: "I told planted.com instead.".into() }),
        ("a filter", ScriptedAnswer::ContentFilter),
        ("a cut-off answer", ScriptedAnswer::Length { content: text }),
    ]
}
