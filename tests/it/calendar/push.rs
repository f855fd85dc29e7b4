//! Google says that something changed: then it is looked at once, soon. Whatever becomes of what it says, the schedule goes on.

use std::time::Duration;

use axum::body::Body;
use domain::Tier;
use futures_util::future::join;
use http::Request;
use serde_json::json;
use simulators::Fault;
use simulators::faults::FaultKind;
use simulators::google::ChannelView;

use super::automatic::{delete_plan, disconnect, enable, jobs, rename, set_tier, synced_in};
use super::{CALENDAR, by_hand, calls, conflicts, events, plan, put, sync};
use crate::support::World;
use crate::support::fate::Harm;
use crate::support::requests::well_formed;

const WATCH: &str = "/calendar/v3/calendars/primary/events/watch";

/// Alice on the tier with all of it, her calendar watched and at rest.
async fn watched() -> World {
    watched_in(World::calm()).await
}

async fn watched_in(world: World) -> World {
    let world = synced_in(world, Tier::Agency, 3).await;
    world.pass_minutes(4).await;
    calls(&world);
    world
}

fn channels(world: &World) -> Vec<ChannelView> {
    by_hand(world, |google, now| google.channels(now))
}

/// What Google calls it when it is asked for something, in order.
fn paths(world: &World) -> Vec<String> {
    let mut providers = world.providers.lock().unwrap();
    let records = providers.google.records.all().iter();
    let of_channel = records.filter(|it| it.path.ends_with("/watch") || it.path.ends_with("/stop"));
    let paths = of_channel.map(|it| it.path.rsplit('/').next().unwrap().to_owned()).collect();
    providers.google.records.clear();
    paths
}

/// Time passes until what Google has to say is on its way, and arrives. Nobody looks yet.
async fn told(world: &World) {
    tokio::time::sleep(Duration::from_secs(30)).await;
    world.deliver_hints().await;
}

/// Something in the calendar that is none of ours changes.
fn own_event(world: &World) {
    let own = json!({"summary": "Own", "start": {"date": "2026-10-25"}, "end": {"date": "2026-10-26"}});
    by_hand(world, |google, now| google.person_adds_event(CALENDAR, &own, now)).unwrap();
}

/// The last message of Alice's channel, to be sent again or otherwise.
fn message(world: &World) -> Request<()> {
    own_event(world);
    let later = world.now() + jiff::SignedDuration::from_mins(1);
    let google = &mut world.providers.lock().unwrap().google.simulator;
    let notification = google.due_notifications(later).pop().unwrap();
    google.notification_answered(notification.number, Some(200), later);
    notification.request.map(|_| ())
}

async fn send(world: &World, message: &Request<()>, header: &str, value: Option<&str>) -> (u16, String) {
    let mut message = message.clone().map(|()| Body::empty());
    match value {
        Some(value) => drop(
            message.headers_mut().insert(http::HeaderName::try_from(header).unwrap(), value.parse().unwrap()),
        ),
        None => drop(message.headers_mut().remove(header)),
    }
    let answer = world.send(provider_push::routes, message).await;
    well_formed(&answer, header);
    assert!(!answer.status.is_success() || answer.body.is_empty(), "{answer:?}");
    (answer.status.as_u16(), answer.code_or_empty())
}

/// Lets everything happen that is due now.
async fn settle(world: &World) {
    for _ in 0..3 {
        world.sweep().await;
        world.drain().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_changes_is_known_within_a_minute() {
    let world = watched().await;
    assert_eq!(channels(&world).len(), 1);
    rename(&world, "Task 1", "Mine");
    told(&world).await;
    world.pass_minutes(1).await;
    let last = jobs(&world).await.remove(0);
    assert_eq!(conflicts(&last), [("t1".to_owned(), "edited_in_calendar".to_owned())]);
    assert_eq!(calls(&world), ["GET"; 2], "a look, and a job");
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_messages_asks_for_one_look() {
    let world = watched().await;
    for _ in 0..20 {
        own_event(&world);
        told(&world).await;
    }
    let heard = channels(&world)[0].accepted;
    assert!(heard >= 20, "{heard} messages arrived");
    settle(&world).await;
    assert_eq!(calls(&world), ["GET"]);
    assert_eq!(jobs(&world).await.len(), 1, "it was nothing to us");
}

#[tokio::test(start_paused = true)]
async fn what_we_write_ourselves_ends_in_one_look() {
    let world = watched().await;
    let mut changed = plan(3);
    for task in changed["modules"][0]["tasks"].as_array_mut().unwrap() {
        task["title"] = json!(format!("New {}", task["id"]));
    }
    put(&world, &changed).await;
    sync(&world).await;
    calls(&world);
    world.pass_minutes(12).await;
    let looks = calls(&world);
    assert!((1..=3).contains(&looks.len()) && looks.iter().all(|call| call == "GET"), "{looks:?}");
    assert_eq!(jobs(&world).await.len(), 2, "those that were asked for");
}

#[tokio::test(start_paused = true)]
async fn a_message_is_believed_only_with_its_channels_token_and_heeded_once() {
    let world = watched().await;
    let hint = message(&world);
    let unknown = (404, "not_found".to_owned());
    let unsigned = (401, "invalid_signature".to_owned());
    assert_eq!(send(&world, &hint, "x-goog-channel-id", Some("another")).await, unknown);
    assert_eq!(send(&world, &hint, "x-goog-channel-id", None).await, unknown);
    for token in [Some("another"), Some(""), None] {
        assert_eq!(send(&world, &hint, "x-goog-channel-token", token).await, unsigned);
    }
    settle(&world).await;
    assert_eq!(calls(&world), [""; 0], "nobody was believed");
    let number = hint.headers()["x-goog-message-number"].to_str().unwrap().to_owned();
    for looks in [1, 0, 0] {
        let answer = send(&world, &hint, "x-goog-message-number", Some(&number)).await;
        assert_eq!(answer, (200, String::new()), "also when it is sent again");
        settle(&world).await;
        assert_eq!(calls(&world).len(), looks);
    }
    // Without a number there is no telling whether it was heard before.
    send(&world, &hint, "x-goog-message-number", None).await;
    settle(&world).await;
    assert_eq!(calls(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_cannot_be_written_down_is_sent_again() {
    let before = watched().await.fate.log().len();
    // The table is tried six times.
    let harm = (1..=6).map(|exchange| (before + exchange, Harm::Refuse)).collect();
    let world = watched_in(World::new(1, harm)).await;
    rename(&world, "Task 1", "Mine");
    told(&world).await;
    let answered = world.answers.lock().unwrap().last().unwrap().clone();
    assert!(answered.contains("storage_unavailable"), "{answered}");
    assert_eq!(world.fate.log().len(), before + 6, "and nobody else was asked");
    told(&world).await;
    world.pass_minutes(1).await;
    assert_eq!(jobs(&world).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_can_be_no_channel_is_not_even_looked_up() {
    let world = watched().await;
    let hint = message(&world);
    // Google takes ids of up to 64 characters.
    for (length, reads) in [(0, 0), (1, 1), (64, 1), (65, 0), (3000, 0)] {
        let before = world.fate.lines().len();
        let answer = send(&world, &hint, "x-goog-channel-id", Some(&"a".repeat(length))).await;
        assert_eq!(answer, (404, "not_found".to_owned()), "{length} characters");
        assert_eq!(world.fate.lines().len() - before, reads, "{length} characters");
    }
}

#[tokio::test(start_paused = true)]
async fn a_channel_is_followed_by_another_before_it_ends() {
    let world = watched().await;
    let first = channels(&world).remove(0);
    paths(&world);
    tokio::time::sleep(Duration::from_hours(5 * 24)).await;
    world.pass_minutes(3).await;
    assert_eq!((channels(&world), paths(&world).len()), (vec![first.clone()], 0), "it lasts");
    tokio::time::sleep(Duration::from_hours(26)).await;
    world.pass_minutes(3).await;
    assert_eq!(paths(&world), ["watch", "stop"], "the old one is closed when the new one is open");
    let second = channels(&world);
    assert!(second.len() == 1 && second[0].id != first.id, "{second:?}");
    calls(&world);
    rename(&world, "Task 1", "Mine");
    told(&world).await;
    world.pass_minutes(1).await;
    assert_eq!(jobs(&world).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_google_says_while_another_channel_is_opened_is_heeded() {
    let world = watched().await;
    tokio::time::sleep(Duration::from_hours(6 * 24 + 2)).await;
    paths(&world);
    // Nothing has changed when the list is made, whose answer takes its time.
    let slow = Fault { delay_ms: Some(5_000), ..Fault::new(FaultKind::DelayMs) };
    let slow = slow.on("GET", "/calendar/v3/calendars/primary/events");
    world.providers.lock().unwrap().google.fail(slow).unwrap();
    world.sweep().await;
    let meanwhile = async {
        while !world.providers.lock().unwrap().google.faults.waiting().is_empty() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        rename(&world, "Task 1", "Mine");
        tokio::time::sleep(Duration::from_secs(2)).await;
        world.deliver_hints().await;
    };
    Box::pin(join(world.drain(), meanwhile)).await;
    assert_eq!(paths(&world), ["watch", "stop"]);
    settle(&world).await;
    assert_eq!(jobs(&world).await.len(), 2, "it is looked again at once");
}

#[tokio::test(start_paused = true)]
async fn whatever_ends_the_automatic_sync_closes_its_channel() {
    for end in 0..4 {
        let world = watched().await;
        let hint = message(&world);
        match end {
            0 => enable(&world, false).await,
            1 => set_tier(&world, Tier::Starter).await,
            2 => delete_plan(&world).await,
            _ => disconnect(&world).await,
        }
        world.pass_minutes(17).await;
        assert_eq!(channels(&world), [], "{end}");
        let answer = send(&world, &hint, "x-goog-resource-state", Some("exists")).await;
        assert_eq!(answer.0, 404, "{end}: nobody listens any more");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tier_with_schedules_only_has_no_channel() {
    let world = watched().await;
    set_tier(&world, Tier::Pro).await;
    world.pass_minutes(2).await;
    assert_eq!(channels(&world), []);
    calls(&world);
    world.pass_minutes(17).await;
    assert_eq!(calls(&world), ["GET"], "the schedule goes on");
}

#[tokio::test(start_paused = true)]
async fn a_channel_whose_opening_was_not_heard_is_known_all_the_same() {
    for fault in
        [FaultKind::LoseAnswer, FaultKind::LoseRequest, FaultKind::ApplyThenStatus, FaultKind::HtmlBody]
    {
        for times in [1, 3] {
            let world = synced_in(World::calm(), Tier::Agency, 3).await;
            let fault = Fault::new(fault).on("POST", WATCH).times(times);
            world.providers.lock().unwrap().google.fail(fault.clone()).unwrap();
            world.pass_minutes(20).await;
            assert_eq!(channels(&world).len(), 1, "{fault:?}");
            rename(&world, "Task 1", "Mine");
            told(&world).await;
            world.pass_minutes(1).await;
            assert_eq!(jobs(&world).await.len(), 2, "{fault:?}: its messages are believed");
            set_tier(&world, Tier::Pro).await;
            world.pass_minutes(2).await;
            assert_eq!(channels(&world), [], "{fault:?}: it can be closed");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn where_google_refuses_channels_the_schedule_goes_on() {
    for (status, reason) in
        [(401, "push.webhookUrlUnauthorized"), (400, "push.webhookUrlNotHttps"), (403, "forbidden")]
    {
        let world = synced_in(World::calm(), Tier::Agency, 3).await;
        let body = json!({"error": {"code": status, "message": "no",
            "errors": [{"domain": "global", "reason": reason, "message": "no"}]}});
        let fault = Fault::new(FaultKind::Status).on("POST", WATCH).times(99).answering(status, body);
        world.providers.lock().unwrap().google.fail(fault).unwrap();
        world.pass_minutes(3).await;
        assert_eq!(channels(&world), []);
        calls(&world);
        rename(&world, "Task 1", "Mine");
        world.pass_minutes(32).await;
        assert_eq!(jobs(&world).await.len(), 2, "{reason}");
        let asked = calls(&world).iter().filter(|call| *call == "POST").count();
        assert_eq!(asked, 0, "{reason}: it is asked again tomorrow");
        assert_eq!(events(&world).len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn what_google_does_not_say_is_noticed_by_schedule() {
    let world = watched().await;
    rename(&world, "Task 1", "Mine");
    by_hand(&world, |google, _| google.lose_notifications());
    world.pass_minutes(17).await;
    assert_eq!(jobs(&world).await.len(), 2);
}
