//! The index against brute force, its own rebuild, damaged bytes and the whole nation.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

mod brute;
mod followed;
mod lives;
mod nation;
mod stored;
mod world;
