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
const INSIDE: &[&str] = &[
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
    // Other spellings of addresses.
    "127.0.0.1.",
    "127.0x1",
    "0x7f000001",
    "0X7F.0X0.0X0.0X1",
    "0177.0x0.0.1",
    "00000177.1",
    "4294967295",
    "3232235521",
    "0xA9FEA9FE",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.16689662",
    "%31%32%37.0.0.1",
    "１２７.０.０.１",
    "127。0。0。1",
    "127．0．0．1",
    "⑩.0.0.1",
    "𝟏𝟎.0.0.1",
    "ⅹ.0.0.1.",
    // Names.
    "LoCaLhOsT.",
    "ｌｏｃａｌｈｏｓｔ",
    "loc\u{ad}alhost",
    "%6c%6f%63%61%6c%68%6f%73%74",
    "foo.localhost.",
    "localhost.localdomain",
    "instance-data",
    "instance-data.ec2.internal",
    "ip-10-0-0-1.eu-central-1.compute.internal",
    "metadata.azure.internal",
    "metadata.tencentyun.com",
    "METADATA.tencentyun.com.",
    "metadata.packet.net",
    "metadata.platformequinix.com",
    "host.docker.internal",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "vault.service.consul",
    "router.home",
    "nas.corp",
    "box.home.arpa",
    "a.onion",
    "a.test",
    "a.invalid",
    "com",
    "xn--",
    // Special addresses of version 4.
    "0.1.2.3",
    "10.255.255.255",
    "100.100.100.200",
    "100.127.255.255",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.170.2",
    "172.16.0.0",
    "172.24.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.255.255",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "239.255.255.250",
    "240.0.0.1",
    // Version 6, and version 4 within it.
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:a9fe:a9fe]",
    "[::ffff:8.8.8.8]",
    "[::8.8.8.8]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::8.8.8.8]",
    "[64:ff9b:1::1]",
    "[100::1]",
    "[2001::1]",
    "[2001:0:7f00:1::]",
    "[2001:2::1]",
    "[2001:10::1]",
    "[2001:20::1]",
    "[2002:a9fe:a9fe::]",
    "[3fff::1]",
    "[4000::1]",
    "[5f00::1]",
    "[fe80::a9fe:a9fe]",
    "[fec0::1]",
    "[fd20:ce::254]",
    "[ff05::2]",
    "[fe80::1%25eth0]",
    "[::1",
    "[v1.a]",
];

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
