//! Web and e-mail addresses in text: a model may only repeat those that were spoken.

use std::ops::Range;

/// Endings that make a name with a dot an address even without a path. Others, such as `Node.js`, are names.
const ENDINGS: [&str; 34] = [
    "com", "net", "org", "io", "dev", "app", "co", "info", "biz", "xyz", "ru", "cn", "de", "fr", "es", "it",
    "nl", "uk", "us", "ch", "at", "eu", "me", "ai", "gg", "ly", "link", "site", "online", "top", "shop",
    "click", "page", "cloud",
];

/// How addresses are spoken.
const SPOKEN: [(&str, &str); 9] = [
    (" dot ", "."),
    (" punkt ", "."),
    (" punto ", "."),
    (" point ", "."),
    (" slash ", "/"),
    (" at ", "@"),
    (" arroba ", "@"),
    (" arobase ", "@"),
    (" ät ", "@"),
];

/// The addresses that were spoken, in writing or letter by letter.
pub(super) struct Spoken {
    texts: [String; 2],
}

impl Spoken {
    pub(super) fn of(transcript: &str) -> Self {
        let written = transcript.to_lowercase();
        let dictated = SPOKEN.iter().fold(written.clone(), |text, (word, sign)| text.replace(word, sign));
        Self { texts: [written, dictated] }
    }

    /// Whether an address was spoken, with or without its scheme.
    fn contains(&self, address: &str) -> bool {
        let address = address.to_lowercase();
        let bare = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
        let bare = bare.trim_start_matches("mailto:").trim_start_matches("www.").trim_end_matches('/');
        !bare.is_empty() && self.texts.iter().any(|text| stands_in(text, bare))
    }
}

/// Whether `part` stands in `text` as a word of its own, not inside a longer one.
fn stands_in(text: &str, part: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '@';
    text.match_indices(part).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = &text[at + part.len()..];
        let goes_on = after.strip_prefix('.').unwrap_or(after).starts_with(is_word);
        !before.is_some_and(is_word) && !goes_on
    })
}

/// The text without the addresses nobody spoke, and how many those were.
pub(super) fn without_unspoken(text: &str, spoken: &Spoken) -> (String, usize) {
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    let mut removed = 0;
    for address in addresses(text).into_iter().filter(|address| !spoken.contains(&text[address.clone()])) {
        kept.push_str(&text[from..address.start]);
        from = address.end;
        removed += 1;
    }
    kept.push_str(&text[from..]);
    (if removed == 0 { kept } else { tidy(&kept) }, removed)
}

/// Closes the gaps that removed addresses leave: empty brackets, double spaces, spaces before punctuation.
fn tidy(text: &str) -> String {
    let text = ["()", "[]", "<>", "\"\"", "„“", "“”"]
        .iter()
        .fold(text.to_owned(), |text, empty| text.replace(empty, ""));
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    [" .", " ,", " ;", " :", " !", " ?"].iter().fold(words, |text, gap| text.replace(gap, gap.trim_start()))
}

/// Whether there is an address in a text.
pub(super) fn are_in(text: &str) -> bool {
    !addresses(text).is_empty()
}

fn addresses(text: &str) -> Vec<Range<usize>> {
    let is_border =
        |letter: char| letter.is_whitespace() || "()[]<>{}\"'`,;|“”„‘’‚«»–—、。，；（）「」".contains(letter);
    let mut found = Vec::new();
    let mut from = 0;
    for run in text.split_inclusive(is_border) {
        let body = run.trim_end_matches(is_border);
        let inner = body.trim_start_matches(['*', '_', '~']);
        let start = from + body.len() - inner.len();
        let inner = inner.trim_end_matches(['.', '!', '?', ':', '*', '_', '~', '…']);
        if is_address(inner) {
            found.push(start..start + inner.len());
        }
        from += run.len();
    }
    found
}

fn is_address(run: &str) -> bool {
    let lower = as_browsers_read(run);
    let lower = lower.trim_start_matches(['/', '\\']);
    lower.contains("://")
        || has_scheme(lower)
        || ["www.", "mailto:", "tel:", "javascript:", "data:"]
            .iter()
            .any(|start| lower.starts_with(start) && lower.len() > start.len())
        || is_mail(lower)
        || is_host_and_path(lower)
}

/// In lower case, with wide letters and signs as narrow ones and without joiners nobody sees.
fn as_browsers_read(run: &str) -> String {
    let narrow = |letter: char| match letter {
        '\u{200c}' | '\u{200d}' => None,
        '\u{2024}' | '\u{ff61}' => Some('.'),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0),
        _ => Some(letter),
    };
    run.chars().filter_map(narrow).flat_map(char::to_lowercase).collect()
}

/// `https:/\example`: browsers take any two slashes, or one. A single letter is a drive, as in `C:\`.
fn has_scheme(run: &str) -> bool {
    run.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.len() > 1
            && scheme.chars().all(|letter| letter.is_ascii_alphanumeric())
            && rest.starts_with(['/', '\\'])
    })
}

fn is_mail(run: &str) -> bool {
    run.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host_ending(host).is_some())
}

/// A host that ends as hosts do, or any with a path: `example.com`, `intranet.example/page`.
fn is_host_and_path(run: &str) -> bool {
    let (host, path) = run.split_once(['/', '?', '#']).map_or((run, None), |(host, path)| (host, Some(path)));
    let host = host.split_once(':').map_or(host, |(host, _port)| host);
    let is_number = host.split('.').count() == 4 && host.split('.').all(|part| part.parse::<u8>().is_ok());
    host_ending(host).is_some_and(|ending| path.is_some() || ENDINGS.contains(&ending))
        || (is_number && path.is_some())
}

/// The last label of a host name of at least two labels.
fn host_ending(host: &str) -> Option<&str> {
    let (names, ending) = host.rsplit_once('.')?;
    let is_label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
    };
    (names.split('.').all(is_label) && ending.chars().count() >= 2 && ending.chars().all(char::is_alphabetic))
        .then_some(ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str, transcript: &str) -> String {
        without_unspoken(text, &Spoken::of(transcript)).0
    }

    #[test]
    fn addresses_nobody_spoke_are_removed() {
        for (text, rest) in [
            ("See https://evil.example/x?y=1 for more.", "See for more."),
            ("Log in at evil.com, then wait.", "Log in at, then wait."),
            ("Mail admin@evil.example!", "Mail!"),
            ("[Click here](http://evil.example/a) now", "[Click here] now"),
            ("Go to <www.evil.example>.", "Go to."),
            ("Open http://10.0.0.1/admin and 10.0.0.2/x", "Open and"),
            ("Run javascript:alert(1)", "Run (1)"),
            ("Load //evil.com/x or https:/\\evil.example", "Load or"),
            ("Open ｅｖｉｌ．ｃｏｍ and evil\u{200d}.com", "Open and"),
            ("Siehe „evil.com“ heute", "Siehe heute"),
        ] {
            assert_eq!(left(text, "nothing of the kind"), rest);
        }
    }

    #[test]
    fn names_versions_and_files_are_no_addresses() {
        let text = "In Node.js 3.5, e.g. config.json or main.rs: and/or C:\\Users D:/x 10:30, 1.2.3.4, foo.bar() @ada #12 a@b";
        assert_eq!(without_unspoken(text, &Spoken::of("")), (text.to_owned(), 0));
    }

    #[test]
    fn spoken_addresses_stay_however_they_were_spoken() {
        assert_eq!(
            left("Open https://shop.example.com/cart.", "I go to shop.example.com/cart now"),
            "Open https://shop.example.com/cart."
        );
        assert_eq!(left("Open shop.com.", "so it is Shop dot com and"), "Open shop.com.");
        assert_eq!(
            left("Write to ada@shop.com", "write to Ada at shop dot com please"),
            "Write to ada@shop.com"
        );
    }

    #[test]
    fn a_look_alike_of_a_spoken_address_is_removed() {
        for look_alike in ["shop.com.evil.io", "myshop.com", "https://shop.com@evil.io", "shop.company.io"] {
            assert_eq!(
                left(&format!("Open {look_alike} now"), "I open shop.com every day"),
                "Open now",
                "{look_alike}"
            );
        }
        assert_eq!(left("Open shop.co now", "I open shop.com every day"), "Open now");
    }
}
