//! Challenge modifiers: real parameters of the kernel's command line that change how a raid plays.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// A parameter, with its value where it takes one. What each does is in `assets/rules/modifiers.ron`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modifier {
    /// `page_poison=1`: whoever frees pages poisons them.
    PagePoison,
    /// `init_on_free=1`: whoever frees pages zeroes them.
    InitOnFree,
    /// `init_on_alloc=1`: whoever is granted pages zeroes them.
    InitOnAlloc,
    /// `nosmp`: one processor, for you and everybody else.
    Nosmp,
    /// `mem=NM`: so many MiB of the zone are memory, from the bottom.
    Mem(u32),
    /// `hugepages=N`: so many blocks as large as a pageblock are reserved at boot.
    Hugepages(u32),
    /// `panic_on_oom=1` (`vm.panic_on_oom`): no task is killed; the kernel panics.
    PanicOnOom,
    /// `watchdog_thresh=N`: seconds until a hard lockup, of 10.
    WatchdogThresh(u32),
}

/// Why a text or a list is no modifier, or cannot be one of this zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModifierError {
    /// There is no such parameter, or it has another value.
    #[error("found the modifier {found:?}, expected one of: {}", Modifier::FORMS.join(", "))]
    Unknown {
        /// The text, at most 40 characters of it.
        found: String,
    },
    /// A parameter a second time.
    #[error("found the modifier {0} twice, expected it once")]
    Doubled(Modifier),
    /// A value this zone cannot have.
    #[error("found the modifier {found}, expected {expected} in this zone")]
    Value {
        /// Which.
        found: Modifier,
        /// What it could be.
        expected: String,
    },
}

/// What a modifier says of itself, as data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModifierSpec {
    /// The parameter, without its value.
    pub name: String,
    /// What the score is multiplied by, in per mille.
    pub score_permille: u32,
    /// What it does to your raid, in a sentence.
    pub does: String,
    /// What it is in a real kernel, in a sentence.
    pub really: String,
}

impl ModifierSpec {
    /// What data must hold to, beyond its shape.
    pub(in crate::raid) fn check(&self) -> Result<(), String> {
        if (500..=3000).contains(&self.score_permille) {
            return Ok(());
        }
        Err(format!(
            "modifier {} has score_permille {}, expected 500 to 3000",
            self.name, self.score_permille
        ))
    }
}

/// Seconds the hard lockup detector waits unless told otherwise.
pub(crate) const WATCHDOG_THRESH: u32 = 10;

impl Modifier {
    /// How each is written, `N` for a number.
    pub const FORMS: [&str; 8] = [
        "page_poison=1",
        "init_on_free=1",
        "init_on_alloc=1",
        "nosmp",
        "mem=NM",
        "hugepages=N",
        "panic_on_oom=1",
        "watchdog_thresh=N",
    ];

    /// Its number in replay codes, which never changes; and its place in [`Self::FORMS`].
    pub const fn number(self) -> u8 {
        match self {
            Self::PagePoison => 0,
            Self::InitOnFree => 1,
            Self::InitOnAlloc => 2,
            Self::Nosmp => 3,
            Self::Mem(_) => 4,
            Self::Hugepages(_) => 5,
            Self::PanicOnOom => 6,
            Self::WatchdogThresh(_) => 7,
        }
    }

    /// Its value; 0 where it takes none.
    pub const fn value(self) -> u32 {
        match self {
            Self::Mem(value) | Self::Hugepages(value) | Self::WatchdogThresh(value) => value,
            _ => 0,
        }
    }

    /// A modifier by number and value; `None` if there is none, or it takes no such value anywhere.
    pub(crate) fn of(number: u8, value: u32) -> Option<Self> {
        let plain = |modifier| Some(modifier).filter(|_| value == 0);
        match number {
            0 => plain(Self::PagePoison),
            1 => plain(Self::InitOnFree),
            2 => plain(Self::InitOnAlloc),
            3 => plain(Self::Nosmp),
            4 => Some(Self::Mem(value)).filter(|_| value > 0),
            5 => Some(Self::Hugepages(value)).filter(|_| value > 0),
            6 => plain(Self::PanicOnOom),
            7 => {
                Some(Self::WatchdogThresh(value)).filter(|_| (1..WATCHDOG_THRESH).contains(&value))
            }
            _ => None,
        }
    }

    /// The parameter, without its value.
    pub fn name(self) -> &'static str {
        let form = Self::FORMS[usize::from(self.number())];
        form.split('=').next().unwrap_or(form)
    }
}

impl fmt::Display for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = Self::FORMS[usize::from(self.number())];
        f.write_str(&form.replace('N', &self.value().to_string()))
    }
}

impl FromStr for Modifier {
    type Err = ModifierError;

    fn from_str(text: &str) -> Result<Self, ModifierError> {
        let value: String = text.chars().filter(char::is_ascii_digit).collect();
        let candidates = (0..Self::FORMS.len() as u8).flat_map(|number| {
            let value = value.parse().unwrap_or(0);
            Self::of(number, value)
                .into_iter()
                .chain(Self::of(number, 0))
        });
        candidates
            .into_iter()
            .find(|modifier| modifier.to_string() == text)
            .ok_or_else(|| ModifierError::Unknown {
                found: text.chars().take(40).collect(),
            })
    }
}

/// The modifiers of one raid, each parameter at most once, by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Modifiers {
    list: Vec<Modifier>,
}

impl Modifiers {
    /// These modifiers.
    ///
    /// # Errors
    ///
    /// If a parameter is there twice.
    pub fn of(list: impl IntoIterator<Item = Modifier>) -> Result<Self, ModifierError> {
        let mut list: Vec<Modifier> = list.into_iter().collect();
        list.sort_by_key(|modifier| modifier.number());
        match list
            .windows(2)
            .find(|pair| pair[0].number() == pair[1].number())
        {
            Some(pair) => Err(ModifierError::Doubled(pair[1])),
            None => Ok(Self { list }),
        }
    }

    /// The modifiers, by number.
    pub fn list(&self) -> &[Modifier] {
        &self.list
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// True if this modifier is in force.
    pub fn has(&self, modifier: Modifier) -> bool {
        self.list.contains(&modifier)
    }

    /// The value of a parameter that is in force, by its number.
    fn value_of(&self, number: u8) -> Option<u32> {
        let mut list = self.list.iter();
        let found = list.find(|modifier| modifier.number() == number);
        found.map(|modifier| modifier.value())
    }

    /// `mem=`: MiB of memory.
    pub fn mem(&self) -> Option<u32> {
        self.value_of(Modifier::Mem(0).number())
    }

    /// `hugepages=`: blocks reserved at boot.
    pub fn hugepages(&self) -> u32 {
        self.value_of(Modifier::Hugepages(0).number()).unwrap_or(0)
    }

    /// `watchdog_thresh=`: seconds until a hard lockup.
    pub fn watchdog_thresh(&self) -> u32 {
        let value = self.value_of(Modifier::WatchdogThresh(0).number());
        value.unwrap_or(WATCHDOG_THRESH)
    }

    /// Checks the values against a zone of so many pages.
    ///
    /// # Errors
    ///
    /// [`ModifierError::Value`] names what would be expected.
    pub fn fit(&self, pages: u32, pageblock_order: u8) -> Result<(), ModifierError> {
        let wrong = |found, expected: String| Err(ModifierError::Value { found, expected });
        let mib = pages >> 8;
        if let Some(mem) = self.mem()
            && !(mib.div_ceil(2)..mib).contains(&mem)
        {
            let expected = format!("mem={}M to mem={}M", mib.div_ceil(2), mib - 1);
            return wrong(Modifier::Mem(mem), expected);
        }
        let most = (pages / 4) >> pageblock_order;
        if self.hugepages() > most {
            let expected = format!("at most hugepages={most}");
            return wrong(Modifier::Hugepages(self.hugepages()), expected);
        }
        Ok(())
    }
}

/// Commas between them; nothing at all for none.
impl fmt::Display for Modifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list: Vec<String> = self.list.iter().map(Modifier::to_string).collect();
        f.write_str(&list.join(","))
    }
}

impl FromStr for Modifiers {
    type Err = ModifierError;

    fn from_str(text: &str) -> Result<Self, ModifierError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let list: Result<Vec<Modifier>, ModifierError> = text.split(',').map(str::parse).collect();
        Self::of(list?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raid::Rules;

    #[test]
    fn modifiers_read_back_as_they_are_written() {
        let text = "page_poison=1,init_on_free=1,init_on_alloc=1,nosmp,mem=8M,hugepages=10,panic_on_oom=1,watchdog_thresh=5";
        let all: Modifiers = text.parse().expect("all of them");
        assert_eq!(all.to_string(), text);
        assert_eq!(all.list().len(), Modifier::FORMS.len());
        for (number, &modifier) in (0..).zip(all.list()) {
            assert_eq!(modifier.number(), number);
            assert_eq!(Modifier::of(number, modifier.value()), Some(modifier));
        }
        assert_eq!(
            (all.mem(), all.hugepages(), all.watchdog_thresh()),
            (Some(8), 10, 5)
        );
        let other = "nosmp,mem=8M".parse::<Modifiers>().expect("two");
        assert_eq!("mem=8M,nosmp".parse(), Ok(other));
    }

    #[test]
    fn other_texts_say_what_is_known() {
        for text in [
            "smp",
            "nosmp=1",
            "mem=8",
            "mem=08M",
            "mem=0M",
            "mem=M",
            "mem=+8M",
            "page_poison",
            "page_poison=2",
            "hugepages=",
            "watchdog_thresh=10",
            "watchdog_thresh=0",
            "é",
            ",",
            "hugepages=99999999999",
        ] {
            let said = text.parse::<Modifiers>().expect_err(text).to_string();
            assert!(said.contains("expected one of: page_poison=1"), "{said}");
        }
        let said = "mem=8M,mem=9M".parse::<Modifiers>().expect_err("two");
        assert_eq!(
            said.to_string(),
            "found the modifier mem=9M twice, expected it once"
        );
    }

    #[test]
    fn values_must_fit_the_zone_and_every_modifier_is_told() {
        let fit = |text: &str| {
            let modifiers: Modifiers = text.parse().expect("modifiers");
            modifiers.fit(4096, 4).map_err(|error| error.to_string())
        };
        assert_eq!(fit("mem=8M,hugepages=64"), Ok(()));
        for (text, expected) in [
            ("mem=7M", "mem=8M to mem=15M"),
            ("mem=16M", "mem=8M to mem=15M"),
            ("hugepages=65", "at most hugepages=64"),
        ] {
            let said = fit(text).expect_err(text);
            assert!(said.contains(text) && said.contains(expected), "{said}");
        }
        let told = Rules::shipped().expect("the shipped rules").modifiers;
        let names: Vec<&str> = told.iter().map(|spec| spec.name.as_str()).collect();
        let all = (0..8).filter_map(|number| Modifier::of(number, 0).or(Modifier::of(number, 5)));
        assert_eq!(names, all.map(Modifier::name).collect::<Vec<_>>());
        assert!(told.iter().all(|spec| spec.check().is_ok()));
        let mut wrong = told[0].clone();
        wrong.score_permille = 0;
        assert!(wrong.check().is_err_and(|why| why.contains("page_poison")));
    }
}
