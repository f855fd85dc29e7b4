//! Any description in Markdown: it is written on a page, and the same document is read from it.

use std::sync::Arc;

use domain::{document::Document, markdown};
use proptest::{collection::vec, prelude::*, sample::select};
use providers::{
    notion::{
        BlockTree, NewBlock, Notion as Client, Parent, Position, blocks_from_document, document_from_blocks,
        pack,
    },
    registry::Endpoints,
};
use serde_json::json;
use simulators::Notion;

use crate::{
    door::{Door, now, run},
    notion::{connect, workspace},
};

/// Writes the blocks below the page, call by call.
async fn put(notion: &Client, page: &str, blocks: Vec<NewBlock>) {
    let packing = pack(blocks);
    let mut calls = vec![(Parent::Page, packing.first)];
    calls.extend(packing.appends.into_iter().map(|append| (append.parent, append.children)));
    let mut ids: Vec<Vec<String>> = Vec::new();
    for (parent, children) in calls {
        let parent = match parent {
            Parent::Page => page,
            Parent::Block { call, index } => &ids[call][index],
        };
        let made = if children.is_empty() {
            Vec::new()
        } else {
            notion.append_children(parent, &Position::End, &children).await.unwrap()
        };
        ids.push(made);
    }
}

async fn read(notion: &Client, id: &str) -> Vec<BlockTree> {
    let mut trees = Vec::new();
    for block in notion.list_children(id, |_| true).await.unwrap() {
        let children = if block.has_children { Box::pin(read(notion, &block.id)).await } else { Vec::new() };
        trees.push(BlockTree { block, children });
    }
    trees
}

/// Holds what was written against what is there.
fn same(written: &[NewBlock], trees: &[BlockTree]) {
    assert_eq!(written.len(), trees.len());
    for (new, tree) in written.iter().zip(trees) {
        assert_eq!(new.fingerprint(), tree.block.fingerprint(), "{}", tree.block.raw);
        same(&new.children, &tree.children);
    }
}

async fn page(door: &Arc<Door<Notion>>, notion: &Client) -> String {
    let source = door.simulator().data_source_id("Product tickets").unwrap();
    let parent = json!({"type": "data_source_id", "data_source_id": source});
    let page = notion.create_page(&json!({"parent": parent, "properties": {}})).await;
    page.unwrap().id
}

async fn story(document: Document) {
    let door = workspace();
    let grant = connect(&door).await;
    let notion = Client::new(door.http(), &Endpoints::default(), grant.access.clone());
    let page = page(&door, &notion).await;
    let blocks = blocks_from_document(&document);
    put(&notion, &page, blocks.clone()).await;
    let trees = read(&notion, &page).await;
    same(&blocks, &trees);
    let found = document_from_blocks(&trees);
    // What Notion has fewer words for, such as the fifth level of headings, is the same from then on.
    same(&blocks_from_document(&found), &trees);
    assert_eq!(markdown::parse(&markdown::write(&found)), found);
    assert_eq!(door.simulator().violations().to_vec(), Vec::<String>::new(), "{}", now());
}

fn source() -> impl Strategy<Value = String> {
    let pieces = vec![
        "word",
        "é🐞",
        "1. ",
        "- ",
        "- [x] ",
        "> ",
        "# ",
        "##### ",
        "**",
        "*",
        "~~",
        "`",
        "```",
        "```rs\n",
        "| a | b |\n|-|-|\n| c |",
        "[a](https://b.c)",
        "[a](d)",
        "![a](https://b.c/d.png)",
        "<br>",
        "<b>",
        "$x$",
        "$$y$$",
        "---",
        "\\",
        "&amp;",
    ];
    let breaks =
        select(vec!["", " ", "\n", "\n\n", "\n  ", "\n    ", "\n\n      ", "\n- ", "\n  - ", "\n> "]);
    vec((select(pieces), breaks), 0..40)
        .prop_map(|parts| parts.into_iter().flat_map(|(piece, after)| [piece, after]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_description_is_on_its_page(source in source()) {
        run(story(markdown::parse(&source)));
    }
}

#[test]
fn a_long_description_is_on_its_page_whole() {
    let mut source = String::from("| a | b |\n|---|---|\n");
    source.extend((0..250).map(|row| ["| ", ["x", "y"][row % 2], " | z |\n"].concat()));
    source.push_str(
        &"- item with **bold** words\n  1. deeper\n     > a quote\n     > - deepest\n\n".repeat(15),
    );
    source.push_str(&"a `b` ".repeat(150));
    source.extend(["\n\n```rust\n", &"let answer = 42;\n".repeat(8_000), "```\n"]);
    run(story(markdown::parse(&source)));
}
