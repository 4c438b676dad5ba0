//! Runs the program on links and replay codes, as a person would who was sent one.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder for one test's files, empty at its start.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("cli-links")
        .join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the target folder can be written to");
    path
}

fn labyrinth<S: AsRef<OsStr>>(folder: &Path, args: impl IntoIterator<Item = S>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_labyrinth"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

/// What a run that must go well printed.
fn good(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(said, "");
    String::from_utf8(output.stdout.clone()).expect("what the program prints is text")
}

/// Checks that a run is refused in one line that says all of this.
fn refused(output: &Output, parts: &[&str]) {
    let said = String::from_utf8(output.stderr.clone()).expect("what the program prints is text");
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(output.stdout.is_empty());
    assert_eq!(said.lines().count(), 1, "{said:?}");
    assert!(
        said.starts_with("labyrinth: ") && said.chars().count() <= 401,
        "{said:?}"
    );
    for part in parts {
        assert!(said.contains(part), "{said:?} lacks {part:?}");
    }
}

/// Plays a raid; the folder has its journal as `a.journal`.
fn played(test: &str) -> PathBuf {
    let folder = folder(test);
    let args = [
        "raid",
        "--bot",
        "greedy",
        "--seed",
        "7",
        "--journal",
        "a.journal",
    ];
    good(&labyrinth(&folder, args));
    folder
}

/// The fragment that `labyrinth link` prints for `a.journal`.
fn link(folder: &Path) -> String {
    let line = good(&labyrinth(folder, ["link", "a.journal"]));
    assert_eq!(line.lines().count(), 1);
    line.trim_end().into()
}

#[test]
fn a_link_replays_as_its_journal_does() {
    let folder = played("same");
    let said = good(&labyrinth(&folder, ["replay", "a.journal"]));
    let expected = said.replace("all state hashes", "the last state hash");
    assert_ne!(said, expected);
    let link = link(&folder);
    let code = link
        .strip_prefix("#replay=")
        .expect("a fragment")
        .to_string();
    for text in [
        format!("https://example.org/labyrinth/?a=b{link}"),
        format!("replay={code}"),
        link,
        code,
    ] {
        assert_eq!(
            good(&labyrinth(&folder, ["replay", &text])),
            expected,
            "{text}"
        );
    }
}

#[test]
fn a_raid_that_goes_on_can_be_linked() {
    let folder = played("unfinished");
    let whole = fs::read_to_string(folder.join("a.journal")).expect("a journal");
    let head: Vec<&str> = whole.lines().take(5 + 4).collect();
    fs::write(folder.join("a.journal"), head.join("\n")).expect("the folder can be written to");
    let said = good(&labyrinth(&folder, ["replay", &link(&folder)]));
    assert_eq!(
        said,
        "4 turns replayed, the last state hash equal; the raid goes on\n"
    );
}

#[test]
fn a_file_comes_before_a_code() {
    let folder = played("file-first");
    let code = link(&folder).replace("#replay=", "");
    fs::write(folder.join("#replay="), "no journal").expect("the folder can be written to");
    refused(
        &labyrinth(&folder, ["replay", "#replay="]),
        &["line 1", "labyrinth journal"],
    );
    // As long as a name of a file can be.
    let name = &code[..code.len().min(200)];
    fs::rename(folder.join("a.journal"), folder.join(name)).expect("the file is there");
    let said = good(&labyrinth(&folder, ["replay", name]));
    assert!(said.contains("all state hashes equal"), "{said}");
}

#[test]
fn damaged_links_and_codes_are_refused_in_one_line() {
    let folder = played("damage");
    let link = link(&folder);
    let code = link.strip_prefix("#replay=").expect("a fragment");
    let replay = |text: &str| labyrinth(&folder, ["replay", text]);
    refused(
        &replay(&link[..link.len() - 5]),
        &["the link, replay", "found", "expected"],
    );
    refused(
        &replay(&format!("{link}=")),
        &["the link, replay", "'='", "A-Z a-z 0-9 - _"],
    );
    refused(
        &replay("#seed=7"),
        &["seed=7&zone=dma", "expected replay=CODE"],
    );
    refused(
        &replay("https://example.org/#"),
        &["nothing after #", "expected replay=CODE"],
    );
    refused(
        &replay("#play=7"),
        &["\"play\"", "seed zone kit modifiers lesson script replay"],
    );
    let swapped = format!("{}{}", &code[4..], &code[..4]);
    refused(
        &replay(&swapped),
        &["cannot read", "nor is it a code", "expected"],
    );
    refused(&replay("nonexistent"), &["nonexistent: cannot read"]);
    let raid = fs::read_to_string(folder.join("a.journal")).expect("a journal");
    fs::write(
        folder.join("b.journal"),
        raid.replacen("seed 7", "seed 8", 1),
    )
    .expect("written");
    refused(
        &labyrinth(&folder, ["link", "b.journal"]),
        &["b.journal: line 5", "state hash"],
    );
    refused(
        &labyrinth(&folder, ["link", "c.journal"]),
        &["c.journal", "cannot read"],
    );
    refused(&labyrinth(&folder, ["link"]), &["<FILE>"]);
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_no_text_is_the_name_of_a_file() {
    use std::os::unix::ffi::OsStrExt as _;

    let folder = played("no-text");
    let name = OsStr::from_bytes(b"#replay=\xff");
    refused(
        &labyrinth(&folder, [OsStr::new("replay"), name]),
        &["cannot read"],
    );
    fs::rename(folder.join("a.journal"), folder.join(name)).expect("the file is there");
    let said = good(&labyrinth(&folder, [OsStr::new("replay"), name]));
    assert!(said.contains("all state hashes equal"), "{said}");
}
