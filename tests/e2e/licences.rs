//! What others wrote and we ship: under licences that allow it, and once each where twice would
//! make two kinds of the same thing.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;
use zhifang_tests::project_root;

use crate::architecture::metadata;

/// Licences (SPDX) that go with Apache-2.0 in one program without further duty than a notice.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether an SPDX expression is met by the list. `/` is the old form of `OR`.
///
/// # Errors
/// The part that is no expression.
fn is_met(expression: &str) -> Result<bool, String> {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    let is_met = alternatives(&mut words)?;
    match words.pop() {
        None => Ok(is_met),
        Some(word) => Err(format!("`{word}` in `{expression}`")),
    }
}

fn alternatives(words: &mut Vec<&str>) -> Result<bool, String> {
    let mut is_met = demands(words)?;
    while words.pop_if(|word| *word == "OR").is_some() {
        is_met |= demands(words)?;
    }
    Ok(is_met)
}

fn demands(words: &mut Vec<&str>) -> Result<bool, String> {
    let mut is_met = licence(words)?;
    while words.pop_if(|word| *word == "AND").is_some() {
        is_met &= licence(words)?;
    }
    Ok(is_met)
}

fn licence(words: &mut Vec<&str>) -> Result<bool, String> {
    let word = words.pop().ok_or("the expression ends early")?;
    if word == "(" {
        let is_met = alternatives(words)?;
        return match words.pop() {
            Some(")") => Ok(is_met),
            other => Err(format!("{other:?} in place of `)`")),
        };
    }
    if matches!(word, ")" | "OR" | "AND" | "WITH") {
        return Err(format!("`{word}` in place of a licence"));
    }
    let mut name = word.to_owned();
    if words.pop_if(|word| *word == "WITH").is_some() {
        name = format!("{name} WITH {}", words.pop().ok_or("no exception")?);
    }
    Ok(ALLOWED.contains(&name.as_str()))
}

#[test]
fn an_expression_of_licences_is_read_as_spdx_means_it() {
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT/Apache-2.0", true),
        ("MIT OR LGPL-2.1-or-later", true),
        ("MIT AND LGPL-2.1-or-later", false),
        ("(Apache-2.0 OR GPL-2.0) AND BSD-3-Clause", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-2.0", true),
        ("GPL-2.0 WITH Classpath-exception-2.0", false),
        ("GPL-2.0 OR MIT AND GPL-3.0", false),
    ] {
        assert_eq!(is_met(expression), Ok(expected), "{expression}");
    }
    for broken in ["", "MIT OR", "(MIT", "MIT)", "MIT Apache-2.0"] {
        assert!(is_met(broken).is_err(), "{broken}");
    }
}

fn packages(metadata: &Value) -> Vec<&Value> {
    metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn every_dependency_may_be_shipped() {
    let metadata = metadata();
    let foreign: Vec<&Value> = packages(&metadata)
        .into_iter()
        .filter(|package| !package["source"].is_null())
        .collect();
    assert!(foreign.len() > 200, "only {} packages", foreign.len());
    let mut refused = Vec::new();
    for package in foreign {
        let name = format!("{} {}", package["name"], package["version"]);
        match package["license"].as_str().map(is_met) {
            Some(Ok(true)) => {}
            Some(Ok(false)) => refused.push(format!("{name}: {}", package["license"])),
            Some(Err(fault)) => refused.push(format!("{name}: {fault}")),
            None => refused.push(format!("{name} names no licence")),
        }
        let source = package["source"].as_str().unwrap_or_default();
        if !source.starts_with("registry+") {
            refused.push(format!("{name} comes from `{source}`"));
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
}

/// Versions that the workspace is built with, by name. The lock file, and with it cargo's metadata,
/// names more: optional dependencies of dependencies that nobody asks for.
fn built() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--locked", "--edges", "all"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(project_root())
        .output()
        .expect("cargo tree runs");
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if let [name, version, ..] = line.split(' ').collect::<Vec<_>>()[..]
            && let Some(version) = version.strip_prefix('v')
        {
            let versions = versions.entry(name.to_owned()).or_default();
            versions.insert(version.to_owned());
        }
    }
    versions
}

/// Two versions of a geometry are two types: what one makes the other does not take.
#[test]
fn geometry_comes_in_one_version_and_sqlite_in_the_one_that_proj_takes() {
    let built = built();
    let series = |name: &str| -> Vec<String> {
        let versions = built.get(name).into_iter().flatten();
        versions
            .map(|version| version.split('.').take(2).collect::<Vec<_>>().join("."))
            .collect()
    };
    assert_eq!(series("geo").len(), 1, "{:?}", series("geo"));
    assert_eq!(series("geo-types").len(), 1, "{:?}", series("geo-types"));
    // 0.12 is geo's own; no type of it crosses to ours.
    assert_eq!(series("rstar"), ["0.12", "0.14"]);
    // A second copy of SQLite's library in one program would be two libraries of the same symbols.
    assert_eq!(series("rusqlite"), ["0.37"]);
    assert_eq!(series("libsqlite3-sys"), ["0.35"]);
}
