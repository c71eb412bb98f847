//! Services and cemeteries as places that one goes to.

use std::collections::BTreeSet;
use std::str::FromStr;

use geo::{Centroid, InteriorPoint};
use serde::{Serialize, Serializer};
use zhifang_core::schema::{CEMETERY_KINDS, SERVICE_KINDS};
use zhifang_core::{CodePrefix, Collection, Day, Lang, LonLat, Record};
use zhifang_index::{Scope, View};

use crate::demand::Demand;
use crate::error::AssistError;
use crate::travel::geodesic_m;

/// A kind of service (服务站点类型) or cemetery (公墓类型).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FacilityKind {
    /// A word of `services.kind`.
    Service(&'static str),
    /// A word of `cemeteries.kind`.
    Cemetery(&'static str),
}

impl FacilityKind {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service(word) | Self::Cemetery(word) => word,
        }
    }

    /// Title for people.
    pub fn title(self, lang: Lang) -> &'static str {
        TITLES
            .iter()
            .find(|(word, ..)| *word == self.as_str())
            .map_or(self.as_str(), |(_, zh, en)| lang.pick(zh, en))
    }

    /// The collection that holds it.
    pub const fn collection(self) -> Collection {
        match self {
            Self::Service(_) => Collection::Services,
            Self::Cemetery(_) => Collection::Cemeteries,
        }
    }
}

/// Kinds with their titles.
const TITLES: &[(&str, &str, &str)] = &[
    ("assistance_station", "救助站", "Assistance station"),
    ("assistance_point", "社会救助服务点", "Assistance point"),
    ("social_work_station", "社会工作站", "Social-work station"),
    ("social_work_point", "社工点", "Social-work point"),
    ("elderly_home", "养老机构", "Elderly home"),
    ("day_care", "日间照料中心", "Day-care centre"),
    ("home_care_center", "居家养老服务中心", "Home-care centre"),
    (
        "child_protection_station",
        "未成年人保护工作站",
        "Child-protection station",
    ),
    (
        "disability_care_station",
        "残疾人照护服务站",
        "Disability-care station",
    ),
    ("volunteer_station", "志愿服务站", "Volunteer station"),
    ("shelter", "救助管理站", "Shelter"),
    ("community_center", "社区综合服务设施", "Community centre"),
    ("hotline", "救助热线", "Hotline"),
    ("funeral_home", "殡仪馆", "Funeral home"),
    ("public_benefit", "公益性公墓", "Public-benefit cemetery"),
    ("commercial", "经营性公墓", "Commercial cemetery"),
    ("columbarium", "骨灰堂", "Columbarium"),
    ("ecological", "生态葬区", "Ecological burial ground"),
    ("martyrs", "烈士陵园", "Martyrs' cemetery"),
    ("historic", "历史墓地", "Historic burial ground"),
];

impl FromStr for FacilityKind {
    type Err = AssistError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let find = |words: &[&'static str]| words.iter().copied().find(|word| *word == text);
        find(SERVICE_KINDS)
            .map(Self::Service)
            .or_else(|| find(CEMETERY_KINDS).map(Self::Cemetery))
            .ok_or_else(|| AssistError::Kind {
                text: text.to_owned(),
                wanted: [SERVICE_KINDS, CEMETERY_KINDS].concat().join(", "),
            })
    }
}

impl Serialize for FacilityKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Whether the record stands on the day: published, valid, opened and not closed.
pub(crate) fn stands(record: &Record, day: Day) -> bool {
    let on = |field: &str| {
        record
            .fields
            .text(field)
            .and_then(|text| text.parse::<Day>().ok())
    };
    record.is_valid_on(day)
        && on("opened").is_none_or(|opened| opened <= day)
        && on("closed").is_none_or(|closed| day < closed)
}

/// The kind's word of a record.
pub(crate) fn kind_of(record: &Record) -> &str {
    record.fields.text("kind").unwrap_or_default()
}

/// Where one goes: the entrance, else the point, else a point inside the area.
pub(crate) fn door(record: &Record) -> Option<LonLat> {
    if let Some(place) = record.position("entrance").or_else(|| record.anchor()) {
        return Some(place);
    }
    let geometry = record.geometry.as_deref()?;
    let point = geometry.interior_point().or_else(|| geometry.centroid())?;
    LonLat::try_new(point.x(), point.y()).ok()
}

/// Facilities of the kind (all services where none is named) that stand on the day, by id.
pub(crate) fn standing<'a>(
    view: &View<'a>,
    kind: Option<FacilityKind>,
    day: Day,
) -> impl Iterator<Item = &'a Record> + use<'a> {
    let collection = kind.map_or(Collection::Services, FacilityKind::collection);
    view.records(collection).filter(move |record| {
        kind.is_none_or(|kind| kind_of(record) == kind.as_str()) && stands(record, day)
    })
}

/// Ids that occur in a list of texts of a field, over many records.
pub(crate) fn ids_in<'a>(
    records: impl Iterator<Item = &'a Record>,
    field: &str,
) -> BTreeSet<&'a str> {
    records
        .filter_map(|record| record.fields.text(field))
        .collect()
}

/// How far outside a unit its neighbours' facilities count, metres in a straight line beyond
/// its farthest demand point: people near a line go across it.
const ACROSS_THE_LINE_M: f64 = 20_000.0;

/// Facilities that stand in the scope, or near enough to its demand to serve it, by id.
pub(crate) fn around<'a>(
    view: &View<'a>,
    scope: &Scope,
    demand: &[Demand],
    is_wanted: impl Fn(&Record) -> bool,
    collection: Collection,
    day: Day,
) -> Vec<(&'a Record, LonLat)> {
    let hub = demand.first().map(Demand::place);
    let farthest = |hub: LonLat| {
        demand
            .iter()
            .map(|one| geodesic_m(hub, one.place()))
            .fold(0.0, f64::max)
    };
    let spread = hub.map_or(0.0, farthest);
    let is_near =
        |place: LonLat| hub.is_some_and(|hub| geodesic_m(hub, place) <= spread + ACROSS_THE_LINE_M);
    view.records(collection)
        .filter(|record| is_wanted(record) && stands(record, day))
        .filter_map(|record| Some((record, door(record)?)))
        .filter(|(record, place)| scope.covers_record(record) || is_near(*place))
        .collect()
}

/// That the register has the unit, or something below it.
///
/// # Errors
/// [`AssistError::Unit`] where it has neither.
pub(crate) fn require_unit(view: &View<'_>, within: CodePrefix) -> Result<(), AssistError> {
    if view.within(Collection::Divisions, within).next().is_some() {
        return Ok(());
    }
    Err(AssistError::Unit {
        code: within.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_title_in_both_languages() {
        for word in SERVICE_KINDS.iter().chain(CEMETERY_KINDS) {
            let kind: FacilityKind = word.parse().unwrap();
            assert_ne!(kind.title(Lang::Zh), kind.as_str());
            assert_ne!(kind.title(Lang::En), kind.as_str());
        }
        assert!("daycare".parse::<FacilityKind>().is_err());
    }
}
