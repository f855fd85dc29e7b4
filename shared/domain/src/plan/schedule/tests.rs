//! Local times and instants: ordinary ones, those that clock changes skip or repeat, and what is no schedule.

mod properties;

use jiff::civil::date;

use super::*;

fn timed(start: &str, end: &str, zone: &str) -> Schedule {
    let some = |text: &str| Some(text.to_owned());
    Schedule { start: some(start), end: some(end), time_zone: some(zone), ..Schedule::default() }
}

fn on(first: &str, last: Option<&str>) -> Schedule {
    Schedule { date: Some(first.into()), end_date: last.map(Into::into), ..Schedule::default() }
}

fn instants(schedule: &Schedule) -> (String, String) {
    match schedule.span(None, None).unwrap() {
        Span::Timed { start, end } => (start.to_string(), end.to_string()),
        Span::AllDay { .. } => panic!("{schedule:?} is on whole days"),
    }
}

/// Pointer and code of what is wrong.
fn wrong(schedule: &Schedule) -> Vec<(String, &'static str)> {
    let wrong = schedule.span(None, None).unwrap_err();
    wrong.into_iter().map(|error| (error.pointer, error.code)).collect()
}

/// Start, end and zone, and the same in UTC.
const INSTANTS: [(&str, &str, &str, &str, &str); 14] = [
    ("2026-11-23T09:00", "2026-11-23T09:45", "Europe/Berlin", "2026-11-23T08:00:00Z", "2026-11-23T08:45:00Z"),
    (
        "2026-07-01T09:00:30",
        "2026-07-02T00:00",
        "Europe/Berlin",
        "2026-07-01T07:00:30Z",
        "2026-07-01T22:00:00Z",
    ),
    ("2026-11-23T09:00", "2026-11-23T09:01", "UTC", "2026-11-23T09:00:00Z", "2026-11-23T09:01:00Z"),
    (
        "2026-11-23T09:00",
        "2026-11-23T10:00",
        "Asia/Kathmandu",
        "2026-11-23T03:15:00Z",
        "2026-11-23T04:15:00Z",
    ),
    // The hour that is skipped lies between start and end: half an hour passes.
    ("2026-03-29T01:45", "2026-03-29T03:15", "Europe/Berlin", "2026-03-29T00:45:00Z", "2026-03-29T01:15:00Z"),
    (
        "2026-03-08T01:59:59",
        "2026-03-08T03:00",
        "America/New_York",
        "2026-03-08T06:59:59Z",
        "2026-03-08T07:00:00Z",
    ),
    // Of a time that comes twice the first is meant.
    ("2026-10-25T02:30", "2026-10-25T03:00", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z"),
    ("2026-10-25T01:30", "2026-10-25T02:30", "Europe/Berlin", "2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z"),
    (
        "2026-11-01T01:00",
        "2026-11-01T02:00",
        "America/New_York",
        "2026-11-01T05:00:00Z",
        "2026-11-01T07:00:00Z",
    ),
    // Lord Howe Island moves its clocks by half an hour.
    (
        "2026-04-05T01:30",
        "2026-04-05T01:59",
        "Australia/Lord_Howe",
        "2026-04-04T14:30:00Z",
        "2026-04-04T14:59:00Z",
    ),
    (
        "2026-10-04T01:59",
        "2026-10-04T02:30",
        "Australia/Lord_Howe",
        "2026-10-03T15:29:00Z",
        "2026-10-03T15:30:00Z",
    ),
    // Morocco goes back to UTC for Ramadan and leaves it afterwards.
    (
        "2026-02-15T02:30",
        "2026-02-15T03:00",
        "Africa/Casablanca",
        "2026-02-15T01:30:00Z",
        "2026-02-15T03:00:00Z",
    ),
    (
        "2026-03-22T01:59",
        "2026-03-22T03:00",
        "Africa/Casablanca",
        "2026-03-22T01:59:00Z",
        "2026-03-22T02:00:00Z",
    ),
    // Samoa crossed the date line: the 30th of December 2011 did not take place.
    ("2011-12-29T23:00", "2011-12-31T01:00", "Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-30T11:00:00Z"),
];

#[test]
fn a_local_time_is_an_instant() {
    for (start, end, zone, from, to) in INSTANTS {
        let found = instants(&timed(start, end, zone));
        assert_eq!((found.0.as_str(), found.1.as_str()), (from, to), "{start} to {end} in {zone}");
    }
}

/// Times that clocks are set forward over.
const SKIPPED: [(&str, &str); 14] = [
    ("2026-03-29T02:00", "Europe/Berlin"),
    ("2026-03-29T02:30", "Europe/Berlin"),
    ("2026-03-29T02:59:59", "Europe/Berlin"),
    ("2026-03-08T02:00", "America/New_York"),
    ("2026-03-08T02:59:59", "America/New_York"),
    ("2026-10-04T02:00", "Australia/Lord_Howe"),
    ("2026-10-04T02:29:59", "Australia/Lord_Howe"),
    ("2026-03-22T02:00", "Africa/Casablanca"),
    ("2026-03-22T02:59", "Africa/Casablanca"),
    ("2011-12-30T00:00", "Pacific/Apia"),
    ("2011-12-30T12:00", "Pacific/Apia"),
    ("2011-12-30T23:59:59", "Pacific/Apia"),
    // At midnight, where a day begins at one o'clock.
    ("2026-04-24T00:30", "Africa/Cairo"),
    ("2026-09-06T00:00", "America/Santiago"),
];

#[test]
fn a_time_that_does_not_exist_is_refused_where_it_stands() {
    for (time, zone) in SKIPPED {
        let refused = |schedule| wrong(&schedule);
        let at = |pointer: &str| vec![(pointer.to_owned(), "invalid_schedule")];
        assert_eq!(refused(timed(time, "2030-01-01T00:00", zone)), at("/start"), "{time} in {zone}");
        assert_eq!(refused(timed("2000-01-01T00:00", time, zone)), at("/end"), "{time} in {zone}");
    }
}

#[test]
fn the_minutes_before_and_after_a_gap_exist() {
    for (time, zone) in [
        ("2026-03-29T01:59:59", "Europe/Berlin"),
        ("2026-03-29T03:00", "Europe/Berlin"),
        ("2026-10-04T02:30", "Australia/Lord_Howe"),
        ("2026-03-22T03:00", "Africa/Casablanca"),
        ("2011-12-29T23:59:59", "Pacific/Apia"),
        ("2011-12-31T00:00", "Pacific/Apia"),
    ] {
        instants(&timed(time, "2030-01-01T00:00", zone));
    }
}

#[test]
fn the_end_is_after_the_start_by_the_clock_of_the_universe() {
    let at_end = vec![("/end".to_owned(), "invalid_schedule")];
    assert_eq!(wrong(&timed("2026-11-23T09:00", "2026-11-23T09:00", "UTC")), at_end);
    assert_eq!(wrong(&timed("2026-11-23T09:00", "2026-11-23T08:59:59", "UTC")), at_end);
    // Both stand in the hour that comes twice, and of both the first is meant.
    assert_eq!(wrong(&timed("2026-10-25T02:45", "2026-10-25T02:15", "Europe/Berlin")), at_end);
}

#[test]
fn without_an_end_the_minutes_pass_whatever_clocks_show() {
    let from = |start: &str, zone: &str, minutes| {
        let schedule = Schedule { end: None, ..timed(start, "", zone) };
        match schedule.span(Some("America/New_York"), Some(minutes)).unwrap() {
            Span::Timed { start, end } => (start.to_string(), end.to_string()),
            Span::AllDay { .. } => panic!(),
        }
    };
    let instants = |start: &str, end: &str| (start.to_owned(), end.to_owned());
    assert_eq!(from("2026-11-23T09:00", "UTC", 45), instants("2026-11-23T09:00:00Z", "2026-11-23T09:45:00Z"));
    assert_eq!(
        from("2026-03-29T01:30", "Europe/Berlin", 60),
        instants("2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z")
    );
    let late = Schedule { end: None, ..timed("9999-12-30T22:00", "", "UTC") };
    assert_eq!(late.span(None, Some(10_080)).unwrap_err()[0].pointer, "/start");
}

#[test]
fn the_plans_time_zone_counts_where_the_schedule_has_none() {
    let schedule = Schedule { time_zone: None, ..timed("2026-11-23T09:00", "2026-11-23T10:00", "") };
    let in_berlin = schedule.span(Some("Europe/Berlin"), None).unwrap();
    assert_eq!(
        in_berlin,
        timed("2026-11-23T09:00", "2026-11-23T10:00", "Europe/Berlin").span(None, None).unwrap()
    );
    let own = timed("2026-11-23T09:00", "2026-11-23T10:00", "UTC");
    assert_eq!(own.span(Some("Europe/Berlin"), None), own.span(None, None));
    assert_eq!(wrong(&schedule), [(String::new(), "invalid_schedule")]);
    assert_eq!(schedule.span(Some("Mars/Olympus"), None), Err(vec![]), "that is told of the plan");
}

#[test]
fn whole_days_are_days_wherever_one_is() {
    let days = |first, last| Span::AllDay { first, last };
    let day = date(2026, 11, 23);
    assert_eq!(on("2026-11-23", None).span(None, None), Ok(days(day, day)));
    assert_eq!(on("2026-11-23", Some("2026-11-23")).span(Some("UTC"), Some(5)), Ok(days(day, day)));
    let to_next_year = on("2026-11-23", Some("2027-01-01")).span(Some("Mars/Olympus"), None);
    assert_eq!(to_next_year, Ok(days(day, date(2027, 1, 1))));
    assert_eq!(wrong(&on("2026-11-23", Some("2026-11-22"))), [("/end_date".to_owned(), "invalid_schedule")]);
}

#[test]
fn every_mistake_is_told() {
    let all = Schedule {
        date: Some("x".into()),
        end_date: Some("y".into()),
        ..timed("2026-11-23T09:00Z", "2026-11-23T25:00", "Mars/Olympus")
    };
    let told = wrong(&all);
    let told: Vec<_> = told.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect();
    assert_eq!(
        told,
        [
            ("/date", "invalid_schedule"),
            ("/end_date", "invalid_schedule"),
            ("/start", "invalid_schedule"),
            ("/end", "invalid_schedule"),
            ("/time_zone", "invalid_time_zone"),
        ]
    );
}

#[test]
fn names_of_time_zones_are_those_of_the_database_and_spelled_like_them() {
    let known = ZONES.available().map(|name| name.to_string()).collect::<Vec<_>>();
    assert!(known.len() > 400, "the database is bundled: {}", known.len());
    for name in
        ["Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+5", "Asia/Calcutta", "US/Eastern"]
    {
        assert!(is_time_zone(name), "{name}");
    }
    for name in [
        "",
        "europe/berlin",
        "utc",
        "Europe",
        "Europe/",
        "CEST",
        "+01:00",
        "Etc/Unknown",
        "Europe/Berlin\0",
        "../UTC",
    ] {
        assert!(!is_time_zone(name), "{name}");
    }
}
