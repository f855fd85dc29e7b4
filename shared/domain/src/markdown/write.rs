//! Documents as Markdown.

use super::{
    parse,
    spans::{self, Place},
};
use crate::document::{Block, Document, Inline, Marker, Table};

/// The Markdown of a document. Reading it gives the same document, if that is in normal form, nested no deeper than
/// [`super::MAX_DEPTH`], and says nothing that Markdown cannot; what it cannot say is shown as program text.
pub fn write(document: &Document) -> String {
    let mut written = blocks(&document.blocks).join("\n");
    if !written.is_empty() {
        written.push('\n');
    }
    written
}

/// The lines of blocks, with an empty one between two of them.
fn blocks(blocks: &[Block]) -> Vec<String> {
    let (mut lines, mut number) = (Vec::new(), 0);
    for each in blocks {
        let is_numbered = matches!(each, Block::Item { marker: Marker::Number, .. });
        number = if is_numbered { number + 1 } else { 0 };
        let written = block(each, number);
        if !lines.is_empty() && !written.is_empty() {
            lines.push(String::new());
        }
        lines.extend(written);
    }
    lines
}

fn block(block: &Block, number: usize) -> Vec<String> {
    match block {
        Block::Paragraph(text) => paragraph(text),
        Block::Heading { level, text } => {
            let heading = format!("{} {}", "#".repeat(usize::from(*level)), spans::write(text, Place::Line));
            vec![heading.trim_end_matches(' ').to_owned()]
        }
        Block::Item { marker, text, children } => item(*marker, number, text, children),
        Block::Quote { text, children } => {
            let lines = inside(text, children).into_iter();
            let quoted = lines
                .map(|line| if line.is_empty() { ">".to_owned() } else { format!("> {line}") })
                .collect::<Vec<_>>();
            if quoted.is_empty() { vec![">".to_owned()] } else { quoted }
        }
        Block::Code { language, text } => code(language.as_deref().unwrap_or_default(), text),
        Block::Table(table) => rows(table),
        Block::Image { url, caption } => vec![spans::image(url, caption)],
        Block::Divider => vec!["---".to_owned()],
        Block::Equation(expression) => equation(expression),
        Block::Foreign { source, children, .. } => {
            let mut lines = code("", source);
            let children = blocks(children);
            if !children.is_empty() {
                lines.push(String::new());
                lines.extend(children);
            }
            lines
        }
    }
}

fn lines(text: &str) -> Vec<String> {
    text.split('\n').map(str::to_owned).collect()
}

fn paragraph(text: &[Inline]) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { lines(&spans::write(text, Place::Paragraph)) }
}

/// The lines of a text and of what follows it.
fn inside(text: &[Inline], children: &[Block]) -> Vec<String> {
    let (mut lines, children) = (paragraph(text), blocks(children));
    if !lines.is_empty() && !children.is_empty() {
        lines.push(String::new());
    }
    lines.extend(children);
    lines
}

fn item(marker: Marker, number: usize, text: &[Inline], children: &[Block]) -> Vec<String> {
    let sign = match marker {
        Marker::Number => format!("{number}. "),
        Marker::Bullet | Marker::Task { .. } => "- ".to_owned(),
    };
    let indent = " ".repeat(sign.len());
    let first = match marker {
        Marker::Task { checked: true } => format!("{sign}[x] "),
        Marker::Task { checked: false } => format!("{sign}[ ] "),
        _ => sign,
    };
    let mut lines = inside(text, children).into_iter();
    // What is no text stands on the next line: there it is read as it is anywhere else.
    let head = if text.is_empty() { None } else { lines.next() };
    let mut written = vec![format!("{first}{}", head.unwrap_or_default()).trim_end_matches(' ').to_owned()];
    written.extend(lines.map(|line| if line.is_empty() { line } else { format!("{indent}{line}") }));
    written
}

/// Between as many backticks, or tildes where the language has backticks, as the text has none of.
fn code(language: &str, text: &str) -> Vec<String> {
    let sign = if language.contains('`') { '~' } else { '`' };
    let fence = sign.to_string().repeat(spans::longest_run(text, sign).max(2) + 1);
    let language: String =
        language.chars().map(|c| if "\\&~".contains(c) { format!("\\{c}") } else { c.to_string() }).collect();
    let mut written = vec![format!("{fence}{language}")];
    if !text.is_empty() {
        written.extend(lines(text));
    }
    written.push(fence);
    written
}

fn equation(expression: &str) -> Vec<String> {
    let whole = [Block::Equation(expression.to_owned())];
    let forms = [format!("$${expression}$$"), format!("$$\n{expression}\n$$")];
    let read_back = forms.iter().find(|form| parse(form).blocks == whole);
    read_back.map_or_else(|| code("latex", expression), |form| lines(form))
}

fn rows(table: &Table) -> Vec<String> {
    let width = table.width();
    let row = |cells: &[Vec<Inline>]| {
        let cell =
            |index: usize| cells.get(index).map(|cell| spans::write(cell, Place::Cell)).unwrap_or_default();
        format!("| {} |", (0..width).map(cell).collect::<Vec<_>>().join(" | "))
    };
    let (header, body) = match table.rows.split_first() {
        Some((header, body)) if table.has_header => (header.as_slice(), body),
        _ => (&[][..], table.rows.as_slice()),
    };
    let mut written = vec![row(header), format!("|{}", "---|".repeat(width))];
    written.extend(body.iter().map(|cells| row(cells)));
    written
}
