//! The keeper on a folder of files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use labyrinth::profile::{DAMAGED_KEY, FileShelf, Keeper, PROFILE_KEY};

use super::keeper::{opened, told};
use super::{outcome, play};

/// A folder for one test's files, not there at its start.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("profile")
        .join(test);
    let _ = fs::remove_dir_all(&path);
    path
}

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("a file").file_name().to_string_lossy().into())
        .collect()
}

#[test]
fn a_folder_keeps_a_profile_and_what_was_damaged_byte_for_byte() {
    let folder = folder("kept").join("deep");
    let shelf = FileShelf::new(&folder);
    let mut keeper = opened(&shelf);
    assert!(!folder.exists(), "reading makes no folder");
    keeper.turn_played(&play(7, 3).0);
    assert_eq!(names(&folder), BTreeSet::from([PROFILE_KEY.to_string()]));
    assert_eq!(opened(&shelf).profile(), keeper.profile());

    for (n, bytes) in [(1, &b"{\"version\":1"[..]), (2, b"\xff\xfe\x00")] {
        fs::write(folder.join(PROFILE_KEY), bytes).expect("written");
        let mut keeper = Keeper::open(shelf.clone());
        let key = [DAMAGED_KEY.to_string(), format!("{DAMAGED_KEY}.{n}")][n - 1].clone();
        told(&mut keeper, &["damaged", "line 1", &format!("\"{key}\"")]);
        assert_eq!(fs::read(folder.join(key)).expect("it is kept"), bytes);
        keeper.turn_played(&play(7, 3).0);
        opened(&shelf);
    }
    assert_eq!(names(&folder).len(), 3, "{:?}", names(&folder));
}

#[test]
fn a_folder_that_cannot_be_is_told_of() {
    let folder = folder("file");
    fs::create_dir_all(folder.parent().expect("a parent")).expect("made");
    fs::write(&folder, "a file").expect("written");
    let mut keeper = Keeper::open(FileShelf::new(folder.join("inside")));
    keeper.turn_played(&play(7, 3).0);
    let name = folder.display().to_string();
    told(&mut keeper, &["Nothing is kept", &name]);
    assert_eq!(fs::read_to_string(&folder).expect("it is there"), "a file");
    fs::remove_file(&folder).expect("removed");
    keeper.turn_played(&play(7, 4).0);
    assert!(keeper.news().is_empty());
    assert!(folder.join("inside").join(PROFILE_KEY).is_file());
}

#[test]
fn many_at_once_do_not_corrupt_a_folder() {
    let folder = folder("many");
    let shelf = FileShelf::new(&folder);
    let (journal, raid) = play(7, u32::MAX);
    let outcome = outcome(&raid);
    std::thread::scope(|scope| {
        for i in 0..4_u64 {
            let (shelf, mut journal, outcome) = (shelf.clone(), journal.clone(), &outcome);
            scope.spawn(move || {
                let mut keeper = Keeper::open(shelf);
                for n in 0..25 {
                    journal.setup.seed = 100 * i + n;
                    keeper.raid_over(&journal, outcome);
                    assert_eq!(keeper.news(), Vec::<String>::new());
                }
            });
        }
    });
    // Of two that write at the very same moment the later one counts: runs may be missing, but what is there is whole.
    let keeper = opened(&shelf);
    let runs = keeper.profile().runs();
    assert!(!runs.is_empty());
    assert!(runs.iter().all(|run| run.seed % 100 < 25 && run.seed < 400));
    assert_eq!(names(&folder), BTreeSet::from([PROFILE_KEY.to_string()]));
}
