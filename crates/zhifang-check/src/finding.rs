//! Findings: what a rule found, where, how big, and what can be done.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use geo::Geometry;
use serde_json::{Map, Value, json};
use zhifang_core::{Collection, DivisionCode, Lang, LonLat, Record, RecordKey, geometry};

use crate::life::State;
use crate::register::Register;
use crate::scope::{code_of, units_of};

/// How much a finding weighs (严重程度), the heaviest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// 提示: worth knowing, nothing to mend.
    Info,
    /// 警告: to be looked at.
    Warning,
    /// 错误: to be mended.
    Error,
}

impl Severity {
    /// Every severity, the heaviest first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Info];

    /// Word in files and over HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }

    /// Word for people.
    pub fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Error => lang.pick("错误", "error"),
            Self::Warning => lang.pick("警告", "warning"),
            Self::Info => lang.pick("提示", "information"),
        }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Text {
    /// 中文.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// The text in one language.
    pub fn pick(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

/// How big a fault is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// The number.
    pub value: f64,
    /// `m`, `m2`, `%`, `days` or `count`.
    pub unit: &'static str,
}

/// One place of a fault: how wide, how long, how much ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// Middle of the largest circle inside.
    pub place: LonLat,
    /// Diameter of the largest circle inside, metres.
    pub width_m: f64,
    /// Mean width: twice the area by the perimeter, metres.
    pub mean_width_m: f64,
    /// Half of the perimeter, metres.
    pub length_m: f64,
    /// Area on the ellipsoid, square metres.
    pub area_m2: f64,
}

impl Extent {
    fn to_json(self) -> Value {
        json!({
            "place": [self.place.lon, self.place.lat],
            "width_m": rounded(self.width_m),
            "mean_width_m": rounded(self.mean_width_m),
            "length_m": rounded(self.length_m),
            "area_m2": rounded(self.area_m2),
        })
    }
}

/// One way to mend a fault, for a person to choose; nothing is changed by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// What would be done.
    pub action: Text,
    /// The unit whose ground changes, if one does.
    pub unit: Option<DivisionCode>,
    /// Ground that the unit would win (positive) or lose, square metres.
    pub area_m2: Option<f64>,
}

/// What a rule found (检查结果).
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Stable from run to run: rule, subjects, and the cell in which the place lies.
    pub id: String,
    /// The rule, e.g. `COV-01`.
    pub rule: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// The records concerned, the first one foremost.
    pub subjects: Vec<RecordKey>,
    /// What, where, how big, and what to do.
    pub message: Text,
    /// Where, EPSG:4490.
    pub place: Option<LonLat>,
    /// What is concerned, EPSG:4490.
    pub geometry: Option<Arc<Geometry<f64>>>,
    /// How big.
    pub size: Option<Size>,
    /// Its places with their measures, the widest first; empty where nothing is measured.
    pub extents: Vec<Extent>,
    /// The tolerance that it was measured against, metres.
    pub tolerance_m: Option<f64>,
    /// Law or standard.
    pub basis: &'static str,
    /// Ways to mend it.
    pub proposals: Vec<Proposal>,
    /// Where it stands, by what was decided about it before.
    pub state: State,
}

/// Side of the cells by which findings of one rule on the same records are told apart, degrees:
/// about 1 km, so that a line moved by a survey keeps the findings that it has elsewhere.
const PLACE_CELL_DEG: f64 = 0.01;

impl Finding {
    /// A finding of a rule; `detail` tells apart what one rule finds on the same record.
    pub fn new(
        rule: &'static str,
        severity: Severity,
        subjects: Vec<RecordKey>,
        detail: &str,
        message: Text,
    ) -> Self {
        let keys = subjects.iter().map(ToString::to_string);
        let id = stable_id(
            rule,
            &keys
                .chain([detail.to_owned()])
                .collect::<Vec<_>>()
                .join(" "),
        );
        Self {
            id,
            rule,
            severity,
            subjects,
            message,
            place: None,
            geometry: None,
            size: None,
            extents: Vec::new(),
            tolerance_m: None,
            basis: "",
            proposals: Vec::new(),
            state: State::Open,
        }
    }

    /// Where it is; findings on the same records in different places are different findings.
    #[must_use]
    pub fn at(mut self, place: LonLat) -> Self {
        let cell = |degrees: f64| (degrees / PLACE_CELL_DEG).floor() as i64;
        let text = format!("{} {} {}", self.id, cell(place.lon), cell(place.lat));
        self.id = stable_id(self.rule, &text);
        self.place = Some(place);
        self
    }

    /// Where it is, on a record that has one place only: the id does not depend on it.
    #[must_use]
    pub fn on(mut self, place: Option<LonLat>) -> Self {
        self.place = place;
        self
    }

    /// What is concerned.
    #[must_use]
    pub fn shown(mut self, geometry: Geometry<f64>) -> Self {
        self.geometry = Some(Arc::new(geometry));
        self
    }

    /// How big.
    #[must_use]
    pub fn sized(mut self, value: f64, unit: &'static str) -> Self {
        self.size = Some(Size { value, unit });
        self
    }

    /// Which places, of which measures.
    #[must_use]
    pub fn measuring(mut self, extents: impl IntoIterator<Item = Extent>) -> Self {
        self.extents = extents.into_iter().collect();
        self.extents.sort_by(|a, b| b.width_m.total_cmp(&a.width_m));
        self
    }

    /// Against which tolerance, metres.
    #[must_use]
    pub fn against(mut self, tolerance_m: f64) -> Self {
        self.tolerance_m = Some(tolerance_m);
        self
    }

    /// One way to mend it.
    #[must_use]
    pub fn propose(
        mut self,
        action: Text,
        unit: Option<DivisionCode>,
        area_m2: Option<f64>,
    ) -> Self {
        self.proposals.push(Proposal {
            action,
            unit,
            area_m2,
        });
        self
    }

    /// The order of a report: heaviest first, then by rule, subjects and id.
    pub(crate) fn rank(&self) -> (Reverse<Severity>, &'static str, &[RecordKey], &str) {
        (Reverse(self.severity), self.rule, &self.subjects, &self.id)
    }

    /// As JSON, both languages.
    pub fn to_json(&self) -> Value {
        let mut map = self.properties();
        map.insert(
            "geometry".to_owned(),
            self.geometry
                .as_deref()
                .map_or(Value::Null, geometry::to_geojson),
        );
        Value::Object(map)
    }

    /// As a GeoJSON Feature; its geometry is what is concerned, else the place.
    pub fn to_feature(&self) -> Value {
        let geometry = match (self.geometry.as_deref(), self.place) {
            (Some(shape), _) => geometry::to_geojson(shape),
            (None, Some(place)) => geometry::to_geojson(&Geometry::Point(place.into())),
            (None, None) => Value::Null,
        };
        json!({
            "type": "Feature",
            "id": self.id,
            "geometry": geometry,
            "properties": self.properties(),
        })
    }

    /// As a record of the collection `findings`, state `open`.
    pub fn to_record(&self, division: Option<DivisionCode>) -> Record {
        let mut record = Record::new(Collection::Findings, &self.id, &self.message.zh);
        record.division = division.or_else(|| self.division());
        record.geometry = self.geometry.clone().or_else(|| {
            self.place
                .map(|place| Arc::new(Geometry::Point(place.into())))
        });
        let subjects: Vec<String> = self.subjects.iter().map(ToString::to_string).collect();
        let mut set = |name: &str, value: Value| record.fields.set(name, value);
        set("rule", json!(self.rule));
        set("severity", json!(self.severity.as_str()));
        set("message", json!(self.message.zh));
        set("message_en", json!(self.message.en));
        set("subjects", json!(subjects));
        set("finding_state", json!("open"));
        set("basis", json!(self.basis));
        set("tolerance_m", json!(self.tolerance_m));
        if let Some(size) = self.size {
            set("size", json!(size.value));
            set("size_unit", json!(size.unit));
        }
        record
    }

    /// The division of the first subject that tells one by its id.
    fn division(&self) -> Option<DivisionCode> {
        self.subjects.iter().find_map(code_of)
    }

    /// The units that it concerns: those among its subjects, and those on the sides of lines,
    /// markers, claims and disputes among them.
    pub fn units(&self, register: &Register<'_>) -> BTreeSet<DivisionCode> {
        let of = |subject: &RecordKey| {
            let record = register.record(subject.collection, &subject.id);
            let others = record.into_iter().flat_map(units_of);
            code_of(subject)
                .into_iter()
                .chain(others)
                .collect::<Vec<_>>()
        };
        self.subjects.iter().flat_map(of).collect()
    }

    fn properties(&self) -> Map<String, Value> {
        let subjects: Vec<Value> = self
            .subjects
            .iter()
            .map(|subject| json!({"collection": subject.collection.as_str(), "id": &*subject.id}))
            .collect();
        let proposals: Vec<Value> = self
            .proposals
            .iter()
            .map(|proposal| {
                json!({
                    "action": proposal.action.zh,
                    "action_en": proposal.action.en,
                    "unit": proposal.unit.map(|unit| unit.to_string()),
                    "area_m2": proposal.area_m2.map(rounded),
                })
            })
            .collect();
        let mut map = Map::new();
        let mut set = |name: &str, value: Value| map.insert(name.to_owned(), value);
        set("id", json!(self.id));
        set("rule", json!(self.rule));
        set("severity", json!(self.severity.as_str()));
        set("message", json!(self.message.zh));
        set("message_en", json!(self.message.en));
        set("subjects", Value::Array(subjects));
        set(
            "place",
            self.place
                .map_or(Value::Null, |place| json!([place.lon, place.lat])),
        );
        set(
            "size",
            self.size.map_or(
                Value::Null,
                |size| json!({"value": rounded(size.value), "unit": size.unit}),
            ),
        );
        set(
            "extents",
            Value::Array(self.extents.iter().map(|extent| extent.to_json()).collect()),
        );
        set("tolerance_m", json!(self.tolerance_m));
        set("basis", json!(self.basis));
        set("proposals", Value::Array(proposals));
        set("state", json!(self.state.as_str()));
        map
    }
}

/// The rule and 64 bits of a hash (FNV-1a) that is the same on every machine and in every version.
fn stable_id(rule: &str, text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{rule}-{hash:016x}")
}

/// To a thousandth: what lies below is noise of the arithmetic.
pub(crate) fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

/// A length for people: `0.3 m`, `34 m`, `3.91 km`.
pub(crate) fn metres(length: f64) -> Text {
    if length >= 10_000.0 {
        Text::new(
            format!("{:.1} 公里", length / 1000.0),
            format!("{:.1} km", length / 1000.0),
        )
    } else if length >= 10.0 {
        Text::new(format!("{length:.0} 米"), format!("{length:.0} m"))
    } else if length >= 0.1 {
        Text::new(format!("{length:.1} 米"), format!("{length:.1} m"))
    } else {
        Text::new(format!("{length:.3} 米"), format!("{length:.3} m"))
    }
}

/// An area for people: square metres below a hectare, hectares below 100 km².
pub(crate) fn area(square_metres: f64) -> Text {
    if square_metres >= 1e8 {
        let km2 = square_metres / 1e6;
        Text::new(format!("{km2:.0} 平方公里"), format!("{km2:.0} km²"))
    } else if square_metres >= 1e4 {
        let ha = square_metres / 1e4;
        Text::new(format!("{ha:.1} 公顷"), format!("{ha:.1} ha"))
    } else if square_metres >= 10.0 {
        Text::new(
            format!("{square_metres:.0} 平方米"),
            format!("{square_metres:.0} m²"),
        )
    } else {
        Text::new(
            format!("{square_metres:.2} 平方米"),
            format!("{square_metres:.2} m²"),
        )
    }
}
