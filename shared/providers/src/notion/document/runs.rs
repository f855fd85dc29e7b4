//! Lines as Notion's rich text, and back.

use domain::document::{Inline, Marks, plain_text, push};
use serde_json::{Map, Value, json};
use url::Url;

use crate::notion::limits::{MAX_RUNS, split_text};

/// UTF-16 units in an address.
const MAX_URL_UNITS: usize = 2_000;
/// UTF-16 units in a formula.
const MAX_EXPRESSION_UNITS: usize = 1_000;
/// Bytes in one block, so that it fits a call with what surrounds it.
pub(super) const MAX_BLOCK_BYTES: usize = 300_000;

pub(super) fn fits_expression(expression: &str) -> bool {
    !expression.is_empty() && expression.encode_utf16().count() <= MAX_EXPRESSION_UNITS
}

/// Whether Notion takes an address that begins with one of `schemes`.
pub(super) fn fits_url(url: &str, schemes: &[&str]) -> bool {
    let is_clean = !url.contains(|c: char| c.is_whitespace() || c.is_control());
    let has_place = |parsed: &Url| parsed.has_host() || parsed.scheme() == "mailto";
    is_clean
        && url.encode_utf16().count() <= MAX_URL_UNITS
        && Url::parse(url).is_ok_and(|parsed| schemes.contains(&parsed.scheme()) && has_place(&parsed))
}

/// Words that look alike, over several lines.
struct Stretch {
    text: String,
    marks: Marks,
    link: Option<String>,
}

/// A line as runs, each within the limits.
pub(super) fn runs_from_line(words: &[Inline]) -> Vec<Value> {
    let (mut runs, mut stretch) = (Vec::new(), None);
    for part in with_addresses(words) {
        let (text, marks, link) = match part {
            Inline::Text { text, marks, link } => (text, marks, link),
            // A line ends in the words before it, unless those are a link.
            Inline::Break => match &stretch {
                Some(Stretch { marks, link: None, .. }) => ("\n".to_owned(), *marks, None),
                _ => ("\n".to_owned(), Marks::default(), None),
            },
            Inline::Equation { expression, marks } if fits_expression(&expression) => {
                close(&mut runs, &mut stretch);
                let run = json!({"type": "equation", "equation": {"expression": expression}});
                runs.push(annotated(run, marks));
                continue;
            }
            Inline::Equation { expression, marks } => (expression, Marks { code: true, ..marks }, None),
        };
        match &mut stretch {
            Some(same) if same.marks == marks && same.link == link => same.text.push_str(&text),
            _ => {
                close(&mut runs, &mut stretch);
                stretch = Some(Stretch { text, marks, link });
            }
        }
    }
    close(&mut runs, &mut stretch);
    runs
}

/// Unmarked text as runs.
pub(super) fn runs_from_text(text: &str) -> Vec<Value> {
    let text = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let mut runs = Vec::new();
    close(&mut runs, &mut Some(Stretch { text, marks: Marks::default(), link: None }));
    runs
}

fn close(runs: &mut Vec<Value>, stretch: &mut Option<Stretch>) {
    let Some(Stretch { text, marks, link }) = stretch.take() else { return };
    runs.extend(split_text(&text).into_iter().map(|content| {
        let mut run = json!({"type": "text", "text": {"content": content}});
        if let Some(url) = &link {
            run["text"]["link"] = json!({"url": url});
        }
        annotated(run, marks)
    }));
}

fn annotated(mut run: Value, marks: Marks) -> Value {
    let all = [
        ("bold", marks.bold),
        ("italic", marks.italic),
        ("strikethrough", marks.strike),
        ("code", marks.code),
    ];
    let set: Map<_, _> = all
        .into_iter()
        .filter(|(_, is_set)| *is_set)
        .map(|(name, _)| (name.to_owned(), json!(true)))
        .collect();
    if !set.is_empty() {
        run["annotations"] = Value::Object(set);
    }
    run
}

/// The line with links that Notion does not take written out.
fn with_addresses(words: &[Inline]) -> Vec<Inline> {
    let mut shown = Vec::new();
    for (index, part) in words.iter().enumerate() {
        let Inline::Text { text, marks, link: Some(url) } = part else {
            push(&mut shown, part.clone());
            continue;
        };
        let is_fit = fits_url(url, &["http", "https", "mailto"]);
        let link = is_fit.then(|| url.clone());
        push(&mut shown, Inline::Text { text: text.clone(), marks: *marks, link });
        let next = words.get(index + 1);
        let goes_on = matches!(next, Some(Inline::Text { link: Some(next), .. }) if next == url);
        if !is_fit && !goes_on && text != url {
            push(&mut shown, Inline::plain(format!(" ({url})")));
        }
    }
    shown
}

/// Runs in portions that one block takes; one empty portion where there are none.
pub(super) fn portions(runs: Vec<Value>) -> Vec<Vec<Value>> {
    let (mut portions, mut bytes) = (vec![Vec::new()], 0);
    for run in runs {
        let size = run.to_string().len();
        let last = portions.len() - 1;
        if portions[last].len() == MAX_RUNS || bytes + size > MAX_BLOCK_BYTES {
            portions.push(vec![run]);
            bytes = size;
        } else {
            portions[last].push(run);
            bytes += size;
        }
    }
    portions
}

/// The line that runs say, as far as the document has words for it.
pub(super) fn line_from_runs(runs: &Value) -> Vec<Inline> {
    let mut words = Vec::new();
    for run in runs.as_array().map(Vec::as_slice).unwrap_or_default() {
        let is_set = |name: &str| run["annotations"][name].as_bool().unwrap_or_default();
        let marks = Marks {
            bold: is_set("bold"),
            italic: is_set("italic"),
            strike: is_set("strikethrough"),
            code: is_set("code"),
        };
        if let Some(expression) = run["equation"]["expression"].as_str() {
            words.push(Inline::Equation { expression: expression.to_owned(), marks });
        } else {
            let text = run["text"]["content"].as_str().or(run["plain_text"].as_str()).unwrap_or_default();
            let link = run["text"]["link"]["url"].as_str().map(str::to_owned);
            push(&mut words, Inline::Text { text: text.to_owned(), marks, link });
        }
    }
    words
}

/// The words of runs.
pub(super) fn text_from_runs(runs: &Value) -> String {
    plain_text(&line_from_runs(runs))
}
