//! The form that is handed in: a JSON object, or a GeoJSON Feature whose properties are one.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zhifang_core::{Day, DivisionCode, Record, geometry};

use super::{Application, CheckSummary, Kind, LogEntry, State};
use crate::category::Category;
use crate::error::Error;
use crate::rules::{Measures, Rules};

/// What art. 11 asks for, and what the other articles hang on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dossier {
    /// 方案: what is to be named how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// 理由.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasons: Option<String>,
    /// 位置, in words: one of the six facts of the announcement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// 规模.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<String>,
    /// 性质.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nature: Option<String>,
    /// 风险评估.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_assessment: Option<String>,
    /// 专家论证.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expert_review: Option<String>,
    /// 征求意见.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consultation: Option<String>,
    /// 保护措施 for a heritage name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protection: Option<String>,
    /// 无特定关联: why hits of a rule may stand, by rule.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub no_link: BTreeMap<String, String>,
}

/// Fields of a dossier that rules may ask for.
pub const DOSSIER_FIELDS: [&str; 9] = [
    "plan",
    "reasons",
    "position",
    "scale",
    "nature",
    "risk_assessment",
    "expert_review",
    "consultation",
    "protection",
];

impl Dossier {
    /// The text of a field by its name.
    pub fn text(&self, field: &str) -> Option<&str> {
        let value = match field {
            "plan" => &self.plan,
            "reasons" => &self.reasons,
            "position" => &self.position,
            "scale" => &self.scale,
            "nature" => &self.nature,
            "risk_assessment" => &self.risk_assessment,
            "expert_review" => &self.expert_review,
            "consultation" => &self.consultation,
            "protection" => &self.protection,
            _ => return None,
        };
        value
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }
}

/// An application as handed in.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApplicationForm {
    /// What is applied for.
    pub kind: Kind,
    /// The new name; for a retirement it may be left out.
    pub name: String,
    /// Statutory category, number or word; a renaming takes the entry's.
    pub category: Option<Value>,
    /// The division to which the place belongs; a renaming takes the entry's.
    pub division: Option<String>,
    /// Entry or unit that is renamed or retired.
    pub target: Option<String>,
    /// Who wants it; the login name of whoever hands it in when absent.
    pub applicant: Option<String>,
    /// Roman spelling; the one by rule when absent.
    pub pinyin: Option<String>,
    /// Class code, GB/T 18521.
    pub class_code: Option<String>,
    /// 含义.
    pub meaning: Option<String>,
    /// 来历.
    pub origin: Option<String>,
    /// Longitude of a point.
    pub lon: Option<f64>,
    /// Latitude of a point.
    pub lat: Option<f64>,
    /// GeoJSON geometry, EPSG:4490.
    pub geometry: Option<Value>,
    /// Extent and scale in numbers.
    pub measures: Measures,
    /// What art. 11 asks for; its members may also stand beside the other fields.
    pub dossier: Dossier,
}

/// Text of a field at most, characters: a report, not a book.
const TEXT_CHARS: usize = 20_000;

fn fault(detail: impl Into<String>) -> Error {
    Error::Form {
        detail: detail.into(),
    }
}

impl ApplicationForm {
    /// A form from JSON: an object, or a GeoJSON Feature.
    ///
    /// # Errors
    /// [`Error::Form`] that names the field at fault.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| fault(format!("is no JSON: {error}")))?;
        Self::from_json(value)
    }

    /// A form from a JSON value.
    ///
    /// # Errors
    /// [`Error::Form`] that names the field at fault.
    pub fn from_json(value: Value) -> Result<Self, Error> {
        let Value::Object(mut object) = value else {
            return Err(fault("wanted a JSON object"));
        };
        if object.get("type").and_then(Value::as_str) == Some("Feature") {
            let geometry = object.remove("geometry").unwrap_or(Value::Null);
            let Some(Value::Object(properties)) = object.remove("properties") else {
                return Err(fault("`properties`: wanted an object"));
            };
            object = properties;
            object.insert("geometry".to_owned(), geometry);
        }
        // `within` is what the command line and the check call the division.
        if let Some(within) = object.remove("within") {
            object.entry("division").or_insert(within);
        }
        if let Some(Value::Number(number)) = object.get("division") {
            let text = number.to_string();
            object.insert("division".to_owned(), Value::from(text));
        }
        gather_dossier(&mut object)?;
        if let Some((name, _)) = object
            .iter()
            .chain(
                object
                    .get("dossier")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten(),
            )
            .find(|(_, value)| {
                value
                    .as_str()
                    .is_some_and(|text| text.chars().count() > TEXT_CHARS)
            })
        {
            return Err(fault(format!(
                "`{name}`: wanted at most {TEXT_CHARS} characters"
            )));
        }
        serde_json::from_value(Value::Object(object)).map_err(|error| fault(error.to_string()))
    }

    /// The application that the form makes, before it is checked; `target` is the entry or unit
    /// of the form's `target`, where it names one.
    ///
    /// # Errors
    /// [`Error::Form`], [`Error::Category`], [`Error::Target`], [`Error::Dossier`].
    pub fn into_application(
        self,
        rules: &Rules,
        target: Option<&Record>,
        id: String,
        by: &str,
        on: Day,
    ) -> Result<Application, Error> {
        match (self.kind, &self.target, target) {
            (Kind::Naming, Some(_), _) => {
                return Err(fault("`target`: a naming has none; wanted `kind` renaming"));
            }
            (Kind::Renaming | Kind::Retirement, None, _) => {
                return Err(fault(
                    "`target` is missing: wanted the entry that is renamed or retired",
                ));
            }
            (_, Some(id), None) => return Err(Error::Target { id: id.clone() }),
            _ => {}
        }
        let category = match &self.category {
            Some(Value::String(word)) => Some(word.parse()?),
            Some(value) => Some(value.to_string().parse()?),
            None => target.and_then(Category::of),
        };
        let category = category.ok_or_else(|| fault("`category` is missing: wanted 1 to 8"))?;
        let division = match &self.division {
            Some(code) => Some(
                code.parse::<DivisionCode>()
                    .map_err(|error| fault(format!("`division`: {error}")))?,
            ),
            None => target.and_then(|target| target.division),
        };
        let division =
            division.ok_or_else(|| fault("`division` is missing: wanted a division code"))?;
        let name = match (self.kind, target) {
            (Kind::Retirement, Some(target)) if self.name.trim().is_empty() => {
                target.name.to_string()
            }
            _ => self.name.trim().to_owned(),
        };
        let name = crate::check::readable(&name, rules.limits().name_chars)?;
        if let (Kind::Renaming, Some(target)) = (self.kind, target)
            && *target.name == *name
        {
            return Err(fault(format!(
                "`name`: the entry is called `{name}` already"
            )));
        }
        let missing: Vec<String> = rules
            .required(category, self.kind.as_str())
            .filter(|field| self.dossier.text(field).is_none())
            .map(str::to_owned)
            .collect();
        if !missing.is_empty() {
            return Err(Error::Dossier { fields: missing });
        }
        let geometry = self.place(target)?;
        let mut fields = Map::new();
        for (field, value) in [
            ("pinyin", &self.pinyin),
            ("class_code", &self.class_code),
            ("meaning", &self.meaning),
            ("origin", &self.origin),
        ] {
            if let Some(text) = value
                .as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
            {
                fields.insert(field.to_owned(), Value::from(text));
            }
        }
        let applicant = self
            .applicant
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| by.to_owned());
        let body = rules.authority(category, None, false);
        Ok(Application {
            id,
            version: 0,
            kind: self.kind,
            state: State::Applied,
            name,
            division,
            category,
            target: self.target,
            applicant,
            applied_by: by.to_owned(),
            applied_on: on,
            dossier: self.dossier,
            measures: self.measures,
            authority: crate::text::Text::new(&*body.zh, &*body.en),
            authority_kind: body.kind,
            approved_on: None,
            approved_by: None,
            document: None,
            filed_on: None,
            announced_on: None,
            result: None,
            check: CheckSummary::default(),
            log: vec![LogEntry {
                on,
                by: by.to_owned(),
                step: "apply".to_owned(),
                note: None,
                document: None,
            }],
            fields,
            geometry,
        })
    }

    /// The geometry given, the point given, or the target's.
    fn place(&self, target: Option<&Record>) -> Result<Option<Arc<geo::Geometry<f64>>>, Error> {
        let point = match (self.lon, self.lat) {
            (Some(lon), Some(lat)) => Some(
                zhifang_core::LonLat::try_new(lon, lat)
                    .map_err(|error| fault(format!("`lon`, `lat`: {error}")))?,
            ),
            (None, None) => None,
            _ => return Err(fault("`lon` and `lat` belong together")),
        };
        match (&self.geometry, point) {
            (Some(given), None) if !given.is_null() => {
                let geometry = geometry::from_geojson(given)
                    .map_err(|error| fault(format!("`geometry`: {error}")))?;
                Ok(Some(Arc::new(geometry)))
            }
            (Some(given), Some(_)) if !given.is_null() => Err(fault(
                "`geometry`: stands beside `lon` and `lat`; wanted one of the two",
            )),
            (_, Some(point)) => Ok(Some(Arc::new(geo::Geometry::Point(point.into())))),
            // A unit's polygon stays with the unit.
            _ => Ok(target
                .filter(|target| target.collection == zhifang_core::Collection::Names)
                .and_then(|target| target.geometry.clone())),
        }
    }
}

/// Members of the dossier that stand beside the other fields go into it.
fn gather_dossier(object: &mut Map<String, Value>) -> Result<(), Error> {
    let mut dossier = match object.remove("dossier") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(dossier)) => dossier,
        Some(_) => return Err(fault("`dossier`: wanted an object")),
    };
    for field in DOSSIER_FIELDS.into_iter().chain(["no_link"]) {
        if let Some(value) = object.remove(field) {
            dossier.entry(field).or_insert(value);
        }
    }
    object.insert("dossier".to_owned(), Value::Object(dossier));
    Ok(())
}
