//! Calls on behalf of a user: the connection's token, refreshed once across all instances, at the account's pace.

use std::sync::Arc;
use std::time::Duration;

use domain::{JobId, ProviderId, UserId};
use jiff::SignedDuration;
use providers::Error;
use providers::http::{Http, Policy};
use providers::oauth::{Grant, OAuth};
use providers::registry::{self, Rotation};
use providers::transport::Transport;
use secrecy::SecretString;
use store::{
    Class, Connection, ConnectionStatus, Opened, PaceKey, PacePolicy, Refresh, RefreshTicket, Tokens,
};
use tokio::time::{Instant, sleep};

use crate::App;
use crate::paced::{Budget, Paced};
use crate::pieces::Stop;
use crate::problem::{Code, Problem};

/// A token that ends within this is refreshed before it is used.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);
/// How long to wait for somebody else's refresh.
const PATIENCE: Duration = Duration::from_secs(5);
/// One refresh must end well within its lease.
const TOKEN_CALL: Policy = Policy {
    timeout: Duration::from_secs(8),
    attempts: 1,
    base: Duration::from_millis(250),
    cap: Duration::from_secs(1),
    max_body: 256 << 10,
};
/// How often a rotated token is offered to the table before it is given up.
const SAVES: u32 = 8;

/// One user's connection to one provider, ready to call.
#[derive(Debug)]
pub struct Access<'a> {
    app: &'a App,
    connection: Connection,
    tokens: Tokens,
    http: Http,
    job: Option<JobId>,
}

impl<'a> Access<'a> {
    /// Opens the user's connection to `provider`. Calls end by `deadline`.
    pub async fn open(
        app: &'a App,
        user: &UserId,
        provider: ProviderId,
        deadline: Instant,
        class: Class,
    ) -> Result<Self, Problem> {
        let connection = app.store.connection(user, provider).await?;
        let Some(connection) = connection else {
            let name = registry::provider(provider).name;
            return Err(Problem::new(Code::NotConnected, format!("{name} is not connected.")));
        };
        if let ConnectionStatus::NeedsReauth { reason } = &connection.status {
            let problem = Problem::new(Code::NeedsReauth, "The account must be connected again.");
            return Err(problem.with("reason", reason.as_str()));
        }
        let now = app.clock.now();
        let tokens = app.vault.open(&connection, now).await?;
        let budget = budget(&connection);
        if let Some(budget) = &budget
            && let Some(until) = app.store.blocked_until(&budget.workspace, now).await?
        {
            let retry_after = Duration::try_from(now.duration_until(until)).unwrap_or_default();
            return Err(Error::RateLimited { retry_after }.into());
        }
        let http = http(app, &connection, budget, class).with_deadline(deadline);
        let mut access = Self { app, connection, tokens, http, job: None };
        let ends = access.connection.token_expires_at;
        if access.connection.refreshable && ends.is_some_and(|ends| now.duration_until(ends) < MARGIN) {
            access.refresh().await?;
        }
        Ok(access)
    }

    /// What is written is written for this job.
    #[must_use]
    pub fn of_job(self, job: &JobId) -> Self {
        Self { job: Some(job.clone()), ..self }
    }

    /// Whether a write may be sent: the account is connected as it was, and nobody called the job off.
    pub async fn may_write(&self) -> Result<(), Stop> {
        let (store, Connection { user, provider, connected_at, .. }) = (&self.app.store, &self.connection);
        let (known, job) = match &self.job {
            Some(job) => store.connection_and_job(user, *provider, job).await?,
            None => (store.connection(user, *provider).await?, None),
        };
        if job.is_some_and(|job| job.status.is_final()) {
            return Err(Stop::Deadline);
        }
        match known {
            Some(known) if known.connected_at == *connected_at => Ok(()),
            // Connected again: the next piece goes on with the new account.
            Some(_) => Err(Stop::Deadline),
            None => {
                let detail = format!("{} is not connected any more.", registry::provider(*provider).name);
                Err(Stop::Cancel(Problem::new(Code::NotConnected, detail)))
            }
        }
    }

    /// The connection as it was read.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Makes a call. A token that is not accepted is refreshed once and the call made again; nothing was applied by then.
    pub async fn call<T, F>(&mut self, call: impl Fn(Http, SecretString) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        match call(self.http.clone(), self.tokens.access.clone()).await {
            Err(Error::Unauthorized) => {}
            outcome => return outcome,
        }
        self.refresh().await?;
        match call(self.http.clone(), self.tokens.access.clone()).await {
            Err(Error::Unauthorized) => {
                self.give_up("unauthorized").await;
                Err(Error::InvalidGrant)
            }
            outcome => outcome,
        }
    }

    async fn give_up(&self, reason: &str) {
        let Connection { user, provider, token_version, .. } = &self.connection;
        if let Err(error) = self.app.store.mark_needs_reauth(user, *provider, *token_version, reason).await {
            tracing::warn!(provider = %provider, "the connection could not be marked: {error}");
        }
    }

    /// Gets tokens newer than those in hand: somebody else's, or by refreshing.
    async fn refresh(&mut self) -> Result<(), Error> {
        let give_up_at = Instant::now() + PATIENCE;
        loop {
            let Connection { user, provider, token_version, connected_at, .. } = &self.connection;
            let now = self.app.clock.now();
            let asked = self.app.store.begin_refresh(user, *provider, *token_version, now).await;
            match asked.map_err(|error| unavailable(&error))? {
                // Connected again, perhaps with another account: what was begun for this one is not done there.
                Refresh::Newer(newer) if newer.connected_at != *connected_at => {
                    return Err(Error::Unavailable);
                }
                Refresh::Newer(newer) => return self.adopt(*newer).await,
                Refresh::Mine(ticket) => {
                    let connection = self.refresh_with(&ticket).await?;
                    return self.adopt(connection).await;
                }
                Refresh::NotRefreshable => {
                    self.give_up("unauthorized").await;
                    return Err(Error::InvalidGrant);
                }
                Refresh::Busy { .. } if Instant::now() >= give_up_at => return Err(Error::Unavailable),
                Refresh::Busy { .. } => {
                    sleep(Duration::from_millis(100).mul_f64(1.0 + 3.0 * self.app.random.jitter())).await;
                }
            }
        }
    }

    async fn adopt(&mut self, connection: Connection) -> Result<(), Error> {
        self.tokens = self
            .app
            .vault
            .open(&connection, self.app.clock.now())
            .await
            .map_err(|error| unavailable(&error))?;
        self.connection = connection;
        Ok(())
    }

    async fn refresh_with(&self, ticket: &RefreshTicket) -> Result<Connection, Error> {
        let now = self.app.clock.now();
        let opened = self.app.vault.open_to_replace(&ticket.connection, now).await;
        let opened = opened.map_err(|error| unavailable(&error))?;
        let Some(refresh) = &opened.tokens.refresh else {
            self.fail(ticket, "unauthorized").await;
            return Err(Error::InvalidGrant);
        };
        let provider = registry::provider(ticket.connection.provider);
        let document = self.app.secrets.document(now).await.map_err(|problem| unavailable(&problem))?;
        let Some(client) = document.client(provider) else {
            self.abandon(ticket).await;
            return Err(Error::Unavailable);
        };
        let http =
            Http::new(provider.variable, self.app.transport.clone(), self.app.random.clone(), TOKEN_CALL);
        let oauth = OAuth::new(http, provider, &self.app.config.endpoints, client);
        let mut answer_lost = ticket.interrupted;
        let mut outcome = oauth.refresh(refresh).await;
        if matches!(outcome, Err(Error::Ambiguous { .. })) {
            answer_lost = true;
            outcome = oauth.refresh(refresh).await;
        }
        match outcome {
            Ok(grant) => self.save(ticket, &opened, grant).await,
            Err(Error::InvalidGrant) => {
                let lost = answer_lost && provider.rotation == Rotation::Replaced;
                self.fail(ticket, if lost { "refresh_lost" } else { "revoked" }).await;
                Err(Error::InvalidGrant)
            }
            // The ticket stays open: the next holder then knows that an answer may have been lost.
            Err(Error::Ambiguous { .. }) => Err(Error::Unavailable),
            Err(error) => {
                self.abandon(ticket).await;
                Err(error)
            }
        }
    }

    /// Stores rotated tokens before they are used: the old ones are dead already.
    async fn save(&self, ticket: &RefreshTicket, opened: &Opened, grant: Grant) -> Result<Connection, Error> {
        let now = self.app.clock.now();
        let expires_at = grant.expires_in.and_then(|life| now.checked_add(life).ok());
        let tokens = Tokens { access: grant.access, refresh: grant.refresh };
        let mut saves = 0;
        loop {
            let stored = self.app.store.finish_refresh(ticket, opened, tokens.clone(), expires_at).await;
            match stored {
                Ok(connection) => return Ok(connection),
                Err(error) if saves < SAVES && may_pass(&error) => {
                    tracing::warn!("rotated tokens are not stored yet: {error}");
                    saves += 1;
                    sleep(Duration::from_secs(1)).await;
                }
                Err(error) => {
                    tracing::error!(provider = %ticket.connection.provider, "rotated tokens are lost: {error}");
                    return Err(Error::Unavailable);
                }
            }
        }
    }

    async fn fail(&self, ticket: &RefreshTicket, reason: &str) {
        if let Err(error) = self.app.store.fail_refresh(ticket, reason).await {
            tracing::warn!(provider = %ticket.connection.provider, "the connection could not be marked: {error}");
        }
    }

    async fn abandon(&self, ticket: &RefreshTicket) {
        if let Err(error) = self.app.store.abandon_refresh(ticket).await {
            tracing::warn!("the right to refresh will end by itself: {error}");
        }
    }
}

fn may_pass(error: &store::Error) -> bool {
    matches!(error, store::Error::Unavailable(_) | store::Error::Crypto { retryable: true })
}

fn unavailable(error: &dyn std::fmt::Display) -> Error {
    tracing::warn!("tokens could not be refreshed: {error}");
    Error::Unavailable
}

/// Calls to the connection's provider, within its budget where it has one.
fn http(app: &App, connection: &Connection, budget: Option<Budget>, class: Class) -> Http {
    let provider = registry::provider(connection.provider);
    let inner = app.transport.clone();
    let (transport, policy): (Arc<dyn Transport>, _) = match budget {
        None => (inner, Policy::default()),
        Some(budget) => {
            let (store, clock) = (app.store.clone(), app.clock.clone());
            let policy = match connection.provider {
                // It may work on a request for up to 55 s; the gateway's 30 s end an interactive one earlier.
                ProviderId::Notion => Policy { timeout: Duration::from_mins(1), ..Policy::default() },
                _ => Policy::default(),
            };
            (Arc::new(Paced { inner, store, clock, budget, class }), policy)
        }
    };
    Http::new(provider.variable, transport, app.random.clone(), policy)
}

/// Whose budget a call spends, and how large it is.
fn budget(connection: &Connection) -> Option<Budget> {
    let (provider, account) = (connection.provider, &connection.account);
    let limit = match provider {
        ProviderId::GoogleCalendar => providers::google::limit,
        _ => providers::notion::limit,
    };
    pace(provider).map(|policy| Budget {
        connection: PaceKey::new(provider, "connection", account.bot_id.as_ref().unwrap_or(&account.id)),
        workspace: PaceKey::new(provider, "workspace", &account.id),
        policy,
        provider: provider.as_str(),
        limit,
    })
}

/// How fast one connection of a provider may call.
pub fn pace(provider: ProviderId) -> Option<PacePolicy> {
    match provider {
        // 180 calls in 60 s per connection. In any window there are at most burst + 60 000 / interval: 6 + 171, which leaves room
        // for calls that took longer on their way than those after them.
        ProviderId::Notion => Some(PacePolicy { interval_ms: 350, burst: 6 }),
        // 600 calls in 60 s per user of a project: 24 + 571.
        ProviderId::GoogleCalendar => Some(PacePolicy { interval_ms: 105, burst: 24 }),
        _ => None,
    }
}
