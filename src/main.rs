//! The program: everything it does is behind its command line, or, in a browser, behind its page.

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn main() -> std::process::ExitCode {
    labyrinth::cli::main()
}

#[cfg(all(target_family = "wasm", target_os = "unknown", feature = "app"))]
fn main() {
    labyrinth::app::web::main();
}

#[cfg(all(target_family = "wasm", target_os = "unknown", not(feature = "app")))]
fn main() {}
