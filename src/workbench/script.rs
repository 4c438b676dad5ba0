//! A script of the sandbox as one word, for a link.

use crate::journal::code::base64;

/// Most bytes of a script that goes into a link: no longer than browsers and messengers let an address be.
pub const MAX_SCRIPT: u32 = 6000;

/// Why a word is no script, or a script has none; one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// Too long for a link.
    #[error(
        "found a script of {found} bytes, expected at most {MAX_SCRIPT}: save or export it instead"
    )]
    Long {
        /// How long it is.
        found: u64,
    },
    /// It is empty.
    #[error("found no calls, expected a script of one at least")]
    Empty,
    /// It is not the writing of a text.
    #[error(
        "found something that is no text, expected the code of a script: is all of the link there?"
    )]
    Code,
}

/// The word for a script.
///
/// # Errors
///
/// If it is empty, or too long.
pub fn encode(text: &str) -> Result<String, ScriptError> {
    let found = text.len() as u64;
    match found {
        0 => Err(ScriptError::Empty),
        _ if found > u64::from(MAX_SCRIPT) => Err(ScriptError::Long { found }),
        _ => Ok(base64::encode(text.as_bytes())),
    }
}

/// The script of a word.
///
/// # Errors
///
/// If it is not the word of a script.
pub fn decode(code: &str) -> Result<String, ScriptError> {
    let bytes = base64::decode(code).map_err(|_| ScriptError::Code)?;
    let found = bytes.len() as u64;
    if found > u64::from(MAX_SCRIPT) {
        return Err(ScriptError::Long { found });
    }
    let text = String::from_utf8(bytes).map_err(|_| ScriptError::Code)?;
    if text.trim().is_empty() {
        return Err(ScriptError::Empty);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_reads_back_and_what_is_none_is_refused() {
        let script = "p = alloc_pages(GFP_KERNEL, 3)\n__free_pages($p, 3)\n";
        let code = encode(script).expect("short enough");
        assert_eq!(decode(&code).as_deref(), Ok(script));
        assert_eq!(encode(""), Err(ScriptError::Empty));
        assert!(matches!(
            encode(&"x".repeat(7000)),
            Err(ScriptError::Long { found: 7000 })
        ));
        assert!(matches!(decode("a b"), Err(ScriptError::Code)));
        assert!(matches!(decode("_-_-"), Err(ScriptError::Code)));
        assert_eq!(decode(""), Err(ScriptError::Empty));
    }
}
