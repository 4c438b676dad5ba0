//! What is in the pages: real bytes, kept only for pages that somebody wrote to.
//!
//! An [`Arena`] is a [`Sink`]: it follows the events of an allocator and does to the bytes what Linux does to them as
//! pages are handed out, given back and moved. An allocator without an arena pays nothing for it.
//!
//! The rules are those of Linux 6.12 (`mm/page_poison.c`; `mm/page_alloc.c`: `post_alloc_hook()`,
//! `free_pages_prepare()`; `mm/mm_init.c`: `mem_debugging_and_hardening_init()`). Departures:
//!
//! - Memory that was never used holds zeros, or poison with `page_poison=1`; in Linux whatever the firmware left.
//! - Reports of damaged poison are kept, not printed, and not limited to a number in a time.
//! - Addresses in dumps are physical, with `0x`; Linux prints a hashed pointer.
//! - Pages set aside at boot are treated as free ones until somebody writes to them: no event tells of them.

mod dump;
mod poison;
mod serial;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Event, Gfp, Order, PAGE_SHIFT, PAGE_SIZE, Pfn, Sink};

pub use dump::hex_dump;
pub use poison::{PAGE_POISON, PoisonDamage, PoisonReport};
pub use serial::ArenaFormError;

/// [`PAGE_SIZE`] as a length.
const PAGE_LEN: usize = PAGE_SIZE as usize;

/// The bytes of one page.
type Bytes = [u8; PAGE_LEN];

/// What is done to pages as they come and go: the boot parameters of these names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArenaSettings {
    /// `page_poison=1`: freed pages are filled with [`PAGE_POISON`], which is checked when they are handed out.
    /// Takes precedence: the other two have no effect then.
    pub page_poison: bool,
    /// `init_on_alloc=1`: pages are zeroed when they are handed out.
    pub init_on_alloc: bool,
    /// `init_on_free=1`: pages are zeroed when they are given back, and for that reason not when they are handed out.
    pub init_on_free: bool,
}

impl ArenaSettings {
    fn zeroes_on_free(self) -> bool {
        self.init_on_free && !self.page_poison
    }

    /// `want_init_on_alloc()`, unless the page was zeroed when it was freed.
    fn zeroes_on_alloc(self, gfp: Gfp) -> bool {
        !self.zeroes_on_free()
            && (self.init_on_alloc && !self.page_poison || gfp.contains(Gfp::ZERO))
    }

    /// What every byte holds before anybody used it.
    fn at_boot(self) -> u8 {
        if self.page_poison { PAGE_POISON } else { 0 }
    }
}

/// Why bytes cannot be read or written. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum ArenaError {
    /// The frame is not in the arena.
    #[error("there is no frame {pfn}: the arena has {pages}")]
    OutOfRange {
        /// That frame.
        pfn: Pfn,
        /// Pages of the arena.
        pages: u32,
    },
    /// The bytes are not all in one page.
    #[error(
        "frame {pfn}: {len} bytes from offset {offset} on leave the page, which ends at 4096 (0x1000)"
    )]
    LeavesPage {
        /// The frame.
        pfn: Pfn,
        /// First byte.
        offset: u32,
        /// Number of bytes.
        len: u64,
    },
}

/// What one page holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    /// The same byte all over: zeros, poison, or anything else.
    Uniform(u8),
    /// Not all the same. Shared between clones until one of them writes.
    Real(Arc<Bytes>),
}

impl Content {
    fn copy_to(&self, offset: usize, into: &mut [u8]) {
        match self {
            Self::Uniform(byte) => into.fill(*byte),
            Self::Real(bytes) => into.copy_from_slice(&bytes[offset..offset + into.len()]),
        }
    }
}

/// The bytes of a zone's pages.
///
/// Only pages that differ from what they held at boot are stored, and 4096 bytes only for those that do not hold one
/// byte all over. Equal content is equal storage: arenas compare by what is in the pages, not by how it came there.
/// A clone shares the bytes until either side writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "serial::ArenaForm", into = "serial::ArenaForm")]
pub struct Arena {
    settings: ArenaSettings,
    pages: u32,
    /// Pages that do not hold what they held at boot.
    content: BTreeMap<Pfn, Content>,
    reports: Vec<PoisonReport>,
}

impl Arena {
    /// The bytes of `pages` pages nobody has used yet.
    pub fn new(pages: u32, settings: ArenaSettings) -> Self {
        Self {
            settings,
            pages,
            content: BTreeMap::new(),
            reports: Vec::new(),
        }
    }

    /// What is done to pages as they come and go.
    pub fn settings(&self) -> ArenaSettings {
        self.settings
    }

    /// Number of pages, written to or not.
    pub fn pages(&self) -> u32 {
        self.pages
    }

    /// Number of pages 4096 bytes are stored for.
    pub fn real_pages(&self) -> u32 {
        let real = self.content.values();
        real.filter(|content| matches!(content, Content::Real(_)))
            .count() as u32
    }

    /// Number of pages anything is stored for: those that do not hold what they held at boot.
    pub fn stored_pages(&self) -> u32 {
        self.content.len() as u32
    }

    /// Copies bytes of one page, from `offset` on, to `into`.
    ///
    /// # Errors
    ///
    /// An [`ArenaError`] if there is no such frame, or the bytes are not all in the page.
    pub fn read(&self, pfn: Pfn, offset: u32, into: &mut [u8]) -> Result<(), ArenaError> {
        let offset = self.check(pfn, offset, into.len())?;
        self.content_of(pfn).copy_to(offset, into);
        Ok(())
    }

    /// Writes bytes to one page, from `offset` on. Whether anybody has the page is not asked: a write to a free page
    /// is what poison is there to find.
    ///
    /// # Errors
    ///
    /// As [`Arena::read`].
    pub fn write(&mut self, pfn: Pfn, offset: u32, bytes: &[u8]) -> Result<(), ArenaError> {
        let offset = self.check(pfn, offset, bytes.len())?;
        let old = self.content_of(pfn);
        if let Content::Uniform(byte) = old
            && bytes.iter().all(|&new| new == byte)
        {
            return Ok(());
        }
        let mut page = match self.content.remove(&pfn).unwrap_or(old) {
            Content::Uniform(byte) => Arc::new([byte; PAGE_LEN]),
            Content::Real(page) => page,
        };
        Arc::make_mut(&mut page)[offset..offset + bytes.len()].copy_from_slice(bytes);
        let first = page[0];
        let content = if page.iter().all(|&byte| byte == first) {
            Content::Uniform(first)
        } else {
            Content::Real(page)
        };
        self.store(pfn, content);
        Ok(())
    }

    /// Fills a page with one byte. Costs no bytes.
    ///
    /// # Errors
    ///
    /// [`ArenaError::OutOfRange`] if there is no such frame.
    pub fn fill(&mut self, pfn: Pfn, byte: u8) -> Result<(), ArenaError> {
        self.check(pfn, 0, 0)?;
        self.store(pfn, Content::Uniform(byte));
        Ok(())
    }

    /// Copies a page to another, sharing the bytes until one of them is written to (`copy_highpage()`).
    ///
    /// # Errors
    ///
    /// [`ArenaError::OutOfRange`] if one of the frames is not there.
    pub fn copy_page(&mut self, from: Pfn, to: Pfn) -> Result<(), ArenaError> {
        self.check(from, 0, 0)?;
        self.check(to, 0, 0)?;
        self.store(to, self.content_of(from));
        Ok(())
    }

    /// The byte a page holds all over, if it does; none too if there is no such frame.
    pub fn uniform(&self, pfn: Pfn) -> Option<u8> {
        match self.content_of(pfn) {
            Content::Uniform(byte) if pfn < self.pages => Some(byte),
            _ => None,
        }
    }

    /// Bytes of one page as text: see [`hex_dump`]. Addresses are physical: the frame times 4096 plus the offset.
    ///
    /// # Errors
    ///
    /// As [`Arena::read`].
    pub fn hex_dump(&self, pfn: Pfn, offset: u32, len: u32) -> Result<String, ArenaError> {
        self.check(pfn, offset, len as usize)?;
        let mut bytes = vec![0; len as usize];
        self.read(pfn, offset, &mut bytes)?;
        Ok(hex_dump(address(pfn, offset), &bytes))
    }

    /// Damaged poison found so far, oldest first.
    pub fn reports(&self) -> &[PoisonReport] {
        &self.reports
    }

    /// The same, and forgets them.
    pub fn take_reports(&mut self) -> Vec<PoisonReport> {
        std::mem::take(&mut self.reports)
    }

    /// Feeds settings and content to `f` in a fixed order: equal arenas feed equal words on every platform.
    pub fn hash_words(&self, f: &mut dyn FnMut(u64)) {
        let ArenaSettings {
            page_poison,
            init_on_alloc,
            init_on_free,
        } = self.settings;
        let settings =
            u64::from(page_poison) | u64::from(init_on_alloc) << 1 | u64::from(init_on_free) << 2;
        f(u64::from(self.pages) << 8 | settings);
        f(self.content.len() as u64);
        for (&pfn, content) in &self.content {
            match content {
                Content::Uniform(byte) => f(u64::from(pfn) << 16 | u64::from(*byte)),
                Content::Real(bytes) => {
                    f(u64::from(pfn) << 16 | 1 << 8);
                    for word in bytes.chunks_exact(8) {
                        f(word
                            .iter()
                            .rev()
                            .fold(0, |word, &byte| word << 8 | u64::from(byte)));
                    }
                }
            }
        }
        f(self.reports.len() as u64);
        for report in &self.reports {
            f(u64::from(report.pfn) << 32 | u64::from(report.offset));
            report.bytes.iter().for_each(|&byte| f(byte.into()));
        }
    }

    fn check(&self, pfn: Pfn, offset: u32, len: usize) -> Result<usize, ArenaError> {
        if pfn >= self.pages {
            let pages = self.pages;
            return Err(ArenaError::OutOfRange { pfn, pages });
        }
        let len = len as u64;
        if u64::from(offset) + len > u64::from(PAGE_SIZE) {
            return Err(ArenaError::LeavesPage { pfn, offset, len });
        }
        Ok(offset as usize)
    }

    fn content_of(&self, pfn: Pfn) -> Content {
        let stored = self.content.get(&pfn).cloned();
        stored.unwrap_or(Content::Uniform(self.settings.at_boot()))
    }

    fn store(&mut self, pfn: Pfn, content: Content) {
        if content == Content::Uniform(self.settings.at_boot()) {
            self.content.remove(&pfn);
        } else {
            self.content.insert(pfn, content);
        }
    }

    /// The pages of a block, as far as the arena has them.
    fn block(&self, pfn: Pfn, order: Order) -> std::ops::Range<Pfn> {
        let end = pfn.saturating_add(1 << order).min(self.pages);
        pfn..end
    }

    /// Pages were handed out (`post_alloc_hook()`).
    fn handed_out(&mut self, pfn: Pfn, order: Order, gfp: Gfp) {
        for pfn in self.block(pfn, order) {
            if self.settings.page_poison {
                self.check_poison(pfn);
            }
            if self.settings.zeroes_on_alloc(gfp) {
                self.store(pfn, Content::Uniform(0));
            }
        }
    }

    /// Pages were given back (`free_pages_prepare()`).
    fn given_back(&mut self, pfn: Pfn, order: Order) {
        let byte = if self.settings.page_poison {
            PAGE_POISON
        } else if self.settings.zeroes_on_free() {
            0
        } else {
            return;
        };
        for pfn in self.block(pfn, order) {
            self.store(pfn, Content::Uniform(byte));
        }
    }
}

/// Follows an allocator. Blocks, or parts of them, beyond the arena's end are passed over.
impl Sink for Arena {
    fn event(&mut self, event: Event) {
        match event {
            Event::Alloc {
                pfn, order, gfp, ..
            } => self.handed_out(pfn, order, gfp),
            Event::Free { pfn, order, .. } => self.given_back(pfn, order),
            Event::Migrate {
                from, to, order, ..
            } => {
                // The target was free: it is handed out like any page before the content goes there.
                self.handed_out(to, order, Gfp::MOVABLE);
                let pages = self.block(from, order).zip(self.block(to, order));
                for (from, to) in pages {
                    self.store(to, self.content_of(from));
                }
                self.given_back(from, order);
            }
            _ => {}
        }
    }
}

/// Physical address of a byte.
fn address(pfn: Pfn, offset: u32) -> u64 {
    (u64::from(pfn) << PAGE_SHIFT) + u64::from(offset)
}
