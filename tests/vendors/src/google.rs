//! What Google's own description of the Calendar API says about an exchange.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use crate::json_of;
use crate::schema::{GOOGLE, Schema};

/// Where several calls are made at once.
const BATCH: &str = "/batch/calendar/v3";

/// Fails unless a request to the Calendar API is one of Google's methods with a query and a body that it takes, or a batch
/// of such.
///
/// A request that is refused may be anything: ask only about those that were taken, or that a correct client sent.
///
/// # Panics
/// When it is not. Nothing happens where the description was not made.
pub fn assert_google_request(request: &Request<Bytes>) {
    let (verb, path) = (request.method().as_str(), request.uri().path());
    if GOOGLE.bundle().is_none() {
        return;
    }
    if path == BATCH {
        return calls_of(request).iter().for_each(assert_google_request);
    }
    let Some((id, method)) = method(&GOOGLE, verb, path) else { panic!("Google has no {verb} {path}") };
    let query = request.uri().query().unwrap_or_default();
    let asked = format!("{id}.query");
    GOOGLE.assert_fits(&asked, &GOOGLE.object_from_query(&asked, query));
    if method["body"] == true {
        // In a patch, null takes a field away.
        GOOGLE.assert_fits(&format!("{id}.body"), &without_nulls(&json_of(request.body())));
    } else {
        assert!(request.body().is_empty(), "{id} takes no body");
    }
}

/// Fails unless an answer of the Calendar API is what Google says it is, or one of its errors.
///
/// # Panics
/// When it is not. Nothing happens where the description was not made.
pub fn assert_google_answer(request: &Request<Bytes>, answer: &Response<Bytes>) {
    let (verb, path) = (request.method().as_str(), request.uri().path());
    if path == BATCH || GOOGLE.bundle().is_none() {
        return;
    }
    if !answer.status().is_success() {
        return assert_error(answer);
    }
    let Some((id, method)) = method(&GOOGLE, verb, path) else { panic!("Google has no {verb} {path}") };
    match method["answer"].as_str() {
        Some(name) => GOOGLE.assert_fits(name, &json_of(answer.body())),
        None => assert!(answer.status() == 204 && answer.body().is_empty(), "{id} answers nothing"),
    }
}

/// The calls in a batch.
fn calls_of(batch: &Request<Bytes>) -> Vec<Request<Bytes>> {
    let text = String::from_utf8_lossy(batch.body()).replace("\r\n", "\n");
    let calls = text.split("Content-Type: application/http").skip(1).filter_map(|part| {
        let (line, rest) = part.split_once("\n\n")?.1.split_once('\n')?;
        let mut words = line.split(' ');
        let call = Request::builder().method(words.next()?).uri(words.next()?);
        let body =
            rest.split_once("\n\n").map_or("", |(_, body)| body.split("\n--").next().unwrap_or_default());
        call.body(Bytes::from(body.trim().to_owned())).ok()
    });
    calls.collect()
}

/// Errors are not described; their form is that of the guide "Handle API errors".
fn assert_error(answer: &Response<Bytes>) {
    let body = json_of(answer.body());
    let (error, first) = (&body["error"], &body["error"]["errors"][0]);
    assert_eq!(error["code"], answer.status().as_u16(), "{body}");
    assert!(error["message"].is_string(), "{body}");
    assert!(["domain", "reason", "message"].iter().all(|name| first[name].is_string()), "{body}");
}

/// The method at an address, and what is said about it.
fn method<'a>(schema: &'a Schema, verb: &str, path: &str) -> Option<(&'a str, &'a Value)> {
    let methods = schema.bundle()?["methods"].as_object()?;
    let matches = |template: &str| {
        let (mut segments, mut wanted) = (path.split('/'), template.split('/'));
        segments.by_ref().zip(wanted.by_ref()).all(|(segment, wanted)| wanted == "{}" || wanted == segment)
            && path.split('/').count() == template.split('/').count()
    };
    let mut found: Vec<_> = methods
        .iter()
        .filter(|(_, method)| method["verb"] == verb && method["path"].as_str().is_some_and(matches))
        .collect();
    // `events/watch` is not an event called watch.
    found.sort_by_key(|(_, method)| method["path"].as_str().unwrap_or_default().matches("{}").count());
    found.first().map(|(id, method)| (id.as_str(), *method))
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => json!(items.iter().map(without_nulls).collect::<Vec<_>>()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(verb: &str, path: &str, body: &Value) -> Request<Bytes> {
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        Request::builder().method(verb).uri(format!("https://www.googleapis.com{path}")).body(body).unwrap()
    }

    #[test]
    fn only_googles_own_requests_pass() {
        let event = json!({"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}});
        assert_google_request(&request("POST", "/calendar/v3/calendars/primary/events", &event));
        let patch = json!({"start": {"date": null, "dateTime": "2026-11-23T09:00:00"}});
        assert_google_request(&request("PATCH", "/calendar/v3/calendars/primary/events/abcde", &patch));
        let list = "/calendar/v3/calendars/a%40b.c/events?maxResults=5&privateExtendedProperty=a%3Db&singleEvents=true";
        assert_google_request(&request("GET", list, &Value::Null));
        let batch = |event: &Value| {
            let call =
                "POST /calendar/v3/calendars/primary/events HTTP/1.1\r\nContent-Type: application/json";
            let part = format!(
                "--b\r\nContent-Type: application/http\r\nContent-ID: <1>\r\n\r\n{call}\r\n\r\n{event}\r\n"
            );
            Request::post("https://www.googleapis.com/batch/calendar/v3")
                .body(Bytes::from(part + "--b--"))
                .unwrap()
        };
        assert_eq!(calls_of(&batch(&event)).len(), 1);
        assert_google_request(&batch(&event));
        if GOOGLE.bundle().is_none() {
            return;
        }
        let misspelt = json!({"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}, "sumary": "x"});
        assert!(std::panic::catch_unwind(|| assert_google_request(&batch(&misspelt))).is_err());
        for (verb, path, body) in [
            ("POST", "/calendar/v3/calendars/primary/events", json!({"start": {"date": "2026-11-23"}})),
            ("POST", "/calendar/v3/calendars/primary/events", json!({"start": {"datetime": "x"}, "end": {}})),
            (
                "POST",
                "/calendar/v3/calendars/primary/events",
                json!({"start": {"date": "23.11.2026"}, "end": {}}),
            ),
            ("GET", "/calendar/v3/calendars/primary/evnets", Value::Null),
            ("GET", "/calendar/v3/calendars/primary/events?maxresults=5", Value::Null),
            ("GET", "/calendar/v3/calendars/primary/events?maxResults=many", Value::Null),
            ("DELETE", "/calendar/v3/calendars/primary/events/abcde", json!({})),
        ] {
            let refused = std::panic::catch_unwind(|| assert_google_request(&request(verb, path, &body)));
            assert!(refused.is_err(), "{verb} {path} {body}");
        }
    }
}
