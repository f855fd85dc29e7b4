//! What clients may ask for, and which calls a scope opens.

use std::collections::BTreeSet;

const PREFIX: &str = "https://www.googleapis.com/auth/";

/// Scopes that say who somebody is. The consent page does not let people untick them.
const SIGN_IN: [&str; 3] = [
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/userinfo.profile",
];

/// The others that are known here, without the prefix.
const KNOWN: [&str; 22] = [
    "calendar",
    "calendar.acls",
    "calendar.acls.readonly",
    "calendar.app.created",
    "calendar.calendarlist",
    "calendar.calendarlist.readonly",
    "calendar.calendars",
    "calendar.calendars.readonly",
    "calendar.events",
    "calendar.events.freebusy",
    "calendar.events.owned",
    "calendar.events.owned.readonly",
    "calendar.events.public.readonly",
    "calendar.events.readonly",
    "calendar.readonly",
    "drive.file",
    "drive.metadata.readonly",
    "drive.readonly",
    "gmail.metadata",
    "gmail.readonly",
    "spreadsheets",
    "spreadsheets.readonly",
];

/// A scope under the name that answers carry, or nothing when there is no such scope.
pub(super) fn full_name(scope: &str) -> Option<String> {
    let full = match scope {
        "email" | "profile" => format!("{PREFIX}userinfo.{scope}"),
        _ => scope.to_owned(),
    };
    let known = is_sign_in(&full) || full.strip_prefix(PREFIX).is_some_and(|name| KNOWN.contains(&name));
    known.then_some(full)
}

/// Whether a scope, by its full name, only says who somebody is.
pub(super) fn is_sign_in(scope: &str) -> bool {
    SIGN_IN.contains(&scope)
}

/// Whether one of these scopes opens what one of `wanted` opens; those have no prefix.
pub(super) fn any_of(granted: &BTreeSet<String>, wanted: &[&str]) -> bool {
    granted.iter().filter_map(|scope| scope.strip_prefix(PREFIX)).any(|name| wanted.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_become_long_ones_and_invented_ones_are_not_known() {
        assert_eq!(full_name("openid").unwrap(), "openid");
        assert_eq!(full_name("email").unwrap(), SIGN_IN[1]);
        assert!(full_name("https://www.googleapis.com/auth/calendar.events").is_some());
        for unknown in ["", "calendar.events", "https://www.googleapis.com/auth/calendar.evenst"] {
            assert_eq!(full_name(unknown), None);
        }
    }
}
