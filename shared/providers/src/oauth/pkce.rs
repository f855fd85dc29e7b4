//! Proof Key for Code Exchange (RFC 7636), always with S256.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{random::Random, signature};

/// The secret that ties a code to the flow that asked for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Pkce(String);

impl fmt::Debug for Pkce {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pkce")
    }
}

impl Pkce {
    /// A new verifier of 256 bits.
    pub fn generate(random: &Random) -> Self {
        Self(random.token())
    }

    /// The verifier, which stays on the server until the code is exchanged.
    pub fn verifier(&self) -> &str {
        &self.0
    }

    /// What the browser may see.
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(signature::sha256(self.0.as_bytes()))
    }
}

/// A verifier that was kept.
impl From<String> for Pkce {
    fn from(verifier: String) -> Self {
        Self(verifier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_own_example_gives_its_challenge() {
        let pkce = Pkce::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
        assert_eq!(pkce.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_new_verifier_is_long_enough_and_not_printed() {
        let pkce = Pkce::generate(&Random::system());
        assert!((43..=128).contains(&pkce.verifier().len()));
        assert!(!format!("{pkce:?}").contains(pkce.verifier()));
    }
}
