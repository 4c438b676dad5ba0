//! Why a line of the console failed, worded as the kernel or the shell would.

use std::fmt;

use crate::lesson::machine::Refusal;
use crate::mm::memory::{LockError, MemoryError};

/// Linux's error numbers, as far as the console gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::upper_case_acronyms, reason = "these are their names")]
pub enum Errno {
    /// Operation not permitted.
    EPERM,
    /// No such file or directory.
    ENOENT,
    /// No such process.
    ESRCH,
    /// Resource temporarily unavailable.
    EAGAIN,
    /// Out of memory.
    ENOMEM,
    /// Bad address.
    EFAULT,
    /// Device or resource busy.
    EBUSY,
    /// Invalid argument.
    EINVAL,
    /// Resource deadlock avoided.
    EDEADLK,
    /// Function not implemented.
    ENOSYS,
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// Why a line failed. Nothing has changed then, but for what was reclaimed in vain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Fault {
    /// The error number.
    pub errno: Errno,
    /// One line or more.
    pub text: String,
}

impl Fault {
    pub(super) fn new(errno: Errno, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { errno, text }
    }

    /// What a shell says.
    pub(super) fn shell(text: impl fmt::Display) -> Self {
        Self::new(Errno::EINVAL, format!("bash: {text}"))
    }

    /// A call that does not fit.
    pub(super) fn usage(call: &str, usage: &str, found: impl fmt::Display) -> Self {
        let text = format!("{call}: {found}; usage: {usage}");
        Self::new(Errno::EINVAL, text)
    }

    /// Why the machine refused a call.
    pub(super) fn refused(call: &str, refusal: &Refusal) -> Self {
        let errno = match refusal {
            Refusal::NoMemory(_) | Refusal::Migrate { .. } => Errno::ENOMEM,
            Refusal::NoTask { .. } => Errno::ESRCH,
            Refusal::Init => Errno::EPERM,
            Refusal::TooManyTasks => Errno::EAGAIN,
            Refusal::OneZone { .. } => Errno::ENOSYS,
            Refusal::Evict { .. } | Refusal::At { .. } => Errno::EBUSY,
            Refusal::Memory(MemoryError::NotMapped { .. }) => Errno::EFAULT,
            Refusal::Memory(MemoryError::Lock(LockError::Atomic { .. })) => Errno::EINVAL,
            Refusal::Memory(MemoryError::Lock(_)) => Errno::EDEADLK,
            _ => Errno::EINVAL,
        };
        let text = match refusal {
            Refusal::NoMemory(failure) => {
                let order = failure.order;
                let gfp = failure.gfp;
                format!(
                    "page allocation failure: order:{order}, mode:{:#x}({gfp})\n{call} = NULL (-ENOMEM): {failure}",
                    gfp.bits()
                )
            }
            Refusal::Free { pfn, .. } => {
                format!("BUG: Bad page state: pfn:{pfn:05x}\n{call}: {refusal} (-EINVAL)")
            }
            Refusal::Memory(MemoryError::NotMapped { .. }) => {
                format!("Segmentation fault (SIGSEGV)\n{call}: {refusal} (-EFAULT)")
            }
            Refusal::Memory(MemoryError::Lock(LockError::Atomic { .. })) => format!(
                "BUG: sleeping function called from invalid context\n{call}: {refusal} (-EINVAL)"
            ),
            _ => format!("{call}: {refusal} (-{errno})"),
        };
        Self::new(errno, text)
    }
}
