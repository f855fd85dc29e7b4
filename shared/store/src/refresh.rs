//! Refreshing tokens, one at a time across all instances.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ProviderId, UserId};
use jiff::Timestamp;

use crate::connection::{NEEDS_REAUTH, connection_from_item, status_word};
use crate::key::Key;
use crate::row::{Item, later_ms, number_in, time_in};
use crate::write::{Outcome, Write};
use crate::{Connection, ConnectionStatus, Error, Opened, Store, Tokens};

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
    ///
    /// Starts with the same tokens are counted until one of them ends, so that the next holder knows whether the
    /// refresh token may be spent already.
    pub async fn begin_refresh(
        &self,
        user: &UserId,
        provider: ProviderId,
        token_version: u64,
        now: Timestamp,
    ) -> Result<Refresh, Error> {
        let set = "SET #refresh_fence = if_not_exists(#refresh_fence, :zero) + :one, \
                   #refresh_starts = if_not_exists(#refresh_starts, :zero) + :one, #refresh_until = :until";
        let begin = Write::update(Key::connection(user, provider), set)
            .when(
                "#token_version = :version AND #refreshable = :true AND #status <> :broken \
                 AND (attribute_not_exists(#refresh_until) OR #refresh_until <= :now)",
            )
            .number(":zero", 0)
            .number(":one", 1)
            .time(":until", later_ms(now, REFRESH_LEASE_MS))
            .time(":now", now)
            .number(":version", token_version)
            .value(":true", AttributeValue::Bool(true))
            .text(":broken", NEEDS_REAUTH);
        match self.write(begin).await? {
            Outcome::Done(item) => ticket(item).map(|ticket| Refresh::Mine(Box::new(ticket))),
            Outcome::Refused(None) => Ok(Refresh::NotRefreshable),
            Outcome::Refused(Some(item)) => refused(item, token_version),
        }
    }

    /// Stores the new tokens, sealed, as the next version. Without a refresh token among them the present one stays.
    /// [`Error::Conflict`] if the right was lost meanwhile: read the connection again.
    pub async fn finish_refresh(
        &self,
        ticket: &RefreshTicket,
        opened: &Opened,
        tokens: Tokens,
        token_expires_at: Option<Timestamp>,
    ) -> Result<Connection, Error> {
        let tokens = Tokens { refresh: tokens.refresh.or_else(|| opened.tokens.refresh.clone()), ..tokens };
        let sealed = opened.seal_next(&ticket.connection, &tokens)?;
        let next = ticket.connection.token_version.saturating_add(1);
        let set = "SET #sealed = :sealed, #token_version = :next, #refreshable = :refreshable, \
                   #status = :status";
        let gone = "REMOVE #reason, #refresh_until, #refresh_starts";
        let finish = match token_expires_at {
            Some(at) => {
                of_holder(ticket, &format!("{set}, #token_expires_at = :ends {gone}")).time(":ends", at)
            }
            None => of_holder(ticket, &format!("{set} {gone}, #token_expires_at")),
        };
        let finish = finish
            .text(":sealed", sealed.0)
            .text(":status", status_word(&ticket.connection.status))
            .number(":next", next)
            .value(":refreshable", AttributeValue::Bool(tokens.refresh.is_some()));
        match self.write(finish).await? {
            Outcome::Done(item) => connection_from_item(item),
            Outcome::Refused(Some(item)) if is_finished(&item, ticket) => connection_from_item(item),
            Outcome::Refused(_) => {
                let (user, provider) = (&ticket.connection.user, ticket.connection.provider);
                tracing::error!(user.id = %user, %provider, "refreshed tokens came too late and are lost");
                Err(Error::Conflict)
            }
        }
    }

    /// Says that the provider no longer honours the grant: the connection now waits for its user.
    /// [`Error::Conflict`] if the right was lost meanwhile: read the connection again.
    pub async fn fail_refresh(&self, ticket: &RefreshTicket, reason: &str) -> Result<(), Error> {
        let set = "SET #status = :status, #reason = :reason REMOVE #refresh_until, #refresh_starts";
        let fail = of_holder(ticket, set).text(":status", NEEDS_REAUTH).text(":reason", reason);
        match self.write(fail).await? {
            Outcome::Done(_) => Ok(()),
            Outcome::Refused(_) => Err(Error::Conflict),
        }
    }

    /// Gives the right back after a failure that certainly changed nothing over there. What an earlier holder left
    /// open stays open. Nothing happens if the right was lost meanwhile.
    pub async fn abandon_refresh(&self, ticket: &RefreshTicket) -> Result<(), Error> {
        let set = "SET #refresh_starts = #refresh_starts - :one REMOVE #refresh_until";
        let abandon = of_holder(ticket, set).number(":one", 1);
        self.write(abandon).await.map(drop)
    }
}

/// A change that only the present holder may make, once.
fn of_holder(ticket: &RefreshTicket, set: &str) -> Write {
    let Connection { user, provider, token_version, .. } = &ticket.connection;
    Write::update(Key::connection(user, *provider), set)
        .when("#token_version = :version AND #refresh_fence = :fence AND attribute_exists(#refresh_until)")
        .number(":version", token_version)
        .number(":fence", ticket.fence)
}

/// Whether this very holder finished already: nobody else can have written the next version under this fence.
fn is_finished(item: &Item, ticket: &RefreshTicket) -> bool {
    let [version, fence] =
        ["token_version", "refresh_fence"].map(|name| u64::try_from(number_in(item, name)));
    version == Ok(ticket.connection.token_version.saturating_add(1)) && fence == Ok(ticket.fence)
}

fn ticket(item: Item) -> Result<RefreshTicket, Error> {
    let fence = u64::try_from(number_in(&item, "refresh_fence")).unwrap_or_default();
    let interrupted = number_in(&item, "refresh_starts") > 1;
    Ok(RefreshTicket { connection: connection_from_item(item)?, fence, interrupted })
}

fn refused(item: Item, token_version: u64) -> Result<Refresh, Error> {
    let until = time_in(&item, "refresh_until");
    let connection = connection_from_item(item)?;
    Ok(match &connection.status {
        ConnectionStatus::NeedsReauth { .. } => Refresh::NotRefreshable,
        _ if connection.token_version != token_version => Refresh::Newer(Box::new(connection)),
        _ if !connection.refreshable => Refresh::NotRefreshable,
        _ => Refresh::Busy { until },
    })
}
