//! What a filter asks of a record.

use std::borrow::Cow;

use geo::{Geometry, Point};
use serde_json::Value;
use zhifang_core::Record;

/// Names under which a record's own geometry is meant.
pub const GEOMETRY_NAMES: [&str; 2] = ["geometry", "geom"];

/// Whatever has properties and geometries by name.
pub trait Properties {
    /// The property's value, or nothing.
    fn property(&self, name: &str) -> Option<Cow<'_, Value>>;

    /// The geometry of that name, EPSG:4490, or nothing.
    fn geometry(&self, name: &str) -> Option<Cow<'_, Geometry>>;
}

/// Common, derived and stored fields; `extra.KEY` for what the schema does not know. `geometry`
/// (or `geom`) is the geometry, any field that holds a position is a point too.
impl Properties for Record {
    fn property(&self, name: &str) -> Option<Cow<'_, Value>> {
        // Stored fields are lent; only derived ones are made.
        if let Some(value) = self.fields.get(name) {
            return Some(Cow::Borrowed(value));
        }
        if let Some(key) = name.strip_prefix("extra.") {
            return self.fields.get("extra")?.get(key).map(Cow::Borrowed);
        }
        Record::property(self, name).map(Cow::Owned)
    }

    fn geometry(&self, name: &str) -> Option<Cow<'_, Geometry>> {
        if GEOMETRY_NAMES.contains(&name) {
            return self.geometry.as_deref().map(Cow::Borrowed);
        }

        let place = self.position(name)?;
        Some(Cow::Owned(Geometry::Point(Point::new(
            place.lon, place.lat,
        ))))
    }
}
