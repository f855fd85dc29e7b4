//! The engine against every kind of provider: what is sent, what is made of the answers.

mod strict;

use std::{collections::BTreeMap, sync::Arc};

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ProviderId;
use serde_json::json;
use url::Url;
use vendors::NOTION;

use super::*;
use crate::{
    registry::{PROVIDERS, provider},
    stub::{Stub, answer, endpoints, lost, not_sent, ok, text},
};

const CALLBACK: &str = "https://api.example.com/v1/oauth/notion/callback";

fn client() -> Client {
    Client { id: "client id".into(), secret: "se:cret".to_owned().into() }
}

fn parameters(encoded: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(encoded.as_bytes()).into_owned().collect()
}

async fn exchange(id: ProviderId, stub: &Arc<Stub>) -> Result<Grant, Error> {
    let (endpoints, client) = (Endpoints::default(), client());
    OAuth::new(stub.http(), provider(id), &endpoints, &client)
        .exchange_code("the code", CALLBACK, Some("the verifier"))
        .await
}

async fn refresh(id: ProviderId, stub: &Arc<Stub>) -> Result<Grant, Error> {
    let (endpoints, client) = (Endpoints::default(), client());
    OAuth::new(stub.http(), provider(id), &endpoints, &client).refresh(&"old".to_owned().into()).await
}

#[test]
fn the_authorize_address_asks_for_what_the_registry_says() {
    let pkce = Pkce::from("verifier".to_owned());
    for entry in &PROVIDERS {
        let url = authorize_url(entry, &Endpoints::default(), "id&1", CALLBACK, "st@te", Some(&pkce));
        let query = parameters(Url::parse(&url).unwrap().query().unwrap());
        assert!(url.starts_with(entry.authorize_url), "{url}");
        assert_eq!(query["client_id"], "id&1");
        assert_eq!(query["redirect_uri"], CALLBACK);
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["state"], "st@te");
        assert_eq!(query.contains_key("code_challenge"), entry.pkce, "{}", entry.name);
        assert_eq!(query.get("scope").map_or(0, |scope| scope.split(' ').count()), entry.scopes.len());
        assert!(!url.contains("verifier"), "the verifier stays on the server");
    }
    let url = authorize_url(provider(ProviderId::Notion), &Endpoints::default(), "i", CALLBACK, "s", None);
    assert!(url.contains("owner=user"));
}

#[test]
fn another_issuer_is_refused() {
    let google = provider(ProviderId::Gmail);
    let check = |issuer| check_issuer(google, &Endpoints::default(), issuer);
    assert_eq!(check(None), Ok(()));
    assert_eq!(check(Some("https://accounts.google.com")), Ok(()));
    for issuer in [
        "https://evil.example",
        "http://accounts.google.com",
        "https://accounts.google.com.evil.example",
        "",
        "x:y",
    ] {
        assert_eq!(check(Some(issuer)), Err(WrongIssuer), "{issuer}");
    }
    let local = endpoints(&[("PATCHBAY_GOOGLE_OAUTH_URL", "http://127.0.0.1:9000")]);
    assert_eq!(check_issuer(google, &local, Some("http://127.0.0.1:9000/")), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn notion_gets_json_with_basic_authentication() {
    let stub = Stub::new([ok(&json!({
        "access_token": "at", "token_type": "bearer", "refresh_token": "rt", "bot_id": "bot", "workspace_id": "ws",
        "workspace_name": "Acme", "workspace_icon": "🦀", "owner": {"type": "workspace", "workspace": true},
        "duplicated_template_id": null,
    }))]);
    let grant = exchange(ProviderId::Notion, &stub).await.unwrap();

    let (asked, body) = stub.asked(0);
    assert_eq!(asked, "POST /v1/oauth/token");
    assert_eq!(
        body,
        json!({"grant_type": "authorization_code", "code": "the code", "redirect_uri": CALLBACK})
    );
    NOTION.assert_fits("OauthTokenBodyParameters", &body);
    assert_eq!(stub.header(0, "authorization"), format!("Basic {}", STANDARD.encode("client id:se:cret")));
    assert_eq!(grant.access.expose_secret(), "at");
    assert_eq!(grant.refresh.unwrap().expose_secret(), "rt");
    assert_eq!((grant.bot_id.as_deref(), grant.expires_in), (Some("bot"), None));
    let account =
        Account { id: "ws".into(), name: "Acme".into(), icon: Some("🦀".into()), datacenter: None };
    assert_eq!(grant.account, Some(account));
}

#[tokio::test(start_paused = true)]
async fn google_gets_a_form_with_the_verifier_and_names_its_user() {
    let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"7","email":"ada@example.com"}"#);
    let stub = Stub::new([ok(&json!({
        "access_token": "at", "refresh_token": "rt", "expires_in": 3599, "id_token": format!("h.{claims}.s"),
        "scope": "openid https://www.googleapis.com/auth/userinfo.email",
    }))]);
    let grant = exchange(ProviderId::GoogleCalendar, &stub).await.unwrap();

    let fields = parameters(std::str::from_utf8(stub.request(0).body()).unwrap());
    assert_eq!(fields["code_verifier"], "the verifier");
    assert_eq!(fields["client_secret"], "se:cret");
    assert!(!stub.request(0).headers().contains_key("authorization"));
    assert_eq!(grant.expires_in, Some(Duration::from_secs(3599)));
    assert_eq!(grant.account.as_ref().unwrap().name, "ada@example.com");
    assert_eq!(
        grant.missing_scopes(provider(ProviderId::GoogleCalendar)),
        [
            "https://www.googleapis.com/auth/calendar.events",
            "https://www.googleapis.com/auth/calendar.calendarlist.readonly"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_code_is_sent_once_when_its_fate_is_unknown() {
    for doubt in [lost(), text(503, ""), text(200, "<html>"), ok(&json!({"token": "?"}))] {
        let stub = Stub::new([doubt]);
        assert_eq!(
            exchange(ProviderId::Zoom, &stub).await.unwrap_err(),
            Error::Ambiguous { committed: None }
        );
        assert_eq!(stub.calls(), 1);
    }
    let stub = Stub::new([not_sent(), ok(&json!({"access_token": "at"}))]);
    assert!(exchange(ProviderId::Zoom, &stub).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_dead_grant_and_a_wrong_client_are_told_apart() {
    for body in [
        json!({"error": "invalid_grant"}),
        json!({"object": "error", "code": "invalid_grant", "message": "m"}),
    ] {
        for status in [400, 401] {
            let stub = Stub::new([answer(status, &body)]);
            assert_eq!(refresh(ProviderId::Notion, &stub).await.unwrap_err(), Error::InvalidGrant);
        }
    }
    let stub = Stub::new([answer(401, &json!({"error": "invalid_client"}))]);
    let error = refresh(ProviderId::Airtable, &stub).await.unwrap_err();
    assert!(matches!(error, Error::Rejected { status: 401, code, .. } if code == "invalid_client"));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_keeps_the_old_refresh_token_unless_there_is_a_new_one() {
    for (id, reply, expected) in [
        (ProviderId::Gmail, json!({"access_token": "new", "expires_in": 3600}), "old"),
        (ProviderId::Notion, json!({"access_token": "new", "refresh_token": null}), "old"),
        (ProviderId::Zoom, json!({"access_token": "new", "refresh_token": ""}), "old"),
        (ProviderId::Airtable, json!({"access_token": "new", "refresh_token": "newer"}), "newer"),
    ] {
        let stub = Stub::new([ok(&reply)]);
        let grant = refresh(id, &stub).await.unwrap();
        assert_eq!(grant.refresh.unwrap().expose_secret(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_refresh_is_the_callers_to_decide() {
    let stub = Stub::new([lost()]);
    assert_eq!(refresh(ProviderId::Notion, &stub).await.unwrap_err(), Error::Ambiguous { committed: None });
    assert_eq!(stub.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_given_back_where_that_is_possible() {
    let (endpoints, client) = (endpoints(&[("PATCHBAY_NOTION_OAUTH_URL", "http://localhost:9")]), client());
    let revoke = async |id, stub: &Arc<Stub>| {
        OAuth::new(stub.http(), provider(id), &endpoints, &client).revoke(&"at".to_owned().into()).await
    };
    let stub = Stub::new([lost(), ok(&json!({}))]);
    assert_eq!(revoke(ProviderId::Notion, &stub).await, Ok(()));
    assert_eq!(stub.request(1).uri(), "http://localhost:9/v1/oauth/revoke");
    assert_eq!(stub.asked(1).1, json!({"token": "at"}));

    let stub = Stub::new([answer(400, &json!({"error": "invalid_token"}))]);
    assert_eq!(revoke(ProviderId::Gmail, &stub).await, Ok(()));
    assert_eq!(revoke(ProviderId::Mailchimp, &Stub::new([])).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn the_account_is_asked_for_where_the_grant_does_not_name_it() {
    for (id, path, authorization, reply, expected) in [
        (
            ProviderId::Gmail,
            "/oauth2/v3/userinfo",
            "Bearer at",
            json!({"sub": "7", "email": "a@b.c"}),
            ("7", "a@b.c"),
        ),
        (
            ProviderId::Airtable,
            "/v0/meta/whoami",
            "Bearer at",
            json!({"id": "usr1", "email": "a@b.c"}),
            ("usr1", "a@b.c"),
        ),
        (
            ProviderId::Zoom,
            "/v2/users/me",
            "Bearer at",
            json!({"id": "z", "display_name": "Ada"}),
            ("z", "Ada"),
        ),
        (
            ProviderId::Mailchimp,
            "/oauth2/metadata",
            "OAuth at",
            json!({"dc": "us6", "user_id": 17, "accountname": "Acme"}),
            ("17", "Acme"),
        ),
    ] {
        let stub =
            Stub::new([ok(&json!({"access_token": "at", "expires_in": 0, "scope": null})), ok(&reply)]);
        let grant = exchange(id, &stub).await.unwrap();
        let (endpoints, client) = (Endpoints::default(), client());
        let account =
            OAuth::new(stub.http(), provider(id), &endpoints, &client).account(&grant).await.unwrap();
        assert_eq!((account.id.as_str(), account.name.as_str()), expected);
        assert_eq!(stub.request(1).uri().path(), path);
        assert_eq!(stub.header(1, "authorization"), authorization);
    }
}

#[tokio::test(start_paused = true)]
async fn a_data_centre_that_is_none_connects_nothing() {
    for dc in [json!("us6.evil.example"), json!(null), json!("")] {
        let stub = Stub::new([
            ok(&json!({"access_token": "at"})),
            ok(&json!({"dc": dc, "user_id": 17, "accountname": "Acme"})),
        ]);
        let grant = exchange(ProviderId::Mailchimp, &stub).await.unwrap();
        let (endpoints, client) = (Endpoints::default(), client());
        let oauth = OAuth::new(stub.http(), provider(ProviderId::Mailchimp), &endpoints, &client);
        assert_eq!(oauth.account(&grant).await, Err(Error::BadResponse));
    }
}

#[tokio::test(start_paused = true)]
async fn secrets_are_not_printed() {
    let stub = Stub::new([ok(
        &json!({"access_token": "canary-a", "refresh_token": "canary-r", "workspace_id": "w"}),
    )]);
    let (endpoints, client) =
        (Endpoints::default(), Client { id: "i".into(), secret: "canary-s".to_owned().into() });
    let oauth = OAuth::new(stub.http(), provider(ProviderId::Notion), &endpoints, &client);
    let grant = oauth.exchange_code("c", CALLBACK, None).await.unwrap();
    let printed = format!("{grant:?} {oauth:?} {client:?} {:?}", stub.request(0).headers());
    assert!(!printed.contains("canary") && !printed.contains(&STANDARD.encode("i:canary-s")), "{printed}");
}
