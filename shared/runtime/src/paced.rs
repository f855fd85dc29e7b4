//! A transport that keeps to a provider's pace, together with every other instance.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use jiff::SignedDuration;
use providers::Limit;
use providers::transport::{Exchange, Limits, SendError, Transport};
use store::{Admit, Class, PaceKey, PacePolicy, Store};

use crate::{Clock, telemetry};

/// Longer waits than this are looked at again: a wrong header must not stop a connection for ever.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Sends only what the connection's budget allows now.
#[derive(Debug)]
pub(crate) struct Paced {
    pub(crate) inner: Arc<dyn Transport>,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) budget: Budget,
    pub(crate) class: Class,
}

/// How fast a connection may call, and who else stops with it.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    /// The connection's own budget.
    pub(crate) connection: PaceKey,
    /// Everybody's who connected the same workspace: only ever blocked, since what others spend of it is not known.
    pub(crate) workspace: PaceKey,
    pub(crate) policy: PacePolicy,
    /// Whose budget it is, and how its answers tell of a limit.
    pub(crate) provider: &'static str,
    pub(crate) limit: fn(&Response<Bytes>) -> Option<Limit>,
}

impl Transport for Paced {
    fn send(&self, request: Request<Bytes>, limits: Limits) -> Exchange<'_> {
        Box::pin(async move {
            self.admit().await?;
            let response = self.inner.send(request, limits).await?;
            match (self.budget.limit)(&response) {
                None => {}
                Some(Limit::Connection(wait)) => self.block(&self.budget.connection, wait).await,
                Some(Limit::Workspace(wait)) => {
                    self.block(&self.budget.connection, wait).await;
                    self.block(&self.budget.workspace, wait).await;
                }
                Some(Limit::Blocked) => telemetry::blocked(self.budget.provider),
            }
            Ok(response)
        })
    }
}

impl Paced {
    async fn admit(&self) -> Result<(), SendError> {
        let (now, Budget { connection, policy, .. }) = (self.clock.now(), &self.budget);
        match self.store.admit(connection, policy, 1, self.class, now).await {
            Ok(Admit::Go) => Ok(()),
            Ok(Admit::Wait { until }) => {
                let wait = Duration::try_from(now.duration_until(until)).unwrap_or_default();
                Err(SendError::Paced { retry_after: wait.max(Duration::from_millis(1)) })
            }
            Err(error) => Err(SendError::NotSent { reason: format!("the pace could not be asked: {error}") }),
        }
    }

    async fn block(&self, key: &PaceKey, wait: Duration) {
        let wait = SignedDuration::try_from(wait.min(LONGEST_WAIT)).unwrap_or(SignedDuration::ZERO);
        let until = self.clock.now().saturating_add(wait);
        if let Ok(until) = until
            && let Err(error) = self.store.block(key, until).await
        {
            tracing::warn!("other instances do not know that the provider asked to wait: {error}");
        }
    }
}
