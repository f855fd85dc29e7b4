//! Any ticket that may be filed.

use domain::{Evidence, Priority, Ticket, TicketType};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// Text as people and machines write it: letters of many scripts, emoji, line breaks, control characters, markup.
pub(crate) fn text(longest: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{1,12}",
        "[a-z ,.]{1,20}",
        "[\\t\\n\\x00-\\x1f]{1,3}",
        "(👩‍👩‍👧|e\u{301}|𝔘|🇩🇪){1,9}",
        Just("<b>@x</b> [l](u) $$".to_owned())
    ];
    let sizes = prop_oneof![6 => 0..longest.min(40), 1 => longest.saturating_sub(2)..longest + 1];
    (vec(piece, 1..6), sizes).prop_map(|(pieces, size)| pieces.concat().chars().cycle().take(size).collect())
}

/// One line.
fn line(longest: usize) -> impl Strategy<Value = String> {
    text(longest).prop_map(|text| text.chars().filter(|c| !c.is_control()).collect())
}

/// A ticket that may be filed, as long as each part can be.
pub(crate) fn ticket() -> impl Strategy<Value = Ticket> {
    let few_or_all = |most: usize| prop_oneof![8 => 0..4_usize, 1 => Just(most)];
    let steps = few_or_all(100).prop_flat_map(|count| vec(text(1_000), count));
    let evidence = few_or_all(500).prop_flat_map(|count| vec(evidence(), count));
    // Only a new option must have no comma.
    let area = prop_oneof![2 => line(100), 1 => "[a-z]{1,9}, [a-z]{1,9}"];
    let words = (select(TicketType::ALL.to_vec()), select(Priority::ALL.to_vec()));
    let ticket = (line(80), words, text(10_000), steps, option::weighted(0.8, area), evidence).prop_map(
        |(title, (ticket_type, priority), description, steps_to_reproduce, product_area, evidence)| Ticket {
            title,
            ticket_type,
            priority,
            description,
            steps_to_reproduce,
            product_area,
            evidence,
            source: None,
            warnings: vec![],
        },
    );
    ticket.prop_filter("only what is valid is filed", |ticket| ticket.validate().is_empty())
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let pointer = prop_oneof![
        Just("/description".to_owned()),
        (0..3_u8).prop_map(|step| format!("/steps_to_reproduce/{step}"))
    ];
    let start = prop_oneof![0..36_000_000_u64, Just(u64::MAX)];
    (pointer, start).prop_map(|(pointer, start_ms)| Evidence {
        pointer,
        cue_ids: vec![],
        start_ms,
        end_ms: start_ms,
        quote: String::new(),
        url: String::new(),
    })
}
