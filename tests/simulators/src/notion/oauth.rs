//! The OAuth endpoints: authorize, token, revoke, introspect.

use super::{
    Notion, OauthErrors, TokenRequest,
    grants::{Bot, Code},
    model::Person,
    shape::{Shape, may, must},
};
use crate::answer_json;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

static TOKEN_BODY: Shape = Shape::Variants(&[
    &[
        must("grant_type", &Shape::Word(&["authorization_code"])),
        must("code", &Shape::Text(2000)),
        may("redirect_uri", &Shape::Text(2000)),
    ],
    &[must("grant_type", &Shape::Word(&["refresh_token"])), must("refresh_token", &Shape::Text(2000))],
]);
static ONE_TOKEN: Shape = Shape::Object(&[must("token", &Shape::Text(2000))]);

/// Why the token endpoint refuses.
struct Denied {
    status: StatusCode,
    error: &'static str,
    description: String,
}

fn denied(error: &'static str, description: impl Into<String>) -> Denied {
    let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    Denied { status, error, description: description.into() }
}

impl Notion {
    pub(super) fn oauth(
        &mut self,
        request: &Request<Bytes>,
        request_id: &str,
        now: Timestamp,
    ) -> Response<Bytes> {
        let answered = match (request.method().as_str(), request.uri().path()) {
            ("GET", "/v1/oauth/authorize") => return self.show_consent(request),
            ("POST", "/v1/oauth/authorize") => return self.decide(request, now),
            ("POST", "/v1/oauth/token") => self.token(request, request_id, now),
            ("POST", "/v1/oauth/revoke") => self.revoke(request, request_id),
            ("POST", "/v1/oauth/introspect") => self.introspect(request, request_id, now),
            _ => return self.refuse(request, &super::Refusal::unknown_address(), request_id),
        };
        match answered {
            Ok(body) => answer_json(StatusCode::OK, &body),
            Err(denied) => self.deny(request, &denied, request_id),
        }
    }

    fn deny(&mut self, request: &Request<Bytes>, denied: &Denied, request_id: &str) -> Response<Bytes> {
        let Denied { status, error, description } = denied;
        if *error == "invalid_request" {
            self.violations.push(format!("{} {}: {description}", request.method(), request.uri().path()));
        }
        let body = match self.config.limits.oauth_errors {
            OauthErrors::Standard => {
                json!({"error": error, "error_description": description, "request_id": request_id})
            }
            OauthErrors::Api => json!({
                "object": "error", "status": status.as_u16(), "code": error, "message": description, "request_id": request_id,
            }),
        };
        answer_json(*status, &body)
    }

    fn token(&mut self, request: &Request<Bytes>, request_id: &str, now: Timestamp) -> Result<Value, Denied> {
        let client_id = self.client_of(request)?;
        let body = json_of(request, &TOKEN_BODY)?;
        let text_of = |key: &str| body.get(key).and_then(Value::as_str);
        let bot = if let Some(code) = text_of("code") {
            self.redeem(code, &client_id, text_of("redirect_uri"), now)
        } else {
            let spent = self.grants.spend_refresh(text_of("refresh_token").unwrap_or_default(), &client_id);
            spent.ok_or_else(|| denied("invalid_grant", "Invalid refresh token."))
        };
        let grant_type = text_of("grant_type").unwrap_or_default().to_owned();
        self.token_requests.push(TokenRequest { grant_type, issued: bot.is_ok() });
        Ok(self.issue_tokens(bot?, request_id, now))
    }

    /// A code works once, for its client, within its time and for the address it was sent to.
    fn redeem(
        &mut self,
        code: &str,
        client_id: &str,
        redirect_uri: Option<&str>,
        now: Timestamp,
    ) -> Result<Uuid, Denied> {
        let invalid = || denied("invalid_grant", "Invalid authorization code.");
        if self.grants.codes.get(code).is_none_or(|known| known.client_id != client_id) {
            return Err(invalid());
        }
        let Code { client_id, redirect_uri: bound, person, shared, expires } =
            self.grants.codes.remove(code).ok_or_else(invalid)?;
        if now >= expires {
            return Err(invalid());
        }
        if redirect_uri != Some(bound.as_str()) {
            return Err(denied("invalid_grant", "redirect_uri does not match the one the code was sent to."));
        }
        let bot = self.grants.bot_id(person, &client_id).unwrap_or_else(|| self.seed.uuid());
        self.grants.bots.insert(bot, Bot { client_id, person, shared, removed: false });
        Ok(bot)
    }

    fn issue_tokens(&mut self, bot: Uuid, request_id: &str, now: Timestamp) -> Value {
        let access = format!("ntn_{}", self.seed.token(46));
        let refresh = format!("nrt_{}", self.seed.token(46));
        self.grants.issue(
            bot,
            access.clone(),
            refresh.clone(),
            now,
            self.config.limits.access_token_lifetime_ms,
        );
        let person = self.grants.bots.get(&bot).map(|bot| bot.person);
        let person = self.workspace.people.iter().find(|known| Some(known.id) == person);
        json!({
            "access_token": access,
            "token_type": "bearer",
            "refresh_token": refresh,
            "bot_id": bot,
            "workspace_icon": null,
            "workspace_name": self.workspace.name,
            "workspace_id": self.workspace.id,
            "owner": {"type": "user", "user": person.map(Person::full)},
            "duplicated_template_id": null,
            "request_id": request_id,
        })
    }

    fn revoke(&mut self, request: &Request<Bytes>, request_id: &str) -> Result<Value, Denied> {
        let client_id = self.client_of(request)?;
        let body = json_of(request, &ONE_TOKEN)?;
        let token = body.get("token").and_then(Value::as_str).unwrap_or_default();
        if self.belongs(token, &client_id) {
            self.grants.end(token);
        }
        Ok(json!({"request_id": request_id}))
    }

    fn introspect(
        &mut self,
        request: &Request<Bytes>,
        request_id: &str,
        now: Timestamp,
    ) -> Result<Value, Denied> {
        let client_id = self.client_of(request)?;
        let body = json_of(request, &ONE_TOKEN)?;
        let token = body.get("token").and_then(Value::as_str).unwrap_or_default();
        let pair = self.grants.pair_of(token).filter(|_| self.belongs(token, &client_id));
        let pair = pair.filter(|pair| pair.refresh == token || pair.is_fresh(now));
        Ok(match pair {
            None => json!({"active": false, "request_id": request_id}),
            Some(pair) => json!({"active": true, "iat": pair.issued.as_second(), "request_id": request_id}),
        })
    }

    fn belongs(&self, token: &str, client_id: &str) -> bool {
        let bot = self.grants.pair_of(token).and_then(|pair| self.grants.bots.get(&pair.bot));
        bot.is_some_and(|bot| bot.client_id == client_id)
    }

    fn client_of(&self, request: &Request<Bytes>) -> Result<String, Denied> {
        let invalid = || denied("invalid_client", "Client authentication failed.");
        let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let encoded = header.and_then(|value| value.strip_prefix("Basic ")).ok_or_else(invalid)?;
        let decoded = BASE64_STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let (id, secret) = decoded.as_deref().and_then(|text| text.split_once(':')).ok_or_else(invalid)?;
        let known =
            self.config.clients.iter().any(|client| client.client_id == id && client.client_secret == secret);
        if known { Ok(id.to_owned()) } else { Err(invalid()) }
    }
}

fn json_of(request: &Request<Bytes>, shape: &Shape) -> Result<Value, Denied> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(denied("invalid_request", "The body should be JSON."));
    }
    let body: Value = serde_json::from_slice(request.body())
        .map_err(|_| denied("invalid_request", "The body should be JSON."))?;
    shape.check(&body, "body").map_err(|complaint| denied("invalid_request", complaint))?;
    Ok(body)
}
