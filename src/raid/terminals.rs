//! Terminals: built rooms in which a file of `/proc` can be read by waiting there for a turn.
//!
//! What is read is true at the end of that turn, and ages from then on.

use super::rules::ProcFile;
use super::view::{PageUse, Scan, TerminalView, TypeScan, View};
use super::{Event, Raid, SITE_ORDER};
use crate::kernel_text::{BuddyLine, buddyinfo};
use crate::labyrinth::pfn_of;
use crate::mm::{BlockState, MigrateType, NR_PAGE_ORDERS, Order, PageFlags, Pfn};

/// A terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terminal {
    pub file: ProcFile,
    pub room: Pfn,
    /// When it was last read.
    pub read: Option<u32>,
}

impl Raid {
    /// The terminal the player stands in, by index.
    pub(super) fn terminal_here(&self) -> Option<usize> {
        let room = pfn_of(self.player.cell) >> SITE_ORDER << SITE_ORDER;
        self.terminals
            .iter()
            .position(|terminal| terminal.room == room)
    }

    /// Reads what the terminal shows, at the end of a turn in which the player waited there.
    pub(super) fn read_terminal(&mut self) {
        let Some(i) = self.terminal_here() else {
            return;
        };
        let file = self.terminals[i].file;
        self.terminals[i].read = Some(self.turn);
        self.events.push(Event::Read { file });
        match file {
            ProcFile::Buddyinfo => self.scan_free(),
            ProcFile::Pagetypeinfo => self.scan_types(),
            ProcFile::Vmstat => self.scan_uses(),
            ProcFile::Iomem => self.scan_devices(),
        }
    }

    /// Counts the free blocks of each order, as they are now.
    pub(super) fn scan_free(&mut self) {
        self.view.scan = Scan {
            turn: self.turn,
            free: self.memory.free_counts(),
        };
    }

    /// Counts the free blocks of each order and migrate type, and so those of each order.
    fn scan_types(&mut self) {
        let mut free = [[0; NR_PAGE_ORDERS]; MigrateType::COUNT];
        for list in MigrateType::ALL {
            for (order, count) in (0 as Order..).zip(&mut free[list as usize]) {
                *count = self.memory.nr_free_of(order, list);
            }
        }
        self.view.types = Some(TypeScan {
            turn: self.turn,
            free,
        });
        self.scan_free();
    }

    /// Counts pages by what they are used for.
    fn scan_uses(&mut self) {
        let mut uses = PageUse {
            turn: self.turn,
            ..PageUse::default()
        };
        for block in self.memory.blocks() {
            let pages = 1 << block.order;
            let BlockState::Allocated {
                migratetype, flags, ..
            } = block.state
            else {
                uses.free += pages;
                continue;
            };
            let part = if flags.contains(PageFlags::RESERVED) {
                continue;
            } else if migratetype == MigrateType::Reclaimable {
                if flags.contains(PageFlags::DIRTY) {
                    &mut uses.dirty
                } else {
                    &mut uses.clean
                }
            } else if migratetype == MigrateType::Movable && !flags.contains(PageFlags::PINNED) {
                &mut uses.anonymous
            } else {
                &mut uses.kernel
            };
            *part += pages;
        }
        self.view.uses = Some(uses);
    }

    /// Puts every device on the map.
    fn scan_devices(&mut self) {
        for i in 0..self.devices.len() {
            if !self.devices[i].known {
                self.devices[i].known = true;
                let device = self.devices[i].spec.name.clone();
                self.remember_site(self.devices[i].room);
                self.events.push(Event::DeviceFound { device });
            }
        }
    }

    pub(super) fn terminal_views(&self) -> Vec<TerminalView> {
        self.terminals
            .iter()
            .map(|terminal| TerminalView {
                file: terminal.file,
                room: (terminal.room, SITE_ORDER),
                read: terminal.read,
            })
            .collect()
    }
}

/// What was last read of a file, in its own form and one line each; empty if it was never read.
pub fn screen(view: &View, file: ProcFile) -> Vec<String> {
    match file {
        ProcFile::Buddyinfo => {
            let line = BuddyLine {
                node: 0,
                zone: view.zone_kernel_name.clone(),
                free: view.scan.free.map(u64::from),
            };
            vec![buddyinfo::print(&[line]).trim_end().to_string()]
        }
        ProcFile::Pagetypeinfo => view.types.as_ref().map_or_else(Vec::new, |scan| {
            MigrateType::ALL
                .into_iter()
                .map(|list| {
                    let row = scan.free[list as usize].map(|count| format!("{count:>4}"));
                    format!("{:<12}{}", list.name(), row.concat())
                })
                .collect()
        }),
        ProcFile::Vmstat => view.uses.map_or_else(Vec::new, |uses| {
            [
                ("nr_free_pages", uses.free),
                ("nr_inactive_file", uses.clean),
                ("nr_dirty", uses.dirty),
                ("nr_anon_pages", uses.anonymous),
                ("nr_slab_unreclaimable", uses.kernel),
            ]
            .map(|(name, pages)| format!("{name} {pages}"))
            .into()
        }),
        ProcFile::Iomem => view
            .devices
            .iter()
            .filter_map(|device| {
                let (pfn, order) = device.room?;
                Some(format!(
                    "{pfn:#06x}-{:#06x} : {}",
                    pfn + (1 << order) - 1,
                    device.name
                ))
            })
            .collect(),
    }
}
