//! The codex: one page for every term of the glossary and everything the rules name, and ways to find them.

mod named;
mod reader;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use crate::glossary::Glossary;
use crate::raid::Rules;

pub use reader::{Reader, Stroke};

/// What a page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A term of the allocator or of the game.
    Term,
    /// A kind of task.
    Task,
    /// A device.
    Device,
    /// Something to bring.
    Item,
    /// A challenge.
    Challenge,
}

/// What a paragraph tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What it is in Linux.
    Linux,
    /// What it is in this game.
    Here,
    /// What was looked at, where something else is often said.
    Evidence,
    /// What it costs, in figures.
    Figures,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// How it is called.
    pub name: String,
    /// Other names.
    pub also: Vec<String>,
    /// What it is about.
    pub kind: Kind,
    /// The paragraphs, in order.
    pub parts: Vec<(Part, String)>,
    /// The pages it leads to, by their place.
    pub see: Vec<usize>,
}

/// All pages, in alphabetical order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Codex {
    pages: Vec<Page>,
}

impl Codex {
    /// The pages of a glossary and of the rules. What is named in both has one page.
    pub fn new(glossary: &Glossary, rules: &Rules) -> Self {
        let mut making = Making::default();
        let mut see = Vec::new();
        for entry in glossary.entries() {
            let mut parts = vec![
                (Part::Linux, entry.linux.clone()),
                (Part::Here, entry.game.clone()),
            ];
            let evidence = entry.evidence.iter().cloned();
            parts.extend(evidence.map(|line| (Part::Evidence, line)));
            making.add(&entry.term, &entry.also, Kind::Term, parts);
            see.push((entry.term.clone(), entry.see.clone()));
        }
        for task in &rules.tasks {
            let here = (Part::Here, task.codex.clone());
            making.add(&task.name, &[], Kind::Task, vec![here]);
        }
        for device in &rules.devices {
            let (least, most) = device.orders;
            let orders = if least == most {
                format!("order {least}")
            } else {
                format!("orders {least} to {most}")
            };
            let mut here = format!(
                "A device: its interrupt asks for a block of {orders}, with {}.",
                device.gfp
            );
            if let Some(bits) = device.dma_bits {
                let end = 1_u64.checked_shl(bits).unwrap_or(0);
                let low =
                    format!(" It has {bits} address bits: the block must lie below {end:#x}.");
                here += &low;
            }
            if let Some(left) = device.wants {
                here += " It wants what the last owner left: ";
                here += left.words();
                here += " in more than half of the block.";
            }
            let figures = format!("IRQ {}", device.irq);
            let parts = vec![(Part::Here, here), (Part::Figures, figures)];
            making.add(&device.name, &[], Kind::Device, parts);
        }
        for item in &rules.armoury.items {
            let mut figures = format!("{}; slots {}", item.source, item.slots);
            if item.uses > 0 {
                let (uses, turns, noise) = (item.uses, item.turns, item.noise);
                let _ = write!(figures, ", uses {uses}, turns {turns}, noise {noise}");
            }
            let _ = match item.price {
                None => write!(figures, ", basic kit"),
                Some(order) => write!(figures, ", price order {order}"),
            };
            let parts = vec![
                (Part::Linux, item.really.clone()),
                (Part::Here, item.does.clone()),
                (Part::Figures, figures),
            ];
            making.add(item.item.name(), &[], Kind::Item, parts);
        }
        for challenge in &rules.modifiers {
            let figures = format!(
                "score x{}.{:02}",
                challenge.score_permille / 1000,
                challenge.score_permille % 1000 / 10
            );
            let parts = vec![
                (Part::Linux, challenge.really.clone()),
                (Part::Here, challenge.does.clone()),
                (Part::Figures, figures),
            ];
            making.add(&challenge.name, &[], Kind::Challenge, parts);
        }
        making.bound(&see)
    }

    /// All pages.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// The page of this name or other name.
    pub fn find(&self, name: &str) -> Option<usize> {
        let name = key(name);
        let by_name = self.pages.iter().position(|page| key(&page.name) == name);
        by_name.or_else(|| {
            let has = |page: &Page| page.also.iter().any(|other| key(other) == name);
            self.pages.iter().position(has)
        })
    }

    /// The pages with these letters in them, best first: in the name before other names, before the text.
    pub fn search(&self, letters: &str) -> Vec<usize> {
        let wanted = key(letters);
        let rank = |page: &Page| {
            let name = key(&page.name);
            let others = || page.also.iter().map(|other| key(other));
            if wanted.is_empty() || name == wanted {
                Some(0)
            } else if others().any(|other| other == wanted) {
                Some(1)
            } else if name.starts_with(&wanted) {
                Some(2)
            } else if others().any(|other| other.starts_with(&wanted)) {
                Some(3)
            } else if name.contains(&wanted) || others().any(|other| other.contains(&wanted)) {
                Some(4)
            } else if page
                .parts
                .iter()
                .any(|(_, text)| key(text).contains(&wanted))
            {
                Some(5)
            } else {
                None
            }
        };
        let mut found: Vec<(u8, usize)> = self
            .pages
            .iter()
            .enumerate()
            .filter_map(|(at, page)| Some((rank(page)?, at)))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, at)| at).collect()
    }
}

/// Pages as they are gathered.
#[derive(Default)]
struct Making {
    pages: Vec<Page>,
}

impl Making {
    fn add(&mut self, name: &str, also: &[String], kind: Kind, parts: Vec<(Part, String)>) {
        let known = self.pages.iter_mut().find(|page| {
            let names = std::iter::once(&page.name).chain(&page.also);
            names.into_iter().any(|other| key(other) == key(name))
        });
        if let Some(page) = known {
            page.parts.extend(parts);
            return;
        }
        self.pages.push(Page {
            name: name.into(),
            also: also.to_vec(),
            kind,
            parts,
            see: Vec::new(),
        });
    }

    /// Puts the pages in order, and links them.
    fn bound(mut self, see: &[(String, Vec<String>)]) -> Codex {
        self.pages.sort_by_key(|page| key(&page.name));
        let mut codex = Codex { pages: self.pages };
        for (name, others) in see {
            let places = others
                .iter()
                .filter_map(|other| codex.find(other))
                .collect();
            if let Some(at) = codex.find(name) {
                codex.pages[at].see = places;
            }
        }
        codex
    }
}

/// What two ways to write a name have in common.
fn key(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
