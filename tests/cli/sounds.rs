//! `labyrinth sounds`: the list, and the files.

use std::fs;

use super::{folder, good, labyrinth, refused, says, words};

#[test]
fn sounds_are_listed_with_what_they_mean() {
    let list = good(&labyrinth(["sounds"]));
    says(
        &list,
        &[
            "watchdog_tick",
            "two buddies become one block",
            "drone",
            "4000",
        ],
    );
    assert!(list.lines().count() > 50, "{list}");
    assert!(list.lines().all(|line| line.len() <= 100), "{list}");
}

#[test]
fn sounds_become_files_that_say_what_they_are() {
    let folder = folder("sounds");
    let out = folder.join("made");
    let args = format!("sounds --out {}", out.display());
    let said = good(&labyrinth(words(&args)));
    let names: Vec<_> = fs::read_dir(&out)
        .expect("the folder was made")
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    says(&said, &[&format!("{} sounds", names.len())]);
    for name in &names {
        let bytes = fs::read(name).expect("it was written");
        assert_eq!(&bytes[..4], b"RIFF", "{}", name.display());
        let length = u32::from_le_bytes([bytes[40], bytes[41], bytes[42], bytes[43]]);
        assert_eq!(
            bytes.len() as u64,
            44 + u64::from(length),
            "{}",
            name.display()
        );
    }
    let drone = fs::metadata(out.join("drone.wav")).expect("there is a drone");
    assert_eq!(drone.len(), 44 + 4 * 2 * 22_050);
    assert!(
        out.join("step-2.wav").exists(),
        "variations are files of their own"
    );
    // Again: the same files, whole.
    assert_eq!(good(&labyrinth(words(&args))), said);

    let file = folder.join("file");
    fs::write(&file, "").expect("the folder can be written to");
    let args = format!("sounds --out {}", file.join("in").display());
    says(
        &refused(&labyrinth(words(&args))),
        &["file", "cannot make this folder"],
    );
}
