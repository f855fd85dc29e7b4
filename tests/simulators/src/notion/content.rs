//! The kinds of blocks: what each may contain when it is made and when it is changed, and what may be nested in it.

use super::{
    media::{EXTERNAL, ICON},
    rich_text::{COLOR, RICH_TEXT},
    shape::{Field, Shape, may, must},
};
use serde_json::{Map, Value, json};

/// What may be nested in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nesting {
    Nothing,
    Blocks,
    /// Blocks, once the heading is toggleable.
    Toggleable,
    Rows,
    Columns,
}

/// A kind of block.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// Its content when it is made, without `children`.
    pub(super) made: &'static [Field],
    /// Its content when it is changed; absent when it cannot be.
    pub(super) changed: Option<&'static [Field]>,
    pub(super) nesting: Nesting,
    /// Keys that answers always carry.
    defaults: &'static [(&'static str, Filler)],
}

#[derive(Clone, Copy, Debug)]
enum Filler {
    Colour,
    No,
    Nothing,
    None,
    Name,
}

static FLAG: Shape = Shape::Flag;
static LANGUAGE: Shape = Shape::Word(&[
    "abap",
    "abc",
    "agda",
    "arduino",
    "ascii art",
    "assembly",
    "bash",
    "basic",
    "bnf",
    "c",
    "c#",
    "c++",
    "clojure",
    "coffeescript",
    "coq",
    "css",
    "dart",
    "dhall",
    "diff",
    "docker",
    "ebnf",
    "elixir",
    "elm",
    "erlang",
    "f#",
    "flow",
    "fortran",
    "gherkin",
    "glsl",
    "go",
    "graphql",
    "groovy",
    "haskell",
    "hcl",
    "html",
    "idris",
    "java",
    "javascript",
    "json",
    "julia",
    "kotlin",
    "latex",
    "less",
    "lisp",
    "livescript",
    "llvm ir",
    "lua",
    "makefile",
    "markdown",
    "markup",
    "matlab",
    "mathematica",
    "mermaid",
    "nix",
    "notion formula",
    "objective-c",
    "ocaml",
    "pascal",
    "perl",
    "php",
    "plain text",
    "powershell",
    "prolog",
    "protobuf",
    "purescript",
    "python",
    "r",
    "racket",
    "reason",
    "ruby",
    "rust",
    "sass",
    "scala",
    "scheme",
    "scss",
    "shell",
    "smalltalk",
    "solidity",
    "sql",
    "swift",
    "toml",
    "typescript",
    "vb.net",
    "verilog",
    "vhdl",
    "visual basic",
    "webassembly",
    "xml",
    "yaml",
    "java/c/c++/c#",
]);

static TEXT: &[Field] = &[must("rich_text", &RICH_TEXT), may("color", &COLOR)];
static HEADING: &[Field] =
    &[must("rich_text", &RICH_TEXT), may("color", &COLOR), may("is_toggleable", &FLAG)];
static ICON_TEXT: &[Field] = &[must("rich_text", &RICH_TEXT), may("color", &COLOR), may("icon", &ICON)];
static ICON_TEXT_CHANGED: &[Field] =
    &[may("rich_text", &RICH_TEXT), may("color", &COLOR), may("icon", &ICON)];
static URL: &[Field] = &[must("url", &Shape::Address), may("caption", &RICH_TEXT)];
static URL_CHANGED: &[Field] = &[may("url", &Shape::Address), may("caption", &RICH_TEXT)];
static FILE: &[Field] =
    &[may("type", &Shape::Word(&["external"])), must("external", &EXTERNAL), may("caption", &RICH_TEXT)];
static FILE_CHANGED: &[Field] = &[may("external", &EXTERNAL), may("caption", &RICH_TEXT)];

const fn kind(
    name: &'static str,
    made: &'static [Field],
    changed: Option<&'static [Field]>,
    nesting: Nesting,
    defaults: &'static [(&'static str, Filler)],
) -> Kind {
    Kind { name, made, changed, nesting, defaults }
}

const fn text(name: &'static str) -> Kind {
    kind(name, TEXT, Some(TEXT), Nesting::Blocks, &[("color", Filler::Colour)])
}

const fn heading(name: &'static str) -> Kind {
    let defaults = &[("color", Filler::Colour), ("is_toggleable", Filler::No)];
    kind(name, HEADING, Some(HEADING), Nesting::Toggleable, defaults)
}

const fn url(name: &'static str) -> Kind {
    kind(name, URL, Some(URL_CHANGED), Nesting::Nothing, &[("caption", Filler::None)])
}

const fn file(name: &'static str) -> Kind {
    kind(name, FILE, Some(FILE_CHANGED), Nesting::Nothing, &[("caption", Filler::None)])
}

static KINDS: &[Kind] = &[
    kind(
        "paragraph",
        ICON_TEXT,
        Some(ICON_TEXT_CHANGED),
        Nesting::Blocks,
        &[("color", Filler::Colour), ("icon", Filler::Nothing)],
    ),
    heading("heading_1"),
    heading("heading_2"),
    heading("heading_3"),
    heading("heading_4"),
    text("bulleted_list_item"),
    text("numbered_list_item"),
    text("quote"),
    text("toggle"),
    kind(
        "to_do",
        &[must("rich_text", &RICH_TEXT), may("checked", &FLAG), may("color", &COLOR)],
        Some(&[may("rich_text", &RICH_TEXT), may("checked", &FLAG), may("color", &COLOR)]),
        Nesting::Blocks,
        &[("color", Filler::Colour), ("checked", Filler::No)],
    ),
    kind(
        "callout",
        ICON_TEXT,
        Some(ICON_TEXT_CHANGED),
        Nesting::Blocks,
        &[("color", Filler::Colour), ("icon", Filler::Nothing)],
    ),
    kind(
        "code",
        &[must("rich_text", &RICH_TEXT), must("language", &LANGUAGE), may("caption", &RICH_TEXT)],
        Some(&[may("rich_text", &RICH_TEXT), may("language", &LANGUAGE), may("caption", &RICH_TEXT)]),
        Nesting::Nothing,
        &[("caption", Filler::None)],
    ),
    kind(
        "equation",
        &[must("expression", &Shape::Text(1000))],
        Some(&[must("expression", &Shape::Text(1000))]),
        Nesting::Nothing,
        &[],
    ),
    kind("divider", &[], Some(&[]), Nesting::Nothing, &[]),
    kind("breadcrumb", &[], Some(&[]), Nesting::Nothing, &[]),
    kind(
        "table_of_contents",
        &[may("color", &COLOR)],
        Some(&[may("color", &COLOR)]),
        Nesting::Nothing,
        &[("color", Filler::Colour)],
    ),
    url("bookmark"),
    url("embed"),
    file("image"),
    file("video"),
    file("pdf"),
    file("audio"),
    kind(
        "file",
        &[
            may("type", &Shape::Word(&["external"])),
            must("external", &EXTERNAL),
            may("caption", &RICH_TEXT),
            may("name", &Shape::Text(900)),
        ],
        Some(&[may("external", &EXTERNAL), may("caption", &RICH_TEXT), may("name", &Shape::Text(900))]),
        Nesting::Nothing,
        &[("caption", Filler::None), ("name", Filler::Name)],
    ),
    kind(
        "table",
        &[must("table_width", &Shape::Number), may("has_column_header", &FLAG), may("has_row_header", &FLAG)],
        Some(&[may("has_column_header", &FLAG), may("has_row_header", &FLAG)]),
        Nesting::Rows,
        &[("has_column_header", Filler::No), ("has_row_header", Filler::No)],
    ),
    kind("table_row", &[must("cells", &CELLS)], Some(&[must("cells", &CELLS)]), Nesting::Nothing, &[]),
    kind("column_list", &[], None, Nesting::Columns, &[]),
    kind(
        "column",
        &[may("width_ratio", &Shape::Number)],
        Some(&[may("width_ratio", &Shape::Number)]),
        Nesting::Blocks,
        &[],
    ),
];

static CELLS: Shape = Shape::List(&RICH_TEXT, 100);

impl Kind {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|kind| kind.name)
    }

    /// Adds the keys that answers always carry.
    pub(super) fn fill(&self, content: &mut Map<String, Value>) {
        if content.contains_key("external") {
            content.insert("type".to_owned(), json!("external"));
        }
        let name = content
            .get("external")
            .and_then(|file| file.get("url")?.as_str()?.rsplit('/').next())
            .map(str::to_owned);
        for (key, filler) in self.defaults {
            let value = || match filler {
                Filler::Colour => json!("default"),
                Filler::No => json!(false),
                Filler::Nothing => Value::Null,
                Filler::None => json!([]),
                Filler::Name => json!(name.clone().unwrap_or_default()),
            };
            content.entry(*key).or_insert_with(value);
        }
    }
}
