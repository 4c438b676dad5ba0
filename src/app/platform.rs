//! Why there is no window, in one sentence.

/// Why there is no window.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    /// Nothing to show a window on.
    #[error(
        "no display: {0}; start the game in a graphical session, play it in a browser (make web web-serve), or watch a bot: labyrinth raid --bot careful"
    )]
    Display(String),
    /// Nothing to draw with.
    #[error(
        "no graphics driver: {0}; install one (in software: the package mesa-vulkan-drivers), play in a browser (make web web-serve), or watch a bot: labyrinth raid --bot careful"
    )]
    Graphics(String),
    /// The window broke before it could be used.
    #[error("the window cannot be opened: {0}; to play without one: labyrinth raid --bot careful")]
    Start(String),
    /// The rules do not accept the raid.
    #[error("{0}")]
    Raid(String),
}

/// Nanoseconds since 1970, for seeds that nobody chose.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(super) fn now() -> u128 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos())
}

/// As on a desktop, but browsers give the time in rough steps: chance makes up the rest.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(super) fn now() -> u128 {
    let chance = js_sys::Math::random() * f64::from(u32::MAX);
    (js_sys::Date::now() as u128 * 1_000_000) ^ (chance as u128) << 16
}
