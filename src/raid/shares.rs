//! Blocks that several tasks have at a time, as after a fork: who has which beside its owner.
//!
//! The allocator knows one owner of a block. A block that tasks share belongs to one of them there, and this book
//! counts the others. It is freed with its last user; who writes to it gets a copy of its own first. The model in
//! [`crate::mm::memory`] does the same page by page, with page tables; here a block is copied as a whole.

use std::collections::BTreeMap;

use crate::mm::{Order, Pfn};

/// A block with more users than its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shared {
    order: Order,
    /// The others, first come first.
    users: Vec<u16>,
}

/// The book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shares {
    blocks: BTreeMap<Pfn, Shared>,
    /// Blocks that a task has without owning them.
    lists: BTreeMap<u16, Vec<(Pfn, Order)>>,
}

impl Shares {
    /// A task has a block of somebody else's from now on.
    pub fn add(&mut self, user: u16, pfn: Pfn, order: Order) {
        let users = Vec::new();
        let shared = self.blocks.entry(pfn).or_insert(Shared { order, users });
        shared.users.push(user);
        self.lists.entry(user).or_default().push((pfn, order));
    }

    /// A task no longer has a block of somebody else's.
    pub fn remove(&mut self, user: u16, pfn: Pfn) {
        if let Some(shared) = self.blocks.get_mut(&pfn) {
            shared.users.retain(|&other| other != user);
            if shared.users.is_empty() {
                self.blocks.remove(&pfn);
            }
        }
        if let Some(list) = self.lists.get_mut(&user) {
            list.retain(|&(at, _)| at != pfn);
        }
    }

    /// The blocks that a task has without owning them, oldest first.
    pub fn of(&self, user: u16) -> &[(Pfn, Order)] {
        self.lists.get(&user).map_or(&[], Vec::as_slice)
    }

    /// Their pages.
    pub fn pages(&self, user: u16) -> u32 {
        self.of(user).iter().map(|&(_, order)| 1 << order).sum()
    }

    /// Who has a block beside its owner, first come first.
    pub fn users(&self, pfn: Pfn) -> &[u16] {
        self.blocks
            .get(&pfn)
            .map_or(&[], |shared| shared.users.as_slice())
    }

    /// A block was freed under its users, whoever did it.
    pub fn forget(&mut self, pfn: Pfn, order: Order) {
        let Some(shared) = self.blocks.remove(&pfn) else {
            return;
        };
        debug_assert_eq!(shared.order, order);
        for user in shared.users {
            if let Some(list) = self.lists.get_mut(&user) {
                list.retain(|&(at, _)| at != pfn);
            }
        }
    }

    /// The content of a block was moved: its users have it where it is now.
    pub fn moved(&mut self, from: Pfn, to: Pfn) {
        let Some(shared) = self.blocks.remove(&from) else {
            return;
        };
        for user in &shared.users {
            let list = self.lists.get_mut(user);
            for block in list.into_iter().flatten().filter(|block| block.0 == from) {
                block.0 = to;
            }
        }
        self.blocks.insert(to, shared);
    }

    /// Feeds everything to `f`.
    pub fn hash_words(&self, f: &mut dyn FnMut(u64)) {
        for (&user, list) in &self.lists {
            for &(pfn, order) in list {
                f(u64::from(user) << 40 | u64::from(pfn) << 8 | u64::from(order));
            }
        }
        for (&pfn, shared) in &self.blocks {
            for &user in &shared.users {
                f(1 << 63 | u64::from(pfn) << 16 | u64::from(user));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_shared_until_its_last_user_left_or_it_is_freed() {
        let mut shares = Shares::default();
        shares.add(4, 16, 1);
        shares.add(5, 16, 1);
        shares.add(4, 32, 0);
        assert_eq!((shares.pages(4), shares.pages(5)), (3, 2));
        assert_eq!(shares.users(16), [4, 5]);
        shares.moved(16, 48);
        assert_eq!((shares.users(16).len(), shares.users(48)), (0, &[4, 5][..]));
        assert_eq!(shares.of(4), [(48, 1), (32, 0)]);
        shares.remove(4, 48);
        assert_eq!((shares.users(48), shares.pages(4)), (&[5][..], 1));
        shares.forget(48, 1);
        assert_eq!((shares.users(48).len(), shares.pages(5)), (0, 0));
        shares.remove(4, 32);
        let mut words = 0;
        shares.hash_words(&mut |_| words += 1);
        assert_eq!(words, 0, "an empty book");
    }
}
