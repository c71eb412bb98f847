//! The service asked in process: no socket, a register of a handful of records.

#![expect(clippy::unwrap_used, reason = "helpers of a test may fail as tests do")]

mod address;
mod batch;
mod bounds;
mod editing;
mod feed;
mod house;
mod items;
mod negotiation;
mod refusal;
mod session;
mod tiles;
