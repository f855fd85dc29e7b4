//! What a model claims about a transcript.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Priority, TicketType};

/// A ticket as a model claims it; nothing of it is believed yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// One line.
    pub title: String,
    /// An unknown word means [`TicketType::Task`].
    #[serde(default, deserialize_with = "ticket_type")]
    pub ticket_type: TicketType,
    /// An unknown word means [`Priority::Medium`].
    #[serde(default, deserialize_with = "priority")]
    pub priority: Priority,
    /// Two or three sentences.
    pub description: String,
    /// What the description rests on.
    #[serde(default)]
    pub description_citations: Vec<Citation>,
    /// In order. Models behind servers without strict mode use the product's own word, and bare sentences.
    #[serde(default, alias = "steps_to_reproduce")]
    pub steps: Vec<ClaimedStep>,
}

/// A step to reproduce, as a model claims it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StepForm")]
pub struct ClaimedStep {
    /// One action.
    pub text: String,
    /// What the step rests on.
    pub citations: Vec<Citation>,
}

/// The forms in which models give a step.
#[derive(Deserialize)]
#[serde(untagged)]
enum StepForm {
    Bare(String),
    Cited {
        text: String,
        #[serde(default)]
        citations: Vec<Citation>,
    },
}

impl From<StepForm> for ClaimedStep {
    fn from(form: StepForm) -> Self {
        match form {
            StepForm::Bare(text) => Self { text, citations: Vec::new() },
            StepForm::Cited { text, citations } => Self { text, citations },
        }
    }
}

/// Words a model says were spoken in a cue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// The cue.
    pub cue_id: String,
    /// The words.
    pub quote: String,
}

fn ticket_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TicketType, D::Error> {
    Ok(TicketType::from_claim(&String::deserialize(deserializer)?))
}

fn priority<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Priority, D::Error> {
    Ok(Priority::from_claim(&String::deserialize(deserializer)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_citations_is_read_in_the_products_own_words() {
        let plain = r#"{"title":"A","priority":"huge","description":"B.","steps_to_reproduce":["Click.",{"text":"Wait."}]}"#;
        let claims: Claims = serde_json::from_str(plain).unwrap();
        assert_eq!((claims.ticket_type, claims.priority), (TicketType::Task, Priority::Medium));
        let steps: Vec<_> = claims.steps.iter().map(|step| step.text.as_str()).collect();
        assert_eq!(steps, ["Click.", "Wait."]);
        assert!(claims.description_citations.is_empty() && claims.steps[0].citations.is_empty());
    }

    #[test]
    fn what_is_remembered_is_read_again() {
        let full = r#"{"title":"A","ticket_type":"Bug","priority":"High","description":"B.",
            "description_citations":[{"cue_id":"1","quote":"b"}],
            "steps":[{"text":"Click.","citations":[{"cue_id":"2","quote":"c"}]}]}"#;
        let claims: Claims = serde_json::from_str(full).unwrap();
        let again = serde_json::from_str(&serde_json::to_string(&claims).unwrap()).unwrap();
        assert_eq!(claims, again);
    }
}
