//! `labyrinth profile`, run against the program: what is printed, bought and refused.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A folder of its own for each test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("profile-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn profile(folder: &PathBuf, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_labyrinth"))
        .arg("profile")
        .args(args)
        .env("LABYRINTH_HOME", folder)
        .output()
        .expect("the program runs")
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_new_player_has_nothing_and_nothing_is_written() {
    let folder = folder("new");
    let output = profile(&folder, &[]);
    let (text, problems) = said(&output);
    assert!(output.status.success() && problems.is_empty(), "{problems}");
    for part in [
        "dma     open",
        "stash: 0 pages in 0 blocks",
        "scan",
        "basic",
        "runs: 0",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 0);
}

#[test]
fn items_are_bought_with_blocks_and_refused_with_the_reason() {
    let folder = folder("buy");
    let file = folder.join("profile");
    let text =
        r#"{"version":2,"home":{"stash":[{"order":5,"zone":"dma"},{"order":1,"zone":"dma"}]}}"#;
    fs::write(&file, text).expect("a file");
    let output = profile(&folder, &["--buy", "drop_caches"]);
    let (text, problems) = said(&output);
    assert!(output.status.success(), "{problems}");
    for part in [
        "1 owned",
        "order 4      1 of 16",
        "order 3      1 of 8",
        "order 1      1 of 2",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let kept = fs::read_to_string(&file).expect("a file");
    assert_eq!(said(&profile(&folder, &["--json"])).0.trim_end(), kept);
    for (item, part) in [
        ("scan", "basic kit"),
        ("sledgehammer", "expected one of"),
        ("kill\u{1b}", "expected one of"),
    ] {
        let output = profile(&folder, &["--buy", item]);
        let (text, problem) = said(&output);
        assert_eq!(output.status.code(), Some(2), "{item}");
        assert!(text.is_empty() && problem.contains(part), "{problem}");
        assert!(problem.lines().count() == 1 && !problem.contains('\u{1b}'));
    }
    for _ in 0..3 {
        profile(&folder, &["--buy", "compact_memory"]);
    }
    let output = profile(&folder, &["--buy", "compact_memory"]);
    let (_, problem) = said(&output);
    assert!(
        problem.contains("contiguous pages; the largest"),
        "{problem}"
    );
}

#[test]
fn a_damaged_profile_is_named_and_left_where_it_is() {
    let folder = folder("damaged");
    let file = folder.join("profile");
    fs::write(&file, "{\"version\":2,\"runs\":7}").expect("a file");
    let output = profile(&folder, &[]);
    let (_, problem) = said(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        problem.contains("line 1") && problem.contains("runs"),
        "{problem}"
    );
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 1);
}
