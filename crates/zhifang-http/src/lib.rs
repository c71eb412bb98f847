#![doc = include_str!("../README.md")]

mod caching;
mod caller;
mod coding;
mod compat;
mod declared;
mod error;
mod limits;
mod metrics;
#[expect(
    unused_qualifications,
    reason = "the documentation macro qualifies parameter types"
)]
mod ogc;
mod openapi;
mod params;
mod proxy;
#[expect(
    unused_qualifications,
    reason = "the documentation macro qualifies parameter types"
)]
mod routes;
mod server;
mod sessions;
mod state;
mod tile_cache;
mod visible;

pub use caching::{bare_tag, content_tag, matches_none};
pub use caller::{Caller, SESSION_COOKIE};
pub use error::{ApiError, ApiResult, FieldFault, PROBLEM_JSON, Problem};
pub use params::Params;
pub use proxy::{Network, NetworkError};
pub use routes::{openapi, router};
pub use server::serve;
pub use state::{AppState, Options};
pub use visible::Visible;
