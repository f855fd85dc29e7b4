//! The sealed form of tokens: AES-256-GCM under a data key, bound to the one place they belong to.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{ProviderId, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::data_keys::DataKey;
use crate::{Error, SealedTokens, Tokens};

/// What tokens are sealed for; also in the encryption context, where policies name it.
pub(crate) const PURPOSE: &str = "connection-tokens";

/// The text was not sealed with this key for this place, or not by us.
pub(crate) const REFUSED: Error = Error::Crypto { retryable: false };

/// The place tokens belong to.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) user: &'a UserId,
    pub(crate) provider: ProviderId,
    pub(crate) token_version: u64,
}

impl Place<'_> {
    /// One text per place: a user id has no line breaks.
    fn canonical(&self) -> String {
        let Self { user, provider, token_version } = self;
        format!("v1\n{user}\n{provider}\n{PURPOSE}\n{token_version}")
    }
}

#[derive(Serialize, Deserialize)]
struct Plain<'a> {
    #[serde(borrow)]
    access: std::borrow::Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    refresh: Option<std::borrow::Cow<'a, str>>,
}

/// Seals tokens for a place: `v1.{wrapped key}.{nonce and sealed text}`.
pub(crate) fn seal(
    key: &DataKey,
    wrapped: &[u8],
    place: Place<'_>,
    tokens: &Tokens,
) -> Result<SealedTokens, Error> {
    let mut nonce = [0; NONCE_LEN];
    rand::fill(&mut nonce).map_err(|_| REFUSED)?;
    let mut text = plain_text(tokens)?;
    let unique = Nonce::assume_unique_for_key(nonce);
    let tag = cipher(key)?.seal_in_place_separate_tag(unique, Aad::from(place.canonical()), &mut text);
    let sealed = [&nonce, text.as_slice(), tag.map_err(|_| REFUSED)?.as_ref()].concat();
    Ok(SealedTokens(format!("v1.{}.{}", URL_SAFE_NO_PAD.encode(wrapped), URL_SAFE_NO_PAD.encode(sealed))))
}

/// Opens what was sealed for this place.
pub(crate) fn open(key: &DataKey, place: Place<'_>, sealed: &SealedTokens) -> Result<Tokens, Error> {
    let (_, text) = parts(sealed)?;
    let (nonce, text) = text.split_at_checked(NONCE_LEN).ok_or(REFUSED)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| REFUSED)?;
    let mut text = Zeroizing::new(text.to_vec());
    let opened = cipher(key)?.open_in_place(nonce, Aad::from(place.canonical()), &mut text);
    let plain: Plain<'_> = serde_json::from_slice(opened.map_err(|_| REFUSED)?).map_err(|_| REFUSED)?;
    let secret = |text: std::borrow::Cow<'_, str>| SecretString::from(text.into_owned());
    Ok(Tokens { access: secret(plain.access), refresh: plain.refresh.map(secret) })
}

/// The wrapped data key of sealed tokens.
pub(crate) fn wrapped_key(sealed: &SealedTokens) -> Result<Vec<u8>, Error> {
    parts(sealed).map(|(wrapped, _)| wrapped)
}

fn parts(sealed: &SealedTokens) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let rest = sealed.0.strip_prefix("v1.").ok_or(REFUSED)?;
    let (wrapped, text) = rest.split_once('.').ok_or(REFUSED)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| REFUSED);
    Ok((decode(wrapped)?, decode(text)?))
}

/// The tokens as JSON, in a buffer that is never moved and always wiped.
fn plain_text(tokens: &Tokens) -> Result<Zeroizing<Vec<u8>>, Error> {
    let access = tokens.access.expose_secret();
    let refresh = tokens.refresh.as_ref().map(ExposeSecret::expose_secret);
    let mut text = Zeroizing::new(Vec::with_capacity(room(access, refresh)));
    let plain = Plain { access: access.into(), refresh: refresh.map(Into::into) };
    serde_json::to_writer(&mut *text, &plain).map_err(|_| REFUSED)?;
    Ok(text)
}

/// Enough room for these tokens as JSON: escapes take at most six bytes a byte.
fn room(access: &str, refresh: Option<&str>) -> usize {
    6 * (access.len() + refresh.map_or(0, str::len)) + 64
}

fn cipher(key: &DataKey) -> Result<LessSafeKey, Error> {
    UnboundKey::new(&AES_256_GCM, &key[..]).map(LessSafeKey::new).map_err(|_| REFUSED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(user: &UserId, provider: ProviderId, token_version: u64) -> Place<'_> {
        Place { user, provider, token_version }
    }

    fn tokens() -> Tokens {
        Tokens { access: "ntn_\"access\n".into(), refresh: Some("nrt_refresh".into()) }
    }

    #[test]
    fn tokens_open_only_in_the_place_they_were_sealed_for() {
        let (alice, bob) = ("alice".parse().unwrap(), "bob".parse().unwrap());
        let key = Zeroizing::new([9; 32]);
        let here = place(&alice, ProviderId::Notion, 7);
        let sealed = seal(&key, b"wrapped", here, &tokens()).unwrap();
        let opened = open(&key, here, &sealed).unwrap();
        assert_eq!(opened.access.expose_secret(), "ntn_\"access\n");
        assert_eq!(opened.refresh.unwrap().expose_secret(), "nrt_refresh");
        for elsewhere in [
            place(&bob, ProviderId::Notion, 7),
            place(&alice, ProviderId::Gmail, 7),
            place(&alice, ProviderId::Notion, 8),
        ] {
            assert!(matches!(open(&key, elsewhere, &sealed), Err(Error::Crypto { retryable: false })));
        }
        assert!(open(&Zeroizing::new([8; 32]), here, &sealed).is_err());
    }

    #[test]
    fn a_changed_or_cut_text_does_not_open() {
        let alice = "alice".parse().unwrap();
        let key = Zeroizing::new([9; 32]);
        let here = place(&alice, ProviderId::Notion, 7);
        let sealed = seal(&key, b"wrapped", here, &tokens()).unwrap().0;
        for end in 0..sealed.len() {
            assert!(open(&key, here, &SealedTokens(sealed[..end].to_owned())).is_err(), "cut at {end}");
        }
        let text_at = sealed.rfind('.').unwrap() + 1;
        for at in text_at..sealed.len() {
            let other = if sealed.as_bytes()[at] == b'A' { "B" } else { "A" };
            let mut changed = sealed.clone();
            changed.replace_range(at..=at, other);
            let opened = open(&key, here, &SealedTokens(changed));
            assert!(opened.is_err(), "changed at {at}");
        }
    }

    #[test]
    fn there_is_room_for_any_tokens_so_that_no_unwiped_copy_stays_behind() {
        for (access, refresh) in
            [(0, None), (1, None), (1_000, None), (0, Some(0)), (1, Some(2)), (900, Some(1_000))]
        {
            let worst = |length| "\u{1}".repeat(length);
            let (access, refresh) = (worst(access), refresh.map(worst));
            let tokens =
                Tokens { access: access.as_str().into(), refresh: refresh.as_deref().map(Into::into) };
            let text = plain_text(&tokens).unwrap();
            assert!(text.len() <= room(&access, refresh.as_deref()), "{} bytes", text.len());
        }
    }

    #[test]
    fn the_same_tokens_never_look_the_same() {
        let alice = "alice".parse().unwrap();
        let key = Zeroizing::new([9; 32]);
        let seal = || seal(&key, b"wrapped", place(&alice, ProviderId::Notion, 7), &tokens()).unwrap();
        assert_ne!(seal(), seal());
    }
}
