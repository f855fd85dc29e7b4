//! What the stand-in makes of a transcript: plain rules over the cue lines in the prompt, put into any schema.

use super::strict_schema::has_type;
use serde_json::{Map, Value, json};

/// A cue line of the prompt: `[<cue id> <mm:ss>] Speaker: text`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cue {
    id: String,
    text: String,
}

/// What a listener would say about a recording.
#[derive(Debug)]
pub(super) struct Claims {
    ticket_type: &'static str,
    priority: &'static str,
    title: String,
    description: Vec<Cue>,
    steps: Vec<Cue>,
}

/// Words that state a problem, with their weight.
const PROBLEM: &[(&str, u32)] = &[
    ("crash", 4),
    ("broken", 4),
    ("error", 3),
    ("fails", 3),
    ("failed", 3),
    ("bug", 3),
    ("doesn't work", 4),
    ("does not work", 4),
    ("not working", 4),
    ("nothing happens", 4),
    ("blank", 3),
    ("wrong", 2),
    ("freezes", 3),
    ("stuck", 3),
    ("instead of", 2),
    ("lost", 3),
    ("disappear", 3),
    ("spins", 3),
    ("twice", 1),
];
const FEATURE: &[&str] =
    &["would be great", "would be nice", "we need a way", "add a", "feature", "missing a way", "i wish"];
const ENHANCEMENT: &[&str] = &["improve", "faster", "better if", "easier", "clearer", "instead it should"];
const STEP: &[&str] = &[
    "click", "open", "go to", "select", "choose", "type", "enter", "press", "upload", "log in", "scroll",
    "drag", "then i",
];
const CRITICAL: &[&str] = &["data loss", "lost all", "security", "outage", "is down", "leak"];
const HIGH: &[&str] = &[
    "nobody can",
    "can't check out",
    "every customer",
    "all users",
    "blocks us",
    "several customers",
    "urgent",
];
const LOW: &[&str] = &["typo", "cosmetic", "minor", "colour", "color", "alignment"];

impl Claims {
    pub(super) fn of(prompt: &str) -> Self {
        let cues: Vec<_> = prompt.lines().filter_map(Cue::read).collect();
        let mut ranked: Vec<_> = cues.iter().enumerate().map(|(at, cue)| (cue.weight(), at)).collect();
        ranked.sort_by(|(one, first), (other, second)| other.cmp(one).then(first.cmp(second)));
        let mut best: Vec<_> = ranked.iter().take(2).map(|(_, at)| *at).collect();
        best.sort_unstable();
        let description: Vec<_> = best.into_iter().filter_map(|at| cues.get(at).cloned()).collect();
        let all = cues.iter().map(|cue| cue.text.to_lowercase()).collect::<Vec<_>>().join(" ");
        let has = |words: &[&str]| words.iter().any(|word| all.contains(word));
        let problem: u32 = cues.iter().map(Cue::weight).sum();
        let ticket_type = match () {
            () if problem >= 3 => "Bug",
            () if has(FEATURE) => "Feature",
            () if has(ENHANCEMENT) => "Enhancement",
            () => "Task",
        };
        let priority = match () {
            () if has(CRITICAL) => "Critical",
            () if has(HIGH) => "High",
            () if has(LOW) => "Low",
            () => "Medium",
        };
        let title = ranked
            .first()
            .and_then(|(_, at)| cues.get(*at))
            .map_or_else(|| "Untitled".to_owned(), |cue| short(&cue.text, 80));
        let is_step = |cue: &&Cue| {
            ticket_type == "Bug" && STEP.iter().any(|word| cue.text.to_lowercase().contains(word))
        };
        let steps = cues.iter().filter(is_step).take(8).cloned().collect();
        Self { ticket_type, priority, title, description, steps }
    }

    /// An answer for those who asked for no schema.
    pub(super) fn summary(&self) -> String {
        format!("{} ({}, {})", self.title, self.ticket_type, self.priority)
    }

    /// A value of the schema: what is known goes where its name stands, the rest is left as empty as the schema lets it.
    pub(super) fn fill(&self, schema: &Value) -> Value {
        Filler { root: schema, claims: self }.object(schema, None)
    }

    fn description_text(&self) -> String {
        let sentences: Vec<_> = self.description.iter().map(|cue| cue.text.as_str()).collect();
        if sentences.is_empty() { "Nothing was said.".to_owned() } else { sentences.join(" ") }
    }
}

impl Cue {
    fn read(line: &str) -> Option<Self> {
        let (head, text) = line.trim().strip_prefix('[')?.split_once(']')?;
        let (id, time) = head.trim().rsplit_once(' ')?;
        if !time.contains(':')
            || !time.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, ':' | '.'))
        {
            return None;
        }
        let text = match text.split_once(": ") {
            Some((speaker, said)) if speaker.split_whitespace().count() <= 4 => said,
            _ => text,
        };
        Some(Self { id: id.trim().to_owned(), text: text.trim().to_owned() })
    }

    fn weight(&self) -> u32 {
        let low = self.text.to_lowercase();
        PROBLEM.iter().filter(|(word, _)| low.contains(word)).map(|(_, weight)| weight).sum()
    }

    fn citation(&self) -> (&str, &str) {
        (&self.id, &self.text)
    }
}

struct Filler<'a> {
    root: &'a Value,
    claims: &'a Claims,
}

impl Filler<'_> {
    /// `about` is the cue that the object around is about: a step, or a citation.
    fn value(&self, name: &str, schema: &Value, about: Option<&Cue>) -> Value {
        let schema = self.resolved(schema);
        if let Some(options) = schema.get("enum").and_then(Value::as_array) {
            return self.pick(name, options);
        }
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if let Some(options) = schema.get("anyOf").and_then(Value::as_array) {
            return options.first().map(|option| self.value(name, option, about)).unwrap_or_default();
        }
        match () {
            () if has_type(schema, "array") => self.array(name, schema, about),
            () if has_type(schema, "object") => self.object(schema, about),
            () if has_type(schema, "string") => json!(self.text(name, about)),
            () if has_type(schema, "null") => Value::Null,
            () if has_type(schema, "boolean") => json!(false),
            () => json!(0),
        }
    }

    fn object(&self, schema: &Value, about: Option<&Cue>) -> Value {
        let properties = schema.get("properties").and_then(Value::as_object);
        let filled = properties
            .into_iter()
            .flatten()
            .map(|(name, inner)| (name.clone(), self.value(name, inner, about)));
        Value::Object(filled.collect::<Map<_, _>>())
    }

    fn array(&self, name: &str, schema: &Value, about: Option<&Cue>) -> Value {
        let one: Vec<Cue>;
        let cues: &[Cue] = match (name, about) {
            ("steps" | "steps_to_reproduce", _) => &self.claims.steps,
            ("description_citations", _) | ("citations" | "cue_ids", None) => &self.claims.description,
            ("citations" | "cue_ids", Some(cue)) => {
                one = vec![cue.clone()];
                &one
            }
            _ => &[],
        };
        let items = schema.get("items").unwrap_or(&Value::Null);
        let inner = if name == "cue_ids" { "cue_id" } else { "text" };
        Value::Array(cues.iter().map(|cue| self.value(inner, items, Some(cue))).collect())
    }

    fn text(&self, name: &str, about: Option<&Cue>) -> String {
        let (id, said) = about.map(Cue::citation).unwrap_or_default();
        match name {
            "title" => self.claims.title.clone(),
            "description" => self.claims.description_text(),
            "ticket_type" | "type" => self.claims.ticket_type.to_owned(),
            "priority" => self.claims.priority.to_owned(),
            "cue_id" | "id" => id.to_owned(),
            "quote" | "text" | "step" => said.to_owned(),
            _ => String::new(),
        }
    }

    fn pick(&self, name: &str, options: &[Value]) -> Value {
        let wanted = self.text(name, None);
        let same =
            |option: &&Value| option.as_str().is_some_and(|option| option.eq_ignore_ascii_case(&wanted));
        options.iter().find(same).or(options.first()).cloned().unwrap_or_default()
    }

    fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let pointer =
            schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
        pointer.and_then(|pointer| self.root.pointer(pointer)).unwrap_or(schema)
    }
}

/// The text up to a word boundary within `limit` characters.
fn short(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let cut: String = text.chars().take(limit).collect();
    cut.rsplit_once(' ').map_or(cut.clone(), |(whole, _)| whole.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cue_lines_are_read_and_other_lines_are_not() {
        let cue = Cue::read("[12 01:05] Speaker 1: When I click save, nothing happens.").unwrap();
        assert_eq!((cue.id.as_str(), cue.text.as_str()), ("12", "When I click save, nothing happens."));
        assert_eq!(Cue::read("[intro cue 00:01] Hello.").unwrap().id, "intro cue");
        assert_eq!(Cue::read("[3 00:09] Dr. Smith: It fails: always.").unwrap().text, "It fails: always.");
        assert_eq!(Cue::read("[4 00:09] No colon here.").unwrap().text, "No colon here.");
        assert!(Cue::read("Answer in JSON [see 1:2 below]").is_none());
        assert!(Cue::read("[12 soon] text").is_none());
    }

    #[test]
    fn a_bug_report_becomes_a_bug_with_steps_that_quote_their_cues() {
        let claims = Claims::of(
            "[1 00:01] A: Hello there.\n[2 00:04] A: I open the invoice and click export.\n[3 00:09] A: The page crashes with an error.",
        );
        assert_eq!((claims.ticket_type, claims.title.as_str()), ("Bug", "The page crashes with an error."));
        let steps: Vec<_> = claims.steps.iter().map(|cue| cue.id.as_str()).collect();
        assert_eq!(steps, ["2"]);
    }

    #[test]
    fn nothing_said_still_fills_the_schema() {
        let schema = json!({"type": "object", "properties": {"title": {"type": "string"}, "steps": {"type": "array", "items": {"type": "string"}}}});
        assert_eq!(Claims::of("").fill(&schema), json!({"title": "Untitled", "steps": []}));
    }
}
