//! What a ticket must be before it is filed. Types and unknown fields were refused while reading the JSON.

use super::{TITLE_MAX_CHARS, Ticket};
use crate::check::{Check, FieldError};

const DESCRIPTION_MAX_CHARS: usize = 10_000;
const STEPS_MAX: usize = 100;
const STEP_MAX_CHARS: usize = 1_000;
const PRODUCT_AREA_MAX_CHARS: usize = 100;
const EVIDENCE_MAX: usize = 500;
const WARNINGS_MAX: usize = 500;

impl Ticket {
    /// Everything wrong with the ticket; empty when it can be filed.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut check = Check::default();
        check.line("/title", &self.title, TITLE_MAX_CHARS);
        check.length("/description", &self.description, DESCRIPTION_MAX_CHARS);
        check.count("/steps_to_reproduce", self.steps_to_reproduce.len(), STEPS_MAX);
        for (index, step) in self.steps_to_reproduce.iter().take(STEPS_MAX).enumerate() {
            let pointer = format!("/steps_to_reproduce/{index}");
            check.required(&pointer, step);
            check.length(&pointer, step, STEP_MAX_CHARS);
        }
        if let Some(area) = &self.product_area {
            check.line("/product_area", area, PRODUCT_AREA_MAX_CHARS);
        }
        check.count("/evidence", self.evidence.len(), EVIDENCE_MAX);
        check.count("/warnings", self.warnings.len(), WARNINGS_MAX);
        check.errors
    }
}
