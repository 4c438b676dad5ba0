//! The examples say what a course shows: their whole text, as it was read and found right.

#[path = "../examples/first_steps.rs"]
#[allow(dead_code, reason = "its main prints what is compared here")]
mod first_steps;
#[path = "../examples/watermarks.rs"]
#[allow(dead_code, reason = "its main prints what is compared here")]
mod watermarks;

#[test]
fn first_steps() {
    let text = first_steps::lesson().expect("settings in range");
    assert_eq!(text, include_str!("examples/first_steps.txt"), "\n{text}");
}

#[test]
fn watermarks() {
    let text = watermarks::lesson().expect("settings in range");
    assert_eq!(text, include_str!("examples/watermarks.txt"), "\n{text}");
}
