//! GDAL, the one native dependency of this crate, behind a process boundary.

pub(crate) mod child;
mod driver;
mod encoding;
mod message;
mod parent;
mod shapefile;
mod unpack;
mod write;

pub(crate) use parent::read;
pub(crate) use write::write;
