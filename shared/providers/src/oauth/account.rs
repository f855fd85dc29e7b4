//! The account behind a grant, so that people see whom they connected.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::{
    error::Error,
    http::{Http, Json, authorization, bearer, get},
    registry::{ApiRoot, Datacenter, Endpoints, Identity, Provider},
};

/// The account a user connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The provider's stable id: the same account connected again keeps its settings.
    pub id: String,
    /// For people.
    pub name: String,
    /// An address of a picture, or an emoji.
    pub icon: Option<String>,
    /// Mailchimp's data centre, checked.
    pub datacenter: Option<String>,
}

/// Asks the provider who the user is.
pub(super) async fn fetch(
    http: &Http,
    provider: &Provider,
    endpoints: &Endpoints,
    access: &SecretString,
) -> Result<Account, Error> {
    let api = |root| endpoints.api_root(root);
    let url = match provider.identity {
        Identity::NotionWorkspace => return Err(Error::BadResponse),
        Identity::GoogleUser => format!("{}/oauth2/v3/userinfo", api(ApiRoot::Google)),
        Identity::AirtableUser => format!("{}/v0/meta/whoami", api(ApiRoot::Airtable)),
        Identity::MailchimpMetadata => {
            endpoints.oauth_url(provider.variable, "https://login.mailchimp.com/oauth2/metadata")
        }
        Identity::ZoomUser => format!("{}/v2/users/me", api(ApiRoot::Zoom)),
    };
    // Mailchimp's metadata is the only one that wants the scheme spelled `OAuth`.
    let header = match provider.identity {
        Identity::MailchimpMetadata => authorization("OAuth", access.expose_secret())?,
        _ => bearer(access)?,
    };
    let Json(user) = http.send_idempotent::<Json<User>>(get(&url, header)?).await?;
    account_from_user(provider.identity, user)
}

/// The union of what the providers tell about a user.
#[derive(Default, Deserialize)]
#[serde(default)]
struct User {
    sub: Option<String>,
    id: Option<String>,
    #[serde(rename = "user_id")]
    number: Option<serde_json::Value>,
    email: Option<String>,
    accountname: Option<String>,
    display_name: Option<String>,
    picture: Option<String>,
    pic_url: Option<String>,
    dc: Option<String>,
}

fn account_from_user(identity: Identity, user: User) -> Result<Account, Error> {
    let User { sub, id, number, email, accountname, display_name, picture, pic_url, dc } = user;
    let datacenter = match (identity, dc) {
        (Identity::MailchimpMetadata, Some(dc)) => Some(dc.parse::<Datacenter>().map(|_| dc)?),
        (Identity::MailchimpMetadata, None) => return Err(Error::BadResponse),
        _ => None,
    };
    let number = number.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    let id = sub.or(id).or(number).filter(|id| !id.is_empty()).ok_or(Error::BadResponse)?;
    let name = accountname.or(email).or(display_name).unwrap_or_else(|| id.clone());
    Ok(Account { id, name, icon: picture.or(pic_url), datacenter })
}
