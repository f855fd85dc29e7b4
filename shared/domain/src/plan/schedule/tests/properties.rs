//! Local times near every kind of clock change that there was, against trying all offsets.

use proptest::prelude::*;

use super::*;

/// A time zone, and a local time within a few hours of one of its changes after 1970.
fn times_near_changes() -> impl Strategy<Value = (String, DateTime)> {
    let names = ZONES.available().map(|name| name.to_string()).filter(|name| is_time_zone(name));
    let zones: Vec<_> = names
        .filter(|name| ZONES.get(name).unwrap().following(Timestamp::UNIX_EPOCH).next().is_some())
        .collect();
    (prop::sample::select(zones), 0..120_usize, -3 * 3600..3 * 3600_i64).prop_map(|(zone, at, seconds)| {
        let rules = ZONES.get(&zone).unwrap();
        let changes: Vec<_> = rules.following(Timestamp::UNIX_EPOCH).take(120).collect();
        let change = changes[at % changes.len()].timestamp();
        let before = change.checked_sub(SignedDuration::from_secs(1)).unwrap().to_zoned(rules).datetime();
        (zone, before.checked_add(SignedDuration::from_secs(seconds)).unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn an_instant_is_the_first_at_which_clocks_show_the_time((zone, local) in times_near_changes()) {
        let start = local.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let schedule = Schedule { end: None, ..timed(&start, "", &zone) };
        let rules = ZONES.get(&zone).unwrap();
        // By trying every offset that any clock could have had.
        let utc = TimeZone::UTC.to_timestamp(local).unwrap();
        let mut offsets = std::collections::BTreeSet::new();
        for change in rules.preceding(utc).take(3).chain(rules.following(utc).take(3)) {
            offsets.insert(change.offset().seconds());
            offsets.insert(rules.to_offset(change.timestamp().checked_sub(SignedDuration::from_secs(1)).unwrap()).seconds());
        }
        let candidates = offsets.into_iter().map(|offset| utc.checked_sub(SignedDuration::from_secs(offset.into())).unwrap());
        let first = candidates.filter(|at| at.to_zoned(rules.clone()).datetime() == local).min();
        match (schedule.span(None, Some(1)), first) {
            (Ok(Span::Timed { start, end }), Some(first)) => {
                prop_assert_eq!(start, first, "{} in {}", local, zone);
                prop_assert_eq!(end.duration_since(start), SignedDuration::from_mins(1));
            }
            (Err(wrong), None) => {
                prop_assert_eq!((wrong.len(), wrong[0].pointer.as_str(), wrong[0].code), (1, "/start", "invalid_schedule"));
            }
            (span, first) => prop_assert!(false, "{} in {}: {:?}, not {:?}", local, zone, span, first),
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_stumble(start in "\\PC{0,24}", end in "[0-9T:Z+-]{0,20}", zone in "\\PC{0,20}", minutes: Option<u32>) {
        let _ = timed(&start, &end, &zone).span(Some(&zone), minutes);
        let _ = timed(&end, &start, "Europe/Berlin").span(None, minutes);
        let _ = on(&end, Some(&start)).span(None, minutes);
    }
}
