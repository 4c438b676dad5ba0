//! Texts that are kept: replaced, added to, refused.

use super::*;

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("labyrinth-storage-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_saved_text_is_read_back_and_nothing_is_left_beside_it() {
    let folder = Folder::new("round");
    let file = folder.0.join("raid.journal");
    save(&file, "one\n").unwrap();
    save(&file, "two\n").unwrap();
    assert_eq!(load(&file).unwrap(), "two\n");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
}

#[test]
fn a_failed_save_leaves_the_old_text() {
    let folder = Folder::new("failed");
    let missing = folder.0.join("nowhere").join("raid.journal");
    let error = save(&missing, "x").unwrap_err().to_string();
    assert!(
        error.contains("nowhere") && error.contains("cannot write"),
        "{error}"
    );
    assert!(save(&folder.0, "x").is_err(), "a folder is no file");
    assert!(folder.0.is_dir());
}

#[test]
fn what_is_not_text_is_named_by_line() {
    let folder = Folder::new("bytes");
    let file = folder.0.join("raid.journal");
    fs::write(&file, b"good\nbad \xff\n").unwrap();
    let error = load(&file).unwrap_err().to_string();
    assert!(
        error.ends_with("line 2: found bytes that are not UTF-8, expected text"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let folder = Folder::new("link");
    let (file, link) = (folder.0.join("real"), folder.0.join("link"));
    save(&file, "old").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    save(&link, "new").unwrap();
    assert_eq!(load(&file).unwrap(), "new");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let folder = Folder::new("mark");
    let file = folder.0.join("raid.journal");
    fs::write(&file, "\u{feff}one\n").unwrap();
    assert_eq!(load(&file).unwrap(), "one\n");
}

#[test]
fn a_missing_directory_is_named() {
    let folder = Folder::new("nowhere");
    let missing = folder.0.join("nowhere");
    let error = save(&missing.join("raid.journal"), "x").unwrap_err();
    let named = format!("in the directory {}: ", missing.display());
    assert!(error.to_string().contains(&named), "{error}");
}

#[cfg(unix)]
#[test]
fn a_rewritten_file_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("permissions");
    let file = folder.0.join("raid.journal");
    for mode in [0o600, 0o664, 0o755] {
        save(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        save(&file, "new").unwrap();
        let kept = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(kept & 0o777, mode);
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_that_is_not_there_makes_the_file() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new("dangling");
    let (first, second) = (folder.0.join("first"), folder.0.join("second"));
    symlink("second", &first).unwrap();
    symlink("real", &second).unwrap();
    save(&first, "new").unwrap();
    assert_eq!(load(&folder.0.join("real")).unwrap(), "new");
    for link in [&first, &second] {
        assert!(fs::symlink_metadata(link).unwrap().is_symlink());
    }
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_are_an_error_and_stay() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new("circle");
    let (one, other) = (folder.0.join("one"), folder.0.join("other"));
    symlink(&other, &one).unwrap();
    symlink(&one, &other).unwrap();
    let error = save(&one, "x").unwrap_err().to_string();
    assert!(error.contains("links"), "{error}");
    assert!(fs::symlink_metadata(&one).unwrap().is_symlink());
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn an_open_file_is_added_to_and_gets_each_part_once() {
    use std::os::fd::AsRawFd as _;
    let folder = Folder::new("open");
    let file = folder.0.join("raid.journal");
    fs::write(&file, "before\n").unwrap();
    let open = fs::OpenOptions::new().append(true).open(&file).unwrap();
    let path = PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd()));
    let mut target = Target::open(&path).unwrap();
    target.begin("one\n").unwrap();
    target.save("one\ntwo\n").unwrap();
    assert_eq!(load(&file).unwrap(), "before\none\ntwo\n");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_written_to_as_it_is() {
    assert!(save(Path::new("/dev/null"), "x").is_ok());
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    let error = save(Path::new("/dev/full"), "x").unwrap_err().to_string();
    assert!(error.contains("/dev/full: cannot write"), "{error}");
}
