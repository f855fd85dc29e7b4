//! The forms a JSON value may have, as tables, and Notion's words for a value that has another.
//!
//! Objects are closed: a key that is not listed is refused, as the service does.

use super::route::read_id;
use serde_json::{Map, Value};
use url::Url;

/// A form.
#[derive(Debug)]
pub(super) enum Shape {
    /// A string of at most so many UTF-16 units.
    Text(usize),
    /// An absolute `http` or `https` address of at most 2000 units.
    Address,
    /// An address that text may link to: any scheme, or a path of the workspace.
    Link,
    Id,
    Flag,
    True,
    Number,
    /// An ISO 8601 date, or date and time.
    Date,
    /// An emoji: not checked further than that it is not ASCII.
    Emoji,
    Word(&'static [&'static str]),
    /// An object without keys.
    Empty,
    Nullable(&'static Shape),
    /// An array of at most so many.
    List(&'static Shape, usize),
    Object(&'static [Field]),
    /// One of several objects, told apart by the keys they must have.
    Variants(&'static [&'static [Field]]),
}

/// A key of an object.
#[derive(Debug)]
pub(super) struct Field {
    name: &'static str,
    needed: bool,
    shape: &'static Shape,
}

/// A key that must be there.
pub(super) const fn must(name: &'static str, shape: &'static Shape) -> Field {
    Field { name, needed: true, shape }
}

/// A key that may be there.
pub(super) const fn may(name: &'static str, shape: &'static Shape) -> Field {
    Field { name, needed: false, shape }
}

/// The length that counts for limits.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

impl Shape {
    /// Whether `value`, found at `path`, has this form; otherwise what is wrong, in the service's words.
    pub(super) fn check(&self, value: &Value, path: &str) -> Result<(), String> {
        match self {
            Self::Text(limit) => text(value, path, *limit).map(drop),
            Self::Address => text(value, path, 2000).and_then(|text| address(text, path)),
            Self::Link => text(value, path, 2000).and_then(|text| link(text, path)),
            Self::Id => {
                expect(value.as_str().is_some_and(|id| read_id(id).is_some()), "a valid uuid", value, path)
            }
            Self::Flag => expect(value.is_boolean(), "a boolean", value, path),
            Self::True => expect(value == &Value::Bool(true), "`true`", value, path),
            Self::Number => expect(value.is_number(), "a number", value, path),
            Self::Date => expect(is_date(value), "a valid ISO 8601 date string", value, path),
            Self::Emoji => expect(value.as_str().is_some_and(is_emoji), "a valid emoji", value, path),
            Self::Word(words) => {
                let known = value.as_str().is_some_and(|word| words.contains(&word));
                expect(known, &format!("`{}`", words.join("`, `")), value, path)
            }
            Self::Empty => fields(object(value, path)?, &[], path),
            Self::Nullable(_) if value.is_null() => Ok(()),
            Self::Nullable(shape) => shape.check(value, path),
            Self::List(shape, limit) => list(value, path, shape, *limit),
            Self::Object(known) => fields(object(value, path)?, known, path),
            Self::Variants(variants) => one_of(object(value, path)?, variants, path),
        }
    }
}

/// Checks the keys of an object.
pub(super) fn fields(object: &Map<String, Value>, known: &[Field], path: &str) -> Result<(), String> {
    for field in known {
        match object.get(field.name) {
            Some(value) => field.shape.check(value, &format!("{path}.{}", field.name))?,
            None if field.needed => return Err(missing(path, field.name)),
            None => {}
        }
    }
    match object.iter().find(|(name, _)| !known.iter().any(|field| field.name == *name)) {
        None => Ok(()),
        Some((name, value)) => Err(format!("{path}.{name} should be not present, instead was `{value}`.")),
    }
}

/// The value as an object.
pub(super) fn object<'a>(value: &'a Value, path: &str) -> Result<&'a Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("{path} should be an object, instead was `{value}`."))
}

/// The value as an array of at most `limit`.
pub(super) fn array<'a>(value: &'a Value, path: &str, limit: usize) -> Result<&'a [Value], String> {
    let items =
        value.as_array().ok_or_else(|| format!("{path} should be an array, instead was `{value}`."))?;
    within(items.len(), limit, path).map(|()| items.as_slice())
}

/// What is said about a key that must be there.
pub(super) fn missing(path: &str, name: &str) -> String {
    format!("{path}.{name} should be defined, instead was `undefined`.")
}

fn one_of(object: &Map<String, Value>, variants: &[&[Field]], path: &str) -> Result<(), String> {
    let meant =
        |variant: &&&[Field]| variant.iter().all(|field| !field.needed || object.contains_key(field.name));
    let mut first_complaint = None;
    for variant in variants.iter().filter(meant) {
        match fields(object, variant, path) {
            Ok(()) => return Ok(()),
            Err(complaint) => {
                first_complaint.get_or_insert(complaint);
            }
        }
    }
    Err(first_complaint.unwrap_or_else(|| {
        let absent = variants.iter().filter_map(|variant| variant.iter().find(|field| field.needed));
        let lines: Vec<_> = absent.map(|field| missing(path, field.name)).collect();
        format!("Fix one:\n{}", lines.join("\n"))
    }))
}

fn list(value: &Value, path: &str, shape: &Shape, limit: usize) -> Result<(), String> {
    let items = array(value, path, limit)?;
    items.iter().enumerate().try_for_each(|(at, item)| shape.check(item, &format!("{path}[{at}]")))
}

fn text<'a>(value: &'a Value, path: &str, limit: usize) -> Result<&'a str, String> {
    let text = value.as_str().ok_or_else(|| format!("{path} should be a string, instead was `{value}`."))?;
    within(units(text), limit, path).map(|()| text)
}

fn within(length: usize, limit: usize, path: &str) -> Result<(), String> {
    if length <= limit {
        return Ok(());
    }
    Err(format!("{path}.length should be ≤ `{limit}`, instead was `{length}`."))
}

fn expect(holds: bool, what: &str, value: &Value, path: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("{path} should be {what}, instead was `{value}`.")) }
}

fn address(text: &str, path: &str) -> Result<(), String> {
    let valid = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if valid { Ok(()) } else { Err(format!("{path} should be a valid URL, instead was `\"{text}\"`.")) }
}

fn link(text: &str, path: &str) -> Result<(), String> {
    if text.starts_with('/') || Url::parse(text).is_ok() {
        return Ok(());
    }
    Err(format!("{path}: Invalid URL for link."))
}

fn is_date(value: &Value) -> bool {
    value.as_str().is_some_and(|text| super::moment::Moment::read(text).is_some())
}

fn is_emoji(text: &str) -> bool {
    !text.is_empty() && units(text) <= 16 && text.chars().next().is_some_and(|first| !first.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    static LINKED: Shape =
        Shape::Object(&[must("content", &Shape::Text(3)), may("url", &Shape::Nullable(&Shape::Address))]);

    #[test]
    fn a_wrong_value_is_named_with_its_path_and_what_it_should_be() {
        let complaint = |value: Value| LINKED.check(&value, "body.text").unwrap_err();
        assert_eq!(complaint(json!({})), "body.text.content should be defined, instead was `undefined`.");
        assert_eq!(
            complaint(json!({"content": 5})),
            "body.text.content should be a string, instead was `5`."
        );
        assert_eq!(
            complaint(json!({"content": "four"})),
            "body.text.content.length should be ≤ `3`, instead was `4`."
        );
        assert_eq!(
            complaint(json!({"content": "a", "b": 1})),
            "body.text.b should be not present, instead was `1`."
        );
        assert_eq!(complaint(json!([])), "body.text should be an object, instead was `[]`.");
        assert!(complaint(json!({"content": "a", "url": "notes"})).contains("valid URL"));
        assert!(LINKED.check(&json!({"content": "abc", "url": null}), "body").is_ok());
    }

    #[test]
    fn length_is_counted_in_utf16_units() {
        assert!(Shape::Text(3).check(&json!("a😀"), "body").is_ok());
        assert!(Shape::Text(3).check(&json!("😀😀"), "body").is_err());
    }

    #[test]
    fn an_object_that_is_none_of_the_variants_is_told_all_of_them() {
        static EITHER: Shape = Shape::Variants(&[&[must("a", &Shape::Flag)], &[must("b", &Shape::Flag)]]);
        let complaint = EITHER.check(&json!({}), "body").unwrap_err();
        assert_eq!(complaint.lines().count(), 3);
        assert!(EITHER.check(&json!({"b": true}), "body").is_ok());
        assert!(EITHER.check(&json!({"a": true, "b": true}), "body").is_err());
    }
}
