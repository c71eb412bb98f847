//! What meets a box or a geometry.

use geo::Geometry;
use zhifang_core::{Bbox, Collection, Record};

use super::View;
use crate::meeting::{meets_box, meets_geometry};
use crate::table::envelope;

impl<'a> View<'a> {
    /// Records whose envelope meets the box, sorted by id: candidates, not answers.
    pub fn candidates_in(
        &self,
        collection: Collection,
        bbox: Bbox,
    ) -> impl ExactSizeIterator<Item = &'a Record> + use<'a> {
        self.found_in(collection, bbox, |_| true).into_iter()
    }

    /// Records whose geometry meets the box, edges included, sorted by id; of any status.
    ///
    /// A box that crosses ±180° is taken apart.
    pub fn intersecting(
        &self,
        collection: Collection,
        bbox: Bbox,
    ) -> impl ExactSizeIterator<Item = &'a Record> + use<'a> {
        let parts: Vec<Bbox> = bbox.parts().collect();
        self.found_in(collection, bbox, |record| {
            let geometry = record.geometry.as_deref();
            geometry.is_some_and(|geometry| parts.iter().any(|part| meets_box(geometry, part)))
        })
        .into_iter()
    }

    /// Records whose geometry shares a point with this one, sorted by id; of any status.
    pub fn meeting(
        &self,
        collection: Collection,
        geometry: &Geometry<f64>,
    ) -> impl ExactSizeIterator<Item = &'a Record> + use<'a> {
        let found = Bbox::of_geometry(geometry).map(|bbox| {
            self.found_in(collection, bbox, |record| {
                record
                    .geometry
                    .as_deref()
                    .is_some_and(|other| meets_geometry(other, geometry))
            })
        });
        found.unwrap_or_default().into_iter()
    }

    /// Divisions whose seat lies in the box, polygon or not, sorted by id; of any status.
    pub fn seats_in(&self, bbox: Bbox) -> impl ExactSizeIterator<Item = &'a Record> + use<'a> {
        let table = self.snapshot.base.table(Collection::Divisions);
        let mut found: Vec<&'a Record> = Vec::new();
        for part in bbox.parts() {
            let entries = table
                .seats()
                .locate_in_envelope_intersecting(envelope(&part));
            found.extend(
                entries.filter_map(|entry| self.unchanged(Collection::Divisions, entry.index)),
            );
        }
        let changed = self
            .changed(Collection::Divisions)
            .map(|(_, record)| record);
        found.extend(changed.filter(|record| {
            record
                .position("seat")
                .is_some_and(|seat| bbox.contains(seat))
        }));
        in_order(found).into_iter()
    }

    fn found_in(
        &self,
        collection: Collection,
        bbox: Bbox,
        is_hit: impl Fn(&Record) -> bool,
    ) -> Vec<&'a Record> {
        let tree = self.snapshot.base.table(collection).tree(self.audience);
        let mut found: Vec<&'a Record> = Vec::new();
        for part in bbox.parts() {
            let entries = tree.locate_in_envelope_intersecting(envelope(&part));
            found.extend(entries.filter_map(|entry| self.unchanged(collection, entry.index)));
            found.extend(self.changed(collection).filter_map(|(changed, record)| {
                let near = changed.bbox(self.audience)?.intersects(&part);
                near.then_some(record)
            }));
        }
        let mut found = in_order(found);
        found.retain(|record| is_hit(record));
        found
    }
}

/// Sorted by id, none twice.
fn in_order(mut records: Vec<&Record>) -> Vec<&Record> {
    records.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    records.dedup_by(|a, b| a.id == b.id);
    records
}
