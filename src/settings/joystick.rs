//! What Linux's joystick driver says, read as a gamepad: eight bytes an event, and which buttons and axes a pad has.

use super::gamepad::{Button, Held};

/// Bytes of one event: the time, the value, the kind, the number.
pub const EVENT: usize = 8;

/// Codes of `linux/input-event-codes.h`.
const BTN_MISC: u16 = 0x100;
const BTN_JOYSTICK: u16 = 0x120;
const BTN_SOUTH: u16 = 0x130;
const KEY_MAX: u16 = 0x2ff;
const ABS_MAX: u16 = 0x3f;
const ABS_X: u16 = 0;
const ABS_Y: u16 = 1;
const ABS_Z: u16 = 2;
const ABS_RX: u16 = 3;
const ABS_RZ: u16 = 5;
const ABS_HAT0X: u16 = 0x10;
const ABS_HAT0Y: u16 = 0x11;

/// Kinds of events; the state of a pad that was just opened comes as events with `INIT` set.
const KIND_BUTTON: u8 = 1;
const KIND_AXIS: u8 = 2;
const INIT: u8 = 0x80;

/// How far a trigger or a hat must be moved to count as pressed; an axis goes to 32767 on either side.
const PRESSED: i16 = 8192;

/// Set bits of a list of words as the kernel prints capabilities: in hexadecimal, the highest word first.
/// `None` if it is not such a list.
fn bits(text: &str, word: u32) -> Option<Vec<u16>> {
    let mut set = Vec::new();
    for (at, text) in text.split_whitespace().rev().enumerate() {
        let value = u64::from_str_radix(text, 16).ok()?;
        let from = u32::try_from(at).ok()?.checked_mul(word)?;
        let here = (0..word.min(u64::BITS)).filter(|bit| value >> bit & 1 == 1);
        for bit in here {
            set.push(u16::try_from(from + bit).ok()?);
        }
    }
    Some(set)
}

/// A pad that the joystick driver knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joystick {
    /// What the button of each number is.
    buttons: Vec<Option<Button>>,
    /// What the axis of each number is.
    axes: Vec<u16>,
    /// By axis, where it is.
    places: Vec<i16>,
    down: Vec<Button>,
}

impl Joystick {
    /// A pad with these capabilities, as the files `capabilities/key` and `capabilities/abs` of its folder in sysfs
    /// say them, whose words have so many bits. `swapped` where the driver calls the left of the four buttons north
    /// and the upper one west, by the letters on them. `None` if that is no gamepad.
    pub fn new(keys: &str, axes: &str, word: u32, swapped: bool) -> Option<Self> {
        let keys = bits(keys, word)?;
        let axes: Vec<u16> = bits(axes, word)?;
        if !keys.contains(&BTN_SOUTH) {
            return None;
        }
        // The driver numbers what it finds from BTN_JOYSTICK up, and then what lies below that.
        let high = keys
            .iter()
            .filter(|key| (BTN_JOYSTICK..=KEY_MAX).contains(*key));
        let low = keys
            .iter()
            .filter(|key| (BTN_MISC..BTN_JOYSTICK).contains(*key));
        let buttons = high.chain(low).map(|&key| button(key, swapped)).collect();
        let axes: Vec<u16> = axes.into_iter().filter(|&axis| axis <= ABS_MAX).collect();
        Some(Self {
            buttons,
            places: vec![0; axes.len()],
            axes,
            down: Vec::new(),
        })
    }

    /// Takes an event.
    pub fn take(&mut self, event: [u8; EVENT]) {
        let value = i16::from_ne_bytes([event[4], event[5]]);
        let number = usize::from(event[7]);
        match event[6] & !INIT {
            KIND_BUTTON => {
                if let Some(&Some(button)) = self.buttons.get(number) {
                    self.down.retain(|&other| other != button);
                    if value != 0 {
                        self.down.push(button);
                    }
                }
            }
            KIND_AXIS => {
                if let Some(place) = self.places.get_mut(number) {
                    *place = value;
                }
            }
            _ => {}
        }
    }

    fn place(&self, axis: u16) -> i16 {
        let at = self.axes.iter().position(|&other| other == axis);
        at.map_or(0, |at| self.places[at])
    }

    /// What is held now.
    pub fn held(&self) -> Held {
        let mut down = self.down.clone();
        let (x, y) = (self.place(ABS_HAT0X), self.place(ABS_HAT0Y));
        let mut also = vec![
            (Button::Left, x < -PRESSED),
            (Button::Right, x > PRESSED),
            (Button::Up, y < -PRESSED),
            (Button::Down, y > PRESSED),
        ];
        // Without axes of its own for the right stick, a pad reports that where others report their triggers.
        if self.axes.contains(&ABS_RX) {
            also.push((Button::TriggerLeft, self.place(ABS_Z) > PRESSED));
            also.push((Button::TriggerRight, self.place(ABS_RZ) > PRESSED));
        }
        for (button, pressed) in also {
            if pressed && !down.contains(&button) {
                down.push(button);
            }
        }
        let part = |axis| i32::from(self.place(axis)) * 1000 / i32::from(i16::MAX);
        Held {
            down,
            stick: (part(ABS_X), part(ABS_Y)),
        }
    }
}

/// What the kernel's code of a button is, by its place.
fn button(code: u16, swapped: bool) -> Option<Button> {
    let (upper, left) = if swapped {
        (0x134, 0x133)
    } else {
        (0x133, 0x134)
    };
    Some(match code {
        BTN_SOUTH => Button::FaceDown,
        0x131 => Button::FaceRight,
        code if code == upper => Button::FaceUp,
        code if code == left => Button::FaceLeft,
        0x136 => Button::ShoulderLeft,
        0x137 => Button::ShoulderRight,
        0x138 => Button::TriggerLeft,
        0x139 => Button::TriggerRight,
        0x13a => Button::Select,
        0x13b => Button::Start,
        0x13d => Button::StickLeft,
        0x13e => Button::StickRight,
        0x220 => Button::Up,
        0x221 => Button::Down,
        0x222 => Button::Left,
        0x223 => Button::Right,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What sysfs says of a pad of the xpad driver: eleven buttons, two sticks, two triggers, a hat.
    const KEYS: &str = "7cdb000000000000 0 0 0 0";
    const AXES: &str = "3003f";

    fn event(kind: u8, number: u8, value: i16) -> [u8; EVENT] {
        let [low, high] = value.to_ne_bytes();
        [9, 9, 9, 9, low, high, kind, number]
    }

    fn pad(swapped: bool) -> Joystick {
        Joystick::new(KEYS, AXES, 64, swapped).expect("it is a gamepad")
    }

    fn pressed(swapped: bool, number: u8) -> Vec<Button> {
        let mut pad = pad(swapped);
        pad.take(event(KIND_BUTTON, number, 1));
        pad.held().down
    }

    #[test]
    fn buttons_are_numbered_in_the_order_of_their_codes() {
        let all: Vec<Button> = (0..11).flat_map(|number| pressed(true, number)).collect();
        assert_eq!(
            all,
            [
                Button::FaceDown,
                Button::FaceRight,
                Button::FaceLeft,
                Button::FaceUp,
                Button::ShoulderLeft,
                Button::ShoulderRight,
                Button::Select,
                Button::Start,
                // The guide button, number 8, is the system's.
                Button::StickLeft,
                Button::StickRight,
            ]
        );
        assert_eq!(pressed(false, 2), [Button::FaceUp]);
        assert_eq!(pressed(false, 200), []);
    }

    #[test]
    fn the_same_bits_in_words_of_32_are_the_same_pad() {
        let keys = "7cdb0000 0 0 0 0 0 0 0 0 0";
        assert_eq!(Joystick::new(keys, AXES, 32, true), Some(pad(true)));
    }

    #[test]
    fn triggers_and_hats_are_buttons_and_the_left_stick_comes_in_thousandths() {
        let mut pad = pad(true);
        // Triggers begin at the far end, which is said when the pad is opened.
        pad.take(event(KIND_AXIS | INIT, 2, -32767));
        assert_eq!(pad.held(), Held::default());
        pad.take(event(KIND_AXIS, 2, 32767));
        pad.take(event(KIND_AXIS, 6, -32767));
        pad.take(event(KIND_AXIS, 0, 32767));
        pad.take(event(KIND_AXIS, 1, -16384));
        let held = pad.held();
        assert_eq!(held.down, [Button::Left, Button::TriggerLeft]);
        assert_eq!(held.stick, (1000, -500));
        pad.take(event(KIND_BUTTON, 0, 1));
        pad.take(event(KIND_BUTTON, 0, 0));
        assert!(!pad.held().down.contains(&Button::FaceDown));
    }

    #[test]
    fn what_has_no_gamepad_buttons_is_none() {
        assert_eq!(Joystick::new("1000000 0 0 0", AXES, 64, false), None);
        assert_eq!(Joystick::new("garbage", AXES, 64, false), None);
        assert_eq!(Joystick::new("", "", 64, false), None);
    }
}
