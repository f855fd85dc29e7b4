//! A door to one stand-in. Every exchange that passes is held against the vendor's schemas.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard},
};

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use providers::{
    Random,
    http::{Http, Policy},
    transport::{Exchange, Limits, Transport},
};
use simulators::Simulator;

/// Looks at a request that was sent and at its answer.
pub(crate) type Hold = fn(&Request<Bytes>, &Response<Bytes>);

/// A stand-in and what its exchanges must be like.
#[derive(Debug)]
pub(crate) struct Door<S> {
    simulator: Mutex<S>,
    hold: Hold,
}

impl<S: Simulator + std::fmt::Debug + 'static> Door<S> {
    pub(crate) fn new(simulator: S, hold: Hold) -> Arc<Self> {
        Arc::new(Self { simulator: Mutex::new(simulator), hold })
    }

    pub(crate) fn simulator(&self) -> MutexGuard<'_, S> {
        self.simulator.lock().unwrap()
    }

    /// Calls through this door.
    pub(crate) fn http(self: &Arc<Self>) -> Http {
        Http::new("stand-in", self.clone(), Random::new(|bytes| bytes.fill(0)), Policy::default())
    }

    /// The answer to a request that no client makes.
    pub(crate) fn ask(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let response = self.simulator().answer(request, now());
        (self.hold)(request, &response);
        response
    }
}

impl<S: Simulator + std::fmt::Debug + 'static> Transport for Door<S> {
    fn send(&self, request: Request<Bytes>, _: Limits) -> Exchange<'_> {
        let response = self.ask(&request);
        Box::pin(async { Ok(response) })
    }
}

/// The time of every exchange.
pub(crate) fn now() -> Timestamp {
    "2026-11-21T08:42:31Z".parse().unwrap()
}

/// Runs a case; waits between attempts take no time.
pub(crate) fn run<T>(case: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(case)
}
