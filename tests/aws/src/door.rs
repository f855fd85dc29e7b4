//! The SDK's HTTP client: finds out what is asked of whom, and passes the hook on the way in and out.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;

use crate::answer::Answer;
use crate::hook::{After, Before, Call, Calm, Failure, Hook, Service};
use crate::{Aws, dynamo, lock, s3, touches};

#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) aws: Aws,
    pub(crate) hook: Arc<dyn Hook>,
}

impl fmt::Debug for Door {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Door")
    }
}

impl HttpClient for Door {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Door {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let door = self.clone();
        HttpConnectorFuture::new(async move { door.exchange(request).await })
    }
}

impl Door {
    async fn exchange(&self, mut request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let body = ByteStream::new(request.take_body()).collect().await;
        let body = body.map_err(|error| ConnectorError::io(error.into()))?.to_vec();
        let json = serde_json::from_slice(&body).ok();
        let call = self.aws.record(&request, json.as_ref());
        match self.hook.before(&call).await {
            Before::Proceed => {}
            Before::Kill => std::future::pending().await,
            Before::Fail(Failure::Refused) => return Err(broken("connection refused").never_connected()),
            Before::Fail(Failure::Answer { status, code }) => {
                return Ok(refusal(&call, status, &code).into_http());
            }
            Before::Fail(Failure::Cancelled { reason }) => {
                return Ok(Answer::cancelled(call.items.len(), &reason).into_http());
            }
            Before::Stray => {
                let aws = self.aws.clone();
                self.hook.stray(Box::new(move || drop(aws.answer(&call, &request, body, json.as_ref()))));
                return Err(broken("connection reset"));
            }
        }
        let mut answer = self.aws.answer(&call, &request, body, json.as_ref());
        answer.headers.push(("date", self.aws.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()));
        match self.hook.after(&call).await {
            After::Deliver => Ok(answer.into_http()),
            After::Kill => std::future::pending().await,
            After::Lose => Err(broken("connection reset")),
        }
    }
}

impl Aws {
    /// Answers a request that came over a socket instead of from one of the SDK's clients in this process.
    pub async fn answer_over_http(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        Door { aws: self.clone(), hook: Arc::new(Calm) }.exchange(request).await
    }

    fn record(&self, request: &HttpRequest, body: Option<&Value>) -> Call {
        let (service, operation) = addressee(request);
        let body = body.unwrap_or(&Value::Null);
        let touches = touches::of(service, request, body);
        let items = if service == Service::Dynamo { touches::items(body) } else { Vec::new() };
        let mut calls = lock(&self.state.calls);
        let call = Call { service, operation, number: calls.len() + 1, touches, items };
        calls.push(call.clone());
        call
    }

    fn answer(&self, call: &Call, request: &HttpRequest, body: Vec<u8>, json: Option<&Value>) -> Answer {
        let now = self.now();
        if call.service == Service::S3 {
            return lock(&self.state.s3).answer(&s3::Request::new(request, body), now);
        }
        let Some(body) = json else {
            return Answer::error(400, "SerializationException", "not JSON");
        };
        match call.service {
            Service::Dynamo => self.state.dynamo.answer(&call.operation, body),
            Service::Kms => lock(&self.state.kms).answer(&call.operation, body),
            Service::Sqs => lock(&self.state.sqs).answer(&call.operation, body, now),
            Service::Secrets | Service::S3 => lock(&self.state.secrets).answer(&call.operation, body),
        }
    }
}

/// The JSON protocols name the operation in a header; S3 is what is left.
fn addressee(request: &HttpRequest) -> (Service, String) {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    let (prefix, operation) = target.split_once('.').unwrap_or(("", target));
    let service = match prefix {
        dynamo::TARGET => Service::Dynamo,
        "TrentService" => Service::Kms,
        "AmazonSQS" => Service::Sqs,
        "secretsmanager" => Service::Secrets,
        _ => return (Service::S3, s3::operation(request)),
    };
    (service, operation.to_owned())
}

fn refusal(call: &Call, status: u16, code: &str) -> Answer {
    match call.service {
        Service::S3 => Answer::xml_error(status, code),
        _ => Answer::error(status, code, "refused on purpose"),
    }
}

fn broken(reason: &'static str) -> ConnectorError {
    ConnectorError::io(reason.into())
}
