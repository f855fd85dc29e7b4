//! From a ticket to a page, in databases that fit and in those that do not.

use domain::{Evidence, Priority, Ticket, TicketType, extraction::RecordingLink};
use serde_json::{Value, json};
use uuid::Uuid;
use vendors::NOTION;

use super::{super::*, ID, column, data_source};

const OUR_ID: Uuid = Uuid::from_u128(7);

fn ticket() -> Ticket {
    Ticket {
        title: "Export button does nothing".into(),
        ticket_type: TicketType::Bug,
        priority: Priority::High,
        description: "The export does nothing. Everybody is affected.".into(),
        steps_to_reproduce: vec!["Open the report".into(), "Click Export".into()],
        product_area: Some("Reports, exports".into()),
        evidence: vec![
            evidence("/description", 3_661_000),
            evidence("/steps_to_reproduce/1", 42_900),
            evidence("/steps_to_reproduce/1", 42_100),
        ],
        source: None,
        warnings: vec![],
    }
}

fn evidence(pointer: &str, start_ms: u64) -> Evidence {
    let url = "https://evil.example/".to_owned();
    Evidence {
        pointer: pointer.into(),
        cue_ids: vec![],
        start_ms,
        end_ms: start_ms,
        quote: String::new(),
        url,
    }
}

fn link() -> RecordingLink {
    RecordingLink::new("https://app.example", "v1".parse().unwrap())
}

fn schema(properties: &Value) -> TicketSchema {
    TicketSchema::from_data_source(&data_source(properties), None).unwrap()
}

fn complete() -> TicketSchema {
    schema(&json!({
        "Name": column("title", "Name", "title", &[]),
        "ticket type ": column("t", "ticket type ", "select", &["bug", "Task"]),
        "Priority": column("p", "Priority", "status", &["Low", "HIGH"]),
        "Product Area": column("a", "Product Area", "rich_text", &[]),
        "Patchbay ID": column("x", "Patchbay ID", "rich_text", &[]),
    }))
}

fn plan(ticket: &Ticket, schema: &TicketSchema) -> PagePlan {
    let plan = plan_page(ticket, schema, &link(), OUR_ID);
    NOTION.assert_fits("CreatePageBodyParameters", &plan.create);
    for children in &plan.appends {
        NOTION.assert_fits("AppendBlockChildrenBodyParameters", &json!({"children": children}));
    }
    plan
}

/// The page as a person reads it: a line per block, links in brackets.
fn readable(plan: &PagePlan) -> Vec<String> {
    let first = plan.create["children"].as_array().unwrap().iter().cloned();
    let blocks = first.chain(plan.appends.iter().flatten().map(|block| json!(block)));
    blocks
        .map(|block| {
            let kind = block["type"].as_str().unwrap();
            let runs = block[kind]["rich_text"].as_array().map(Vec::as_slice).unwrap_or_default();
            let text: String = runs.iter().map(readable_run).collect();
            format!("{kind}: {text}{}", block[kind]["url"].as_str().unwrap_or_default())
        })
        .collect()
}

fn readable_run(run: &Value) -> String {
    assert_eq!(run["type"], "text");
    let content = run["text"]["content"].as_str().unwrap();
    match run["text"]["link"]["url"].as_str() {
        Some(url) => format!("[{content}]({url})"),
        None => content.to_owned(),
    }
}

#[test]
fn a_fitting_database_takes_every_part_by_the_ids_of_its_columns() {
    let plan = plan(&ticket(), &complete());
    assert_eq!(plan.create["parent"]["data_source_id"], ID);
    assert_eq!(
        plan.create["properties"],
        json!({
            "title": {"title": rich_text("Export button does nothing", None)},
            "t": {"select": {"name": "bug"}},
            "p": {"status": {"name": "HIGH"}},
            "a": {"rich_text": rich_text("Reports, exports", None)},
            "x": {"rich_text": rich_text("00000000-0000-0000-0000-000000000007", None)},
        })
    );
    assert_eq!(plan.unmapped, Vec::<String>::new());
    assert_eq!(
        readable(&plan),
        [
            "heading_2: Summary",
            "paragraph: The export does nothing. Everybody is affected. [1:01:01](https://app.example/s/v1?t=3661)",
            "heading_2: Steps to Reproduce",
            "numbered_list_item: Open the report",
            "numbered_list_item: Click Export [0:42](https://app.example/s/v1?t=42)",
            "heading_2: Video Reference",
            "bookmark: https://app.example/s/v1",
        ]
    );
}

#[test]
fn what_has_no_column_stands_in_the_body_and_is_named() {
    let bare = schema(&json!({"Idea": column("title", "Idea", "title", &[])}));
    let plan = plan(&Ticket { steps_to_reproduce: vec![], ..ticket() }, &bare);
    assert_eq!(plan.unmapped, ["Ticket Type", "Priority", "Product Area"]);
    assert_eq!(
        readable(&plan)[2..],
        [
            "heading_3: Details",
            "bulleted_list_item: Ticket Type: Bug",
            "bulleted_list_item: Priority: High",
            "bulleted_list_item: Product Area: Reports, exports",
            "heading_2: Video Reference",
            "bookmark: https://app.example/s/v1#patchbay-00000000-0000-0000-0000-000000000007",
        ]
    );
}

#[test]
fn a_column_that_does_not_take_the_word_is_left_empty() {
    let long = "x".repeat(101);
    for (kind, options, area, fits) in [
        ("select", vec![], "Reports, exports", false),
        ("select", vec!["reports, exports"], "Reports, exports", true),
        ("select", vec![], long.as_str(), false),
        ("select", vec![], "Reports", true),
        ("multi_select", vec![], "Reports, exports", false),
        ("multi_select", vec![], "Reports", true),
        ("status", vec!["Open"], "Reports", false),
        ("status", vec!["REPORTS"], "Reports", true),
        ("rich_text", vec![], "Reports, exports", true),
        ("number", vec![], "Reports", false),
        ("people", vec![], "Reports", false),
    ] {
        let schema = schema(&json!({
            "Name": column("title", "Name", "title", &[]),
            "Product Area": column("a", "Product Area", kind, &options),
        }));
        let plan = plan(&Ticket { product_area: Some(area.to_owned()), ..ticket() }, &schema);
        assert_eq!(plan.create["properties"].get("a").is_some(), fits, "{kind} {options:?} {area}");
        assert_eq!(plan.unmapped.contains(&"Product Area".to_owned()), !fits);
    }
}

#[test]
fn a_ticket_without_product_area_misses_no_column() {
    let plan = plan(&Ticket { product_area: None, ..ticket() }, &complete().title_only());
    assert_eq!(plan.unmapped, ["Ticket Type", "Priority"]);
    assert!(plan.create["properties"].get("x").is_some());
}

#[test]
fn a_column_with_our_name_and_another_type_is_not_ours() {
    let source = data_source(&json!({
        "Name": column("title", "Name", "title", &[]),
        "Patchbay ID": column("x", "Patchbay ID", "number", &[]),
    }));
    assert_eq!(TicketSchema::from_data_source(&source, None).unwrap().external_id, None);
    assert!(source.has_property(EXTERNAL_ID_NAME));
    assert_eq!(TicketSchema::from_data_source(&data_source(&json!({})), None), None);
}

#[test]
fn the_schema_survives_being_remembered() {
    let remembered = serde_json::to_value(complete()).unwrap();
    assert_eq!(serde_json::from_value::<TicketSchema>(remembered).unwrap(), complete());
}

#[test]
fn words_that_look_like_more_stay_words() {
    let hostile = "@everyone [link](https://evil.example) <b>x</b> $$E=mc^2$$ \u{0}\u{7}";
    let plan = plan(&Ticket { description: hostile.into(), evidence: vec![], ..ticket() }, &complete());
    assert_eq!(readable(&plan)[1], "paragraph: @everyone [link](https://evil.example) <b>x</b> $$E=mc^2$$ ");
}

#[test]
fn a_long_ticket_arrives_whole_in_several_calls() {
    let steps: Vec<_> = (0..230).map(|index| format!("{index}: {}", "é".repeat(2_500))).collect();
    let evidence = (0..300).map(|second| evidence("/steps_to_reproduce/0", second * 1_000)).collect();
    let long = Ticket { steps_to_reproduce: steps.clone(), evidence, ..ticket() };
    let plan = plan(&long, &complete());

    assert!(plan.appends.len() >= 2);
    let text = readable(&plan).join("\n");
    assert!(steps.iter().all(|step| text.contains(step)));
    assert!(text.contains("[4:59](https://app.example/s/v1?t=299)"));
    assert_eq!(readable(&plan).iter().filter(|line| line.starts_with("numbered_list_item")).count(), 230);
}

#[test]
fn a_long_page_without_an_id_of_its_own_can_be_found_by_what_its_first_call_makes() {
    let bare = schema(&json!({"Idea": column("title", "Idea", "title", &[])}));
    let steps = (0..300).map(|index| index.to_string()).collect();
    let long = plan(&Ticket { steps_to_reproduce: steps, ..ticket() }, &bare);
    let mark = "#patchbay-00000000-0000-0000-0000-000000000007";
    assert!(!long.appends.is_empty() && long.create["children"].to_string().contains(mark));
}

#[test]
fn an_interrupted_page_is_continued_where_it_stopped() {
    let steps = (0..300).map(|index| index.to_string()).collect();
    let plan = plan(&Ticket { steps_to_reproduce: steps, ..ticket() }, &complete());
    assert_eq!(plan.appends.len(), 3);
    // As Notion shows them.
    let block = |value: &Value| Block {
        id: String::new(),
        kind: value["type"].as_str().unwrap().to_owned(),
        has_children: false,
        in_trash: false,
        raw: value.clone(),
    };
    let shown = |children: &[NewBlock]| -> Vec<Block> {
        children.iter().map(|child| block(&serde_json::to_value(child).unwrap())).collect()
    };
    let mut on_page: Vec<Block> = plan.create["children"].as_array().unwrap().iter().map(block).collect();
    assert_eq!(plan.missing_on(&on_page), plan.appends);
    on_page.extend(shown(&plan.appends[0]));
    // Somebody throws some away, and writes something.
    on_page.truncate(on_page.len() - 20);
    on_page.push(block(&json!({"type": "paragraph", "paragraph": {"rich_text": []}})));
    assert_eq!(plan.missing_on(&on_page), plan.appends[1..]);
    on_page.extend(plan.appends[1..].iter().flat_map(|children| shown(children)));
    assert_eq!(plan.missing_on(&on_page), Vec::<Vec<NewBlock>>::new());
}
