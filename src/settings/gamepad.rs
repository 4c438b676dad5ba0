//! What the buttons of a gamepad mean: each alone, and while the left trigger is held.

use std::collections::BTreeSet;

use super::action::Action;

/// A button, by its place: pads print other letters on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Button {
    FaceDown,
    FaceRight,
    FaceLeft,
    FaceUp,
    ShoulderLeft,
    ShoulderRight,
    TriggerLeft,
    TriggerRight,
    Select,
    Start,
    StickLeft,
    StickRight,
    Up,
    Down,
    Left,
    Right,
}

impl Button {
    /// All of them, by their number in a browser's standard mapping.
    pub const STANDARD: [Self; 16] = [
        Self::FaceDown,
        Self::FaceRight,
        Self::FaceLeft,
        Self::FaceUp,
        Self::ShoulderLeft,
        Self::ShoulderRight,
        Self::TriggerLeft,
        Self::TriggerRight,
        Self::Select,
        Self::Start,
        Self::StickLeft,
        Self::StickRight,
        Self::Up,
        Self::Down,
        Self::Left,
        Self::Right,
    ];

    /// What the screen calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::FaceDown => "A",
            Self::FaceRight => "B",
            Self::FaceLeft => "X",
            Self::FaceUp => "Y",
            Self::ShoulderLeft => "LB",
            Self::ShoulderRight => "RB",
            Self::TriggerLeft => "LT",
            Self::TriggerRight => "RT",
            Self::Select => "Select",
            Self::Start => "Start",
            Self::StickLeft => "L3",
            Self::StickRight => "R3",
            Self::Up => "D-pad up",
            Self::Down => "D-pad down",
            Self::Left => "D-pad left",
            Self::Right => "D-pad right",
        }
    }
}

/// The button that gives the others their second meaning while it is held.
pub const HELD: Button = Button::TriggerLeft;

/// What each button means: alone, or while [`HELD`] is held.
pub const MAPPING: [(Button, bool, Action); 26] = [
    (Button::Up, false, Action::North),
    (Button::Right, false, Action::East),
    (Button::Down, false, Action::South),
    (Button::Left, false, Action::West),
    (Button::FaceDown, false, Action::Confirm),
    (Button::FaceRight, false, Action::Back),
    (Button::FaceLeft, false, Action::Grab),
    (Button::FaceUp, false, Action::Clear),
    (Button::ShoulderRight, false, Action::Wait),
    (Button::ShoulderLeft, false, Action::Look),
    (Button::TriggerRight, false, Action::Extract),
    (Button::Select, false, Action::Overview),
    (Button::Start, false, Action::Back),
    (Button::StickRight, false, Action::Help),
    (Button::StickLeft, false, Action::Retry),
    (Button::TriggerRight, true, Action::WaitNews),
    (Button::Select, true, Action::Explore),
    (Button::Start, true, Action::Repeat),
    (Button::StickRight, true, Action::Sound),
    (Button::FaceLeft, true, Action::Free),
    (Button::FaceUp, true, Action::Isolate),
    (Button::StickLeft, true, Action::Use),
    (Button::FaceDown, true, Action::Panel),
    (Button::FaceRight, true, Action::Codex),
    (Button::ShoulderRight, true, Action::ZoomIn),
    (Button::ShoulderLeft, true, Action::ZoomOut),
];

/// The buttons that mean an action: one, or two to be held together.
pub fn buttons(action: Action) -> Option<(Option<Button>, Button)> {
    let found = MAPPING.iter().find(|(_, _, other)| *other == action);
    found.map(|&(button, held, _)| (held.then_some(HELD), button))
}

/// How far a stick must lie over to count, in thousandths.
pub const STICK_ON: i32 = 600;
/// How far it must come back before it counts again.
pub const STICK_OFF: i32 = 400;
/// Milliseconds after which a direction that is held repeats, and between two repeats.
const REPEAT: (u64, u64) = (350, 120);

/// What is held on a pad.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// The buttons that are down.
    pub down: Vec<Button>,
    /// Where the left stick is, right and down, in thousandths.
    pub stick: (i32, i32),
}

impl Held {
    /// Reads what a page says: the pad's number, the buttons as bits in a browser's standard order, the stick's place.
    ///
    /// # Errors
    ///
    /// If that is not four whole numbers.
    pub fn parse(text: &str) -> Result<(u32, Self), String> {
        let wrong = || {
            format!(
                "a gamepad: found \"{text}\", expected its number, its buttons as bits, and the stick's place"
            )
        };
        let parts: Vec<i32> = text
            .split(' ')
            .map(|part| part.parse().map_err(|_| wrong()))
            .collect::<Result<_, _>>()?;
        let [pad, bits, x, y] = parts[..] else {
            return Err(wrong());
        };
        let pad = u32::try_from(pad).map_err(|_| wrong())?;
        let buttons = Button::STANDARD.into_iter().enumerate();
        let down = buttons
            .filter(|(at, _)| bits >> at & 1 == 1)
            .map(|(_, button)| button)
            .collect();
        Ok((
            pad,
            Self {
                down,
                stick: (x, y),
            },
        ))
    }
}

/// A pad in somebody's hands: buttons go in, actions come out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pad {
    down: BTreeSet<Button>,
    /// The direction the stick lies in.
    stick: Option<Button>,
    /// What repeats, and when next, in milliseconds.
    repeats: Option<(Button, u64)>,
}

impl Pad {
    /// Takes the buttons that are down and the place of the left stick, right and down, in thousandths.
    /// What was just pressed comes back as actions, and directions that are held come again and again.
    pub fn take(&mut self, down: &[Button], stick: (i32, i32), now: u64) -> Vec<Action> {
        let lies = self.lies(stick);
        let mut next: BTreeSet<Button> = down.iter().copied().collect();
        next.extend(lies);
        self.stick = lies;
        let shifted = next.contains(&HELD);
        let mut actions = Vec::new();
        for &button in next.difference(&self.down) {
            if let Some(action) = meaning(button, shifted) {
                actions.push(action);
                if action.repeats() {
                    self.repeats = Some((button, now + REPEAT.0));
                }
            }
        }
        if let Some((button, due)) = self.repeats {
            if !next.contains(&button) {
                self.repeats = None;
            } else if now >= due {
                actions.extend(meaning(button, shifted));
                self.repeats = Some((button, now + REPEAT.1));
            }
        }
        self.down = next;
        actions
    }

    /// True while something will come by itself.
    pub fn repeats(&self) -> bool {
        self.repeats.is_some()
    }

    /// The one direction a stick lies in.
    fn lies(&self, (x, y): (i32, i32)) -> Option<Button> {
        let far = if self.stick.is_some() {
            STICK_OFF
        } else {
            STICK_ON
        };
        if x.abs().max(y.abs()) < far {
            return None;
        }
        Some(match (x.abs() >= y.abs(), x > 0, y > 0) {
            (true, true, _) => Button::Right,
            (true, false, _) => Button::Left,
            (false, _, true) => Button::Down,
            (false, _, false) => Button::Up,
        })
    }
}

fn meaning(button: Button, shifted: bool) -> Option<Action> {
    let find = |held: bool| {
        let found = MAPPING
            .iter()
            .find(|&&(other, with, _)| other == button && with == held);
        found.map(|&(.., action)| action)
    };
    // Directions stay directions while the trigger is held.
    if shifted {
        find(true).or_else(|| find(false).filter(|action| action.repeats()))
    } else {
        find(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Context;

    #[test]
    fn everything_in_a_raid_has_a_button_and_no_button_means_two_things() {
        for action in Action::ALL {
            if action.is_for(Context::Raid) {
                assert!(buttons(action).is_some(), "{action:?}");
            }
        }
        for (i, (button, held, _)) in MAPPING.iter().enumerate() {
            assert_ne!(*button, HELD);
            assert!(
                !MAPPING[i + 1..]
                    .iter()
                    .any(|(b, h, _)| b == button && h == held)
            );
        }
    }

    #[test]
    fn a_button_means_something_once_and_something_else_while_the_trigger_is_held() {
        let mut pad = Pad::default();
        assert_eq!(pad.take(&[Button::FaceLeft], (0, 0), 0), [Action::Grab]);
        assert_eq!(pad.take(&[Button::FaceLeft], (0, 0), 5000), []);
        assert_eq!(pad.take(&[HELD], (0, 0), 5010), []);
        assert_eq!(
            pad.take(&[HELD, Button::FaceLeft], (0, 0), 5020),
            [Action::Free]
        );
        // Letting go of the trigger first presses nothing anew.
        assert_eq!(pad.take(&[Button::FaceLeft], (0, 0), 5030), []);
        assert_eq!(pad.take(&[HELD, Button::Up], (0, 0), 5040), [Action::North]);
    }

    #[test]
    fn what_a_page_says_is_read_or_refused() {
        assert_eq!(
            Held::parse("1 4101 -300 1000"),
            Ok((
                1,
                Held {
                    down: vec![Button::FaceDown, Button::FaceLeft, Button::Up],
                    stick: (-300, 1000),
                }
            ))
        );
        for wrong in ["", "1 2 3", "1 2 3 4 5", "-1 0 0 0", "0 x 0 0", "0 0 0.5 0"] {
            assert!(Held::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_stick_goes_one_way_at_a_time_and_repeats() {
        let mut pad = Pad::default();
        assert_eq!(pad.take(&[], (500, 0), 0), []);
        assert_eq!(pad.take(&[], (700, 300), 10), [Action::East]);
        assert_eq!(pad.take(&[], (450, 0), 20), []);
        assert!(pad.repeats());
        assert_eq!(pad.take(&[], (900, 0), 10 + REPEAT.0), [Action::East]);
        assert_eq!(pad.take(&[], (900, 0), 11 + REPEAT.0), []);
        assert_eq!(pad.take(&[], (0, -900), 12 + REPEAT.0), [Action::North]);
        assert_eq!(pad.take(&[], (0, 0), 9000), []);
        assert!(!pad.repeats());
    }
}
