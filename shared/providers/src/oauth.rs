//! The OAuth client for every provider: authorize, exchange, refresh, revoke. Differences are data in the registry.

mod account;
mod authorize;
mod pkce;
#[cfg(test)]
mod tests;
mod wire;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderValue, Request, header};
use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded;

pub use self::{
    account::Account,
    authorize::{WrongIssuer, authorize_url, check_issuer},
    pkce::Pkce,
};
use crate::{
    error::Error,
    http::{Http, Json, Nothing, authorization, problem_code},
    registry::{ClientAuth, Endpoints, Provider, Revocation, TokenBody},
};

/// The deployer's registration at a provider.
#[derive(Clone, Debug)]
pub struct Client {
    /// Public name of the registration.
    pub id: String,
    /// Its password.
    pub secret: SecretString,
}

/// What a provider gives for a code or a refresh token.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Sent with every call.
    pub access: SecretString,
    /// Buys the next access token; some grants have none and do not expire.
    pub refresh: Option<SecretString>,
    /// How long the access token lives, where the provider says so.
    pub expires_in: Option<Duration>,
    /// What was granted; what was asked for when the provider does not say.
    pub scopes: Vec<String>,
    /// Who agreed, where the answer names them.
    pub account: Option<Account>,
    /// Notion's bot of this connection, the author of what we write.
    pub bot_id: Option<String>,
}

impl Grant {
    /// The scopes that `provider` asks for and the user did not grant.
    pub fn missing_scopes(&self, provider: &Provider) -> Vec<&'static str> {
        provider
            .scopes
            .iter()
            .copied()
            .filter(|wanted| !self.scopes.iter().any(|s| is_scope(s, wanted)))
            .collect()
    }
}

/// Google grants `email` and `profile` under longer names.
fn is_scope(granted: &str, wanted: &str) -> bool {
    granted == wanted || granted.strip_prefix("https://www.googleapis.com/auth/userinfo.") == Some(wanted)
}

/// The OAuth client of one provider.
#[derive(Clone, Debug)]
pub struct OAuth<'a> {
    http: Http,
    provider: &'static Provider,
    endpoints: &'a Endpoints,
    client: &'a Client,
}

impl<'a> OAuth<'a> {
    /// The client that the deployer registered at `provider`.
    pub fn new(
        http: Http,
        provider: &'static Provider,
        endpoints: &'a Endpoints,
        client: &'a Client,
    ) -> Self {
        Self { http, provider, endpoints, client }
    }

    /// Exchanges a code. Codes work once: after [`Error::Ambiguous`] the user must start again.
    pub async fn exchange_code(
        &self,
        code: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
    ) -> Result<Grant, Error> {
        let mut fields =
            vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri)];
        fields.extend(verifier.filter(|_| self.provider.pkce).map(|verifier| ("code_verifier", verifier)));
        self.token(fields).await
    }

    /// Buys a new access token. The grant holds the refresh token to use from now on: the old one where the provider
    /// keeps it. After [`Error::Ambiguous`] a provider that replaces refresh tokens may have spent this one.
    pub async fn refresh(&self, refresh: &SecretString) -> Result<Grant, Error> {
        let fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
        let mut grant = self.token(fields).await?;
        grant.refresh.get_or_insert_with(|| refresh.clone());
        Ok(grant)
    }

    /// Gives a token back; a token the provider no longer knows counts as given back.
    pub async fn revoke(&self, token: &SecretString) -> Result<(), Error> {
        let (Revocation::Grant(url) | Revocation::Project(url)) = self.provider.revocation else {
            return Ok(());
        };
        let request = self.request(url, vec![("token", token.expose_secret())])?;
        match self.token_http().send_idempotent::<Nothing>(request).await {
            Ok(Nothing) | Err(Error::InvalidGrant) => Ok(()),
            Err(Error::Rejected { code, .. }) if code == "invalid_token" => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Who agreed: from the grant itself, or from the provider's user information.
    pub async fn account(&self, grant: &Grant) -> Result<Account, Error> {
        match &grant.account {
            Some(account) => Ok(account.clone()),
            None => account::fetch(&self.http, self.provider, self.endpoints, &grant.access).await,
        }
    }

    fn token_http(&self) -> Http {
        self.http.clone().with_classification(classify)
    }

    async fn token<'b>(&'b self, fields: Vec<(&'b str, &'b str)>) -> Result<Grant, Error> {
        let request = self.request(self.provider.token_url, fields)?;
        let Json(reply) = self.token_http().send_once::<Json<wire::TokenReply>>(request).await?;
        wire::grant_from_reply(self.provider, reply)
    }

    fn request<'b>(
        &'b self,
        url: &str,
        mut fields: Vec<(&'b str, &'b str)>,
    ) -> Result<Request<Bytes>, Error> {
        let url = self.endpoints.oauth_url(self.provider.variable, url);
        let secret = self.client.secret.expose_secret();
        let mut request = Request::post(url).header(header::ACCEPT, "application/json");
        match self.provider.client_auth {
            ClientAuth::Basic => {
                request = request.header(header::AUTHORIZATION, basic(&self.client.id, secret)?);
            }
            ClientAuth::Body => {
                fields.extend([("client_id", self.client.id.as_str()), ("client_secret", secret)]);
            }
        }
        let (content_type, body) = match self.provider.token_body {
            TokenBody::Form => ("application/x-www-form-urlencoded", form(&fields)),
            TokenBody::Json => ("application/json", json(&fields)),
        };
        request.header(header::CONTENT_TYPE, content_type).body(body.into()).map_err(|_| Error::BadResponse)
    }
}

fn basic(id: &str, secret: &str) -> Result<HeaderValue, Error> {
    authorization("Basic", &STANDARD.encode(format!("{id}:{secret}")))
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn json(fields: &[(&str, &str)]) -> String {
    let object: serde_json::Map<_, _> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    serde_json::Value::Object(object).to_string()
}

/// At a token endpoint a 401 speaks about the deployer's client, not about the user's token.
fn classify(response: &http::Response<Bytes>) -> Option<Error> {
    let code = problem_code(response);
    match response.status().as_u16() {
        400 | 401 | 403 if code == "invalid_grant" => Some(Error::InvalidGrant),
        status @ (401 | 403) => Some(Error::Rejected { status, code, message: String::new() }),
        _ => None,
    }
}
