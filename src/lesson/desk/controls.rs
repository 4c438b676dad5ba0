//! What can be pressed, in the rows in which it stands.

use super::{Desk, Offer};
use crate::lesson::session::Wants;

/// Something to press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// An outcome, counted from 0.
    Option(u32),
    /// An order.
    Number(u32),
    /// A digit of a number.
    Digit(u8),
    /// The line that is typed.
    Line,
    /// What the line can go on with.
    Offer(Offer),
    /// Makes the call, or gives the answer.
    Send,
    /// Takes the last character back.
    Erase,
    /// Empties the line.
    Clear,
    /// A hint.
    Hint,
    /// Takes the last call back.
    Undo,
    /// Does it again.
    Redo,
    /// The step anew.
    Restart,
    /// The next moment of the last call.
    Step,
    /// The state after so many calls.
    Scrub(u32),
    /// On.
    Next,
    /// Puts the proof where it can be pasted from.
    Copy,
    /// The next lesson.
    Onward,
    /// Back to the list.
    Leave,
}

/// Offers in a row.
const OFFERS: usize = 2;
/// States that are shown to scrub to, at most.
const STATES: u32 = 12;

impl Desk {
    /// All there is to press, row by row.
    pub fn rows(&self) -> Vec<Vec<Control>> {
        let view = &self.view;
        let mut rows: Vec<Vec<Control>> = Vec::new();
        if view.done {
            return vec![vec![Control::Copy], vec![Control::Onward, Control::Leave]];
        }
        if view.solved {
            rows.push(vec![Control::Next]);
        } else {
            self.ask(&mut rows);
        }
        let mut tools = Vec::new();
        if !view.beats.is_empty() {
            tools.push(Control::Step);
        }
        let plays = matches!(view.wants, Wants::Calls(_));
        if plays && view.at.1 > 0 {
            tools.extend([Control::Undo, Control::Redo, Control::Restart]);
        }
        if !tools.is_empty() {
            rows.push(tools);
        }
        if plays && view.at.1 > 1 {
            let (now, last) = view.at;
            let first = now
                .saturating_sub(STATES / 2)
                .min(last.saturating_sub(STATES));
            let states = first..=last.min(first + STATES);
            rows.push(states.map(Control::Scrub).collect());
        }
        if view.wants != Wants::Reading && !view.solved {
            rows.push(vec![Control::Hint]);
        }
        rows
    }

    fn ask(&self, rows: &mut Vec<Vec<Control>>) {
        match &self.view.wants {
            Wants::Reading => rows.push(vec![Control::Next]),
            // A frame may be named; then the line is there to be seen.
            Wants::Click => {
                if !self.line.is_empty() {
                    rows.push(vec![Control::Line]);
                }
            }
            Wants::Choice(options) => {
                rows.extend((0..options.len() as u32).map(|at| vec![Control::Option(at)]));
            }
            Wants::Order => {
                let order = |from: u32, to: u32| (from..=to).map(Control::Number).collect();
                // An order may be typed as well; then the line is there to be seen.
                if !self.line.is_empty() {
                    rows.push(vec![Control::Line]);
                }
                rows.push(order(0, 5));
                rows.push(order(6, 10));
            }
            Wants::Count => {
                let digits = |from: u8, to: u8| (from..=to).map(Control::Digit).collect();
                rows.push(vec![Control::Line]);
                rows.push(digits(0, 4));
                rows.push(digits(5, 9));
                rows.push(vec![Control::Send, Control::Erase]);
            }
            Wants::Calls(_) => {
                rows.push(vec![Control::Line]);
                let offers: Vec<Control> = self.offers().into_iter().map(Control::Offer).collect();
                let short = |control: &Control| match control {
                    Control::Offer(offer) => offer.label.chars().count() <= 2,
                    _ => false,
                };
                let across = if offers.iter().all(short) { 6 } else { OFFERS };
                rows.extend(offers.chunks(across).map(<[Control]>::to_vec));
                if !self.line.is_empty() {
                    rows.push(vec![Control::Send, Control::Erase, Control::Clear]);
                }
            }
        }
    }
}
