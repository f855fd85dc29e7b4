//! Lines as Markdown: marks are opened and closed around words so that each is seen.

use super::{
    escape::{Edge, escape},
    parse,
};
use crate::document::{Block, Inline, Marks};

/// Where a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a paragraph, which may have several lines.
    Paragraph,
    /// In one line.
    Line,
    /// In one line of a table.
    Cell,
}

/// The marks that stand around words, outermost first. Program text is marked by itself.
const MARKS: [&str; 3] = ["**", "_", "~~"];

/// What is open at the end of what was written.
#[derive(Default)]
struct Open<'a> {
    link: Option<&'a str>,
    /// Indices into [`MARKS`].
    marks: Vec<usize>,
}

/// What stands between two parts of a line.
#[derive(Default)]
struct Joint {
    text: String,
    closed: Vec<usize>,
    opened: Vec<usize>,
    /// Whether there is more than marks.
    is_free: bool,
}

/// `line` as Markdown.
pub(super) fn write(line: &[Inline], place: Place) -> String {
    let mut open = Open::default();
    let mut joints: Vec<Joint> = line.iter().map(|part| open.joint(look(part))).collect();
    joints.push(open.joint((Marks::default(), None)));
    let mut written = String::new();
    for (index, part) in line.iter().enumerate() {
        written.push_str(&joints[index].text);
        match part {
            Inline::Text { text, marks, .. } if marks.code => written.push_str(&code(text, place)),
            Inline::Text { text, .. } => {
                let before = match index.checked_sub(1).map(|before| &line[before]) {
                    None | Some(Inline::Break) if joints[index].text.is_empty() => Edge::Line,
                    before => joints[index].edge(Side::Right, before, Some(part)),
                };
                let after = match line.get(index + 1) {
                    None | Some(Inline::Break) if joints[index + 1].text.is_empty() => Edge::Line,
                    after => joints[index + 1].edge(Side::Left, Some(part), after),
                };
                written.push_str(&escape(text, before, after));
            }
            Inline::Equation { expression, .. } => {
                let is_glued = index > 0 && matches!(line[index - 1], Inline::Equation { .. });
                if is_glued && joints[index].text.is_empty() {
                    written.push_str("<!-- -->");
                }
                written.push_str(&equation(expression, place));
            }
            Inline::Break if place == Place::Paragraph => written.push_str("\\\n"),
            Inline::Break => written.push_str("<br>"),
        }
    }
    written.push_str(&joints.last().map(|joint| joint.text.clone()).unwrap_or_default());
    written
}

fn look(part: &Inline) -> (Marks, Option<&str>) {
    match part {
        Inline::Text { marks, link, .. } => (*marks, link.as_deref()),
        Inline::Equation { marks, .. } => (*marks, None),
        Inline::Break => (Marks::default(), None),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

impl<'a> Open<'a> {
    /// Closes and opens what the next part needs.
    fn joint(&mut self, (marks, link): (Marks, Option<&'a str>)) -> Joint {
        let wanted = |mark: &usize| [marks.bold, marks.italic, marks.strike][*mark];
        let mut joint = Joint { is_free: self.link != link, ..Joint::default() };
        while !self.marks.is_empty() && (joint.is_free || !self.marks.iter().all(wanted)) {
            if let Some(mark) = self.marks.pop() {
                joint.text.push_str(MARKS[mark]);
                joint.closed.push(mark);
            }
        }
        if joint.is_free {
            if let Some(url) = self.link {
                joint.text.extend(["](<", &address(url), ">)"]);
            }
            if link.is_some() {
                joint.text.push('[');
            }
            self.link = link;
        }
        for mark in (0..MARKS.len()).filter(wanted) {
            if !self.marks.contains(&mark) {
                joint.text.push_str(MARKS[mark]);
                joint.opened.push(mark);
                self.marks.push(mark);
            }
        }
        joint
    }
}

impl Joint {
    /// What the text on one side of it must mind.
    fn edge(&self, side: Side, left: Option<&Inline>, right: Option<&Inline>) -> Edge {
        let (inside, outside) = match side {
            Side::Left => (&self.closed, &self.opened),
            Side::Right => (&self.opened, &self.closed),
        };
        let ends_word = |part: Option<&Inline>, side| match part {
            // One character may also be beside a mark on its other side.
            Some(Inline::Text { text, marks, .. }) if !marks.code && text.len() > 1 => {
                let c = if side == Side::Left { text.chars().next_back() } else { text.chars().next() };
                c.is_some_and(|c| c.is_ascii_alphanumeric())
            }
            _ => false,
        };
        let glued_digit = side == Side::Right && matches!(left, Some(Inline::Equation { .. }));
        match (inside.is_empty(), outside.as_slice()) {
            (false, _) => Edge::Inside,
            (true, []) if glued_digit && self.text.is_empty() => Edge::Outside,
            (true, []) => Edge::Free,
            (true, _) if self.is_free => Edge::Free,
            (true, [0 | 2]) if ends_word(left, Side::Left) && ends_word(right, Side::Right) => {
                Edge::OutsideInWord
            }
            (true, _) => Edge::Outside,
        }
    }
}

/// Program text between as many backticks as it has none of.
pub(super) fn code(text: &str, place: Place) -> String {
    let fence = "`".repeat(longest_run(text, '`') + 1);
    let text = if place == Place::Cell { text.replace('|', "\\|") } else { text.to_owned() };
    let is_blank = text.chars().all(|c| c == ' ');
    let edges = [text.chars().next(), text.chars().next_back()];
    let is_padded = edges.contains(&Some('`')) || (!is_blank && edges == [Some(' '); 2]);
    let pad = if is_padded { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The length of the longest run of `c` in `text`.
pub(super) fn longest_run(text: &str, c: char) -> usize {
    text.split(|other| other != c).map(str::len).max().unwrap_or_default()
}

/// A formula, or its LaTeX as program text where Markdown would not read it as one.
fn equation(expression: &str, place: Place) -> String {
    let written = format!("${expression}$");
    let whole = Inline::Equation { expression: expression.to_owned(), marks: Marks::default() };
    if parse(&written).blocks != [Block::Paragraph(vec![whole])] {
        return code(expression, place);
    }
    if place == Place::Cell { written.replace('|', "\\|") } else { written }
}

/// An address between angle brackets.
pub(super) fn address(url: &str) -> String {
    let mut escaped = String::with_capacity(url.len());
    for c in url.chars() {
        if c.is_ascii_punctuation() && "\\<>&|".contains(c) {
            escaped.push('\\');
        }
        if c == '\n' { escaped.push_str("%0A") } else { escaped.push(c) }
    }
    escaped
}

/// A picture.
pub(super) fn image(url: &str, caption: &[Inline]) -> String {
    format!("![{}](<{}>)", write(caption, Place::Line), address(url))
}
