//! Text made to break readers: they stay fast, stop nesting, and lose nothing.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::super::{MAX_DEPTH, parse, write};
use crate::document::{Block, Document, Marker, plain_text};

fn depth(blocks: &[Block]) -> usize {
    let inside = |block: &Block| match block {
        Block::Item { children, .. } | Block::Quote { children, .. } if !children.is_empty() => {
            1 + depth(children)
        }
        _ => 0,
    };
    blocks.iter().map(inside).max().unwrap_or_default()
}

/// Everything that is said, block by block.
fn said(blocks: &[Block]) -> String {
    let of = |block: &Block| match block {
        Block::Paragraph(text) | Block::Heading { text, .. } => plain_text(text),
        Block::Item { text, children, .. } | Block::Quote { text, children } => {
            plain_text(text) + &said(children)
        }
        Block::Code { text, .. } => text.clone(),
        Block::Table(table) => table.rows.iter().flatten().map(|cell| plain_text(cell)).collect(),
        Block::Image { caption, .. } => plain_text(caption),
        Block::Equation(expression) => expression.clone(),
        Block::Divider | Block::Foreign { .. } => String::new(),
    };
    blocks.iter().map(of).collect()
}

fn timely(source: &str) -> Document {
    let started = Instant::now();
    let document = parse(source);
    let written = write(&document);
    let again = parse(&written);
    assert!(depth(&document.blocks) <= MAX_DEPTH);
    assert_eq!(said(&again.blocks), said(&document.blocks));
    // Seconds, on any machine: what is not linear takes minutes.
    let limit = Duration::from_secs(20);
    let start: String = source.chars().take(20).collect();
    assert!(started.elapsed() < limit, "{start:?} takes {:?}", started.elapsed());
    document
}

#[test]
fn what_lies_too_deep_follows_what_it_was_in() {
    let names: Vec<String> = (0..40).map(|level| format!("n{level};")).collect();
    let source: String =
        (0..40).flat_map(|level| ["  ".repeat(level), format!("- {}\n", names[level])]).collect();
    let document = timely(&source);
    assert_eq!(said(&document.blocks), names.concat());
    assert_eq!(depth(&document.blocks), MAX_DEPTH);
    let mut level = &document.blocks;
    for _ in 1..MAX_DEPTH {
        let [Block::Item { children, .. }] = level.as_slice() else { panic!("{level:?}") };
        level = children;
    }
    let [Block::Item { children, .. }] = level.as_slice() else { panic!("{level:?}") };
    assert_eq!(children.len(), 40 - MAX_DEPTH);
    let is_single = |block: &Block| matches!(block, Block::Item { marker: Marker::Bullet, children, .. } if children.is_empty());
    assert!(children.iter().all(is_single));
}

#[test]
fn long_runs_of_one_sign_take_no_longer_than_words() {
    for piece in [
        ">",
        "> ",
        "- ",
        "1. ",
        "*",
        "**a",
        "_",
        "a_",
        "~",
        "`",
        "`a",
        "[",
        "![",
        "[a](",
        "](",
        "<",
        "<!--",
        "<a ",
        "&",
        "&#",
        "$",
        "$$",
        "${",
        "}",
        "|",
        "|-",
        "\\",
        "#",
        "# ",
        "=",
        "\n",
        "> \n",
        "- \n",
        "[a]: b\n",
        "[a]: <b\n",
        "\t",
        "a\n=\n",
        "|a|\n|-|\n",
        "```\n",
        "<br>",
        "<div>\n",
        "*a_ ",
        "[a][b]",
        "![a](http://b)",
        "$a$",
        "- [ ] a\n",
    ] {
        timely(&piece.repeat(20_000 / piece.len()));
    }
}

#[test]
fn deep_structures_take_no_longer_than_flat_ones() {
    let items = (0..200).flat_map(|level| ["  ".repeat(level), "- a\n".to_owned()]).collect::<String>();
    let quotes = (0..200).flat_map(|level| ["> ".repeat(level), "a\n".to_owned()]).collect::<String>();
    let mixed = "> - ".repeat(5_000) + "a";
    let wide = format!("{}\n{}\n", "|a".repeat(2_000), "|-".repeat(2_000));
    let pictures = "![".repeat(3_000) + &"](http://a)".repeat(3_000);
    let blanks = "<br>&#32;".repeat(5_000) + "![](http://a)";
    for source in [items, quotes, mixed, pictures, blanks, wide + &"|b\n".repeat(100)] {
        timely(&source);
    }
}

proptest! {
    #[test]
    fn any_text_is_markdown(source in "\\PC{0,60}|[ -~\n\t\r]{0,200}|(.|\n){0,60}|[->*_`\\[\\]()!<>|$#~ \n1a.&;:]{0,200}") {
        let document = parse(&source);
        prop_assert!(depth(&document.blocks) <= MAX_DEPTH);
        write(&document);
    }

    #[test]
    fn no_word_is_lost(words in proptest::collection::vec("[a-z]{3,6}", 1..30), between in proptest::collection::vec(
        prop::sample::select(vec![" ", "\n", "\n\n", "\n- ", "\n  - ", "\n> ", " **", "** ", " | ", "\n# ", "\n1. ", " `", "` ", " ![", "](http://a)",
            " [", "](x)", "\n|-|\n", " <b>", "\n    ", "$$", " $", "$ ", "\n<div>\n", " ~~", "~~ ", "\n```\n", "\\\n", "<br>"]), 30)) {
        let source: String = words.iter().zip(&between).flat_map(|(word, between)| [word.as_str(), between]).collect();
        let document = format!("{:?}", parse(&source));
        for word in &words {
            prop_assert!(document.contains(word.as_str()), "{} {}", word, source);
        }
    }
}
