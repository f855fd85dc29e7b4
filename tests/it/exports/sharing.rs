//! What is not shared, for a moment or for long, is not taken for deleted; what is deleted is reported.

use http::Method;
use serde_json::{Value, json};
use simulators::faults::FaultKind;
use simulators::{Fault, Notion, Record};
use uuid::Uuid;

use super::{NOTES, ask, by_hand, conflicts, export, hide, outline, pages, plan, put, ready, target};
use crate::support::jobs::{job, over};
use crate::support::{World, send_json};
use crate::tickets::fault;

#[tokio::test(start_paused = true)]
async fn what_is_not_shown_for_a_moment_is_not_taken_for_deleted() {
    let world = ready().await;
    let mut plan = plan(2, 2);
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    plan["modules"][0]["title"] = json!("Changed");
    plan["modules"][1]["tasks"][0]["title"] = json!("Changed too");
    put(&world, &plan).await;
    let (_, below) = pages(&world);
    hide(&world, "GET", &format!("/v1/pages/{}", below[0].id));
    hide(&world, "GET", &format!("/v1/blocks/{}", below[1].blocks[1].id));
    hide(&world, "GET", &format!("/v1/blocks/{}/children", below[1].id));
    let job = export(&world, &json!({"target": "notion"})).await;
    assert_eq!(conflicts(&job), []);
    let (_, below) = pages(&world);
    assert_eq!(
        (below[0].title.as_str(), below[1].blocks[1].text.as_str()),
        ("Changed", "Changed too · 30 min")
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_not_shown_for_a_moment_when_it_is_thrown_away_goes_all_the_same() {
    let world = ready().await;
    let mut plan = plan(1, 2);
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    plan["modules"][0]["tasks"].as_array_mut().unwrap().pop();
    put(&world, &plan).await;
    hide(&world, "PATCH", "/v1/blocks/");
    export(&world, &json!({"target": "notion"})).await;
    assert_eq!(pages(&world).1[0].blocks.len(), 2, "its description and the task that is left");
}

fn throw_away(notion: &mut Notion, id: Uuid, for_ever: bool) {
    notion.person_trashes(id, true);
    if for_ever {
        notion.person_deletes_for_ever(id);
    }
}

/// Calls a job off, unless it is over.
async fn cancel(world: &World, id: &str) {
    let path = format!("/v1/jobs/{id}/cancel");
    world.send(api::routes, send_json(world, "alice", Method::POST, &path, None, &json!({}))).await;
}

/// What the plan looks like in Notion. Pages keep the order in which they were made, so here they are sorted.
fn shown(world: &World) -> Vec<(String, Vec<String>)> {
    let (own, below) = pages(world);
    let databases = world.providers.lock().unwrap().notion.simulator.databases_under(own.id);
    let rows = databases.into_iter().flat_map(|database| database.rows);
    let pages = std::iter::once(own).chain(below).chain(rows);
    let mut pages: Vec<_> = pages.map(|page| (page.title, outline(&page.blocks))).collect();
    pages.sort();
    pages
}

/// A creation whose answer is lost.
#[derive(Clone, Copy, Debug)]
struct Unanswered {
    layout: &'static str,
    method: &'static str,
    path: &'static str,
    /// So many others are answered before.
    after: u32,
}

impl Unanswered {
    const fn new(layout: &'static str, method: &'static str, path: &'static str, after: u32) -> Self {
        Self { layout, method, path, after }
    }

    fn plan(self) -> Value {
        if self.path == "/v1/blocks/" { plan(1, 150) } else { plan(2, 2) }
    }

    fn body(self, world: &World) -> Value {
        let mut body = target(world);
        body["layout"] = json!(self.layout);
        body
    }

    /// What is there in the end if everything is answered.
    async fn calmly(self) -> Vec<(String, Vec<String>)> {
        let world = ready().await;
        put(&world, &self.plan()).await;
        export(&world, &self.body(&world)).await;
        shown(&world)
    }

    /// Exports, and lets somebody do something between the call and the look what came of it. The job's id.
    async fn meanwhile(self, world: &World, act: impl FnOnce()) -> String {
        put(world, &self.plan()).await;
        fault(world, Fault::new(FaultKind::LoseAnswer).on(self.method, self.path).after(self.after));
        let asked = ask(world, "k", &self.body(world)).await.json();
        let is_such = |call: &&Record| call.method == self.method && call.path.starts_with(self.path);
        let act = async {
            let earlier = usize::try_from(self.after).unwrap();
            world.until(|notion| notion.records.all().iter().filter(is_such).count() > earlier).await;
            act();
        };
        tokio::join!(Box::pin(world.drain()), act);
        asked["id"].as_str().unwrap().to_owned()
    }
}

/// The plan's page, a module's, the rest of it; the database, a row.
const UNANSWERED: [Unanswered; 5] = [
    Unanswered::new("pages", "POST", "/v1/pages", 0),
    Unanswered::new("pages", "POST", "/v1/pages", 1),
    Unanswered::new("pages", "PATCH", "/v1/blocks/", 0),
    Unanswered::new("database", "POST", "/v1/databases", 0),
    Unanswered::new("database", "POST", "/v1/pages", 1),
];

#[tokio::test(start_paused = true)]
async fn what_was_made_without_an_answer_before_its_page_was_unshared_is_there_once() {
    for unanswered in UNANSWERED {
        let world = ready().await;
        let unshare = || by_hand(&world, |notion, _| notion.person_unshares(NOTES));
        let id = unanswered.meanwhile(&world, unshare).await;
        world.pass_minutes(10).await;
        assert_eq!(job(&world, &id).await["error"]["code"], "target_not_found", "{unanswered:?}");
        by_hand(&world, |notion, _| notion.person_shares(NOTES));
        let done = over(&world, &id).await;
        assert_eq!(
            (&done["status"], shown(&world)),
            (&json!("succeeded"), unanswered.calmly().await),
            "{unanswered:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_made_without_an_answer_in_what_was_then_deleted_is_made_again_where_that_is_asked_for() {
    for unanswered in &UNANSWERED[1..] {
        for (for_ever, whole) in [(false, true), (true, true), (false, false), (true, false)] {
            let world = ready().await;
            let delete = || {
                let (own, below) = pages(&world);
                by_hand(&world, |notion, _| {
                    let databases = notion.databases_under(own.id);
                    let inner = below.first().map(|page| page.id);
                    let inner = inner.or(databases.first().map(|database| database.id));
                    let id = inner.filter(|_| !whole).unwrap_or(own.id);
                    throw_away(notion, id, for_ever);
                });
            };
            let case = format!("{unanswered:?}, for ever: {for_ever}, the plan's page: {whole}");
            let id = unanswered.meanwhile(&world, delete).await;
            world.pass_minutes(10).await;
            assert_ne!(job(&world, &id).await["error"]["code"], "provider_failed", "{case}");
            let mut body = unanswered.body(&world);
            body["recreate_trashed"] = json!(true);
            cancel(&world, &id).await;
            let done = export(&world, &body).await;
            assert_eq!(
                (&done["status"], shown(&world)),
                (&json!("succeeded"), unanswered.calmly().await),
                "{case}"
            );
        }
    }
}

/// What somebody deletes: the first module's page, the block of its second task, that task's row, the database, the whole.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Deleted {
    Module,
    Block,
    Row,
    Database,
    Plan,
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_is_reported_and_made_again_where_that_is_asked_for() {
    for (layout, what) in [
        ("pages", Deleted::Module),
        ("pages", Deleted::Block),
        ("pages", Deleted::Plan),
        ("database", Deleted::Row),
        ("database", Deleted::Database),
        ("database", Deleted::Plan),
    ] {
        let changes = [None, Some("title"), Some("description")];
        for (for_ever, change) in
            changes.map(|change| [(false, change), (true, change)]).into_iter().flatten()
        {
            let case = format!("{what:?} in {layout}, for ever: {for_ever}, other {change:?}");
            let world = ready().await;
            let mut plan = plan(2, 3);
            put(&world, &plan).await;
            let mut body = target(&world);
            body["layout"] = json!(layout);
            export(&world, &body).await;
            let (own, below) = pages(&world);
            by_hand(&world, |notion, _| {
                let database = notion.databases_under(own.id).pop();
                let id = match what {
                    Deleted::Module => below[0].id,
                    Deleted::Block => below[0].blocks[2].id,
                    Deleted::Row => database.unwrap().rows[1].id,
                    Deleted::Database => database.unwrap().id,
                    Deleted::Plan => own.id,
                };
                throw_away(notion, id, for_ever);
            });
            if let Some(change) = change {
                plan["modules"][0]["tasks"][1][change] = json!("Changed.");
                put(&world, &plan).await;
            }
            let asked = ask(&world, "again", &body).await.json();
            let id = asked["id"].as_str().unwrap();
            world.pass_minutes(10).await;
            let job = job(&world, id).await;
            if what == Deleted::Plan {
                let status = if for_ever { "waiting" } else { "failed" };
                let told = (&job["status"], &job["error"]["code"]);
                assert_eq!(told, (&json!(status), &json!("target_not_found")), "{case}: {job}");
            } else {
                let conflicts = conflicts(&job);
                let reasons: Vec<_> = conflicts.iter().map(|(_, reason)| reason.as_str()).collect();
                let expected = if change.is_some() { vec!["trashed_in_notion"] } else { vec![] };
                assert_eq!((job["status"].as_str(), reasons), (Some("succeeded"), expected), "{case}: {job}");
            }
            body["recreate_trashed"] = json!(true);
            cancel(&world, id).await;
            let done = export(&world, &body).await;
            let calm = ready().await;
            put(&calm, &plan).await;
            export(&calm, &body).await;
            assert_eq!((&done["status"], shown(&world)), (&json!("succeeded"), shown(&calm)), "{case}");
        }
    }
}
