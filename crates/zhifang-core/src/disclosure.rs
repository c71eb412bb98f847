//! What the public may see of a record: one rule for every answer, tile and export (公开范围).

use std::sync::Arc;

use geo_types::{Geometry, Point};

use crate::record::{Record, Status};
use crate::schema::Collection;

/// Step to which public marker positions are rounded, degrees, unless configured otherwise:
/// about 100 m, so that nobody is led to the stone itself.
pub const PUBLIC_MARKER_STEP_DEG: f64 = 0.001;

/// The record as the public sees it; `None` when it is hidden altogether.
///
/// Drafts, what was given up before it was ever published, and the restricted collections are
/// hidden. A marker's position is rounded to
/// `marker_step_deg`; restricted fields are taken out. For the public this *is* the record:
/// filters, distances, tiles and hashes must be computed from it.
pub fn public_view(record: &Record, marker_step_deg: f64) -> Option<Record> {
    if !record.collection.is_public() || !was_published(record) {
        return None;
    }
    let mut view = record.clone();
    for field in record
        .collection
        .fields()
        .iter()
        .filter(|field| field.restricted)
    {
        view.fields.remove(field.name);
    }
    if record.collection == Collection::Markers {
        view.fields.remove("extra");
        view.geometry = match record.geometry.as_deref() {
            Some(Geometry::Point(point)) => {
                let x = round_to(point.x(), marker_step_deg);
                let y = round_to(point.y(), marker_step_deg);
                Some(Arc::new(Geometry::Point(Point::new(x, y))))
            }
            _ => None,
        };
    }
    Some(view)
}

/// Standings of a name (地名状态) that come before its publication, or instead of it.
const UNPUBLISHED: [&str; 4] = ["applied", "in_review", "approved", "rejected"];

/// Whether the public ever saw the record: a draft that was given up is retired without that.
fn was_published(record: &Record) -> bool {
    let is_application = record.collection == Collection::Names
        && record
            .fields
            .text("name_status")
            .is_some_and(|standing| UNPUBLISHED.contains(&standing));
    match record.status {
        Status::Draft => false,
        Status::Published => true,
        Status::Retired => !is_application && !record.is_given_up(),
    }
}

/// The multiple of `step` nearest to `number`, without the noise of binary fractions.
fn round_to(number: f64, step: f64) -> f64 {
    let scale = (1.0 / step).round();
    if scale >= 1.0 {
        (number * scale).round() / scale
    } else {
        (number / step).round() * step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_public_sees_a_rounded_marker_without_its_surveys() {
        let mut marker = Record::new(Collection::Markers, "m1", "4142001Q");
        marker.geometry = Some(Arc::new(Geometry::Point(Point::new(
            111.670_123,
            32.385_789,
        ))));
        marker
            .fields
            .set("surveys", json!([{"lon": 111.670_123, "lat": 32.385_789}]));
        marker.fields.set("state", json!("good"));
        let view = public_view(&marker, PUBLIC_MARKER_STEP_DEG).unwrap();
        let point = view.point().unwrap();
        assert_eq!((point.lon, point.lat), (111.67, 32.386));
        assert!(view.fields.get("surveys").is_none());
        assert_eq!(view.fields.text("state"), Some("good"));
    }

    #[test]
    fn what_was_given_up_before_publication_stays_hidden() {
        let today = crate::Day::from_ymd(2026, 11, 25).unwrap();
        let mut draft = Record::new(Collection::Services, "s", "未开放的站点");
        draft.status = Status::Draft;
        draft.retire(today);
        assert!(public_view(&draft, 0.001).is_none());
        let mut open = Record::new(Collection::Services, "t", "已开放的站点");
        open.retire(today);
        assert_eq!(public_view(&open, 0.001).unwrap().valid.to, Some(today));
        let mut name = Record::new(Collection::Names, "n", "汉江");
        name.fields.set("name_status", json!("in_review"));
        name.status = Status::Retired;
        assert!(public_view(&name, 0.001).is_none());
    }

    #[test]
    fn drafts_and_disputes_are_hidden() {
        let mut name = Record::new(Collection::Names, "n", "汉江");
        name.status = Status::Draft;
        assert!(public_view(&name, 0.001).is_none());
        assert!(public_view(&Record::new(Collection::Disputes, "d", ""), 0.001).is_none());
    }
}
