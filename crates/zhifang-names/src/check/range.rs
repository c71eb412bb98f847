//! The ground on which a name must be the only one.

use geo::{Intersects, Point};
use zhifang_core::{CodePrefix, Collection, DivisionLevel, LonLat, Record};
use zhifang_index::{Scope, View};

use super::Question;
use crate::rules::{Range, Rules};
use crate::text::{Text, text};
use crate::verdict::RangeUsed;

/// The range that was taken.
pub(super) struct Ground<'a> {
    pub(super) wanted: Range,
    pub(super) used: Range,
    /// The unit's ground; `None` for the nation.
    scope: Option<Scope>,
    unit: Option<CodePrefix>,
    /// The built-up area's polygon.
    area: Option<&'a Record>,
    /// What stands in for what.
    pub(super) note: Option<Text>,
}

impl<'a> Ground<'a> {
    pub(super) fn find(rules: &Rules, view: View<'a>, question: &Question, wanted: Range) -> Self {
        let unit = question.within.unit();
        let mut ground = Self {
            wanted,
            used: wanted,
            scope: None,
            unit: None,
            area: None,
            note: None,
        };
        let prefix = match wanted {
            Range::Nation => return ground,
            Range::Province => unit.province().prefix(),
            Range::County | Range::BuiltUp => unit.county().prefix(),
        };
        let is_wider = unit.level() < DivisionLevel::County && wanted != Range::Province;
        let has_counties = is_wider && view.children(unit).any(|child| child.digits() == 6);
        ground.unit = Some(prefix);
        ground.scope = Some(view.scope(prefix));
        if wanted == Range::BuiltUp {
            ground.used = Range::County;
            ground.area = question
                .place
                .and_then(|place| built_up_area(rules, view, place));
            if ground.area.is_some() {
                ground.used = Range::BuiltUp;
            } else {
                let place = label(view, prefix);
                ground.note = Some(text!(
                    "该处未载建成区图形，以{place}范围代替",
                    "no built-up area is drawn there; {place} stands in for it"
                ));
            }
        }
        if has_counties {
            let place = label(view, prefix);
            ground.note = Some(text!(
                "所给区划{place}大于应比对的县级范围，已在其全境比对；请给出县级或更低的区划代码",
                "{place} is wider than the county in which names must differ; all of it was compared; give the code of the county or below"
            ));
        }
        ground
    }

    /// Whether the record lies on the ground.
    pub(super) fn holds(&self, record: &Record) -> bool {
        let is_in_unit = self
            .scope
            .as_ref()
            .is_none_or(|scope| scope.covers_record(record));
        let area = self.area.and_then(|area| area.geometry.as_deref());
        match (area, record.geometry.as_deref()) {
            (Some(area), Some(geometry)) => is_in_unit && area.intersects(geometry),
            (Some(area), None) => match record.anchor() {
                Some(place) => is_in_unit && area.intersects(&Point::from(place)),
                // Without a position it cannot be told apart from the unit's.
                None => is_in_unit,
            },
            (None, _) => is_in_unit,
        }
    }

    pub(super) fn used(&self, view: View<'_>) -> RangeUsed {
        let place = self.unit.map(|prefix| label(view, prefix));
        let text = match (self.used, self.area, place) {
            (Range::BuiltUp, Some(area), _) => {
                let name = &area.name;
                text!("建成区“{name}”", "the built-up area {name}")
            }
            (_, _, None) => Text::new("全国", "the nation"),
            (_, _, Some(place)) if self.used == self.wanted => Text::new(place.clone(), place),
            (_, _, Some(place)) => text!(
                "{place}（代替建成区）",
                "{place} (stands in for the built-up area)"
            ),
        };
        RangeUsed {
            wanted: self.wanted.as_str(),
            used: self.used.as_str(),
            division: self.unit.map(CodePrefix::unit),
            built_up_area: self.area.map(|area| area.id.to_string()),
            text,
        }
    }
}

/// The built-up area that covers the place; the one of the lowest id where two do.
fn built_up_area<'a>(rules: &Rules, view: View<'a>, place: LonLat) -> Option<&'a Record> {
    let point = geo::Geometry::Point(place.into());
    view.meeting(Collection::Names, &point).find(|record| {
        record.fields.text("class_code") == Some(rules.built_up_class())
            && record.status == zhifang_core::Status::Published
            && matches!(
                record.geometry.as_deref(),
                Some(geo::Geometry::Polygon(_) | geo::Geometry::MultiPolygon(_))
            )
    })
}

/// The unit's name, or its code where it has none.
fn label(view: View<'_>, prefix: CodePrefix) -> String {
    view.unit(prefix.unit(), None)
        .map_or_else(|| prefix.to_string(), |unit| unit.name.to_string())
}
