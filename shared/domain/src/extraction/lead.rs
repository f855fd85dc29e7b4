//! What people say before they come to the point, and between the words.

use std::ops::Range;

use super::speech::Speech;

/// Hesitations, and the connections of a sentence to the one before.
const FILLERS: [&str; 38] = [
    "so",
    "um",
    "uh",
    "uhm",
    "okay",
    "ok",
    "well",
    "and",
    "but",
    "basically",
    "yeah",
    "yes",
    "right",
    "alright",
    "anyway",
    "also",
    "und",
    "aber",
    "ahm",
    "ah",
    "bueno",
    "pues",
    "entonces",
    "y",
    "eh",
    "pero",
    "alors",
    "donc",
    "bon",
    "euh",
    "et",
    "mais",
    "oh",
    "hmm",
    "then",
    "dann",
    "luego",
    "puis",
];

/// Ways to come to the point, longest first where one begins like another.
const LEAD_INS: [&str; 73] = [
    "hi everyone",
    "hi team",
    "hello everyone",
    "hello team",
    "hey team",
    "hey everyone",
    "hi all",
    "hello",
    "hi",
    "hey",
    "i just noticed that",
    "i just noticed",
    "i have noticed that",
    "i noticed that",
    "i noticed",
    "we noticed that",
    "we noticed",
    "i found that",
    "i found out that",
    "i found",
    "i discovered that",
    "i realized that",
    "i see that",
    "the problem is that",
    "the problem is",
    "the issue is that",
    "the issue is",
    "the bug is that",
    "the bug is",
    "what happens is that",
    "what happens is",
    "it turns out that",
    "it turns out",
    "it seems that",
    "it seems like",
    "it looks like",
    "i think that",
    "i think",
    "i guess",
    "as you can see",
    "unfortunately",
    "i want to report that",
    "i would like to report that",
    "i want to report",
    "i would like to report",
    "it would be great if we could",
    "it would be great if i could",
    "it would be great if you could",
    "it would be nice if we could",
    "it would be nice if i could",
    "it would be great if",
    "it would be nice if",
    "it would be helpful if",
    "it would be great to",
    "it would be nice to",
    "it would be helpful to",
    "can you please",
    "could you please",
    "can we please",
    "could we",
    "can you",
    "could you",
    "please",
    "we need to",
    "i would love to",
    "we would love to",
    "i wish",
    "das problem ist dass",
    "el problema es que",
    "he notado que",
    "le probleme est que",
    "le probleme c est que",
    "j ai remarque que",
];

/// Sounds that mean nothing anywhere.
pub(super) const SOUNDS: [&str; 9] = ["um", "uh", "uhm", "erm", "ahm", "euh", "hmm", "eh", "ah"];

/// A title keeps more than this many words, whatever it begins with.
const WORDS_MIN: usize = 3;

/// What to leave out at the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Only what means nothing.
    Filler,
    /// Ways to come to the point, too.
    Any,
}

/// Some words without what leads to them.
pub(super) fn without_lead_in(speech: &Speech<'_>, words: &Range<usize>, kind: Kind) -> Range<usize> {
    let mut start = words.start;
    while let Some(length) = lead_in(speech, start..words.end, kind) {
        if words.end - start < length + WORDS_MIN {
            break;
        }
        start += length;
    }
    start..words.end
}

fn lead_in(speech: &Speech<'_>, words: Range<usize>, kind: Kind) -> Option<usize> {
    let said = speech.words.get(words)?;
    if FILLERS.contains(&said.first()?.normal.as_str()) {
        return Some(1);
    }
    let begins_with = |lead_in: &&&str| {
        let mut said = said.iter().map(|word| word.normal.as_str());
        lead_in.split(' ').all(|word| said.next() == Some(word))
    };
    let lead_ins = if kind == Kind::Any { LEAD_INS.as_slice() } else { &[] };
    lead_ins.iter().find(begins_with).map(|lead_in| lead_in.split(' ').count())
}

/// Some words as text, without the sounds between them.
pub(super) fn without_fillers(speech: &Speech<'_>, words: &Range<usize>) -> String {
    let mut text = String::new();
    for index in words.clone() {
        let Some(word) = speech.words.get(index) else { continue };
        let is_second_half =
            index > words.start && speech.words.get(index - 1).is_some_and(|last| last.at == word.at);
        if is_second_half || SOUNDS.contains(&word.normal.as_str()) || is_said_again(speech, index) {
            continue;
        }
        text.push_str(speech.text.get(word.at.clone()).unwrap_or_default());
        if index + 1 < words.end {
            text.push_str(speech.after(index_of_last_half(speech, index)));
        }
    }
    text.trim_end_matches([' ', ',', ';', ':', '-', '–']).to_owned()
}

/// Whether a word is repeated after a sound: "the, um, the".
fn is_said_again(speech: &Speech<'_>, index: usize) -> bool {
    let normal = |index: usize| speech.words.get(index).map(|word| word.normal.as_str());
    normal(index + 1).is_some_and(|next| SOUNDS.contains(&next)) && normal(index) == normal(index + 2)
}

/// A contraction is two words with one text: what follows it follows the second.
fn index_of_last_half(speech: &Speech<'_>, index: usize) -> usize {
    let is_halved = match (speech.words.get(index), speech.words.get(index + 1)) {
        (Some(word), Some(next)) => word.at == next.at,
        _ => false,
    };
    index + usize::from(is_halved)
}

#[cfg(test)]
mod tests {
    use super::super::samples::said;
    use super::*;

    fn point_of(text: &str, kind: Kind) -> String {
        let transcript = said(&[text]);
        let speech = Speech::of(&transcript);
        let words = without_lead_in(&speech, &(0..speech.words.len()), kind);
        without_fillers(&speech, &words)
    }

    #[test]
    fn a_title_begins_with_the_point() {
        assert_eq!(point_of("So, um, the problem is that the export fails.", Kind::Any), "the export fails");
        assert_eq!(
            point_of("Hi team, it would be great if we could export to PDF", Kind::Any),
            "export to PDF"
        );
        assert_eq!(point_of("Le problème, c'est que la page plante", Kind::Any), "la page plante");
        assert_eq!(point_of("Please help", Kind::Any), "Please help");
    }

    #[test]
    fn a_description_keeps_all_but_the_sounds() {
        assert_eq!(
            point_of("And, uh, I noticed it doesn't, um, load on my phone", Kind::Filler),
            "I noticed it doesn't, load on my phone"
        );
        assert_eq!(point_of("I take the, um, the blue one", Kind::Filler), "I take the blue one");
    }
}
