//! Answers, and how the services say no.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

/// What a service answers.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Success, in JSON.
    pub(crate) fn json(body: &Value) -> Self {
        Self::with_json(200, body)
    }

    /// A refusal as the JSON protocols word it.
    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        Self::with_json(status, &json!({"__type": code, "message": message}))
    }

    /// A transaction of so many items that was cancelled because of its first.
    pub(crate) fn cancelled(items: usize, reason: &str) -> Self {
        let mut reasons = vec![json!({"Code": "None"}); items.max(1)];
        reasons[0] = json!({"Code": reason, "Message": "refused on purpose"});
        let code = "TransactionCanceledException";
        Self::with_json(
            400,
            &json!({"__type": code, "Message": "refused on purpose", "CancellationReasons": reasons}),
        )
    }

    /// A refusal as S3 words it.
    pub(crate) fn xml_error(status: u16, code: &str) -> Self {
        let body =
            format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>");
        Self { status, headers: vec![("content-type", "application/xml".into())], body: body.into_bytes() }
    }

    fn with_json(status: u16, body: &Value) -> Self {
        let headers = vec![("content-type", "application/x-amz-json-1.0".into())];
        Self { status, headers, body: body.to_string().into_bytes() }
    }

    pub(crate) fn into_http(self) -> HttpResponse {
        let status = StatusCode::try_from(self.status).unwrap_or_else(|_| internal_error());
        let length = self.body.len().to_string();
        let mut response = HttpResponse::new(status, SdkBody::from(self.body));
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value);
        }
        if !response.headers().contains_key("content-length") {
            response.headers_mut().insert("content-length", length);
        }
        response
    }
}

#[expect(clippy::expect_used, reason = "500 is a status")]
fn internal_error() -> StatusCode {
    StatusCode::try_from(500).expect("a status")
}
