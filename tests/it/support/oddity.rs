//! The unusual answers that providers really give: what the fault matrix asks a client to survive.

use bytes::Bytes;
use http::Request;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulators::Fault;
use simulators::faults::FaultKind;

use super::dice::Dice;

/// An unusual answer to this request, by number. None where nothing unusual is known of the host.
pub(super) fn of(
    host: &str,
    request: &Request<Bytes>,
    number: u8,
    mut dice: Dice,
    now: Timestamp,
) -> Option<Fault> {
    // Drawn apart, so that the numbers keep their meaning.
    let mut other = dice.nth(1);
    let oddity = match host {
        "api.notion.com" if request.uri().path().starts_with("/v1/oauth/") => of_any(number),
        "api.notion.com" => of_notion(number, &mut dice, now),
        "api.openai.com" => of_openai(number),
        "api.deepgram.com" => of_deepgram(number),
        "www.googleapis.com" => of_google(number),
        "oauth2.googleapis.com" => of_any(number),
        _ => return None,
    };
    Some(if other.one_in(4) { of_success(host, request, &mut other) } else { oddity })
}

fn of_notion(number: u8, dice: &mut Dice, now: Timestamp) -> Fault {
    let status = |status, code: &str| answered(status, notion_error(status, code));
    let limited = |after: &str| status(429, "rate_limited").header("retry-after", after);
    let in_ten_seconds = now.saturating_add(SignedDuration::from_secs(10)).unwrap_or(now);
    let date = in_ten_seconds.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    match number {
        0 => limited("5"),
        1 => limited("-1"),
        2 => limited("soon"),
        3 => limited(&date),
        // Nobody waits longer than a day.
        4 => limited(dice.pick(&["300", "300", "300", "3600", "99999999999"])),
        5 => status(529, "service_overload").header("retry-after", "3"),
        6 => status(409, "conflict_error"),
        7 => status(500, "internal_server_error"),
        8 if dice.one_in(2) => status(429, "public_api_request_blocked"),
        8 => status(504, "gateway_timeout"),
        9 => status(401, "unauthorized"),
        10 | 11 => Fault { status: Some(503), ..Fault::new(FaultKind::ApplyThenStatus) },
        12 => Fault { status: Some(500), ..Fault::new(FaultKind::ApplyThenStatus) },
        13 => Fault { status: Some(504), ..Fault::new(FaultKind::ApplyThenStatus) },
        _ => of_any(number),
    }
}

fn of_openai(number: u8) -> Fault {
    let error = |status, kind: &str| {
        answered(status, json!({"error": {"message": "No.", "type": kind, "param": null, "code": kind}}))
    };
    match number {
        0..=2 => error(429, "rate_limit_exceeded").header("retry-after", "2"),
        3 | 4 => error(429, "insufficient_quota"),
        5 | 6 => error(500, "server_error"),
        7 | 8 => said(
            &json!({"role": "assistant", "content": null, "refusal": "I cannot help with that."}),
            "stop",
        ),
        9 | 10 => {
            said(&json!({"role": "assistant", "content": "{\"title\": \"Cut", "refusal": null}), "length")
        }
        11 | 12 => {
            said(&json!({"role": "assistant", "content": "Here is your ticket!", "refusal": null}), "stop")
        }
        _ => of_any(number),
    }
}

fn said(message: &Value, finish_reason: &str) -> Fault {
    answered(
        200,
        json!({"id": "chatcmpl-odd", "object": "chat.completion", "created": 1_795_252_800, "model": "gpt-4o-mini",
            "choices": [{"index": 0, "message": message, "finish_reason": finish_reason, "logprobs": null}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}),
    )
}

fn of_deepgram(number: u8) -> Fault {
    let error = |status, code: &str| {
        answered(status, json!({"err_code": code, "err_msg": "No.", "request_id": "odd"}))
    };
    match number {
        0..=3 => error(429, "TOO_MANY_REQUESTS").header("retry-after", "20"),
        4..=6 => error(500, "INTERNAL_SERVER_ERROR"),
        7 | 8 => error(504, "GATEWAY_TIMEOUT"),
        _ => of_any(number),
    }
}

fn of_google(number: u8) -> Fault {
    let error = |status, reason: &str| {
        let error = json!({"domain": "global", "reason": reason, "message": "No."});
        answered(status, json!({"error": {"errors": [error], "code": status, "message": "No."}}))
    };
    match number {
        0..=2 => error(403, "userRateLimitExceeded"),
        3 | 4 => error(403, "rateLimitExceeded"),
        5 => error(429, "rateLimitExceeded"),
        6 | 7 => error(500, "backendError"),
        8 => error(503, "backendError"),
        9 => error(401, "authError"),
        10 | 11 => Fault { status: Some(500), ..Fault::new(FaultKind::ApplyThenStatus) },
        12 | 13 => Fault { status: Some(503), ..Fault::new(FaultKind::ApplyThenStatus) },
        _ => of_any(number),
    }
}

/// What comes as success and is none: it was done, and the answer is nothing, a page, half of something, or too much. A list
/// that is read page by page gets the cursor again that it asked with.
fn of_success(host: &str, request: &Request<Bytes>, dice: &mut Dice) -> Fault {
    if let Some(cursor) = cursor_of(request) {
        let list = json!({"object": "list", "results": [], "has_more": true, "next_cursor": cursor, "items": [], "nextPageToken": cursor});
        return answered(200, list);
    }
    if host == "api.openai.com" && !dice.one_in(4) {
        return too_much(dice);
    }
    let body =
        dice.pick(&["", "<!doctype html><p>Just a moment</p>", "{\"object\": \"list\", \"results\": [{"]);
    Fault::new(FaultKind::HtmlBody).answering(200, body.into()).header("content-type", "application/json")
}

/// Where the next page begins that is asked for, with Notion or Google.
fn cursor_of(request: &Request<Bytes>) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    let mut parameters = url::form_urlencoded::parse(query.as_bytes());
    let of_query = parameters.find(|(name, _)| name == "start_cursor" || name == "pageToken");
    let of_body =
        || serde_json::from_slice::<Value>(request.body()).ok()?["start_cursor"].as_str().map(str::to_owned);
    of_query.map(|(_, cursor)| cursor.into_owned()).or_else(of_body)
}

/// A ticket of ten thousand steps, or as many tickets, with fields that nobody asked for.
fn too_much(dice: &mut Dice) -> Fault {
    const MANY: usize = 10_000;
    let cited = json!([{"cue_id": "1", "quote": "I click on the checkout button"}]);
    let step = json!({"text": "I click on the checkout button.", "citations": cited, "confidence": 1});
    let ticket = |steps: usize| {
        json!({"title": "Checkout", "ticket_type": "Bug", "priority": "High", "description": "I click on the checkout button.",
            "description_citations": cited, "steps": vec![&step; steps], "assignee": "Dana"})
    };
    let content = match dice.below(3) {
        0 => ticket(MANY),
        1 => vec![ticket(1); MANY].into(),
        _ => json!({"tickets": vec![ticket(1); MANY]}),
    };
    said(&json!({"role": "assistant", "content": content.to_string(), "refusal": null}), "stop")
}

/// What happens with every service behind a network.
fn of_any(number: u8) -> Fault {
    match number % 4 {
        0 => Fault::new(FaultKind::HtmlBody),
        1 => Fault::new(FaultKind::TruncateBody),
        2 => Fault::new(FaultKind::RefuseConnection),
        _ => answered(502, json!("<html>Bad Gateway</html>")),
    }
}

fn answered(status: u16, body: Value) -> Fault {
    Fault::new(FaultKind::Status).answering(status, body)
}

fn notion_error(status: u16, code: &str) -> Value {
    json!({"object": "error", "status": status, "code": code, "message": "No.", "request_id": "odd"})
}
