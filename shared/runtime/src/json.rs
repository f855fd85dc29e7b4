//! JSON from strangers: content type, size, depth, duplicate keys and unknown fields are all checked.

use std::collections::HashSet;
use std::fmt;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use providers::signature::sha256_hex;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use domain::FieldError;

use crate::problem::{Code, Problem};

/// The largest body that is read, in bytes: a transcript of 2 MiB with JSON's escapes.
pub const MAX_BODY: usize = 4 << 20;
/// How deep a body may nest.
const MAX_DEPTH: usize = 32;

/// A body that was read strictly, with the hash of its bytes.
#[derive(Debug)]
pub struct Json<T> {
    /// What it says.
    pub value: T,
    /// SHA-256 of the bytes, in hex.
    pub hash: String,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        expect_json(&parts.headers)?;
        let bytes = read(body, MAX_BODY).await?;
        Ok(Self { value: parse(&bytes)?, hash: sha256_hex(&bytes) })
    }
}

/// An object without fields.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Accepts no body, or an empty object.
pub async fn expect_nothing(request: Request) -> Result<(), Problem> {
    let (parts, body) = request.into_parts();
    let bytes = read(body, MAX_BODY).await?;
    if bytes.is_empty() {
        return Ok(());
    }
    expect_json(&parts.headers)?;
    parse::<Nothing>(&bytes).map(drop)
}

/// Refuses what does not say that it is plain JSON in UTF-8.
pub fn expect_json(headers: &HeaderMap) -> Result<(), Problem> {
    let refuse = |detail: &'static str| Err(Problem::new(Code::UnsupportedMediaType, detail));
    if headers.contains_key(header::CONTENT_ENCODING) {
        return refuse("Compressed bodies are not accepted.");
    }
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(content_type), None) = (types.next(), types.next()) else {
        return refuse("Send exactly one Content-Type: application/json.");
    };
    let content_type = content_type.to_str().unwrap_or_default().to_ascii_lowercase();
    let mut parts = content_type.split(';').map(str::trim);
    let json = parts.next() == Some("application/json");
    let utf8 = parts.all(|parameter| matches!(parameter, "charset=utf-8" | "charset=\"utf-8\"" | ""));
    if json && utf8 { Ok(()) } else { refuse("Send Content-Type: application/json.") }
}

/// Reads `body` up to `limit` bytes.
pub async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Problem::new(Code::PayloadTooLarge, format!("The body may have up to {limit} bytes.")))
        }
        Err(error) => Err(Problem::new(Code::InvalidJson, "The body could not be read.").because(error)),
    }
}

/// Reads `bytes` as `T`, naming the place of the first mistake.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    check_shape(bytes)?;
    // Serde would read a list as an object's fields in their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        let error =
            FieldError { pointer: String::new(), code: "invalid", detail: "an object is expected".into() };
        return Err(
            Problem::new(Code::ValidationFailed, "The body must be an object.").with_errors(vec![error])
        );
    }
    let deserializer = &mut serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let pointer = pointer_from_path(error.path());
        let reason = error.into_inner().to_string();
        let detail = reason.split(" at line ").next().unwrap_or_default().to_owned();
        let code = if detail.starts_with("unknown field") {
            "unknown_field"
        } else if detail.starts_with("missing field") {
            "missing"
        } else {
            "invalid"
        };
        Problem::new(Code::ValidationFailed, "Some fields are not valid.").with_errors(vec![FieldError {
            pointer,
            code,
            detail,
        }])
    })
}

fn pointer_from_path(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |mut pointer, segment| {
        let step = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.replace('~', "~0").replace('/', "~1"),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => return pointer,
        };
        pointer.push('/');
        pointer.push_str(&step);
        pointer
    })
}

/// Valid JSON, not too deep, no key twice.
fn check_shape(bytes: &[u8]) -> Result<(), Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let checked = Shape { depth: 0 }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    checked.map_err(|error| Problem::new(Code::InvalidJson, format!("The body is not valid JSON: {error}.")))
}

struct Shape {
    depth: usize,
}

impl Shape {
    fn deeper<E: serde::de::Error>(&self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format!("nested deeper than {MAX_DEPTH}")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Shape {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Shape {
    type Value = ();
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let deeper = self.deeper()?;
        while items.next_element_seed(Self { depth: deeper.depth })?.is_some() {}
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let deeper = self.deeper()?;
        let mut seen = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            entries.next_value_seed(Self { depth: deeper.depth })?;
            if let Some(key) = seen.replace(key) {
                return Err(serde::de::Error::custom(format!("the key {key:?} stands twice")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: String,
        #[serde(default)]
        tags: Vec<u8>,
    }

    fn code(body: &str) -> &'static str {
        parse::<Sample>(body.as_bytes()).unwrap_err().code().as_str()
    }

    #[test]
    fn a_good_body_is_read() {
        let sample = parse::<Sample>(br#"{"name":"a","tags":[1]}"#).unwrap();
        assert_eq!(sample, Sample { name: "a".into(), tags: vec![1] });
    }

    #[test]
    fn broken_doubled_deep_and_trailing_json_is_invalid_json() {
        let deep = format!("{}{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1));
        for body in ["", "{", r#"{"name":"a","name":"b"}"#, r#"{"name":"a"} x"#, "\u{feff}{}", &deep] {
            assert_eq!(code(body), "invalid_json", "{body}");
        }
    }

    #[test]
    fn a_wrong_field_is_pointed_at() {
        for (body, pointer, what) in [
            (r#"{"name":"a","color":1}"#, "/color", "unknown_field"),
            (r#"{"name":"a","tags":[1,"x"]}"#, "/tags/1", "invalid"),
            ("{}", "", "missing"),
        ] {
            let problem = parse::<Sample>(body.as_bytes()).unwrap_err();
            assert_eq!(problem.code(), Code::ValidationFailed, "{body}");
            assert_eq!(
                (problem.errors()[0].pointer.as_str(), problem.errors()[0].code),
                (pointer, what),
                "{body}"
            );
        }
    }

    #[test]
    fn only_plain_json_in_utf8_is_accepted() {
        for (content_type, accepted) in [
            ("application/json", true),
            ("application/json; charset=utf-8", true),
            ("Application/JSON", true),
            ("application/json; charset=latin1", false),
            ("text/plain", false),
            ("application/problem+json", false),
            ("application/jsonx", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
            assert_eq!(expect_json(&headers).is_ok(), accepted, "{content_type}");
        }
        assert!(expect_json(&HeaderMap::new()).is_err());
    }
}
