//! Types and properties of entities, by id and name.

use serde_json::{Value, json};
use zhifang_core::{Collection, DivisionLevel, Field, FieldKind, Lang, Record, schema};

/// The eight statutory categories of place names (地名管理条例 art. 3).
const CATEGORIES: [(&str, &str); 8] = [
    ("自然地理实体", "Natural features"),
    ("行政区划", "Administrative divisions"),
    (
        "村（居）民委员会所在地",
        "Seats of village and residents' committees",
    ),
    ("城市公园、自然保护地", "City parks and nature reserves"),
    ("街路巷", "Streets, roads and lanes"),
    ("住宅区、楼宇", "Residential areas and buildings"),
    (
        "交通、水利、电力、通信、气象设施",
        "Transport, water, power, telecom, weather facilities",
    ),
    ("其他地理实体", "Other geographic features"),
];

/// A type of entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntityType {
    /// `division`: every division.
    AnyDivision,
    /// `province` … `village`.
    Level(DivisionLevel),
    /// `name`: every standard name.
    AnyName,
    /// `name-1` … `name-8`.
    Category(u8),
}

impl EntityType {
    /// Every type, the general ones before the particular ones.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let levels = DivisionLevel::ALL.into_iter().skip(1).map(Self::Level);
        [Self::AnyDivision]
            .into_iter()
            .chain(levels)
            .chain([Self::AnyName])
            .chain((1..=8).map(Self::Category))
    }

    /// The type of this id.
    pub(super) fn of_id(id: &str) -> Option<Self> {
        Self::all().find(|one| one.id() == id)
    }

    pub(super) fn id(self) -> String {
        match self {
            Self::AnyDivision => "division".to_owned(),
            Self::Level(level) => level.as_str().to_owned(),
            Self::AnyName => "name".to_owned(),
            Self::Category(number) => format!("name-{number}"),
        }
    }

    pub(super) fn name(self) -> String {
        let (zh, en) = match self {
            Self::AnyDivision => ("行政区划", "Administrative division"),
            Self::Level(level) => {
                return format!("{}行政区划 {}", level.zh(), capital(level.as_str()));
            }
            Self::AnyName => ("标准地名", "Standard place name"),
            Self::Category(number) => usize::from(number)
                .checked_sub(1)
                .and_then(|at| CATEGORIES.get(at))
                .copied()
                .unwrap_or_default(),
        };
        format!("{zh} {en}")
    }

    fn broader(self) -> Option<Self> {
        match self {
            Self::Level(_) => Some(Self::AnyDivision),
            Self::Category(_) => Some(Self::AnyName),
            Self::AnyDivision | Self::AnyName => None,
        }
    }

    /// Id and name.
    pub(super) fn described(self) -> Value {
        json!({"id": self.id(), "name": self.name()})
    }

    /// Id, name, and the type above.
    pub(super) fn described_with_broader(self) -> Value {
        let mut described = self.described();
        if let Some(broader) = self.broader() {
            described["broader"] = json!([broader.described()]);
        }
        described
    }

    /// The types of a record, the particular one first.
    pub(super) fn of_record(record: &Record) -> Vec<Self> {
        let particular = match record.level() {
            Some(level) => Some(Self::Level(level)),
            None => record
                .fields
                .number("category")
                .map(|number| number as u8)
                .filter(|number| (1..=8).contains(number))
                .map(Self::Category),
        };
        let general = match record.collection {
            Collection::Divisions => Self::AnyDivision,
            _ => Self::AnyName,
        };
        particular.into_iter().chain([general]).collect()
    }
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// A property of entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Property {
    /// The whole name with all units above.
    Label,
    /// Longitude or latitude of the place, degrees.
    Lon,
    /// See [`Property::Lon`].
    Lat,
    /// Any unit above: a condition of queries; as values, all of them from the province down.
    Within,
    /// The unit of this level above.
    Above(DivisionLevel),
    /// A field of the register.
    Field(&'static Field),
}

impl Property {
    /// Every property that the records of a type may have; of no type: all.
    pub(super) fn of_type(of: Option<EntityType>) -> Vec<Self> {
        use EntityType::{AnyDivision, AnyName, Category, Level};
        let (divisions, names) = match of {
            Some(AnyDivision | Level(_)) => (true, false),
            Some(AnyName | Category(_)) => (false, true),
            None => (true, true),
        };
        let levels = DivisionLevel::ALL.into_iter().skip(1).take(4);
        let mut all = vec![Self::Label, Self::Within, Self::Lon, Self::Lat];
        all.extend(levels.map(Self::Above));
        let mut put = |field: &'static Field| {
            let is_known = all
                .iter()
                .any(|one| matches!(one, Self::Field(known) if known.name == field.name));
            if !is_known && !field.restricted && field.kind != FieldKind::Object {
                all.push(Self::Field(field));
            }
        };
        if divisions {
            Collection::Divisions.fields().iter().for_each(&mut put);
        }
        if names {
            Collection::Names.fields().iter().for_each(&mut put);
        }
        schema::COMMON.iter().for_each(&mut put);
        all
    }

    /// The property of this id.
    pub(super) fn of_id(id: &str) -> Option<Self> {
        Self::of_type(None).into_iter().find(|one| one.id() == id)
    }

    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Lon => "lon",
            Self::Lat => "lat",
            Self::Within => "within",
            Self::Above(level) => level.as_str(),
            Self::Field(field) => field.name,
        }
    }

    pub(super) fn name_in(self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::Label => ("全称", "Full name"),
            Self::Lon => ("经度", "Longitude"),
            Self::Lat => ("纬度", "Latitude"),
            Self::Within => ("上级区划（各级）", "Within (any unit above)"),
            Self::Above(level) => {
                return match lang {
                    Lang::Zh => format!("所属{}行政区划", level.zh()),
                    Lang::En => capital(level.as_str()),
                };
            }
            Self::Field(field) => (field.zh, field.en),
        };
        lang.pick(zh, en).to_owned()
    }

    pub(super) fn name(self) -> String {
        format!("{} {}", self.name_in(Lang::Zh), self.name_in(Lang::En))
    }

    /// The type of its values, where they are entities.
    pub(super) fn value_type(self) -> Option<EntityType> {
        match self {
            Self::Within => Some(EntityType::AnyDivision),
            Self::Above(level) => Some(EntityType::Level(level)),
            Self::Field(field) if field.name != "code" => {
                matches!(field.kind, FieldKind::Code | FieldKind::CodeList)
                    .then_some(EntityType::AnyDivision)
            }
            _ => None,
        }
    }

    pub(super) fn described(self) -> Value {
        json!({"id": self.id(), "name": self.name()})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_lead_back() {
        let mut types: Vec<String> = EntityType::all().map(EntityType::id).collect();
        assert!(types.iter().all(|id| EntityType::of_id(id).is_some()));
        types.sort();
        types.dedup();
        assert_eq!(types.len(), 15);
        let all = Property::of_type(None);
        let mut ids: Vec<&str> = all.iter().map(|one| one.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
        assert!(Property::of_id("parent").is_some_and(|one| one.value_type().is_some()));
        assert!(Property::of_id("no such").is_none());
    }
}
