//! The address where users agree, and what may come back from it.

use url::Url;

use super::Pkce;
use crate::registry::{Endpoints, Provider};

/// The answer of the authorize page names another authorization server: a mix-up attack or a broken proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer comes from another authorization server")]
pub struct WrongIssuer;

/// Where the browser goes so that the user can agree.
///
/// `pkce` is used exactly where the provider checks it.
pub fn authorize_url(
    provider: &Provider,
    endpoints: &Endpoints,
    client_id: &str,
    redirect_uri: &str,
    state: &str,
    pkce: Option<&Pkce>,
) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("response_type", "code")
        .append_pair("state", state)
        .extend_pairs(provider.authorize_params);
    if !provider.scopes.is_empty() {
        query.append_pair("scope", &provider.scopes.join(" "));
    }
    if let Some(pkce) = pkce.filter(|_| provider.pkce) {
        query.append_pair("code_challenge", &pkce.challenge()).append_pair("code_challenge_method", "S256");
    }
    let url = endpoints.oauth_url(provider.variable, provider.authorize_url);
    format!("{url}?{}", query.finish())
}

/// Checks the `iss` parameter of an authorization answer (RFC 9207). A provider that sends none is accepted: each has
/// its own callback address.
pub fn check_issuer(
    provider: &Provider,
    endpoints: &Endpoints,
    issuer: Option<&str>,
) -> Result<(), WrongIssuer> {
    let Some(issuer) = issuer else { return Ok(()) };
    let own = endpoints.oauth_url(provider.variable, provider.authorize_url);
    let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin());
    match (origin(issuer), origin(&own)) {
        (Some(theirs), Some(own)) if theirs.is_tuple() && theirs == own => Ok(()),
        _ => Err(WrongIssuer),
    }
}
