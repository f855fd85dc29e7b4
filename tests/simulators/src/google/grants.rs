//! Who let which client into what: codes, refresh tokens and access tokens.

use super::config::GoogleLimits;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// A code from the consent page.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) sub: String,
    pub(super) scopes: BTreeSet<String>,
    pub(super) challenge: Option<String>,
    /// Whether the exchange brings a refresh token.
    pub(super) offline: bool,
    pub(super) expires: Timestamp,
}

/// A refresh or an access token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) client_id: String,
    pub(super) sub: String,
    pub(super) scopes: BTreeSet<String>,
    expires: Option<Timestamp>,
    live: bool,
}

/// All access ever given.
#[derive(Clone, Debug, Default)]
pub(super) struct Grants {
    codes: BTreeMap<String, Code>,
    refresh: Vec<Token>,
    access: Vec<Token>,
    /// What each person granted each client so far.
    consents: BTreeMap<(String, String), BTreeSet<String>>,
    /// Revocations that have not taken effect yet: whose, and when they do.
    pending: Vec<(String, Timestamp)>,
}

impl Grants {
    /// Puts the revocations into effect whose time has come.
    pub(super) fn settle(&mut self, now: Timestamp) {
        let due: Vec<String> =
            self.pending.iter().filter(|(_, at)| *at <= now).map(|(sub, _)| sub.clone()).collect();
        self.pending.retain(|(_, at)| *at > now);
        for sub in due {
            self.end_all_of(&sub);
        }
    }

    /// What a person granted a client so far; nothing when they never did, or took it back.
    pub(super) fn consented(&self, sub: &str, client_id: &str) -> Option<&BTreeSet<String>> {
        self.consents.get(&(sub.to_owned(), client_id.to_owned()))
    }

    /// Notes a consent and the code that stands for it.
    pub(super) fn add_code(&mut self, text: String, code: Code) {
        let consent = self.consents.entry((code.sub.clone(), code.client_id.clone())).or_default();
        consent.extend(code.scopes.iter().cloned());
        self.codes.insert(text, code);
    }

    /// Spends a code: it works once, for its client, within its time.
    pub(super) fn spend_code(&mut self, text: &str, client_id: &str, now: Timestamp) -> Option<Code> {
        if self.codes.get(text).is_none_or(|code| code.client_id != client_id) {
            return None;
        }
        self.codes.remove(text).filter(|code| now < code.expires)
    }

    /// Adds a refresh token. Where there are too many, the oldest ends.
    pub(super) fn add_refresh(&mut self, text: String, code: &Code, now: Timestamp, limits: &GoogleLimits) {
        let expires = limits.grant_lifetime_ms.map(|ms| after(now, ms));
        self.refresh.push(Token { text, expires, ..token_of(code) });
        let same =
            |token: &&mut Token| token.live && token.sub == code.sub && token.client_id == code.client_id;
        let live = self.refresh.iter_mut().filter(same).collect::<Vec<_>>();
        let surplus = live.len().saturating_sub(limits.refresh_tokens);
        live.into_iter().take(surplus).for_each(|token| token.live = false);
    }

    /// Adds an access token for what `grant` covers.
    pub(super) fn add_access(&mut self, text: String, grant: Token, now: Timestamp, limits: &GoogleLimits) {
        let expires = Some(after(now, limits.access_token_lifetime_ms));
        self.access.push(Token { text, expires, live: true, ..grant });
    }

    /// A refresh token that still buys access tokens.
    pub(super) fn refresh_token(&self, text: &str, now: Timestamp) -> Option<&Token> {
        self.refresh.iter().find(|token| token.text == text && token.is_good(now))
    }

    /// An access token that is let in.
    pub(super) fn access_token(&self, text: &str, now: Timestamp) -> Option<&Token> {
        self.access.iter().find(|token| token.text == text && token.is_good(now))
    }

    /// Whose an access or refresh token is, while it is good.
    pub(super) fn owner(&self, text: &str, now: Timestamp) -> Option<String> {
        let token = self.refresh_token(text, now).or_else(|| self.access_token(text, now));
        token.map(|token| token.sub.clone())
    }

    /// Ends everything a person granted the project, at once or at a later time.
    pub(super) fn revoke(&mut self, sub: &str, at: Timestamp, now: Timestamp) {
        if at > now {
            self.pending.push((sub.to_owned(), at));
        } else {
            self.end_all_of(sub);
        }
    }

    fn end_all_of(&mut self, sub: &str) {
        let tokens = self.refresh.iter_mut().chain(&mut self.access);
        tokens.filter(|token| token.sub == sub).for_each(|token| token.live = false);
        self.codes.retain(|_, code| code.sub != sub);
        self.consents.retain(|(of, _), _| of != sub);
    }

    pub(super) fn valid_access_tokens(&self, now: Timestamp) -> Vec<String> {
        self.access.iter().filter(|token| token.is_good(now)).map(|token| token.text.clone()).collect()
    }

    pub(super) fn valid_refresh_tokens(&self, now: Timestamp) -> Vec<String> {
        self.refresh.iter().filter(|token| token.is_good(now)).map(|token| token.text.clone()).collect()
    }

    pub(super) fn issued_tokens(&self) -> Vec<String> {
        self.refresh.iter().chain(&self.access).map(|token| token.text.clone()).collect()
    }
}

impl Token {
    fn is_good(&self, now: Timestamp) -> bool {
        self.live && self.expires.is_none_or(|expires| now < expires)
    }
}

/// What a code stands for, as a token that has no text yet.
pub(super) fn token_of(code: &Code) -> Token {
    Token {
        text: String::new(),
        client_id: code.client_id.clone(),
        sub: code.sub.clone(),
        scopes: code.scopes.clone(),
        expires: None,
        live: true,
    }
}

/// A time so many milliseconds later.
pub(super) fn after(now: Timestamp, ms: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_millis(ms)).unwrap_or(Timestamp::MAX)
}
