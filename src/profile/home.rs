//! What a player has brought home, what that bought, and what was achieved in each zone.
//!
//! ```json
//! {"stash":[{"order":3,"zone":"dma"}],"items":{"drop_caches":1},"progress":{"dma":{"extractions":2,"order":4}}}
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::name;
use crate::mm::{MAX_PAGE_ORDER, Order};

/// Most blocks that are kept in the stash.
pub const MAX_STASH: u32 = 4096;

/// Most of one item that are kept.
pub const MAX_ITEMS: u32 = 99;

/// The stash, the kit and what was achieved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Home {
    #[serde(deserialize_with = "blocks")]
    stash: Vec<Block>,
    #[serde(deserialize_with = "counts")]
    items: BTreeMap<String, u32>,
    #[serde(deserialize_with = "zones")]
    progress: BTreeMap<String, Progress>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// A block in the stash: `2^order` pages that lie together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Its order.
    #[serde(deserialize_with = "order")]
    pub order: Order,
    /// The zone it was brought from.
    #[serde(deserialize_with = "name")]
    pub zone: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// What was achieved in a zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Raids from which something was brought home.
    pub extractions: u32,
    /// Order of the largest block that was; `None` where that was not written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// Why nothing was bought; one sentence, and nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuyError {
    /// It belongs to the basic kit.
    #[error("{item} belongs to the basic kit: it is yours already, and cannot be lost")]
    Basic {
        /// The item.
        item: String,
    },
    /// No block in the stash is large enough.
    #[error(
        "{item} costs one block of order {price}, {} contiguous pages; {}",
        1u32 << price,
        match best { Some(best) => format!("the largest in the stash is of order {best}"), None => "the stash is empty".into() }
    )]
    TooPoor {
        /// The item.
        item: String,
        /// Order of the block it costs.
        price: Order,
        /// Order of the largest block there is.
        best: Option<Order>,
    },
    /// There are as many as can be kept.
    #[error("there are {MAX_ITEMS} of {item} already")]
    Enough {
        /// The item.
        item: String,
    },
}

/// Something that changes what is at home. Changes made here are made again on what another instance of the game
/// wrote meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// Blocks of these orders were brought from a zone.
    Brought { zone: String, orders: Vec<Order> },
    /// An item was bought for a block of this order.
    Bought { item: String, price: Order },
    /// One of each of these items was lost.
    Lost { items: Vec<String> },
}

impl Home {
    /// True if there is nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The blocks in the stash, the largest first.
    pub fn stash(&self) -> &[Block] {
        &self.stash
    }

    /// Pages in the stash.
    pub fn pages(&self) -> u64 {
        self.stash.iter().map(|block| 1u64 << block.order).sum()
    }

    /// Items owned beyond the basic kit, and how many of each.
    pub fn items(&self) -> impl Iterator<Item = (&str, u32)> {
        self.items
            .iter()
            .map(|(item, &count)| (item.as_str(), count))
    }

    /// How many of an item are owned beyond the basic kit.
    pub fn owns(&self, item: &str) -> u32 {
        self.items.get(item).copied().unwrap_or(0)
    }

    /// What was achieved in a zone.
    pub fn progress(&self, zone: &str) -> Option<&Progress> {
        self.progress.get(zone)
    }

    pub(super) fn make(&mut self, change: &Change) -> Result<(), BuyError> {
        match change {
            Change::Brought { zone, orders } => self.bring(zone, orders),
            Change::Bought { item, price } => return self.buy(item, *price),
            Change::Lost { items } => self.lose(items),
        }
        Ok(())
    }

    /// A raid of a version that did not write blocks down.
    pub(super) fn remember_extraction(&mut self, zone: &str) {
        let progress = self.progress.entry(zone.into()).or_default();
        progress.extractions = progress.extractions.saturating_add(1);
    }

    fn bring(&mut self, zone: &str, orders: &[Order]) {
        let Some(&largest) = orders.iter().max() else {
            return;
        };
        self.remember_extraction(zone);
        if let Some(progress) = self.progress.get_mut(zone) {
            progress.order = progress.order.max(Some(largest));
        }
        self.stash.extend(orders.iter().map(|&order| Block {
            order,
            zone: zone.into(),
            rest: Map::new(),
        }));
        sort(&mut self.stash);
    }

    /// Pays with the smallest block that is large enough. What is left of a larger one stays, split in halves as an
    /// allocator splits it.
    fn buy(&mut self, item: &str, price: Order) -> Result<(), BuyError> {
        if self.owns(item) >= MAX_ITEMS {
            return Err(BuyError::Enough { item: item.into() });
        }
        // The largest come first, so the last that will do is the smallest.
        let Some(at) = self.stash.iter().rposition(|block| block.order >= price) else {
            return Err(BuyError::TooPoor {
                item: item.into(),
                price,
                best: self.stash.first().map(|block| block.order),
            });
        };
        let paid = self.stash.remove(at);
        let halves = (price..paid.order).map(|order| Block {
            order,
            ..paid.clone()
        });
        self.stash.extend(halves);
        sort(&mut self.stash);
        *self.items.entry(item.into()).or_default() += 1;
        Ok(())
    }

    fn lose(&mut self, items: &[String]) {
        for item in items {
            if let Some(count) = self.items.get_mut(item) {
                *count = count.saturating_sub(1);
            }
        }
        self.items.retain(|_, count| *count > 0);
    }
}

/// The largest blocks first, no more of them than are kept.
fn sort(stash: &mut Vec<Block>) {
    stash.sort_by_key(|block| std::cmp::Reverse(block.order));
    stash.truncate(MAX_STASH as usize);
}

fn blocks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Block>, D::Error> {
    let mut stash = Vec::deserialize(deserializer)?;
    sort(&mut stash);
    Ok(stash)
}

fn order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Order, D::Error> {
    let order = Order::deserialize(deserializer)?;
    if order <= MAX_PAGE_ORDER {
        return Ok(order);
    }
    Err(serde::de::Error::custom(format!(
        "found order {order}, expected 0 to {MAX_PAGE_ORDER}"
    )))
}

fn counts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, u32>, D::Error> {
    let found: BTreeMap<String, u32> = BTreeMap::deserialize(deserializer)?;
    named(found.keys())?;
    let counts = found.into_iter().filter(|&(_, count)| count > 0);
    Ok(counts
        .map(|(item, count)| (item, count.min(MAX_ITEMS)))
        .collect())
}

fn zones<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Progress>, D::Error> {
    let found: BTreeMap<String, Progress> = BTreeMap::deserialize(deserializer)?;
    named(found.keys())?;
    Ok(found)
}

/// Keys are names, as elsewhere.
fn named<'a, E: serde::de::Error>(keys: impl Iterator<Item = &'a String>) -> Result<(), E> {
    for key in keys {
        super::check_name(key).map_err(E::custom)?;
    }
    Ok(())
}
