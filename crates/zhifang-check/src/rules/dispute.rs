//! CLM, DIS, STR: what the two sides claim, and what stands on disputed or common ground.

use std::collections::BTreeMap;

use geo::{Coord, Geometry};
use zhifang_core::{Collection, LonLat, Record};

use super::text;
use crate::compare::{Deviation, deviation};
use crate::desk::{EvidenceKind, Step, began, is_open, last_step, place_inside};
use crate::finding::{Finding, Severity, Text, area, metres};
use crate::linework::{code, day, parts};
use crate::rule::{Card, Plain, Skip};
use crate::scope::Scope;

const fn rule(
    id: &'static str,
    severity: Severity,
    zh: &'static str,
    en: &'static str,
    basis: &'static str,
    check: fn(&Scope<'_>, &mut Vec<Finding>) -> Result<(), Skip>,
) -> Plain {
    Plain {
        card: Card {
            id,
            severity,
            zh,
            en,
            basis,
            tolerance: None,
        },
        check,
    }
}

pub(crate) const RULES: &[Plain] = &[
    rule(
        "CLM-01",
        Severity::Error,
        "双方主张不一致",
        "claims differ",
        "行政区域边界争议处理条例第十一、十二条",
        differing,
    ),
    rule(
        "CLM-02",
        Severity::Warning,
        "缺一方主张",
        "one side's claim is missing",
        "行政区域边界争议处理条例第十一、十二条",
        one_sided,
    ),
    rule(
        "CLM-03",
        Severity::Error,
        "依据不在法定种类之内",
        "evidence of no lawful kind",
        "行政区域边界争议处理条例第七至九条",
        evidence,
    ),
    rule(
        "CLM-04",
        Severity::Error,
        "争议地段的界线未标注",
        "line through an open dispute without the mark",
        "行政区域界线管理条例第十四条；行政区域边界争议处理条例",
        unmarked,
    ),
    rule(
        "DIS-01",
        Severity::Warning,
        "争议解决后未勘测或未备案",
        "settled without survey or filing",
        "行政区域边界争议处理条例第十五、十六条",
        settled,
    ),
    rule(
        "DIS-02",
        Severity::Error,
        "争议地段内有设施或新地名",
        "facility or new name inside a disputed area",
        "行政区域边界争议处理条例第十条",
        inside,
    ),
    rule(
        "STR-01",
        Severity::Error,
        "跨界设施未经双方同意或未备案",
        "structure without both consents or filing",
        "行政区域界线管理条例第十条",
        structures,
    ),
];

/// Claims by what they are about: the dispute, else the line.
fn by_matter<'a>(scope: &Scope<'a>) -> BTreeMap<String, Vec<&'a Record>> {
    let mut matters: BTreeMap<String, Vec<&Record>> = BTreeMap::new();
    for claim in scope.register.live(Collection::Claims) {
        let matter = claim
            .fields
            .text("dispute")
            .or_else(|| claim.fields.text("boundary"));
        matters
            .entry(matter.unwrap_or(&claim.id).to_owned())
            .or_default()
            .push(claim);
    }
    matters
}

fn side(scope: &Scope<'_>, claim: &Record) -> String {
    code(claim, "claimant")
        .map_or_else(|| claim.name.to_string(), |unit| scope.register.label(unit))
}

fn differing(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    scope.need(Collection::Claims)?;
    for (matter, claims) in by_matter(scope) {
        for (at, one) in claims.iter().enumerate() {
            for other in &claims[at + 1..] {
                let (a, b) = (parts(one), parts(other));
                let is_two_sides = code(one, "claimant") != code(other, "claimant");
                if a.is_empty()
                    || b.is_empty()
                    || !is_two_sides
                    || !(scope.holds(one) || scope.holds(other))
                {
                    continue;
                }
                let found = deviation(&a, &b);
                if found.max_m
                    > scope
                        .options
                        .tolerance_m(zhifang_core::DivisionLevel::County)
                {
                    out.push(claim_finding(scope, &matter, one, other, &found));
                }
            }
        }
    }
    Ok(())
}

fn claim_finding(
    scope: &Scope<'_>,
    matter: &str,
    one: &Record,
    other: &Record,
    found: &Deviation,
) -> Finding {
    // While a dispute is open that the claims differ is what it is about.
    let is_known = scope
        .register
        .record(Collection::Disputes, matter)
        .is_some_and(is_open);
    let severity = if is_known {
        Severity::Info
    } else {
        Severity::Error
    };
    let (a, b) = (side(scope, one), side(scope, other));
    let (most, mean, p95, between) = (
        metres(found.max_m),
        metres(found.mean_m),
        metres(found.p95_m),
        area(found.area_m2()),
    );
    let (todo_zh, todo_en) = if is_known {
        ("争议已立案", "a dispute is open")
    } else {
        ("请协商，或立案", "negotiate, or open a dispute")
    };
    let message = Text::new(
        format!(
            "{a}与{b}的主张线最大相差 {}（平均 {}，95% 在 {} 以内），其间 {}；{todo_zh}",
            most.zh, mean.zh, p95.zh, between.zh
        ),
        format!(
            "the claims of {a} and {b} differ by up to {} (mean {}, 95 % within {}), {} lie between; {todo_en}",
            most.en, mean.en, p95.en, between.en
        ),
    );
    let faces = found.faces.clone();
    Finding::new(
        "CLM-01",
        severity,
        vec![one.key(), other.key()],
        "",
        message,
    )
    .on(Some(LonLat::from(found.at)))
    .shown(Geometry::MultiPolygon(geo::MultiPolygon(faces)))
    .sized(found.max_m, "m")
    .propose(
        text!("按{a}的主张划定", "take the line of {a}"),
        code(one, "claimant"),
        Some(found.area_m2()),
    )
    .propose(
        text!("按{b}的主张划定", "take the line of {b}"),
        code(other, "claimant"),
        Some(found.area_m2()),
    )
}

fn one_sided(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for dispute in scope
        .need(Collection::Disputes)?
        .into_iter()
        .filter(|dispute| is_open(dispute))
    {
        let claimants: Vec<_> = scope
            .register
            .live(Collection::Claims)
            .filter(|claim| claim.fields.text("dispute") == Some(&dispute.id))
            .filter_map(|claim| code(claim, "claimant"))
            .collect();
        for party in dispute
            .fields
            .texts("parties")
            .filter_map(|text| text.parse().ok())
        {
            if !claimants.contains(&party) {
                let (who, name) = (scope.register.label(party), &dispute.name);
                let message = text!(
                    "争议“{name}”缺{who}的主张线和方案；请催报",
                    "dispute `{name}` lacks the claim of {who}; ask for it"
                );
                let place = middle(dispute);
                out.push(
                    Finding::new(
                        "CLM-02",
                        Severity::Warning,
                        vec![dispute.key()],
                        &party.to_string(),
                        message,
                    )
                    .on(place),
                );
            }
        }
    }
    Ok(())
}

fn middle(record: &Record) -> Option<LonLat> {
    let b = record.bbox()?;
    Some(LonLat::new(
        f64::midpoint(b.west, b.east),
        f64::midpoint(b.south, b.north),
    ))
}

fn evidence(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for claim in scope.need(Collection::Claims)? {
        let since = claim
            .fields
            .text("dispute")
            .and_then(|id| scope.register.record(Collection::Disputes, id))
            .and_then(|dispute| day(dispute, "since"));
        let mut basis = 0;
        for (number, paper) in claim.fields.objects("evidence").enumerate() {
            let text_of = |name: &str| paper.get(name).and_then(serde_json::Value::as_str);
            let (kind, title) = (
                text_of("kind").unwrap_or_default(),
                text_of("document").unwrap_or_default(),
            );
            let number = number + 1;
            let who = side(scope, claim);
            let known = EvidenceKind::of(kind);
            if known.is_some_and(|known| known.article() == 7) {
                basis += 1;
            } else if known.is_none() {
                let message = text!(
                    "{who}的第 {number} 件依据（{title}，{kind}）不属第七、八条所列种类；不能作为依据",
                    "evidence {number} of {who} ({title}, {kind}) is of none of the kinds of articles 7 and 8; it does not count"
                );
                out.push(
                    Finding::new(
                        "CLM-03",
                        Severity::Error,
                        vec![claim.key()],
                        &format!("kind {number}"),
                        message,
                    )
                    .on(middle(claim)),
                );
            }
            let dated: Option<zhifang_core::Day> =
                text_of("date").and_then(|date| date.parse().ok());
            if let (Some(dated), Some(since)) = (dated, since)
                && dated >= since
            {
                let message = text!(
                    "{who}的第 {number} 件依据（{title}）日期 {dated} 晚于争议发生日 {since}；请核对",
                    "evidence {number} of {who} ({title}) is dated {dated}, after the dispute began on {since}; check it"
                );
                out.push(
                    Finding::new(
                        "CLM-03",
                        Severity::Warning,
                        vec![claim.key()],
                        &format!("date {number}"),
                        message,
                    )
                    .on(middle(claim)),
                );
            }
        }
        if basis == 0 {
            let who = side(scope, claim);
            let message = text!(
                "{who}的主张没有第七条所列依据；请补充",
                "the claim of {who} has no document of article 7; add one"
            );
            out.push(
                Finding::new(
                    "CLM-03",
                    Severity::Warning,
                    vec![claim.key()],
                    "none",
                    message,
                )
                .on(middle(claim)),
            );
        }
    }
    Ok(())
}

/// Whether the polygon holds the place.
pub(crate) fn holds(area: &Record, place: Coord<f64>) -> bool {
    crate::ground::polygons(area).is_some_and(|polygons| {
        crate::plane::is_inside(
            polygons.iter().flat_map(|polygon| {
                std::iter::once(polygon.exterior())
                    .chain(polygon.interiors())
                    .map(|ring| &*ring.0)
            }),
            place,
        )
    })
}

/// Where a facility stands: its point, else the middle of its outline.
pub(crate) fn stand(record: &Record) -> Option<LonLat> {
    record.point().or_else(|| middle(record))
}

fn inside(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let disputes = scope.need(Collection::Disputes)?;
    for dispute in disputes
        .into_iter()
        .filter(|dispute| is_open(dispute) && dispute.geometry.is_some())
    {
        let since = day(dispute, "since");
        for collection in [
            Collection::Names,
            Collection::Services,
            Collection::Cemeteries,
            Collection::Projects,
        ] {
            for facility in scope.register.live(collection) {
                let Some(place) = place_inside(dispute, facility) else {
                    continue;
                };
                let is_new = began(facility)
                    .zip(since)
                    .map(|(from, since)| from >= since);
                // A name whose day nobody wrote down is an old one.
                if is_new != Some(true) && collection == Collection::Names {
                    continue;
                }
                let (name, matter) = (&facility.name, &dispute.name);
                let (severity, message) = match is_new {
                    Some(true) => (
                        Severity::Error,
                        text!(
                            "“{name}”在争议发生后设于“{matter}”范围内；争议解决前不得设置机构和设施、命名，请停办",
                            "{name} was set up inside `{matter}` after the dispute began; nothing may be set up or named there before it is settled, stop it"
                        ),
                    ),
                    Some(false) => (
                        Severity::Info,
                        text!(
                            "“{name}”位于“{matter}”范围内（早于争议）；处理争议时一并考虑",
                            "{name} lies inside `{matter}` (older than the dispute); take it into account"
                        ),
                    ),
                    None => (
                        Severity::Warning,
                        text!(
                            "“{name}”位于“{matter}”范围内，设立日期不详；请补登日期，争议后设立的应停办",
                            "{name} lies inside `{matter}`, its day is not known; record it: what came after the dispute must stop"
                        ),
                    ),
                };
                out.push(
                    Finding::new(
                        "DIS-02",
                        severity,
                        vec![facility.key(), dispute.key()],
                        "",
                        message,
                    )
                    .on(Some(place)),
                );
            }
        }
    }
    Ok(())
}

/// A line that an open dispute is about is provisional (未定界), whatever it was before.
fn unmarked(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for dispute in scope.need(Collection::Disputes)? {
        let boundary = dispute.fields.text("boundary").unwrap_or_default();
        let Some(line) = scope.linework().line(boundary).map(|line| line.record) else {
            continue;
        };
        let status = line.fields.text("line_status");
        let is_marked = matches!(status, Some("provisional" | "management"));
        if !is_open(dispute) || is_marked || line.status != zhifang_core::Status::Published {
            continue;
        }
        let (name, matter) = (&line.name, &dispute.name);
        let message = text!(
            "界线“{name}”穿过未决争议“{matter}”，未标注为未定界；请标注，或先处理争议",
            "line {name} runs through the open dispute `{matter}` and is not marked as provisional; mark it, or settle the dispute"
        );
        out.push(
            Finding::new(
                "CLM-04",
                Severity::Error,
                vec![line.key(), dispute.key()],
                "",
                message,
            )
            .on(middle(dispute)),
        );
    }
    Ok(())
}

/// A settled dispute waits for its survey and its filing so long at most before it is told, days.
const SETTLED_DAYS: i32 = 30;

fn settled(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for dispute in scope.need(Collection::Disputes)? {
        let has = |wanted: Step| {
            let mut log = dispute.fields.objects("log");
            log.any(|step| step.get("step").and_then(|word| word.as_str()) == Some(wanted.as_str()))
        };
        let was_decided =
            has(Step::Decided) || dispute.fields.text("dispute_state") == Some("decided");
        let (_, since) = last_step(dispute);
        let waits = since.map_or(i32::MAX, |since| scope.day().number() - since.number());
        if !was_decided || waits <= SETTLED_DAYS {
            continue;
        }
        let name = &dispute.name;
        let message = match (has(Step::Surveyed), has(Step::Filed)) {
            (true, true) => continue,
            (false, _) => text!(
                "争议“{name}”已解决，未联合勘测并由双方盖章确认地图；请勘测",
                "dispute `{name}` is settled without a joint survey and a sealed map; survey the line"
            ),
            (true, false) => text!(
                "争议“{name}”已解决，未备案；请报备",
                "dispute `{name}` is settled and not filed; file it"
            ),
        };
        let detail = if has(Step::Surveyed) {
            "filed"
        } else {
            "surveyed"
        };
        out.push(
            Finding::new(
                "DIS-01",
                Severity::Warning,
                vec![dispute.key()],
                detail,
                message,
            )
            .on(middle(dispute)),
        );
    }
    Ok(())
}

fn structures(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for structure in scope.need(Collection::Structures)? {
        let Some(line) = structure
            .fields
            .text("boundary")
            .and_then(|id| scope.linework().line(id))
        else {
            continue;
        };
        let consents: Vec<&str> = structure
            .fields
            .objects("consents")
            .filter_map(|consent| consent.get("unit")?.as_str())
            .collect();
        let absent: Vec<String> = [line.left, line.right]
            .into_iter()
            .flatten()
            .filter(|unit| !consents.contains(&unit.to_string().as_str()))
            .map(|unit| scope.register.label(unit))
            .collect();
        let is_filed = day(structure, "filed_on").is_some();
        if absent.is_empty() && is_filed {
            continue;
        }
        let name = &structure.name;
        let who = absent.join("、");
        let (severity, message) = match (absent.is_empty(), is_filed) {
            (false, true) => (
                Severity::Error,
                text!(
                    "跨界设施“{name}”缺{who}的同意；请补办",
                    "structure {name} lacks the consent of {who}; obtain it"
                ),
            ),
            (false, false) => (
                Severity::Error,
                text!(
                    "跨界设施“{name}”缺{who}的同意，也未备案；请补办",
                    "structure {name} lacks the consent of {who} and is not filed; obtain and file it"
                ),
            ),
            _ => (
                Severity::Warning,
                text!(
                    "跨界设施“{name}”双方已同意但未备案；请报备",
                    "structure {name} has both consents but is not filed; file it"
                ),
            ),
        };
        let place = stand(structure);
        out.push(
            Finding::new(
                "STR-01",
                severity,
                vec![structure.key(), line.record.key()],
                "",
                message,
            )
            .on(place),
        );
    }
    Ok(())
}
