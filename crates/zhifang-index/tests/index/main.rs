//! The index against brute force, its own rebuild, damaged bytes and the whole nation.

mod brute;
mod followed;
mod lives;
mod nation;
mod stored;
mod world;
