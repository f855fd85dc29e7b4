//! What every HTTP answer has in common: request id, headers, problems for unknown paths and methods, panics caught.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderName, HeaderValue, header};
use jiff::Timestamp;
use lambda_http::Context;
use lambda_http::request::RequestContext;
use tokio::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::problem::{Code, Problem, ProblemBody};
use crate::{App, telemetry};

/// The longest that API Gateway waits for an integration, less a margin to answer in.
const LONGEST: Duration = Duration::from_secs(28);
/// Kept from the function's own deadline, to save and answer.
const MARGIN: Duration = Duration::from_secs(2);

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// Completes a function's routes with what every answer has in common.
pub fn complete(routes: Router<Arc<App>>, app: Arc<App>) -> Router {
    routes
        .fallback(async || Problem::new(Code::NotFound, "There is no such resource."))
        .method_not_allowed_fallback(async || {
            Problem::new(Code::MethodNotAllowed, "The resource does not offer this method.")
        })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(app.clone(), envelope))
        .with_state(app)
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that the layer asks for")]
fn panicked(payload: Box<dyn Any + Send + 'static>) -> Response {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Problem::internal().because(text.to_owned()).into_response()
}

async fn envelope(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let invocation = Invocation::of(&app, &request);
    let request_id = invocation.request_id.clone();
    let method = request.method().as_str().to_owned();
    let path = request.uri().path().to_owned();
    let span = tracing::info_span!("request", request_id, user_id = tracing::field::Empty);
    request.extensions_mut().insert(invocation.clone());
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Some(ProblemBody(mut body)) = response.extensions_mut().remove::<ProblemBody>() {
        body.insert("request_id".to_owned(), request_id.clone().into());
        *response.body_mut() = Body::from(serde_json::to_vec(&body).unwrap_or_default());
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    if method == "HEAD" {
        *response.body_mut() = Body::empty();
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        headers.insert("x-request-id", id);
    }
    let status = response.status().as_u16();
    let duration_ms = invocation.now.duration_until(app.clock.now()).as_millis();
    span.in_scope(|| telemetry::answered(&method, &telemetry::route(&path), status, duration_ms));
    response
}

/// What a handler knows about the invocation it runs in.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// When the request arrived.
    pub now: Timestamp,
    /// When the last external call must have ended.
    pub deadline: Instant,
    /// The gateway's id of the request.
    pub request_id: String,
}

impl Invocation {
    fn of(app: &App, request: &Request) -> Self {
        let now = app.clock.now();
        let gateway_id = match request.extensions().get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
            _ => None,
        };
        let request_id = gateway_id.unwrap_or_else(|| app.random.uuid_v4().to_string());
        let left = |context| remaining(context, app.clock.machine());
        let budget = request.extensions().get::<Context>().map_or(LONGEST, left);
        Self { now, deadline: Instant::now() + budget, request_id }
    }
}

/// What is left of a Lambda invocation for external calls.
pub(crate) fn remaining(context: &Context, now: Timestamp) -> Duration {
    let Ok(deadline_ms) = i64::try_from(context.deadline) else { return LONGEST };
    if deadline_ms == 0 {
        return LONGEST;
    }
    let left_ms = deadline_ms.saturating_sub(now.as_millisecond());
    Duration::from_millis(u64::try_from(left_ms).unwrap_or(0)).saturating_sub(MARGIN).min(LONGEST)
}

impl FromRequestParts<Arc<App>> for Invocation {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Problem> {
        let invocation = parts.extensions.get::<Self>().cloned();
        invocation.ok_or_else(Problem::internal)
    }
}
