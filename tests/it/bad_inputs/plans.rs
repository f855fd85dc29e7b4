//! Plans: fields of the wrong type, too long, too many, twice.

use serde_json::{Value, json};

use super::row::Row;

const PUT: &str = "PUT /v1/plans/{id}";

/// Not an address on the web.
const NO_URLS: [&str; 14] = [
    "",
    " ",
    "a",
    "/a",
    "//example.com",
    "example.com",
    "ftp://example.com/",
    "javascript:alert(1)",
    "data:text/html,x",
    "mailto:a@example.com",
    "https://",
    "https:// example.com",
    "https://example.com\\a",
    "https://example.com/a b",
];

pub(super) fn rows() -> Vec<Row> {
    let mut rows = fields();
    rows.extend(ids());
    rows.extend(sizes());
    rows.extend(reminders());
    rows.extend(resources());
    rows
}

pub(super) fn put(what: impl Into<String>, plan: &Value) -> Row {
    Row::of(PUT, what).json(plan.to_string())
}

/// A plan of one task, in which this is changed.
pub(super) fn with_task(what: impl Into<String>, changes: Value) -> Row {
    let mut task = json!({"id": "t1", "title": "a"});
    if let (Value::Object(task), Value::Object(changes)) = (&mut task, changes) {
        task.extend(changes);
    }
    put(what, &json!({"title": "a", "modules": [{"id": "m1", "title": "a", "tasks": [task]}]}))
}

pub(super) fn at_task(field: &str) -> String {
    format!("/modules/0/tasks/0{field}")
}

fn no_text() -> [(&'static str, Value); 5] {
    [
        ("a number", json!(1)),
        ("true", json!(true)),
        ("a list", json!(["a"])),
        ("an object", json!({"a": "b"})),
        ("half a pair", json!([[["a"]]])),
    ]
}

fn fields() -> Vec<Row> {
    let mut rows = vec![put("no title", &json!({"modules": []})).invalid_at("")];
    for (what, value) in no_text() {
        for field in ["title", "description", "time_zone"] {
            let plan = json!({"title": "a", field: value.clone()});
            let plan = if field == "title" { json!({"title": value.clone()}) } else { plan };
            rows.push(put(format!("{field} is {what}"), &plan).invalid_at(format!("/{field}")));
        }
        for field in ["id", "title", "description", "status"] {
            let row = with_task(format!("a task's {field} is {what}"), json!({field: value.clone()}));
            rows.push(row.invalid_at(at_task(&format!("/{field}"))));
        }
    }
    let titled = |what: &str, title: String| {
        [
            put(format!("a title that is {what}"), &json!({"title": title})).invalid_at("/title"),
            put(
                format!("a module's title that is {what}"),
                &json!({"title": "a", "modules": [{"id": "m", "title": title}]}),
            )
            .invalid_at("/modules/0/title"),
            with_task(format!("a task's title that is {what}"), json!({"title": title}))
                .invalid_at(at_task("/title")),
        ]
    };
    for (what, title) in [
        ("empty", String::new()),
        ("white space", " \u{2003}".to_owned()),
        ("of two lines", "a\nb".to_owned()),
        ("with a NUL", "a\0".to_owned()),
        ("501 characters", "é".repeat(501)),
    ] {
        rows.extend(titled(what, title));
    }
    for (what, text) in
        [("a NUL", "a\0b"), ("an escape character", "\u{1b}[2J"), ("a C1 control character", "a\u{85}")]
    {
        let row = with_task(format!("a description with {what}"), json!({"description": text}));
        rows.push(row.invalid_at(at_task("/description")));
    }
    let lists = [("modules", json!({"title": "a", "modules": [["m1", "a"]]}), "/modules/0")];
    rows.extend(
        lists.map(|(what, plan, pointer)| put(format!("{what} that are lists"), &plan).invalid_at(pointer)),
    );
    for (field, value) in [
        ("schedule", json!(["2026-11-23T09:00"])),
        ("reminders", json!({})),
        ("resources", json!("a")),
        ("minutes", json!("45")),
    ] {
        rows.push(
            with_task(format!("{field} of another type"), json!({field: value}))
                .invalid_at(at_task(&format!("/{field}"))),
        );
    }
    for field in ["id", "version", "created_at", "user", "pk", "hash", "__proto__"] {
        rows.push(
            put(format!("with {field:?}"), &json!({"title": "a", field: "b"}))
                .invalid_at(format!("/{field}")),
        );
        if field != "id" {
            rows.push(
                with_task(format!("a task with {field:?}"), json!({field: "b"}))
                    .invalid_at(at_task(&format!("/{field}"))),
            );
        }
    }
    for status in ["", "TODO", "Done", "later", " todo"] {
        rows.push(
            with_task(format!("status {status:?}"), json!({"status": status})).invalid_at(at_task("/status")),
        );
    }
    rows.push(
        with_task("a status that is an object", json!({"status": {"todo": null}}))
            .invalid_at(at_task("/status")),
    );
    for minutes in [json!(0), json!(10_081), json!(-1), json!(1.5), json!(4_294_967_296_u64)] {
        rows.push(
            with_task(format!("{minutes} minutes"), json!({"minutes": minutes}))
                .invalid_at(at_task("/minutes")),
        );
    }
    rows
}

fn ids() -> Vec<Row> {
    let long = "a".repeat(129);
    let mut rows = Vec::new();
    for id in ["", ".", "..", "-a", "_a", "a b", "a/b", "ä", "a\0", &long] {
        rows.push(with_task(format!("a task {id:.20?}"), json!({"id": id})).invalid_at(at_task("/id")));
        let plan = json!({"title": "a", "modules": [{"id": id, "title": "a"}]});
        rows.push(put(format!("a module {id:.20?}"), &plan).invalid_at("/modules/0/id"));
    }
    let module = |id: &str, tasks: &[&str]| {
        let tasks: Vec<_> = tasks.iter().map(|id| json!({"id": id, "title": "a"})).collect();
        json!({"id": id, "title": "a", "tasks": tasks})
    };
    let twice = |what: &str, modules: [Value; 2], pointer: &str| {
        put(what, &json!({"title": "a", "modules": modules})).invalid_at(pointer)
    };
    rows.extend([
        twice("a module twice", [module("m", &[]), module("m", &[])], "/modules/1/id"),
        twice(
            "a task twice in a module",
            [module("m", &["t", "t"]), module("n", &[])],
            "/modules/0/tasks/1/id",
        ),
        twice(
            "a task in two modules",
            [module("m", &["t"]), module("n", &["u", "t"])],
            "/modules/1/tasks/1/id",
        ),
        put("a module without an id", &json!({"title": "a", "modules": [{"title": "a"}]}))
            .invalid_at("/modules/0"),
        put(
            "a task without an id",
            &json!({"title": "a", "modules": [{"id": "m", "title": "a", "tasks": [{"title": "a"}]}]}),
        )
        .invalid_at("/modules/0/tasks/0"),
    ]);
    rows
}

fn sizes() -> Vec<Row> {
    let modules: Vec<_> = (0..101).map(|at| json!({"id": format!("m{at}"), "title": "a"})).collect();
    let tasks: Vec<_> = (0..2_001).map(|at| json!({"id": format!("t{at}"), "title": "a"})).collect();
    let (some, others) = tasks.split_at(1_000);
    let halves =
        [json!({"id": "m", "title": "a", "tasks": some}), json!({"id": "n", "title": "a", "tasks": others})];
    // What every field has that is not named takes its share of the 350,000 bytes.
    let large = |bytes: usize| {
        json!({"title": "a", "modules": [
        {"id": "m", "title": "a", "description": "x".repeat(90_000)}, {"id": "n", "title": "a", "description": "x".repeat(90_000)},
        {"id": "o", "title": "a", "description": "x".repeat(90_000)}, {"id": "p", "title": "a", "description": "x".repeat(bytes)}]})
    };
    vec![
        put("101 modules", &json!({"title": "a", "modules": modules})).invalid_at("/modules"),
        put("2,001 tasks", &json!({"title": "a", "modules": [{"id": "m", "title": "a", "tasks": tasks}]}))
            .invalid_at("/modules"),
        put("2,001 tasks in two modules", &json!({"title": "a", "modules": halves})).invalid_at("/modules"),
        put(
            "a description of 100,001 characters",
            &json!({"title": "a", "description": "é".repeat(100_001)}),
        )
        .invalid_at("/description"),
        put("over 350,000 bytes", &large(90_000)).refused(413, "payload_too_large"),
        put("a megabyte of title", &json!({"title": "x".repeat(1 << 20)})).refused(413, "payload_too_large"),
        put("a megabyte that is also wrong", &json!({"title": "", "description": "x".repeat(1 << 20)}))
            .refused(413, "payload_too_large"),
        put("over 4 MiB", &json!({"title": "x".repeat(4 << 20)})).refused(413, "payload_too_large"),
    ]
}

fn reminders() -> Vec<Row> {
    let reminders = |what: &str, reminders: Value| with_task(what, json!({"reminders": reminders}));
    let popup = |minutes: i64| json!({"method": "popup", "minutes_before": minutes});
    let six: Vec<_> = (0..6).map(popup).collect();
    let many: Vec<_> = (0..5_000).map(popup).collect();
    let at = |field: &str| at_task(&format!("/reminders{field}"));
    vec![
        reminders("six reminders", json!(six)).invalid_as("too_many_reminders", at("")),
        reminders("5,000 reminders", json!(many)).invalid_as("too_many_reminders", at("")),
        reminders("a reminder twice", json!([popup(5), popup(5)])).invalid_at(at("/1")),
        reminders("a reminder after four weeks", json!([popup(40_321)])).invalid_at(at("/0/minutes_before")),
        reminders("a reminder afterwards", json!([popup(-1)])).invalid_at(at("/0/minutes_before")),
        reminders("half a minute", json!([{"method": "popup", "minutes_before": 0.5}]))
            .invalid_at(at("/0/minutes_before")),
        reminders("a reminder by post", json!([{"method": "post", "minutes_before": 5}]))
            .invalid_at(at("/0/method")),
        reminders("a method that is an object", json!([{"method": {"popup": null}, "minutes_before": 5}]))
            .invalid_at(at("/0/method")),
        reminders("a reminder without a method", json!([{"minutes_before": 5}])).invalid_at(at("/0")),
        reminders("a reminder without minutes", json!([{"method": "popup"}])).invalid_at(at("/0")),
        reminders("a reminder that is a list", json!([["popup", 5]])).invalid_at(at("/0")),
    ]
}

fn resources() -> Vec<Row> {
    let resource = |what: String, changes: Value| {
        let mut resource = json!({"title": "a", "url": "https://example.com/"});
        resource.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        with_task(what, json!({"resources": [resource]}))
    };
    let at = |field: &str| at_task(&format!("/resources/0{field}"));
    let mut rows: Vec<_> = NO_URLS
        .iter()
        .map(|url| resource(format!("at {url:?}"), json!({"url": url})).invalid_at(at("/url")))
        .collect();
    let long = format!("https://example.com/{}", "a".repeat(1_981));
    rows.extend([
        resource("a long address".into(), json!({"url": long})).invalid_at(at("/url")),
        resource("a resource without words".into(), json!({"title": " "})).invalid_at(at("/title")),
        resource("a resource with more".into(), json!({"kind": "book"})).invalid_at(at("/kind")),
        with_task("a resource that is an address", json!({"resources": ["https://example.com/"]}))
            .invalid_at(at("")),
    ]);
    rows
}
