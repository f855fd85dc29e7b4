//! Links that open a recording at a moment.

use crate::VideoId;

/// Where people watch a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingLink {
    base: String,
    video: VideoId,
}

impl RecordingLink {
    /// The recording `video` of the app at `base`, an address with or without a slash at its end.
    pub fn new(base: &str, video: VideoId) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), video }
    }

    /// The recording from its beginning.
    pub fn start(&self) -> String {
        format!("{}/s/{}", self.base, self.video)
    }

    /// The recording at a moment, in whole seconds, never after the moment.
    pub fn at(&self, ms: u64) -> String {
        format!("{}?t={}", self.start(), ms / 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_the_recording_just_before_the_moment() {
        let video: VideoId = "rec-1".parse().unwrap();
        let link = RecordingLink::new("https://app.example/", video);
        assert_eq!(link.at(61_999), "https://app.example/s/rec-1?t=61");
        assert_eq!(link.at(0), "https://app.example/s/rec-1?t=0");
        assert_eq!(link.start(), "https://app.example/s/rec-1");
    }
}
