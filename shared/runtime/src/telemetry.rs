//! Logs and metrics: one JSON line per event, one embedded-metric line per answer. Nothing personal, no bodies, no queries.

use std::io::Write;

use serde_json::json;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

const NAMESPACE: &str = "Patchbay";

/// The crates whose words are ours.
const OURS: [&str; 12] = [
    "api",
    "calendar_sync",
    "domain",
    "notion_export",
    "oauth_callback",
    "oauth_start",
    "provider_push",
    "providers",
    "runtime",
    "scheduler",
    "store",
    "ticket_extraction",
];

/// Sends logs to standard output as JSON. Called once, first thing in `main`.
pub fn init() {
    let level = std::env::var_os("AWS_LAMBDA_LOG_LEVEL").and_then(|level| level.to_str()?.parse().ok());
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_span_events(FmtSpan::NONE)
        .with_target(false);
    let filter = filter(level.unwrap_or(LevelFilter::INFO));
    tracing_subscriber::registry().with(lines).with(filter).init();
}

/// What is logged at `level`. Our dependencies show at the lower levels what they send and receive, so they stay at INFO.
pub fn filter(level: LevelFilter) -> Targets {
    Targets::new().with_default(level.min(LevelFilter::INFO)).with_targets(OURS.map(|name| (name, level)))
}

/// Logs that a request was answered, as a metric per route.
pub(crate) fn answered(method: &str, route: &str, status: u16, duration_ms: i128) {
    let duration_ms = i64::try_from(duration_ms).unwrap_or(i64::MAX);
    tracing::info!(method, route, status, duration_ms, "answered");
    count("Answers", &[("Route", &format!("{method} {route}")), ("Status", &format!("{}xx", status / 100))]);
}

/// A write's outcome is unknown until somebody looks.
pub fn ambiguous(provider: &str) {
    count("AmbiguousOutcome", &[("Provider", provider)]);
}

/// An unknown outcome was settled by looking.
pub fn resolved(provider: &str, found: bool) {
    count("ResolvedByLookup", &[("Provider", provider), ("Found", if found { "true" } else { "false" })]);
}

/// A provider refuses to serve us and says that waiting does not help: somebody has to look.
pub fn blocked(provider: &str) {
    tracing::error!(provider, "the provider refuses to serve us at all");
    count("ProviderBlocked", &[("Provider", provider)]);
}

/// One more of `metric`, in `CloudWatch`'s embedded metric format. Only where Lambda collects standard output.
pub fn count(metric: &str, dimensions: &[(&str, &str)]) {
    if !on_lambda() {
        return;
    }
    let names: Vec<&str> = dimensions.iter().map(|(name, _)| *name).collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": milliseconds_since_1970(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [[], names],
                "Metrics": [{ "Name": metric, "Unit": "Count" }],
            }],
        },
        metric: 1,
    });
    for (name, value) in dimensions {
        line[*name] = json!(value);
    }
    let mut output = std::io::stdout().lock();
    let _ = writeln!(output, "{line}");
}

fn on_lambda() -> bool {
    static ON_LAMBDA: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *ON_LAMBDA.get_or_init(|| std::env::var_os("AWS_LAMBDA_FUNCTION_NAME").is_some())
}

#[expect(clippy::disallowed_methods, reason = "a metric is stamped with the time it is written")]
fn milliseconds_since_1970() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// A path with its ids left out, so that a metric has as many values as there are routes.
pub(crate) fn route(path: &str) -> String {
    const WORDS: &[&str] = &[
        "v1",
        "health",
        "openapi.json",
        "providers",
        "connect-sessions",
        "oauth",
        "start",
        "callback",
        "connections",
        "notion",
        "databases",
        "videos",
        "transcription",
        "ticket-draft",
        "tickets",
        "hooks",
        "deepgram",
        "jobs",
        "google-calendar",
        "google-sheets",
        "gmail",
        "airtable",
        "mailchimp",
        "zoom",
    ];
    path.split('/')
        .map(|part| if part.is_empty() || WORDS.contains(&part) { part } else { "_" })
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_out_of_metrics() {
        assert_eq!(route("/v1/videos/v-17/tickets"), "/v1/videos/_/tickets");
        assert_eq!(route("/v1/hooks/deepgram/j/secret-token"), "/v1/hooks/deepgram/_/_");
        assert_eq!(route("/v1/hooks/google-calendar"), "/v1/hooks/google-calendar");
        assert_eq!(route("/"), "/");
    }
}
