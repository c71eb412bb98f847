//! Stories of the whole program, one module each.

mod architecture;
mod boundaries;
mod check;
mod compat;
mod field;
mod import;
mod names;
mod names;
mod register;
mod service;
