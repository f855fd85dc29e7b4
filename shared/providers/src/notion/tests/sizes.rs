//! Limits of text and of calls, for any text and any tree.

use proptest::prelude::*;
use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation as _;

use super::super::*;

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

#[test]
fn text_is_cut_where_people_see_characters_end() {
    let family = "👩‍👩‍👧‍👦";
    let text = format!("{}{family}b", "a".repeat(1_995));
    assert_eq!(split_text(&text), [&"a".repeat(1_995), &format!("{family}b")]);
    assert_eq!(split_text(&"é".repeat(2_000)).len(), 1);
    assert_eq!(split_text(""), Vec::<&str>::new());
}

#[test]
fn one_endless_character_is_cut_all_the_same() {
    let endless = format!("a{}", "\u{301}".repeat(5_000));
    let pieces = split_text(&endless);
    assert_eq!(pieces.concat(), endless);
    assert!(pieces.iter().all(|piece| units(piece) <= 2_000));
}

proptest! {
    #[test]
    fn no_text_is_lost_or_too_long(parts in proptest::collection::vec("\\PC{0,40}", 0..60)) {
        let text = parts.concat().repeat(3);
        let pieces = split_text(&text);
        prop_assert_eq!(pieces.concat(), text.clone());
        prop_assert!(pieces.iter().all(|piece| !piece.is_empty() && units(piece) <= 2_000));
        // A cut between pieces is a border between graphemes of the whole.
        let borders: std::collections::HashSet<_> = text.grapheme_indices(true).map(|(index, _)| index).collect();
        let mut end = 0;
        for piece in &pieces {
            prop_assert!(borders.contains(&end));
            end += piece.len();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_tree_arrives_whole_and_every_call_keeps_the_limits(shapes in shapes()) {
        let blocks: Vec<_> = shapes.into_iter().map(tree).collect();
        let packing = pack(blocks.clone());
        for (_, children) in calls(&packing) {
            prop_assert!(children.len() <= 100);
            prop_assert!(count(&children) <= 1_000);
            prop_assert!(depth(&children) <= 2);
            let bytes = json!({"children": children}).to_string().len();
            prop_assert!(bytes <= 500_000);
        }
        prop_assert_eq!(rebuilt(&packing), as_json(&blocks));
    }
}

proptest! {
    /// An answer names only the blocks of the first level, so what lies below a child that has children itself needs a call
    /// of its own, once its parent has an id. There is no cheaper way for trees that break no other limit.
    #[test]
    fn no_tree_needs_more_calls_than_the_two_levels_ask_for(blocks in proptest::collection::vec(nested(), 0..20)) {
        let packing = pack(blocks.clone());
        prop_assert_eq!(packing.appends.len(), deep(&blocks));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Blocks stay in order and keep what is inside them, as far as that may travel with them: no other way to cut their list
    /// needs fewer calls.
    #[test]
    fn no_list_needs_more_calls_than_the_limits_ask_for(
        shapes in proptest::collection::vec((0..9_000_usize, prop_oneof![0..9_usize, 0..300_usize]), 0..300)
    ) {
        let blocks: Vec<_> = shapes.into_iter().map(|(length, width)| tree((length, width, 0))).collect();
        let packing = pack(blocks.clone());
        let (outermost, inner): (Vec<_>, Vec<_>) =
            packing.appends.iter().partition(|append| append.parent == Parent::Page);
        let sizes: Vec<_> = blocks.iter().map(travelling).collect();
        // The packer estimates bytes, and leaves room for what is around the blocks.
        let (least, most) = (fewest(&sizes, 500_000), fewest(&sizes, 430_000));
        let calls = 1 + outermost.len();
        prop_assert!((least..=most).contains(&calls), "{} of {}..={}", calls, least, most);
        let further: usize = blocks.iter().map(|block| block.children.len().saturating_sub(100).div_ceil(100)).sum();
        prop_assert_eq!(inner.len(), further);
    }
}

/// How many blocks and bytes a block is with what of its children may travel with it.
fn travelling(block: &NewBlock) -> (usize, usize) {
    let children: Vec<_> = block.children.iter().take(100).cloned().collect();
    let block = NewBlock { children, ..block.clone() };
    (1 + block.children.len(), json!(block).to_string().len() + 1)
}

/// The fewest calls for blocks of these sizes, in order, of so many bytes at most: of every place where the last may begin,
/// the best. A page is made with one call also if there is nothing on it.
fn fewest(sizes: &[(usize, usize)], bytes: usize) -> usize {
    let mut fewest = vec![0; sizes.len() + 1];
    for end in 1..=sizes.len() {
        let (mut blocks, mut length) = (0, 0);
        let last = sizes[..end].iter().rev().take(100).take_while(|(count, size)| {
            (blocks, length) = (blocks + count, length + size);
            blocks <= 1_000 && length <= bytes
        });
        let longest = last.count();
        fewest[end] = (1..=longest).map(|last| fewest[end - last] + 1).min().unwrap_or(usize::MAX);
    }
    fewest[sizes.len()].max(1)
}

fn nested() -> impl Strategy<Value = NewBlock> {
    let leaf = (0..3_usize).prop_map(|length| block(length, vec![]));
    leaf.prop_recursive(6, 40, 5, |inside| {
        proptest::collection::vec(inside, 0..5).prop_map(|children| block(0, children))
    })
}

/// How many blocks have a child that has children.
fn deep(blocks: &[NewBlock]) -> usize {
    let is_deep = |block: &NewBlock| block.children.iter().any(|child| !child.children.is_empty());
    blocks.iter().map(|block| usize::from(is_deep(block)) + deep(&block.children)).sum()
}

/// A block, how many children it has, and how many levels lie below the middle one of them.
type Shape = (usize, usize, usize);

fn shapes() -> impl Strategy<Value = Vec<Shape>> {
    let length = prop_oneof![20 => 0..50_usize, 1 => 1_000..150_000_usize];
    let width = prop_oneof![5 => Just(0_usize), 2 => 0..30_usize, 1 => 90..130_usize];
    proptest::collection::vec((length, width, 0..4_usize), 0..130)
}

fn tree((length, width, depth): Shape) -> NewBlock {
    let below =
        |index| if index == width / 2 && depth > 0 { vec![tree((index, 3, depth - 1))] } else { vec![] };
    let share = length / (width + 1);
    block(share, (0..width).map(|index| block(share + index % 7, below(index))).collect())
}

fn block(length: usize, children: Vec<NewBlock>) -> NewBlock {
    NewBlock { kind: "toggle", content: json!({"rich_text": "\"".repeat(length / 2)}), children }
}

fn inside(block: &Value) -> Vec<Value> {
    block["toggle"]["children"].as_array().cloned().unwrap_or_default()
}

fn count(blocks: &[Value]) -> usize {
    blocks.iter().map(|block| 1 + count(&inside(block))).sum()
}

fn depth(blocks: &[Value]) -> usize {
    blocks.iter().map(|block| 1 + depth(&inside(block))).max().unwrap_or(0)
}

/// What a page holds after all the calls: every block with its children in order.
fn rebuilt(packing: &Packing) -> Value {
    Value::Array(children_of(Parent::Page, &calls(packing)))
}

/// What is sent: below what, and which blocks.
fn calls(packing: &Packing) -> Vec<(Parent, Vec<Value>)> {
    let sent = |blocks: &[NewBlock]| blocks.iter().map(|block| json!(block)).collect();
    let appends = packing.appends.iter().map(|append| (append.parent, sent(&append.children)));
    std::iter::once((Parent::Page, sent(&packing.first))).chain(appends).collect()
}

fn children_of(parent: Parent, calls: &[(Parent, Vec<Value>)]) -> Vec<Value> {
    let mut found = Vec::new();
    for (call, (_, children)) in calls.iter().enumerate().filter(|(_, (of, _))| *of == parent) {
        for (index, child) in children.iter().enumerate() {
            let mut all: Vec<_> = inside(child).iter().map(|leaf| as_node(leaf, &[])).collect();
            all.extend(children_of(Parent::Block { call, index }, calls));
            found.push(as_node(child, &all));
        }
    }
    found
}

fn as_node(block: &Value, children: &[Value]) -> Value {
    json!([block["toggle"]["rich_text"], children])
}

fn as_json(blocks: &[NewBlock]) -> Value {
    let nodes = blocks.iter().map(|block| json!([block.content["rich_text"], as_json(&block.children)]));
    Value::Array(nodes.collect())
}
