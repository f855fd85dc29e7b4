//! What must hold once nobody wants anything any more: the invariants, looked up where it counts, in the table and at the
//! providers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;
use uuid::Uuid;

use super::calendar::{self, Synced, push};
use super::people::{DATABASES, PEOPLE, Ticket};
use super::plans::{self, Exported, ONE_TOO_MANY};
use super::surroundings::Ended;
use crate::simulation::invariants::{nothing_leaks, nothing_malformed};
use crate::support::fate::Line;
use crate::support::logs::Logs;
use crate::support::world::{QUEUES, TIMEOUT};
use crate::support::{World, send_json};

/// How much earlier than it ends an access token is given up.
const EARLIER_MS: i64 = 310_000;
/// The most that the clocks of two instances differ by.
const CLOCKS_APART_MS: i64 = 240_000;

/// Whether everything has come to rest; the first thing that has not, otherwise.
pub(super) fn unrest(world: &World) -> Option<String> {
    let states = ["sending", "queued", "running", "waiting", "processing", "INPROGRESS"];
    let unfinished = world.aws.items().into_iter().find(|item| {
        let state = item.get("state").or(item.get("status")).and_then(Value::as_str).unwrap_or_default();
        // What went on by itself may wait for somebody who has left.
        let is_left = item.get("error").is_some_and(|error| error["code"] == "needs_reauth");
        // A claim that arrived after its request was refused is nobody's.
        let name = item.get("pk").and_then(Value::as_str).unwrap_or_default();
        states.contains(&state) && !is_left && !name.ends_with(ONE_TOO_MANY)
    });
    let message = || QUEUES.into_iter().flat_map(|queue| world.aws.bodies(queue)).next();
    unfinished.map(|item| format!("{item:?}")).or_else(message)
}

/// What people had, and what happened to them.
pub(super) struct Had<'a> {
    pub(super) tickets: &'a [Ticket],
    pub(super) plans: &'a [Exported],
    pub(super) calendars: &'a [Synced],
    pub(super) ended: Ended,
}

/// Checks every invariant; `lines` are the exchanges until harm ended.
pub(super) async fn check(world: &World, had: &Had<'_>, lines: &[Line], logs: &Logs) {
    let Had { tickets, plans, calendars, ended } = *had;
    plans::as_planned(world, plans).await;
    calendar::in_step(world, calendars).await;
    one_page_for_each(world, tickets);
    same_answers_again(world, tickets).await;
    one_page_for_each(world, tickets);
    nothing_given_up(world);
    nothing_leaks(world, logs);
    nothing_malformed(world);
    no_failure_of_our_own(world);
    no_lease_left(world).await;
    everybody_kept_to_their_own(lines);
    no_token_spent_twice(world, lines, ended.notion);
    no_token_asked_for_twice(world, calendars, lines, ended.google);
    no_storm(world, tickets, plans, lines);
    no_storm_of_events(world, calendars, lines);
    push::few_jobs(world, calendars, lines);
}

/// I1: each ticket is one page, with everything in it, where it belongs, and there are no other pages.
fn one_page_for_each(world: &World, tickets: &[Ticket]) {
    let providers = world.providers.lock().unwrap();
    let notion = &providers.notion.simulator;
    for database in DATABASES {
        let pages = notion.pages(database);
        let found: BTreeSet<Uuid> = pages.iter().map(|page| page.id).collect();
        let promised: Vec<Uuid> = tickets
            .iter()
            .filter(|ticket| ticket.database == database)
            .map(|ticket| ticket.answer["page_id"].as_str().unwrap().parse().unwrap())
            .collect();
        assert_eq!(
            promised.iter().copied().collect::<BTreeSet<_>>().len(),
            promised.len(),
            "one page for two tickets"
        );
        assert_eq!(found, promised.into_iter().collect(), "the pages of {database} are those promised");
    }
    for ticket in tickets {
        let page = notion.page(ticket.answer["page_id"].as_str().unwrap().parse().unwrap()).unwrap();
        assert_eq!(page.title, ticket.body["title"], "the page has the ticket's title");
        let text = serde_json::to_string(&page.blocks).unwrap();
        let steps = ticket.body["steps_to_reproduce"].as_array().unwrap();
        let items = page.blocks.iter().filter(|block| block.kind == "numbered_list_item").count();
        assert!(page.in_trash || items == steps.len(), "{items} of {} steps in {text}", steps.len());
        for step in steps {
            let step = serde_json::to_string(step).unwrap();
            let count = text.matches(step.trim_matches('"')).count();
            assert!(page.in_trash || count >= 1, "{step} is not in {text}");
        }
        let ends = text.matches("Video Reference").count();
        assert!(page.in_trash || ends == 1, "the body stands {ends} times in {text}");
    }
}

/// Idempotency: whoever repeats a request much later is told the same, and nothing happens.
async fn same_answers_again(world: &World, tickets: &[Ticket]) {
    for Ticket { user, path, key, body, answer, .. } in tickets {
        let again = || send_json(world, user, http::Method::POST, path, Some(key), body);
        let again = world.insist(notion_export::routes, again).await;
        assert_eq!(again.json(), *answer, "the same request has the same answer");
        assert_eq!(
            again.headers.get("idempotency-replayed").map(http::HeaderValue::as_bytes),
            Some(&b"true"[..])
        );
    }
}

/// I3 and I9: no message was given up.
fn nothing_given_up(world: &World) {
    for queue in QUEUES {
        assert_eq!(world.aws.dead_messages(queue), [], "messages were given up");
    }
}

/// Whatever others do, the fault is never ours.
fn no_failure_of_our_own(world: &World) {
    let answers = world.answers.lock().unwrap();
    let internal = answers.iter().find(|answer| answer.contains(r#""code":"internal""#));
    assert_eq!(internal, None, "a failure of our own");
}

/// I5: no claim or lease lasts.
async fn no_lease_left(world: &World) {
    // Longer than any of them, by a clock that is two minutes late.
    sleep(Duration::from_mins(2 + 2)).await;
    let now = world.now().as_millisecond();
    for item in world.aws.items() {
        for name in ["until", "refresh_until", "in_progress_expiration"] {
            let until = item.get(name).and_then(Value::as_i64).unwrap_or_default();
            assert!(until <= now, "{name} of {item:?} lasts until {until}, and it is {now}");
        }
    }
}

/// I6: what is done for one person touches nothing of another's. Whose a call is that nobody signed shows in what it touches;
/// schedules and batches of several people's messages are everybody's.
fn everybody_kept_to_their_own(lines: &[Line]) {
    let mut owners: BTreeMap<u64, &str> = BTreeMap::new();
    let is_everybodys = |line: &&Line| {
        line.entry.starts_with("scheduler") || line.entry.ends_with(" queue") && line.owner.is_none()
    };
    for line in lines.iter().filter(|line| !is_everybodys(line)) {
        if let Some(owner) = &line.owner {
            owners.insert(line.call, owner);
        }
        for (user, _) in PEOPLE {
            let theirs = |name: &String| name.split(['#', '/', ' ', '"']).any(|part| part == user);
            if line.touches.iter().any(theirs) {
                let owner = *owners.entry(line.call).or_insert(user);
                assert_eq!(owner, user, "{owner} touched something of {user}: {line}");
            }
        }
    }
}

/// I7: a refresh token is spent once; a refused one is the doing of harm to the very call that was refreshing, or of its owner, who
/// disconnected while somebody worked with it.
fn no_token_spent_twice(world: &World, lines: &[Line], ended: usize) {
    let providers = world.providers.lock().unwrap();
    let requests = providers.notion.simulator.token_requests();
    let refused = requests.iter().filter(|it| it.grant_type == "refresh_token" && !it.issued).count();
    let is_leaving =
        |line: &&Line| line.entry.starts_with("api DELETE") && line.what.ends_with("/v1/oauth/revoke");
    let left = lines.iter().filter(is_leaving).count();
    let explained = ended + left + harms_of_refreshes(lines, "POST /v1/oauth/token");
    assert!(refused <= explained, "{refused} refreshes were refused, {explained} can be explained");
}

/// The harms to whoever was buying tokens with such a call, or was about to write down what came of it.
fn harms_of_refreshes(lines: &[Line], call: &str) -> usize {
    let refreshes = refreshes(lines, call);
    let is_part = |harmed: &&Line| {
        refreshes.iter().any(|it| it.life == harmed.life && it.at.abs_diff(harmed.at) < TIMEOUT)
    };
    lines.iter().filter(|line| line.harm.is_some()).filter(is_part).count() + cut_off(lines, call)
}

/// The refreshes that were under way when people had left and everything was stopped to come to rest: no more is told of them than
/// perhaps the next exchange.
fn cut_off(lines: &[Line], call: &str) -> usize {
    let later = |it: &Line| lines.iter().filter(|line| line.life == it.life && line.at > it.at).count();
    refreshes(lines, call).into_iter().filter(|it| it.harm.is_none() && later(it) < 2).count()
}

fn refreshes<'a>(lines: &'a [Line], call: &str) -> Vec<&'a Line> {
    let is_refresh = |line: &&Line| line.what.ends_with(call) && !line.entry.starts_with("oauth-callback");
    lines.iter().filter(is_refresh).collect()
}

/// I7 for Google, whose refresh tokens are not spent: they are refused only after somebody ended the grant, which they all share
/// who have the same account, and nobody asks for a new access token while the last is good.
fn no_token_asked_for_twice(world: &World, calendars: &[Synced], lines: &[Line], ended: usize) {
    let providers = world.providers.lock().unwrap();
    let google = &providers.google.simulator;
    let harms = lines.iter().filter(|line| line.harm.is_some()).count();
    let refreshes = google.token_requests().iter().filter(|it| it.grant_type == "refresh_token");
    let (issued, refused): (Vec<_>, Vec<_>) = refreshes.partition(|it| it.issued);
    // Whoever does not hear the refusal, or dies before it is written down, asks again.
    let unheard = harms_of_refreshes(lines, "POST /token");
    let explained = calendars.len() * (ended + google.revocations()) + unheard;
    assert!(
        refused.len() <= explained,
        "{} refreshes were refused, {explained} can be explained",
        refused.len()
    );
    // Also while everything came to rest.
    let lived = world.fate.lines().last().map_or(0, |line| line.at.as_millis());
    let wrong = if world.skewed { CLOCKS_APART_MS } else { 0 };
    let good_for = google.limits().access_token_lifetime_ms - EARLIER_MS - wrong;
    if good_for <= 0 {
        // The clock of one instance may be so far ahead of another's that each token looks old.
        return;
    }
    let lifetimes = usize::try_from(lived / u128::try_from(good_for).unwrap()).unwrap();
    let explained = calendars.len() * lifetimes + harms + cut_off(lines, "POST /token");
    assert!(
        issued.len() <= explained,
        "{} tokens were refreshed, {explained} can be explained",
        issued.len()
    );
}

/// I8: calls stay in proportion to what is wanted and to what goes wrong.
fn no_storm(world: &World, tickets: &[Ticket], plans: &[Exported], lines: &[Line]) {
    let harms = lines.iter().filter(|line| line.harm.is_some()).count();
    let calls = lines.iter().filter(|line| line.what.starts_with("api.")).count();
    let asked: usize = plans.iter().map(|plan| plan.asked).sum();
    // People try again and again to connect; each time a code is exchanged, and the grant given back while nothing can be sealed.
    let is_consent = |line: &&Line| {
        let is_of_state = line.items.iter().any(|item| item.starts_with("OAUTH#"));
        line.entry.starts_with("oauth-callback") && is_of_state
    };
    let consents = lines.iter().filter(is_consent).count();
    let budget = 60 + 30 * tickets.len() + 40 * asked + 2 * consents + 12 * harms;
    assert!(calls <= budget, "{calls} calls of providers for {} tickets and {harms} harms", tickets.len());
    let providers = world.providers.lock().unwrap();
    let creations =
        providers.notion.records.all().iter().filter(|it| it.method == "POST" && it.path == "/v1/pages");
    // Turned away at the door were those with a token that was not valid any more, those for a place that was not shared, and
    // those that named a column that was gone.
    let let_in = creations.filter(|it| !matches!(it.status, Some(400 | 401 | 404))).count();
    let concerned =
        lines.iter().filter(|it| it.harm.is_some() && it.entry.starts_with("notion-export")).count();
    let wanted = tickets.len() + plans.iter().map(|plan| plan.made).sum::<usize>();
    assert!(let_in <= wanted + concerned, "{let_in} creations, {wanted} wanted");
}

/// I8 for calendars.
fn no_storm_of_events(world: &World, calendars: &[Synced], lines: &[Line]) {
    let harms = lines.iter().filter(|line| line.harm.is_some()).count();
    let calls = lines.iter().filter(|line| line.what.contains("googleapis.com ")).count();
    let asked: usize = calendars.iter().map(|calendar| calendar.asked).sum();
    let by_itself = push::calls(world, calendars, lines);
    let budget = 20 * calendars.len() + 30 * asked + 12 * harms + by_itself;
    assert!(calls <= budget, "{calls} calls of Google for {asked} syncs and {harms} harms");
    let providers = world.providers.lock().unwrap();
    let creations = providers
        .google
        .records
        .all()
        .iter()
        .filter(|it| it.method == "POST" && it.path.ends_with("/events"));
    let (made, refused): (Vec<_>, Vec<_>) =
        creations.filter(|it| matches!(it.status, Some(200 | 409))).partition(|it| it.status == Some(200));
    let wanted: usize = calendars.iter().map(|calendar| calendar.made).sum();
    assert!(made.len() <= wanted, "{} events were made, {wanted} wanted", made.len());
    // Whoever dies forgets which of up to five events were made.
    assert!(refused.len() <= 5 * harms, "{} events were made again after {harms} harms", refused.len());
}
