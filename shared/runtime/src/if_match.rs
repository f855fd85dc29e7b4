//! `If-Match`: which versions of something a request may change (RFC 9110, section 13.1.1).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;
use store::Expected;

use crate::App;
use crate::problem::{Code, Problem};

/// What a request expects to find; none if it does not care.
#[derive(Clone, Debug)]
pub struct IfMatch(pub Option<Expected>);

impl FromRequestParts<Arc<App>> for IfMatch {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Problem> {
        let values: Vec<_> = parts.headers.get_all(header::IF_MATCH).iter().collect();
        if values.is_empty() {
            return Ok(Self(None));
        }
        // A header that stands several times is one list.
        let list = values.iter().map(|value| value.as_bytes()).collect::<Vec<_>>().join(&b',');
        expected(&list).map(|expected| Self(Some(expected))).ok_or_else(|| {
            Problem::new(
                Code::InvalidParameter,
                "If-Match must be the ETag of a version, in its quotation marks, or *.",
            )
        })
    }
}

/// The entity tag of a version.
pub fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

fn expected(list: &[u8]) -> Option<Expected> {
    if list.trim_ascii() == b"*" {
        return Some(Expected::Any);
    }
    let (mut versions, mut rest) = (Vec::new(), list.trim_ascii());
    loop {
        let (tag, is_weak) = match rest.strip_prefix(b"W/") {
            Some(tag) => (tag, true),
            None => (rest, false),
        };
        let tag = tag.strip_prefix(b"\"")?;
        let end = tag.iter().position(|byte| *byte == b'"')?;
        let (tag, after) = (&tag[..end], tag[end + 1..].trim_ascii_start());
        if tag.iter().any(|byte| *byte <= b' ' || *byte == 0x7f) {
            return None;
        }
        // A weak tag never matches, and neither does one that we did not give out.
        let version = std::str::from_utf8(tag).ok().and_then(|tag| tag.parse::<u64>().ok());
        versions.extend(version.filter(|version| !is_weak && version.to_string().as_bytes() == tag));
        if after.is_empty() {
            return Some(Expected::OneOf(versions));
        }
        rest = after.strip_prefix(b",")?.trim_ascii_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_entity_tags_are_read() {
        let versions = |versions: &[u64]| Some(Expected::OneOf(versions.to_vec()));
        for (list, read) in [
            ("*", Some(Expected::Any)),
            (" * ", Some(Expected::Any)),
            (r#""1""#, versions(&[1])),
            (r#""1", "22" ,"3""#, versions(&[1, 22, 3])),
            (r#"W/"1""#, versions(&[])),
            (r#"W/"1","2""#, versions(&[2])),
            (r#""01""#, versions(&[])),
            (r#""+1""#, versions(&[])),
            (r#""a,b""#, versions(&[])),
            (r#""""#, versions(&[])),
            (r#""18446744073709551616""#, versions(&[])),
        ] {
            assert_eq!(expected(list.as_bytes()), read, "{list}");
        }
    }

    #[test]
    fn what_is_no_list_of_entity_tags_is_refused() {
        for list in [
            "",
            " ",
            "1",
            "\"1",
            "1\"",
            "'1'",
            "\"1\",",
            ",\"1\"",
            "\"1\" \"2\"",
            "*,\"1\"",
            "**",
            "w/\"1\"",
            "\"a b\"",
        ] {
            assert_eq!(expected(list.as_bytes()), None, "{list}");
        }
    }
}
