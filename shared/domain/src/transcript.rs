//! What was said in a recording, when, and by whom.

/// One voice within a cue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    /// Who speaks, where the transcript names them.
    pub speaker: Option<String>,
    /// What they say, on one line, with single spaces.
    pub text: String,
}

/// A stretch of speech shown together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// Unique within the transcript.
    pub id: String,
    /// When it starts, from the beginning of the recording.
    pub start_ms: u64,
    /// When it ends; third parties sometimes put it before the start.
    pub end_ms: u64,
    /// Who says what, in order; empty for a cue without speech.
    pub voices: Vec<Voice>,
}

/// The cues of a recording, in the order of its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// In the order of the file.
    pub cues: Vec<Cue>,
}

impl Cue {
    /// Everything said in the cue, voices joined by a space.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for voice in self.voices.iter().filter(|voice| !voice.text.is_empty()) {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&voice.text);
        }
        text
    }

    /// How many characters are spoken in the cue, without the spaces around voices.
    pub fn speech_chars(&self) -> usize {
        self.voices.iter().map(|voice| voice.text.trim().chars().count()).sum()
    }
}

impl Transcript {
    /// How many characters were spoken, without the spaces around and between cues.
    pub fn speech_chars(&self) -> usize {
        self.cues.iter().map(Cue::speech_chars).sum()
    }

    /// The cue with this id.
    pub fn cue(&self, id: &str) -> Option<&Cue> {
        self.cues.iter().find(|cue| cue.id == id)
    }

    /// When the last cue ends.
    pub fn duration_ms(&self) -> u64 {
        self.cues.iter().map(|cue| cue.end_ms.max(cue.start_ms)).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(speaker: Option<&str>, text: &str) -> Voice {
        Voice { speaker: speaker.map(str::to_owned), text: text.to_owned() }
    }

    fn transcript() -> Transcript {
        let voices = vec![voice(Some("Ada"), "It broke."), voice(None, ""), voice(Some("Bo"), "Ж 1")];
        let first = Cue { id: "a".into(), start_ms: 1_000, end_ms: 9_000, voices };
        let second = Cue { id: "b".into(), start_ms: 9_500, end_ms: 9_000, voices: vec![] };
        Transcript { cues: vec![first, second] }
    }

    #[test]
    fn the_text_of_a_cue_holds_all_its_voices() {
        assert_eq!(transcript().cues[0].text(), "It broke. Ж 1");
        assert_eq!(transcript().cues[1].text(), "");
    }

    #[test]
    fn speech_is_counted_in_characters_not_bytes() {
        assert_eq!(transcript().speech_chars(), 12);
        assert_eq!(Transcript::default().speech_chars(), 0);
    }

    #[test]
    fn cues_are_found_by_id_and_the_end_is_the_latest_moment() {
        assert_eq!(transcript().cue("b").map(|cue| cue.start_ms), Some(9_500));
        assert_eq!(transcript().cue("c"), None);
        assert_eq!(transcript().duration_ms(), 9_500);
    }
}
