//! Rooms kept by hand: a tiling of the square that is not an allocator, for memories, lessons and pictures.

use super::rooms::Rooms;
use crate::mm::{Order, Pfn};

/// Rooms noted one by one. Whatever is put into it, its rooms stay aligned blocks that tile the square.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiling {
    side: u16,
    /// For each frame the order of the room it is in.
    orders: Vec<Order>,
}

impl Tiling {
    /// A square of `side * side` cells (a power of two) cut into rooms of `order`, or one room if that is larger.
    pub fn new(side: u16, order: Order) -> Self {
        debug_assert!(
            side.is_power_of_two(),
            "a side of {side} cells is no power of two"
        );
        let frames = usize::from(side) * usize::from(side);
        Self {
            side,
            orders: vec![order.min(frames.ilog2() as Order); frames],
        }
    }

    /// The rooms as they are now.
    pub fn of(rooms: &impl Rooms) -> Self {
        let mut tiling = Self::new(rooms.side(), 0);
        let mut pfn = 0;
        while (pfn as usize) < tiling.orders.len() {
            let (head, order) = rooms.room_at(pfn);
            tiling.put(head, order);
            pfn = head + (1 << order);
        }
        tiling
    }

    /// Makes the aligned block of `order` that holds `pfn` one room. Rooms inside it vanish; a room around it is
    /// split down to it as an allocator would. An order above the whole square's is taken as the whole square.
    pub fn put(&mut self, pfn: Pfn, order: Order) {
        let Some(&around) = self.orders.get(pfn as usize) else {
            return;
        };
        let order = order.min(self.orders.len().ilog2() as Order);
        for half in order..around {
            let buddy = (pfn ^ (1 << half)) & (u32::MAX << half);
            self.fill(buddy, half);
        }
        self.fill(pfn & (u32::MAX << order), order);
    }

    fn fill(&mut self, head: Pfn, order: Order) {
        let head = head as usize;
        self.orders[head..head + (1 << order)].fill(order);
    }
}

impl Rooms for Tiling {
    fn side(&self) -> u16 {
        self.side
    }

    fn room_at(&self, pfn: Pfn) -> (Pfn, Order) {
        let order = self.orders.get(pfn as usize).copied().unwrap_or(0);
        (pfn & (u32::MAX << order), order)
    }
    fn tiled(&self) -> bool {
        true
    }
}
