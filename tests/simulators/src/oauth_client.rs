//! An application that is registered with a provider's authorization server.

use serde::{Deserialize, Serialize};

/// An application that may ask people for access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OauthClient {
    /// Its public name towards the authorize page.
    pub client_id: String,
    /// Its secret at the token endpoint.
    pub client_secret: String,
    /// Where answers may go, compared exactly.
    pub redirect_uris: Vec<String>,
}
