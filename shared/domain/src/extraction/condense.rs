//! The most telling cues of a transcript that is too long to be read whole.

use super::score::scored;
use super::speech::Speech;
use crate::{Cue, Transcript};

/// The cues of a transcript that matter most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condensed {
    /// Whole cues, in the order of the transcript.
    pub cues: Vec<Cue>,
    /// How many cues with speech were left out.
    pub omitted: usize,
}

/// The most telling cues of a transcript, with at most `max_chars` characters of speech. A telling cue brings its
/// neighbours along where they fit; a cue longer than the limit is left out.
pub fn condense(transcript: &Transcript, max_chars: usize) -> Condensed {
    let sizes: Vec<usize> = transcript.cues.iter().map(Cue::speech_chars).collect();
    let mut choice = Choice { taken: vec![false; sizes.len()], left: max_chars, sizes };
    if choice.sizes.iter().sum::<usize>() <= max_chars {
        choice.taken.fill(true);
    } else {
        let order = by_salience(transcript);
        for &cue in &order {
            choice.take_with_neighbours(cue);
        }
        for &cue in &order {
            choice.take(&[cue]);
        }
    }
    let left_out =
        choice.taken.iter().zip(&choice.sizes).filter(|(taken, size)| !**taken && **size > 0).count();
    let cues =
        transcript.cues.iter().zip(choice.taken).filter(|(_, taken)| *taken).map(|(cue, _)| cue.clone());
    Condensed { cues: cues.collect(), omitted: left_out }
}

struct Choice {
    taken: Vec<bool>,
    sizes: Vec<usize>,
    left: usize,
}

impl Choice {
    fn take_with_neighbours(&mut self, cue: usize) {
        let last = self.sizes.len().saturating_sub(1);
        let group: Vec<usize> = (cue.saturating_sub(1)..=(cue + 1).min(last)).collect();
        self.take(&group);
    }

    /// Takes all of some cues, or none where they do not fit.
    fn take(&mut self, cues: &[usize]) {
        let missing: Vec<usize> =
            cues.iter().copied().filter(|cue| self.taken.get(*cue) == Some(&false)).collect();
        let size: usize = missing.iter().filter_map(|cue| self.sizes.get(*cue)).sum();
        if size > self.left {
            return;
        }
        self.left -= size;
        for cue in missing {
            if let Some(taken) = self.taken.get_mut(cue) {
                *taken = true;
            }
        }
    }
}

/// Cues with speech, the most telling first, earlier ones before later ones. Sentences lend their weight to each
/// of their cues.
fn by_salience(transcript: &Transcript) -> Vec<usize> {
    let speech = Speech::of(transcript);
    let mut salience = vec![f64::MIN; transcript.cues.len()];
    for sentence in scored(&speech) {
        for cue in speech.cues(&sentence.words) {
            if let Some(best) = salience.get_mut(cue) {
                *best = best.max(if sentence.is_small_talk() { -1.0 } else { sentence.salience() });
            }
        }
    }
    let mut order: Vec<usize> = (0..salience.len()).collect();
    order.sort_by(|left, right| {
        let of = |cue: &usize| salience.get(*cue).copied().unwrap_or_default();
        of(right).total_cmp(&of(left)).then(left.cmp(right))
    });
    order.retain(|cue| transcript.cues.get(*cue).is_some_and(|cue| cue.speech_chars() > 0));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples::said;
    use super::*;

    fn ids(condensed: &Condensed) -> Vec<&str> {
        condensed.cues.iter().map(|cue| cue.id.as_str()).collect()
    }

    #[test]
    fn a_transcript_that_fits_is_left_as_it_is() {
        let transcript = said(&["Hello there.", "It crashes."]);
        assert_eq!(condense(&transcript, 23), Condensed { cues: transcript.cues.clone(), omitted: 0 });
    }

    #[test]
    fn the_telling_cue_is_kept_with_what_stands_around_it() {
        let mut texts = vec!["We talked about lunch and the weather."; 40];
        texts[20] = "I click on Export.";
        texts[21] = "The page crashes with an error.";
        texts[22] = "It shows a code.";
        let transcript = said(&texts);
        let condensed = condense(&transcript, 70);
        assert_eq!(ids(&condensed), ["21", "22", "23"]);
        assert_eq!(condensed.omitted, 37);
    }

    #[test]
    fn a_cue_longer_than_the_limit_is_left_out() {
        let transcript = said(&["It crashes with an error whenever I save.", "Short."]);
        let condensed = condense(&transcript, 10);
        assert_eq!((ids(&condensed), condensed.omitted), (vec!["2"], 1));
        assert_eq!(condense(&transcript, 0).cues, []);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

        #[test]
        fn the_limit_holds_and_cues_stay_whole_and_in_order(
            texts in prop::collection::vec("[a-z]{0,8}( crashes| hello|\\.)?", 0..30), max_chars in 0_usize..200
        ) {
            let transcript = said(&texts.iter().map(String::as_str).collect::<Vec<_>>());
            let condensed = condense(&transcript, max_chars);
            prop_assert!(condensed.cues.iter().map(Cue::speech_chars).sum::<usize>() <= max_chars);
            let mut rest = transcript.cues.iter();
            prop_assert!(condensed.cues.iter().all(|cue| rest.any(|other| other == cue)));
            let with_speech = |cues: &[Cue]| cues.iter().filter(|cue| cue.speech_chars() > 0).count();
            prop_assert_eq!(with_speech(&condensed.cues) + condensed.omitted, with_speech(&transcript.cues));
        }
    }
}
