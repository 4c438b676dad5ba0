//! What an administrator may change while a zone is in use.

use super::super::setup_per_zone_wmarks;
use super::Zone;

impl Zone {
    /// Sets `vm.min_free_kbytes`, in KiB, and computes the watermarks anew. The boost stays
    /// (Linux 6.12 `mm/page_alloc.c`: `min_free_kbytes_sysctl_handler()`).
    pub fn set_min_free_kbytes(&mut self, kbytes: u32) {
        self.config.min_free_kbytes = Some(kbytes);
        let factor = self.config.watermark_scale_factor;
        let managed = [self.config.pages.into()];
        if let [marks] = setup_per_zone_wmarks(kbytes, &managed, factor)[..] {
            self.set_as_part(marks, self.mobility_disabled);
        }
    }
}
