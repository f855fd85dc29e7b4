//! What is wrong with the fields of a document, for the `errors` of a problem answer.

use serde::Serialize;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field, as a JSON pointer.
    pub pointer: String,
    /// Stable: `missing`, `required`, `invalid`, `unknown_field`, `length`, `too_long`, `too_many`, `out_of_range`, `duplicate`,
    /// `control_characters`, or what a plan is refused for: `invalid_schedule`, `invalid_time_zone`, `too_many_reminders`.
    pub code: &'static str,
    /// For a person.
    pub detail: String,
}

/// What is wrong with a text that has to be one line of at most so many characters, and not empty.
pub fn check_line(pointer: &str, text: &str, max_chars: usize) -> Vec<FieldError> {
    let mut check = Check::default();
    check.line(pointer, text, max_chars);
    check.errors
}

/// Collects what is wrong with the fields of a document.
#[derive(Default)]
pub(crate) struct Check {
    pub(crate) errors: Vec<FieldError>,
}

impl Check {
    pub(crate) fn required(&mut self, pointer: &str, text: &str) {
        if text.trim().is_empty() {
            self.refuse(pointer, "required", "Must not be empty.".to_owned());
        }
    }

    /// One line that says something.
    pub(crate) fn line(&mut self, pointer: &str, text: &str, max: usize) {
        self.required(pointer, text);
        self.length(pointer, text, max);
        if text.chars().any(char::is_control) {
            self.refuse(
                pointer,
                "control_characters",
                "Must be one line without control characters.".to_owned(),
            );
        }
    }

    /// Text of several lines, in which only tabs and line ends may stand beside what is printed.
    pub(crate) fn text(&mut self, pointer: &str, text: &str, max: usize) {
        self.length(pointer, text, max);
        if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
            self.refuse(
                pointer,
                "control_characters",
                "Must have no control characters other than tabs and line ends.".to_owned(),
            );
        }
    }

    pub(crate) fn length(&mut self, pointer: &str, text: &str, max: usize) {
        let length = text.chars().count();
        if length > max {
            self.refuse(pointer, "too_long", format!("Must have at most {max} characters, has {length}."));
        }
    }

    pub(crate) fn count(&mut self, pointer: &str, count: usize, max: usize) {
        if count > max {
            self.refuse(pointer, "too_many", format!("Must have at most {max} entries, has {count}."));
        }
    }

    pub(crate) fn refuse(&mut self, pointer: &str, code: &'static str, detail: String) {
        self.errors.push(FieldError { pointer: pointer.to_owned(), code, detail });
    }
}
