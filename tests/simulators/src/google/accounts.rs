//! Who is there at the beginning.

use super::{
    edge::Zone,
    model::{Calendar, Person, Role},
};
use crate::Seed;
use std::collections::BTreeMap;

const ALICE: (&str, &str) = ("108204268033311374519", "alice@example.com");
const BOB: (&str, &str) = ("117402939183362170041", "bob@example.com");

/// The people and their calendars.
pub(super) fn founders(seed: &mut Seed) -> (Vec<Person>, BTreeMap<String, Calendar>) {
    let person = |name: &str, (sub, email): (&str, &str)| Person {
        name: name.to_owned(),
        sub: sub.to_owned(),
        email: email.to_owned(),
        ticked: None,
    };
    let primary = |(sub, email): (&str, &str), zone| Calendar {
        primary_of: Some(sub.to_owned()),
        ..calendar(email.to_owned(), email, zone, &[(sub, Role::Owner)])
    };
    let mut secondary =
        |summary, zone, roles: &[(&str, Role)]| calendar(secondary_id(seed), summary, zone, roles);
    let berlin = "Europe/Berlin";
    let all = [
        primary(ALICE, berlin),
        primary(BOB, "America/New_York"),
        secondary("Study", berlin, &[(ALICE.0, Role::Owner)]),
        secondary("Team", berlin, &[(BOB.0, Role::Owner), (ALICE.0, Role::Writer)]),
        secondary("Holidays", "UTC", &[(BOB.0, Role::Owner), (ALICE.0, Role::Reader)]),
    ];
    let calendars = all.into_iter().map(|calendar| (calendar.id.clone(), calendar)).collect();
    (vec![person("Alice", ALICE), person("Bob", BOB)], calendars)
}

/// The id of a calendar that is nobody's primary one.
pub(super) fn secondary_id(seed: &mut Seed) -> String {
    format!("c_{}@group.calendar.google.com", seed.token(26).to_lowercase())
}

/// An empty calendar.
pub(super) fn calendar(id: String, summary: &str, zone: &str, roles: &[(&str, Role)]) -> Calendar {
    Calendar {
        id,
        summary: summary.to_owned(),
        zone: Zone::named(zone).unwrap_or_else(Zone::utc),
        roles: roles.iter().map(|(sub, role)| ((*sub).to_owned(), *role)).collect(),
        withheld: false,
        primary_of: None,
        events: BTreeMap::new(),
        forgotten: 0,
    }
}
