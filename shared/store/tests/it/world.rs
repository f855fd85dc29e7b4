//! What every test stands on: empty services, a clock that stands still, and callers that interleave.

use std::future::Future;
use std::sync::Arc;

use aws_doubles::{Aws, Before, Call, Calm, Decision, Hook, KEY_ID, TABLE};
use domain::{ProviderId, UserId};
use jiff::Timestamp;
use store::{
    Connection, Error, ExternalAccount, NewConnection, PutConnection, RefreshTicket, Store, Tokens, Vault,
};
use tokio::task::JoinSet;

pub(crate) const CALLERS: u64 = 50;

pub(crate) struct World {
    pub(crate) aws: Aws,
    pub(crate) store: Store,
    pub(crate) vault: Vault,
}

/// 2026-01-01 and so many milliseconds.
pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_767_225_600_000 + ms).unwrap()
}

pub(crate) fn alice() -> UserId {
    "alice".parse().unwrap()
}

pub(crate) fn bob() -> UserId {
    "bob".parse().unwrap()
}

/// Empty services whose exchanges give way to each other, in an order that is the same in every run.
pub(crate) fn world() -> World {
    world_with(Arc::new(GiveWay))
}

/// Empty services behind a hook.
pub(crate) fn world_with(hook: Arc<dyn Hook>) -> World {
    let aws = Aws::new(Arc::new(|| at(0)));
    let (store, vault) = doors(&aws, hook);
    World { aws, store, vault }
}

/// Another instance's way to the same services.
pub(crate) fn doors(aws: &Aws, hook: Arc<dyn Hook>) -> (Store, Vault) {
    let clients = aws.clients(hook);
    (Store::new(clients.dynamo, TABLE), Vault::new(clients.kms, KEY_ID))
}

/// Lets the others go first, some calls more often than others.
struct GiveWay;

impl Hook for GiveWay {
    fn before<'a>(&'a self, call: &'a Call) -> Decision<'a, Before> {
        Box::pin(async move {
            for _ in 0..(call.number * 7) % 5 {
                tokio::task::yield_now().await;
            }
            Before::Proceed
        })
    }
}

/// Runs [`CALLERS`] callers at once and answers what each got.
pub(crate) async fn race<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    caller: impl Fn(u64) -> F,
) -> Vec<T> {
    let mut callers: JoinSet<T> = (0..CALLERS).map(caller).collect();
    let mut answers = Vec::new();
    while let Some(answer) = callers.join_next().await {
        answers.push(answer.unwrap());
    }
    answers
}

pub(crate) fn tokens(access: &str, refresh: Option<&str>) -> Tokens {
    Tokens { access: access.into(), refresh: refresh.map(Into::into) }
}

pub(crate) fn new_connection(user: &UserId, provider: ProviderId) -> NewConnection {
    NewConnection {
        user: user.clone(),
        provider,
        partial: false,
        account: ExternalAccount {
            id: "ws-1".into(),
            name: Some("Acme".into()),
            icon: None,
            bot_id: Some("bot-1".into()),
        },
        scopes: vec!["read".into()],
        tokens: tokens("access-1", Some("refresh-1")),
        token_expires_at: None,
    }
}

/// Opens the tokens that a refresh is to replace, and stores the new ones.
pub(crate) async fn finish(
    (store, vault): (&Store, &Vault),
    ticket: &RefreshTicket,
    new: Tokens,
    ends: Option<Timestamp>,
    now: Timestamp,
) -> Result<Connection, Error> {
    let opened = vault.open_to_replace(&ticket.connection, now).await?;
    store.finish_refresh(ticket, &opened, new, ends).await
}

impl World {
    /// See [`finish`].
    pub(crate) async fn finish(
        &self,
        ticket: &RefreshTicket,
        new: Tokens,
        ends: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Connection, Error> {
        finish((&self.store, &self.vault), ticket, new, ends, now).await
    }

    /// Connects a user to Notion.
    pub(crate) async fn connect(&self, user: &UserId) -> Connection {
        self.put(new_connection(user, ProviderId::Notion), None).await.unwrap()
    }

    /// Connects; none if the limit is reached.
    pub(crate) async fn put(&self, new: NewConnection, limit: Option<u32>) -> Option<Connection> {
        match self.store.put_connection(&self.vault, new, limit, at(0)).await.unwrap() {
            PutConnection::Connected(connection) => Some(*connection),
            PutConnection::LimitReached { .. } => None,
        }
    }

    /// A quiet way in for what a test only looks at.
    pub(crate) fn calm(&self) -> (Store, Vault) {
        doors(&self.aws, Arc::new(Calm))
    }
}
