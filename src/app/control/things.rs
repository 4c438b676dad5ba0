//! What was brought into a raid and is used by hand.

use super::{Play, Turn};
use crate::raid::{BodyView, Command, Item, Target};

impl Play {
    /// What was brought and is used by hand, and how often each can be used still.
    pub(in crate::app) fn usable(&self) -> Vec<(Item, u32)> {
        let by_hand = |item: &Item| item.target() != Target::Passive;
        let kit = self.view().me.kit.iter().copied();
        kit.filter(|(item, _)| by_hand(item)).collect()
    }

    /// The task that an item would be used on: the nearest body in sight that can die.
    pub(in crate::app) fn prey(&self, at: usize) -> Option<&BodyView> {
        let view = self.view();
        let (item, _) = *self.usable().get(at)?;
        if item.target() != Target::Task {
            return None;
        }
        let me = view.me.cell;
        let bodies = view.bodies.iter();
        let there = bodies.filter(|body| body.turn == view.turn && body.pid != 0 && body.refs > 0);
        there.min_by_key(|body| {
            (
                me.x.abs_diff(body.cell.x) + me.y.abs_diff(body.cell.y),
                body.pid,
            )
        })
    }

    pub(super) fn use_item(&mut self, at: usize) -> Option<Turn> {
        let Some(&(item, _)) = self.usable().get(at) else {
            return self.cancel();
        };
        let prey = self.prey(at).map(|body| body.pid);
        self.command(Command::Use(item, prey))
    }
}
