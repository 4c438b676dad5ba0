//! What runs by the clock: interrupts, isolation, gates and the watchdog.

use super::outcome::Cause;
use super::view::Request;
use super::{Event, GateRule, Raid};

impl Raid {
    /// Interrupts expire, then rise.
    pub(super) fn run_interrupts(&mut self) {
        for i in 0..self.devices.len() {
            if let Some(request) = self.devices[i].request
                && request.expires <= self.turn
            {
                self.devices[i].request = None;
                let device = self.devices[i].spec.name.clone();
                self.events.push(Event::IrqExpired {
                    device,
                    order: request.order,
                });
            }
        }
        for i in 0..self.devices.len() {
            if self.devices[i].request.is_none()
                && self.loot.chance(self.zone.interrupts.rise_permille)
            {
                self.raise(i);
            }
        }
    }

    /// Raises an interrupt: its order is drawn around E, the largest order of which a free block exists. What stands
    /// when you come in is drawn with weights of its own.
    pub(super) fn raise(&mut self, i: usize) {
        let interrupts = &self.zone.interrupts;
        let (below, at, above, beyond) = if self.turn == 0 {
            interrupts.first_weights
        } else {
            interrupts.edge_weights
        };
        let edge = u32::from(self.memory.largest_free_order().unwrap_or(0));
        let drawn = edge + self.loot.weighted(&[below, at, above, beyond]) as u32;
        let spec = &self.devices[i].spec;
        let (least, most) = (u32::from(spec.orders.0).max(1), u32::from(spec.orders.1));
        let order = drawn.saturating_sub(1).clamp(least, most.max(least)) as u8;
        let request = Request {
            order,
            gfp: spec.gfp,
            demand: self.demand_of(i),
            expires: self.turn + self.zone.interrupts.expires,
            irq: spec.irq,
        };
        let event = Event::Irq {
            irq: spec.irq,
            device: spec.name.clone(),
            order,
            gfp: spec.gfp,
            demand: request.demand,
        };
        self.devices[i].request = Some(request);
        self.devices[i].heard = true;
        self.events.push(event);
    }

    /// An isolation that has run its time ends: the pageblocks go back to what they were.
    pub(super) fn run_isolation(&mut self) {
        let Some(isolation) = self.player.isolation else {
            return;
        };
        if isolation.until <= self.turn {
            self.player.isolation = None;
            self.memory
                .unisolate(isolation.pfn, isolation.order, &mut self.memory_events);
            self.book_memory(0);
            self.events.push(Event::IsolationEnded);
        }
    }

    /// Gates open and close by their rules; each says so at least a turn before it closes.
    pub(super) fn run_gates(&mut self) {
        let low = self.memory.boosted_watermarks().low;
        let free = self.memory.nr_free_pages();
        for i in 0..self.gates.len() {
            let (rule, was) = (self.gates[i].spec.rule, self.gates[i].open);
            let mut open = self.gate_is_open(rule, was);
            match rule {
                GateRule::Until(turn) => {
                    let left = turn.saturating_sub(self.turn);
                    if self.zone.gate_warnings.contains(&left) {
                        let gate = self.gates[i].spec.name.clone();
                        self.events.push(Event::GateWarns { gate, left });
                    }
                }
                GateRule::AboveLow if self.gate_is_open(rule, false) => {
                    self.gates[i].warned = false;
                }
                GateRule::AboveLow if was && !self.gates[i].warned => {
                    open = true;
                    self.gates[i].warned = true;
                    let gate = self.gates[i].spec.name.clone();
                    self.events.push(Event::GateFalters { gate, free, low });
                }
                GateRule::AboveLow | GateRule::Key => {}
            }
            if open != was {
                self.gates[i].open = open;
                let gate = self.gates[i].spec.name.clone();
                self.events.push(if open {
                    Event::GateOpened { gate }
                } else {
                    Event::GateClosed { gate }
                });
            }
        }
    }

    /// Whether a gate is open, which for some depends on whether it `was`.
    pub(super) fn gate_is_open(&self, rule: GateRule, was: bool) -> bool {
        let marks = self.memory.boosted_watermarks();
        let free = self.memory.nr_free_pages();
        match rule {
            GateRule::Until(turn) => self.turn < turn,
            // As kswapd sleeps and wakes, so that it does not slam with every page.
            GateRule::AboveLow if was => free >= marks.low,
            GateRule::AboveLow => free > marks.high,
            GateRule::Key => true,
        }
    }

    /// The watchdog counts down, faster while pageblocks are isolated, and while you hold a page lock.
    pub(super) fn run_watchdog(&mut self) {
        let speed = 1
            + u32::from(self.player.isolation.is_some())
            + u32::from(self.player.gear.lock.is_some());
        for _ in 0..speed {
            self.watchdog = self.watchdog.saturating_sub(1);
            if self.zone.watchdog_warnings.contains(&self.watchdog) {
                self.events.push(Event::WatchdogWarns {
                    left: self.watchdog,
                });
            }
        }
        if self.watchdog == 0 {
            self.die(Cause::Watchdog);
        }
    }
}
