//! A transport that keeps to a provider's pace, together with every other instance.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use jiff::SignedDuration;
use providers::http::retry_after;
use providers::transport::{Exchange, Limits, SendError, Transport};
use store::{Admit, Class, PaceKey, PacePolicy, Store};

use crate::Clock;

/// What a provider means when it does not say how long to wait.
const DEFAULT_WAIT: Duration = Duration::from_secs(5);
/// Longer waits than this are looked at again: a wrong header must not stop a connection for ever.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Sends only what the account's budget allows now.
#[derive(Debug)]
pub(crate) struct Paced {
    pub(crate) inner: Arc<dyn Transport>,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) key: PaceKey,
    pub(crate) policy: PacePolicy,
    pub(crate) class: Class,
}

impl Transport for Paced {
    fn send(&self, request: Request<Bytes>, limits: Limits) -> Exchange<'_> {
        Box::pin(async move {
            self.admit().await?;
            let response = self.inner.send(request, limits).await?;
            if matches!(response.status(), StatusCode::TOO_MANY_REQUESTS) || response.status().as_u16() == 529
            {
                let wait = retry_after(response.headers()).unwrap_or(DEFAULT_WAIT).min(LONGEST_WAIT);
                self.block(wait).await;
            }
            Ok(response)
        })
    }
}

impl Paced {
    async fn admit(&self) -> Result<(), SendError> {
        let now = self.clock.now();
        match self.store.admit(&self.key, &self.policy, 1, self.class, now).await {
            Ok(Admit::Go) => Ok(()),
            Ok(Admit::Wait { until }) => {
                let wait = Duration::try_from(now.duration_until(until)).unwrap_or_default();
                Err(SendError::Paced { retry_after: wait.max(Duration::from_millis(1)) })
            }
            Err(error) => Err(SendError::NotSent { reason: format!("the pace could not be asked: {error}") }),
        }
    }

    async fn block(&self, wait: Duration) {
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::ZERO);
        let until = self.clock.now().saturating_add(wait);
        if let Ok(until) = until
            && let Err(error) = self.store.block(&self.key, until).await
        {
            tracing::warn!("other instances do not know that the provider asked to wait: {error}");
        }
    }
}
