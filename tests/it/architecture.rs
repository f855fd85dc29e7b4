//! The rules of docs/ARCHITECTURE.md about who may import whom, checked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which workspace crates each shared crate may use. Functions may use all of these, never each other.
const ALLOWED: [(&str, &[&str]); 4] = [
    ("domain", &[]),
    ("providers", &["domain"]),
    ("store", &["domain"]),
    ("runtime", &["domain", "providers", "store"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn crates_depend_downwards_only() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if name == "bench" || package["manifest_path"].as_str().unwrap().contains("/tests/") {
            continue;
        }
        let allowed = ALLOWED.iter().find(|(known, _)| *known == name).map(|(_, allowed)| *allowed);
        for dependency in package["dependencies"].as_array().unwrap() {
            let used = dependency["name"].as_str().unwrap();
            // Dev-dependencies may reach into tests/.
            if dependency["path"].is_null() || dependency["kind"] == "dev" {
                continue;
            }
            let fine =
                allowed.map_or(ALLOWED.iter().any(|(known, _)| *known == used), |list| list.contains(&used));
            assert!(fine, "{name} must not depend on {used}");
        }
    }
}

#[test]
fn mappers_and_wire_formats_touch_neither_network_nor_clock_nor_environment() {
    let mut checked = 0;
    for file in rust_files(&root().join("shared/providers/src")) {
        if !matches!(file.file_name().and_then(|name| name.to_str()), Some("map.rs" | "wire.rs")) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for word in ["async ", "Http", "transport", "std::env", "Timestamp::now", "tokio"] {
            assert!(!text.contains(word), "{} uses {word:?}", file.display());
        }
        checked += 1;
    }
    assert!(checked >= 4, "{checked} files");
}

#[test]
fn product_code_knows_no_tests() {
    for folder in ["functions", "shared"] {
        let files = rust_files(&root().join(folder)).into_iter();
        for file in files.filter(|file| file.components().any(|part| part.as_os_str() == "src")) {
            let text = fs::read_to_string(&file).unwrap();
            for word in ["crash_point", "cfg!(test)", "simulators", "aws_doubles"] {
                assert!(!text.contains(word), "{} mentions {word:?}", file.display());
            }
        }
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
