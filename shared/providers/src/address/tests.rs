//! Addresses that pass, and those that must not.

use super::*;

#[test]
fn ordinary_addresses_pass_unchanged() {
    for text in [
        "https://media.example.com/a.mp4?X-Amz-Signature=abc%2F",
        "https://bucket.s3.eu-central-1.amazonaws.com:8443/x",
        "https://8.8.8.8/a",
        "https://[2606:4700::1111]/a",
        "https://xn--bcher-kva.example.com/",
        "https://localhost.example.com/",
        "https://metadata.example.com/",
        "https://internal.example.com/",
        "https://11.0.0.1/",
        "https://100.128.0.1/",
        "https://172.32.0.1/",
        "https://192.169.0.1/",
        "https://168.63.129.17/",
        "https://223.255.255.254/",
        "https://[2a00:1450:4001:82a::200e]/",
    ] {
        assert_eq!(text.parse::<PublicUrl>().unwrap().as_str(), text);
    }
    assert!("https://example.com:443/a".parse::<PublicUrl>().is_ok());
}

/// Hosts inside some network, or none at all.
const INSIDE: &[&str] = include!("inside.in");

#[test]
fn everything_inside_a_network_is_refused() {
    for host in INSIDE {
        let parsed = format!("https://{host}/x").parse::<PublicUrl>();
        assert!(matches!(parsed, Err(AddressError::Host | AddressError::Malformed)), "{host}: {parsed:?}");
    }
}

#[test]
fn each_refusal_names_its_reason() {
    let long = format!("https://example.com/{}", "a".repeat(2000));
    for (text, reason) in [
        ("", AddressError::Malformed),
        ("/a", AddressError::Malformed),
        ("https://", AddressError::Malformed),
        ("https://exa mple.com/", AddressError::Malformed),
        ("https://example.com\\@127.0.0.1/", AddressError::Malformed),
        ("https://example.com/\r\nHost: x", AddressError::Malformed),
        ("http://example.com/", AddressError::NotHttps),
        ("file:///etc/passwd", AddressError::NotHttps),
        ("javascript:alert(1)", AddressError::NotHttps),
        ("https://user@example.com/", AddressError::Credentials),
        ("https://:pass@example.com/", AddressError::Credentials),
        ("https://a%00b@example.com/", AddressError::Credentials),
        ("https://example.com@127.0.0.1/", AddressError::Credentials),
        ("https://example.com:443@127.0.0.1/", AddressError::Credentials),
        ("https://127.0.0.1#@example.com/", AddressError::Host),
        ("https://127.0.0.1?@example.com/", AddressError::Host),
        ("https:127.0.0.1", AddressError::Host),
        ("https:////127.0.0.1/", AddressError::Host),
        ("HTTPS://127.0.0.1/", AddressError::Host),
        ("https://example.com%00.evil.example/", AddressError::Malformed),
        ("https://example.com%2f.evil.example/", AddressError::Malformed),
        ("https://example.com\u{3000}/", AddressError::Malformed),
        ("\thttps://example.com/", AddressError::Malformed),
        ("https://exam\nple.com/", AddressError::Malformed),
        ("https://example.com/a\\b", AddressError::Malformed),
        ("//example.com/", AddressError::Malformed),
        ("ftp://example.com/", AddressError::NotHttps),
        ("gopher://example.com/", AddressError::NotHttps),
        ("data:text/plain,a", AddressError::NotHttps),
        ("blob:https://example.com/a", AddressError::NotHttps),
        ("view-source:https://example.com/", AddressError::NotHttps),
        ("httpss://example.com/", AddressError::NotHttps),
        ("https://example.com:22/", AddressError::Port),
        ("https://example.com:80/", AddressError::Port),
        ("https://example.com:0/", AddressError::Port),
        ("https://example.com:6379/", AddressError::Port),
        ("https://example.com:65536/", AddressError::Malformed),
        ("https://example.com:-1/", AddressError::Malformed),
        ("https://example.com:４４３/", AddressError::Malformed),
        (long.as_str(), AddressError::TooLong),
    ] {
        assert_eq!(text.parse::<PublicUrl>(), Err(reason), "{text}");
    }
}

#[test]
fn a_signed_address_keeps_its_signature_out_of_logs() {
    let url: PublicUrl = "https://example.com/a?X-Amz-Signature=canary".parse().unwrap();
    assert!(!format!("{url:?}").contains("canary"));
}

#[test]
fn loopback_is_recognised_in_every_spelling() {
    for host in ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "api.localhost"] {
        assert!(is_loopback(host), "{host}");
    }
    for host in ["example.com", "10.0.0.1", "localhost.example.com", "", "[::2]"] {
        assert!(!is_loopback(host), "{host}");
    }
}
