//! Stories of the whole program, one module each.

mod architecture;
mod boundaries;
mod check;
mod compat;
mod import;
mod register;
mod service;
