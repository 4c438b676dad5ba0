//! Gamepads on Linux: a thread for each waits for what the kernel's joystick driver says, so that none costs a frame.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use bevy::prelude::*;

use super::input::PadLine;
use super::rest;
use crate::settings::gamepad::Held;
use crate::settings::joystick::{EVENT, Joystick};

/// Where the driver's files are, `js0` and so on.
const DEVICES: &str = "/dev/input";
/// Where it is said what they are.
const FACTS: &str = "/sys/class/input";
/// Who makes pads on which the driver goes by letters.
const LETTERS: &str = "045e";
/// How often it is looked whether another pad was plugged in.
const LOOK: Duration = Duration::from_secs(2);

/// Pads that are read by a thread now, by their number.
type Open = Arc<Mutex<BTreeSet<u32>>>;

/// Starts looking for pads.
pub(super) fn plugin(app: &mut App) {
    let line = app.world().resource::<PadLine>().clone();
    let watch = move || {
        let open = Open::default();
        loop {
            look(Path::new(DEVICES), Path::new(FACTS), &open, &line);
            thread::sleep(LOOK);
        }
    };
    // Without a thread there are no gamepads; there are keys.
    let _ = thread::Builder::new().name("gamepads".into()).spawn(watch);
}

/// Starts a thread for each pad that has none.
fn look(devices: &Path, facts: &Path, open: &Open, line: &PadLine) {
    let Ok(entries) = fs::read_dir(devices) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_prefix("js")?.parse().ok());
        let Some(number) = number else { continue };
        let known = |open: &Open| {
            open.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(&number)
        };
        if known(open) {
            continue;
        }
        let Some((file, pad)) = begin(&entry.path(), &facts.join(&name).join("device")) else {
            continue;
        };
        open.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(number);
        let (shared, line) = (open.clone(), line.clone());
        let read = move || {
            follow(file, pad, |held| line.say(number, held));
            shared
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&number);
        };
        if thread::Builder::new()
            .name(format!("gamepad {number}"))
            .spawn(read)
            .is_err()
        {
            open.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&number);
        }
    }
}

/// Opens a pad; none if it is none, or somebody else's.
fn begin(device: &Path, facts: &Path) -> Option<(File, Joystick)> {
    let fact = |name: &str| fs::read_to_string(facts.join(name)).unwrap_or_default();
    let driver = fs::read_link(facts.join("device/driver")).unwrap_or_else(|_| PathBuf::new());
    let swapped = driver.ends_with("xpad") || fact("id/vendor").trim() == LETTERS;
    let pad = Joystick::new(
        &fact("capabilities/key"),
        &fact("capabilities/abs"),
        usize::BITS,
        swapped,
    )?;
    Some((File::open(device).ok()?, pad))
}

/// Says what is held whenever that changes, until the pad is taken away.
fn follow(mut file: impl Read, mut pad: Joystick, say: impl Fn(Held)) {
    let mut event = [0; EVENT];
    let mut last = Held::default();
    while file.read_exact(&mut event).is_ok() {
        pad.take(event);
        let held = pad.held();
        if held != last {
            say(held.clone());
            rest::wake();
            last = held;
        }
    }
    say(Held::default());
    rest::wake();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::gamepad::Button;
    use std::cell::RefCell;

    #[test]
    fn what_changes_is_said_once_and_what_is_taken_away_lets_go() {
        let pad = Joystick::new("7cdb000000000000 0 0 0 0", "3003f", 64, true);
        let press = |value: u8| [0, 0, 0, 0, value, 0, 1, 0];
        let idle = [0, 0, 0, 0, 0, 0, 1, 1];
        let bytes = [press(1), idle, press(0), press(1)].concat();
        let said = RefCell::new(Vec::new());
        follow(&bytes[..], pad.expect("a gamepad"), |held| {
            said.borrow_mut().push(held.down);
        });
        let down = vec![Button::FaceDown];
        assert_eq!(*said.borrow(), [down.clone(), vec![], down, vec![]]);
    }

    #[test]
    fn only_gamepads_are_opened_and_none_twice() {
        let root = std::env::temp_dir().join(format!("labyrinth-pads-{}", std::process::id()));
        let (devices, facts) = (root.join("dev"), root.join("sys"));
        let event = [0, 0, 0, 0, 1, 0, 1, 0];
        for (name, keys) in [
            ("js0", "7cdb000000000000 0 0 0 0"),
            ("js1", "10000 0 0 0"),
            ("mice", ""),
        ] {
            let of = facts.join(name).join("device/capabilities");
            fs::create_dir_all(&devices).expect("a folder for a test");
            fs::create_dir_all(&of).expect("a folder for a test");
            fs::write(devices.join(name), event).expect("a file for a test");
            fs::write(of.join("key"), keys).expect("a file for a test");
            fs::write(of.join("abs"), "3003f").expect("a file for a test");
        }
        assert!(begin(&devices.join("js0"), &facts.join("js0/device")).is_some());
        assert!(begin(&devices.join("js1"), &facts.join("js1/device")).is_none());
        let (open, line) = (Open::default(), PadLine::default());
        open.lock().expect("nobody panicked").insert(0);
        look(&devices, &facts, &open, &line);
        assert_eq!(open.lock().expect("nobody panicked").len(), 1);
        fs::remove_dir_all(root).expect("the folder can be removed");
    }
}
