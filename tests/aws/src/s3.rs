//! S3: objects in buckets, whole.

use std::collections::BTreeMap;
use std::fmt::Write;

use aws_lc_rs::digest::{SHA256, digest};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use jiff::Timestamp;

use crate::answer::Answer;

/// An object.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) bytes: Vec<u8>,
    content_type: Option<String>,
    modified: Timestamp,
}

#[derive(Debug, Default)]
pub(crate) struct S3 {
    pub(crate) objects: BTreeMap<(String, String), Object>,
}

/// The parts of a request that matter here.
pub(crate) struct Request {
    method: String,
    place: (String, String),
    content_type: Option<String>,
    if_match: Option<String>,
    if_none_match: bool,
    body: Vec<u8>,
}

/// What S3 calls this request.
pub(crate) fn operation(request: &HttpRequest) -> String {
    match request.method() {
        "PUT" => "PutObject",
        "GET" => "GetObject",
        "HEAD" => "HeadObject",
        "DELETE" => "DeleteObject",
        other => other,
    }
    .to_owned()
}

impl Request {
    pub(crate) fn new(request: &HttpRequest, body: Vec<u8>) -> Self {
        let header = |name: &str| request.headers().get(name).map(str::to_owned);
        let chunked = header("content-encoding").is_some_and(|encoding| encoding.contains("aws-chunked"));
        Self {
            method: request.method().to_owned(),
            place: place(request.uri()),
            content_type: header("content-type"),
            if_match: header("if-match"),
            if_none_match: header("if-none-match").is_some(),
            body: if chunked { dechunk(&body) } else { body },
        }
    }
}

impl S3 {
    pub(crate) fn answer(&mut self, request: &Request, now: Timestamp) -> Answer {
        match request.method.as_str() {
            "PUT" => self.put(request, now),
            "GET" => self.get(request, true),
            "HEAD" => self.get(request, false),
            "DELETE" => {
                self.objects.remove(&request.place);
                Answer { status: 204, headers: vec![], body: vec![] }
            }
            _ => Answer::xml_error(405, "MethodNotAllowed"),
        }
    }

    /// Puts an object without an exchange.
    pub(crate) fn keep(&mut self, place: (String, String), bytes: Vec<u8>, now: Timestamp) {
        self.objects.insert(place, Object { bytes, content_type: None, modified: now });
    }

    fn put(&mut self, request: &Request, now: Timestamp) -> Answer {
        let present = self.objects.get(&request.place).map(|object| etag(&object.bytes));
        let refused = request.if_none_match && present.is_some()
            || request.if_match.is_some() && request.if_match != present;
        if refused {
            return Answer::xml_error(412, "PreconditionFailed");
        }
        let object =
            Object { bytes: request.body.clone(), content_type: request.content_type.clone(), modified: now };
        self.objects.insert(request.place.clone(), object);
        Answer { status: 200, headers: vec![("etag", etag(&request.body))], body: vec![] }
    }

    fn get(&self, request: &Request, with_body: bool) -> Answer {
        let Some(object) = self.objects.get(&request.place) else {
            let answer = Answer::xml_error(404, "NoSuchKey");
            return if with_body { answer } else { Answer { body: vec![], ..answer } };
        };
        let headers = vec![
            ("etag", etag(&object.bytes)),
            ("content-length", object.bytes.len().to_string()),
            ("content-type", object.content_type.clone().unwrap_or_else(|| "binary/octet-stream".into())),
            ("last-modified", object.modified.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()),
        ];
        Answer { status: 200, headers, body: if with_body { object.bytes.clone() } else { vec![] } }
    }
}

/// Bucket and key, from either style of address.
fn place(uri: &str) -> (String, String) {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let path = decode(path.split('?').next().unwrap_or_default());
    match host.split_once(".s3.") {
        Some((bucket, _)) => (bucket.to_owned(), path),
        None => {
            path.split_once('/').map_or((path.clone(), String::new()), |(b, k)| (b.to_owned(), k.to_owned()))
        }
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = tail.get(..2).filter(|_| first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The payload of an `aws-chunked` body: `size[;extension]\r\n bytes \r\n`, until size 0.
fn dechunk(body: &[u8]) -> Vec<u8> {
    let mut payload = Vec::new();
    let mut rest = body;
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let line = String::from_utf8_lossy(&rest[..end]).into_owned();
        let size = usize::from_str_radix(line.split(';').next().unwrap_or_default(), 16).unwrap_or(0);
        let Some(chunk) = rest.get(end + 2..end + 2 + size).filter(|_| size > 0) else { break };
        payload.extend_from_slice(chunk);
        rest = rest.get(end + 4 + size..).unwrap_or_default();
    }
    payload
}

fn etag(bytes: &[u8]) -> String {
    let hash = digest(&SHA256, bytes);
    let mut etag = String::from("\"");
    for byte in hash.as_ref().iter().take(16) {
        _ = write!(etag, "{byte:02x}");
    }
    etag + "\""
}
