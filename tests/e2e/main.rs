//! Stories of the whole program, one module each.

mod architecture;
mod import;
mod register;
mod service;
