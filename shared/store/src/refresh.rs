//! Refreshing tokens, one at a time across all instances.

use domain::{ProviderId, UserId};
use jiff::Timestamp;

use crate::{Connection, Error, Store, Tokens, Vault};

/// How long a refresh may take before somebody else may try: longer than the token call's own limit.
pub const REFRESH_LEASE_MS: i64 = 20_000;

/// The right to refresh one connection's tokens once.
#[derive(Clone, Debug, PartialEq)]
pub struct RefreshTicket {
    /// The connection as it was when the right was given.
    pub connection: Connection,
    /// Counts holders; later writes are refused to earlier ones.
    pub fence: u64,
    /// An earlier holder started with these same tokens and never said how it ended, so `invalid_grant` may mean a lost answer.
    pub interrupted: bool,
}

/// What came of asking to refresh.
#[derive(Clone, Debug, PartialEq)]
pub enum Refresh {
    /// The caller refreshes; everybody else waits.
    Mine(Box<RefreshTicket>),
    /// Somebody already did: use these.
    Newer(Box<Connection>),
    /// Somebody is at it, until then at the latest. Ask again.
    Busy {
        /// When their right ends.
        until: Timestamp,
    },
    /// There is no such connection, it waits for its user, or it has no refresh token.
    NotRefreshable,
}

impl Store {
    /// Asks for the right to refresh the tokens of `token_version`.
    pub async fn begin_refresh(
        &self,
        user: &UserId,
        provider: ProviderId,
        token_version: u64,
        now: Timestamp,
    ) -> Result<Refresh, Error> {
        unimplemented!()
    }

    /// Stores the new tokens, sealed, as the next version. Without a refresh token among them the present one stays.
    /// [`Error::Conflict`] if the right was lost meanwhile: read the connection again.
    pub async fn finish_refresh(
        &self,
        vault: &Vault,
        ticket: &RefreshTicket,
        tokens: Tokens,
        token_expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Connection, Error> {
        unimplemented!()
    }

    /// Says that the provider no longer honours the grant: the connection now waits for its user.
    /// [`Error::Conflict`] if the right was lost meanwhile: read the connection again.
    pub async fn fail_refresh(&self, ticket: &RefreshTicket, reason: &str) -> Result<(), Error> {
        unimplemented!()
    }

    /// Gives the right back after a failure that certainly changed nothing over there.
    pub async fn abandon_refresh(&self, ticket: &RefreshTicket) -> Result<(), Error> {
        unimplemented!()
    }
}
