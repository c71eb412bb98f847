//! Stories of the whole program, one module each.

mod architecture;
mod boundaries;
mod check;
mod clients;
mod compat;
mod desk;
mod disputes;
mod field;
mod findings;
mod hostile;
mod import;
mod kept;
mod licences;
mod markers;
mod names;
mod oracle;
mod publish;
mod readme;
mod register;
mod service;
mod snapshots;
mod whole;
