//! Formatted text as a tree, whatever it was written in.
//!
//! The normal form, which [`crate::markdown::parse`] makes: neighbouring runs of text differ in marks or link, none is
//! empty; lines end in [`Inline::Break`], never in a character; no text begins or ends with a break; where an item or a
//! quote has no text, its first child is no paragraph; all rows of a table have as many cells.

/// Formatted text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Its blocks in order.
    pub blocks: Vec<Block>,
}

/// A part of a document that begins on a line of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Running text.
    Paragraph(Vec<Inline>),
    /// A heading.
    Heading {
        /// 1 to 6.
        level: u8,
        /// What it says.
        text: Vec<Inline>,
    },
    /// An item of a list. Neighbouring items with the same marker are one list.
    Item {
        /// What stands before it.
        marker: Marker,
        /// Its first paragraph.
        text: Vec<Inline>,
        /// What follows inside of it.
        children: Vec<Block>,
    },
    /// A quotation.
    Quote {
        /// Its first paragraph.
        text: Vec<Inline>,
        /// What follows inside of it.
        children: Vec<Block>,
    },
    /// Program text.
    Code {
        /// The language and whatever else was noted about it, such as `rust` or `rust,ignore`.
        language: Option<String>,
        /// The lines, without a line break at the end.
        text: String,
    },
    /// A table.
    Table(Table),
    /// A picture.
    Image {
        /// Where it is.
        url: String,
        /// What it shows.
        caption: Vec<Inline>,
    },
    /// A line across.
    Divider,
    /// A formula in LaTeX.
    Equation(String),
    /// What this vocabulary has no words for, as its origin writes it.
    Foreign {
        /// The origin's word for it.
        kind: String,
        /// The origin's form of it.
        source: String,
        /// What is inside.
        children: Vec<Block>,
    },
}

/// What stands before an item of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// A bullet.
    Bullet,
    /// Its number in the list.
    Number,
    /// A box that is checked or not.
    Task {
        /// Whether it is done.
        checked: bool,
    },
}

/// Rows of cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Whether the first row names the columns.
    pub has_header: bool,
    /// At least one, all with as many cells.
    pub rows: Vec<Vec<Vec<Inline>>>,
}

impl Table {
    /// The number of columns.
    pub fn width(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or_default()
    }
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Words that look alike.
    Text {
        /// One line.
        text: String,
        /// How they look.
        marks: Marks,
        /// Where they lead.
        link: Option<String>,
    },
    /// A formula in LaTeX.
    Equation {
        /// One line.
        expression: String,
        /// How it looks.
        marks: Marks,
    },
    /// The end of a line within the block.
    Break,
}

/// How text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four marks, in any combination")]
pub struct Marks {
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Struck through.
    pub strike: bool,
    /// Program text.
    pub code: bool,
}

impl Inline {
    /// Unmarked text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), marks: Marks::default(), link: None }
    }
}

/// Adds to a line, in normal form: text that looks like what stands before it continues it, line breaks become
/// [`Inline::Break`], and control characters other than tabs, which show nothing, are left out.
pub fn push(line: &mut Vec<Inline>, added: Inline) {
    let Inline::Text { text, marks, link } = added else { return line.push(added) };
    for (index, part) in text.split('\n').enumerate() {
        if index > 0 {
            line.push(Inline::Break);
        }
        let part: String = part.chars().filter(|c| !c.is_control() || *c == '\t').collect();
        match line.last_mut() {
            _ if part.is_empty() => {}
            Some(Inline::Text { text, marks: same, link: alike }) if *same == marks && *alike == link => {
                text.push_str(&part);
            }
            _ => line.push(Inline::Text { text: part, marks, link: link.clone() }),
        }
    }
}

/// The words of a line without their look. Breaks are line breaks.
pub fn plain_text(line: &[Inline]) -> String {
    let words = line.iter().map(|part| match part {
        Inline::Text { text, .. } => text.as_str(),
        Inline::Equation { expression, .. } => expression,
        Inline::Break => "\n",
    });
    words.collect()
}
