#![doc = include_str!("../README.md")]

mod access;
mod change;
mod code;
mod coordinate;
mod crs;
mod day;
mod disclosure;
mod fields;
pub mod geometry;
mod lang;
mod record;
pub mod schema;
pub mod tile;

pub use access::{Action, Actor, Role, RoleError, allows};
pub use change::{Change, Operation, OperationError};
pub use code::{
    CodeError, CodePrefix, DivisionCode, DivisionLevel, LevelError, division_kind, is_heading_name,
};
pub use coordinate::{Bbox, CoordinateError, LonLat, Meters};
pub use crs::{Crs, CrsError, OldDatum, Zone};
pub use day::{Day, DayError, Timestamp, Validity};
pub use disclosure::{PUBLIC_MARKER_STEP_DEG, public_view};
pub use fields::Fields;
pub use geometry::GeometryError;
pub use lang::{Lang, LangError};
pub use record::{Record, RecordKey, Status, StatusError};
pub use schema::{Collection, CollectionError, Field, FieldKind, GeometryClass};
pub use tile::{TileError, TileId};
