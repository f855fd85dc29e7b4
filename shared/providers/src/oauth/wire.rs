//! What token endpoints answer.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{Account, Grant};
use crate::{
    error::Error,
    registry::{Identity, Provider},
};

/// The union of what the providers answer. Secrets go straight into their own type.
#[derive(Deserialize)]
pub(super) struct TokenReply {
    access_token: SecretString,
    refresh_token: Option<SecretString>,
    expires_in: Option<serde_json::Number>,
    scope: Option<String>,
    id_token: Option<SecretString>,
    bot_id: Option<String>,
    workspace_id: Option<String>,
    workspace_name: Option<String>,
    workspace_icon: Option<String>,
}

/// The part of an identity token that names its user.
#[derive(Deserialize)]
struct IdentityClaims {
    sub: String,
    email: Option<String>,
    picture: Option<String>,
}

/// The grant an answer describes.
pub(super) fn grant_from_reply(provider: &Provider, reply: TokenReply) -> Result<Grant, Error> {
    if reply.access_token.expose_secret().is_empty() {
        return Err(Error::BadResponse);
    }
    let account = account_from_reply(provider, &reply);
    let TokenReply { access_token, refresh_token, expires_in, scope, bot_id, .. } = reply;
    let scopes = match scope.filter(|scope| !scope.is_empty()) {
        Some(scope) => scope.split([' ', ',']).filter(|s| !s.is_empty()).map(str::to_owned).collect(),
        None => provider.scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    let refresh = refresh_token.filter(|token| !token.expose_secret().is_empty());
    Ok(Grant { access: access_token, refresh, expires_in: lifetime(expires_in), scopes, account, bot_id })
}

/// Mailchimp writes 0 for tokens that never expire.
fn lifetime(expires_in: Option<serde_json::Number>) -> Option<Duration> {
    let seconds = expires_in?.as_f64().filter(|seconds| *seconds >= 1.0 && *seconds < 1e9)?;
    Some(Duration::from_secs_f64(seconds))
}

fn account_from_reply(provider: &Provider, reply: &TokenReply) -> Option<Account> {
    match provider.identity {
        Identity::NotionWorkspace => Some(Account {
            id: reply.workspace_id.clone()?,
            name: reply.workspace_name.clone().unwrap_or_else(|| "Notion".to_owned()),
            icon: reply.workspace_icon.clone(),
            datacenter: None,
        }),
        Identity::GoogleUser => account_from_identity_token(reply.id_token.as_ref()?.expose_secret()),
        Identity::AirtableUser | Identity::MailchimpMetadata | Identity::ZoomUser => None,
    }
}

/// The token came straight from its issuer over TLS: `OpenID` Connect Core (3.1.3.7) accepts that in place of its
/// signature.
fn account_from_identity_token(token: &str) -> Option<Account> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?.trim_end_matches('=')).ok()?;
    let IdentityClaims { sub, email, picture } = serde_json::from_slice(&payload).ok()?;
    Some(Account { name: email.unwrap_or_else(|| sub.clone()), id: sub, icon: picture, datacenter: None })
}
