//! What a draft got right of a labelled recording, and sums of that.

use super::labels::Recording;
use crate::{Draft, Evidence};

/// Counts over some recordings.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) recordings: usize,
    pub(super) types: usize,
    pub(super) priorities: usize,
    /// Priorities that are the one named first.
    pub(super) first_choices: usize,
    /// Priorities higher than any that is right.
    pub(super) too_urgent: usize,
    pub(super) titles: usize,
    /// Descriptions that quote what the recording is about.
    pub(super) to_the_point: usize,
    /// Recordings that tell what was expected, and descriptions that quote it.
    pub(super) expectations: (usize, usize),
    /// Recordings in which an address is told, and drafts that keep it.
    pub(super) links: (usize, usize),
    /// Drafts that quote small talk.
    pub(super) noisy: usize,
    /// Cues with steps that were found, that are none, and that were missed.
    pub(super) steps: (usize, usize, usize),
}

/// The cues that parts of a draft quote, each once.
fn quoted<'a>(draft: &'a Draft, pointer: &str) -> Vec<&'a String> {
    let is_part = |part: &&Evidence| part.pointer.starts_with(pointer);
    let mut cues: Vec<_> = draft.evidence.iter().filter(is_part).flat_map(|part| &part.cue_ids).collect();
    cues.sort();
    cues.dedup();
    cues
}

impl Tally {
    pub(super) fn of(recording: &Recording, draft: &Draft) -> Self {
        let title = draft.title.to_lowercase();
        let is_named = |group: &Vec<String>| group.iter().any(|word| title.contains(word.as_str()));
        let description = quoted(draft, "/description");
        let describes = |cues: &[String]| description.iter().any(|cue| cues.contains(cue));
        let found = quoted(draft, "/steps_to_reproduce");
        let is_step = |cue: &&&String| recording.steps.contains(cue);
        let is_wrong = |cue: &&&String| !recording.steps.contains(cue) && !recording.optional.contains(cue);
        let keeps = |link: &String| draft.description.contains(link);
        let hits = found.iter().filter(is_step).count();
        Self {
            recordings: 1,
            types: recording.types.contains(&draft.ticket_type).into(),
            priorities: recording.priorities.contains(&draft.priority).into(),
            first_choices: (recording.priorities.first() == Some(&draft.priority)).into(),
            too_urgent: recording.priorities.iter().all(|right| draft.priority > *right).into(),
            titles: recording.title.iter().all(is_named).into(),
            to_the_point: describes(&recording.about).into(),
            expectations: ((!recording.expected.is_empty()).into(), describes(&recording.expected).into()),
            links: ((!recording.links.is_empty()).into(), recording.links.iter().any(keeps).into()),
            noisy: quoted(draft, "/").iter().any(|cue| recording.noise.contains(cue)).into(),
            steps: (hits, found.iter().filter(is_wrong).count(), recording.steps.len() - hits),
        }
    }

    pub(super) fn sum<'a>(tallies: impl IntoIterator<Item = &'a Self>) -> Self {
        tallies.into_iter().fold(Self::default(), |sum, tally| Self {
            recordings: sum.recordings + tally.recordings,
            types: sum.types + tally.types,
            priorities: sum.priorities + tally.priorities,
            first_choices: sum.first_choices + tally.first_choices,
            too_urgent: sum.too_urgent + tally.too_urgent,
            titles: sum.titles + tally.titles,
            to_the_point: sum.to_the_point + tally.to_the_point,
            expectations: (
                sum.expectations.0 + tally.expectations.0,
                sum.expectations.1 + tally.expectations.1,
            ),
            links: (sum.links.0 + tally.links.0, sum.links.1 + tally.links.1),
            noisy: sum.noisy + tally.noisy,
            steps: (sum.steps.0 + tally.steps.0, sum.steps.1 + tally.steps.1, sum.steps.2 + tally.steps.2),
        })
    }

    /// Everything that can be right is.
    pub(super) fn is_perfect(&self) -> bool {
        let right = [self.types, self.priorities, self.titles, self.to_the_point];
        right.iter().all(|count| *count == self.recordings) && self.noisy + self.steps.1 + self.steps.2 == 0
    }

    /// A row of the table in `docs/EXTRACTION.md`.
    pub(super) fn row(&self, name: &str) -> String {
        let of_all = |count: usize| percent(count, self.recordings);
        let (hits, wrong, missed) = self.steps;
        let steps = [
            percent(hits, hits + wrong),
            percent(hits, hits + missed),
            percent(2 * hits, 2 * hits + wrong + missed),
        ];
        format!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            self.recordings,
            of_all(self.types),
            of_all(self.priorities),
            of_all(self.first_choices),
            self.too_urgent,
            steps.join(" / "),
            of_all(self.titles),
            of_all(self.to_the_point),
            percent(self.expectations.1, self.expectations.0),
            percent(self.links.1, self.links.0),
            self.noisy,
        )
    }
}

/// In whole percent; a share of nothing is shown as none.
fn percent(count: usize, all: usize) -> String {
    (count * 200 + all).checked_div(all * 2).map_or("–".to_owned(), |share| format!("{share} %"))
}
