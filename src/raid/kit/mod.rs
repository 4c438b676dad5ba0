//! What can be brought into a raid: items, each a real interface of the kernel, the loadout they make, and modifiers.

mod loadout;
mod modifier;

use serde::Deserialize;

pub use loadout::{KitError, Loadout};
pub(crate) use modifier::WATCHDOG_THRESH;
pub use modifier::{Modifier, ModifierError, ModifierSpec, Modifiers};

use crate::mm::Order;

/// An item. What it does is in `raid::items`; what it costs is in `assets/rules/items.ron`.
///
/// The numbers stand in replay codes: they never change, and no number is used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Item {
    /// `/proc/buddyinfo`, read once: the true counts of free blocks, which age from then on.
    Scan = 0,
    /// `/proc/sys/vm/drop_caches`: all clean page cache is freed.
    DropCaches = 1,
    /// `/proc/sys/vm/compact_memory`: one full pass of compaction.
    CompactMemory = 2,
    /// One more isolate charge.
    Isolate = 3,
    /// `/proc/PID/oom_score_adj`: your own is lowered by [`ItemSpec::amount`], or that of a task you see raised to
    /// 1000.
    OomScoreAdj = 4,
    /// `mempool_create_page_pool()`: a block as large as a pageblock, set aside before the raid, serves one `NULL`.
    Mempool = 5,
    /// `fork()`: a child that hunters and the OOM killer take for you, for [`ItemSpec::amount`] turns.
    Fork = 6,
    /// `lock_page()` on the room you stand in: nobody else comes in while you stay.
    PageLock = 7,
    /// `kill -9` on a task in sight.
    Kill = 8,
    /// `swapon`: from then on anonymous rooms are cleared by swapping them out.
    Swapon = 9,
    /// `vm.min_free_kbytes`: [`ItemSpec::amount`] per cent of what the kernel's formula gives.
    MinFreeKbytes = 10,
    /// `hugepages=1`: a block as large as a pageblock, set aside before the raid, which can be given back.
    NrHugepages = 11,
    /// `get_page()` on yourself: [`ItemSpec::amount`] references more.
    GetPage = 12,
    /// `touch_nmi_watchdog()`: [`ItemSpec::amount`] turns more until the hard lockup.
    TouchWatchdog = 13,
}

/// What an item wants to be used on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Nothing: it works by being there, and cannot be used.
    Passive,
    /// Nothing.
    Nobody,
    /// A task.
    Task,
    /// A task, or, if none is named, you.
    TaskOrSelf,
}

impl Item {
    /// Every item, in the order of their numbers.
    pub const ALL: [Self; 14] = [
        Self::Scan,
        Self::DropCaches,
        Self::CompactMemory,
        Self::Isolate,
        Self::OomScoreAdj,
        Self::Mempool,
        Self::Fork,
        Self::PageLock,
        Self::Kill,
        Self::Swapon,
        Self::MinFreeKbytes,
        Self::NrHugepages,
        Self::GetPage,
        Self::TouchWatchdog,
    ];

    /// Its name in commands, kits and journals: lower-case letters and `_`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::DropCaches => "drop_caches",
            Self::CompactMemory => "compact_memory",
            Self::Isolate => "isolate",
            Self::OomScoreAdj => "oom_score_adj",
            Self::Mempool => "mempool",
            Self::Fork => "fork",
            Self::PageLock => "page_lock",
            Self::Kill => "kill",
            Self::Swapon => "swapon",
            Self::MinFreeKbytes => "min_free_kbytes",
            Self::NrHugepages => "nr_hugepages",
            Self::GetPage => "get_page",
            Self::TouchWatchdog => "touch_watchdog",
        }
    }

    /// An item by its name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|item| item.name() == name)
    }

    /// An item by its number in replay codes.
    pub fn by_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|&item| item as u8 == number)
    }

    /// What it is used on.
    pub const fn target(self) -> Target {
        match self {
            Self::Isolate | Self::Mempool | Self::MinFreeKbytes => Target::Passive,
            Self::Kill => Target::Task,
            Self::OomScoreAdj => Target::TaskOrSelf,
            _ => Target::Nobody,
        }
    }
}

/// What an item costs and says of itself, as data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemSpec {
    /// Which.
    pub item: Item,
    /// The real interface: a file, a call, a command.
    pub source: String,
    /// What it does to you and your raid, in a sentence.
    pub does: String,
    /// What it is in a real kernel, in a sentence.
    pub really: String,
    /// Slots of the kit it fills.
    pub slots: u32,
    /// How often it can be used in a raid; 0 for what works by being there.
    pub uses: u32,
    /// Turns one use takes.
    pub turns: u32,
    /// Noise of one use.
    pub noise: u32,
    /// Its one figure, where it has one; [`Item`] says what it means.
    pub amount: u32,
    /// Its price: one block of this order. `None`: it belongs to the basic kit, which everybody owns.
    pub price: Option<Order>,
}

/// The items and how many slots a kit has, as `assets/rules/items.ron` has them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Armoury {
    /// Slots of a kit.
    pub slots: u32,
    /// Every item once, by number.
    pub items: Vec<ItemSpec>,
}

impl Armoury {
    /// The figures of an item.
    ///
    /// # Panics
    ///
    /// If the items were not checked: [`super::Rules::parse`] has done so.
    pub fn spec(&self, item: Item) -> &ItemSpec {
        let spec = self.items.iter().find(|spec| spec.item == item);
        spec.expect("every item has its figures: Armoury::check")
    }

    /// What data must hold to, beyond its shape.
    ///
    /// # Errors
    ///
    /// Names the item and what was expected.
    pub(super) fn check(&self) -> Result<(), String> {
        let listed = self.items.iter().map(|spec| spec.item);
        if !listed.eq(Item::ALL) {
            let all = Item::ALL.map(Item::name).join(", ");
            return Err(format!("expected each item once, in this order: {all}"));
        }
        for spec in &self.items {
            let name = spec.item.name();
            if spec.slots == 0 || spec.slots > self.slots {
                return Err(format!(
                    "item {name} fills {} slots, expected 1 to {}",
                    spec.slots, self.slots
                ));
            }
            let passive = spec.item.target() == Target::Passive;
            if passive != (spec.uses == 0) || passive != (spec.turns == 0) {
                return Err(format!(
                    "item {name} has {} uses of {} turns, expected {}",
                    spec.uses,
                    spec.turns,
                    if passive { "none" } else { "at least one each" }
                ));
            }
            if [&spec.source, &spec.does, &spec.really]
                .iter()
                .any(|text| text.is_empty())
            {
                return Err(format!(
                    "item {name} leaves out what it is, expected source, does and really"
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raid::Rules;

    #[test]
    fn names_and_numbers_lead_back_to_their_items() {
        for item in Item::ALL {
            assert_eq!(Item::by_name(item.name()), Some(item));
            assert_eq!(Item::by_number(item as u8), Some(item));
            assert!((item as u8) < 64, "a kit is a set of 64 bits in codes");
        }
        assert!(Item::ALL.is_sorted());
        assert_eq!(Item::by_name("sledgehammer"), None);
    }

    #[test]
    fn items_that_cannot_be_are_refused_by_name() {
        let shipped = Rules::shipped().expect("the shipped rules").armoury;
        let refused = |change: &dyn Fn(&mut Armoury)| {
            let mut armoury = shipped.clone();
            change(&mut armoury);
            armoury.check().expect_err("this cannot be")
        };
        assert_eq!(shipped.check(), Ok(()));
        let said = refused(&|armoury| armoury.items.swap(0, 1));
        assert!(said.contains("expected each item once"), "{said}");
        let said = refused(&|armoury| armoury.items[1].slots = 9);
        assert!(said.contains("drop_caches fills 9 slots"), "{said}");
        let said = refused(&|armoury| armoury.items[0].uses = 0);
        assert!(said.contains("scan has 0 uses"), "{said}");
        let said = refused(&|armoury| armoury.items[2].really.clear());
        assert!(said.contains("compact_memory leaves out"), "{said}");
    }
}
