//! Who gave which integration access to what: codes, tokens and the bots they belong to.

use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A code from the authorize page.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) person: Uuid,
    pub(super) shared: BTreeSet<Uuid>,
    pub(super) expires: Timestamp,
}

/// The connection of one person through one integration.
#[derive(Clone, Debug)]
pub(super) struct Bot {
    pub(super) client_id: String,
    pub(super) person: Uuid,
    pub(super) shared: BTreeSet<Uuid>,
    /// Its person removed it: who connects again gets another one.
    pub(super) removed: bool,
}

/// An access token and the refresh token that goes with it; both end together.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) bot: Uuid,
    pub(super) issued: Timestamp,
    expires: Option<Timestamp>,
    live: bool,
}

/// All access ever given.
#[derive(Clone, Debug, Default)]
pub(super) struct Grants {
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) bots: BTreeMap<Uuid, Bot>,
    pairs: Vec<Pair>,
}

impl Grants {
    /// The bot that this access token speaks for.
    pub(super) fn bot_of(&self, access: &str, now: Timestamp) -> Option<Uuid> {
        self.pairs
            .iter()
            .find(|pair| pair.live && pair.access == access && pair.is_fresh(now))
            .map(|pair| pair.bot)
    }

    /// The pair an access or refresh token belongs to, while it is live.
    pub(super) fn pair_of(&self, token: &str) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.live && (pair.access == token || pair.refresh == token))
    }

    /// The bot of a person through an integration, if they connected and did not remove it.
    pub(super) fn bot_id(&self, person: Uuid, client_id: &str) -> Option<Uuid> {
        let mut bots = self.bots.iter();
        let is_theirs = |bot: &Bot| bot.person == person && bot.client_id == client_id && !bot.removed;
        bots.find(|(_, bot)| is_theirs(bot)).map(|(id, _)| *id)
    }

    pub(super) fn issue(
        &mut self,
        bot: Uuid,
        access: String,
        refresh: String,
        now: Timestamp,
        lifetime_ms: Option<i64>,
    ) {
        let expires = lifetime_ms.and_then(|ms| now.checked_add(SignedDuration::from_millis(ms)).ok());
        self.pairs.push(Pair { access, refresh, bot, issued: now, expires, live: true });
    }

    /// Uses up a refresh token: its pair ends. `None` when it was already used, revoked or never issued to this client.
    pub(super) fn spend_refresh(&mut self, refresh: &str, client_id: &str) -> Option<Uuid> {
        let bots = &self.bots;
        let belongs = |pair: &&mut Pair| bots.get(&pair.bot).is_some_and(|bot| bot.client_id == client_id);
        let pair = self.pairs.iter_mut().filter(belongs).find(|pair| pair.live && pair.refresh == refresh)?;
        pair.live = false;
        Some(pair.bot)
    }

    /// Ends the pair of an access or refresh token. `false` when there is none.
    pub(super) fn end(&mut self, token: &str) -> bool {
        let found =
            self.pairs.iter_mut().find(|pair| pair.live && (pair.access == token || pair.refresh == token));
        found.map(|pair| pair.live = false).is_some()
    }

    pub(super) fn end_all_of(&mut self, person: Uuid) {
        let bots = &self.bots;
        let theirs = |pair: &&mut Pair| bots.get(&pair.bot).is_some_and(|bot| bot.person == person);
        self.pairs.iter_mut().filter(theirs).for_each(|pair| pair.live = false);
        self.bots.values_mut().filter(|bot| bot.person == person).for_each(|bot| bot.removed = true);
        self.codes.retain(|_, code| code.person != person);
    }

    pub(super) fn unshare(&mut self, id: Uuid) {
        for bot in self.bots.values_mut() {
            bot.shared.remove(&id);
        }
    }

    pub(super) fn share(&mut self, id: Uuid, people: &BTreeSet<Uuid>) {
        for bot in self.bots.values_mut().filter(|bot| people.contains(&bot.person)) {
            bot.shared.insert(id);
        }
    }

    pub(super) fn valid_access_tokens(&self, now: Timestamp) -> Vec<String> {
        let valid = self.pairs.iter().filter(|pair| pair.live && pair.is_fresh(now));
        valid.map(|pair| pair.access.clone()).collect()
    }

    pub(super) fn issued_tokens(&self) -> Vec<String> {
        self.pairs.iter().flat_map(|pair| [pair.access.clone(), pair.refresh.clone()]).collect()
    }
}

impl Pair {
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}
