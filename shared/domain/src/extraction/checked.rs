//! The draft that is left of a model's claims once each is checked against the transcript.

use std::collections::HashMap;

use super::addresses::{Spoken, without_unspoken};
use super::rules;
use super::speech::Speech;
use super::wording::{cut, one_line, sentences};
use super::{Citation, ClaimedStep, Claims, RecordingLink};
use crate::{Draft, Evidence, Source, TITLE_MAX_CHARS, Transcript};

const SENTENCES_MAX: usize = 3;
const DESCRIPTION_MAX_CHARS: usize = 1_200;
const STEPS_MAX: usize = 50;
const STEP_MAX_CHARS: usize = 500;
const EVIDENCE_PER_PART: usize = 8;

/// The draft that remains of a model's claims once each is checked against the transcript. Quotes that were not
/// spoken are dropped, quotes of another cue are moved there, and the warnings say what was not as claimed.
pub fn draft_from_claims(claims: Claims, transcript: &Transcript, link: &RecordingLink) -> Draft {
    let speech = Speech::of(transcript);
    let cues = transcript.cues.iter().enumerate().map(|(index, cue)| (cue.id.as_str(), index)).collect();
    let spoken = Spoken::of(&speech.text);
    let mut check = Check { speech, cues, spoken, link, evidence: Vec::new(), warnings: Vec::new() };
    let Claims { title, ticket_type, priority, description, description_citations, steps } = claims;
    let title = check.title(&title);
    let description = check.description(&description);
    check.cite("/description", &description_citations);
    let steps_to_reproduce = check.steps(steps);
    check.warnings.extend(rules::warning_about_instructions(&check.speech));
    let Check { evidence, warnings, .. } = check;
    Draft {
        title,
        ticket_type,
        priority,
        description,
        steps_to_reproduce,
        evidence,
        source: Source::Llm,
        warnings,
    }
}

struct Check<'a> {
    speech: Speech<'a>,
    cues: HashMap<&'a str, usize>,
    spoken: Spoken,
    link: &'a RecordingLink,
    evidence: Vec<Evidence>,
    warnings: Vec<String>,
}

impl Check<'_> {
    fn text(&mut self, pointer: &str, text: &str) -> String {
        let (text, removed) = without_unspoken(&one_line(text), &self.spoken);
        if removed > 0 {
            self.warnings
                .push(format!("{pointer}: an address that was not spoken in the recording was removed."));
        }
        text
    }

    fn shortened(&mut self, pointer: &str, text: &str, max: usize) -> String {
        let short = cut(text, max);
        if short.len() < text.len() {
            self.warnings.push(format!("{pointer}: the text was shortened."));
        }
        short.to_owned()
    }

    fn title(&mut self, claimed: &str) -> String {
        let title = self.text("/title", claimed);
        let title = self.shortened("/title", &title, TITLE_MAX_CHARS);
        if !title.is_empty() {
            return title;
        }
        self.warnings.push("/title: the model gave none, so it was taken from the recording.".to_owned());
        rules::title(&self.speech)
    }

    fn description(&mut self, claimed: &str) -> String {
        let text = self.text("/description", claimed);
        let all = sentences(&text);
        let kept = all.iter().take(SENTENCES_MAX).map(String::as_str).collect::<Vec<_>>().join(" ");
        if all.len() > SENTENCES_MAX {
            self.warnings.push(format!("/description: shortened to {SENTENCES_MAX} sentences."));
        }
        if kept.is_empty() {
            self.warnings.push("/description: the model gave none.".to_owned());
        }
        self.shortened("/description", &kept, DESCRIPTION_MAX_CHARS)
    }

    /// Steps are numbered as they stand in the draft: a step without text is none.
    fn steps(&mut self, claimed: Vec<ClaimedStep>) -> Vec<String> {
        let mut steps = Vec::new();
        for ClaimedStep { text, citations } in claimed {
            let pointer = format!("/steps_to_reproduce/{}", steps.len());
            let text = self.text(&pointer, &text);
            let step = self.shortened(&pointer, &text, STEP_MAX_CHARS);
            if step.is_empty() {
                continue;
            }
            if steps.len() == STEPS_MAX {
                self.warnings.push(format!("/steps_to_reproduce: shortened to {STEPS_MAX} steps."));
                break;
            }
            steps.push(step);
            self.cite(&pointer, &citations);
        }
        steps
    }

    fn cite(&mut self, pointer: &str, citations: &[Citation]) {
        let mut dropped = 0;
        let first = self.evidence.len();
        for citation in citations {
            match self.verified(pointer, citation) {
                Some(evidence) if self.evidence[first..].contains(&evidence) => {}
                Some(evidence) if self.evidence.len() - first < EVIDENCE_PER_PART => {
                    self.evidence.push(evidence);
                }
                Some(_) => {}
                None => dropped += 1,
            }
        }
        if dropped > 0 {
            self.warnings.push(format!(
                "{pointer}: {dropped} of {} quotes were not spoken in the recording and were dropped.",
                citations.len()
            ));
        }
        if self.evidence.len() == first {
            self.warnings.push(format!(
                "{pointer}: nothing in the recording is cited for this; check it before filing."
            ));
        }
    }

    fn verified(&self, pointer: &str, citation: &Citation) -> Option<Evidence> {
        let near = self.cues.get(citation.cue_id.trim()).copied();
        self.speech.evidence(pointer, &self.speech.find(&citation.quote, near)?, self.link)
    }
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
