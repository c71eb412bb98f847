//! The surveys of a marker's position (测量记录), and whether it moved.

use geo::Coord;
use serde_json::Value;
use zhifang_core::Record;
use zhifang_topology::distance_m;

/// A position measured anew is another place when it is off by so many standard errors of both
/// surveys together.
pub const MOVED_SIGMAS: f64 = 3.0;

/// Accuracy of a position where none is recorded, metres: what the standard asks of a marker's.
pub const DEFAULT_ACCURACY_M: f64 = 1.0;

/// One survey of a marker.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey<'a> {
    /// The day, as recorded.
    pub date: &'a str,
    /// The method, as recorded.
    pub method: &'a str,
    /// Where, EPSG:4490.
    pub place: Option<Coord<f64>>,
    /// Height, metres.
    pub height_m: Option<f64>,
    /// Standard error of the position, metres.
    pub accuracy_m: Option<f64>,
}

impl Survey<'_> {
    /// How far from a registered position of some accuracy it is, and how far it may be, metres.
    pub fn drift_m(&self, registered: Coord<f64>, accuracy_m: f64) -> Option<(f64, f64)> {
        let own = self.accuracy_m.unwrap_or(DEFAULT_ACCURACY_M);
        let away = distance_m(registered, self.place?);
        Some((away, MOVED_SIGMAS * own.hypot(accuracy_m)))
    }
}

/// The surveys in a marker's record, in the order of their days.
pub fn surveys_of(marker: &Record) -> Vec<Survey<'_>> {
    let objects = marker.fields.objects("surveys");
    let mut surveys: Vec<Survey<'_>> = objects
        .map(|survey| {
            let number = |name: &str| survey.get(name).and_then(Value::as_f64);
            let text = |name: &str| survey.get(name).and_then(Value::as_str);
            Survey {
                date: text("date").unwrap_or_default(),
                method: text("method").unwrap_or_default(),
                place: number("lon").zip(number("lat")).map(Coord::from),
                height_m: number("height_m"),
                accuracy_m: number("accuracy_m"),
            }
        })
        .collect();
    surveys.sort_by(|a, b| a.date.cmp(b.date));
    surveys
}

/// Accuracy of the registered position: the last survey's, metres.
pub fn accuracy_m(marker: &Record) -> f64 {
    let last = surveys_of(marker).into_iter().rev();
    let mut known = last.filter_map(|survey| survey.accuracy_m);
    known.next().unwrap_or(DEFAULT_ACCURACY_M)
}
