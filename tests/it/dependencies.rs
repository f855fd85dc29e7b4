//! One version of each stack in what is deployed: read from Cargo.lock, so that it is noticed without any tool.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Two of any of these would mean two HTTP, TLS or async stacks in one binary.
const ONE_VERSION: [&str; 13] = [
    "axum",
    "aws-lc-rs",
    "h2",
    "http",
    "http-body",
    "hyper",
    "hyper-rustls",
    "hyper-util",
    "reqwest",
    "rustls",
    "tokio",
    "tokio-rustls",
    "tower",
];
/// Never in a function: another TLS or time stack, or one with an open advisory.
const FORBIDDEN: [&str; 8] =
    ["chrono", "native-tls", "openssl", "openssl-sys", "ring", "rsa", "rustls-pemfile", "webpki"];

/// What the functions are built of, without dependencies of tests.
fn deployed() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--workspace",
            "--exclude",
            "bench",
            "--exclude",
            "tests",
            "--exclude",
            "simulators",
            "--exclude",
            "aws-doubles",
            "--exclude",
            "vendors",
        ])
        .args(["--edges", "normal", "--prefix", "none", "--format", "{p}", "--offline", "--locked"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut versions = BTreeMap::<String, BTreeSet<String>>::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            versions.entry(name.to_owned()).or_default().insert(version.to_owned());
        }
    }
    versions
}

#[test]
fn there_is_one_version_of_each_stack() {
    let versions = deployed();
    for name in ONE_VERSION {
        let found = versions.get(name).cloned().unwrap_or_default();
        assert_eq!(found.len(), 1, "{name}: {found:?}");
    }
}

#[test]
fn no_second_stack_is_pulled_in() {
    let versions = deployed();
    for name in FORBIDDEN {
        assert!(!versions.contains_key(name), "{name} came in");
    }
}
