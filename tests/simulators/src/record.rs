//! What was asked of a stand-in and how it ended, for oracles and for `GET /_control/requests`.

use bytes::Bytes;
use http::{Method, Request};
use serde::Serialize;
use std::collections::BTreeMap;

/// One request that reached a stand-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Counts from 1, also across clearing.
    pub seq: u64,
    /// The method.
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// How long its body was, in bytes.
    pub bytes: usize,
    /// The status that was produced; absent when the request was lost before it was applied.
    pub status: Option<u16>,
    /// The fault that struck, if one did.
    pub fault: Option<String>,
}

/// The requests in the order of their arrival.
#[derive(Clone, Debug, Default)]
pub struct Records {
    arrived: u64,
    kept: Vec<Record>,
}

impl Records {
    pub(crate) fn add(&mut self, request: &Request<Bytes>, status: Option<u16>, fault: Option<&str>) {
        self.arrived += 1;
        self.kept.push(Record {
            seq: self.arrived,
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            bytes: request.body().len(),
            status,
            fault: fault.map(str::to_owned),
        });
    }

    /// All of them.
    pub fn all(&self) -> &[Record] {
        &self.kept
    }

    /// How many requests arrived with this method and path.
    pub fn count(&self, method: &Method, path: &str) -> usize {
        self.kept.iter().filter(|record| record.method == method.as_str() && record.path == path).count()
    }

    /// How many requests arrived per `METHOD /route/{id}`, ids replaced by a placeholder.
    pub fn count_by_route(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for record in &self.kept {
            *counts.entry(format!("{} {}", record.method, route_of(&record.path))).or_default() += 1;
        }
        counts
    }

    /// Forgets them; the numbering goes on.
    pub fn clear(&mut self) {
        self.kept.clear();
    }
}

fn route_of(path: &str) -> String {
    let segments =
        path.split('/').map(|segment| if uuid::Uuid::try_parse(segment).is_ok() { "{id}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_whatever_the_id() {
        let mut records = Records::default();
        for id in ["0d9f6f4e-8f3b-4a3c-9a63-0c0f5f6a1b2c", "1d9f6f4e8f3b4a3c9a630c0f5f6a1b2c"] {
            let request =
                Request::get(format!("http://x/v1/pages/{id}?a=b")).body(Bytes::from_static(b"{}")).unwrap();
            records.add(&request, Some(200), None);
        }
        assert_eq!(records.count_by_route(), BTreeMap::from([("GET /v1/pages/{id}".to_owned(), 2)]));
        records.clear();
        records.add(
            &Request::get("http://x/v1/users/me").body(Bytes::new()).unwrap(),
            None,
            Some("lose_request"),
        );
        assert_eq!(records.all()[0].seq, 3);
    }
}
