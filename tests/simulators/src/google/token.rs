//! The token endpoint, revocation, and the user information.

use super::{
    Google, TokenRequest,
    grants::{Code, Token, after, token_of},
    model::Person,
    scopes,
};
use crate::answer_json;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Form = BTreeMap<String, String>;

/// Why an OAuth endpoint refuses.
struct Denied {
    status: StatusCode,
    error: &'static str,
    description: String,
}

fn denied(error: &'static str, description: impl Into<String>) -> Denied {
    let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    Denied { status, error, description: description.into() }
}

impl Google {
    pub(super) fn token(&mut self, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let issued = form_of(request).and_then(|form| {
            let grant_type = form.get("grant_type").cloned().unwrap_or_default();
            let issued = self.grant(&grant_type, &form, now);
            self.token_requests.push(TokenRequest { grant_type, issued: issued.is_ok() });
            issued
        });
        self.told(request, issued)
    }

    fn grant(&mut self, grant_type: &str, form: &Form, now: Timestamp) -> Result<Value, Denied> {
        let client_id = self.client_of(form)?;
        match grant_type {
            "authorization_code" => self.redeem(form, &client_id, now),
            "refresh_token" => self.refresh(form, &client_id, now),
            "" => Err(denied("invalid_request", "Missing required parameter: grant_type")),
            other => Err(denied("unsupported_grant_type", format!("Invalid grant_type: {other}"))),
        }
    }

    /// A code is spent by any attempt of its client, also one that fails.
    fn redeem(&mut self, form: &Form, client_id: &str, now: Timestamp) -> Result<Value, Denied> {
        let text =
            form.get("code").ok_or_else(|| denied("invalid_request", "Missing required parameter: code"))?;
        let code = self.grants.spend_code(text, client_id, now);
        let code = code.ok_or_else(|| denied("invalid_grant", "Malformed auth code."))?;
        if form.get("redirect_uri") != Some(&code.redirect_uri) {
            return Err(denied("redirect_uri_mismatch", "Bad Request"));
        }
        prove(&code, form.get("code_verifier").map(String::as_str))?;
        let mut reply = self.issue_access(token_of(&code), now);
        if code.offline {
            let refresh = format!("1//{}", self.seed.token(60));
            self.grants.add_refresh(refresh.clone(), &code, now, &self.config.limits);
            reply["refresh_token"] = json!(refresh);
        }
        Ok(reply)
    }

    /// The refresh token stays as it is, and is not said again.
    fn refresh(&mut self, form: &Form, client_id: &str, now: Timestamp) -> Result<Value, Denied> {
        let missing = || denied("invalid_request", "Missing required parameter: refresh_token");
        let text = form.get("refresh_token").ok_or_else(missing)?;
        let found = self.grants.refresh_token(text, now).filter(|token| token.client_id == client_id);
        let grant =
            found.cloned().ok_or_else(|| denied("invalid_grant", "Token has been expired or revoked."))?;
        Ok(self.issue_access(grant, now))
    }

    fn issue_access(&mut self, grant: Token, now: Timestamp) -> Value {
        let access = format!("ya29.{}", self.seed.token(60));
        let scope = grant.scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        let mut reply = json!({
            "access_token": access,
            "expires_in": (self.config.limits.access_token_lifetime_ms / 1000 - 1).max(1),
            "scope": scope,
            "token_type": "Bearer",
        });
        if grant.scopes.contains("openid") {
            reply["id_token"] = json!(self.id_token(&grant, now));
        }
        self.grants.add_access(access, grant, now, &self.config.limits);
        reply
    }

    /// Nobody here checks its signature: it comes from its issuer, as RFC 7519 text all the same.
    fn id_token(&mut self, grant: &Token, now: Timestamp) -> String {
        let mut claims =
            self.person(&grant.sub).map(|person| about(person, &grant.scopes)).unwrap_or_default();
        claims["iss"] = json!("https://accounts.google.com");
        claims["azp"] = json!(grant.client_id);
        claims["aud"] = json!(grant.client_id);
        claims["iat"] = json!(now.as_second());
        claims["exp"] = json!(now.as_second() + 3600);
        let header = json!({"alg": "RS256", "kid": "simulated", "typ": "JWT"});
        let signature = self.seed.token(256);
        [header.to_string(), claims.to_string(), signature].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
    }

    /// Ends all that the person granted the project, whichever of their tokens is given:
    /// <https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke>.
    pub(super) fn revoke(&mut self, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let query = request.uri().query().unwrap_or_default();
        let in_query = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token");
        let given = match in_query {
            Some((_, token)) => Ok(token.into_owned()),
            None => form_of(request).and_then(|mut form| {
                form.remove("token")
                    .ok_or_else(|| denied("invalid_request", "Missing required parameter: token"))
            }),
        };
        let revoked = given.and_then(|token| {
            let owner = self.grants.owner(&token, now);
            let sub = owner.ok_or_else(|| denied("invalid_token", "Token expired or revoked"))?;
            self.revocations += 1;
            self.grants.revoke(&sub, after(now, self.config.limits.revocation_delay_ms), now);
            Ok(json!({}))
        });
        self.told(request, revoked)
    }

    pub(super) fn user_info(&mut self, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let told = self.bearer(request, now).and_then(|token| {
            let identified = token.scopes.iter().any(|scope| scopes::is_sign_in(scope));
            let person = self.person(&token.sub).filter(|_| identified)?;
            Some(about(person, &token.scopes))
        });
        let unauthorized = || Denied {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_request",
            description: "Invalid Credentials".to_owned(),
        };
        match told.ok_or_else(unauthorized) {
            Ok(body) => answer_json(StatusCode::OK, &body),
            Err(denied) => denied.respond(),
        }
    }

    fn told(&mut self, request: &Request<Bytes>, outcome: Result<Value, Denied>) -> Response<Bytes> {
        let denied = match outcome {
            Ok(body) => return answer_json(StatusCode::OK, &body),
            Err(denied) => denied,
        };
        // Grants end by themselves; everything else a client does wrong.
        if !matches!(denied.error, "invalid_grant" | "invalid_token") {
            let line = format!("{} {}: {}", request.method(), request.uri().path(), denied.description);
            self.violations.push(line);
        }
        denied.respond()
    }

    fn client_of(&self, form: &Form) -> Result<String, Denied> {
        let text = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let client = self.config.clients.iter().find(|client| client.client_id == text("client_id"));
        let client = client.ok_or_else(|| denied("invalid_client", "The OAuth client was not found."))?;
        if client.client_secret != text("client_secret") {
            return Err(denied("invalid_client", "Unauthorized"));
        }
        Ok(client.client_id.clone())
    }
}

impl Denied {
    fn respond(&self) -> Response<Bytes> {
        let Self { status, error, description } = self;
        answer_json(*status, &json!({"error": error, "error_description": description}))
    }
}

/// Who somebody is, as far as the scopes say it.
fn about(person: &Person, granted: &BTreeSet<String>) -> Value {
    let mut claims = json!({"sub": person.sub});
    if granted.iter().any(|scope| scope.ends_with("/userinfo.email")) {
        claims["email"] = json!(person.email);
        claims["email_verified"] = json!(true);
    }
    if granted.iter().any(|scope| scope.ends_with("/userinfo.profile")) {
        claims["name"] = json!(person.name);
        claims["picture"] = json!(format!("https://lh3.googleusercontent.com/a/{}", person.sub));
    }
    claims
}

/// The verifier of RFC 7636 for the challenge that the code was asked for with.
fn prove(code: &Code, verifier: Option<&str>) -> Result<(), Denied> {
    let Some(challenge) = &code.challenge else {
        let spare = "code_verifier or verifier is not needed.";
        return if verifier.is_some() { Err(denied("invalid_grant", spare)) } else { Ok(()) };
    };
    let verifier = verifier.ok_or_else(|| denied("invalid_grant", "Missing code verifier."))?;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    if URL_SAFE_NO_PAD.encode(digest) == *challenge {
        Ok(())
    } else {
        Err(denied("invalid_grant", "Invalid code verifier."))
    }
}

fn form_of(request: &Request<Bytes>) -> Result<Form, Denied> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return Err(denied("invalid_request", "The body should be a form."));
    }
    let mut form = Form::new();
    for (name, value) in url::form_urlencoded::parse(request.body()).into_owned() {
        if form.insert(name, value).is_some() {
            return Err(denied("invalid_request", "OAuth 2 parameters can only have a single value."));
        }
    }
    Ok(form)
}
