//! Which key means what: four layouts as data, keys changed one by one, and no two meanings on one key.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::action::{Action, Context};
use super::key::{Key, Named};

/// A layout that ships.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Arrow keys and WASD.
    #[default]
    Arrows,
    /// As in vi.
    Vi,
    /// The number pad.
    Numpad,
    /// All under the left hand.
    Left,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Arrows, Self::Vi, Self::Numpad, Self::Left];

    const fn file(self) -> &'static str {
        match self {
            Self::Arrows => include_str!("../../assets/keys/arrows.ron"),
            Self::Vi => include_str!("../../assets/keys/vi.ron"),
            Self::Numpad => include_str!("../../assets/keys/numpad.ron"),
            Self::Left => include_str!("../../assets/keys/left.ron"),
        }
    }

    /// Its keys; a test reads all four files, so that none is missing here.
    fn keys(self) -> BTreeMap<Action, Vec<Key>> {
        ron::from_str(self.file()).unwrap_or_default()
    }
}

/// Keys that mean the same in every layout, so that nobody locks themself out.
pub const FIXED: [(Key, Action); 6] = [
    (Key::Named(Named::Up), Action::North),
    (Key::Named(Named::Right), Action::East),
    (Key::Named(Named::Down), Action::South),
    (Key::Named(Named::Left), Action::West),
    (Key::Named(Named::Enter), Action::Confirm),
    (Key::Named(Named::Escape), Action::Back),
];

/// What a player chose: a layout, and keys of their own in the place of some of its keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyChoice {
    /// The layout.
    pub layout: Layout,
    /// Changed keys.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub changed: BTreeMap<Action, Key>,
}

/// Why a key cannot mean that; the text is for programs, the window has its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// It means something else in the same place.
    #[error("the key means {0:?} already")]
    Means(Action),
    /// It means the same everywhere, or types a seed's digits in menus.
    #[error("the key cannot be changed")]
    Fixed,
    /// The other action would be left without a key.
    #[error("{0:?} has no other key")]
    Needed(Action),
}

impl KeyChoice {
    /// Takes a whole layout; changed keys go.
    pub fn choose(&mut self, layout: Layout) {
        *self = Self {
            layout,
            ..Self::default()
        };
    }

    /// Lets a key mean this, in the place of the action's keys of the layout.
    ///
    /// With `take` it is taken from what it means now; that gets the action's former key if it has no other.
    ///
    /// # Errors
    ///
    /// If the key is taken or cannot be changed; then nothing is.
    pub fn bind(&mut self, action: Action, key: Key, take: bool) -> Result<(), BindError> {
        if let Some(&(_, fixed)) = FIXED.iter().find(|(other, _)| *other == key) {
            return if fixed == action {
                Ok(())
            } else {
                Err(BindError::Fixed)
            };
        }
        if action.is_for(Context::Menu) && types_digit(key) {
            return Err(BindError::Fixed);
        }
        let now = Bindings::of(self);
        let owner = now.owner(key, action);
        if let Some(owner) = owner.filter(|_| !take) {
            return Err(BindError::Means(owner));
        }
        let mut next = self.clone();
        next.changed.retain(|_, other| *other != key || !take);
        next.changed.insert(action, key);
        if let Some(missing) = next.missing() {
            let former = now.own(action).next();
            match former {
                Some(former) if Some(missing) == owner => next.changed.insert(missing, former),
                _ => return Err(BindError::Needed(missing)),
            };
            // The former key may mean something else where that action is read, or type a digit there.
            let (_, kept) = table(&next);
            if !kept || next.missing().is_some() {
                return Err(BindError::Needed(missing));
            }
        }
        // What is the layout's own key is no change.
        let layout = next.layout.keys();
        next.changed
            .retain(|action, key| layout.get(action).is_none_or(|keys| keys[..] != [*key]));
        *self = next;
        Ok(())
    }

    /// Gives an action the layout's keys back, as far as nothing else has them.
    pub fn reset(&mut self, action: Action) {
        let mut next = self.clone();
        next.changed.remove(&action);
        if next.missing().is_none() {
            *self = next;
        }
    }

    /// An action that no key means.
    fn missing(&self) -> Option<Action> {
        let (table, _) = table(self);
        let found = table.into_iter().find(|(_, keys)| keys.is_empty());
        found.map(|(action, _)| action)
    }
}

fn types_digit(key: Key) -> bool {
    matches!(key, Key::Char('0'..='9'))
}

/// All keys of all actions, and whether the changed ones could all be kept.
fn table(choice: &KeyChoice) -> (Vec<(Action, Vec<Key>)>, bool) {
    let layout = choice.layout.keys();
    let mut table: Vec<(Action, Vec<Key>)> = Vec::new();
    let mut kept = true;
    for action in Action::ALL {
        let fixed = FIXED.iter().filter(|(_, other)| *other == action);
        let mut keys: Vec<Key> = Vec::new();
        if let Some(&key) = choice.changed.get(&action) {
            let clashes = FIXED.iter().any(|(fixed, _)| *fixed == key)
                || action.is_for(Context::Menu) && types_digit(key)
                || choice.changed.iter().any(|(&other, &theirs)| {
                    theirs == key && other != action && other.meets(action)
                });
            kept &= !clashes;
            keys.push(key);
        } else {
            let theirs = |key: &Key| {
                choice
                    .changed
                    .iter()
                    .any(|(other, changed)| changed == key && other.meets(action))
            };
            let own = layout.get(&action).map_or(&[][..], Vec::as_slice);
            keys.extend(own.iter().filter(|key| !theirs(key)));
        }
        keys.extend(fixed.map(|&(key, _)| key));
        table.push((action, keys));
    }
    (table, kept)
}

/// Which key means what now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bindings {
    table: Vec<(Action, Vec<Key>)>,
}

impl Default for Bindings {
    fn default() -> Self {
        Self::of(&KeyChoice::default())
    }
}

impl Bindings {
    /// What a player chose. Changed keys that clash, or that leave an action without a key (as a profile that was
    /// written by hand may have them), do not count: then the layout holds as it is.
    pub fn of(choice: &KeyChoice) -> Self {
        let (found, kept) = table(choice);
        if kept && found.iter().all(|(_, keys)| !keys.is_empty()) {
            return Self { table: found };
        }
        let plain = KeyChoice {
            layout: choice.layout,
            ..KeyChoice::default()
        };
        Self {
            table: table(&plain).0,
        }
    }

    /// What a key means there.
    pub fn action(&self, key: Key, context: Context) -> Option<Action> {
        let found = self
            .table
            .iter()
            .find(|(action, keys)| action.is_for(context) && keys.contains(&key));
        found.map(|&(action, _)| action)
    }

    /// The keys of an action, the one to name first.
    pub fn keys(&self, action: Action) -> &[Key] {
        let found = self.table.iter().find(|(other, _)| *other == action);
        found.map_or(&[], |(_, keys)| keys)
    }

    /// The name of an action's first key, for the screen.
    pub fn label(&self, action: Action) -> String {
        self.keys(action)
            .first()
            .map_or_else(String::new, |key| key.label())
    }

    /// The names of all keys of an action.
    pub fn labels(&self, action: Action) -> String {
        let labels: Vec<String> = self.keys(action).iter().map(|key| key.label()).collect();
        labels.join(" ")
    }

    /// What else a key means wherever this action is read.
    fn owner(&self, key: Key, action: Action) -> Option<Action> {
        let found = self
            .table
            .iter()
            .find(|(other, keys)| *other != action && other.meets(action) && keys.contains(&key));
        found.map(|&(other, _)| other)
    }

    /// The keys of an action that can be changed.
    fn own(&self, action: Action) -> impl Iterator<Item = Key> + '_ {
        let fixed = |key: &Key| FIXED.iter().any(|(other, _)| other == key);
        self.keys(action)
            .iter()
            .copied()
            .filter(move |key| !fixed(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two actions of one context on one key, if there are such.
    fn clash(bindings: &Bindings) -> Option<(Action, Action, Key)> {
        for (i, (a, keys)) in bindings.table.iter().enumerate() {
            for (b, others) in &bindings.table[i + 1..] {
                if let Some(&key) = keys.iter().find(|key| others.contains(key))
                    && a.meets(*b)
                {
                    return Some((*a, *b, key));
                }
            }
        }
        None
    }

    #[test]
    fn every_layout_reads_reaches_every_action_and_no_key_means_two_things() {
        for layout in Layout::ALL {
            let read: BTreeMap<Action, Vec<Key>> =
                ron::from_str(layout.file()).unwrap_or_else(|error| panic!("{layout:?}: {error}"));
            assert_eq!(read.len(), Action::ALL.len(), "{layout:?}");
            let bindings = Bindings::of(&KeyChoice {
                layout,
                ..KeyChoice::default()
            });
            assert_eq!(clash(&bindings), None, "{layout:?}");
            for action in Action::ALL {
                let keys = bindings.keys(action);
                assert!(!keys.is_empty(), "{layout:?}: no key for {action:?}");
                for context in [Context::Raid, Context::Menu] {
                    for &key in keys.iter().filter(|_| action.is_for(context)) {
                        assert_eq!(bindings.action(key, context), Some(action));
                        assert!(context == Context::Raid || !types_digit(key), "{layout:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn all_actions_are_listed_once() {
        let mut all = Action::ALL.to_vec();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), Action::ALL.len());
        assert!(all.iter().all(|action| {
            [Context::Raid, Context::Menu]
                .into_iter()
                .any(|context| action.is_for(context))
        }));
    }

    #[test]
    fn a_key_that_is_taken_is_said_to_be_and_can_be_taken_over() {
        let mut choice = KeyChoice::default();
        let key = Key::Char('e');
        assert_eq!(
            choice.bind(Action::Grab, key, false),
            Err(BindError::Means(Action::Extract))
        );
        assert_eq!(choice, KeyChoice::default());
        assert_eq!(choice.bind(Action::Grab, key, true), Ok(()));
        let bindings = Bindings::of(&choice);
        assert_eq!(bindings.action(key, Context::Raid), Some(Action::Grab));
        // It had no other key, so it got the one that became free.
        assert_eq!(bindings.label(Action::Extract), "G");
        assert_eq!(clash(&bindings), None);
    }

    #[test]
    fn keys_of_menus_and_of_raids_do_not_disturb_each_other() {
        let mut choice = KeyChoice::default();
        assert_eq!(choice.bind(Action::Grab, Key::Char('r'), false), Ok(()));
        let bindings = Bindings::of(&choice);
        let at = |context| bindings.action(Key::Char('r'), context);
        assert_eq!(at(Context::Raid), Some(Action::Grab));
        assert_eq!(at(Context::Menu), Some(Action::Retry));
    }

    #[test]
    fn arrows_enter_and_escape_and_the_digits_of_seeds_stay() {
        let mut choice = KeyChoice::default();
        for (key, action) in [
            (Key::Named(Named::Up), Action::Grab),
            (Key::Named(Named::Escape), Action::Quit),
            (Key::Char('4'), Action::North),
        ] {
            assert_eq!(choice.bind(action, key, true), Err(BindError::Fixed));
        }
        assert_eq!(choice.bind(Action::Grab, Key::Char('4'), false), Ok(()));
        assert_eq!(Bindings::of(&choice).label(Action::Grab), "4");
    }

    #[test]
    fn whatever_is_bound_nothing_clashes_and_nothing_is_lost() {
        let mut chance: u64 = 7;
        let mut below = |n: usize| {
            chance = crate::raid::mix(chance, n as u64);
            (chance % n as u64) as usize
        };
        for layout in Layout::ALL {
            let mut choice = KeyChoice::default();
            choice.choose(layout);
            let keys: Vec<Key> = ('a'..='z').chain('0'..='9').map(Key::Char).collect();
            for _ in 0..400 {
                let action = Action::ALL[below(Action::ALL.len())];
                let key = keys[below(keys.len())];
                if below(9) == 0 {
                    choice.reset(action);
                } else if choice.bind(action, key, below(2) == 0).is_ok() {
                    assert!(Bindings::of(&choice).keys(action).contains(&key));
                }
                let bindings = Bindings::of(&choice);
                assert_eq!(clash(&bindings), None);
                assert!(Action::ALL.iter().all(|&a| !bindings.keys(a).is_empty()));
                let text = serde_json::to_string(&choice).expect("plain data");
                assert_eq!(
                    serde_json::from_str::<KeyChoice>(&text).expect(&text),
                    choice
                );
            }
        }
    }

    #[test]
    fn keys_that_clash_in_a_profile_do_not_count() {
        let text = r#"{"layout":"vi","changed":{"grab":"c","clear":"c"}}"#;
        let choice: KeyChoice = serde_json::from_str(text).expect("it reads");
        let mut plain = KeyChoice::default();
        plain.choose(Layout::Vi);
        assert_eq!(Bindings::of(&choice), Bindings::of(&plain));
        for wrong in [
            r#"{"layout":"dvorak"}"#,
            r#"{"changed":{"jump":"j"}}"#,
            r#"{"changed":{"grab":"shift"}}"#,
        ] {
            assert!(serde_json::from_str::<KeyChoice>(wrong).is_err(), "{wrong}");
        }
    }
}
