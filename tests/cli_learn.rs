//! Runs the program as learners and teachers do: sandbox, lessons, proofs.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder for one test's files, empty at its start.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("cli-learn")
        .join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the target folder can be written to");
    path
}

fn labyrinth(folder: &Path, args: &[&str], typed: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_labyrinth"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // Who has read enough closes the pipe: that is no failure.
    let _ = stdin.write_all(typed.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}

fn good(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(said, "");
    String::from_utf8(output.stdout.clone()).expect("what the program prints is text")
}

fn refused(output: &Output, part: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(part), "{said} lacks {part}");
}

/// What leads to the end of the third lesson.
const MERGE: &str = "# the third lesson\nchoose 1\nnext\nhint\ntype 1\nnext\nnext\n__free_page(0x2b)\n__free_page(0x35)\nnext\n";

#[test]
fn a_lesson_done_gives_a_proof_that_verifies() {
    let folder = folder("proof");
    fs::write(folder.join("my.inputs"), MERGE).expect("a file");
    let args = [
        "lesson",
        "merge",
        "--check",
        "my.inputs",
        "--learner",
        "A. Turing",
    ];
    let printed = good(&labyrinth(&folder, &args, ""));
    let code = printed.lines().last().expect("a proof").to_owned();
    assert!(code.starts_with("L1."), "{printed}");
    let verified = good(&labyrinth(&folder, &["verify", &code], ""));
    assert!(
        verified.starts_with(
            "lesson merge (version 1) done by A. Turing: 9 inputs played again, 1 hints"
        ),
        "{verified}"
    );
    fs::write(folder.join("class.txt"), format!("{code}\n\n{code}\n")).expect("a file");
    let class = good(&labyrinth(&folder, &["verify", "class.txt"], ""));
    assert_eq!(class.lines().count(), 2);
    let damaged = code.replacen('x', "y", 1).replacen('A', "B", 1);
    refused(&labyrinth(&folder, &["verify", &damaged], ""), "checksum");
    refused(&labyrinth(&folder, &["verify", "nothing"], ""), "nothing");
}

#[test]
fn a_lesson_not_done_gives_none_and_says_how_far_it_came() {
    let folder = folder("unfinished");
    fs::write(folder.join("my.inputs"), "choose 1\nnext\ntype 2\n").expect("a file");
    let check = ["lesson", "merge", "--check", "my.inputs"];
    refused(&labyrinth(&folder, &check, ""), "leads to step 2 of 4");
    fs::write(folder.join("my.inputs"), "choose x\n").expect("a file");
    refused(
        &labyrinth(&folder, &check, ""),
        "my.inputs:1: choose: found x, expected a number",
    );
    refused(
        &labyrinth(&folder, &["lesson", "marge"], ""),
        "expected one of: frames, split, merge",
    );
}

#[test]
fn a_lesson_can_be_typed() {
    let folder = folder("typed");
    // Answers alone will do, and an empty line goes on.
    let typed = "show\n0\n1\n\n1\n\n\n__free_page(0x2b)\nstep\n__free_page(0x35)\n\n";
    let printed = good(&labyrinth(&folder, &["lesson", "merge"], typed));
    assert!(
        printed.contains("x A block of order 1 begins at an even frame"),
        "{printed}"
    );
    assert!(
        printed.contains("list of order  2, Movable: 0x4"),
        "{printed}"
    );
    assert!(printed.contains("\nL1."), "{printed}");
}

#[test]
fn lessons_are_listed_and_those_of_a_folder_are_checked() {
    let folder = folder("folder");
    let listed = good(&labyrinth(&folder, &["lesson"], ""));
    assert_eq!(listed.lines().count(), 15, "{listed}");
    let lessons = Path::new(env!("CARGO_MANIFEST_DIR")).join("levels/lessons");
    let text = fs::read_to_string(lessons.join("02-split.ron")).expect("a lesson");
    fs::write(
        folder.join("mine.ron"),
        text.replace("answer: 6", "answer: 7"),
    )
    .expect("a file");
    let here = ["lesson", "--folder", "."];
    refused(
        &labyrinth(&folder, &here, ""),
        "mine.ron:14: answer 7, expected 6",
    );
    fs::write(folder.join("mine.ron"), text).expect("a file");
    assert_eq!(good(&labyrinth(&folder, &here, "")).lines().count(), 1);
}

#[test]
fn the_sandbox_takes_lines_scripts_and_comparisons() {
    let folder = folder("sandbox");
    let typed =
        "p = alloc_pages(GFP_HIGHUSER_MOVABLE, 3)\nsave one\nundo\nps\nload one\ncat /proc/foo\n";
    let printed = good(&labyrinth(&folder, &["sandbox"], typed));
    assert!(printed.contains("p = 0x0 (to 0x7, order 3)"), "{printed}");
    assert!(printed.contains("after call 0 of 1"), "{printed}");
    assert!(
        printed.contains("bash: cat: /proc/foo: No such file or directory"),
        "{printed}"
    );
    let told = good(&labyrinth(
        &folder,
        &["sandbox", "one.sandbox", "--steps"],
        "",
    ));
    assert!(
        told.contains("  . 0x0 of order 7 is split into 0x0 and 0x40"),
        "{told}"
    );
    let args = [
        "sandbox",
        "one.sandbox",
        "--compare",
        "lifo,lowest,pcp",
        "--csv",
        "a.csv",
        "--json",
        "a.json",
    ];
    assert_eq!(good(&labyrinth(&folder, &args, "")).lines().count(), 4);
    let csv = fs::read_to_string(folder.join("a.csv")).expect("a table");
    assert_eq!(csv.lines().count(), 4);
    let json = fs::read_to_string(folder.join("a.json")).expect("a file");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json[1]["samples"][0]["free"], 248);
    let wrong = ["sandbox", "one.sandbox", "--compare", "best"];
    refused(
        &labyrinth(&folder, &wrong, ""),
        "expected lifo, fifo, lowest, pcp or pageblock=ORDER",
    );
    refused(
        &labyrinth(&folder, &["sandbox", "none.sandbox"], ""),
        "none.sandbox",
    );
}

#[test]
fn the_answers_of_a_lesson_are_what_check_takes() {
    let folder = folder("answers");
    let answers = good(&labyrinth(&folder, &["lesson", "cow", "--answers"], ""));
    fs::write(folder.join("cow.inputs"), answers).expect("a file");
    let args = ["lesson", "cow", "--check", "cow.inputs"];
    let printed = good(&labyrinth(&folder, &args, ""));
    assert!(printed.starts_with("done: "), "{printed}");
}

#[test]
fn a_table_says_of_each_lesson_what_is_read_and_when_one_may_act() {
    let folder = folder("table");
    let list = good(&labyrinth(&folder, &["lesson"], ""));
    let table = good(&labyrinth(&folder, &["lesson", "--table"], ""));
    let row = |name: &str| {
        table
            .lines()
            .any(|line| line.starts_with(name) && line.contains(" s "))
    };
    let names = list
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    assert!(names.clone().count() >= 15);
    for name in names {
        assert!(row(name), "no row for {name} in\n{table}");
    }
    refused(
        &labyrinth(&folder, &["lesson", "cow", "--table", "--check", "x"], ""),
        "--table",
    );
}
