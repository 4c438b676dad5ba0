//! Page tables, sharing, references, page locks and the bytes of pages: what a machine of one zone has.

use super::setup::Core;
use super::{FIRST_CHILD, Machine, Refusal};
use crate::mm::memory::{
    Access, Context, FilePage, Lock, LockError, Memory, MemoryError, PageInfo, Pid, Pte, Unlock,
    Vpn, WriteFault,
};
use crate::mm::{Arena, ArenaError, Event, PAGE_SIZE, Pfn};

/// What became of a wish for a page's lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Locked {
    /// The task has it.
    Acquired,
    /// It sleeps until the holder gives it back.
    Sleeps,
    /// `trylock_page()` found it taken and did not wait.
    Taken,
}

impl Machine {
    pub(super) fn memory(&mut self, what: &'static str) -> Result<&mut Memory, Refusal> {
        match &mut self.core {
            Core::Zone(memory) => Ok(memory),
            Core::Node { .. } => Err(Refusal::OneZone { what }),
        }
    }

    /// The memory with page tables, if there is one zone.
    pub fn tables(&self) -> Option<&Memory> {
        match &self.core {
            Core::Zone(memory) => Some(memory),
            Core::Node { .. } => None,
        }
    }

    /// The bytes of pages.
    pub fn arena(&self) -> Option<&Arena> {
        match &self.core {
            Core::Zone(memory) => memory.arena(),
            Core::Node { arena, .. } => Some(arena),
        }
    }

    /// What is known about a page whose references are counted.
    pub fn page(&self, pfn: Pfn) -> Option<PageInfo> {
        self.tables()?.page(pfn)
    }

    /// What the current task's page table says.
    pub fn pte(&self, vpn: Vpn) -> Option<Pte> {
        self.tables()?.pte(self.current, vpn)
    }

    /// `fork()`: a child of the current task, sharing its pages until somebody writes. In a machine of several zones
    /// tasks have no page tables, and the child has nothing.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn fork(&mut self, events: &mut Vec<Event>) -> Result<Pid, Refusal> {
        let (parent, pid) = (self.current, self.new_pid()?);
        if let Core::Zone(memory) = &mut self.core {
            memory.fork(parent, pid, Self::owner(pid), events)?;
        }
        let name = self.known(parent)?.name.clone();
        self.add(pid, &name, parent);
        Ok(pid)
    }

    /// The first touch of anonymous memory: a zeroed page of the task's own.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn map_anon(&mut self, vpn: Vpn, events: &mut Vec<Event>) -> Result<Pfn, Refusal> {
        let pid = self.current;
        Ok(self.memory("mmap")?.map_anon(pid, vpn, events)?)
    }

    /// Maps a page of a file privately.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn map_file(
        &mut self,
        vpn: Vpn,
        page: FilePage,
        events: &mut Vec<Event>,
    ) -> Result<Pfn, Refusal> {
        let pid = self.current;
        let memory = self.memory("mmap of a file")?;
        Ok(memory.map_file(pid, vpn, page, events)?)
    }

    /// Takes a page out of the current task's address space.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn unmap(&mut self, vpn: Vpn, events: &mut Vec<Event>) -> Result<(), Refusal> {
        let pid = self.current;
        Ok(self.memory("munmap")?.unmap(pid, vpn, events)?)
    }

    /// The current task writes to one of its pages.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn write(
        &mut self,
        vpn: Vpn,
        bytes: &[u8],
        events: &mut Vec<Event>,
    ) -> Result<WriteFault, Refusal> {
        let pid = self.current;
        Ok(self.memory("write")?.write(pid, vpn, 0, bytes, events)?)
    }

    /// The first bytes of one of the current task's pages.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn read(&mut self, vpn: Vpn, len: u32) -> Result<Vec<u8>, Refusal> {
        let pid = self.current;
        let mut bytes = vec![0; len.min(PAGE_SIZE) as usize];
        self.memory("read")?.read(pid, vpn, 0, &mut bytes)?;
        Ok(bytes)
    }

    /// Brings a page of a file into the page cache, or finds it there.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn read_file(&mut self, page: FilePage, events: &mut Vec<Event>) -> Result<Pfn, Refusal> {
        let owner = Self::owner(self.current);
        let memory = self.memory("read_file")?;
        Ok(memory.read_file(page, owner, events)?)
    }

    /// `write(2)` to a page of a file in the page cache: it is dirty then.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn write_file(&mut self, page: FilePage, bytes: &[u8]) -> Result<(), Refusal> {
        Ok(self.memory("write_file")?.write_file(page, 0, bytes)?)
    }

    /// Pins one of the current task's pages for a device that writes.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn pin(&mut self, vpn: Vpn, events: &mut Vec<Event>) -> Result<Pfn, Refusal> {
        let pid = self.current;
        let memory = self.memory("pin_user_pages")?;
        Ok(memory.pin(pid, vpn, Access::Write, events)?)
    }

    /// The device is done with a page.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn unpin(&mut self, pfn: Pfn, events: &mut Vec<Event>) -> Result<(), Refusal> {
        Ok(self.memory("unpin_user_page")?.unpin(pfn, events)?)
    }

    /// `get_page()`.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn get_page(&mut self, pfn: Pfn) -> Result<(), Refusal> {
        Ok(self.memory("get_page")?.get_page(pfn)?)
    }

    /// `put_page()`.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn put_page(&mut self, pfn: Pfn, events: &mut Vec<Event>) -> Result<(), Refusal> {
        Ok(self.memory("put_page")?.put_page(pfn, events)?)
    }

    /// `lock_page()`. With `atomic` the task may not sleep, and is refused.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn lock(&mut self, pfn: Pfn, atomic: bool) -> Result<Locked, Refusal> {
        let pid = self.current;
        let context = if atomic {
            Context::Atomic
        } else {
            Context::Task
        };
        let lock = self.memory("lock_page")?.lock_page(pfn, pid, context)?;
        Ok(match lock {
            Lock::Acquired => Locked::Acquired,
            Lock::Waits => Locked::Sleeps,
        })
    }

    /// `trylock_page()`.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn trylock(&mut self, pfn: Pfn) -> Result<Locked, Refusal> {
        let pid = self.current;
        let got = self.memory("trylock_page")?.trylock_page(pfn, pid)?;
        Ok(if got { Locked::Acquired } else { Locked::Taken })
    }

    /// `unlock_page()`. A sleeper that is woken runs for the lock at once.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn unlock(&mut self, pfn: Pfn, events: &mut Vec<Event>) -> Result<Option<Pid>, Refusal> {
        let pid = self.current;
        let memory = self.memory("unlock_page")?;
        Ok(match memory.unlock_page(pfn, pid, events)? {
            Unlock::Idle => None,
            Unlock::HandedTo(next) => Some(next),
            Unlock::Woke(next) => {
                memory.resume(next)?;
                Some(next)
            }
        })
    }

    /// Writes bytes to a page as the kernel does, whoever has it, or nobody.
    ///
    /// # Errors
    ///
    /// A [`Refusal`].
    pub fn poke(&mut self, pfn: Pfn, offset: u32, bytes: &[u8]) -> Result<(), Refusal> {
        let wrong = |error: ArenaError| Refusal::Memory(error.into());
        match &mut self.core {
            Core::Zone(memory) => Ok(memory.poke(pfn, offset, bytes)?),
            Core::Node { arena, .. } => arena.write(pfn, offset, bytes).map_err(wrong),
        }
    }

    /// The end of a task: what it holds locked or pinned is let go, its pages unmapped, its blocks freed.
    pub(super) fn end(&mut self, pid: Pid, events: &mut Vec<Event>) -> Result<(), Refusal> {
        let owner = Self::owner(pid);
        let memory = self.memory("kill")?;
        if let Some(pfn) = memory.waits_for(pid) {
            let asleep = LockError::Asleep { pid, pfn };
            return Err(MemoryError::from(asleep).into());
        }
        let held: Vec<Pfn> = memory
            .pages()
            .filter(|&pfn| {
                memory
                    .page(pfn)
                    .is_some_and(|page| page.locked_by == Some(pid))
            })
            .collect();
        for pfn in held {
            if let Unlock::Woke(next) = memory.unlock_page(pfn, pid, events)? {
                memory.resume(next)?;
            }
        }
        memory.exit(pid, events)?;
        let blocks: Vec<_> = memory
            .zone()
            .blocks()
            .filter(|block| match block.state {
                crate::mm::BlockState::Allocated { owner: by, .. } => by == owner,
                _ => false,
            })
            .collect();
        for block in blocks {
            if memory.page(block.pfn).is_none() {
                memory.free_pages(block.pfn, block.order, events)?;
            }
        }
        Ok(())
    }

    /// True if this is the number of a task that ever was.
    pub fn was(&self, pid: Pid) -> bool {
        (FIRST_CHILD..self.next_pid).contains(&pid)
    }
}
