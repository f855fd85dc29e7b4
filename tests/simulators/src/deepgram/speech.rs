//! What is in a recording; unless told otherwise, a walkthrough of a bug by two people.

use serde::{Deserialize, Serialize};

/// What Deepgram finds at an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Media {
    /// Speech; none at all is possible.
    Said {
        /// In order.
        utterances: Vec<Utterance>,
    },
    /// The address does not answer: the submission is refused.
    Unreachable,
    /// Not a recording: the callback brings an error.
    Corrupt,
}

/// What one speaker says without a pause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Utterance {
    /// Counted from 0.
    pub speaker: u32,
    /// With punctuation.
    pub text: String,
}

impl Default for Media {
    fn default() -> Self {
        let utterance =
            |(speaker, text): &(u32, &str)| Utterance { speaker: *speaker, text: (*text).to_owned() };
        Self::Said { utterances: WALKTHROUGH.iter().map(utterance).collect() }
    }
}

const WALKTHROUGH: &[(u32, &str)] = &[
    (0, "Okay, I think it's recording now."),
    (1, "Yes, I can see your screen. Go ahead."),
    (0, "Great, so, um, this is the thing I mentioned in the stand-up this morning."),
    (0, "It's about exporting an invoice from the billing page."),
    (1, "Right, the one from the support inbox?"),
    (0, "Exactly. Three customers wrote in about it since Thursday."),
    (0, "So let me show you from the beginning."),
    (0, "First I log in as a normal customer, no admin rights."),
    (0, "Then I open the billing page from the menu on the left."),
    (1, "Is that the new menu or the old one?"),
    (0, "The new one, the old one is gone on this account."),
    (0, "Here is the list of invoices, and I select the one from October."),
    (0, "Next I click the export button up here and choose PDF."),
    (1, "Okay, and now it shows the spinner."),
    (0, "Yes, and it just spins. It never stops."),
    (0, "If I wait for about thirty seconds, the whole page goes blank."),
    (1, "Oh wow, completely blank."),
    (0, "And when I reload, the invoice is marked as exported, but there is no file anywhere."),
    (1, "So the file is lost?"),
    (0, "It looks that way. At least I can't find it in the downloads list."),
    (1, "Does it happen with every invoice?"),
    (0, "No, that's the funny part. September works fine."),
    (0, "It only fails when the invoice has more than one hundred lines."),
    (1, "Hm, that smells like the page size of the renderer."),
    (0, "Could be, I didn't look at the code."),
    (0, "In the console there is an error, something about an undefined page count."),
    (1, "Can you scroll down a bit? Yes, there."),
    (0, "Is there a workaround? You can export it as a spreadsheet, and that works."),
    (1, "Good, so nobody is completely stuck."),
    (0, "True, but accounting wants the PDF because of the signature."),
    (0, "What I'd expect is that the file downloads, or at least that we show a message."),
    (1, "Sure. And the invoice shouldn't be marked as exported when it wasn't."),
    (0, "Yes, that's the worst part, because then people think they have it."),
    (1, "Which browser is this?"),
    (0, "Firefox here, but I tried Chrome and it's the same."),
    (1, "Fine. Did you have lunch yet, by the way?"),
    (0, "Not yet, right after this."),
    (1, "Okay. I'd say this should be fixed in the next release, several customers are waiting."),
    (0, "Agreed. I'll turn the recording into a ticket."),
    (1, "Thanks, talk to you later."),
];
