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
    ] {
        assert_eq!(text.parse::<PublicUrl>().unwrap().as_str(), text);
    }
    assert!("https://example.com:443/a".parse::<PublicUrl>().is_ok());
}

#[test]
fn everything_inside_a_network_is_refused() {
    for host in [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "metadata",
        "metadata.google.internal",
        "db.local",
        "printer.lan",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "192.0.0.8",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:169.254.169.254]",
        "[::127.0.0.1]",
        "[fe80::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:db8::1]",
        "①②⑦.0.0.1",
        "169。254。169。254",
        ".",
        "a..",
        "1.0.0.127.in-addr.arpa",
    ] {
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
        ("https://example.com:22/", AddressError::Port),
        ("https://example.com:80/", AddressError::Port),
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
