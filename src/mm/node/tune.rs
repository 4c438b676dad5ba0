//! What an administrator may change while a machine is in use.

use super::Node;

impl Node {
    /// Sets `vm.min_free_kbytes`, in KiB, and computes all watermarks anew
    /// (Linux 6.12 `mm/page_alloc.c`: `min_free_kbytes_sysctl_handler()`).
    pub fn set_min_free_kbytes(&mut self, kbytes: u32) {
        self.config.min_free_kbytes = Some(kbytes);
        self.set_marks();
    }
}
