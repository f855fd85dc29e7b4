//! The providers users can connect, as data. A new one is an entry here and a folder; no function changes.

mod endpoints;
mod entries;

use domain::ProviderId;

pub use self::{
    endpoints::{ApiRoot, Datacenter, Endpoints, InvalidEndpoint},
    entries::PROVIDERS,
};

/// Everything the OAuth engine and the lists need to know about one provider.
#[derive(Debug)]
pub struct Provider {
    /// Its name in addresses and rows.
    pub id: ProviderId,
    /// Its name for people.
    pub name: &'static str,
    /// The `{NAME}` in `PATCHBAY_{NAME}_URL` and `PATCHBAY_{NAME}_OAUTH_URL`.
    pub variable: &'static str,
    /// The key of its client in the deployer's secret.
    pub client_key: &'static str,
    /// Where users agree.
    pub authorize_url: &'static str,
    /// Where codes and refresh tokens become access tokens.
    pub token_url: &'static str,
    /// How a grant is given back.
    pub revocation: Revocation,
    /// How we say who we are.
    pub client_auth: ClientAuth,
    /// The format of requests to the token endpoint.
    pub token_body: TokenBody,
    /// Whether the authorization server checks a PKCE challenge.
    pub pkce: bool,
    /// Further parameters of the authorize address.
    pub authorize_params: &'static [(&'static str, &'static str)],
    /// What we ask for; empty where the provider has no scopes.
    pub scopes: &'static [&'static str],
    /// Those of them without which a connection is of no use.
    pub indispensable: &'static [&'static str],
    /// What happens to the refresh token when it is used.
    pub rotation: Rotation,
    /// How the connected account is named.
    pub identity: Identity,
    /// What a connection is good for.
    pub capabilities: &'static [&'static str],
}

/// How a grant is given back to its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The provider has no such call.
    None,
    /// Ends this grant only.
    Grant(&'static str),
    /// Ends every grant of this user to the deployer's project: not while another connection lives on it.
    Project(&'static str),
}

/// How a client authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// In the `Authorization` header.
    Basic,
    /// As `client_id` and `client_secret` in the body.
    Body,
}

/// The format of a request to the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenBody {
    /// As the standard says.
    Form,
    /// As Notion wants it.
    Json,
}

/// What happens to a refresh token when it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It is replaced and the old one dies: a lost answer may be a lost connection.
    Replaced,
    /// It stays good.
    Kept,
    /// There is none; access tokens do not expire.
    Never,
}

/// Where the name of the connected account comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Notion's token answer names the workspace.
    NotionWorkspace,
    /// Google's user information.
    GoogleUser,
    /// Airtable's `whoami`.
    AirtableUser,
    /// Mailchimp's OAuth metadata, which also names the data centre.
    MailchimpMetadata,
    /// Zoom's user.
    ZoomUser,
}

/// The entry of `id`.
pub fn provider(id: ProviderId) -> &'static Provider {
    match id {
        ProviderId::Notion => &PROVIDERS[0],
        ProviderId::GoogleCalendar => &PROVIDERS[1],
        ProviderId::GoogleSheets => &PROVIDERS[2],
        ProviderId::Gmail => &PROVIDERS[3],
        ProviderId::Airtable => &PROVIDERS[4],
        ProviderId::Mailchimp => &PROVIDERS[5],
        ProviderId::Zoom => &PROVIDERS[6],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_has_its_own_entry() {
        for id in ProviderId::ALL {
            assert_eq!(provider(id).id, id);
        }
        assert_eq!(PROVIDERS.len(), ProviderId::ALL.len());
    }

    #[test]
    fn what_is_indispensable_is_asked_for() {
        for entry in &PROVIDERS {
            assert!(entry.indispensable.iter().all(|scope| entry.scopes.contains(scope)), "{}", entry.name);
            assert_eq!(entry.indispensable.is_empty(), entry.scopes.is_empty(), "{}", entry.name);
        }
    }

    #[test]
    fn every_address_is_https() {
        for entry in &PROVIDERS {
            let revoke = match entry.revocation {
                Revocation::None => entry.token_url,
                Revocation::Grant(url) | Revocation::Project(url) => url,
            };
            for url in [entry.authorize_url, entry.token_url, revoke] {
                assert!(url.starts_with("https://"), "{url}");
            }
        }
    }
}
