//! The agreed and jointly surveyed line becomes the line (第十三至十六条).

use std::sync::Arc;

use geo::{Coord, Geometry, LineString};
use serde_json::{Value, json};
use zhifang_core::{Collection, Day, Record};
use zhifang_topology::{Track, distance_m};

use super::{DeskError, Step, StepSaid, record, stepped, steps};
use crate::linework::parts;
use crate::register::Register;

/// Ends of the agreed stretch may lie this far beside the registered line, metres.
const END_M: f64 = 1.0;

/// What both sides agreed on, or the superior decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// The jointly surveyed stretch, EPSG:4490; a claim's line where it was accepted as it is.
    pub stretch: LineString<f64>,
    /// The agreement or decision.
    pub document: String,
    /// Its day.
    pub decided_on: Day,
    /// The sealed map of the joint survey.
    pub survey_document: String,
    /// Its day.
    pub surveyed_on: Day,
}

/// The records after a settlement: the line with the stretch in place of its own, the dispute,
/// the claims at rest. The line comes first.
///
/// # Errors
/// [`DeskError`]: the steps do not follow, or the stretch does not begin and end on the line.
pub fn settle(
    register: &Register<'_>,
    id: &str,
    settlement: &Settlement,
    today: Day,
    by: &str,
) -> Result<Vec<Record>, DeskError> {
    let dispute = record(register, Collection::Disputes, id)?;
    let boundary = dispute.fields.text("boundary").ok_or(DeskError::Missing {
        field: "boundary",
        wanted: "the line that the dispute is about",
    })?;
    let before = record(register, Collection::Boundaries, boundary)?;
    let mut after = before.clone();
    let course = inserted(&parts(before), &settlement.stretch.0)?;
    after.geometry = Some(Arc::new(Geometry::LineString(LineString(course))));
    after.fields.set("line_status", json!("agreed"));
    // Scale and whatever else was recorded of the agreement before stays.
    let mut agreement = before.fields.get("agreement").cloned();
    if !agreement.as_ref().is_some_and(Value::is_object) {
        agreement = Some(json!({}));
    }
    if let Some(agreement) = &mut agreement {
        agreement["document"] = json!(settlement.document);
        agreement["date"] = json!(settlement.decided_on.to_string());
    }
    after.fields.set("agreement", json!(agreement));
    let said = |on, document: &str| StepSaid {
        on: Some(on),
        document: Some(document.to_owned()),
        note: None,
    };
    let mut settled = dispute.clone();
    if steps::last_step(dispute).0 != Some(Step::Decided) {
        let decided = said(settlement.decided_on, &settlement.document);
        settled = stepped(&settled, Step::Decided, &decided, today, by)?;
    }
    let surveyed = said(settlement.surveyed_on, &settlement.survey_document);
    settled = stepped(&settled, Step::Surveyed, &surveyed, today, by)?;
    let claims = register
        .live(Collection::Claims)
        .filter(|claim| claim.fields.text("dispute") == Some(id))
        .map(|claim| {
            let mut claim = claim.clone();
            claim.retire(today);
            claim
        });
    Ok([after, settled].into_iter().chain(claims).collect())
}

/// The course with the stretch in place of its own between the stretch's ends.
fn inserted(
    course: &[&[Coord<f64>]],
    stretch: &[Coord<f64>],
) -> Result<Vec<Coord<f64>>, DeskError> {
    let fault = |why: String| DeskError::Line { why };
    let [course] = course else {
        let count = course.len();
        return Err(fault(format!(
            "the registered line has {count} parts, wanted one"
        )));
    };
    let whole = Geometry::LineString(LineString(course.to_vec()));
    let track =
        Track::of(&whole).ok_or_else(|| fault("the registered line has no length".to_owned()))?;
    let ends = stretch
        .first()
        .zip(stretch.last())
        .filter(|_| stretch.len() > 1);
    let Some((first, last)) = ends else {
        return Err(fault("wanted two positions or more".to_owned()));
    };
    let (a, b) = (track.foot(*first), track.foot(*last));
    for (foot, what) in [(a, "begins"), (b, "ends")] {
        if foot.off_m.abs() > END_M {
            return Err(fault(format!(
                "it {what} {:.1} m beside the registered line, at most {END_M} m are allowed",
                foot.off_m.abs()
            )));
        }
    }
    if (a.along_m - b.along_m).abs() < END_M {
        return Err(fault(
            "it begins and ends at one place of the line".to_owned(),
        ));
    }
    let is_turned = a.along_m > b.along_m;
    let (from, to) = if is_turned { (b, a) } else { (a, b) };
    let mut inner = stretch.to_vec();
    if is_turned {
        inner.reverse();
    }
    // Nodes of the line stay as they are: others use them.
    if let (Some(own), Some(node)) = (inner.first_mut(), course.first())
        && from.along_m < END_M
    {
        *own = *node;
    }
    if let (Some(own), Some(node)) = (inner.last_mut(), course.last())
        && to.along_m > track.length_m - END_M
    {
        *own = *node;
    }
    let mut reached = 0.0;
    let mut lengths = vec![0.0];
    for ends in course.windows(2) {
        reached += distance_m(ends[0], ends[1]);
        lengths.push(reached);
    }
    let kept = |is_wanted: &dyn Fn(f64) -> bool| -> Vec<Coord<f64>> {
        let each = course.iter().zip(&lengths);
        each.filter(|(_, along)| is_wanted(**along))
            .map(|(c, _)| *c)
            .collect()
    };
    let mut joined = kept(&|along| along < from.along_m);
    joined.append(&mut inner);
    joined.extend(kept(&|along| along > to.along_m));
    joined.dedup();
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(coords: &[(f64, f64)]) -> Vec<Coord<f64>> {
        coords.iter().map(|(x, y)| Coord { x: *x, y: *y }).collect()
    }

    #[test]
    fn a_stretch_takes_the_place_of_the_lines_own_whichever_way_it_was_drawn() {
        let course = line(&[(111.0, 32.0), (111.1, 32.0), (111.2, 32.0), (111.3, 32.0)]);
        let stretch = line(&[(111.05, 32.0), (111.15, 32.01), (111.25, 32.0)]);
        let wanted = line(&[
            (111.0, 32.0),
            (111.05, 32.0),
            (111.15, 32.01),
            (111.25, 32.0),
            (111.3, 32.0),
        ]);
        assert_eq!(inserted(&[&course], &stretch).unwrap(), wanted);
        let turned: Vec<_> = stretch.iter().rev().copied().collect();
        assert_eq!(inserted(&[&course], &turned).unwrap(), wanted);
        // From node to node: the nodes stay to the bit.
        let all = line(&[(111.000_001, 32.0), (111.15, 32.01), (111.3, 32.0)]);
        let found = inserted(&[&course], &all).unwrap();
        assert_eq!(
            found,
            line(&[(111.0, 32.0), (111.15, 32.01), (111.3, 32.0)])
        );
    }

    #[test]
    fn a_stretch_that_does_not_fit_is_refused() {
        let course = line(&[(111.0, 32.0), (111.3, 32.0)]);
        for stretch in [
            line(&[]),
            line(&[(111.1, 32.0)]),
            line(&[(111.1, 32.001), (111.2, 32.0)]),
            line(&[(111.1, 32.0), (111.2, 32.1)]),
            line(&[(111.1, 32.0), (111.15, 32.01), (111.1, 32.0)]),
        ] {
            assert!(inserted(&[&course], &stretch).is_err(), "{stretch:?}");
        }
        assert!(inserted(&[&course, &course], &course).is_err());
    }
}
