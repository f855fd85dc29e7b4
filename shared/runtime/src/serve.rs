//! The Lambda event loop: HTTP requests, queue batches and schedules come in at the same door.

use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use axum::Router;
use http::header;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Service};
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::problem::Problem;
use crate::work::{Work, work_off};
use crate::{App, telemetry};

/// A function that answers HTTP requests.
pub async fn http(routes: impl FnOnce(Arc<App>) -> Router) -> Result<()> {
    telemetry::init();
    let routes = &routes(App::from_environment().await?);
    let handle = async move |event: LambdaEvent<LambdaRequest>| {
        let LambdaEvent { payload, context } = event;
        Adapter::from(routes.clone()).call(LambdaEvent::new(addressable(payload), context)).await
    };
    lambda_runtime::run(service_fn(handle)).await.map_err(|error| anyhow!(error))
}

/// A function that answers HTTP requests and works off a queue.
pub async fn http_and_queue<W>(routes: impl FnOnce(Arc<App>) -> Router, work: W) -> Result<()>
where
    W: AsyncFn(&Arc<App>, Work) -> Result<(), Problem>,
{
    telemetry::init();
    let app = &App::from_environment().await?;
    let (routes, work) = (&routes(app.clone()), &work);
    let handle =
        async move |event: LambdaEvent<Box<RawValue>>| -> Result<Box<RawValue>, lambda_runtime::Error> {
            let LambdaEvent { payload, context } = event;
            let kind: Kind = serde_json::from_str(payload.get())?;
            if kind.records.is_some() {
                let batch: SqsEvent = serde_json::from_str(payload.get())?;
                // The future's type is erased: with all that a handler nests, the compiler's depth limit is near.
                let handle = async |item| -> Result<(), Problem> {
                    let done: Pin<Box<dyn Future<Output = _> + '_>> = Box::pin(work(app, item));
                    done.await
                };
                let response: SqsBatchResponse = work_off(batch, handle).await;
                return Ok(serde_json::value::to_raw_value(&response)?);
            }
            let request: LambdaRequest = serde_json::from_str(payload.get())?;
            let mut adapter = Adapter::from(routes.clone());
            let response = adapter.call(LambdaEvent::new(addressable(request), context)).await?;
            Ok(serde_json::value::to_raw_value(&response)?)
        };
    lambda_runtime::run(service_fn(handle)).await.map_err(|error| anyhow!(error))
}

/// Longer than any address that the gateway passes on, and shorter than what cannot be read.
const LONGEST_ADDRESS: usize = 16 << 10;

/// The request with an address that can be read. The conversion into an HTTP request panics where scheme, host, path and
/// query do not make an address, and of these a caller writes the query as they like.
pub fn addressable(mut event: LambdaRequest) -> LambdaRequest {
    let LambdaRequest::ApiGatewayV2(request) = &mut event else { return event };
    // Nobody reads them, and without them the address is the path and the query.
    request.headers.remove(header::HOST);
    request.request_context.domain_name = None;
    let path = request.raw_path.take().unwrap_or_default();
    let query = request.raw_query_string.take().unwrap_or_default();
    if path.len() + query.len() > LONGEST_ADDRESS {
        request.raw_path = Some("/".to_owned());
        return event;
    }
    request.raw_path = Some(if path.starts_with('/') { path } else { format!("/{path}") });
    request.raw_query_string = Some(query.bytes().fold(String::new(), |mut query, byte| {
        match byte {
            b'"' | b'#' | b'<' | b'>' => _ = write!(query, "%{byte:02X}"),
            byte if byte.is_ascii_graphic() => query.push(char::from(byte)),
            byte => _ = write!(query, "%{byte:02X}"),
        }
        query
    }));
    event
}

/// A function that a schedule calls.
pub async fn schedule<T, W>(work: W) -> Result<()>
where
    T: for<'de> Deserialize<'de>,
    W: AsyncFn(&Arc<App>, T) -> Result<(), Problem>,
{
    telemetry::init();
    let app = &App::from_environment().await?;
    let work = &work;
    let handle = async move |event: LambdaEvent<T>| -> Result<(), lambda_runtime::Error> {
        let done: Pin<Box<dyn Future<Output = _> + '_>> = Box::pin(work(app, event.payload));
        // An error makes the scheduler try again.
        done.await.map_err(|problem| {
            tracing::error!(code = problem.code().as_str(), "the scheduled task failed: {problem}");
            problem.into()
        })
    };
    lambda_runtime::run(service_fn(handle)).await.map_err(|error| anyhow!(error))
}

/// Only a queue's batch has records.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "Records")]
    records: Option<serde::de::IgnoredAny>,
}
