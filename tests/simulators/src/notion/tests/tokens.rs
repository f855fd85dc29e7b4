//! Who gets in: consent, tokens, versions, the request budget.

use super::{Answered, CALLBACK, EVERYTHING, Session, notion, read};
use crate::{
    Notion, Simulator,
    notion::{NotionLimits, OauthErrors},
};
use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

fn authorize(parameters: &[(&str, &str)]) -> String {
    Url::parse_with_params("http://notion.test/v1/oauth/authorize", parameters).unwrap().into()
}

const GOOD: [(&str, &str); 5] = [
    ("client_id", "client"),
    ("redirect_uri", CALLBACK),
    ("response_type", "code"),
    ("owner", "user"),
    ("state", "s&1"),
];

fn show(notion: &mut Notion, parameters: &[(&str, &str)]) -> (u16, String) {
    let response = notion
        .answer(&Request::get(authorize(parameters)).body(Bytes::new()).unwrap(), Timestamp::UNIX_EPOCH);
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

/// Presses a button of the page and gives the parameters of the address it leads to.
fn press(notion: &mut Notion, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let form =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(GOOD).extend_pairs(more).finish();
    let request = Request::post("http://notion.test/v1/oauth/authorize").body(Bytes::from(form)).unwrap();
    let response = notion.answer(&request, Timestamp::UNIX_EPOCH);
    assert_eq!(response.status(), 302, "{:?}", response.body());
    let location = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    assert!(location.as_str().starts_with(CALLBACK));
    location.query_pairs().into_owned().collect()
}

#[test]
fn the_consent_page_offers_what_the_person_has_and_both_buttons() {
    let (status, page) = show(&mut notion(), &GOOD);
    assert_eq!(status, 200);
    for expected in ["Product tickets", "Alice&", "Allow access", "Cancel", "s&amp;1", r#"method="post""#] {
        assert!(page.replace('\'', "&").contains(expected), "{expected} is not on the page");
    }
    assert!(!page.contains("Bob's notes"));
    let bob = [GOOD.as_slice(), &[("person", "Bob")]].concat();
    assert!(show(&mut notion(), &bob).1.contains("Bob's notes"));
}

#[test]
fn a_wrong_authorize_address_gets_a_page_and_never_a_redirect() {
    for (at, wrong) in
        [(0, "other"), (1, "https://patchbay.test/v1/oauth/notion/callback/"), (2, "token"), (3, "workspace")]
    {
        let mut parameters = GOOD;
        parameters[at].1 = wrong;
        let mut notion = notion();
        assert_eq!(show(&mut notion, &parameters).0, 400, "{wrong}");
        assert_eq!(notion.violations().len(), 1);
    }
}

#[test]
fn allowing_leads_back_with_a_code_that_sees_only_what_was_shared() {
    let mut session = Session::of("Bob", &[]);
    let tickets = session.notion.ids_titled("Product tickets")[0].to_string();
    let answer =
        press(&mut session.notion, &[("person", "Alice"), ("share", &tickets), ("decision", "allow")]);
    assert_eq!(answer[1], ("state".to_owned(), "s&1".to_owned()));
    session.now = Timestamp::UNIX_EPOCH;
    let body = json!({"grant_type": "authorization_code", "code": answer[0].1, "redirect_uri": CALLBACK});
    let grant = session.basic("token", &body).ok();
    assert_eq!(
        (&grant["workspace_name"], &grant["owner"]["user"]["person"]["email"]),
        (&json!("Acme"), &json!("alice@acme.test"))
    );
    session.token = grant["access_token"].as_str().unwrap().to_owned();
    assert_eq!(session.get(&session.source("Product tickets")).status, 200);
    let unshared = session.get(&session.source("Ideas"));
    assert_eq!((unshared.refusal().0, unshared.refusal().1), (404, "object_not_found"));
    session.notion.person_shares("Ideas");
    assert_eq!(session.get(&session.source("Ideas")).status, 200);
    session.notion.person_unshares("Ideas");
    assert_eq!(session.get(&session.source("Ideas")).refusal().0, 404);
}

#[test]
fn cancelling_leads_back_with_access_denied_and_the_state() {
    let answer = press(&mut notion(), &[("decision", "cancel")]);
    assert_eq!(
        answer,
        [("error".to_owned(), "access_denied".to_owned()), ("state".to_owned(), "s&1".to_owned())]
    );
}

fn code_body(code: &str) -> Value {
    json!({"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK})
}

fn oauth_error(answered: &Answered) -> (u16, &str) {
    (answered.status, answered.body["error"].as_str().unwrap_or_default())
}

#[test]
fn a_code_works_once_within_ten_minutes_and_only_for_its_address() {
    let mut session = Session::new();
    let code = |session: &mut Session| {
        session.notion.consent("Alice", "client", CALLBACK, EVERYTHING, session.now).unwrap()
    };
    let used = code(&mut session);
    session.basic("token", &code_body(&used)).ok();
    assert_eq!(oauth_error(&session.basic("token", &code_body(&used))), (400, "invalid_grant"));
    let other = code(&mut session);
    let wrong =
        json!({"grant_type": "authorization_code", "code": other, "redirect_uri": "https://elsewhere.test/"});
    assert_eq!(oauth_error(&session.basic("token", &wrong)), (400, "invalid_grant"));
    let late = code(&mut session);
    session.wait(600_000);
    assert_eq!(oauth_error(&session.basic("token", &code_body(&late))), (400, "invalid_grant"));
    assert_eq!(session.notion.token_requests().iter().filter(|request| request.issued).count(), 2);
}

#[test]
fn refreshing_rotates_both_tokens_and_a_stale_refresh_token_is_an_invalid_grant() {
    let mut session = Session::new();
    let first = session.connect("Alice", EVERYTHING);
    let refresh = json!({"grant_type": "refresh_token", "refresh_token": first["refresh_token"]});
    let second = session.basic("token", &refresh).ok();
    assert_ne!(
        (&first["access_token"], &first["refresh_token"]),
        (&second["access_token"], &second["refresh_token"])
    );
    assert_eq!(first["bot_id"], second["bot_id"]);
    assert!(!session.notion.access_token_is_valid(first["access_token"].as_str().unwrap(), session.now));
    assert_eq!(oauth_error(&session.basic("token", &refresh)), (400, "invalid_grant"));
    let limits = NotionLimits { oauth_errors: OauthErrors::Api, ..NotionLimits::default() };
    session.notion.set_limits(limits);
    assert_eq!(session.basic("token", &refresh).body["code"], "invalid_grant");
}

#[test]
fn the_token_endpoint_wants_basic_credentials_and_a_closed_json_body() {
    let mut session = Session::new();
    let request = |authorization: &str, kind: &str, body: &str| {
        let request =
            Request::post("http://notion.test/v1/oauth/token").header("authorization", authorization);
        request.header("content-type", kind).body(Bytes::from(body.to_owned())).unwrap()
    };
    let good = "Basic Y2xpZW50OnNlY3JldA==";
    let json = "application/json";
    for (request, expected) in [
        (request("Basic Y2xpZW50Ondyb25n", json, "{}"), (401, "invalid_client")),
        (request("Bearer x", json, "{}"), (401, "invalid_client")),
        (
            request(good, "application/x-www-form-urlencoded", "grant_type=refresh_token"),
            (400, "invalid_request"),
        ),
        (request(good, json, r#"{"grant_type":"refresh_token"}"#), (400, "invalid_request")),
        (
            request(good, json, r#"{"grant_type":"refresh_token","refresh_token":"x","scope":"a"}"#),
            (400, "invalid_request"),
        ),
    ] {
        assert_eq!(oauth_error(&read(&session.notion.answer(&request, session.now))), expected);
    }
}

#[test]
fn access_ends_by_time_by_revocation_and_by_the_person() {
    let mut session = Session::new();
    session
        .notion
        .set_limits(NotionLimits { access_token_lifetime_ms: Some(1_000), ..NotionLimits::default() });
    session.token = session.connect("Alice", EVERYTHING)["access_token"].as_str().unwrap().to_owned();
    session.get("users/me").ok();
    session.wait(1_000);
    assert_eq!(session.get("users/me").refusal(), (401, "unauthorized", "API token is invalid."));

    let token = session.connect("Alice", EVERYTHING)["access_token"].clone();
    assert_eq!(session.basic("introspect", &json!({"token": token})).ok()["active"], true);
    session.basic("revoke", &json!({"token": token})).ok();
    assert_eq!(session.basic("introspect", &json!({"token": token})).ok()["active"], false);

    session.token = session.connect("Alice", EVERYTHING)["access_token"].as_str().unwrap().to_owned();
    session.notion.person_disconnects("Alice");
    assert_eq!(session.get("users/me").status, 401);
}

#[test]
fn the_version_header_is_needed_and_old_versions_are_explained() {
    let mut session = Session::new();
    session.version = None;
    assert_eq!(session.get("users/me").refusal().1, "missing_version");
    for (version, status) in
        [("2022-06-28", 400), ("2026-01-01", 400), ("2025-09-03", 200), ("2026-03-11", 200)]
    {
        session.version = Some(version);
        assert_eq!(session.get("users/me").status, status, "{version}");
    }
}

#[test]
fn the_request_after_the_budget_is_told_how_long_to_wait() {
    let mut session = Session::new();
    session.notion.set_limits(NotionLimits { requests_per_minute: 2, ..NotionLimits::default() });
    session.get("users/me").ok();
    session.wait(20_500);
    session.get("users/me").ok();
    let refused = session.get("users/me");
    assert_eq!((refused.status, refused.retry_after.as_deref()), (429, Some("40")));
    assert_eq!(refused.body["additional_data"]["rate_limit_reason"], "public_api_request_rate_limit");
    session.wait(40_000);
    session.get("users/me").ok();
    assert!(session.notion.violations().is_empty());
}

#[test]
fn two_runs_from_one_seed_are_equal_to_the_byte() {
    let run = || {
        let mut session = Session::new();
        let ticket = session.ticket("Same");
        (session.token.clone(), session.post("pages", &ticket).ok().to_string())
    };
    assert_eq!(run(), run());
}
