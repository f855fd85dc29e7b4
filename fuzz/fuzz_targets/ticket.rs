//! Any bytes as what a user posts, a draft that is read again, or an identifier in a path.

#![no_main]

use domain::{Draft, JobId, ProviderId, Ticket, Tier, UserId, VideoId};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(ticket) = serde_json::from_slice::<Ticket>(bytes) {
        let sent = serde_json::to_vec(&ticket).unwrap();
        assert_eq!(serde_json::from_slice::<Ticket>(&sent).unwrap(), ticket);
        if ticket.validate().is_empty() {
            assert!(!ticket.title.trim().is_empty() && !ticket.title.chars().any(char::is_control));
        }
    }
    if let Ok(draft) = serde_json::from_slice::<Draft>(bytes) {
        let sent = serde_json::to_vec(&draft).unwrap();
        assert_eq!(serde_json::from_slice::<Draft>(&sent).unwrap(), draft);
        assert!(serde_json::from_slice::<Ticket>(&sent).is_ok(), "a draft can be posted as it is");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for name in [text.parse::<VideoId>().map(String::from), text.parse::<JobId>().map(String::from)] {
        let Ok(name) = name else { continue };
        assert_eq!(name, text);
        assert!(!name.contains(['/', '\\', ' ', '%', '#', '?']) && name != "." && name != "..");
    }
    if let Ok(user) = text.parse::<UserId>() {
        assert!(user.as_str() == text && !text.chars().any(char::is_control));
    }
    assert!(text.parse::<ProviderId>().map_or(true, |provider| provider.as_str() == text));
    assert!(text.parse::<Tier>().map_or(true, |tier| tier.as_str() == text));
});
