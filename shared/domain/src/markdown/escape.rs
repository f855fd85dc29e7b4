//! Text that Markdown reads as the very same text.

/// Characters that may mean something anywhere in a line.
const SPECIAL: &str = "\\`*_[]<>&|~$#";

/// What stands beside text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// A border of the line.
    Line,
    /// A mark that holds the text.
    Inside,
    /// A mark that the text is not in.
    Outside,
    /// The same, of a kind that may stand within a word.
    OutsideInWord,
    /// Something else.
    Free,
}

impl Edge {
    /// Whether Markdown would not see the mark beside `c`.
    fn hides(self, c: char) -> bool {
        match self {
            Self::Line => c.is_whitespace(),
            Self::Inside | Self::OutsideInWord if c.is_ascii_alphanumeric() => false,
            Self::Inside => !c.is_ascii_punctuation(),
            Self::Outside | Self::OutsideInWord => c != ' ' && !c.is_ascii_punctuation(),
            Self::Free => false,
        }
    }
}

/// `text` between `before` and `after`. A character as a number means nothing but itself anywhere.
pub(super) fn escape(text: &str, before: Edge, after: Edge) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    let last = text.char_indices().next_back().map_or(0, |(index, _)| index);
    let number = text.bytes().take_while(u8::is_ascii_digit).count();
    for (index, c) in text.char_indices() {
        let is_hidden = (index == 0 && before.hides(c)) || (index == last && after.hides(c));
        if is_hidden || c == '\t' {
            escaped.extend(["&#", &u32::from(c).to_string(), ";"]);
            continue;
        }
        let begins_block = before == Edge::Line
            && match index {
                0 => "-+=:".contains(c),
                _ => index == number && ".)".contains(c),
            };
        if SPECIAL.contains(c) || begins_block || (c == '!' && index == last) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
