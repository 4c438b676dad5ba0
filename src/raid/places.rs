//! Where devices, gates, terminals and the key are built: drawn from the map's own stream of random numbers.

use super::rng::Stream;
use super::rules::{Rules, ZoneSpec};
use super::terminals::Terminal;
use super::{Device, Gate, SITE_ORDER};
use crate::labyrinth::{Cell, pfn_of};
use crate::mm::{Order, Pfn};

/// Cells of a square in which at most one place is built, so that places keep their distance.
pub(super) const LOT: u16 = 8;

/// Where everything built stands.
pub(super) struct Places {
    pub devices: Vec<Pfn>,
    pub gates: Vec<Pfn>,
    pub terminals: Vec<Pfn>,
    pub key: Pfn,
}

impl Places {
    /// Draws a lot for each place: gates along the border, devices and the key inside, at most one a lot.
    pub fn choose(zone: &ZoneSpec, map: &mut Stream) -> Self {
        let lots = zone.side / LOT;
        let mut border = Vec::new();
        let mut inner = Vec::new();
        for y in 0..lots {
            for x in 0..lots {
                let at_border = x == 0 || y == 0 || x == lots - 1 || y == lots - 1;
                if at_border { &mut border } else { &mut inner }.push((x, y));
            }
        }
        map.shuffle(&mut border);
        map.shuffle(&mut inner);
        let gates = spread(&border, zone.gates.len(), lots);
        // Terminals come last, so that a zone with more or fewer of them has its other places where they were.
        let devices = zone.devices.len();
        let mut wanted = spread(&inner, devices + 1 + zone.terminals.len(), lots);
        let terminals = wanted.split_off((devices + 1).min(wanted.len()));
        let key = wanted.pop().unwrap_or((0, 0));
        let gate_pfns = gates
            .into_iter()
            .map(|lot| border_site(lot, lots, map))
            .collect();
        let device_pfns = wanted.into_iter().map(|lot| inner_site(lot, map)).collect();
        let key_cell = Cell {
            x: key.0 * LOT + map.below(u32::from(LOT)) as u16,
            y: key.1 * LOT + map.below(u32::from(LOT)) as u16,
        };
        let terminal_pfns = terminals
            .into_iter()
            .map(|lot| inner_site(lot, map))
            .collect();
        Self {
            devices: device_pfns,
            gates: gate_pfns,
            terminals: terminal_pfns,
            key: pfn_of(key_cell),
        }
    }

    pub fn reserved(&self) -> Vec<(Pfn, Order)> {
        self.devices
            .iter()
            .chain(&self.gates)
            .chain(&self.terminals)
            .map(|&pfn| (pfn, SITE_ORDER))
            .chain([(self.key, 0)])
            .collect()
    }

    pub fn devices(&self, rules: &Rules, zone: &ZoneSpec) -> Vec<Device> {
        zone.devices
            .iter()
            .filter_map(|name| rules.device(name))
            .zip(&self.devices)
            .map(|(spec, &room)| Device {
                spec: spec.clone(),
                room,
                known: false,
                heard: false,
                request: None,
            })
            .collect()
    }

    pub fn gates(&self, zone: &ZoneSpec) -> Vec<Gate> {
        zone.gates
            .iter()
            .zip(&self.gates)
            .map(|(spec, &room)| Gate {
                spec: spec.clone(),
                room,
                open: true,
                warned: false,
            })
            .collect()
    }

    pub fn terminals(&self, zone: &ZoneSpec) -> Vec<Terminal> {
        zone.terminals
            .iter()
            .zip(&self.terminals)
            .map(|(&file, &room)| Terminal {
                file,
                room,
                read: None,
            })
            .collect()
    }
}

/// Takes `count` lots, each as far as can be from those taken before it; `lots` are in random order.
fn spread(lots: &[(u16, u16)], count: usize, across: u16) -> Vec<(u16, u16)> {
    let mut taken: Vec<(u16, u16)> = Vec::new();
    let mut apart = across;
    while taken.len() < count.min(lots.len()) {
        let next = lots.iter().find(|&&(x, y)| {
            !taken.contains(&(x, y))
                && taken
                    .iter()
                    .all(|&(ox, oy)| x.abs_diff(ox).max(y.abs_diff(oy)) >= apart)
        });
        match next {
            Some(&lot) => taken.push(lot),
            None => apart = apart.saturating_sub(1),
        }
    }
    taken
}

/// A 2x2 site in an inner lot.
fn inner_site(lot: (u16, u16), map: &mut Stream) -> Pfn {
    let slots = u32::from(LOT / 2);
    let x = lot.0 * LOT + 2 * map.below(slots) as u16;
    let y = lot.1 * LOT + 2 * map.below(slots) as u16;
    pfn_of(Cell { x, y })
}

/// A 2x2 site in a border lot, against the border.
fn border_site(lot: (u16, u16), lots: u16, map: &mut Stream) -> Pfn {
    let slots = u32::from(LOT / 2);
    let mut x = lot.0 * LOT + 2 * map.below(slots) as u16;
    let mut y = lot.1 * LOT + 2 * map.below(slots) as u16;
    let last = lots * LOT - 2;
    if lot.0 == 0 {
        x = 0;
    } else if lot.0 == lots - 1 {
        x = last;
    } else if lot.1 == 0 {
        y = 0;
    } else {
        y = last;
    }
    pfn_of(Cell { x, y })
}
