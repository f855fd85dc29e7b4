//! A person's plan: changed, exported, edited by hand where it is shown, exported again. And what Notion must show in the end.

use std::time::Duration;

use domain::{Plan, Tier};
use futures_util::future::join;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::notion::PageView;
use tokio::time::sleep;
use uuid::Uuid;

use super::people::{May, Person, choose_tier, notes_of};
use crate::exports::outline;
use crate::support::dice::Dice;
use crate::support::world::Routes;
use crate::support::{World, get};

/// What its reader writes over a task's own line.
const WORDS: &str = "In my own words";
/// The task that is in every version, and that its reader may write over.
const FIRST: &str = "t1";

/// The columns of rows that somebody may rename.
pub(super) const COLUMNS: [&str; 6] = ["Module", "Minutes", "Order", "When", "Reminders", "Patchbay ID"];

/// What somebody calls a column of theirs.
pub(super) fn renamed(column: &str) -> String {
    format!("{column} (mine)")
}

/// A value of a row, whatever its column is called by now.
fn value<'a>(row: &'a PageView, column: &str) -> Option<&'a Value> {
    row.properties.get(column).or_else(|| row.properties.get(&renamed(column)))
}

/// Whether somebody's words stand in the place of the plan's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edited {
    No,
    /// They were written while an export was at it, perhaps at the very moment when it wrote: Notion has no condition for writes.
    Perhaps,
    Yes,
}

/// What somebody does while their plan is exported.
#[derive(Clone, Copy, Debug)]
enum Disturbance {
    Cancel,
    Disconnect,
    Edit,
}

/// The idempotency key of what is refused.
pub(super) const ONE_TOO_MANY: &str = "one-too-many";

/// What somebody was told is in Notion.
#[derive(Debug)]
pub(super) struct Exported {
    user: &'static str,
    notion: &'static str,
    layout: &'static str,
    /// As it was when the last export that succeeded was asked for.
    plan: Option<Plan>,
    /// As it was at the one before.
    before: Option<Plan>,
    /// The last export that succeeded.
    job: String,
    /// The page that it told.
    page: Uuid,
    /// Whether what somebody threw away is asked for again.
    recreate: bool,
    /// Whether its reader wrote over the first task.
    edited: Edited,
    /// Whether its reader dragged tasks elsewhere on their page.
    dragged: bool,
    /// Whether a try of the last export was called off: it may have put the plan there all the same, and an undo goes back to that.
    was_called_off: bool,
    /// What happens during the next export.
    disturbance: Option<Disturbance>,
    /// Exports that succeeded.
    pub(super) succeeded: usize,
    /// Exports that were asked for.
    pub(super) asked: usize,
    /// Pages and rows that may have been made.
    pub(super) made: usize,
}

/// A plan is changed several times, at times back to what it was, and exported now and then. What people read is what they
/// put last.
pub(super) async fn live(person: &Person<'_>, mut dice: Dice) -> Option<Exported> {
    let path = format!("/v1/plans/{}-plan1", person.user);
    let layout = dice.pick(&["pages", "database"]);
    let tier = choose_tier(person.world, person.user, dice.nth(2)).await;
    let most = if tier == Tier::Free { 2 } else { 5 };
    let (user, notion) = (person.user, person.account.name);
    let mut exported = Exported {
        user,
        notion,
        layout,
        plan: None,
        before: None,
        job: String::new(),
        page: Uuid::nil(),
        recreate: false,
        edited: Edited::No,
        dragged: false,
        was_called_off: false,
        disturbance: None,
        succeeded: 0,
        asked: 0,
        made: 0,
    };
    let mut version = None;
    for _ in 0..2 + dice.below(5) {
        let body = some_plan(&mut dice);
        let expected = version.take().filter(|_| dice.one_in(2));
        let request = || {
            let mut request = person.send(Method::PUT, &path, None, &body);
            if let Some(version) = &expected {
                request.headers_mut().insert("if-match", format!("\"{version}\"").parse().unwrap());
            }
            request
        };
        let put = person.insist(api::routes, request).await;
        let read = person.insist(api::routes, || person.get(&path)).await;
        assert_eq!((&read["title"], &read["modules"]), (&body["title"], &shown(&body)), "what was put last");
        assert_eq!(read["version"], put["version"], "nobody else changes it");
        version = read["version"].as_u64();
        if dice.one_in(2) && exported.succeeded < most {
            let mut other = dice.nth(1);
            if exported.succeeded + 1 < most && exported.succeeded > 0 && other.one_in(4) {
                exported.lose(person, &body, other).await;
            } else if exported.succeeded + 1 < most && other.one_in(3) {
                let later = less_and_other(&body, &mut other);
                let change = change_soon(person, &path, &later, other);
                join(exported.export(person, &body), change).await;
                exported.export(person, &later).await;
                version = None;
            } else {
                let kinds = [Disturbance::Cancel, Disturbance::Disconnect, Disturbance::Edit];
                exported.disturbance = other.one_in(3).then(|| other.pick(&kinds));
                let (page, mut third) = (exported.page, dice.nth(3));
                if third.one_in(3) {
                    exported.dragged = true;
                    join(exported.export(person, &body), drag_soon(person.world, page, third)).await;
                } else {
                    exported.export(person, &body).await;
                }
                if other.one_in(3) && !exported.was_called_off {
                    exported.undo(person).await;
                }
            }
            if dice.one_in(3) && exported.edited == Edited::No {
                // Notion has no condition for a write: one that comes late replaces what a person wrote meanwhile.
                while person.world.fate.is_astray("api.notion.com") {
                    sleep(Duration::from_secs(1)).await;
                }
                exported.edit(person.world);
            }
        }
        sleep(Duration::from_millis(dice.below(5_000))).await;
    }
    if tier == Tier::Free && exported.succeeded == 2 {
        exported.is_refused(person).await;
    }
    let read = person.insist(api::routes, || person.get(&path)).await;
    let list = person.insist(api::routes, || person.get("/v1/plans")).await;
    let listed = &list["items"][0];
    assert_eq!(
        (&listed["version"], &list["items"][1]),
        (&read["version"], &Value::Null),
        "one plan, as it is"
    );
    Some(exported).filter(|exported| exported.asked > 0)
}

/// A plan of one or two modules, whose tasks come and go and change places.
fn some_plan(dice: &mut Dice) -> Value {
    let minutes = 1 + dice.below(3);
    let first = json!({"id": FIRST, "title": "Read", "minutes": minutes,
        "schedule": {"start": "2026-11-23T09:00", "time_zone": "Europe/Berlin"}});
    let mut tasks = vec![first];
    for id in ["t2", "t3", "t4"] {
        if dice.one_in(2) {
            let description = dice.pick(&["", "One.\n\nTwo.", "Two.", "- a\n  - b\n    - c"]);
            let at = usize::try_from(1 + dice.below(2)).unwrap().min(tasks.len());
            tasks.insert(at, json!({"id": id, "title": "Write", "description": description}));
        }
    }
    let description = dice.pick(&["", "First.", "First.\n\nSecond."]);
    let mut modules = vec![json!({"id": "m1", "title": "Begin", "description": description, "tasks": tasks})];
    if dice.one_in(2) {
        modules.push(json!({"id": "m2", "title": dice.pick(&["End", "Stop"]), "tasks": []}));
    }
    json!({"title": dice.pick(&["Rust", "Spanish"]), "description": dice.pick(&["", "All."]), "modules": modules})
}

/// The plan without some of its tasks, and with other words and another order for the rest.
pub(super) fn less_and_other(body: &Value, dice: &mut Dice) -> Value {
    let mut body = body.clone();
    for module in body["modules"].as_array_mut().unwrap() {
        let tasks = module["tasks"].as_array_mut().unwrap();
        tasks.retain(|task| task["id"] == FIRST || !dice.one_in(3));
        for task in tasks.iter_mut() {
            if dice.one_in(2) {
                task["description"] = dice.pick(&["", "One.\n\nTwo.", "Two."]).into();
            }
        }
        // The first stays first, where its reader looks for it.
        if let Some((_, others)) = tasks.split_first_mut().filter(|_| dice.one_in(2)) {
            others.reverse();
        }
    }
    body
}

/// Puts another version of the plan while something is done with the last one.
pub(super) async fn change_soon(person: &Person<'_>, path: &str, later: &Value, mut dice: Dice) {
    sleep(Duration::from_millis(dice.below(20_000))).await;
    person.insist(api::routes, || person.send(Method::PUT, path, None, later)).await;
}

/// Somebody throws away a plan's page or something below it, at times for ever. No task where one was written over: of two tasks
/// that nobody looked at since they were made, nobody knows which of them it is that is left.
fn throw_away(world: &World, page: Uuid, edited: bool, dice: &mut Dice) {
    let notion = &mut world.providers.lock().unwrap().notion.simulator;
    let databases = notion.databases_under(page);
    let below = notion.children_of(page);
    let rows = databases.iter().flat_map(|database| &database.rows);
    let texts = below.iter().flat_map(|module| &module.blocks);
    let texts = texts.filter(|block| !edited || block.kind != "to_do").map(|block| block.id);
    let mut all = vec![page];
    all.extend(databases.iter().map(|database| database.id));
    all.extend(below.iter().chain(rows).map(|page| page.id).chain(texts));
    let id = dice.pick(&all);
    notion.person_trashes(id, true);
    if dice.one_in(2) {
        notion.person_deletes_for_ever(id);
    }
}

/// Somebody drags a task elsewhere on its page while something is done with the plan. The first stays first.
async fn drag_soon(world: &World, page: Uuid, mut dice: Dice) {
    sleep(Duration::from_millis(dice.below(20_000))).await;
    let now = world.now();
    let notion = &mut world.providers.lock().unwrap().notion.simulator;
    let below = notion.children_of(page);
    let tasks = below.iter().flat_map(|module| &module.blocks).filter(|block| block.kind == "to_do");
    let tasks: Vec<Uuid> = tasks.map(|block| block.id).collect();
    let [_, others @ ..] = &tasks[..] else { return };
    if !others.is_empty() {
        notion.person_moves_block(dice.pick(others), dice.pick(&tasks), now);
    }
}

/// Modules with everything that is not said.
fn shown(body: &Value) -> Value {
    serde_json::to_value(parsed(body).modules).unwrap()
}

fn parsed(body: &Value) -> Plan {
    serde_json::from_value(body.clone()).unwrap()
}

impl Exported {
    /// Asks for an export until one succeeds.
    async fn export(&mut self, person: &Person<'_>, body: &Value) {
        let path = format!("/v1/plans/{}-plan1/exports", self.user);
        let (wish, plan) = (self.wish(person.world), parsed(body));
        self.was_called_off = false;
        self.job = self.insist(person, notion_export::routes, &path, &wish, Some(&plan)).await;
        self.has_succeeded(person, plan).await;
    }

    async fn has_succeeded(&mut self, person: &Person<'_>, plan: Plan) {
        let job = person.insist(api::routes, || person.get(&format!("/v1/jobs/{}", self.job))).await;
        self.page = job["result"]["page_id"].as_str().unwrap().parse().unwrap();
        self.succeeded += 1;
        self.before = self.plan.replace(plan);
    }

    fn wish(&self, world: &World) -> Value {
        let providers = world.providers.lock().unwrap();
        let parent = providers.notion.simulator.page_titled(&notes_of(self.notion)).unwrap().id;
        json!({"target": "notion", "layout": self.layout, "parent_page_id": parent, "recreate_trashed": self.recreate})
    }

    /// Exports while its reader throws something of it away, and once more so that all is there again.
    async fn lose(&mut self, person: &Person<'_>, body: &Value, mut dice: Dice) {
        let (page, edited) = (self.page, self.edited != Edited::No);
        let lost = async {
            sleep(Duration::from_millis(dice.below(20_000))).await;
            throw_away(person.world, page, edited, &mut dice);
        };
        let (path, wish, plan) =
            (format!("/v1/plans/{}-plan1/exports", self.user), self.wish(person.world), parsed(body));
        self.asked += 1;
        self.made += plan.modules.len() + plan.tasks().count() + 1;
        let key = format!("export-{}", self.asked);
        let routes = notion_export::routes;
        let job = person.insist(routes, || person.send(Method::POST, &path, Some(&key), &wish)).await;
        let id = job["id"].as_str().unwrap();
        if join(person.succeeds(id, May::Miss), lost).await.0 {
            id.clone_into(&mut self.job);
            self.has_succeeded(person, plan).await;
        }
        if self.edited == Edited::Yes {
            self.edited = Edited::Perhaps;
        }
        self.recreate = true;
        self.export(person, body).await;
        self.recreate = false;
    }

    /// Undoes the last export.
    async fn undo(&mut self, person: &Person<'_>) {
        let (path, before) = (format!("/v1/jobs/{}/undo", self.job), self.before.take());
        self.insist(person, api::routes, &path, &json!({}), before.as_ref()).await;
        self.plan = before;
    }

    /// Asks for something that puts this plan into Notion until that succeeds; answers the job's id.
    async fn insist(
        &mut self,
        person: &Person<'_>,
        routes: Routes,
        path: &str,
        wish: &Value,
        plan: Option<&Plan>,
    ) -> String {
        for _ in 0..8 {
            self.asked += 1;
            self.made += plan.map_or(0, |plan| plan.modules.len() + plan.tasks().count() + 1);
            let key = format!("export-{}", self.asked);
            let job = person.insist(routes, || person.send(Method::POST, path, Some(&key), wish)).await;
            let id = job["id"].as_str().unwrap();
            let disturbance = self.disturbance.take();
            let disturbed = self.disturb(person, id, disturbance);
            let may = if disturbance.is_some() { May::End } else { May::Succeed };
            if join(person.succeeds(id, may), disturbed).await.0 {
                return id.to_owned();
            }
            self.was_called_off |= disturbance.is_some();
        }
        panic!("{path} does not succeed in eight tries");
    }

    /// Does something else while a job is worked on.
    async fn disturb(&mut self, person: &Person<'_>, job: &str, what: Option<Disturbance>) {
        let Some(what) = what else { return };
        sleep(Duration::from_millis(person.dice.nth(self.asked).below(20_000))).await;
        match what {
            Disturbance::Cancel => {
                let path = format!("/v1/jobs/{job}/cancel");
                person.insist(api::routes, || person.send(Method::POST, &path, None, &json!({}))).await;
            }
            Disturbance::Disconnect => person.leave(person.dice.nth(1_000 + self.asked)).await,
            Disturbance::Edit if self.edited == Edited::No => {
                self.edit(person.world);
                if self.edited == Edited::Yes {
                    self.edited = Edited::Perhaps;
                }
            }
            Disturbance::Edit => {}
        }
    }

    /// Asks for one more than the month allows.
    async fn is_refused(&self, person: &Person<'_>) {
        let path = format!("/v1/plans/{}-plan1/exports", self.user);
        let wish = json!({"target": "notion", "layout": self.layout});
        for _ in 0..12 {
            let ask = || person.send(Method::POST, &path, Some(ONE_TOO_MANY), &wish);
            let answer = person.ask(notion_export::routes, &ask).await;
            match answer.code_or_empty().as_str() {
                "needs_reauth" | "not_connected" => person.connect().await,
                code => {
                    assert_eq!((answer.status.as_u16(), code), (403, "quota_exceeded"), "{answer:?}");
                    let told = answer.json();
                    assert_eq!((&told["used"], &told["limit"]), (&json!(2), &json!(2)));
                    return;
                }
            }
        }
        panic!("{} was sent away twelve times", self.user);
    }

    /// Its reader writes over the first task.
    fn edit(&mut self, world: &World) {
        let Some(place) = self.place(world) else { return };
        let now = world.now();
        let notion = &mut world.providers.lock().unwrap().notion.simulator;
        let task = place.modules.iter().flat_map(|module| &module.blocks).find(|it| it.kind == "to_do");
        let row = place.rows.iter().find(|row| value(row, "Minutes").is_some());
        let is_done = match (task, row) {
            (Some(task), _) => notion.person_edits_block(task.id, WORDS, now),
            (None, Some(row)) => notion.person_renames_page(row.id, WORDS, now),
            (None, None) => false,
        };
        if is_done {
            self.edited = Edited::Yes;
        }
    }

    /// Where the plan is.
    fn place(&self, world: &World) -> Option<Place> {
        let notion = &world.providers.lock().unwrap().notion.simulator;
        let own = notion.page(self.page).filter(|page| self.plan.is_some() && !page.in_trash)?;
        let rows = notion.databases_under(own.id).into_iter().flat_map(|database| database.rows).collect();
        Some(Place { modules: notion.children_of(own.id), rows, own })
    }
}

/// A plan as Notion shows it.
struct Place {
    own: PageView,
    modules: Vec<PageView>,
    rows: Vec<PageView>,
}

/// I1 and I2 for plans: Notion shows the last version that was exported, each page once, with its reader's words; and what
/// succeeded was counted.
pub(super) async fn as_planned(world: &World, plans: &[Exported]) {
    for exported in plans {
        let usage = world.send(api::routes, get(world, exported.user, "/v1/usage")).await;
        assert_eq!(usage.status, StatusCode::OK);
        let usage = usage.json();
        assert_eq!(
            (usage["exports"]["used"].as_u64(), usage["exports"]["held"].as_u64()),
            (u64::try_from(exported.succeeded).ok(), Some(0)),
            "exports that succeeded were counted, and nothing is held"
        );
    }
    for person in ["Alice", "Bob"] {
        let expected: usize = plans.iter().filter(|it| it.notion == person && it.plan.is_some()).count();
        let notion = &world.providers.lock().unwrap().notion.simulator;
        let notes = notion.page_titled(&notes_of(person)).unwrap().id;
        let found = notion.children_of(notes);
        assert_eq!(found.len(), expected, "{person} has a page for each plan: {found:?}");
    }
    for exported in plans {
        let Some(plan) = &exported.plan else { continue };
        let place = exported.place(world).expect("the plan's page");
        match exported.layout {
            "pages" => exported.check_pages(plan, &place),
            _ => exported.check_rows(plan, &place),
        }
    }
}

impl Exported {
    fn check_pages(&self, plan: &Plan, place: &Place) {
        assert_eq!(place.own.title, plan.title, "the plan's page");
        assert_eq!(outline(&place.own.blocks)[1..], lines(&plan.description), "the plan's page");
        let mut titles: Vec<_> = place.modules.iter().map(|page| page.title.as_str()).collect();
        let mut wanted: Vec<_> = plan.modules.iter().map(|module| module.title.as_str()).collect();
        titles.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(titles, wanted, "a page for each module");
        let module = &plan.modules[0];
        let page = place.modules.iter().find(|page| page.title == module.title).unwrap();
        let mut expected = lines(&module.description);
        for task in &module.tasks {
            let line = match (task.id.as_str(), task.minutes) {
                (FIRST, _) if self.is_shown(&outline(&page.blocks)) => WORDS.to_owned(),
                (_, Some(minutes)) => {
                    format!("{} · {minutes} min · 2026-11-23 09:00 Europe/Berlin", task.title)
                }
                _ => task.title.clone(),
            };
            expected.push(format!("to_do: {line}"));
            expected.extend(lines(&task.description).into_iter().map(|line| format!("  {line}")));
        }
        let found = outline(&page.blocks);
        let (mut found, mut expected) = (outermost(&found), outermost(&expected));
        if self.dragged {
            found.sort_unstable();
            expected.sort_unstable();
        }
        assert_eq!(found, expected, "the first module's page");
    }

    /// Whether its reader's words stand there, as they should if they were written.
    fn is_shown(&self, lines: &[String]) -> bool {
        match self.edited {
            Edited::No => false,
            Edited::Perhaps => lines.iter().any(|line| line.ends_with(WORDS)),
            Edited::Yes => true,
        }
    }

    fn check_rows(&self, plan: &Plan, place: &Place) {
        let mut rows: Vec<_> = place.rows.iter().collect();
        let order = |row: &PageView| value(row, "Order").and_then(Value::as_f64).unwrap_or_default();
        rows.sort_by(|one, other| order(one).total_cmp(&order(other)));
        let found: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    row.title.as_str(),
                    value(row, "Module").and_then(Value::as_str),
                    value(row, "Minutes").and_then(Value::as_u64),
                )
            })
            .collect();
        let titles: Vec<_> = rows.iter().map(|row| row.title.clone()).collect();
        let is_edited = |task: &domain::Task| task.id.as_str() == FIRST && self.is_shown(&titles);
        let title = |task: &domain::Task| if is_edited(task) { WORDS.to_owned() } else { task.title.clone() };
        let wanted = |task: &'_ domain::Task| (title(task), task.minutes.map(u64::from));
        let wanted: Vec<_> = plan.tasks().map(wanted).collect();
        let wanted: Vec<_> =
            wanted.iter().map(|(title, minutes)| (title.as_str(), Some("Begin"), *minutes)).collect();
        assert_eq!(found, wanted, "a row for each task");
        for (row, task) in rows.iter().zip(plan.tasks()) {
            assert_eq!(
                outline(&row.blocks),
                lines(&task.description),
                "what is to be read about {}",
                task.id
            );
        }
    }
}

/// The lines of each outermost block with everything inside.
fn outermost(lines: &[String]) -> Vec<&[String]> {
    lines.chunk_by(|_, line| line.starts_with(' ')).collect()
}

/// What the few descriptions of these plans look like.
fn lines(description: &str) -> Vec<String> {
    if description.starts_with('-') {
        let words = ["bulleted_list_item: a", "  bulleted_list_item: b", "    bulleted_list_item: c"];
        return words.map(str::to_owned).into();
    }
    description
        .split("\n\n")
        .filter(|text| !text.is_empty())
        .map(|text| format!("paragraph: {text}"))
        .collect()
}
