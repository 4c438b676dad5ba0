//! Runs the program itself, as a person or a script would, with and without the window built in.

#[path = "cli/hostile.rs"]
mod hostile;
#[path = "cli/simulate.rs"]
mod simulate;
#[path = "cli/sounds.rs"]
mod sounds;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder for one test's files, empty at its start.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("cli")
        .join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the target folder can be written to");
    path
}

fn labyrinth<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_labyrinth"))
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("what the program prints is text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("what the program prints is text")
}

/// What a run that must go well printed.
fn good(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
    assert_eq!(stderr(output), "");
    stdout(output)
}

/// The one line with which a run must refuse wrong input.
fn refused(output: &Output) -> String {
    let said = stderr(output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(stdout(output), "");
    assert_eq!(said.lines().count(), 1, "not one line: {said:?}");
    assert!(
        said.ends_with('\n') && said.starts_with("labyrinth: "),
        "{said:?}"
    );
    assert!(!said.contains("panicked"), "{said}");
    said.trim_end().to_string()
}

/// Checks that a refusal says all of this.
fn says(line: &str, all: &[&str]) {
    for part in all {
        assert!(line.contains(part), "{line:?} does not say {part:?}");
    }
}

/// A finished raid's journal, in the given folder.
fn journal(folder: &Path) -> PathBuf {
    let file = folder.join("raid.journal");
    let run = labyrinth([
        "raid".as_ref(),
        "--bot".as_ref(),
        "greedy".as_ref(),
        "--seed".as_ref(),
        "7".as_ref(),
        "--journal".as_ref(),
        file.as_os_str(),
    ]);
    good(&run);
    file
}

fn replay(file: &Path) -> Output {
    labyrinth(["replay".as_ref(), file.as_os_str()])
}

#[test]
fn help_explains_the_program_and_each_command() {
    let help = good(&labyrinth(["--help"]));
    says(
        &help,
        &[
            "--seed",
            "--zone",
            "--buddyinfo",
            "--journal",
            "raid",
            "simulate",
            "replay",
            "Examples:",
        ],
    );
    says(
        &good(&labyrinth(["raid", "--help"])),
        &["--bot", "--seed", "--buddyinfo", "Examples:"],
    );
    says(
        &good(&labyrinth(["simulate", "--help"])),
        &[
            "--runs", "--seeds", "--csv", "--json", "--jobs", "oracle", "all",
        ],
    );
    says(
        &good(&labyrinth(["replay", "--help"])),
        &["<FILE|LINK|CODE>", "Example:"],
    );
    says(
        &good(&labyrinth(["--version"])),
        &["labyrinth", env!("CARGO_PKG_VERSION")],
    );
}

#[test]
fn wrong_arguments_are_refused_in_one_line() {
    for (args, parts) in [
        (
            "--seed seven",
            &["--seed", "seven", "whole number from 0 to 999999999"][..],
        ),
        ("--seed 1000000000", &["--seed", "999999999"]),
        ("--zone nowhere", &["nowhere", "expected one of: dma"]),
        ("--nonsense", &["--nonsense"]),
        ("dance", &["dance"]),
        ("--buddyinfo-node 0", &["--buddyinfo"]),
        ("raid --seed 1", &["--bot"]),
        (
            "raid --bot nobody --seed 1",
            &["nobody", "novice, greedy, careful, oracle"],
        ),
        (
            "raid --bot careful --zone nowhere",
            &["nowhere", "expected one of: dma"],
        ),
        ("simulate --bot careful", &["--runs"]),
        ("simulate --bot careful --runs 0", &["--runs", "from 1 to"]),
        (
            "simulate --bot careful --runs 2 --jobs 0",
            &["--jobs", "from 1 to"],
        ),
        (
            "simulate --bot careful --runs 2 --seed 999999999",
            &["1000000000", "999999999"],
        ),
        (
            "simulate --bot careful --zone nowhere --runs 1",
            &["nowhere", "expected one of: dma"],
        ),
        ("simulate --bot nobody --runs 1", &["nobody", "careful"]),
        (
            "simulate --bot novice,nobody --runs 1",
            &["nobody", "oracle, all"],
        ),
        ("simulate --runs 1", &["--bot"]),
        (
            "simulate --bot novice --seeds 9-3",
            &["9-3", "expected FIRST-LAST"],
        ),
        (
            "simulate --bot novice --seeds -4",
            &["-4", "expected FIRST-LAST"],
        ),
        (
            "simulate --bot novice --seeds 1-3 --runs 2",
            &["--seeds", "--runs"],
        ),
        (
            "simulate --bot novice --runs 1 --json",
            &["--json", "<FILE>"],
        ),
        (
            "simulate --bot novice --runs 1 --csv /nonexistent/x.csv",
            &["/nonexistent/x.csv", "cannot write"],
        ),
        (
            "simulate --bot novice --runs 1 --csv /dev/null --json /dev/null",
            &["--csv and --json", "/dev/null", "two files"],
        ),
        (
            "catalogue --zone nowhere --seeds 1-2",
            &["nowhere", "expected one of: dma"],
        ),
        ("catalogue --seeds 2-1", &["2-1", "expected FIRST-LAST"]),
        (
            "catalogue --seeds 1-1 --out /nonexistent/x.txt",
            &["/nonexistent/x.txt", "cannot write"],
        ),
        ("replay", &["<FILE|LINK|CODE>"]),
        (
            "replay /nonexistent/raid.journal",
            &["/nonexistent/raid.journal", "cannot read"],
        ),
    ] {
        says(&refused(&labyrinth(words(args))), parts);
    }
}

#[test]
fn a_raid_is_told_and_its_journal_replays() {
    let folder = folder("story");
    let file = folder.join("raid.journal");
    let args = ["raid", "--bot", "careful", "--seed", "7", "--journal"];
    let run = || labyrinth(args.iter().map(AsRef::as_ref).chain([file.as_os_str()]));
    let story = good(&run());
    says(
        &story,
        &["zone dma, seed 7, played by careful", "pages free"],
    );
    let first = fs::read_to_string(&file).expect("a journal was written");
    assert_eq!(good(&run()), story, "the same raid is told the same way");
    assert_eq!(fs::read_to_string(&file).expect("again"), first);

    let end = first.lines().last().expect("a journal has lines");
    let end = words(end);
    assert_eq!(end[0], "end");
    let turns = first.lines().count() - 6;
    let last = story.lines().last().expect("a story has lines");
    says(last, &[end[1], &format!("after {turns} turns, seed 7")]);

    let said = good(&replay(&file));
    says(
        &said,
        &[&format!(
            "{turns} turns replayed, all state hashes equal; ended: {}",
            end[1]
        )],
    );
    assert_eq!(said.lines().count(), 1);
}

#[test]
fn a_detailed_story_says_more() {
    let lines = |detail: &str| -> usize {
        (1..=4)
            .map(|seed| {
                let args = format!("raid --bot careful --seed {seed} {detail}");
                good(&labyrinth(words(&args))).lines().count()
            })
            .sum()
    };
    let (told, detailed) = (lines(""), lines("--detail"));
    assert!(detailed > told, "{detailed} lines, {told} without detail");
}

#[test]
fn damaged_journals_are_refused_by_line() {
    let folder = folder("damage");
    let whole = fs::read_to_string(journal(&folder)).expect("a journal was written");
    let lines: Vec<&str> = whole.lines().collect();
    let file = folder.join("damaged.journal");
    let name = file.display().to_string();
    let refuse = |bytes: &[u8], parts: &[&str]| {
        fs::write(&file, bytes).expect("the folder can be written to");
        let said = refused(&replay(&file));
        says(&said, &[&name, "found", "expected"]);
        says(&said, parts);
    };

    refuse(
        b"",
        &["line 1", "the end of the journal", "labyrinth journal"],
    );
    refuse(b"\x89PNG\r\n\x1a\n\0\0", &["line 1", "not UTF-8"]);
    refuse(
        b"[remote]\nurl = x\n",
        &["line 1", "[remote]", "labyrinth journal"],
    );
    refuse(
        whole.replacen("journal 1", "journal 2", 1).as_bytes(),
        &["line 1", "labyrinth journal 1"],
    );
    refuse(
        whole.replacen("seed 7", "seed 8", 1).as_bytes(),
        &["line 5", "state hash"],
    );
    refuse(
        whole.replacen("zone dma", "zone nowhere", 1).as_bytes(),
        &["line 3", "nowhere"],
    );

    let cut = lines[..lines.len() - 1].join("\n");
    refuse(
        cut.as_bytes(),
        &[
            &format!("line {}", lines.len()),
            "the end of the journal",
            "end",
        ],
    );
    let cut = lines[..8].join("\n");
    refuse(
        cut.as_bytes(),
        &["line 9", "the end of the journal", "another turn"],
    );
    refuse(
        &cut.as_bytes()[..cut.len() - 3],
        &["line 8", "16 hex digits"],
    );

    let mut altered: Vec<String> = lines.iter().map(ToString::to_string).collect();
    altered[6] = format!("{} 0123456789abcdef", words(lines[6])[0]);
    refuse(
        altered.join("\n").as_bytes(),
        &["line 7", "0123456789abcdef", "after turn 2"],
    );
    altered[6] = lines[6].replace(words(lines[6])[0], "f0xffff");
    refuse(
        altered.join("\n").as_bytes(),
        &["line 7", "f0xffff", "the rules allow"],
    );

    let mut bytes = whole.clone().into_bytes();
    let at = whole.len() - lines[lines.len() - 1].len();
    bytes[at] = 0xff;
    refuse(&bytes, &[&format!("line {}", lines.len()), "not UTF-8"]);
}

#[test]
fn a_journal_with_other_line_ends_is_read() {
    let folder = folder("line-ends");
    let whole = fs::read_to_string(journal(&folder)).expect("a journal was written");
    let file = folder.join("crlf.journal");
    fs::write(&file, whole.replace('\n', "\r\n")).expect("the folder can be written to");
    says(
        &good(&replay(&file)),
        &["turns replayed, all state hashes equal"],
    );
}

/// Three lines as `/proc/buddyinfo` prints them.
const BUDDYINFO: &str = "\
Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      1      3 
Node 0, zone    DMA32    214    145    132    107     96     90     77     64     53     46    699 
Node 0, zone   Normal   1207   5262  25225  23789  15057   7422   3250   1877    882    508   2922 
";

#[test]
fn a_raid_is_laid_out_from_a_buddyinfo_line() {
    let folder = folder("buddyinfo");
    let file = folder.join("buddyinfo.txt");
    fs::write(&file, BUDDYINFO).expect("the folder can be written to");
    let kept = folder.join("raid.journal");
    let run = |options: &str| {
        let mut args = words("raid --bot novice --seed 5");
        let (file, kept) = (file.display().to_string(), kept.display().to_string());
        args.extend(["--buddyinfo", &file, "--journal", &kept]);
        args.extend(words(options));
        labyrinth(args)
    };
    let layout = |options: &str| {
        good(&run(options));
        good(&replay(&kept));
        let text = fs::read_to_string(&kept).expect("a journal was written");
        text.lines().nth(4).expect("a fifth line").to_string()
    };
    assert_eq!(
        layout(""),
        "layout 1207 5262 25225 23789 15057 7422 3250 1877 882 508 2922",
        "the line with the most free pages"
    );
    assert_eq!(
        layout("--buddyinfo-zone DMA32"),
        "layout 214 145 132 107 96 90 77 64 53 46 699"
    );
    says(
        &refused(&run("--buddyinfo-zone Movable")),
        &["Movable", "node 0 zone DMA32"],
    );
    says(
        &refused(&run("--buddyinfo-node 1")),
        &["node 1", "node 0 zone Normal"],
    );
}

#[test]
fn wrong_buddyinfo_files_are_refused_by_line() {
    let folder = folder("bad-buddyinfo");
    let file = folder.join("buddyinfo.txt");
    let name = file.display().to_string();
    let refuse = |bytes: &[u8], parts: &[&str]| {
        fs::write(&file, bytes).expect("the folder can be written to");
        for mut args in [words("raid --bot novice --seed 5"), words("--seed 5")] {
            args.extend(["--buddyinfo", &name]);
            let said = refused(&labyrinth(args));
            says(&said, &[&name, "expected"]);
            says(&said, parts);
        }
    };
    refuse(b"", &["line 1"]);
    refuse(b"hello\n", &["line 1"]);
    refuse(BUDDYINFO.replacen("145", "abc", 1).as_bytes(), &["line 2"]);
    refuse(BUDDYINFO.replacen(" 145 ", " ", 1).as_bytes(), &["line 2"]);
    refuse(
        BUDDYINFO
            .replacen("Node 0, zone   Normal", "Node zero, zone   Normal", 1)
            .as_bytes(),
        &["line 3"],
    );
    refuse(b"Node 0, zone \xff\xfe\n", &["line 1", "not UTF-8"]);
    fs::remove_file(&file).expect("it was there");
    let said = refused(&labyrinth([
        "raid",
        "--bot",
        "novice",
        "--buddyinfo",
        &name,
    ]));
    says(&said, &[&name, "cannot read"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let folder = folder("pipe");
    let file = folder.join("raid.journal");
    let script = format!(
        "'{}' raid --bot novice --seed 3 --detail --journal '{}' | head -n 1; echo ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_labyrinth"),
        file.display()
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .output()
        .expect("bash starts");
    assert_eq!(stderr(&output), "");
    let said = stdout(&output);
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        ["zone dma, seed 3, played by novice", "0"]
    );
    says(&good(&replay(&file)), &["all state hashes equal"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_no_panic() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let output = Command::new(env!("CARGO_BIN_EXE_labyrinth"))
        .args(words("simulate --bot novice --runs 1"))
        .stdout(full)
        .output()
        .expect("the program starts");
    says(&refused(&output), &["standard output"]);
}

/// Without a screen, or without the window built in, the game says so in a sentence.
#[cfg(target_os = "linux")]
#[test]
fn without_a_screen_one_sentence_says_what_to_do() {
    let output = Command::new(env!("CARGO_BIN_EXE_labyrinth"))
        .args(words("--seed 7"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .env("RUST_BACKTRACE", "1")
        .output()
        .expect("the program starts");
    let said = stderr(&output);
    let expected = if cfg!(feature = "app") { 1 } else { 2 };
    assert_eq!(output.status.code(), Some(expected), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(!said.contains("panicked"), "{said}");
    says(&said, &["labyrinth: ", "labyrinth raid --bot careful"]);
}
