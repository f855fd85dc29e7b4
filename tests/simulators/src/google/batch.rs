//! Several calls in one request, each answered for itself: <https://developers.google.com/workspace/calendar/api/guides/batch>.

use super::{Google, refusal::Refusal};
use crate::answer;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use jiff::Timestamp;
use std::fmt::Write as _;

/// One of the calls.
struct Part {
    content_id: Option<String>,
    request: Request<Bytes>,
}

impl Google {
    /// The answers stand in the order of the calls, which were made in another: the guide promises none.
    pub(super) fn batch(&mut self, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let parts = match parts_of(request) {
            Ok(parts) if parts.len() <= self.config.limits.batch_calls => parts,
            Ok(parts) => {
                let most = self.config.limits.batch_calls;
                let message = format!("The batch request holds {} calls; the most is {most}.", parts.len());
                return self.refuse(request, &Refusal::invalid(message));
            }
            Err(complaint) => return self.refuse(request, &Refusal::invalid(complaint)),
        };
        let mut turns: Vec<(u64, usize)> = (0..parts.len()).map(|at| (self.seed.next_u64(), at)).collect();
        turns.sort_unstable();
        let mut answers: Vec<Option<Response<Bytes>>> = parts.iter().map(|_| None).collect();
        for (_, at) in turns {
            if let (Some(part), Some(place)) = (parts.get(at), answers.get_mut(at)) {
                *place = Some(self.call(&part.request, now));
            }
        }
        let boundary = format!("batch_{}", self.seed.token(32));
        let mut body = Vec::new();
        for (part, answered) in parts.iter().zip(answers.into_iter().flatten()) {
            body.extend_from_slice(shown(&boundary, part, &answered).as_bytes());
            body.extend_from_slice(answered.body());
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        answer(StatusCode::OK, &format!("multipart/mixed; boundary={boundary}"), &body)
    }
}

fn shown(boundary: &str, part: &Part, answered: &Response<Bytes>) -> String {
    let mut text = format!("--{boundary}\r\nContent-Type: application/http\r\n");
    if let Some(id) = &part.content_id {
        let _ = write!(text, "Content-ID: <response-{}\r\n", id.trim_start_matches('<'));
    }
    let status = answered.status();
    let reason = status.canonical_reason().unwrap_or("Unknown");
    let _ = write!(text, "\r\nHTTP/1.1 {} {reason}\r\n", status.as_u16());
    for (name, value) in answered.headers() {
        let _ = write!(text, "{name}: {}\r\n", value.to_str().unwrap_or_default());
    }
    let _ = write!(text, "Content-Length: {}\r\n\r\n", answered.body().len());
    text
}

fn parts_of(request: &Request<Bytes>) -> Result<Vec<Part>, &'static str> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary =
        kind.filter(|kind| kind.starts_with("multipart/mixed")).and_then(|kind| kind.split_once("boundary="));
    let boundary = boundary.map(|(_, rest)| rest.split(';').next().unwrap_or_default().trim_matches('"'));
    let boundary = boundary.filter(|boundary| !boundary.is_empty()).ok_or("The batch has no boundary.")?;
    let text = std::str::from_utf8(request.body()).map_err(|_| "The batch is not UTF-8.")?;
    let text = text.replace("\r\n", "\n");
    let delimiter = format!("--{boundary}");
    let mut pieces = text.split(&delimiter).skip(1);
    let mut parts = Vec::new();
    loop {
        let piece = pieces.next().ok_or("The batch has no end.")?;
        if piece.starts_with("--") {
            break;
        }
        parts.push(part_of(piece, request)?);
    }
    if parts.is_empty() { Err("The batch holds no call.") } else { Ok(parts) }
}

fn part_of(piece: &str, outer: &Request<Bytes>) -> Result<Part, &'static str> {
    let (head, inner) =
        piece.trim_start_matches('\n').split_once("\n\n").ok_or("A part of the batch has no call.")?;
    let head = headers(head)?;
    let text = |name: &str| head.get(name).and_then(|value| value.to_str().ok());
    if !text("content-type").is_some_and(|kind| kind.starts_with("application/http")) {
        return Err("A part of the batch is not application/http.");
    }
    let (first, body) = inner.split_once("\n\n").unwrap_or((inner.trim_end_matches('\n'), ""));
    let (line, given) = first.split_once('\n').unwrap_or((first, ""));
    let mut words = line.split(' ');
    let (method, address) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if !address.starts_with('/') {
        return Err("A call in a batch has a path only, not a full address.");
    }
    let mut request = Request::builder().method(method).uri(address);
    let given = headers(given)?;
    // The outer headers hold for every call, but for those about its content.
    for (name, value) in outer.headers().iter().filter(|(name, _)| !name.as_str().starts_with("content-")) {
        if !given.contains_key(name) {
            request = request.header(name, value);
        }
    }
    for (name, value) in &given {
        request = request.header(name, value);
    }
    let body = Bytes::copy_from_slice(body.trim_end_matches('\n').as_bytes());
    let request = request.body(body).map_err(|_| "A call in the batch is malformed.")?;
    Ok(Part { content_id: text("content-id").map(str::to_owned), request })
}

fn headers(lines: &str) -> Result<HeaderMap, &'static str> {
    let mut headers = HeaderMap::new();
    for line in lines.lines().filter(|line| !line.is_empty()) {
        let pair = line.split_once(':').and_then(|(name, value)| {
            Some((HeaderName::try_from(name.trim()).ok()?, HeaderValue::try_from(value.trim()).ok()?))
        });
        let (name, value) = pair.ok_or("A header in the batch is malformed.")?;
        headers.append(name, value);
    }
    Ok(headers)
}
