//! Fork: a child gets its parent's memory, shared until one of them writes.

use super::super::{Owner, Sink};
use super::{Memory, MemoryError, PageKind, Pid, Pte, Vpn};

impl Memory {
    /// Makes a child with the parent's memory (`copy_page_range()`).
    ///
    /// Every page is shared: it is no longer exclusive, and a write to it faults in both. An exclusive anonymous page
    /// that is pinned cannot be shared, for the device would go on with bytes one of the two no longer sees: the child
    /// gets a copy at once (`copy_present_page()`), in ascending order.
    ///
    /// # Errors
    ///
    /// A [`MemoryError`] if there is no such parent, it sleeps for a page lock, there is such a child already, or there
    /// is no memory for the copies. There is no child then, and nothing is shared.
    pub fn fork(
        &mut self,
        parent: Pid,
        child: Pid,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Result<(), MemoryError> {
        self.mm(parent)?;
        self.awake(parent)?;
        self.create(child, owner)?;
        let pinned = self
            .page_table(parent)
            .filter(|(_, pte)| self.must_be_copied(*pte));
        for (vpn, pte) in pinned.collect::<Vec<_>>() {
            match self.copy_page(child, pte.pfn, sink) {
                Ok(pfn) => self.link(
                    child,
                    vpn,
                    Pte {
                        pfn,
                        writable: true,
                    },
                ),
                Err(error) => {
                    self.exit(child, sink)?;
                    return Err(error);
                }
            }
        }
        // What was reclaimed for the copies is gone from the parent's table too.
        let shared: Vec<_> = self.page_table(parent).collect();
        for (vpn, pte) in shared {
            if self.pte(child, vpn).is_none()
                && let Err(error) = self.share(parent, child, vpn, pte)
            {
                self.exit(child, sink)?;
                return Err(error);
            }
        }
        Ok(())
    }

    fn must_be_copied(&self, pte: Pte) -> bool {
        self.pages
            .get(&pte.pfn)
            .is_some_and(|page| page.pins > 0 && page.kind == PageKind::Anon { exclusive: true })
    }

    fn share(&mut self, parent: Pid, child: Pid, vpn: Vpn, pte: Pte) -> Result<(), MemoryError> {
        let pfn = pte.pfn;
        let page = self.referenced(pfn)?;
        page.more_references(pfn)?;
        if let PageKind::Anon { exclusive } = &mut page.kind {
            *exclusive = false;
        }
        let writable = false;
        self.link(parent, vpn, Pte { pfn, writable });
        self.link(child, vpn, Pte { pfn, writable });
        Ok(())
    }
}
