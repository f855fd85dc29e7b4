//! What both ends of connecting a provider share: the browser's cookie and the way back.

use axum::response::{IntoResponse, Response};
use cookie::Cookie;
use domain::ProviderId;
use http::{HeaderMap, StatusCode, header};

use crate::App;

/// Binds a connect flow to the browser that began it.
pub const BROWSER_COOKIE: &str = "__Host-oauth";

/// Where `provider` sends browsers back to. Each has its own address, so that one's answer cannot be taken for another's.
pub fn callback_url(app: &App, provider: ProviderId) -> String {
    format!("{}/v1/oauth/{provider}/callback", app.config.public_url)
}

/// The browser's binding, when it has one of ours.
pub fn browser_cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let ours = cookies
        .flat_map(|header| Cookie::split_parse(header).filter_map(Result::ok))
        .find(|cookie| cookie.name() == BROWSER_COOKIE)?;
    // 256 bits in base64url: anything else was not set by us.
    let value = ours.value();
    let plausible =
        value.len() == 43 && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    plausible.then(|| value.to_owned())
}

/// Sends the browser on with `?connected=`.
pub fn succeeded(app: &App, return_to: Option<&str>, provider: ProviderId) -> Response {
    see_other(app, return_to, "connected", &provider.to_string())
}

/// Sends the browser on with `?error=`.
pub fn failed(app: &App, return_to: Option<&str>, code: &str) -> Response {
    tracing::info!(code, "connecting did not succeed");
    see_other(app, return_to, "error", code)
}

fn see_other(app: &App, return_to: Option<&str>, name: &str, value: &str) -> Response {
    let target = return_to.map_or_else(|| format!("{}/integrations", app.config.public_url), str::to_owned);
    let separator = if target.contains('?') { '&' } else { '?' };
    (StatusCode::SEE_OTHER, [(header::LOCATION, format!("{target}{separator}{name}={value}"))])
        .into_response()
}
