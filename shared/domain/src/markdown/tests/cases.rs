//! What becomes what.

use super::super::{parse, write};
use crate::document::{Block, Inline, Marker, Marks, Table};

const BOLD: Marks = Marks { bold: true, italic: false, strike: false, code: false };
const CODE: Marks = Marks { code: true, bold: false, italic: false, strike: false };

fn text(text: &str) -> Vec<Inline> {
    vec![Inline::plain(text)]
}

fn marked(text: &str, marks: Marks) -> Inline {
    Inline::Text { text: text.to_owned(), marks, link: None }
}

fn linked(text: &str, url: &str) -> Inline {
    Inline::Text { text: text.to_owned(), marks: Marks::default(), link: Some(url.to_owned()) }
}

fn item(marker: Marker, text: Vec<Inline>, children: Vec<Block>) -> Block {
    Block::Item { marker, text, children }
}

fn paragraph(words: &str) -> Block {
    Block::Paragraph(text(words))
}

#[track_caller]
fn reads(source: &str, blocks: &[Block]) {
    assert_eq!(parse(source).blocks, blocks, "{source}");
    let written = write(&parse(source));
    assert_eq!(parse(&written).blocks, blocks, "{written}");
}

#[track_caller]
fn reads_line(source: &str, line: &[Inline]) {
    reads(source, &[Block::Paragraph(line.to_vec())]);
}

#[test]
fn words_keep_their_marks() {
    reads_line(
        "a **b *c*** ~~d~~ `e`",
        &[
            Inline::plain("a "),
            marked("b ", BOLD),
            marked("c", Marks { italic: true, ..BOLD }),
            Inline::plain(" "),
            marked("d", Marks { strike: true, ..Marks::default() }),
            Inline::plain(" "),
            marked("e", CODE),
        ],
    );
    let link = |text: &str, marks| Inline::Text {
        text: text.to_owned(),
        marks,
        link: Some("https://a.b".to_owned()),
    };
    reads_line(
        "**see [a `b`](https://a.b)**",
        &[marked("see ", BOLD), link("a ", BOLD), link("b", Marks { code: true, ..BOLD })],
    );
}

#[test]
fn lines_end_where_the_writer_says_so() {
    reads_line("a\nb", &text("a b"));
    for source in ["a  \nb", "a\\\nb", "a<br>b", "a<br/>\nb", "a&#10;b", "a<br />\r\nb"] {
        reads_line(source, &[Inline::plain("a"), Inline::Break, Inline::plain("b")]);
    }
}

#[test]
fn links_that_may_not_be_followed_are_written_out() {
    reads_line("[a](https://b.c)", &[linked("a", "https://b.c")]);
    reads_line("[a][1]\n\n[1]: HTTP://b.c", &[linked("a", "HTTP://b.c")]);
    reads_line(
        "<https://b.c> <a@b.c>",
        &[linked("https://b.c", "https://b.c"), Inline::plain(" "), linked("a@b.c", "mailto:a@b.c")],
    );
    reads_line("[a](javascript:b) [c](../d.md) [#e](#e)", &text("a (javascript:b) c (../d.md) #e"));
    reads_line("[](https://b.c)", &[linked("https://b.c", "https://b.c")]);
    reads_line("[a](https://b.c \"d\")", &[linked("a", "https://b.c"), Inline::plain(" (d)")]);
    reads_line("[a][b] and [^1]", &text("[a][b] and [^1]"));
}

#[test]
fn html_is_text() {
    reads_line("a <b>c</b> <!-- d -->", &text("a <b>c</b> <!-- d -->"));
    reads(
        "<div>\n<p>\n</div>\n\na",
        &[
            Block::Paragraph(vec![
                Inline::plain("<div>"),
                Inline::Break,
                Inline::plain("<p>"),
                Inline::Break,
                Inline::plain("</div>"),
            ]),
            paragraph("a"),
        ],
    );
}

#[test]
fn pictures_and_formulas_stand_between_the_text_around_them() {
    let image =
        |url: &str, caption: &[Inline]| Block::Image { url: url.to_owned(), caption: caption.to_vec() };
    reads(
        "a ![b **c**](https://d.e) f ![](http://g)",
        &[
            paragraph("a"),
            image("https://d.e", &[Inline::plain("b "), marked("c", BOLD)]),
            paragraph("f"),
            image("http://g", &[]),
        ],
    );
    reads("![a](https://b.c \"d\")", &[image("https://b.c", &text("a (d)"))]);
    reads("![a](data:b)", &[paragraph("a (data:b)")]);
    reads(
        "[![a](http://b)](http://c)",
        &[image("http://b", &text("a")), Block::Paragraph(vec![linked("http://c", "http://c")])],
    );
    reads(
        "# a ![b](http://c)",
        &[Block::Heading { level: 1, text: text("a") }, image("http://c", &text("b"))],
    );
    reads("a\n$$\nx\n$$", &[paragraph("a"), Block::Equation("x".to_owned())]);
    let equation = Inline::Equation { expression: "x_1".to_owned(), marks: Marks::default() };
    reads_line("a $x_1$ b", &[Inline::plain("a "), equation, Inline::plain(" b")]);
    reads_line("$5 or $6, $5-$6", &text("$5 or $6, $5-$6"));
}

#[test]
fn an_item_has_a_text_and_what_follows_it() {
    let tight = [item(Marker::Bullet, text("a"), vec![item(Marker::Bullet, text("b"), vec![])])];
    reads("- a\n  - b", &tight);
    reads("* a\n\n  * b", &tight);
    reads(
        "3. a\n\n   b\n\n   ```rust\n   c\n\n   d\n   ```\n4. e",
        &[
            item(
                Marker::Number,
                text("a"),
                vec![
                    paragraph("b"),
                    Block::Code { language: Some("rust".to_owned()), text: "c\n\nd".to_owned() },
                ],
            ),
            item(Marker::Number, text("e"), vec![]),
        ],
    );
    reads(
        "- [x] a\n- [ ] b\n- c\n1. [x] d",
        &[
            item(Marker::Task { checked: true }, text("a"), vec![]),
            item(Marker::Task { checked: false }, text("b"), vec![]),
            item(Marker::Bullet, text("c"), vec![]),
            item(Marker::Task { checked: true }, text("d"), vec![]),
        ],
    );
    reads(
        "-\n- > a",
        &[
            item(Marker::Bullet, vec![], vec![]),
            item(Marker::Bullet, vec![], vec![Block::Quote { text: text("a"), children: vec![] }]),
        ],
    );
}

#[test]
fn a_quote_holds_blocks() {
    reads(
        "> a\n>\n> b\n> > c\n\n> d",
        &[
            Block::Quote {
                text: text("a"),
                children: vec![paragraph("b"), Block::Quote { text: text("c"), children: vec![] }],
            },
            Block::Quote { text: text("d"), children: vec![] },
        ],
    );
}

#[test]
fn tables_keep_every_cell() {
    let row =
        |cells: &[&str]| cells.iter().map(|cell| if cell.is_empty() { vec![] } else { text(cell) }).collect();
    let table = |has_header, rows| Block::Table(Table { has_header, rows });
    reads(
        "|a|b|\n|-|:-:|\n|c \\| d|\n|e|f|g|h|",
        &[table(true, vec![row(&["a", "b"]), row(&["c | d", ""]), row(&["e", "f | g|h"])])],
    );
    reads("| | |\n|-|-|\n|a|b|", &[table(false, vec![row(&["a", "b"])])]);
    reads(
        "|a|\n|-|\n|![b](http://c) d|",
        &[table(true, vec![row(&["a"]), vec![vec![linked("b", "http://c"), Inline::plain(" d")]]])],
    );
}

#[test]
fn the_rest_is_what_it_looks_like() {
    reads(
        "###### a\n***\nb\n===",
        &[
            Block::Heading { level: 6, text: text("a") },
            Block::Divider,
            Block::Heading { level: 1, text: text("b") },
        ],
    );
    reads(
        "    a\n\n~~~ c++ x\n~~~",
        &[
            Block::Code { language: None, text: "a".to_owned() },
            Block::Code { language: Some("c++ x".to_owned()), text: String::new() },
        ],
    );
    reads("", &[]);
    reads("\u{0}\u{7}a\u{8}", &[paragraph("a")]);
}

#[test]
fn what_markdown_cannot_say_is_shown() {
    let foreign = Block::Foreign {
        kind: "child_page".to_owned(),
        source: "{\"title\": \"a\"}".to_owned(),
        children: vec![paragraph("b")],
    };
    let document = crate::document::Document { blocks: vec![foreign, Block::Equation("a\n\nb".to_owned())] };
    assert_eq!(write(&document), "```\n{\"title\": \"a\"}\n```\n\nb\n\n```latex\na\n\nb\n```\n");
}
