//! What a user may post, and what they are told about the rest.

use serde_json::json;

use super::*;

fn draft() -> Draft {
    Draft {
        title: "Export button does nothing".into(),
        ticket_type: TicketType::Bug,
        priority: Priority::High,
        description: "The export button does nothing. No file appears.".into(),
        steps_to_reproduce: vec!["Open the report".into(), "Click Export".into()],
        evidence: vec![Evidence {
            pointer: "/description".into(),
            cue_ids: vec!["2".into()],
            start_ms: 4_000,
            end_ms: 6_500,
            quote: "the export button does nothing".into(),
            url: "https://app.example/s/v1?t=4".into(),
        }],
        source: Source::Rules,
        warnings: vec![],
    }
}

fn refused(ticket: &Ticket) -> Vec<(String, &'static str)> {
    ticket.validate().into_iter().map(|error| (error.pointer, error.code)).collect()
}

#[test]
fn a_draft_is_written_as_the_contract_says() {
    assert_eq!(
        serde_json::to_value(draft()).unwrap(),
        json!({
            "title": "Export button does nothing", "ticket_type": "Bug", "priority": "High",
            "description": "The export button does nothing. No file appears.",
            "steps_to_reproduce": ["Open the report", "Click Export"],
            "evidence": [{
                "pointer": "/description", "cue_ids": ["2"], "start_ms": 4000, "end_ms": 6500,
                "quote": "the export button does nothing", "url": "https://app.example/s/v1?t=4",
            }],
            "source": "rules", "warnings": [],
        })
    );
}

#[test]
fn a_draft_can_be_posted_back_as_it_came_with_a_product_area() {
    let mut body = serde_json::to_value(draft()).unwrap();
    body["product_area"] = json!("Reports");
    let ticket: Ticket = serde_json::from_value(body).unwrap();
    assert_eq!(ticket, Ticket { product_area: Some("Reports".into()), ..Ticket::from(draft()) });
    assert_eq!(ticket.validate(), vec![]);
}

#[test]
fn only_the_title_is_required() {
    let ticket: Ticket = serde_json::from_value(json!({"title": "Tidy up"})).unwrap();
    assert_eq!((ticket.ticket_type, ticket.priority), (TicketType::Task, Priority::Medium));
    assert_eq!(ticket.validate(), vec![]);
}

#[test]
fn unknown_fields_and_misspelt_words_are_refused() {
    for body in [
        json!({"title": "a", "assignee": "b"}),
        json!({"title": "a", "ticket_type": "Epic"}),
        json!({"title": "a", "priority": "P1"}),
        json!({"title": "a", "evidence": [{"pointer": "/x"}]}),
        json!({}),
    ] {
        assert!(serde_json::from_value::<Ticket>(body.clone()).is_err(), "{body}");
    }
}

#[test]
fn a_model_that_invents_words_gets_the_defaults() {
    assert_eq!(TicketType::from_claim("Epic"), TicketType::Task);
    assert_eq!(TicketType::from_claim(" bug "), TicketType::Bug);
    assert_eq!(Priority::from_claim("P1"), Priority::Medium);
    assert_eq!(Priority::from_claim("CRITICAL"), Priority::Critical);
}

#[test]
fn every_fault_is_named_by_its_pointer() {
    let ticket = Ticket {
        title: " ".into(),
        steps_to_reproduce: vec!["Open".into(), String::new()],
        product_area: Some("a\nb".into()),
        ..Ticket::from(draft())
    };
    assert_eq!(
        refused(&ticket),
        [
            ("/title".into(), "required"),
            ("/steps_to_reproduce/1".into(), "required"),
            ("/product_area".into(), "control_characters"),
        ]
    );
}

#[test]
fn a_title_has_at_most_eighty_characters_of_any_script() {
    let title = |length| Ticket { title: "é".repeat(length), ..Ticket::from(draft()) };
    assert_eq!(refused(&title(80)), []);
    assert_eq!(refused(&title(81)), [("/title".into(), "too_long")]);
}

#[test]
fn a_list_without_end_is_refused() {
    let ticket = Ticket { steps_to_reproduce: vec!["Again".into(); 101], ..Ticket::from(draft()) };
    assert_eq!(refused(&ticket), [("/steps_to_reproduce".into(), "too_many")]);
}
