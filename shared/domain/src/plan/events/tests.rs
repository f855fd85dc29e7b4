use jiff::civil::DateTime;
use jiff::tz::TimeZoneDatabase;
use serde_json::json;

use super::*;

fn events(task: &serde_json::Value) -> Vec<PlanEvent> {
    let plan = json!({"title": "Rust", "time_zone": "Europe/Berlin",
        "modules": [{"id": "m1", "title": "Ownership", "tasks": [task]}]});
    serde_json::from_value::<Plan>(plan).unwrap().events()
}

fn times(schedule: &serde_json::Value) -> (String, String) {
    let when = events(&json!({"id": "t", "title": "T", "minutes": 60, "schedule": schedule})).remove(0).when;
    match when {
        When::Timed { start, end } => (start.local, end.local),
        When::AllDay { first, end } => (first.to_string(), end.to_string()),
    }
}

#[test]
fn a_task_with_a_time_is_an_event_and_no_other_is() {
    let found = events(&json!({"id": "t1", "title": "Read", "description": "**Now**", "minutes": 45,
        "schedule": {"start": "2026-11-23T09:00"},
        "reminders": [{"method": "popup", "minutes_before": 10}, {"method": "email", "minutes_before": 60},
            {"method": "popup", "minutes_before": 10}],
        "resources": [{"title": "The Book", "url": "https://example.com"}]}));
    let [event] = &found[..] else { panic!("{found:?}") };
    assert_eq!((event.task.as_str(), event.title.as_str()), ("t1", "Read"));
    assert_eq!(
        event.description,
        r#"<b>Now</b><br><br><ul><li><a href="https://example.com">The Book</a></li></ul>"#
    );
    assert_eq!(event.reminders.iter().map(|it| it.minutes_before).collect::<Vec<_>>(), [10, 60]);
    let When::Timed { start, end } = &event.when else { panic!("{event:?}") };
    assert_eq!((start.zone.as_str(), start.local.as_str()), ("Europe/Berlin", "2026-11-23T09:00:00"));
    assert_eq!(
        (start.at.to_string(), end.at.to_string()),
        ("2026-11-23T08:00:00Z".into(), "2026-11-23T08:45:00Z".into())
    );
    assert!(events(&json!({"id": "t", "title": "T"})).is_empty());
}

#[test]
fn whole_days_end_on_the_day_after() {
    assert_eq!(times(&json!({"date": "2026-03-29"})), ("2026-03-29".into(), "2026-03-30".into()));
    assert_eq!(
        times(&json!({"date": "2028-02-28", "end_date": "2028-02-29"})),
        ("2028-02-28".into(), "2028-03-01".into())
    );
}

#[test]
fn only_what_clocks_show_twice_has_an_offset() {
    // Clocks go from 02:00 to 03:00 on 2026-03-29, and from 03:00 back to 02:00 on 2026-10-25.
    for (start, expected) in [
        ("2026-03-29T01:30", ("2026-03-29T01:30:00", "2026-03-29T03:30:00")),
        ("2026-10-25T01:30", ("2026-10-25T01:30:00", "2026-10-25T02:30:00+02:00")),
        ("2026-10-25T02:30", ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00")),
        ("2026-10-25T03:00", ("2026-10-25T03:00:00", "2026-10-25T04:00:00")),
    ] {
        assert_eq!(times(&json!({ "start": start })), (expected.0.to_owned(), expected.1.to_owned()));
    }
}

/// Around every clock change of every time zone from 2020 to 2035: what is written is read again as the same instant, in the way
/// in which calendars read it, and an hour stays an hour.
#[test]
fn every_clock_change_of_every_zone_is_exact() {
    let database = TimeZoneDatabase::bundled();
    let (from, to) = ("2020-01-01T00:00:00Z".parse().unwrap(), "2036-01-01T00:00:00Z".parse().unwrap());
    let (mut zones, mut changes) = (0, 0);
    for name in database.available() {
        let Some(zone) = zone(name.as_str()) else { continue };
        zones += 1;
        for change in zone.following(from).take_while(|change| change.timestamp() < to) {
            changes += 1;
            for minutes in [-61_i64, -60, -30, -1, 0, 1, 30, 59, 60, 61] {
                let at = change.timestamp() + jiff::SignedDuration::from_mins(minutes);
                let moment = Moment::at(at, name.as_str()).unwrap();
                let read = moment.local.parse::<Timestamp>().unwrap_or_else(|_| {
                    let local: DateTime = moment.local.parse().unwrap();
                    let read = zone.to_ambiguous_timestamp(local);
                    assert!(!read.is_ambiguous(), "{name} {moment:?}");
                    read.compatible().unwrap()
                });
                assert_eq!(read, at, "{name} {moment:?}");
            }
            let local = change.timestamp().to_zoned(zone.clone()).datetime();
            let schedule = Schedule {
                start: Some(local.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
                ..Schedule::default()
            };
            if let Some(When::Timed { start, end }) = schedule.when(Some(name.as_str()), Some(60)) {
                assert_eq!(
                    start.at.duration_until(end.at),
                    jiff::SignedDuration::from_hours(1),
                    "{name} {local}"
                );
            }
        }
    }
    assert!(zones > 300 && changes > 3_000, "{zones} zones, {changes} changes");
}
