//! From a ticket to a Notion page: columns where the database has them, the body for everything else.

use std::collections::HashMap;

use domain::{Ticket, extraction::RecordingLink};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    Block, Fingerprint,
    limits::{MAX_RUNS, rich_text},
    packing::{NewBlock, pack},
    schema::{Field, FieldKind, TicketSchema},
};

/// Notion's limit on the name of an option.
const MAX_OPTION_UNITS: usize = 100;
/// The calls that create a ticket's page, and what the answer must say about it.
#[derive(Clone, Debug, PartialEq)]
pub struct PagePlan {
    /// The body of the call that creates the page.
    pub create: Value,
    /// The children of the calls after it, in order, each appended to the page.
    pub appends: Vec<Vec<NewBlock>>,
    /// The names of the columns that the database does not have, or whose value it does not take.
    pub unmapped: Vec<String>,
}

impl PagePlan {
    /// The appends that are missing on a page that shows these blocks. Notion takes all blocks of a call or none: one of which
    /// at least half are there was made, and somebody changed or threw away the others.
    pub fn missing_on(&self, shown: &[Block]) -> Vec<Vec<NewBlock>> {
        let mut left = HashMap::<Fingerprint, usize>::new();
        for block in shown {
            *left.entry(block.fingerprint()).or_default() += 1;
        }
        let mut take = |wanted: &Fingerprint| {
            left.get_mut(wanted).filter(|count| **count > 0).map(|count| *count -= 1).is_some()
        };
        for block in self.create["children"].as_array().into_iter().flatten() {
            let kind = block["type"].as_str().unwrap_or_default();
            take(&Fingerprint::of(kind, &block[kind]));
        }
        let mut is_missing = |children: &&Vec<NewBlock>| {
            let found = children.iter().filter(|block| take(&block.fingerprint())).count();
            found * 2 < children.len()
        };
        self.appends.iter().filter(|children| is_missing(children)).cloned().collect()
    }
}

/// The page of `ticket`. It carries `external_id` in its own column or, where there is none, in the recording's link, which is
/// among what its first call makes.
pub fn plan_page(
    ticket: &Ticket,
    schema: &TicketSchema,
    link: &RecordingLink,
    external_id: Uuid,
) -> PagePlan {
    let mut columns = Columns::default();
    columns.values.insert(schema.title.clone(), json!({"title": rich_text(&ticket.title, None)}));
    columns.set("Ticket Type", schema.ticket_type.as_ref(), ticket.ticket_type.as_str());
    columns.set("Priority", schema.priority.as_ref(), ticket.priority.as_str());
    if let Some(area) = &ticket.product_area {
        columns.set("Product Area", schema.product_area.as_ref(), area);
    }
    let mut video = link.start();
    match &schema.external_id {
        Some(id) => {
            let value = json!({"rich_text": rich_text(&external_id.to_string(), None)});
            columns.values.insert(id.clone(), value);
        }
        None => video = format!("{video}#patchbay-{external_id}"),
    }
    let Columns { values, homeless } = columns;
    let mut blocks = body(ticket, link, &homeless, &video);
    if schema.external_id.is_none() && !pack(blocks.clone()).appends.is_empty() {
        // The end of the page is not there yet when it must be found, so its first heading carries the link, too.
        blocks[0].content["rich_text"][0]["text"]["link"] = json!({"url": video});
    }
    let packing = pack(blocks);
    let create = json!({
        "parent": {"type": "data_source_id", "data_source_id": schema.data_source_id},
        "properties": values,
        "children": packing.first,
    });
    let appends = packing.appends.into_iter().map(|append| append.children).collect();
    PagePlan { create, appends, unmapped: homeless.into_iter().map(|(name, _)| name.to_owned()).collect() }
}

/// The values of columns, and those that found none.
#[derive(Default)]
struct Columns<'a> {
    values: Map<String, Value>,
    homeless: Vec<(&'static str, &'a str)>,
}

impl<'a> Columns<'a> {
    fn set(&mut self, name: &'static str, field: Option<&Field>, word: &'a str) {
        match field.and_then(|field| Some((field, value_of(field, word)?))) {
            Some((field, value)) => drop(self.values.insert(field.id.clone(), value)),
            None => self.homeless.push((name, word)),
        }
    }
}

/// `word` as the value of a column, unless the column does not take it.
fn value_of(field: &Field, word: &str) -> Option<Value> {
    let known = field.options.iter().find(|option| option.to_lowercase() == word.to_lowercase());
    // Notion separates options by commas when people type them, and refuses one that holds a comma.
    let is_new_option = !word.contains(',') && word.encode_utf16().count() <= MAX_OPTION_UNITS;
    let option = known.map(String::as_str).or_else(|| is_new_option.then_some(word));
    match field.kind {
        FieldKind::RichText => Some(json!({"rich_text": rich_text(word, None)})),
        FieldKind::Select => option.map(|name| json!({"select": {"name": name}})),
        FieldKind::MultiSelect => option.map(|name| json!({"multi_select": [{"name": name}]})),
        FieldKind::Status => known.map(|name| json!({"status": {"name": name}})),
    }
}

fn body(ticket: &Ticket, link: &RecordingLink, homeless: &[(&str, &str)], video: &str) -> Vec<NewBlock> {
    let mut blocks = Vec::new();
    if !ticket.description.trim().is_empty() {
        blocks.push(heading("heading_2", "Summary"));
        blocks.extend(text_blocks("paragraph", &cited(&ticket.description, "/description", ticket, link)));
    }
    if !ticket.steps_to_reproduce.is_empty() {
        blocks.push(heading("heading_2", "Steps to Reproduce"));
        for (index, step) in ticket.steps_to_reproduce.iter().enumerate() {
            let runs = cited(step, &format!("/steps_to_reproduce/{index}"), ticket, link);
            blocks.extend(text_blocks("numbered_list_item", &runs));
        }
    }
    if !homeless.is_empty() {
        blocks.push(heading("heading_3", "Details"));
        let lines = homeless.iter().map(|(name, word)| rich_text(&format!("{name}: {word}"), None));
        blocks.extend(lines.flat_map(|runs| text_blocks("bulleted_list_item", &runs)));
    }
    blocks.push(heading("heading_2", "Video Reference"));
    blocks.push(NewBlock { kind: "bookmark", content: json!({"url": video}), children: Vec::new() });
    blocks
}

fn heading(kind: &'static str, text: &str) -> NewBlock {
    NewBlock { kind, content: json!({"rich_text": rich_text(text, None)}), children: Vec::new() }
}

/// A text followed by the moments it rests on, each a link into the recording. The links are made here: those that a user
/// posted could lead anywhere.
fn cited(text: &str, pointer: &str, ticket: &Ticket, link: &RecordingLink) -> Vec<Value> {
    let mut seconds: Vec<u64> = ticket
        .evidence
        .iter()
        .filter(|evidence| evidence.pointer == pointer)
        .map(|evidence| evidence.start_ms / 1_000)
        .collect();
    seconds.sort_unstable();
    seconds.dedup();
    let mut runs = rich_text(text, None);
    for second in seconds {
        runs.extend(rich_text(" ", None));
        runs.extend(rich_text(&moment(second), Some(&link.at(second.saturating_mul(1_000)))));
    }
    runs
}

/// `0:42`, `12:05`, `1:02:03`.
fn moment(second: u64) -> String {
    let (hours, minutes, seconds) = (second / 3_600, second / 60 % 60, second % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Runs as one block of `kind`, continued in paragraphs where they are too many for one.
fn text_blocks(kind: &'static str, runs: &[Value]) -> Vec<NewBlock> {
    let chunks = runs.chunks(MAX_RUNS).enumerate();
    chunks
        .map(|(index, chunk)| NewBlock {
            kind: if index == 0 { kind } else { "paragraph" },
            content: json!({"rich_text": chunk}),
            children: Vec::new(),
        })
        .collect()
}
