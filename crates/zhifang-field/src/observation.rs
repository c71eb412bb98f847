//! An observation as a crew's phone wrote it, read into a record of the register.

use std::collections::BTreeMap;
use std::sync::Arc;

use geo::{Geometry, Point};
use serde_json::{Map, Value};
use zhifang_core::{
    Collection, DivisionCode, FieldKind, LonLat, Record, Status, Timestamp, geometry::from_geojson,
};
use zhifang_topology::distance_m;

use crate::content::uuid_of;
use crate::round::Round;
use crate::words::{Words, number_of, state_of, words};

/// Half the width of the corridor that is walked, metres: what was seen farther from the line
/// was not seen on it.
pub const CORRIDOR_M: f64 = 100.0;

/// Characters of a uuid: one of RFC 9562 has 36.
const UUID_CHARS: usize = 64;

/// A phone's clock may be ahead by so much, microseconds.
const CLOCK_AHEAD_US: i64 = 3_600_000_000;

/// A position this near to where GCJ-02 would put the marker is taken for one, metres.
const GCJ02_M: f64 = 60.0;

/// Why a row is not taken.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) uuid: Option<String>,
    pub(crate) field: String,
    pub(crate) code: &'static str,
    pub(crate) reason: Words,
}

/// What was read, and what should be looked at.
#[derive(Debug, Clone)]
pub(crate) struct Sighting {
    /// As a record under its plain uuid.
    pub(crate) record: Record,
    pub(crate) warnings: Vec<(&'static str, Words)>,
}

/// The register's markers by number and by id.
pub(crate) struct Markers<'a>(BTreeMap<&'a str, &'a Record>);

impl<'a> Markers<'a> {
    pub(crate) fn new(markers: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut by_name = BTreeMap::new();
        for marker in markers {
            by_name.entry(&*marker.id).or_insert(marker);
            // A number that was given again means the marker that stands.
            let number = number_of(marker);
            let slot = by_name.entry(number).or_insert(marker);
            if slot.status == Status::Retired && marker.status != Status::Retired {
                *slot = marker;
            }
        }
        Self(by_name)
    }

    pub(crate) fn find(&self, name: &str) -> Option<&'a Record> {
        self.0.get(name).copied()
    }
}

/// Properties that a pack, an export or a map program adds and that say nothing about what was
/// seen.
const NOT_SAID: [&str; 12] = [
    "collection",
    "conflict",
    "division",
    "fid",
    "id",
    "name",
    "source",
    "status",
    "updated_at",
    "updated_by",
    "valid_from",
    "valid_to",
];

struct Reader<'r, 'a> {
    round: &'r Round<'a>,
    uuid: Option<String>,
}

impl Reader<'_, '_> {
    fn fault(&self, field: &str, code: &'static str, reason: Words) -> Fault {
        Fault {
            uuid: self.uuid.clone(),
            field: field.to_owned(),
            code,
            reason,
        }
    }

    fn bad_value(&self, field: &str, value: &Value, zh: &str, en: &str) -> Fault {
        let found: String = value.to_string().chars().take(60).collect();
        let reason = words!("{found}：应为{zh}", "{found}: wanted {en}");
        self.fault(field, "bad_value", reason)
    }
}

/// A UUID as RFC 9562 writes it: lower case, without braces or `urn:uuid:`.
fn plain_uuid(text: &str) -> String {
    let text = text.trim();
    let bare = text
        .strip_prefix("urn:uuid:")
        .or_else(|| text.strip_prefix('{')?.strip_suffix('}'))
        .unwrap_or(text);
    let bare = uuid_of(bare);
    if is_uuid(bare) {
        bare.to_ascii_lowercase()
    } else {
        bare.to_owned()
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Text that stands for nothing: forms leave empty texts where nothing was filled in.
fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Reads one Feature for a round of inspection.
pub(crate) fn read(
    feature: &Value,
    round: &Round<'_>,
    markers: &Markers<'_>,
    now: Timestamp,
) -> Result<Sighting, Fault> {
    let mut reader = Reader { round, uuid: None };
    let none = Map::new();
    let properties = match feature.get("properties") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(properties)) => properties,
        Some(other) => return Err(reader.bad_value("properties", other, "对象", "an object")),
    };
    if feature.get("type").and_then(Value::as_str) != Some("Feature") {
        let reason = Words::new("不是 GeoJSON Feature", "is no GeoJSON Feature");
        return Err(reader.fault("type", "bad_row", reason));
    }
    // A Feature's own id will do where it is a UUID; map programs put row numbers there.
    let uuid = properties
        .get("uuid")
        .filter(|value| !is_blank(value))
        .or_else(|| {
            let own = feature.get("id")?;
            is_uuid(&plain_uuid(own.as_str()?)).then_some(own)
        })
        .ok_or_else(|| {
            let reason = Words::new(
                "缺少 uuid，无法判断是否已经合并过",
                "is missing; without it nobody can tell whether this was merged before",
            );
            reader.fault("uuid", "no_uuid", reason)
        })?;
    let uuid = match uuid.as_str().map(plain_uuid) {
        Some(text)
            if !text.is_empty()
                && text.chars().count() <= UUID_CHARS
                && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@') =>
        {
            text
        }
        _ => return Err(reader.bad_value("uuid", uuid, " UUID（RFC 9562）", "a UUID (RFC 9562)")),
    };
    reader.uuid = Some(uuid.clone());
    let mut record = Record::new(Collection::Observations, &uuid, "");
    record.division = round.inspection.division;
    record.source = Arc::from("inspect merge");
    let mut warnings = Vec::new();
    record.fields.set("uuid", Value::from(uuid.as_str()));
    if !is_uuid(&uuid) {
        let text = Words::new("uuid 不是 RFC 9562 格式", "the uuid is none of RFC 9562");
        warnings.push(("odd_uuid", text));
    }
    reader.own_fields(properties, &mut record)?;
    keep_extra(properties, &mut record);
    reader.inspection(&mut record)?;
    reader.position(feature.get("geometry"), &mut record)?;
    let marker = reader.marker(&mut record, markers)?;
    reader.side(&record)?;
    record.name = match marker {
        Some(marker) => format!("{}巡查", number_of(marker)).into(),
        None => "界线巡查".into(),
    };
    if record.fields.get("marker").is_none() && record.geometry.is_none() {
        let reason = Words::new(
            "既无界桩号也无位置",
            "neither a marker nor a position is given",
        );
        return Err(reader.fault("marker", "missing", reason));
    }
    look(round, marker, &record, now, &mut warnings);
    Ok(Sighting { record, warnings })
}

impl Reader<'_, '_> {
    fn own_fields(
        &self,
        properties: &Map<String, Value>,
        record: &mut Record,
    ) -> Result<(), Fault> {
        for field in Collection::Observations.fields() {
            let name = field.name;
            if matches!(name, "uuid" | "conflict") {
                continue;
            }
            let Some(value) = properties.get(name).filter(|value| !is_blank(value)) else {
                continue;
            };
            let value = match (name, field.kind) {
                ("state", _) => value
                    .as_str()
                    .and_then(|text| state_of(text.trim()))
                    .map(Value::from)
                    .ok_or_else(|| {
                        let zh = "完好、倾斜、损坏、掩埋、移动或丢失";
                        let en = "good, tilted, damaged, buried, moved or missing";
                        self.bad_value(name, value, zh, en)
                    })?,
                (_, FieldKind::Time) => value
                    .as_str()
                    .map(str::trim)
                    .filter(|text| text.parse::<Timestamp>().is_ok())
                    .map(Value::from)
                    .ok_or_else(|| {
                        let zh = "带时区的时间（RFC 3339）";
                        self.bad_value(name, value, zh, "a time with its zone (RFC 3339)")
                    })?,
                (_, FieldKind::Code) => text_of(value)
                    .parse::<DivisionCode>()
                    .map(|code| Value::from(code.to_string()))
                    .map_err(|_| self.bad_value(name, value, "区划代码", "a division code"))?,
                (_, FieldKind::Number) => number_of_value(value)
                    .filter(|number| *number >= 0.0)
                    .map(Value::from)
                    .ok_or_else(|| self.bad_value(name, value, "非负数", "a number, 0 or more"))?,
                (_, FieldKind::Integer) => number_of_value(value)
                    .filter(|number| number.fract() == 0.0 && (0.0..=1e9).contains(number))
                    .map(|number| Value::from(number as i64))
                    .ok_or_else(|| {
                        self.bad_value(name, value, "非负整数", "a whole number, 0 or more")
                    })?,
                (_, FieldKind::ObjectList) => objects(value)
                    .ok_or_else(|| self.bad_value(name, value, "对象列表", "a list of objects"))?,
                _ => match value {
                    Value::String(_) | Value::Number(_) => Value::from(text_of(value)),
                    _ => return Err(self.bad_value(name, value, "文字", "a text")),
                },
            };
            record.fields.set(name, value);
        }
        Ok(())
    }

    fn inspection(&self, record: &mut Record) -> Result<(), Fault> {
        let id = &*self.round.inspection.id;
        match record.fields.text("inspection") {
            None => record.fields.set("inspection", Value::from(id)),
            Some(other) if other != id => {
                let reason = words!(
                    "属于联检任务 `{other}`，不属于 `{id}`",
                    "belongs to inspection `{other}`, not to `{id}`"
                );
                return Err(self.fault("inspection", "other_inspection", reason));
            }
            Some(_) => {}
        }
        Ok(())
    }

    fn position(&self, geometry: Option<&Value>, record: &mut Record) -> Result<(), Fault> {
        let Some(given) = geometry.filter(|value| !value.is_null()) else {
            return Ok(());
        };
        let bad = |reason: Words| Err(self.fault("geometry", "bad_geometry", reason));
        let point = match from_geojson(given) {
            Ok(Geometry::Point(point)) => point,
            Ok(Geometry::MultiPoint(points)) if points.0.len() == 1 => points.0[0],
            Ok(_) => {
                let reason = Words::new("应为一个点", "wanted one point");
                return Err(self.fault("geometry", "wrong_geometry", reason));
            }
            Err(error) => return bad(words!("{error}", "{error}")),
        };
        let (x, y) = (point.x(), point.y());
        if LonLat::try_new(x, y).is_err() {
            return bad(if LonLat::try_new(y, x).is_ok() {
                words!(
                    "{x} {y}：经纬度颠倒，应经度在前",
                    "{x} {y}: swapped; longitude comes first"
                )
            } else {
                words!("{x} {y}：不是经纬度", "{x} {y}: no longitude and latitude")
            });
        }
        record.geometry = Some(Arc::new(Geometry::Point(Point::new(x, y))));
        Ok(())
    }

    /// The marker that is meant; its number is what the record says.
    fn marker<'m>(
        &self,
        record: &mut Record,
        markers: &Markers<'m>,
    ) -> Result<Option<&'m Record>, Fault> {
        let Some(name) = record
            .fields
            .text("marker")
            .map(|name| name.trim().to_owned())
        else {
            return Ok(None);
        };
        let marker = markers.find(&name).ok_or_else(|| {
            let reason = words!(
                "登记库中没有界桩 `{name}`",
                "marker `{name}` is not in the register"
            );
            self.fault("marker", "unknown_marker", reason)
        })?;
        let line = self.round.line_id();
        let is_on_line = marker.fields.text("boundary") == Some(line)
            || self.round.course.as_ref().is_some_and(|course| {
                let is_it = |other: &Record| other.id == marker.id;
                course.stations.iter().any(|station| is_it(station.marker))
            });
        if !is_on_line {
            let other = marker.fields.text("boundary").unwrap_or("-");
            let reason = words!(
                "界桩 `{name}` 在界线 `{other}` 上，不在 `{line}` 上",
                "marker `{name}` stands on line `{other}`, not on `{line}`"
            );
            return Err(self.fault("marker", "other_line", reason));
        }
        if record.fields.get("state").is_none() {
            let reason = Words::new("缺少界桩状态", "is missing: how the marker was found");
            return Err(self.fault("state", "missing", reason));
        }
        record.fields.set("marker", Value::from(number_of(marker)));
        Ok(Some(marker))
    }

    fn side(&self, record: &Record) -> Result<(), Fault> {
        let Some(code) = crate::round::code_in(record, "side") else {
            return Ok(());
        };
        let sides: Vec<String> = [self.round.lead, self.round.other]
            .into_iter()
            .flatten()
            .map(|side| side.to_string())
            .collect();
        if sides.is_empty() || self.round.side_of(code).is_some() {
            return Ok(());
        }
        let wanted = sides.join("、");
        let reason = words!(
            "`{code}`：不是界线的任何一方（{wanted}）",
            "`{code}`: is no side of the line ({wanted})"
        );
        Err(self.fault("side", "no_side", reason))
    }
}

/// What the register has no field for is kept under `extra`.
fn keep_extra(properties: &Map<String, Value>, record: &mut Record) {
    let mut extra = match properties.get("extra") {
        Some(Value::Object(extra)) => extra.clone(),
        _ => Map::new(),
    };
    for (name, value) in properties {
        let is_known = Collection::Observations.field(name).is_some()
            || NOT_SAID.contains(&name.as_str())
            || name == "extra";
        if !is_known && !value.is_null() {
            extra.insert(name.clone(), value.clone());
        }
    }
    if !extra.is_empty() {
        record.fields.set("extra", Value::Object(extra));
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

fn number_of_value(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .filter(|number| number.is_finite())
}

/// A list of objects, as such or as the text that table formats make of it.
fn objects(value: &Value) -> Option<Value> {
    let value = match value {
        Value::String(text) => serde_json::from_str(text).ok()?,
        other => other.clone(),
    };
    let is_list = value
        .as_array()
        .is_some_and(|items| items.iter().all(Value::is_object));
    is_list.then_some(value)
}

/// What is odd about an observation that is taken all the same.
fn look(
    round: &Round<'_>,
    marker: Option<&Record>,
    record: &Record,
    now: Timestamp,
    warnings: &mut Vec<(&'static str, Words)>,
) {
    let missing: Vec<&str> = ["observed_at", "observer", "side", "accuracy_m"]
        .into_iter()
        .filter(|name| record.fields.get(name).is_none())
        .chain(record.geometry.is_none().then_some("geometry"))
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(" ");
        warnings.push(("incomplete", words!("缺少 {missing}", "lacks {missing}")));
    }
    let at = record.fields.text("observed_at");
    if let Some(at) = at.and_then(|text| text.parse::<Timestamp>().ok())
        && at.micros() > now.micros().saturating_add(CLOCK_AHEAD_US)
    {
        let text = words!(
            "时间 {at} 在将来，请核对手机时钟",
            "{at} lies ahead; check the phone's clock"
        );
        warnings.push(("clock_ahead", text));
    }
    if round.is_closed() {
        let text = Words::new(
            "联检已结束，记录照收",
            "the inspection is closed; kept all the same",
        );
        warnings.push(("inspection_closed", text));
    }
    if marker.is_some_and(|marker| marker.status == Status::Retired) {
        let text = Words::new(
            "界桩已停用，记录照收",
            "the marker is retired; kept all the same",
        );
        warnings.push(("retired_marker", text));
    }
    let Some(place) = record.point() else { return };
    let from_line = round
        .course
        .as_ref()
        .map_or(0.0, |course| course.nearest(place.into()).1);
    let stone = marker.and_then(Record::point);
    let away = stone.map_or(from_line, |stone| distance_m(stone.into(), place.into()));
    if away <= CORRIDOR_M {
        return;
    }
    let shifted = stone.map(zhifang_datum::gcj02::forward);
    if shifted.is_some_and(|shifted| distance_m(shifted.into(), place.into()) <= GCJ02_M) {
        let text = words!(
            "位置距界桩 {away:.0} 米，像是 GCJ-02 坐标；登记库内为 CGCS2000",
            "was made {away:.0} m off the marker and looks like GCJ-02; the register is in CGCS2000"
        );
        warnings.push(("looks_gcj02", text));
    } else if marker.is_some() {
        let text = words!(
            "位置距界桩 {away:.0} 米，请核对",
            "was made {away:.0} m off the marker; check it"
        );
        warnings.push(("far_from_marker", text));
    } else {
        let text = words!(
            "位置距界线 {away:.0} 米，请核对",
            "was made {away:.0} m off the line; check it"
        );
        warnings.push(("far_from_line", text));
    }
}
