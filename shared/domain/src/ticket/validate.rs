//! What a ticket must be before it is filed. Types and unknown fields were refused while reading the JSON.

use serde::Serialize;

use super::{TITLE_MAX_CHARS, Ticket};

const DESCRIPTION_MAX_CHARS: usize = 10_000;
const STEPS_MAX: usize = 100;
const STEP_MAX_CHARS: usize = 1_000;
const PRODUCT_AREA_MAX_CHARS: usize = 100;
const EVIDENCE_MAX: usize = 500;
const WARNINGS_MAX: usize = 500;

/// What is wrong with one field, for the `errors` of a problem answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field, as a JSON pointer.
    pub pointer: String,
    /// Stable: `missing`, `required`, `invalid`, `unknown_field`, `length`, `too_long`, `too_many` or `control_characters`.
    pub code: &'static str,
    /// For a person.
    pub detail: String,
}

impl Ticket {
    /// Everything wrong with the ticket; empty when it can be filed.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut check = Check::default();
        check.required("/title", &self.title);
        check.line("/title", &self.title, TITLE_MAX_CHARS);
        check.length("/description", &self.description, DESCRIPTION_MAX_CHARS);
        check.count("/steps_to_reproduce", self.steps_to_reproduce.len(), STEPS_MAX);
        for (index, step) in self.steps_to_reproduce.iter().take(STEPS_MAX).enumerate() {
            let pointer = format!("/steps_to_reproduce/{index}");
            check.required(&pointer, step);
            check.length(&pointer, step, STEP_MAX_CHARS);
        }
        if let Some(area) = &self.product_area {
            check.required("/product_area", area);
            check.line("/product_area", area, PRODUCT_AREA_MAX_CHARS);
        }
        check.count("/evidence", self.evidence.len(), EVIDENCE_MAX);
        check.count("/warnings", self.warnings.len(), WARNINGS_MAX);
        check.errors
    }
}

/// What is wrong with a text that has to be one line of at most so many characters, and not empty.
pub fn check_line(pointer: &str, text: &str, max_chars: usize) -> Vec<FieldError> {
    let mut check = Check::default();
    check.required(pointer, text);
    check.line(pointer, text, max_chars);
    check.errors
}

#[derive(Default)]
struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    fn required(&mut self, pointer: &str, text: &str) {
        if text.trim().is_empty() {
            self.refuse(pointer, "required", "Must not be empty.".to_owned());
        }
    }

    fn line(&mut self, pointer: &str, text: &str, max: usize) {
        self.length(pointer, text, max);
        if text.chars().any(char::is_control) {
            self.refuse(
                pointer,
                "control_characters",
                "Must be one line without control characters.".to_owned(),
            );
        }
    }

    fn length(&mut self, pointer: &str, text: &str, max: usize) {
        let length = text.chars().count();
        if length > max {
            self.refuse(pointer, "too_long", format!("Must have at most {max} characters, has {length}."));
        }
    }

    fn count(&mut self, pointer: &str, count: usize, max: usize) {
        if count > max {
            self.refuse(pointer, "too_many", format!("Must have at most {max} entries, has {count}."));
        }
    }

    fn refuse(&mut self, pointer: &str, code: &'static str, detail: String) {
        self.errors.push(FieldError { pointer: pointer.to_owned(), code, detail });
    }
}
