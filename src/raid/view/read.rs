//! Reading a view: cells, edges, and what stands where.

use super::super::CURRENT;
use super::super::kit::Item;
use super::super::outcome::Held;
use super::{BodyView, CellView, Gauge, Knowledge, Me, MinotaurView, RoomKind, Scan, Site, View};
use crate::labyrinth::{Cell, Dir, Edge, Grid, Rooms, cell_of};
use crate::mm::{NR_PAGE_ORDERS, Order, Pfn, Watermarks};

impl Me {
    /// Pages in the bag: those of blocks you hold and have walked into.
    pub fn mapped_pages(&self) -> u32 {
        let mapped = self.held.iter().filter(|held| held.mapped);
        mapped.map(Held::pages).sum()
    }

    /// How often an item can still be used; 0 if it was not brought.
    pub fn uses_left(&self, item: Item) -> u32 {
        let brought = self.kit.iter().find(|&&(brought, _)| brought == item);
        brought.map_or(0, |&(_, left)| left)
    }
}

impl View {
    /// The same zone as somebody in its middle would have it who knows nothing of it yet: for pictures of a labyrinth that is no raid.
    #[must_use]
    pub fn unseen(&self) -> Self {
        let middle = self.grid.side() / 2;
        let mut view = Self::empty(self.grid);
        view.zone.clone_from(&self.zone);
        view.zone_kernel_name.clone_from(&self.zone_kernel_name);
        view.me.cell = Cell {
            x: middle,
            y: middle,
        };
        view
    }

    /// A view in which nothing is known yet.
    pub(in crate::raid) fn empty(grid: Grid) -> Self {
        Self {
            turn: 0,
            zone: String::new(),
            zone_kernel_name: String::new(),
            seed: 0,
            grid,
            pageblock_order: 0,
            gauge: Gauge {
                free: 0,
                pages: 0,
                atomic: 0,
                marks: Watermarks {
                    min: 0,
                    low: 0,
                    high: 0,
                    promo: 0,
                },
            },
            me: Me {
                cell: Cell { x: 0, y: 0 },
                refs: 0,
                refs_max: 0,
                held: Vec::new(),
                isolate_charges: 0,
                isolation: None,
                isolated_since: 0,
                key: false,
                pool: None,
                huge: None,
                swap: false,
                decoy: None,
                lock: None,
                zeroing: Vec::new(),
                freeing_turns: [0; NR_PAGE_ORDERS],
                kit: Vec::new(),
                evicted_by: None,
                evicted_in: 0,
                work: None,
            },
            cells: vec![CellView::UNKNOWN; usize::from(grid.side()) * usize::from(grid.side())],
            known: Vec::new(),
            scan: Scan {
                turn: 0,
                free: [0; NR_PAGE_ORDERS],
            },
            types: None,
            uses: None,
            seen_free: [0; NR_PAGE_ORDERS],
            remembered_free: [0; NR_PAGE_ORDERS],
            devices: Vec::new(),
            gates: Vec::new(),
            terminals: Vec::new(),
            key_cell: None,
            key_bearing: None,
            names: Vec::new(),
            bodies: Vec::new(),
            transfers: Vec::new(),
            badness: Vec::new(),
            minotaur: MinotaurView::Asleep,
            kswapd_awake: false,
            watchdog: (0, 0),
            outcome: None,
        }
    }

    /// What is known of a cell.
    pub fn cell(&self, cell: Cell) -> &CellView {
        &self.cells[self.grid.index(cell)]
    }

    /// Turns since what is known of a cell was last true: 0 for what is in sight, `None` for what was never seen.
    pub fn age(&self, cell: Cell) -> Option<u32> {
        let known = self.cell(cell);
        (known.knowledge != Knowledge::Unknown).then(|| self.turn.saturating_sub(known.turn))
    }

    /// The room you stand in.
    pub fn here(&self) -> &CellView {
        self.cell(self.me.cell)
    }

    /// The edge between a cell and its neighbour, as it was last seen from either side; `None` if never seen.
    ///
    /// Who sees a cell sees its walls and doors, though not what is behind them.
    pub fn edge(&self, cell: Cell, dir: Dir) -> Option<Edge> {
        let Some(next) = self.grid.step(cell, dir) else {
            return Some(Edge::Outside);
        };
        let (a, b) = (self.cell(cell), self.cell(next));
        let known = |side: &CellView| side.knowledge != Knowledge::Unknown;
        if !known(a) && !known(b) {
            None
        } else if !known(b) || known(a) && a.turn >= b.turn {
            Some(a.edges[dir as usize])
        } else {
            Some(b.edges[dir.opposite() as usize])
        }
    }

    /// The name of a task, or of you.
    pub fn name_of(&self, pid: u16) -> String {
        if pid == CURRENT {
            return "you".into();
        }
        let name = self.names.iter().find(|(of, _)| *of == pid);
        name.map_or_else(|| "the kernel".into(), |(_, name)| name.clone())
    }

    /// The device you stand at, by index.
    pub fn device_here(&self) -> Option<usize> {
        match self.here().kind {
            RoomKind::Reserved(Site::Device(i)) => Some(usize::from(i)),
            _ => None,
        }
    }

    /// The gate you stand on, by index.
    pub fn gate_here(&self) -> Option<usize> {
        match self.here().kind {
            RoomKind::Reserved(Site::Gate(i)) => Some(usize::from(i)),
            _ => None,
        }
    }

    /// The terminal you stand in, by index.
    pub fn terminal_here(&self) -> Option<usize> {
        match self.here().kind {
            RoomKind::Reserved(Site::Terminal(i)) => Some(usize::from(i)),
            _ => None,
        }
    }

    /// The body in a cell, if one is in sight there.
    pub fn body_at(&self, cell: Cell) -> Option<&BodyView> {
        self.bodies
            .iter()
            .find(|body| body.cell == cell && body.turn == self.turn)
    }
}

/// The rooms a player believes in; a cell never seen counts as a room of one page.
impl Rooms for View {
    fn side(&self) -> u16 {
        self.grid.side()
    }

    fn room_at(&self, pfn: Pfn) -> (Pfn, Order) {
        let known = self.cell(cell_of(pfn));
        if known.knowledge == Knowledge::Unknown {
            (pfn, 0)
        } else {
            (known.room, known.order)
        }
    }
}
