//! The time this thread has run for, which others on the same machine do not add to.

/// Nanoseconds of processor time.
pub fn now() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the time is written to a place of ours.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(result, 0, "this system has no clock for threads");
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
