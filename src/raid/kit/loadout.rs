//! A kit: the items brought into one raid, by name.

use std::fmt;
use std::str::FromStr;

use super::{Armoury, Item};

/// The items of one raid, each at most once, by number. The empty one is the basic kit with nothing taken along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loadout {
    items: Vec<Item>,
}

/// Why a text or a list of items is no kit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KitError {
    /// There is no such item.
    #[error("found the item {found:?}, expected one of: {}", Item::ALL.map(Item::name).join(", "))]
    Unknown {
        /// The name, at most 40 characters of it.
        found: String,
    },
    /// An item a second time.
    #[error("found the item {0} twice, expected it once", item.name())]
    Doubled {
        /// Which.
        item: Item,
    },
    /// The items fill more slots than a kit has.
    #[error("the kit fills {found} slots, expected at most {slots} ({each})")]
    Slots {
        /// Slots the items fill.
        found: u32,
        /// Slots there are.
        slots: u32,
        /// What each fills, as words.
        each: String,
    },
}

impl Loadout {
    /// A kit of these items.
    ///
    /// # Errors
    ///
    /// If an item is there twice.
    pub fn of(items: impl IntoIterator<Item = Item>) -> Result<Self, KitError> {
        let mut items: Vec<Item> = items.into_iter().collect();
        items.sort_unstable();
        match items.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(KitError::Doubled { item: pair[0] }),
            None => Ok(Self { items }),
        }
    }

    /// The items, by number.
    pub fn items(&self) -> impl Iterator<Item = Item> + '_ {
        self.items.iter().copied()
    }

    /// True if an item is in it.
    pub fn has(&self, item: Item) -> bool {
        self.items.contains(&item)
    }

    /// True if nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Slots the items fill.
    pub fn slots(&self, armoury: &Armoury) -> u32 {
        self.items().map(|item| armoury.spec(item).slots).sum()
    }

    /// Checks that the items fit into a kit.
    ///
    /// # Errors
    ///
    /// [`KitError::Slots`] if they do not.
    pub fn fits(&self, armoury: &Armoury) -> Result<(), KitError> {
        let found = self.slots(armoury);
        if found <= armoury.slots {
            return Ok(());
        }
        let each: Vec<String> = self
            .items()
            .map(|item| format!("{} {}", item.name(), armoury.spec(item).slots))
            .collect();
        Err(KitError::Slots {
            found,
            slots: armoury.slots,
            each: each.join(", "),
        })
    }

    /// What is lost with a death: the items that have a price. Those of the basic kit are always there.
    #[must_use]
    pub fn at_stake(&self, armoury: &Armoury) -> Self {
        let items = self.items();
        let items = items.filter(|&item| armoury.spec(item).price.is_some());
        Self {
            items: items.collect(),
        }
    }

    /// The kit as a set of bits, by the items' numbers.
    pub(crate) fn bits(&self) -> u64 {
        self.items()
            .fold(0, |bits, item| bits | 1 << (item as u8 & 63))
    }

    /// The kit of these bits; `None` if a bit stands for no item.
    pub(crate) fn of_bits(bits: u64) -> Option<Self> {
        let numbers = (0..64).filter(|&number| bits >> number & 1 == 1);
        let items: Option<Vec<Item>> = numbers.map(Item::by_number).collect();
        Some(Self { items: items? })
    }
}

/// Names with commas between them; nothing at all for the empty kit.
impl fmt::Display for Loadout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.items().map(Item::name).collect();
        f.write_str(&names.join(","))
    }
}

impl FromStr for Loadout {
    type Err = KitError;

    fn from_str(text: &str) -> Result<Self, KitError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let items: Result<Vec<Item>, KitError> = text
            .split(',')
            .map(|name| {
                Item::by_name(name).ok_or_else(|| KitError::Unknown {
                    found: name.chars().take(40).collect(),
                })
            })
            .collect();
        Self::of(items?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raid::Rules;

    #[test]
    fn a_kit_reads_back_in_the_order_of_its_items() {
        let kit: Loadout = "kill,scan".parse().expect("a kit");
        assert_eq!(kit.to_string(), "scan,kill");
        assert_eq!(kit.to_string().parse(), Ok(kit.clone()));
        assert_eq!(Loadout::of_bits(kit.bits()), Some(kit));
        assert_eq!("".parse(), Ok(Loadout::default()));
        let all = Loadout::of(Item::ALL).expect("each once");
        assert_eq!(Loadout::of_bits(all.bits()), Some(all));
        assert_eq!(Loadout::of_bits(1 << 63), None);
    }

    #[test]
    fn other_texts_say_what_is_known() {
        let said = |text: &str| text.parse::<Loadout>().expect_err(text).to_string();
        assert_eq!(
            said("scan,scan"),
            "found the item scan twice, expected it once"
        );
        for text in ["scan,", ",", "Scan", "scan kill", "é"] {
            assert!(
                said(text).contains("expected one of: scan, drop_caches"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_kit_must_fit_and_what_has_a_price_is_at_stake() {
        let armoury = Rules::shipped().expect("the shipped rules").armoury;
        let all = Loadout::of(Item::ALL).expect("each once");
        let said = all.fits(&armoury).expect_err("too much").to_string();
        assert!(said.contains("expected at most"), "{said}");
        assert!(said.contains("scan 1, drop_caches 2"), "{said}");
        let kit: Loadout = "scan,drop_caches".parse().expect("a kit");
        assert_eq!(kit.fits(&armoury), Ok(()));
        assert_eq!(kit.at_stake(&armoury).to_string(), "drop_caches");
    }
}
