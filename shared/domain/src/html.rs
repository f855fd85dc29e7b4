//! Formatted text as the little HTML that calendars show: bold, italic, links, lists and line breaks.

use std::fmt::Write as _;

use crate::document::{Block, Inline, Marker, Marks, Table};

/// What stands where text was left out because there is no room for it.
const LEFT_OUT: &str = "<i>… The rest is in the plan.</i>";

/// These blocks, at most `most` UTF-16 units of them: what does not fit is left out whole, and said to be.
pub(crate) fn from_blocks(blocks: &[Block], most: usize) -> String {
    let mut parts: Vec<String> = groups(blocks).map(group).filter(|part| !part.is_empty()).collect();
    let size =
        |parts: &[String]| parts.iter().map(|part| part.encode_utf16().count() + GAP.len()).sum::<usize>();
    if size(&parts) > most {
        while size(&parts) + LEFT_OUT.len() > most && parts.pop().is_some() {}
        parts.push(LEFT_OUT.to_owned());
    }
    parts.join(GAP)
}

/// Between two blocks.
const GAP: &str = "<br><br>";

/// Neighbouring items of one list are together; everything else is alone.
fn groups(blocks: &[Block]) -> impl Iterator<Item = &[Block]> {
    blocks.chunk_by(|one, other| is_numbered(one).is_some() && is_numbered(one) == is_numbered(other))
}

/// Whether an item is one of a numbered list.
fn is_numbered(block: &Block) -> Option<bool> {
    match block {
        Block::Item { marker, .. } => Some(matches!(marker, Marker::Number)),
        _ => None,
    }
}

fn group(blocks: &[Block]) -> String {
    let items = blocks.iter().map(block).collect::<String>();
    match blocks.first().and_then(is_numbered) {
        Some(true) => format!("<ol>{items}</ol>"),
        Some(false) => format!("<ul>{items}</ul>"),
        None => items,
    }
}

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => line(text),
        Block::Heading { text, .. } => format!("<b>{}</b>", line(text)),
        Block::Item { marker, text, children } => {
            let sign = match marker {
                Marker::Task { checked: true } => "☑ ",
                Marker::Task { checked: false } => "☐ ",
                Marker::Bullet | Marker::Number => "",
            };
            format!("<li>{sign}{}</li>", with_children(text, children))
        }
        Block::Quote { text, children } => format!("» {}", with_children(text, children)),
        Block::Code { text, .. } => lines(text),
        Block::Table(table) => rows(table),
        Block::Image { url, caption } => {
            let words = line(caption);
            let words = if words.is_empty() { escaped(url) } else { words };
            format!("<a href=\"{}\">{words}</a>", escaped(url))
        }
        Block::Divider => "———".to_owned(),
        Block::Equation(expression) => escaped(expression),
        Block::Foreign { source, children, .. } => with_children(&[Inline::plain(source.clone())], children),
    }
}

fn with_children(text: &[Inline], children: &[Block]) -> String {
    let text = line(text);
    groups(children).map(group).fold(text, |text, inner| {
        // A list breaks the line by itself.
        let gap = if text.is_empty() || inner.starts_with("<ul>") || inner.starts_with("<ol>") {
            ""
        } else {
            "<br>"
        };
        text + gap + &inner
    })
}

fn rows(table: &Table) -> String {
    let row = |cells: &Vec<Vec<Inline>>| cells.iter().map(|cell| line(cell)).collect::<Vec<_>>().join(" | ");
    table.rows.iter().map(row).collect::<Vec<_>>().join("<br>")
}

fn line(text: &[Inline]) -> String {
    let mut html = String::new();
    for part in text {
        match part {
            Inline::Text { text, marks, link } => run(&mut html, text, *marks, link.as_deref()),
            Inline::Equation { expression, marks } => run(&mut html, expression, *marks, None),
            Inline::Break => html.push_str("<br>"),
        }
    }
    html
}

fn run(html: &mut String, text: &str, marks: Marks, link: Option<&str>) {
    let mut ends = String::new();
    if let Some(link) = link {
        let _ = write!(html, "<a href=\"{}\">", escaped(link));
        ends.insert_str(0, "</a>");
    }
    for (has, start, end) in [(marks.bold, "<b>", "</b>"), (marks.italic, "<i>", "</i>")] {
        if has {
            html.push_str(start);
            ends.insert_str(0, end);
        }
    }
    html.push_str(&escaped(text));
    html.push_str(&ends);
}

fn lines(text: &str) -> String {
    text.lines().map(escaped).collect::<Vec<_>>().join("<br>")
}

/// Text that means nothing but itself.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown;

    fn html(markdown: &str) -> String {
        from_blocks(&markdown::parse(markdown).blocks, 8_000)
    }

    #[test]
    fn markdown_becomes_what_a_calendar_shows() {
        for (markdown, expected) in [
            (
                "**Read** *chapter* [4](https://e.com/?a=1&b=2)",
                r#"<b>Read</b> <i>chapter</i> <a href="https://e.com/?a=1&amp;b=2">4</a>"#,
            ),
            ("a\n\nb", "a<br><br>b"),
            ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
            ("1. a\n2. b\n\n- c", "<ol><li>a</li><li>b</li></ol><br><br><ul><li>c</li></ul>"),
            ("- [x] done\n- [ ] open", "<ul><li>☑ done</li><li>☐ open</li></ul>"),
            ("# Vec<T>", "<b>Vec&lt;T&gt;</b>"),
            ("```rust\nlet a = 1 < 2;\nend\n```", "let a = 1 &lt; 2;<br>end"),
            ("| x | y |\n|---|---|\n| 1 | 2 |", "x | y<br>1 | 2"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ] {
            assert_eq!(html(markdown), expected, "{markdown}");
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out_whole_and_said_to_be() {
        let long = (0..200).map(|number| format!("Paragraph {number}.")).collect::<Vec<_>>().join("\n\n");
        let blocks = markdown::parse(&long).blocks;
        let shown = from_blocks(&blocks, 500);
        assert!(shown.encode_utf16().count() <= 500 && shown.ends_with(LEFT_OUT), "{shown}");
        assert!(shown.starts_with("Paragraph 0.<br><br>Paragraph 1."));
        assert!(!from_blocks(&blocks, 8_000).contains(LEFT_OUT));
    }
}
