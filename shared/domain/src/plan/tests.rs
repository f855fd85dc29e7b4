//! Plans: how they are read and written, and what is wrong with them.

use super::*;
use crate::FieldError;

fn task(id: &str) -> Task {
    Task { id: id.into(), title: "a".into(), ..Task::default() }
}

fn module(id: &str, tasks: Vec<Task>) -> Module {
    Module { id: id.into(), title: "a".into(), tasks, ..Module::default() }
}

fn plan(modules: Vec<Module>) -> Plan {
    Plan { title: "a".into(), modules, ..Plan::default() }
}

/// Pointer and code of everything wrong.
fn wrong(plan: &Plan) -> Vec<(String, &'static str)> {
    plan.validate().into_iter().map(|FieldError { pointer, code, .. }| (pointer, code)).collect()
}

/// What is wrong with a task in a plan.
fn wrong_with(task: Task) -> Vec<(String, &'static str)> {
    let wrong = wrong(&plan(vec![module("m", vec![task])]));
    wrong.into_iter().map(|(pointer, code)| (pointer.replace("/modules/0/tasks/0", ""), code)).collect()
}

fn at(pointer: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(pointer.to_owned(), code)]
}

#[test]
fn a_plan_of_the_contract_is_read_and_written_as_it_is() {
    let text = r#"{"title":"Rust in 6 weeks","description":"markdown","time_zone":"Europe/Berlin","modules":[{"id":"m1","title":"Ownership","description":"…","tasks":[{"id":"t1","title":"Read chapter 4","description":"**markdown**","minutes":45,"status":"doing","schedule":{"start":"2026-11-23T09:00","end":"2026-11-23T09:45","time_zone":"Europe/Berlin"},"reminders":[{"method":"popup","minutes_before":10}],"resources":[{"title":"The Book","url":"https://doc.rust-lang.org/book/"}]}]}]}"#;
    let plan: Plan = serde_json::from_str(text).unwrap();
    assert_eq!(plan.validate(), []);
    assert_eq!(serde_json::to_string(&plan).unwrap(), text);
    assert_eq!(plan.tasks().map(|task| task.status).collect::<Vec<_>>(), [TaskStatus::Doing]);
}

#[test]
fn the_smallest_plan_is_a_title() {
    let plan: Plan = serde_json::from_str(r#"{"title":"a"}"#).unwrap();
    assert_eq!((plan.validate(), plan), (vec![], self::plan(vec![])));
}

#[test]
fn lists_are_no_objects_and_objects_no_words() {
    let read = |task: &str| {
        let text = format!(r#"{{"title":"a","modules":[{{"id":"m","title":"a","tasks":[{task}]}}]}}"#);
        serde_json::from_str::<Plan>(&text)
    };
    assert!(read(r#"{"id":"t","title":"a","status":"done","schedule":null,"minutes":null}"#).is_ok());
    for task in [
        r#"["t","a"]"#,
        r#"{"id":"t","title":"a","schedule":["2026-11-23T09:00"]}"#,
        r#"{"id":"t","title":"a","status":{"done":null}}"#,
        r#"{"id":"t","title":"a","status":"DONE"}"#,
        r#"{"id":"t","title":"a","status":2}"#,
        r#"{"id":"t","title":"a","reminders":[["popup",1]]}"#,
        r#"{"id":"t","title":"a","resources":[["a","https://example.com"]]}"#,
        r#"{"id":"t","title":"a","minutes":1.5}"#,
    ] {
        assert!(read(task).is_err(), "{task}");
    }
}

#[test]
fn limits_are_reached_and_not_passed() {
    let full = |tasks: usize| {
        let mut modules: Vec<_> = (0..100).map(|at| module(&format!("m{at}"), vec![])).collect();
        modules[99].tasks = (0..tasks).map(|at| task(&format!("t{at}"))).collect();
        plan(modules)
    };
    assert_eq!(full(2_000).validate(), []);
    assert_eq!(wrong(&full(2_001)), at("/modules", "too_many"));
    let mut many = full(0);
    many.modules.push(module("!", vec![task("!")]));
    assert_eq!(wrong(&many), at("/modules", "too_many"), "what is too much is not looked at");
    for (minutes, is_right) in [(0, false), (1, true), (10_080, true), (10_081, false)] {
        let wrong = wrong_with(Task { minutes: Some(minutes), ..task("t") });
        assert_eq!(wrong, if is_right { vec![] } else { at("/minutes", "out_of_range") }, "{minutes}");
    }
    for (chars, is_right) in [(500, true), (501, false)] {
        let wrong = wrong_with(Task { title: "é".repeat(chars), ..task("t") });
        assert_eq!(wrong, if is_right { vec![] } else { at("/title", "too_long") }, "{chars}");
    }
    for (chars, is_right) in [(100_000, true), (100_001, false)] {
        let wrong = wrong_with(Task { description: "é".repeat(chars), ..task("t") });
        assert_eq!(wrong, if is_right { vec![] } else { at("/description", "too_long") }, "{chars}");
    }
}

#[test]
fn an_id_is_a_name_of_its_own() {
    let names = |modules: [&str; 2], tasks: [&str; 3]| {
        let [a, b, c] = tasks.map(task);
        wrong(&plan(vec![module(modules[0], vec![a, b]), module(modules[1], vec![c])]))
    };
    assert_eq!(names(["m", "n"], ["m", "n", "o"]), [], "tasks and modules do not share names");
    assert_eq!(names(["m", "m"], ["a", "b", "c"]), at("/modules/1/id", "duplicate"));
    assert_eq!(names(["m", "n"], ["a", "a", "c"]), at("/modules/0/tasks/1/id", "duplicate"));
    assert_eq!(names(["m", "n"], ["a", "b", "a"]), at("/modules/1/tasks/0/id", "duplicate"));
    assert_eq!(names(["m", "n"], ["a", "b", "A"]), [], "names differ in their case");
    for id in ["", "a b", "a/b", "../a", "é", &"a".repeat(129)] {
        assert_eq!(names(["m", "n"], ["a", id, "c"]), at("/modules/0/tasks/1/id", "invalid"), "{id}");
        assert_eq!(names(["m", id], ["a", "b", "c"]), at("/modules/1/id", "invalid"), "{id}");
    }
}

#[test]
fn a_description_may_have_lines_and_tabs() {
    let described = |text: &str| wrong_with(Task { description: text.into(), ..task("t") });
    assert_eq!(described("lines\r\nas Windows ends them"), []);
    assert_eq!(described("# a\n\n- b\n\t- `c` 💩\u{200d}\u{a0}"), []);
    for text in ["\0", "\u{1b}[2J", "\u{7f}", "\u{85}", "\u{9b}"] {
        assert_eq!(described(text), at("/description", "control_characters"), "{text:?}");
    }
}

#[test]
fn reminders_are_few_and_different() {
    let popup = |minutes_before| Reminder { method: ReminderMethod::Popup, minutes_before };
    let email = |minutes_before| Reminder { method: ReminderMethod::Email, minutes_before };
    let reminded = |reminders: Vec<Reminder>| wrong_with(Task { reminders, ..task("t") });
    assert_eq!(reminded(vec![popup(0), email(0), popup(1), popup(40_320), email(10)]), []);
    assert_eq!(reminded((0..6).map(popup).collect()), at("/reminders", "too_many_reminders"));
    assert_eq!(reminded(vec![popup(1), popup(2), popup(1)]), at("/reminders/2", "duplicate"));
    assert_eq!(reminded(vec![popup(40_321)]), at("/reminders/0/minutes_before", "out_of_range"));
}

#[test]
fn a_resource_is_on_the_web() {
    let at_url = |url: &str| {
        let resource = Resource { title: "a".into(), url: url.into() };
        wrong_with(Task { resources: vec![resource], ..task("t") })
    };
    let long = |chars: usize| format!("https://example.com/{}", "a".repeat(chars - 20));
    for url in [
        "http://example.com",
        "https://example.com/ü?q=%20#x",
        "HTTPS://example.com",
        "https://10.0.0.1:81/",
        &long(2_000),
    ] {
        assert_eq!(at_url(url), [], "{url}");
    }
    assert_eq!(at_url(&long(2_001)), at("/resources/0/url", "too_long"));
    for url in [
        "",
        "example.com",
        "//example.com",
        "ftp://example.com",
        "javascript:alert(1)",
        "https://",
        "https://a b",
        "https://a\\b",
        " https://a",
        "https://a\n",
    ] {
        assert_eq!(at_url(url), at("/resources/0/url", "invalid"), "{url:?}");
    }
}

#[test]
fn a_wrong_time_zone_of_the_plan_is_told_once() {
    let schedule = || Schedule {
        start: Some("2026-11-23T09:00".into()),
        end: Some("2026-11-23T10:00".into()),
        ..Schedule::default()
    };
    let scheduled = |id: &str| Task { schedule: Some(schedule()), ..task(id) };
    let mut plan = plan(vec![module("m", vec![scheduled("t"), scheduled("u")])]);
    assert_eq!(
        wrong(&plan),
        [0, 1].map(|task| (format!("/modules/0/tasks/{task}/schedule"), "invalid_schedule"))
    );
    plan.time_zone = Some("Mars/Olympus".into());
    assert_eq!(wrong(&plan), at("/time_zone", "invalid_time_zone"));
    plan.time_zone = Some("Europe/Berlin".into());
    assert_eq!(wrong(&plan), []);
}

#[test]
fn minutes_that_are_wrong_are_not_told_again_of_the_schedule() {
    let schedule = Schedule {
        start: Some("2026-11-23T09:00".into()),
        time_zone: Some("UTC".into()),
        ..Schedule::default()
    };
    let wrong = wrong_with(Task { minutes: Some(0), schedule: Some(schedule), ..task("t") });
    assert_eq!(wrong, at("/minutes", "out_of_range"));
}

#[test]
fn no_more_is_told_than_anybody_reads() {
    let tasks = (0..2_000).map(|_| Task::default()).collect();
    assert_eq!(plan(vec![module("m", tasks)]).validate().len(), 1_000);
}
