//! What a saboteur would try: odd arguments, odd files, odd places to write to, a system out of room.

use std::fs;
use std::path::Path;

use super::{BUDDYINFO, folder, good, journal, labyrinth, refused, replay, says, words};
#[cfg(unix)]
use super::{Command, Output, stdout};

/// Longest line on standard error, in characters.
const LINE: usize = 400;

/// As [`refused`], and checks that nothing in the line is obeyed by a terminal, and that it is not too long.
fn plainly_refused(args: &[&str]) -> String {
    let said = refused(&labyrinth(args));
    assert!(!said.contains(char::is_control), "{said:?}");
    assert!(said.chars().count() <= LINE, "{said:?}");
    said
}

fn write(file: &Path, text: impl AsRef<[u8]>) {
    fs::write(file, text).expect("the folder can be written to");
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).expect("the file is there")
}

/// Runs a script with the program as `$LABYRINTH`, in the given folder.
#[cfg(unix)]
fn bash(folder: &Path, script: &str) -> Output {
    Command::new("bash")
        .args(["-c", script])
        .env("LABYRINTH", env!("CARGO_BIN_EXE_labyrinth"))
        .env("RUST_MIN_STACK", (256 << 20).to_string())
        .current_dir(folder)
        .output()
        .expect("bash starts")
}

#[test]
fn numbers_below_the_range_are_refused_with_the_range() {
    for (args, option, range) in [
        ("--seed -1", "--seed", "from 0 to 999999999"),
        (
            "raid --bot novice --seed -1",
            "--seed",
            "from 0 to 999999999",
        ),
        (
            "simulate --bot novice --runs -1",
            "--runs",
            "from 1 to 10000000",
        ),
        (
            "simulate --bot novice --runs 1 --seed -1",
            "--seed",
            "from 0 to 999999999",
        ),
        (
            "simulate --bot novice --runs 1 --jobs -1",
            "--jobs",
            "from 1 to 1024",
        ),
        (
            "--buddyinfo x --buddyinfo-node -1",
            "--buddyinfo-node",
            "from 0 to 4294967295",
        ),
    ] {
        says(&plainly_refused(&words(args)), &["'-1'", option, range]);
    }
}

#[test]
fn control_characters_in_arguments_are_shown_and_not_obeyed() {
    for (args, parts) in [
        (
            &["raid", "--bot", "a\nUsage: x"][..],
            &["a\\nUsage: x", "--bot", "novice, greedy, careful"][..],
        ),
        (
            &["simulate", "--runs", "1", "--bot", "\u{1b}[31mred"],
            &["\\u{1b}[31mred", "--bot", "novice"],
        ),
        (&["--seed", "\r7"], &["\\r7", "--seed", "from 0 to"]),
        (&["--no\nUsage: y"], &["--no\\nUsage: y"]),
        (&["dance\n\nUsage: z"], &["dance\\n\\nUsage: z"]),
        (
            &["--zone", "\u{1b}]0;x\u{7}\n"],
            &["--zone", "\\u{1b}]0;x\\u{7}\\n", "expected one of: dma"],
        ),
        (
            &["replay", "/nonexistent/\u{1b}[2J\n.journal"],
            &["/nonexistent/\\u{1b}[2J\\n.journal", "cannot read"],
        ),
    ] {
        says(&plainly_refused(args), parts);
    }
}

#[test]
fn long_arguments_are_cut_in_the_middle() {
    let long = "x".repeat(20_000);
    let spaced = "x y ".repeat(5_000);
    for text in [long.as_str(), spaced.as_str()] {
        for (args, parts) in [
            (
                &["raid", "--bot", text][..],
                &["...", "--bot", "novice"][..],
            ),
            (
                &["--zone", text],
                &["...", "--zone", "expected one of: dma"],
            ),
            (&["--seed", text], &["...", "--seed", "999999999"]),
            (&["replay", text], &["...", "cannot read"]),
        ] {
            says(&plainly_refused(args), parts);
        }
    }
}

#[test]
fn an_unknown_zone_names_its_option() {
    for args in [
        "--zone nowhere",
        "raid --bot novice --zone nowhere",
        "simulate --bot novice --runs 1 --zone nowhere",
    ] {
        says(
            &plainly_refused(&words(args)),
            &["--zone", "\"nowhere\"", "expected one of: dma"],
        );
    }
}

#[test]
fn what_a_file_has_is_listed_once_in_plain_text_and_not_without_end() {
    let folder = folder("many-lines");
    let file = folder.join("buddyinfo.txt");
    let name = file.display().to_string();
    let lines: Vec<String> = (0..80)
        .map(|line| format!("Node {}, zone \u{1b}[31m 1 1 1 1 1 1 1 1 1 1 1", line / 2))
        .collect();
    write(&file, lines.join("\n"));
    let said = plainly_refused(&["--buddyinfo", &name, "--buddyinfo-zone", "a\nb"]);
    says(
        &said,
        &[
            "no line of zone a\\nb",
            "expected one of: node 0 zone \\u{1b}[31m, node 1 zone",
            "and 28 more",
        ],
    );
    assert_eq!(said.matches("node 0 ").count(), 1, "{said}");
    assert!(!said.contains("node 12 "), "{said}");
}

#[test]
fn a_buddyinfo_without_lines_is_refused_at_line_1() {
    let folder = folder("no-lines");
    let file = folder.join("buddyinfo.txt");
    let name = file.display().to_string();
    for text in ["", "\n \n", "\u{feff}"] {
        write(&file, text);
        says(
            &plainly_refused(&["--buddyinfo", &name]),
            &[&name, "line 1: found", "expected lines like"],
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_without_end_is_refused_with_what_was_read_of_it() {
    let said = plainly_refused(&["--buddyinfo", "/dev/zero"]);
    says(&said, &["/dev/zero", "found more than 67108864 bytes"]);
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let folder = folder("byte-order-mark");
    let kept = journal(&folder);
    write(&kept, format!("\u{feff}{}", read(&kept)));
    says(&good(&replay(&kept)), &["all state hashes equal"]);

    let file = folder.join("buddyinfo.txt");
    write(&file, format!("\u{feff}{BUDDYINFO}"));
    let name = file.display().to_string();
    let args = ["raid", "--bot", "novice", "--buddyinfo", &name];
    says(&good(&labyrinth(args)), &["free blocks of the line"]);
}

#[test]
fn the_free_blocks_that_were_laid_out_stand_below_those_of_the_line() {
    let folder = folder("laid-out");
    let file = folder.join("buddyinfo.txt");
    let name = file.display().to_string();
    // The counts of both rows, the sentence below them, and the free pages that are told.
    let story = |line: &str| {
        write(&file, format!("Node 0, zone Normal {line}\n"));
        let args = words("raid --bot novice --seed 2 --buddyinfo");
        let told = good(&labyrinth(args.into_iter().chain([name.as_str()])));
        let row = |head: &str| -> Vec<u64> {
            let row = told.lines().find_map(|line| line.strip_prefix(head));
            let row = row.unwrap_or_else(|| panic!("no row of {head} in {told}"));
            row.split_whitespace()
                .map(|count| count.parse().expect("a count"))
                .collect()
        };
        let free = told.lines().find(|line| line.ends_with("pages free"));
        let free = words(free.expect("the gauge is told"))[0].to_string();
        let (of_line, laid_out) = (row("free blocks of the line"), row("free blocks laid out"));
        let pages: u64 = (0..).zip(&laid_out).map(|(order, n)| n << order).sum();
        assert_eq!(pages.to_string(), free, "the gauge at turn 0");
        (of_line, laid_out, told)
    };

    let (line, laid_out, told) = story("40 30 20 10 5 2 1 0 0 0 0");
    assert_eq!(line, [40, 30, 20, 10, 5, 2, 1, 0, 0, 0, 0]);
    assert_eq!(laid_out, line);
    says(&told, &["fits into the zone as it is."]);
    assert!(!told.contains("scaled"), "{told}");

    let (line, laid_out, told) = story("1207 5262 25225 23789 15057 7422 3250 1877 882 508 2922");
    assert_eq!(line[10], 2922);
    assert_ne!(laid_out, line);
    assert_eq!(laid_out.len(), 11);
    says(&told, &["it was scaled", "docs/real-input.md"]);

    says(
        &good(&labyrinth(["raid", "--help"])),
        &["scaled", "docs/real-input.md"],
    );
}

#[test]
fn an_unfinished_journal_is_said_to_be_right_so_far() {
    let folder = folder("unfinished");
    let file = journal(&folder);
    let whole = read(&file);
    let lines: Vec<&str> = whole.lines().collect();
    for turns in [0, 3] {
        write(&file, lines[..5 + turns].join("\n"));
        says(
            &refused(&replay(&file)),
            &[
                &format!("line {}", 6 + turns),
                &format!("{turns} turns replayed with equal state hashes"),
                "the raid has not ended",
                "expected another turn or a line \"end\"",
            ],
        );
    }
}

#[test]
fn a_journal_that_cannot_be_written_is_found_out_before_the_raid() {
    let folder = folder("unwritable");
    let missing = folder.join("missing");
    let file = missing.join("raid.journal").display().to_string();
    let refuse = |file: &str, parts: &[&str]| {
        // Nothing of the story is told: `refused` checks that standard output is empty.
        let said = plainly_refused(&["raid", "--bot", "novice", "--journal", file]);
        says(&said, parts);
    };
    let directory = format!("in the directory {}", missing.display());
    refuse(&file, &[&file, "cannot write", &directory]);
    let own = folder.display().to_string();
    refuse(&own, &[&own, "cannot write"]);
    #[cfg(target_os = "linux")]
    {
        refuse("/dev/full", &["/dev/full", "cannot write", "No space left"]);
        // Nobody may make files there, not even root.
        refuse(
            "/sys/raid.journal",
            &["/sys/raid.journal", "in the directory /sys:"],
        );
    }
}

/// The part of a text from the first line of a journal on, in a file of its own.
#[cfg(target_os = "linux")]
fn journal_within(text: &str, folder: &Path) -> std::path::PathBuf {
    let start = text.find("labyrinth journal").expect("a journal is there");
    let file = folder.join("within.journal");
    write(&file, &text[start..]);
    file
}

#[cfg(target_os = "linux")]
#[test]
fn a_journal_on_standard_output_follows_the_story() {
    let folder = folder("standard-output");
    for place in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"] {
        let script = format!(
            "ln -sf /dev/stdout link; echo before >both
             \"$LABYRINTH\" raid --bot novice --seed 3 --journal {place} >>both; echo after >>both"
        );
        assert_eq!(good(&bash(&folder, &script)), "");
        let both = read(&folder.join("both"));
        let rest = both.strip_suffix("after\n").expect("the last word");
        assert!(
            rest.starts_with("before\nzone dma, seed 3, played by novice\n"),
            "{place}: {rest}"
        );
        let kept = journal_within(rest, &folder);
        says(&good(&replay(&kept)), &["all state hashes equal"]);
    }
    let left = fs::read_dir(&folder).expect("the folder is there").count();
    assert_eq!(left, 3, "nothing lies beside both, link, within.journal");
    assert!(folder.join("link").is_symlink());

    // A reader that leaves early is no error there either.
    let script = "\"$LABYRINTH\" raid --bot novice --seed 3 --journal /dev/stdout | head -n 1
                  echo ${PIPESTATUS[0]}";
    let said = good(&bash(&folder, script));
    assert_eq!(said, "zone dma, seed 3, played by novice\n0\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_journal_goes_into_open_files_and_pipes_as_they_are() {
    let folder = folder("open-files");
    let script = "
        echo before >open; exec 3>>open
        \"$LABYRINTH\" raid --bot novice --seed 3 --journal /dev/fd/3 >told
        echo after >&3
        mkfifo pipe; cat pipe >piped & \"$LABYRINTH\" raid --bot novice --seed 3 --journal pipe >told
        wait; test -p pipe && echo a pipe";
    assert_eq!(good(&bash(&folder, script)), "a pipe\n");
    let open = read(&folder.join("open"));
    assert!(open.starts_with("before\nlabyrinth journal"), "{open}");
    let open = open.strip_suffix("after\n").expect("the last word");
    for kept in [journal_within(open, &folder), folder.join("piped")] {
        says(&good(&replay(&kept)), &["all state hashes equal"]);
    }
}

#[cfg(unix)]
#[test]
fn a_journal_follows_links_and_keeps_permissions() {
    let folder = folder("links");
    let script = "
        ln -s next first; ln -s real next; ln -s b a; ln -s a b
        \"$LABYRINTH\" raid --bot novice --seed 3 --journal first >told
        chmod 640 real
        \"$LABYRINTH\" raid --bot novice --seed 4 --journal first >told
        \"$LABYRINTH\" raid --bot novice --seed 4 --journal a 2>&1; echo $?
        ls -l real | cut -c 1-10; readlink first next a b";
    let said = good(&bash(&folder, script));
    let (error, rest) = said.split_once('\n').expect("lines");
    says(error, &["labyrinth: a: cannot write", "links"]);
    assert_eq!(rest, "2\n-rw-r-----\nnext\nreal\nb\na\n");
    let real = folder.join("real");
    says(&read(&real), &["seed 4"]);
    says(&good(&replay(&real)), &["all state hashes equal"]);
}

/// Nine threads with stacks of 256 MiB do not fit into 1 GB of addresses; the raids are played all the same.
#[cfg(target_os = "linux")]
#[test]
fn a_simulation_goes_on_with_the_threads_that_start() {
    let folder = folder("threads");
    let run = |limit: &str, jobs: &str| {
        let script = format!(
            "{limit} timeout 100 \"$LABYRINTH\" simulate --bot novice --runs 9 --seed 100 --jobs {jobs}"
        );
        let output = bash(&folder, &script);
        good(&output);
        stdout(&output)
    };
    assert_eq!(run("ulimit -v 1000000;", "9"), run("", "1"));
}

#[test]
fn a_journal_that_cannot_be_written_is_refused_before_a_window_opens() {
    for (path, found) in [("/", "a folder"), ("/nonexistent/x", "no such folder")] {
        let said = plainly_refused(&["--seed", "1", "--journal", path]);
        says(
            &said,
            &["--journal", path, found, "expected a file to write"],
        );
    }
}
