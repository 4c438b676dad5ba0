//! The program explains logs and replays traces: from files and standard input, packed and not; wrong ones are refused.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const OOM: &str = "tests/data/oom_meminfo.txt";
const TRACE: &str = "tests/data/traces/kmem-trace-processes.txt.xz";

fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("real")
        .join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the target folder can be written to");
    path
}

fn labyrinth(args: &[&str], input: &[u8]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_labyrinth"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = program.stdin.take().expect("it is piped");
    // A program that refuses its arguments reads nothing.
    let _ = stdin.write_all(input);
    drop(stdin);
    program.wait_with_output().expect("it ends")
}

fn good(args: &[&str], input: &[u8]) -> String {
    let output = labyrinth(args, input);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        (output.status.code(), said.as_str()),
        (Some(0), ""),
        "{args:?}"
    );
    String::from_utf8(output.stdout).expect("what is printed is text")
}

fn refused(args: &[&str], input: &[u8]) -> String {
    let output = labyrinth(args, input);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(output.stdout.is_empty(), "{args:?}");
    assert!(
        said.starts_with("labyrinth: ") && said.lines().count() == 1,
        "{said}"
    );
    said
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).expect("memory");
    packer.finish().expect("memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn a_log_is_explained_from_a_file_and_from_standard_input() {
    let text = good(&["explain", OOM], b"");
    assert!(
        text.starts_with("Report 1 of 1, line 1: the OOM killer\n"),
        "{text}"
    );
    let command = "labyrinth --buddyinfo tests/data/oom_meminfo.txt --buddyinfo-node 0 --buddyinfo-zone Normal\n";
    assert!(
        text.contains("Why: watermark") && text.contains(command),
        "{text}"
    );
    let log = fs::read(OOM).expect("the log is stored");
    let piped = good(&["explain", "-"], &log);
    assert!(piped.contains("labyrinth explain - --report 1 --buddyinfo > zones.txt\n"));
    let gist = |text: &str| text.split("\nTo play").next().map(str::to_owned);
    assert_eq!(gist(&text), gist(&piped));
    for packed in [
        gzip(&log),
        zstd(&log),
        [gzip(&log[..700]), gzip(&log[700..])].concat(),
        [zstd(&log[..700]), zstd(&log[700..])].concat(),
    ] {
        assert_eq!(good(&["explain", "-"], &packed), piped);
    }
}

#[test]
fn the_zone_of_a_report_can_be_played() {
    let zones = good(&["explain", OOM, "--buddyinfo"], b"");
    assert_eq!(zones.lines().count(), 3);
    assert_eq!(
        zones.lines().last(),
        Some(
            "Node 0, zone   Normal      8     14     11    364    375    126     33     10      0      0      0 "
        )
    );
    let folder = folder("play");
    let file = folder.join("zones.txt");
    fs::write(&file, &zones).expect("the folder is there");
    let file = file.to_str().expect("a plain name");
    let raid = |from| {
        let args = [
            "raid",
            "--bot",
            "greedy",
            "--seed",
            "3",
            "--buddyinfo",
            from,
            "--buddyinfo-zone",
            "DMA32",
        ];
        good(&args, b"")
    };
    // The log itself does as well as what was made of it.
    assert_eq!(raid(file), raid(OOM));
    assert!(raid(OOM).contains("free blocks of the line"));
}

#[test]
fn a_log_without_a_report_is_refused_and_said_where() {
    let said = refused(&["explain", "-"], b"one\ntwo\n");
    assert!(
        said.contains("standard input: line 2: found the end of the text, expected"),
        "{said}"
    );
    let said = refused(&["explain", "-"], b"");
    assert!(said.contains("line 1"), "{said}");
    let said = refused(
        &["explain", "-"],
        b"\nx: page allocation failure: order:y, mode:0x20\n",
    );
    assert!(
        said.contains("line 2: found a report that cannot be read, expected an order"),
        "{said}"
    );
    let said = refused(&["explain", OOM, "--report", "2"], b"");
    assert!(
        said.contains("found 1 reports, expected --report to be a number from 1 to 1"),
        "{said}"
    );
    let said = refused(&["explain", OOM, "--zone", "Movable"], b"");
    assert!(
        said.contains("expected one of: DMA, DMA32, Normal"),
        "{said}"
    );
    let log = fs::read(OOM).expect("the log is stored");
    let packed = gzip(&log);
    let said = refused(&["explain", "-"], &packed[..packed.len() / 2]);
    assert!(
        said.contains("of the unpacked text: cannot unpack"),
        "{said}"
    );
    let said = refused(&["explain", "no/such/file"], b"");
    assert!(said.contains("no/such/file: cannot read"), "{said}");
}

#[test]
fn a_trace_is_summed_up_with_every_line_accounted_for() {
    let text = good(&["trace", TRACE], b"");
    for part in [
        "    40012 lines\n",
        "    29926 used\n",
        "    10086 skipped\n",
        "0.390595 s of time",
        "93 tasks",
        "python3-22311",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.matches('█').count() > 10, "{text}");
}

#[test]
fn a_moment_of_a_trace_is_shown_kept_as_data_and_played() {
    let text = good(&["trace", TRACE, "--at", "0.2"], b"");
    assert!(text.starts_with("After 0.2 of 0.390595 s, "), "{text}");
    let line = good(&["trace", TRACE, "--at", "0.2", "--buddyinfo"], b"");
    assert!(
        text.contains(&line) && line.starts_with("Node 0, zone   Normal "),
        "{line}"
    );
    let folder = folder("moment");
    let path = |name: &str| folder.join(name).to_str().expect("a plain name").to_owned();
    let (zone, csv, json) = (path("zone.txt"), path("samples.csv"), path("trace.json"));
    fs::write(&zone, &line).expect("the folder is there");
    let raid = good(
        &[
            "raid",
            "--bot",
            "greedy",
            "--seed",
            "3",
            "--buddyinfo",
            &zone,
        ],
        b"",
    );
    assert!(raid.contains("free blocks of the line"), "{raid}");
    good(
        &[
            "trace",
            TRACE,
            "--samples",
            "7",
            "--csv",
            &csv,
            "--json",
            &json,
        ],
        b"",
    );
    let csv = fs::read_to_string(csv).expect("it was written");
    assert_eq!(csv.lines().count(), 8);
    assert!(
        csv.lines().all(|line| line.split(',').count() == 15),
        "{csv}"
    );
    let json = fs::read_to_string(json).expect("it was written");
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(json["used"], 29_926);
    assert_eq!(json["samples"].as_array().map(Vec::len), Some(7));
    assert_eq!(json["tasks"].as_array().map(Vec::len), Some(93));
}

#[test]
fn what_is_no_trace_is_refused_and_said_where() {
    let said = refused(&["trace", "-"], b"# tracer: nop\n");
    assert!(
        said.contains("standard input: line 1: found the end of the text, expected events"),
        "{said}"
    );
    let said = refused(
        &["trace", "-"],
        b"\nbash-1 [000] ..... 1.5: mm_page_free: page=1 pfn=x order=0\n",
    );
    assert!(
        said.contains("line 2: found an event that cannot be read, expected the number of a frame"),
        "{said}"
    );
    let said = refused(&["trace", TRACE, "--at", "5"], b"");
    assert!(
        said.contains("--at 5: found a trace of 0.390595 s"),
        "{said}"
    );
    let said = refused(&["trace", TRACE, "--at", "soon"], b"");
    assert!(said.contains("expected seconds"), "{said}");
}
