//! A record of the register: the common fields, the collection's own, and a geometry.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use geo_types::Geometry;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::code::{DivisionCode, DivisionLevel, division_kind};
use crate::coordinate::{Bbox, LonLat};
use crate::day::{Day, Timestamp, Validity};
use crate::fields::Fields;
use crate::geometry::to_geojson;
use crate::schema::Collection;

/// Standing of a record (状态). Nothing is ever deleted: it is retired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// 草稿: seen by signed-in editors only.
    Draft,
    /// 已发布.
    #[default]
    Published,
    /// 已停用.
    Retired,
}

impl Status {
    /// Word used in files and over HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Retired => "retired",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("status `{text}`: wanted draft, published or retired")]
pub struct StatusError {
    /// The word as given.
    pub text: String,
}

impl FromStr for Status {
    type Err = StatusError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Draft, Self::Published, Self::Retired]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| StatusError {
                text: text.to_owned(),
            })
    }
}

/// Collection and identifier: what names a record in the whole register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// The collection.
    pub collection: Collection,
    /// The stable identifier within it.
    pub id: Box<str>,
}

impl RecordKey {
    /// A key from its parts.
    pub fn new(collection: Collection, id: &str) -> Self {
        Self {
            collection,
            id: id.into(),
        }
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.collection, self.id)
    }
}

/// Member of `extra` that marks a draft which was retired without publication.
const GIVEN_UP: &str = "given_up";

/// A record of the register (登记记录).
///
/// For `divisions` the `id` is the code; an earlier life of a code that was given again is
/// `code@valid_from`. Level, kind and parent of a division follow from its code unless a field
/// says otherwise, so that 665,276 units carry nothing twice.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Which collection.
    pub collection: Collection,
    /// Stable identifier within the collection.
    pub id: Box<str>,
    /// Name as published.
    pub name: Box<str>,
    /// The division it belongs to; for a division its own code.
    pub division: Option<DivisionCode>,
    /// Standing.
    pub status: Status,
    /// From when to when it is valid.
    pub valid: Validity,
    /// Counted from 1; 0 before it was first stored.
    pub version: u32,
    /// When this version was stored.
    pub updated_at: Timestamp,
    /// Who stored it.
    pub updated_by: Arc<str>,
    /// Where it comes from.
    pub source: Arc<str>,
    /// EPSG:4490, longitude first.
    pub geometry: Option<Arc<Geometry<f64>>>,
    /// The collection's own fields; keys unknown to the schema stand under `extra`.
    pub fields: Fields,
}

impl Record {
    /// A published record without dates, geometry or fields, not yet stored.
    pub fn new(collection: Collection, id: &str, name: &str) -> Self {
        Self {
            collection,
            id: id.into(),
            name: name.into(),
            division: (collection == Collection::Divisions)
                .then(|| id.split('@').next().and_then(|code| code.parse().ok()))
                .flatten(),
            status: Status::Published,
            valid: Validity::default(),
            version: 0,
            updated_at: Timestamp::default(),
            updated_by: Arc::from(""),
            source: Arc::from(""),
            geometry: None,
            fields: Fields::new(),
        }
    }

    /// What names it in the register.
    pub fn key(&self) -> RecordKey {
        RecordKey {
            collection: self.collection,
            id: self.id.clone(),
        }
    }

    /// Ends the record with the day, unless it ended before. A draft is given up: it never was in
    /// force, and the public never hears of it.
    pub fn retire(&mut self, today: Day) {
        if self.status == Status::Draft {
            let mut extra = match self.fields.get("extra") {
                Some(Value::Object(extra)) => extra.clone(),
                _ => Map::new(),
            };
            extra.insert(GIVEN_UP.to_owned(), Value::Bool(true));
            self.fields.set("extra", Value::Object(extra));
        }
        self.status = Status::Retired;
        self.valid.to.get_or_insert(today);
    }

    /// Whether it was given up as a draft.
    pub fn is_given_up(&self) -> bool {
        self.status == Status::Retired
            && self
                .fields
                .get("extra")
                .is_some_and(|extra| extra[GIVEN_UP] == true)
    }

    /// Whether it was in force on the day: published or since retired, and valid then.
    pub fn is_valid_on(&self, day: Day) -> bool {
        self.status != Status::Draft
            && !self.is_given_up()
            && (self.status == Status::Published || self.valid.to.is_some())
            && self.valid.contains(day)
    }

    /// The name that it bore on a day: a former one (曾用名) while its dates hold the day.
    pub fn name_on(&self, day: Option<Day>) -> &str {
        day.and_then(|day| self.former_name(day))
            .unwrap_or(&self.name)
    }

    /// The record as it was called on a day. A spelling that belongs to the name of today is left
    /// out where the name was another.
    pub fn called_on(&self, day: Option<Day>) -> Cow<'_, Self> {
        let Some(name) = day.and_then(|day| self.former_name(day)) else {
            return Cow::Borrowed(self);
        };
        let mut then = self.clone();
        then.name = name.into();
        then.fields.set("pinyin", Value::Null);
        Cow::Owned(then)
    }

    /// A former name whose end is known and whose dates hold the day.
    fn former_name(&self, day: Day) -> Option<&str> {
        let is_former = |alias: &&Map<String, Value>| {
            alias.get("kind").and_then(Value::as_str) == Some("former")
        };
        let date = |entry: &Map<String, Value>, key: &str| {
            entry.get(key).and_then(Value::as_str)?.parse::<Day>().ok()
        };
        self.fields
            .objects("former_names")
            .chain(self.fields.objects("aliases").filter(is_former))
            .find(|entry| {
                date(entry, "to").is_some_and(|to| day < to)
                    && date(entry, "from").is_none_or(|from| from <= day)
            })?
            .get("name")?
            .as_str()
    }

    /// Level of a division: the stored one, else by the shape of the code.
    pub fn level(&self) -> Option<DivisionLevel> {
        if self.collection != Collection::Divisions {
            return None;
        }
        self.fields
            .text("level")
            .and_then(|word| word.parse().ok())
            .or_else(|| self.division.map(DivisionCode::level))
    }

    /// Parent of a division: the stored one, else by prefix and the table of exceptions.
    pub fn parent(&self) -> Option<DivisionCode> {
        if self.collection != Collection::Divisions {
            return None;
        }
        self.fields
            .text("parent")
            .and_then(|code| code.parse().ok())
            .or_else(|| self.division.and_then(DivisionCode::parent))
    }

    /// Kind of a division: the stored one, else by level and the end of the name.
    pub fn kind(&self) -> Option<&str> {
        match (self.fields.text("kind"), self.collection, self.division) {
            (Some(kind), _, _) => Some(kind),
            (None, Collection::Divisions, Some(code)) => Some(division_kind(code, &self.name)),
            _ => None,
        }
    }

    /// Whether it is a heading of the published tables, which appears in no answer.
    pub fn is_heading(&self) -> bool {
        self.collection == Collection::Divisions && self.kind() == Some("heading")
    }

    /// A position stored in a field (`seat`, `entrance`): GeoJSON Point or `[lon, lat]`.
    pub fn position(&self, field: &str) -> Option<LonLat> {
        let value = self.fields.get(field)?;
        let pair = value
            .as_array()
            .or_else(|| value.get("coordinates").and_then(Value::as_array))?;
        LonLat::try_new(pair.first()?.as_f64()?, pair.get(1)?.as_f64()?).ok()
    }

    /// The point geometry, if it is one.
    pub fn point(&self) -> Option<LonLat> {
        match self.geometry.as_deref() {
            Some(Geometry::Point(point)) => Some((*point).into()),
            _ => None,
        }
    }

    /// Where to show it as a point: seat, then point geometry, else none.
    pub fn anchor(&self) -> Option<LonLat> {
        self.position("seat").or_else(|| self.point())
    }

    /// The box round its geometry.
    pub fn bbox(&self) -> Option<Bbox> {
        self.geometry.as_deref().and_then(Bbox::of_geometry)
    }

    /// Value of a property by name: common, derived or stored; `None` where there is none.
    pub fn property(&self, name: &str) -> Option<Value> {
        let text = |text: &str| (!text.is_empty()).then(|| Value::from(text));
        match name {
            "id" => text(&self.id),
            "name" => Some(Value::from(&*self.name)),
            "division" => self.division.map(|code| Value::from(code.to_string())),
            "status" => Some(Value::from(self.status.as_str())),
            "valid_from" => self.valid.from.map(|day| Value::from(day.to_string())),
            "valid_to" => self.valid.to.map(|day| Value::from(day.to_string())),
            "version" => Some(Value::from(self.version)),
            "updated_at" => Some(Value::from(self.updated_at.to_string())),
            "updated_by" => text(&self.updated_by),
            "source" => text(&self.source),
            "code" if self.collection == Collection::Divisions => {
                self.division.map(|code| Value::from(code.to_string()))
            }
            "level" if self.collection == Collection::Divisions => {
                self.level().map(|level| Value::from(level.as_str()))
            }
            "parent" if self.collection == Collection::Divisions => {
                self.parent().map(|code| Value::from(code.to_string()))
            }
            "kind" if self.collection == Collection::Divisions => self.kind().map(Value::from),
            _ => self.fields.get(name).cloned(),
        }
    }

    /// All properties that have a value: common, derived, stored.
    pub fn properties(&self) -> Map<String, Value> {
        let mut map = Map::new();
        for field in crate::schema::COMMON {
            if let Some(value) = self.property(field.name) {
                map.insert(field.name.to_owned(), value);
            }
        }
        if self.collection == Collection::Divisions {
            for name in ["code", "level", "kind", "parent"] {
                if let Some(value) = self.property(name) {
                    map.insert(name.to_owned(), value);
                }
            }
        }
        for (name, value) in self.fields.iter() {
            map.insert(name.to_owned(), value.clone());
        }
        map
    }

    /// The record as a GeoJSON Feature (RFC 7946 §3.2); `id` stands on the Feature too.
    pub fn to_feature(&self) -> Value {
        let geometry = self.geometry.as_deref().map_or(Value::Null, to_geojson);
        let mut feature = Map::new();
        feature.insert("type".to_owned(), Value::from("Feature"));
        feature.insert("id".to_owned(), Value::from(&*self.id));
        feature.insert("geometry".to_owned(), geometry);
        feature.insert("properties".to_owned(), Value::Object(self.properties()));
        Value::Object(feature)
    }

    /// Whether two records say the same, versions and audit aside.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        self.collection == other.collection
            && self.id == other.id
            && self.name == other.name
            && self.division == other.division
            && self.status == other.status
            && self.valid == other.valid
            && self.source == other.source
            && self.fields == other.fields
            && self.geometry == other.geometry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_division_needs_no_fields_to_know_its_place() {
        let village = Record::new(Collection::Divisions, "420682101201", "李楼村民委员会");
        assert_eq!(village.level(), Some(DivisionLevel::Village));
        assert_eq!(village.property("parent"), Some(Value::from("420682101")));
        assert_eq!(village.kind(), Some("村民委员会"));
        assert!(village.fields.is_empty());
    }

    #[test]
    fn an_earlier_life_keeps_the_bare_code_as_its_division() {
        let life = Record::new(Collection::Divisions, "420682@2002-12-01", "老河口市");
        assert_eq!(life.property("code"), Some(Value::from("420682")));
    }

    #[test]
    fn a_former_name_is_borne_until_the_day_it_ended() {
        let mut city = Record::new(Collection::Divisions, "420600", "襄阳市");
        city.fields.set("pinyin", Value::from("Xiāngyáng Shì"));
        city.fields.set(
            "former_names",
            serde_json::json!(["襄州", {"name": "襄樊市", "from": "1983-08-19", "to": "2010-12-09"}]),
        );
        let on = |year, month, day| Day::from_ymd(year, month, day);
        assert_eq!(city.name_on(None), "襄阳市");
        assert_eq!(city.name_on(on(2010, 12, 8)), "襄樊市");
        assert_eq!(city.name_on(on(2010, 12, 9)), "襄阳市");
        assert_eq!(
            city.name_on(on(1983, 8, 18)),
            "襄阳市",
            "older ones are not known"
        );
        let then = city.called_on(on(2005, 1, 1));
        assert_eq!((&*then.name, then.fields.text("pinyin")), ("襄樊市", None));
        assert!(matches!(city.called_on(on(2020, 1, 1)), Cow::Borrowed(_)));
    }

    #[test]
    fn a_retired_record_without_an_end_is_valid_on_no_day() {
        let day = Day::from_ymd(2020, 1, 1).unwrap();
        let mut record = Record::new(Collection::Names, "n1", "汉江");
        assert!(record.is_valid_on(day));
        record.status = Status::Retired;
        assert!(!record.is_valid_on(day));
        record.valid.to = Day::from_ymd(2021, 1, 1);
        assert!(record.is_valid_on(day));
    }
}
