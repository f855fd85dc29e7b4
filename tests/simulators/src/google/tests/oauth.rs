//! Consent, tokens and revocation.

use super::{Answered, CALENDAR_LIST, CALLBACK, EVENTS, SCOPES, Session, google, read};
use crate::Simulator;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn address(change: &[(&str, &str)]) -> String {
    let scope = SCOPES.join(" ");
    let mut fields = BTreeMap::from([
        ("client_id", "client"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", scope.as_str()),
        ("state", "s-1"),
        ("access_type", "offline"),
        ("prompt", "consent"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    for (name, value) in change {
        if value.is_empty() {
            fields.remove(name)
        } else {
            fields.insert(name, value)
        };
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    format!("https://accounts.google.com/o/oauth2/v2/auth?{query}")
}

/// Where a person's decision leads, as its parameters.
fn decided(session: &mut Session, address: &str, button: &str) -> BTreeMap<String, String> {
    let response = session.google.press(address, "Alice", button, session.now).unwrap();
    let location = response.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(CALLBACK), "{location}");
    url::Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

fn exchange(session: &mut Session, code: &str, verifier: &str) -> Answered {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", verifier),
    ];
    session.form("/token", &fields)
}

fn connected(session: &mut Session, change: &[(&str, &str)]) -> Value {
    let code = decided(session, &address(change), "continue").remove("code").unwrap();
    exchange(session, &code, VERIFIER).ok()
}

fn error(answered: &Answered) -> (u16, &str) {
    (answered.status, answered.body["error"].as_str().unwrap())
}

fn refresh(session: &mut Session, token: &Value) -> Answered {
    session.form("/token", &[("grant_type", "refresh_token"), ("refresh_token", token.as_str().unwrap())])
}

#[test]
fn consent_leads_back_with_a_code_that_its_verifier_redeems_once() {
    let mut session = Session::new();
    let back = decided(&mut session, &address(&[]), "continue");
    assert_eq!((back["state"].as_str(), back["scope"].contains(EVENTS)), ("s-1", true));
    let told = exchange(&mut session, &back["code"], VERIFIER).ok();
    assert_eq!((&told["expires_in"], &told["token_type"]), (&json!(3599), &json!("Bearer")));
    assert!(told["refresh_token"].as_str().unwrap().starts_with("1//"));
    assert!(told["scope"].as_str().unwrap().contains("https://www.googleapis.com/auth/userinfo.email"));
    let claims = told["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!((&claims["email"], &claims["aud"]), (&json!("alice@example.com"), &json!("client")));
    assert_eq!(error(&exchange(&mut session, &back["code"], VERIFIER)), (400, "invalid_grant"));

    let code = decided(&mut session, &address(&[]), "continue").remove("code").unwrap();
    assert_eq!(error(&exchange(&mut session, &code, "wrong")), (400, "invalid_grant"));
    assert_eq!(
        error(&exchange(&mut session, &code, VERIFIER)),
        (400, "invalid_grant"),
        "a failed attempt spends it"
    );
    let late = decided(&mut session, &address(&[]), "continue").remove("code").unwrap();
    session.wait(600_000);
    assert_eq!(error(&exchange(&mut session, &late, VERIFIER)), (400, "invalid_grant"));
    assert_eq!(decided(&mut session, &address(&[]), "cancel")["error"], "access_denied");
    assert!(session.google.violations().is_empty());
}

#[test]
fn a_wrong_address_never_leads_back() {
    let mut session = Session::new();
    for change in [
        ("client_id", "other"),
        ("redirect_uri", "https://patchbay.test/v1/oauth/google-calendar/callback/"),
        ("response_type", "token"),
        ("scope", "https://www.googleapis.com/auth/calendar.evenst"),
        ("scope", ""),
        ("code_challenge_method", "plain"),
        ("code_challenge", "short"),
        ("access_type", "forever"),
    ] {
        let response = session.google.press(&address(&[change]), "Alice", "continue", session.now).unwrap();
        assert_eq!(
            (response.status().as_u16(), response.headers().get("location")),
            (400, None),
            "{change:?}"
        );
    }
    assert_eq!(session.google.violations().len(), 8);
}

#[test]
fn people_grant_what_they_leave_ticked() {
    let mut session = Session::new();
    session.google.set_consent("Alice", Some(vec![CALENDAR_LIST.to_owned()]));
    let told = connected(&mut session, &[]);
    let scope = told["scope"].as_str().unwrap();
    assert!(scope.contains(CALENDAR_LIST) && scope.contains("openid") && !scope.contains(EVENTS), "{scope}");
    session.google.set_consent("Alice", Some(vec![EVENTS.to_owned()]));
    let told = connected(&mut session, &[("include_granted_scopes", "true")]);
    assert!(
        told["scope"].as_str().unwrap().contains(CALENDAR_LIST),
        "what was granted before counts on request"
    );
    session.google.set_consent("Alice", None);
    assert!(!connected(&mut session, &[("scope", EVENTS)])["scope"].as_str().unwrap().contains("openid"));
}

#[test]
fn a_refresh_token_comes_with_the_first_consent_or_on_request() {
    let mut session = Session { google: google(), ..Session::new() };
    assert!(connected(&mut session, &[("prompt", "")])["refresh_token"].is_string(), "the first");
    assert!(connected(&mut session, &[("prompt", "")])["refresh_token"].is_null());
    assert!(connected(&mut session, &[])["refresh_token"].is_string());
    assert!(connected(&mut session, &[("access_type", "")])["refresh_token"].is_null());
}

#[test]
fn refreshing_keeps_the_refresh_token_and_says_it_no_more() {
    let mut session = Session::new();
    let first = session.connect("Alice", SCOPES);
    session.wait(3_600_000);
    assert_eq!(session.get("users/me/calendarList").refusal(), (401, "authError"));
    let second = refresh(&mut session, &first["refresh_token"]).ok();
    assert_eq!((second.get("refresh_token"), &second["scope"]), (None, &first["scope"]));
    refresh(&mut session, &first["refresh_token"]).ok();
    session.token = second["access_token"].as_str().unwrap().to_owned();
    session.get("users/me/calendarList").ok();
    assert_eq!(error(&refresh(&mut session, &json!("1//invented"))), (400, "invalid_grant"));
}

#[test]
fn a_revocation_ends_every_grant_of_the_person_and_nobody_elses() {
    let mut session = Session::new();
    let bob = session.connect("Bob", SCOPES);
    let first = session.connect("Alice", SCOPES);
    let second = session.connect("Alice", &["openid", "https://www.googleapis.com/auth/spreadsheets"]);
    session.form("/revoke", &[("token", first["access_token"].as_str().unwrap())]).ok();
    for told in [&first, &second] {
        assert_eq!(error(&refresh(&mut session, &told["refresh_token"])), (400, "invalid_grant"));
        assert!(!session.google.access_token_is_valid(told["access_token"].as_str().unwrap(), session.now));
    }
    refresh(&mut session, &bob["refresh_token"]).ok();
    let again = session.form("/revoke", &[("token", first["refresh_token"].as_str().unwrap())]);
    assert_eq!(error(&again), (400, "invalid_token"));
    assert_eq!(session.google.revocations(), 1);
}

#[test]
fn a_revocation_that_takes_its_time_ends_what_was_granted_meanwhile() {
    let mut session = Session::new();
    session.limit(|limits| limits.revocation_delay_ms = 5_000);
    let first = session.connect("Alice", SCOPES);
    session.form("/revoke", &[("token", first["refresh_token"].as_str().unwrap())]).ok();
    session.wait(1_000);
    let second = session.connect("Alice", SCOPES);
    refresh(&mut session, &first["refresh_token"]).ok();
    session.wait(4_000);
    assert!(session.google.valid_refresh_tokens(session.now).is_empty());
    assert_eq!(error(&refresh(&mut session, &second["refresh_token"])), (400, "invalid_grant"));
    let third = session.connect("Alice", SCOPES);
    refresh(&mut session, &third["refresh_token"]).ok();
}

#[test]
fn grants_end_after_a_week_in_testing_and_the_oldest_of_too_many_at_once() {
    let mut session = Session::new();
    session.limit(|limits| limits.grant_lifetime_ms = Some(604_800_000));
    let grant = session.connect("Alice", SCOPES);
    session.wait(604_799_000);
    refresh(&mut session, &grant["refresh_token"]).ok();
    session.wait(1_000);
    assert_eq!(error(&refresh(&mut session, &grant["refresh_token"])), (400, "invalid_grant"));
    session.limit(|limits| limits.refresh_tokens = 2);
    let grants: Vec<_> = (0..3).map(|_| session.connect("Alice", SCOPES)).collect();
    assert_eq!(error(&refresh(&mut session, &grants[0]["refresh_token"])), (400, "invalid_grant"));
    refresh(&mut session, &grants[1]["refresh_token"]).ok();
    session.google.person_withdraws_access("Alice");
    assert_eq!(error(&refresh(&mut session, &grants[2]["refresh_token"])), (400, "invalid_grant"));
}

#[test]
fn the_token_endpoint_wants_a_form_with_the_clients_secret() {
    let mut session = Session::new();
    let code = session.google.consent("Alice", "client", CALLBACK, SCOPES, session.now).unwrap();
    let elsewhere =
        [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", "https://elsewhere.test/")];
    assert_eq!(error(&session.form("/token", &elsewhere)), (400, "redirect_uri_mismatch"));
    assert_eq!(
        error(&session.form("/token", &[("grant_type", "password")])),
        (400, "unsupported_grant_type")
    );
    assert_eq!(error(&session.form("/token", &[])), (400, "invalid_request"));
    for (kind, body, expected) in [
        ("application/json", r#"{"grant_type":"refresh_token"}"#, (400, "invalid_request")),
        (
            "application/x-www-form-urlencoded",
            "grant_type=refresh_token&client_id=client",
            (401, "invalid_client"),
        ),
        (
            "application/x-www-form-urlencoded",
            "grant_type=refresh_token&client_id=x&client_secret=secret",
            (401, "invalid_client"),
        ),
        ("application/x-www-form-urlencoded", "client_id=client&client_id=client", (400, "invalid_request")),
    ] {
        let request = Request::post("http://google.test/token").header("content-type", kind);
        let answered =
            session.google.answer(&request.body(Bytes::from_static(body.as_bytes())).unwrap(), session.now);
        assert_eq!(error(&read(&answered)), expected, "{body}");
    }
}

#[test]
fn the_user_information_says_as_much_as_was_granted() {
    let mut session = Session::new();
    let about = |session: &mut Session| {
        let request = Request::get("http://google.test/oauth2/v3/userinfo")
            .header("authorization", format!("Bearer {}", session.token));
        read(&session.google.answer(&request.body(Bytes::new()).unwrap(), session.now))
    };
    let told = about(&mut session).ok();
    assert_eq!((&told["email"], told.get("name")), (&json!("alice@example.com"), None));
    session.connect("Alice", &["openid"]);
    assert_eq!(about(&mut session).ok().as_object().unwrap().len(), 1);
    session.connect("Alice", &[EVENTS]);
    assert_eq!(about(&mut session).status, 401);
}
