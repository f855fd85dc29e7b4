//! Blocks while they are read: what is inside of what.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Tag, TagEnd};

use super::{
    MAX_DEPTH,
    line::{Line, Mark, Part},
};
use crate::document::{Block, Inline, Marker, Table, push};

/// The blocks that were read, and those that are not complete.
pub(super) struct Outline<'a> {
    source: &'a str,
    blocks: Vec<Block>,
    open: Vec<Open>,
    /// Of the lists around: whether they are numbered.
    lists: Vec<bool>,
    line: Line,
    code: Option<(String, String)>,
    html: Option<String>,
    rows: Vec<Vec<Vec<Inline>>>,
    row: Vec<Vec<Inline>>,
    cell_end: usize,
}

/// An item or a quote that is being read.
struct Open {
    /// `None` for a quote.
    marker: Option<Marker>,
    text: Vec<Inline>,
    children: Vec<Block>,
    /// Whether nothing of it was read yet.
    is_fresh: bool,
}

impl Open {
    fn take(&mut self) -> Block {
        let (text, children) = (std::mem::take(&mut self.text), std::mem::take(&mut self.children));
        match self.marker {
            Some(marker) => Block::Item { marker, text, children },
            None => Block::Quote { text, children },
        }
    }
}

impl<'a> Outline<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self {
            source,
            blocks: Vec::new(),
            open: Vec::new(),
            lists: Vec::new(),
            line: Line::default(),
            code: None,
            html: None,
            rows: Vec::new(),
            row: Vec::new(),
            cell_end: 0,
        }
    }

    pub(super) fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) => match &mut self.code {
                Some((_, lines)) => lines.push_str(&text),
                None => self.line.text(&text, false),
            },
            Event::Code(text) => self.line.text(&text, true),
            // Amounts of money, not a formula: `$5-$6`.
            Event::InlineMath(_) if self.source[range.end..].starts_with(|c: char| c.is_ascii_digit()) => {
                self.line.text(&self.source[range].replace('\n', " "), false);
            }
            Event::InlineMath(expression) => self.line.equation(&expression),
            Event::DisplayMath(expression) => self.line.display_equation(&expression),
            Event::Html(lines) => match &mut self.html {
                Some(html) => html.push_str(&lines),
                None => self.line.text(&lines, false),
            },
            Event::InlineHtml(tag) => match &*tag {
                "<br>" | "<br/>" | "<br />" => self.line.hard_break(),
                // What separates two marks in Markdown that our writer or others wrote.
                "<!-- -->" => {}
                tag => self.line.text(tag, false),
            },
            Event::FootnoteReference(name) => self.line.text(&name, false),
            Event::SoftBreak => self.line.soft_break(),
            Event::HardBreak => self.line.hard_break(),
            Event::Rule => {
                self.end_paragraph();
                self.push(Block::Divider);
            }
            Event::TaskListMarker(checked) => {
                if let Some(open) = self.open.last_mut().filter(|open| open.marker.is_some()) {
                    open.marker = Some(Marker::Task { checked });
                }
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Emphasis => return self.line.mark(Mark::Italic, true),
            Tag::Strong => return self.line.mark(Mark::Bold, true),
            Tag::Strikethrough => return self.line.mark(Mark::Strike, true),
            Tag::Link { link_type: LinkType::Email, dest_url, .. } => {
                return self.line.open(&format!("mailto:{dest_url}"), "", false);
            }
            Tag::Link { dest_url, title, .. } => return self.line.open(&dest_url, &title, false),
            Tag::Image { dest_url, title, .. } => return self.line.open(&dest_url, &title, true),
            _ => self.end_paragraph(),
        }
        match tag {
            Tag::List(first) => self.lists.push(first.is_some()),
            Tag::Item => {
                let is_numbered = self.lists.last().copied().unwrap_or_default();
                self.begin(Some(if is_numbered { Marker::Number } else { Marker::Bullet }));
            }
            Tag::BlockQuote(_) => self.begin(None),
            Tag::CodeBlock(CodeBlockKind::Fenced(language)) => {
                self.code = Some((language.trim().to_owned(), String::new()));
            }
            Tag::CodeBlock(CodeBlockKind::Indented) => self.code = Some((String::new(), String::new())),
            Tag::HtmlBlock => self.html = Some(String::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Emphasis => self.line.mark(Mark::Italic, false),
            TagEnd::Strong => self.line.mark(Mark::Bold, false),
            TagEnd::Strikethrough => self.line.mark(Mark::Strike, false),
            TagEnd::Link => self.line.close_link(),
            TagEnd::Image => self.line.close_image(),
            TagEnd::Heading(level) => self.end_heading(level),
            TagEnd::TableCell => {
                self.cell_end = range.end;
                let cell = std::mem::take(&mut self.line).finish_cell();
                self.row.push(cell);
            }
            TagEnd::TableHead | TagEnd::TableRow => self.end_row(range.end),
            TagEnd::Table => self.end_table(),
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::HtmlBlock => {
                if let Some(html) = self.html.take() {
                    self.line.text(html.trim_end_matches('\n'), false);
                }
                self.end_paragraph();
            }
            TagEnd::List(_) => drop(self.lists.pop()),
            TagEnd::Item | TagEnd::BlockQuote(_) => {
                self.end_paragraph();
                self.close();
            }
            _ => self.end_paragraph(),
        }
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        let (text, blocks) = std::mem::take(&mut self.line).finish_words();
        self.push(Block::Heading { level: level as u8, text });
        for block in blocks {
            self.push(block);
        }
    }

    /// The end of a row. Cells beyond the last column have none of their own: they are added to the last.
    fn end_row(&mut self, end: usize) {
        let mut row = std::mem::take(&mut self.row);
        let beyond = self.source.get(self.cell_end..end).unwrap_or_default();
        let beyond = beyond.trim_matches(|c: char| c == '|' || c.is_whitespace());
        if let Some(last) = row.last_mut().filter(|_| !beyond.is_empty()) {
            push(last, Inline::plain(format!(" | {beyond}")));
        }
        self.rows.push(row);
    }

    /// The end of a table. Markdown cannot leave the header out: one without words stands for none.
    fn end_table(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        let has_header =
            rows.len() == 1 || rows.first().is_some_and(|row| row.iter().any(|cell| !cell.is_empty()));
        if !has_header && !rows.is_empty() {
            rows.remove(0);
        }
        self.push(Block::Table(Table { has_header, rows }));
    }

    fn end_code(&mut self) {
        let Some((language, mut text)) = self.code.take() else { return };
        if text.ends_with('\n') {
            text.pop();
        }
        text.retain(|c| !c.is_control() || matches!(c, '\n' | '\t'));
        let language: String = language.chars().filter(|c| !c.is_control()).collect();
        self.push(Block::Code { language: (!language.is_empty()).then_some(language), text });
    }

    fn end_paragraph(&mut self) {
        for part in std::mem::take(&mut self.line).finish() {
            match part {
                Part::Words(words) => self.push_words(words),
                Part::Block(block) => self.push(block),
            }
        }
    }

    fn begin(&mut self, marker: Option<Marker>) {
        self.settle();
        self.open.push(Open { marker, text: Vec::new(), children: Vec::new(), is_fresh: true });
    }

    fn close(&mut self) {
        self.settle();
        if self.open.len() > MAX_DEPTH {
            self.open.pop();
        } else if let Some(mut open) = self.open.pop() {
            self.push(open.take());
        }
    }

    fn push_words(&mut self, words: Vec<Inline>) {
        let is_deep = self.open.len() > MAX_DEPTH;
        match self.open.last_mut() {
            Some(open) if open.is_fresh => {
                open.text = words;
                open.is_fresh = is_deep;
                self.settle();
            }
            _ => self.push(Block::Paragraph(words)),
        }
    }

    fn push(&mut self, block: Block) {
        self.settle();
        match self.open.len().min(MAX_DEPTH).checked_sub(1) {
            Some(innermost) => {
                self.open[innermost].is_fresh = false;
                self.open[innermost].children.push(block);
            }
            None => self.blocks.push(block),
        }
    }

    /// Puts down a block that is too deep to have children before what would have been in it.
    fn settle(&mut self) {
        let is_deep = self.open.len() > MAX_DEPTH;
        if let Some(open) = self.open.last_mut().filter(|open| is_deep && open.is_fresh) {
            open.is_fresh = false;
            let block = open.take();
            self.open[MAX_DEPTH - 1].is_fresh = false;
            self.open[MAX_DEPTH - 1].children.push(block);
        }
    }

    pub(super) fn finish(mut self) -> Vec<Block> {
        self.end_paragraph();
        self.blocks
    }
}
