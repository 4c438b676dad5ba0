//! Getting ready for a raid: which zone, and what to bring; a list to choose from, without a screen.

use super::Profile;
use crate::mm::Order;
use crate::raid::{Item, Loadout, Modifier, Modifiers, Rules, ZoneSpec};

/// The choices before a raid, and what was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outfit {
    zones: Vec<ZoneLine>,
    zone: usize,
    items: Vec<ItemLine>,
    slots: u32,
    challenges: Vec<ChallengeLine>,
    /// The list shows the challenges.
    turned: bool,
    /// An item that would be bought, chosen once.
    sure: Option<Item>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ZoneLine {
    name: String,
    /// What is missing until it opens.
    shut: Option<String>,
    /// The modifiers there are for it, each with a value that fits, by number.
    modifiers: Vec<Modifier>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ChallengeLine {
    /// The parameter, without its value.
    name: String,
    does: String,
    score_permille: u32,
    taken: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ItemLine {
    item: Item,
    does: String,
    slots: u32,
    price: Option<Order>,
    owned: u32,
    /// There is a block to pay with.
    payable: bool,
    taken: bool,
}

impl ItemLine {
    /// It can be brought.
    fn there(&self) -> bool {
        self.price.is_none() || self.owned > 0
    }
}

/// What came of choosing a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// Nothing but what [`Outfit::lines`] and [`Outfit::note`] now say.
    Noted,
    /// The list is another one now.
    Turned,
    /// Buy this item, and make the outfit anew with [`Outfit::again`].
    Buy(Item),
    /// Begin the raid.
    Start,
    /// Go back.
    Back,
}

/// One line of the list.
#[derive(Clone, Copy)]
enum Row {
    Zone(usize),
    Item(usize),
    Challenge(usize),
    Challenges,
    Start,
    Back,
}

impl Outfit {
    /// The choices a player has. The zone and the kit are taken up if they can be.
    pub fn new(rules: &Rules, profile: &Profile, zone: &str, kit: &Loadout) -> Self {
        let home = profile.home();
        let best = home.stash().first().map(|block| block.order);
        let zones: Vec<ZoneLine> = rules
            .zones
            .iter()
            .map(|zone| ZoneLine {
                name: zone.name.clone(),
                shut: profile.how_to_open(rules, &zone.name),
                modifiers: modifiers_of(zone),
            })
            .collect();
        let open = |line: &ZoneLine| line.shut.is_none();
        let wanted = zones
            .iter()
            .position(|line| line.name == zone && open(line));
        let items = rules.armoury.items.iter().map(|spec| ItemLine {
            item: spec.item,
            does: spec.does.clone(),
            slots: spec.slots,
            price: spec.price,
            owned: home.owns(spec.item.name()),
            payable: spec.price.is_some_and(|price| best >= Some(price)),
            taken: false,
        });
        let mut outfit = Self {
            zone: wanted
                .or_else(|| zones.iter().position(open))
                .unwrap_or_default(),
            zones,
            items: items.collect(),
            slots: rules.armoury.slots,
            challenges: rules
                .modifiers
                .iter()
                .map(|spec| ChallengeLine {
                    name: spec.name.clone(),
                    does: spec.does.clone(),
                    score_permille: spec.score_permille,
                    taken: false,
                })
                .collect(),
            turned: false,
            sure: None,
        };
        for item in kit.items() {
            if let Some(place) = outfit.items.iter().position(|line| line.item == item) {
                outfit.take(place);
            }
        }
        outfit
    }

    /// The same choices after something was bought.
    #[must_use]
    pub fn again(&self, rules: &Rules, profile: &Profile) -> Self {
        let mut again = Self::new(rules, profile, self.zone(), &self.loadout());
        again.challenges.clone_from(&self.challenges);
        again
    }

    /// Name of the zone that is chosen.
    pub fn zone(&self) -> &str {
        self.zones.get(self.zone).map_or("", |line| &line.name)
    }

    /// The kit that is chosen.
    pub fn loadout(&self) -> Loadout {
        let taken = self.items.iter().filter(|line| line.taken);
        Loadout::of(taken.map(|line| line.item)).unwrap_or_default()
    }

    /// The challenge modifiers that are chosen, with the values that fit the zone.
    pub fn modifiers(&self) -> Modifiers {
        let taken = self.challenges.iter().filter(|line| line.taken);
        let chosen = taken.filter_map(|line| self.modifier(line));
        Modifiers::of(chosen).unwrap_or_default()
    }

    /// A challenge with the value that fits the zone that is chosen.
    fn modifier(&self, line: &ChallengeLine) -> Option<Modifier> {
        let mut there = self.zones.get(self.zone)?.modifiers.iter();
        there.find(|modifier| modifier.name() == line.name).copied()
    }

    /// Number of lines.
    pub fn count(&self) -> u8 {
        self.rows().count() as u8
    }

    /// True while the list shows the challenges.
    pub fn is_turned(&self) -> bool {
        self.turned
    }

    /// Goes back: from the challenges to the rest, from there to where one came from.
    pub fn back(&mut self) -> Chosen {
        self.sure = None;
        if std::mem::take(&mut self.turned) {
            Chosen::Turned
        } else {
            Chosen::Back
        }
    }

    /// Slots that are still free.
    pub fn free_slots(&self) -> u32 {
        let taken = self.items.iter().filter(|line| line.taken);
        self.slots
            .saturating_sub(taken.map(|line| line.slots).sum())
    }

    /// Which line begins the raid, or ends the list of challenges.
    pub fn start_at(&self) -> u8 {
        let start = |row| matches!(row, Row::Start | Row::Back);
        self.rows().position(start).unwrap_or_default() as u8
    }

    fn rows(&self) -> impl Iterator<Item = Row> {
        let (here, there) = if self.turned {
            (0, self.challenges.len())
        } else {
            (1, 0)
        };
        let zones = (0..self.zones.len() * here).map(Row::Zone);
        let items = (0..self.items.len() * here).map(Row::Item);
        let challenges = (0..there).map(Row::Challenge);
        let last = [Row::Challenges, Row::Start].into_iter().take(2 * here);
        zones
            .chain(items)
            .chain(challenges)
            .chain(last)
            .chain([Row::Back])
    }

    fn row(&self, place: u8) -> Option<Row> {
        self.rows().nth(usize::from(place))
    }

    /// The list: zones, items, begin, back.
    pub fn lines(&self) -> Vec<String> {
        self.rows().map(|row| self.line(row)).collect()
    }

    fn line(&self, row: Row) -> String {
        match row {
            Row::Zone(i) => {
                let line = &self.zones[i];
                let mark = match (&line.shut, i == self.zone) {
                    (Some(_), _) => "-",
                    (None, true) => "*",
                    (None, false) => " ",
                };
                let state = if line.shut.is_some() { "shut" } else { "" };
                format!("({mark}) zone {:<12}{state}", line.name)
                    .trim_end()
                    .into()
            }
            Row::Item(i) => {
                let line = &self.items[i];
                let name = line.item.name();
                if self.sure == Some(line.item) {
                    let price = line.price.unwrap_or_default();
                    return format!("    buy {name} for an order {price} block?");
                }
                let mark = match (line.taken, line.there()) {
                    (true, _) => "[x]",
                    (false, true) => "[ ]",
                    (false, false) => " - ",
                };
                let state = match (line.price, line.owned) {
                    (None, _) => "basic".to_string(),
                    (Some(price), 0) => format!("order {price}"),
                    (Some(_), owned) => format!("{owned} owned"),
                };
                format!(
                    "{mark} {name:<16}{} {state}",
                    "#".repeat(line.slots as usize)
                )
            }
            Row::Challenge(i) => {
                let line = &self.challenges[i];
                let mark = if line.taken { "[x]" } else { "[ ]" };
                let written = self
                    .modifier(line)
                    .map_or_else(|| line.name.clone(), |modifier| modifier.to_string());
                let (whole, part) = (line.score_permille / 1000, line.score_permille % 1000 / 10);
                format!("{mark} {written:<20}x {whole}.{part:02}")
            }
            Row::Challenges => match self.modifiers() {
                none if none.is_empty() => "Challenges: none".into(),
                few if few.list().len() < 3 => format!("Challenges: {few}"),
                many => format!("Challenges: {} chosen", many.list().len()),
            },
            Row::Start => format!("Begin in {}, {} slots free", self.zone(), self.free_slots()),
            Row::Back => "Back".into(),
        }
    }

    /// More about a line: what opens the zone, what the item does, why it cannot be brought.
    pub fn note(&self, place: u8) -> Option<String> {
        match self.row(place)? {
            Row::Zone(i) => {
                let line = &self.zones[i];
                line.shut
                    .as_ref()
                    .map(|shut| format!("{} {shut}.", line.name))
            }
            Row::Item(i) => {
                let line = &self.items[i];
                let does = &line.does;
                Some(match line.price {
                    _ if line.taken => does.clone(),
                    _ if line.there() && line.slots > self.free_slots() => {
                        format!("{does} It fills {} slots, more than are free.", line.slots)
                    }
                    Some(price) if !line.there() && !line.payable => {
                        format!("{does} It costs one block of order {price}, which you have not.")
                    }
                    Some(_) => format!("{does} It is lost with a death."),
                    None => does.clone(),
                })
            }
            Row::Challenge(i) => Some(self.challenges[i].does.clone()),
            Row::Challenges => {
                Some("Parameters of the kernel that change the raid and its score.".into())
            }
            Row::Start | Row::Back => None,
        }
    }

    /// Chooses a line.
    pub fn choose(&mut self, place: u8) -> Chosen {
        let sure = self.sure.take();
        match self.row(place) {
            Some(Row::Zone(i)) if self.zones[i].shut.is_none() => self.zone = i,
            Some(Row::Zone(_)) | None => {}
            Some(Row::Item(i)) => {
                let line = &self.items[i];
                if line.there() {
                    self.take(i);
                } else if line.payable {
                    if sure == Some(line.item) {
                        return Chosen::Buy(line.item);
                    }
                    self.sure = Some(line.item);
                }
            }
            Some(Row::Challenge(i)) => {
                let line = &mut self.challenges[i];
                line.taken = !line.taken;
            }
            Some(Row::Challenges) => {
                self.turned = true;
                return Chosen::Turned;
            }
            Some(Row::Start) => return Chosen::Start,
            Some(Row::Back) => return self.back(),
        }
        Chosen::Noted
    }

    /// Forgets what was chosen once; another line was looked at.
    pub fn hesitate(&mut self) {
        self.sure = None;
    }

    /// Takes an item along if it fits, or puts it back.
    fn take(&mut self, i: usize) {
        let free = self.free_slots();
        let line = &mut self.items[i];
        line.taken = !line.taken && line.there() && line.slots <= free;
    }
}

/// The modifiers that can be chosen in a zone, each once, by number: half of memory, half of what could be reserved,
/// half of the watchdog's turns.
fn modifiers_of(zone: &ZoneSpec) -> Vec<Modifier> {
    let pages = u32::from(zone.side) * u32::from(zone.side);
    let huge = (pages / 8) >> zone.pageblock_order;
    let all = [
        Modifier::PagePoison,
        Modifier::InitOnFree,
        Modifier::InitOnAlloc,
        Modifier::Nosmp,
        Modifier::Mem((pages >> 8).div_ceil(2)),
        Modifier::Hugepages(huge),
        Modifier::PanicOnOom,
        Modifier::WatchdogThresh(5),
    ];
    let fits = |modifier: &Modifier| {
        Modifiers::of([*modifier]).is_ok_and(|one| one.fit(pages, zone.pageblock_order).is_ok())
    };
    all.into_iter().filter(fits).collect()
}
