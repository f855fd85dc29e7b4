//! Schedules of a plan's tasks: times, days and time zones that do not exist.

use serde_json::{Value, json};

use super::plans::{at_task, put, with_task};
use super::row::Row;

/// Not the name of a time zone.
const NO_ZONES: [&str; 15] = [
    "",
    " ",
    "Mars/Olympus",
    "europe/berlin",
    "EUROPE/BERLIN",
    "Europe/Berlin ",
    "Europe",
    "+01:00",
    "GMT+1",
    "UTC+1",
    "CET/CEST",
    "../Europe/Berlin",
    "Etc/Unknown",
    "localtime",
    "Europe/Berlin\0",
];
/// Not a local time.
const NO_TIMES: [&str; 22] = [
    "",
    "now",
    "2026-11-23",
    "2026-11-23T09",
    "2026-11-23 09:00",
    "2026-11-23t09:00",
    "2026-11-23T09:00Z",
    "2026-11-23T09:00:00Z",
    "2026-11-23T09:00+01:00",
    "2026-11-23T09:00[Europe/Berlin]",
    "2026-11-23T9:00",
    "2026-11-23T24:00",
    "2026-11-23T09:60",
    "2026-11-23T09:00:60",
    "2026-11-23T09:00:00.5",
    "2026-02-29T09:00",
    "2026-13-01T09:00",
    "2026-00-10T09:00",
    "26-11-23T09:00",
    "+002026-11-23T09:00",
    " 2026-11-23T09:00",
    "２０２６-11-23T09:00",
];
/// Not a day.
const NO_DAYS: [&str; 11] = [
    "",
    "today",
    "2026-11-31",
    "2026-02-29",
    "2026-1-1",
    "20261123",
    "2026-W48-1",
    "2026-11-23T00:00",
    "2026-11-23Z",
    "23.11.2026",
    "0000-00-00",
];

pub(super) fn rows() -> Vec<Row> {
    let mut rows = times();
    rows.extend(days());
    rows
}

fn times() -> Vec<Row> {
    let timed = |what: String, changes: Value, code: &'static str, pointer: &str| {
        let mut schedule =
            json!({"start": "2026-11-23T09:00", "end": "2026-11-23T09:45", "time_zone": "Europe/Berlin"});
        schedule.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        schedule.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        with_task(what, json!({"schedule": schedule}))
            .invalid_as(code, at_task(&format!("/schedule{pointer}")))
    };
    let wrong = |what: &str, changes: Value, pointer: &str| {
        timed(what.to_owned(), changes, "invalid_schedule", pointer)
    };
    let mut rows = vec![
        wrong("neither an end nor minutes", json!({"end": null}), ""),
        wrong("no time zone", json!({"time_zone": null}), ""),
        wrong("an end without a start", json!({"start": null}), ""),
        wrong("an end at its start", json!({"end": "2026-11-23T09:00"}), "/end"),
        wrong("an end before its start", json!({"end": "2026-11-22T23:00"}), "/end"),
        wrong("a date beside a start", json!({"date": "2026-11-23"}), "/date"),
        wrong("an end date beside a start", json!({"end_date": "2026-11-23"}), "/end_date"),
        wrong(
            "a start that is skipped",
            json!({"start": "2026-03-29T02:30", "end": "2026-03-29T04:00"}),
            "/start",
        ),
        wrong(
            "an end that is skipped",
            json!({"start": "2026-03-29T01:30", "end": "2026-03-29T02:00"}),
            "/end",
        ),
        wrong(
            "a day that Samoa skipped",
            json!({"start": "2011-12-30T09:00", "end": "2011-12-31T09:00", "time_zone": "Pacific/Apia"}),
            "/start",
        ),
        with_task("an empty schedule", json!({"schedule": {}}))
            .invalid_as("invalid_schedule", at_task("/schedule")),
        with_task(
            "something else in a schedule",
            json!({"schedule": {"start": "2026-11-23T09:00", "rrule": "FREQ=DAILY"}}),
        )
        .invalid_at(at_task("/schedule/rrule")),
        with_task("two kinds of errors", json!({"title": "", "schedule": {}}))
            .invalid_at(at_task("/schedule")),
    ];
    for time in NO_TIMES {
        rows.push(timed(format!("from {time:?}"), json!({"start": time}), "invalid_schedule", "/start"));
        rows.push(timed(format!("until {time:?}"), json!({"end": time}), "invalid_schedule", "/end"));
    }
    for zone in NO_ZONES {
        rows.push(timed(
            format!("in {zone:?}"),
            json!({"time_zone": zone}),
            "invalid_time_zone",
            "/time_zone",
        ));
        rows.push(
            put(format!("a plan in {zone:?}"), &json!({"title": "a", "time_zone": zone}))
                .invalid_as("invalid_time_zone", "/time_zone"),
        );
    }
    rows
}

fn days() -> Vec<Row> {
    let wrong = |what: String, schedule: Value, pointer: &str| {
        with_task(what, json!({"schedule": schedule}))
            .invalid_as("invalid_schedule", at_task(&format!("/schedule{pointer}")))
    };
    let mut rows = vec![
        wrong("an end date without a date".into(), json!({"end_date": "2026-11-23"}), ""),
        wrong(
            "an end date before the date".into(),
            json!({"date": "2026-11-23", "end_date": "2026-11-22"}),
            "/end_date",
        ),
        wrong(
            "an end beside a date".into(),
            json!({"date": "2026-11-23", "end": "2026-11-23T09:00"}),
            "/end",
        ),
        wrong(
            "a time zone beside a date".into(),
            json!({"date": "2026-11-23", "time_zone": "UTC"}),
            "/time_zone",
        ),
    ];
    for day in NO_DAYS {
        rows.push(wrong(format!("on {day:?}"), json!({"date": day}), "/date"));
        rows.push(wrong(
            format!("until the day {day:?}"),
            json!({"date": "2026-11-23", "end_date": day}),
            "/end_date",
        ));
    }
    rows
}
