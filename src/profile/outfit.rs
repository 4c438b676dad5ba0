//! Getting ready for a raid: which zone, and what to bring; a list to choose from, without a screen.

use super::Profile;
use crate::mm::Order;
use crate::raid::{Item, Loadout, Rules};

/// The choices before a raid, and what was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outfit {
    zones: Vec<ZoneLine>,
    zone: usize,
    items: Vec<ItemLine>,
    slots: u32,
    /// An item that would be bought, chosen once.
    sure: Option<Item>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ZoneLine {
    name: String,
    /// What is missing until it opens.
    shut: Option<String>,
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
        Self::new(rules, profile, self.zone(), &self.loadout())
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

    /// Slots that are still free.
    pub fn free_slots(&self) -> u32 {
        let taken = self.items.iter().filter(|line| line.taken);
        self.slots
            .saturating_sub(taken.map(|line| line.slots).sum())
    }

    /// Which line begins the raid.
    pub fn start_at(&self) -> u8 {
        (self.zones.len() + self.items.len()) as u8
    }

    fn rows(&self) -> impl Iterator<Item = Row> {
        let zones = (0..self.zones.len()).map(Row::Zone);
        let items = (0..self.items.len()).map(Row::Item);
        zones.chain(items).chain([Row::Start, Row::Back])
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
            Some(Row::Start) => return Chosen::Start,
            Some(Row::Back) => return Chosen::Back,
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
