#![doc = include_str!("../README.md")]

mod codec;
#[cfg(test)]
mod contract;
mod decision;
mod error;
mod gate;
#[cfg(feature = "postgis")]
mod postgis;
mod pulse;
mod raw;
mod register;
mod seal;
mod sqlite;
mod url;
mod verify;

pub use error::StoreError;
#[cfg(feature = "postgis")]
pub use postgis::PostgisRegister;
pub use register::{Expect, Receipt, Register, TokenHash, User, Write};
pub use sqlite::SqliteRegister;
pub use url::{open, redact};
pub use verify::{VerifyFault, VerifyFaultKind, VerifyReport};
