//! CPUs of a node: which one calls, and what they keep on lists of their own.

use super::super::{CpuError, Sink};
use super::Node;
use super::shift::Shift;

impl Node {
    /// The CPU that allocates and frees from now on, in all zones; CPU 0 at first: see
    /// [`Zone::set_cpu`](super::Zone::set_cpu).
    ///
    /// # Errors
    ///
    /// A [`CpuError`] if the node has no lists for such a CPU.
    pub fn set_cpu(&mut self, cpu: u16) -> Result<(), CpuError> {
        // All zones have the same CPUs, so either every zone takes it or the first refuses.
        let mut zones = self.parts.iter_mut();
        zones.try_for_each(|part| part.zone.set_cpu(cpu))
    }

    /// Gives all pages on all CPUs' lists back to the free lists of their zones; returns their number
    /// (`drain_all_pages()`).
    pub fn drain_all(&mut self, sink: &mut impl Sink) -> u32 {
        let mut drained = 0;
        for part in &mut self.parts {
            let start = part.start;
            drained += part.zone.drain_all(&mut Shift { sink, start });
        }
        drained
    }

    /// Pages on lists of all CPUs, over all zones: neither free nor allocated.
    pub fn nr_pcp_pages(&self) -> u32 {
        self.parts.iter().map(|part| part.zone.nr_pcp_pages()).sum()
    }
}
