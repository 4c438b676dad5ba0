//! Piles: what one list of a CPU keeps, pushed and popped at its head, and given back from its tail.

use super::super::Pfn;

/// A list of blocks whose head is the top of a stack.
///
/// Blocks leave at the tail seldom, many at a time. Their places stay empty below the others until they are most of
/// the pile, and are closed up then.
#[derive(Clone, Default)]
pub(super) struct Pile {
    /// Tail to head, after `gone` places whose blocks have left.
    blocks: Vec<Pfn>,
    gone: u32,
}

impl Pile {
    /// Puts a block at the head.
    pub fn push(&mut self, pfn: Pfn) {
        self.blocks.push(pfn);
    }

    /// Puts a block at the head if there is a place for it. True if there was.
    #[inline]
    pub fn push_within_capacity(&mut self, pfn: Pfn) -> bool {
        let room = self.blocks.len() < self.blocks.capacity();
        if room {
            self.blocks.push(pfn);
        }
        room
    }

    /// Takes the block at the head.
    #[inline]
    pub fn pop(&mut self) -> Option<Pfn> {
        if self.blocks.len() <= self.gone as usize {
            return None;
        }
        self.blocks.pop()
    }

    /// Takes blocks at the tail, that at its very end first: at most so many, and as there is room for.
    pub fn take_last<'a>(&mut self, into: &'a mut [Pfn], most: u32) -> &'a [Pfn] {
        let kept = &self.blocks[self.gone as usize..];
        let taken = kept.len().min(into.len()).min(most as usize);
        let into = &mut into[..taken];
        into.copy_from_slice(&kept[..taken]);
        self.gone += taken as u32;
        if self.gone as usize > self.blocks.len() / 2 {
            self.blocks.drain(..self.gone as usize);
            self.gone = 0;
        }
        into
    }

    /// Puts blocks into an empty pile, the first at the head. Returns their number.
    pub fn refill(&mut self, blocks: impl Iterator<Item = Pfn>) -> u32 {
        debug_assert!(self.iter().next().is_none(), "blocks are kept already");
        self.blocks.clear();
        self.gone = 0;
        self.blocks.extend(blocks);
        self.blocks.reverse();
        self.blocks.len() as u32
    }

    /// The blocks, head to tail.
    pub fn iter(&self) -> impl Iterator<Item = Pfn> + '_ {
        self.blocks[self.gone as usize..].iter().rev().copied()
    }

    /// Places for blocks, taken or not.
    pub fn capacity(&self) -> usize {
        self.blocks.capacity()
    }
}

impl From<Vec<Pfn>> for Pile {
    fn from(mut blocks: Vec<Pfn>) -> Self {
        blocks.reverse();
        Self { blocks, gone: 0 }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    #[test]
    fn a_pile_is_a_queue_with_two_ends() {
        let (mut pile, mut queue) = (Pile::default(), VecDeque::new());
        for step in 0..2000_u32 {
            match step.wrapping_mul(2_654_435_761) >> 29 {
                0 => assert_eq!(pile.pop(), queue.pop_front()),
                1 | 2 => {
                    let mut batch = [0; 3];
                    let most = step % 5;
                    let taken = pile.take_last(&mut batch, most);
                    let left = queue.len().saturating_sub(most.min(3) as usize);
                    let last = queue.drain(left..).rev();
                    assert!(last.eq(taken.iter().copied()));
                }
                3 if queue.is_empty() => {
                    assert_eq!(pile.refill([step, 7, 8].into_iter()), 3);
                    queue.extend([step, 7, 8]);
                }
                4 => {
                    if pile.push_within_capacity(step) {
                        queue.push_front(step);
                    }
                }
                _ => {
                    pile.push(step);
                    queue.push_front(step);
                }
            }
            assert!(pile.iter().eq(queue.iter().copied()));
            assert!(pile.capacity() >= queue.len());
        }
        let kept: Vec<Pfn> = queue.into();
        assert!(Pile::from(kept.clone()).iter().eq(kept));
    }
}
