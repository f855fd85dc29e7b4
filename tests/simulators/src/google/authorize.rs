//! The authorize endpoint: shows the consent page, and sends the person back with a code or a refusal.

use super::{
    Google,
    consent::Authorize,
    grants::{Code, after},
    model::Person,
    scopes,
};
use crate::{answer, with_header};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use std::collections::BTreeSet;

impl Google {
    pub(super) fn authorize(&mut self, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let is_page = request.method() == Method::GET;
        let query = request.uri().query().unwrap_or_default().as_bytes();
        let encoded = if is_page { query } else { request.body() };
        let authorize = Authorize::read(encoded);
        let asked = match self.check_authorize(&authorize) {
            Ok(asked) => asked,
            Err(complaint) => return self.refuse_page(request, complaint),
        };
        let form: Vec<(String, String)> = url::form_urlencoded::parse(encoded).into_owned().collect();
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let Some(person) = self.signed_in(field("person").or_else(|| authorize.get("login_hint"))) else {
            return self.refuse_page(request, "Couldn't find your Google Account");
        };
        if is_page {
            let page = self.consent_page(&authorize, &asked, person);
            return answer(StatusCode::OK, "text/html; charset=utf-8", page.as_bytes());
        }
        let ticked: BTreeSet<String> =
            form.iter().filter(|(key, _)| key == "consent").map(|(_, value)| value.clone()).collect();
        let sub = person.sub.clone();
        let location = match field("decision") {
            Some("continue") => {
                let granted =
                    asked.into_iter().filter(|scope| scopes::is_sign_in(scope) || ticked.contains(scope));
                let granted: BTreeSet<String> = granted.collect();
                let told = granted.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
                let code = self.issue_code(&authorize, sub, granted, now);
                authorize.redirect(&[
                    ("code", &code),
                    ("scope", &told),
                    ("authuser", "0"),
                    ("prompt", "consent"),
                ])
            }
            Some("cancel") => authorize.redirect(&[("error", "access_denied")]),
            _ => return self.refuse_page(request, "The form has no decision."),
        };
        with_header(answer(StatusCode::FOUND, "text/plain", b""), "location", &location.unwrap_or_default())
    }

    /// The scopes asked for. Parameters that are refused never lead to a redirect.
    fn check_authorize(&self, authorize: &Authorize) -> Result<Vec<String>, &'static str> {
        if authorize.doubled().is_some() {
            return Err("Error 400: invalid_request. OAuth 2 parameters can only have a single value.");
        }
        let client_id = authorize
            .get("client_id")
            .ok_or("Error 400: invalid_request. Missing required parameter: client_id")?;
        let client = self.config.clients.iter().find(|client| client.client_id == client_id);
        let client = client.ok_or("Error 401: invalid_client. The OAuth client was not found.")?;
        let redirect_uri = authorize.get("redirect_uri").unwrap_or_default();
        if !client.redirect_uris.iter().any(|known| known == redirect_uri) {
            return Err("Error 400: redirect_uri_mismatch");
        }
        if authorize.get("response_type") != Some("code") {
            return Err("Error 400: invalid_request. Invalid response_type");
        }
        let challenge = authorize.get("code_challenge");
        let is_plausible = |text: &str| {
            text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        match (challenge, authorize.get("code_challenge_method")) {
            (None, None) => {}
            (Some(challenge), Some("S256")) if is_plausible(challenge) => {}
            _ => return Err("Error 400: invalid_request. Invalid code_challenge or code_challenge_method"),
        }
        if authorize.get("access_type").is_some_and(|kind| !matches!(kind, "online" | "offline")) {
            return Err("Error 400: invalid_request. Invalid access_type");
        }
        match authorize.scopes() {
            Ok(asked) if asked.is_empty() => {
                Err("Error 400: invalid_request. Missing required parameter: scope")
            }
            Ok(asked) => Ok(asked),
            Err(_) => Err("Error 400: invalid_scope. Some requested scopes were invalid."),
        }
    }

    fn refuse_page(&mut self, request: &Request<Bytes>, complaint: &str) -> Response<Bytes> {
        self.violations.push(format!("{} {}: {complaint}", request.method(), request.uri().path()));
        let page = format!("<!doctype html><title>Access blocked</title><p>{complaint}</p>");
        answer(StatusCode::BAD_REQUEST, "text/html; charset=utf-8", page.as_bytes())
    }

    /// The person of this name or address; the first when nobody is named.
    fn signed_in(&self, name: Option<&str>) -> Option<&Person> {
        match name {
            Some(name) => self.person_named(name),
            None => self.people.first(),
        }
    }

    /// A refresh token comes with the first consent, and with later ones only after `prompt=consent`; without
    /// `access_type=offline` never: <https://developers.google.com/identity/protocols/oauth2/web-server#offline>.
    fn issue_code(
        &mut self,
        authorize: &Authorize,
        sub: String,
        mut scopes: BTreeSet<String>,
        now: Timestamp,
    ) -> String {
        let text = |name| authorize.get(name).unwrap_or_default();
        let client_id = text("client_id").to_owned();
        let before = self.grants.consented(&sub, &client_id);
        let asks_again = text("prompt").split(' ').any(|word| word == "consent");
        let offline = text("access_type") == "offline" && (before.is_none() || asks_again);
        if text("include_granted_scopes") == "true" {
            scopes.extend(before.into_iter().flatten().cloned());
        }
        let code = format!("4/0{}", self.seed.token(40));
        let expires = after(now, self.config.limits.code_lifetime_ms);
        let (redirect_uri, challenge) =
            (text("redirect_uri").to_owned(), authorize.get("code_challenge").map(str::to_owned));
        self.grants.add_code(
            code.clone(),
            Code { client_id, redirect_uri, sub, scopes, challenge, offline, expires },
        );
        code
    }
}
