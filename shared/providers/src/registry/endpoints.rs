//! Where providers are: their public addresses, or what the deployer put in their place.

use std::{collections::BTreeMap, str::FromStr};

use url::Url;

use crate::address::is_loopback;

/// The API of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ApiRoot {
    Notion,
    Google,
    GoogleSheets,
    Gmail,
    Airtable,
    Zoom,
    Stripe,
    CalCom,
    OpenAi,
    Deepgram,
}

impl ApiRoot {
    /// The variable's `{NAME}` and the public address, without a slash at the end.
    fn entry(self) -> (&'static str, &'static str) {
        match self {
            Self::Notion => ("NOTION", "https://api.notion.com"),
            Self::Google => ("GOOGLE", "https://www.googleapis.com"),
            Self::GoogleSheets => ("GOOGLE", "https://sheets.googleapis.com"),
            Self::Gmail => ("GOOGLE", "https://gmail.googleapis.com"),
            Self::Airtable => ("AIRTABLE", "https://api.airtable.com"),
            Self::Zoom => ("ZOOM", "https://api.zoom.us"),
            Self::Stripe => ("STRIPE", "https://api.stripe.com"),
            Self::CalCom => ("CALCOM", "https://api.cal.com"),
            Self::OpenAi => ("OPENAI", "https://api.openai.com/v1"),
            Self::Deepgram => ("DEEPGRAM", "https://api.deepgram.com"),
        }
    }
}

const NAMES: [&str; 9] =
    ["NOTION", "GOOGLE", "AIRTABLE", "MAILCHIMP", "ZOOM", "STRIPE", "CALCOM", "OPENAI", "DEEPGRAM"];

/// A variable that does not hold the address of a provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} must be an https URL without credentials, query or fragment (http only on this machine)")]
pub struct InvalidEndpoint {
    /// The variable's name.
    pub variable: String,
}

/// The addresses of all providers.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    api: BTreeMap<&'static str, String>,
    oauth: BTreeMap<&'static str, Url>,
}

impl Endpoints {
    /// Public addresses, except where `variables` holds `PATCHBAY_{NAME}_URL` or `PATCHBAY_{NAME}_OAUTH_URL`.
    pub fn from_variables(variables: &BTreeMap<String, String>) -> Result<Self, InvalidEndpoint> {
        let mut endpoints = Self::default();
        for name in NAMES {
            if let Some(root) = override_from(variables, format!("PATCHBAY_{name}_URL"))? {
                endpoints.api.insert(name, root.as_str().trim_end_matches('/').to_owned());
            }
            if let Some(root) = override_from(variables, format!("PATCHBAY_{name}_OAUTH_URL"))? {
                endpoints.oauth.insert(name, root);
            }
        }
        Ok(endpoints)
    }

    /// The root of an API, without a slash at the end.
    pub fn api_root(&self, root: ApiRoot) -> &str {
        let (name, public) = root.entry();
        self.api.get(name).map_or(public, String::as_str)
    }

    /// The root of Mailchimp's API, which has a host per data centre.
    pub fn mailchimp_root(&self, datacenter: &Datacenter) -> String {
        match self.api.get("MAILCHIMP") {
            Some(root) => root.clone(),
            None => format!("https://{}.api.mailchimp.com", datacenter.0),
        }
    }

    /// An OAuth address of the registry, with scheme and host replaced where the deployer says so.
    pub(crate) fn oauth_url(&self, name: &str, public: &str) -> String {
        let path = public.splitn(4, '/').nth(3).unwrap_or_default();
        match self.oauth.get(name) {
            Some(root) => format!("{}/{path}", root.origin().ascii_serialization()),
            None => public.to_owned(),
        }
    }
}

fn override_from(
    variables: &BTreeMap<String, String>,
    variable: String,
) -> Result<Option<Url>, InvalidEndpoint> {
    let Some(text) = variables.get(&variable).filter(|text| !text.is_empty()) else { return Ok(None) };
    let valid = Url::parse(text).ok().filter(|url| {
        let secure = match url.scheme() {
            "https" => true,
            "http" => url.host_str().is_some_and(is_loopback),
            _ => false,
        };
        let plain = url.username().is_empty() && url.password().is_none();
        secure && plain && url.query().is_none() && url.fragment().is_none()
    });
    valid.map(Some).ok_or(InvalidEndpoint { variable })
}

/// Mailchimp's name for the machines that hold an account, such as `us6`. It becomes part of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datacenter(String);

impl FromStr for Datacenter {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.trim_start_matches(|c: char| c.is_ascii_lowercase());
        let letters = text.len() - digits.len();
        let valid =
            (1..=10).contains(&letters) && digits.len() <= 5 && digits.bytes().all(|b| b.is_ascii_digit());
        if valid { Ok(Self(text.to_owned())) } else { Err(crate::Error::BadResponse) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(variables: &[(&str, &str)]) -> Result<Endpoints, InvalidEndpoint> {
        let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Endpoints::from_variables(&pairs.collect())
    }

    #[test]
    fn without_variables_the_public_addresses_hold() {
        let endpoints = endpoints(&[("PATCHBAY_NOTION_URL", "")]).unwrap();
        assert_eq!(endpoints.api_root(ApiRoot::OpenAi), "https://api.openai.com/v1");
        let url = "https://api.notion.com/v1/oauth/token";
        assert_eq!(endpoints.oauth_url("NOTION", url), url);
        assert_eq!(endpoints.mailchimp_root(&"us6".parse().unwrap()), "https://us6.api.mailchimp.com");
    }

    #[test]
    fn one_variable_replaces_every_host_of_a_provider_and_keeps_paths() {
        let endpoints = endpoints(&[
            ("PATCHBAY_GOOGLE_URL", "http://127.0.0.1:9000/"),
            ("PATCHBAY_GOOGLE_OAUTH_URL", "http://localhost:9001/ignored"),
            ("PATCHBAY_MAILCHIMP_URL", "http://[::1]:9002"),
        ])
        .unwrap();
        for root in [ApiRoot::Google, ApiRoot::GoogleSheets, ApiRoot::Gmail] {
            assert_eq!(endpoints.api_root(root), "http://127.0.0.1:9000");
        }
        assert_eq!(
            endpoints.oauth_url("GOOGLE", "https://accounts.google.com/o/oauth2/v2/auth"),
            "http://localhost:9001/o/oauth2/v2/auth"
        );
        assert_eq!(endpoints.mailchimp_root(&"us6".parse().unwrap()), "http://[::1]:9002");
    }

    #[test]
    fn a_wrong_address_is_named() {
        for value in
            ["http://example.com", "ftp://localhost", "localhost:80", "https://u@h", "https://h/?q", "x"]
        {
            let error = endpoints(&[("PATCHBAY_ZOOM_OAUTH_URL", value)]).unwrap_err();
            assert_eq!(error.variable, "PATCHBAY_ZOOM_OAUTH_URL", "{value}");
        }
    }

    #[test]
    fn a_data_centre_cannot_smuggle_a_host() {
        for text in ["us6", "us21", "eu"] {
            assert!(text.parse::<Datacenter>().is_ok(), "{text}");
        }
        for text in ["", "6", "us6.evil.com", "us6/", "US6", "us-6", "us6a", "evil.com#", "ｕｓ6"] {
            assert!(text.parse::<Datacenter>().is_err(), "{text}");
        }
    }
}
