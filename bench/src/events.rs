//! Events as AWS sends them.

use serde_json::{Value, json};

/// A request as an API Gateway (payload format 2.0) hands it to a function.
#[derive(Clone, Debug)]
pub(crate) struct HttpEvent(Value);

impl HttpEvent {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self(json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {
                "accept": "application/json",
                "content-length": "0",
                "host": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
                "user-agent": "example-product/1.0",
                "x-amzn-trace-id": "Root=1-6b015e44-0a1b2c3d4e5f60718293a4b5",
                "x-forwarded-for": "203.0.113.7",
                "x-forwarded-port": "443",
                "x-forwarded-proto": "https",
            },
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "a1b2c3d4e5",
                "domainName": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
                "domainPrefix": "a1b2c3d4e5",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.7",
                    "userAgent": "example-product/1.0",
                },
                "requestId": "Uq3kXh003FiAEJwQ=",
                "routeKey": "$default",
                "stage": "$default",
                "time": "21/Nov/2026:09:03:00 +0000",
                "timeEpoch": 1_795_251_780_000_u64,
            },
            "isBase64Encoded": false,
        }))
    }

    pub(crate) fn query(mut self, query: &str) -> Self {
        self.0["rawQueryString"] = query.into();
        let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned();
        self.0["queryStringParameters"] = pairs.map(|(name, value)| (name, Value::from(value))).collect();
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.0["headers"][name] = value.into();
        self
    }

    pub(crate) fn cookie(mut self, cookie: &str) -> Self {
        self.0["cookies"] = json!([cookie]);
        self
    }

    pub(crate) fn json(mut self, document: &Value) -> Self {
        let body = document.to_string();
        self =
            self.header("content-type", "application/json").header("content-length", &body.len().to_string());
        self.0["body"] = body.into();
        self
    }

    pub(crate) fn text(&self) -> String {
        self.0.to_string()
    }
}

/// What the schedule sends.
pub(crate) const SWEEP: &str = r#"{"task":"sweep"}"#;
