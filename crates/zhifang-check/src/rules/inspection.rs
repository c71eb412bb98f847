//! INS: the joint inspection every five years, who leads it, and what was seen.

use std::collections::{BTreeMap, BTreeSet};

use zhifang_core::{Collection, Day, DivisionLevel, LonLat, Record};

use super::line::{line_label, linework};
use super::text;
use crate::finding::{Finding, Severity, metres};
use crate::linework::{code, day};
use crate::rule::{Card, Plain, Skip, Tolerance};
use crate::scope::Scope;

/// Years from one joint inspection to the next.
const ROUND_YEARS: i32 = 5;
/// Days before the due day from which the inspection is announced.
const NOTICE_DAYS: i32 = 183;
/// An observation farther from the line than this was not made there, metres.
const CORRIDOR_M: f64 = 100.0;

const fn rule(
    id: &'static str,
    severity: Severity,
    zh: &'static str,
    en: &'static str,
    basis: &'static str,
    tolerance: Option<Tolerance>,
    check: fn(&Scope<'_>, &mut Vec<Finding>) -> Result<(), Skip>,
) -> Plain {
    Plain {
        card: Card {
            id,
            severity,
            zh,
            en,
            basis,
            tolerance,
        },
        check,
    }
}

pub(crate) const RULES: &[Plain] = &[
    rule(
        "INS-01",
        Severity::Error,
        "联检到期或逾期",
        "joint inspection due or overdue",
        "行政区域界线管理条例第十二条",
        None,
        due,
    ),
    rule(
        "INS-02",
        Severity::Warning,
        "牵头方未轮换",
        "the same side leads again",
        "省级行政区域界线联合检查实施办法（民政部令第28号）",
        None,
        lead,
    ),
    rule(
        "INS-03",
        Severity::Error,
        "联检结束仍有未检查的界桩",
        "markers not seen when the inspection closed",
        "行政区域界线管理条例第十二条",
        None,
        unseen,
    ),
    rule(
        "INS-04",
        Severity::Error,
        "联检报告缺签字或未上报",
        "report lacks a signature or is not filed",
        "行政区域界线管理条例第十二条",
        None,
        reports,
    ),
    rule(
        "INS-05",
        Severity::Warning,
        "观测点离界线过远或缺要素",
        "observation away from the line, or incomplete",
        "省级行政区域界线联合检查实施办法（民政部令第28号）",
        Some(Tolerance {
            name: "corridor",
            metres: CORRIDOR_M,
            reason: "巡查走廊半宽",
            reason_en: "half the width of the corridor that is walked",
        }),
        observations,
    ),
];

fn due(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let today = scope.day();
    let mut looked = false;
    let mut planned: BTreeMap<&str, Day> = BTreeMap::new();
    for inspection in scope.register.live(Collection::Inspections) {
        let is_done = matches!(inspection.fields.text("state"), Some("closed" | "filed"));
        let Some(due) = day(inspection, "due").filter(|_| !is_done) else {
            continue;
        };
        looked = true;
        if let Some(line) = inspection.fields.text("boundary") {
            planned.entry(line).or_insert(due);
        }
        let left = due.number() - today.number();
        if left > NOTICE_DAYS || !scope.holds(inspection) {
            continue;
        }
        let name = &inspection.name;
        let (severity, message) = if left < 0 {
            let late = -left;
            (
                Severity::Error,
                text!(
                    "联检“{name}”应于 {due} 前完成，已逾期 {late} 天",
                    "inspection {name} was due on {due}, {late} days ago"
                ),
            )
        } else {
            (
                Severity::Warning,
                text!(
                    "联检“{name}”应于 {due} 前完成，还有 {left} 天",
                    "inspection {name} is due on {due}, in {left} days"
                ),
            )
        };
        out.push(
            Finding::new("INS-01", severity, vec![inspection.key()], "", message)
                .sized(f64::from(left), "days"),
        );
    }
    for line in scope
        .linework()
        .lines
        .iter()
        .filter(|line| scope.holds(line.record))
    {
        let Some(last) = day(line.record, "inspected_on") else {
            continue;
        };
        looked = true;
        let due = last.plus_years(ROUND_YEARS);
        let is_planned = planned.contains_key(&*line.record.id);
        if due < today && !is_planned && line.level <= Some(DivisionLevel::County) {
            let (name, late) = (line_label(line), today.number() - due.number());
            let message = text!(
                "界线 {name} 上次联检于 {last}，应于 {due} 前再次联检，已逾期 {late} 天且未列计划",
                "line {name} was last inspected on {last} and was due on {due}, {late} days ago; nothing is planned"
            );
            out.push(
                Finding::new(
                    "INS-01",
                    Severity::Error,
                    vec![line.record.key()],
                    "",
                    message,
                )
                .on(line.at(line.length_m() / 2.0).map(LonLat::from))
                .sized(f64::from(late), "days"),
            );
        }
    }
    if looked {
        Ok(())
    } else {
        Err(Skip::new(
            "没有联检任务，也没有上次联检日期",
            "no inspections, and no line has a day of its last one",
        ))
    }
}

fn lead(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    scope.need(Collection::Inspections)?;
    let mut by_line: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for inspection in scope.register.live(Collection::Inspections) {
        if let Some(line) = inspection.fields.text("boundary") {
            by_line.entry(line).or_default().push(inspection);
        }
    }
    for rounds in by_line.values_mut() {
        rounds.sort_by_key(|one| one.fields.get("round").and_then(serde_json::Value::as_i64));
        for pair in rounds.windows(2) {
            let (before, after) = (code(pair[0], "lead"), code(pair[1], "lead"));
            let is_next = pair[0].fields.get("round") != pair[1].fields.get("round");
            if let (Some(leader), true) = (after, is_next && before == after)
                && scope.holds(pair[1])
            {
                let (who, name) = (scope.register.label(leader), &pair[1].name);
                let message = text!(
                    "联检“{name}”仍由上一轮的{who}牵头；请由另一方牵头",
                    "inspection {name} is led by {who}, as the last round was; let the other side lead"
                );
                let keys = vec![pair[1].key(), pair[0].key()];
                out.push(Finding::new("INS-02", Severity::Warning, keys, "", message));
            }
        }
    }
    Ok(())
}

fn unseen(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let inspections = scope.need(Collection::Inspections)?;
    for inspection in inspections {
        if !matches!(inspection.fields.text("state"), Some("closed" | "filed")) {
            continue;
        }
        let seen: BTreeSet<&str> = scope
            .register
            .live(Collection::Observations)
            .filter(|one| one.fields.text("inspection") == Some(&inspection.id))
            .filter_map(|one| one.fields.text("marker"))
            .collect();
        let line = inspection.fields.text("boundary");
        let missed: Vec<&Record> = scope
            .register
            .live(Collection::Markers)
            .filter(|marker| line.is_some() && marker.fields.text("boundary") == line)
            .filter(|marker| !seen.contains(marker.fields.text("number").unwrap_or(&marker.id)))
            .collect();
        if missed.is_empty() {
            continue;
        }
        let numbers: Vec<&str> = missed
            .iter()
            .take(10)
            .map(|marker| marker.fields.text("number").unwrap_or(&marker.id))
            .collect();
        let (name, count, numbers) = (&inspection.name, missed.len(), numbers.join("、"));
        let message = text!(
            "联检“{name}”已结束，仍有 {count} 座界桩未检查：{numbers}",
            "inspection {name} is closed and {count} markers were not seen: {numbers}"
        );
        out.push(
            Finding::new(
                "INS-03",
                Severity::Error,
                vec![inspection.key()],
                "",
                message,
            )
            .on(missed[0].point())
            .sized(count as f64, "count"),
        );
    }
    Ok(())
}

fn reports(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for inspection in scope.need(Collection::Inspections)? {
        if !matches!(inspection.fields.text("state"), Some("closed" | "filed")) {
            continue;
        }
        let report = inspection.fields.get("report");
        let signed: Vec<&str> = report
            .and_then(|report| report.get("signed_by")?.as_array())
            .into_iter()
            .flatten()
            .filter_map(|unit| unit.as_str())
            .collect();
        let absent: Vec<String> = ["lead", "other"]
            .into_iter()
            .filter_map(|field| code(inspection, field))
            .filter(|unit| !signed.contains(&unit.to_string().as_str()))
            .map(|unit| scope.register.label(unit))
            .collect();
        let is_filed = report
            .and_then(|report| report.get("filed_on")?.as_str())
            .is_some();
        let name = &inspection.name;
        if !absent.is_empty() {
            let who = absent.join("、");
            let message = text!(
                "联检“{name}”的报告缺{who}签字；请补签",
                "the report of inspection {name} lacks the signature of {who}; have it signed"
            );
            out.push(Finding::new(
                "INS-04",
                Severity::Error,
                vec![inspection.key()],
                "signed",
                message,
            ));
        } else if !is_filed {
            let message = text!(
                "联检“{name}”的报告尚未报送备案；请联合上报",
                "the report of inspection {name} is not filed; file it jointly"
            );
            out.push(Finding::new(
                "INS-04",
                Severity::Warning,
                vec![inspection.key()],
                "filed",
                message,
            ));
        }
    }
    Ok(())
}

fn observations(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let seen = scope.need(Collection::Observations)?;
    // Without lines there is nothing to be away from.
    let work = linework(scope).ok();
    let mut photos: BTreeMap<&str, &Record> = BTreeMap::new();
    for one in seen {
        let who = one.fields.text("observer").unwrap_or("");
        let what = one.fields.text("marker").unwrap_or(&one.id);
        let mut add = |detail: &str, zh: String, en: String, size: Option<f64>| {
            let message = crate::finding::Text::new(
                format!("{what} 的巡查记录（{who}）{zh}"),
                format!("observation of {what} ({who}) {en}"),
            );
            let mut finding = Finding::new(
                "INS-05",
                Severity::Warning,
                vec![one.key()],
                detail,
                message,
            )
            .on(one.point());
            if let Some(size) = size {
                finding = finding.sized(size, "m").against(CORRIDOR_M);
            }
            out.push(finding);
        };
        let line = one
            .fields
            .text("inspection")
            .and_then(|id| scope.register.record(Collection::Inspections, id))
            .and_then(|inspection| inspection.fields.text("boundary"));
        if let (Some(work), Some(line), Some(place)) = (work, line, one.point())
            && let Some(near) = work.line(line).and_then(|line| line.nearest(place.into()))
        {
            // Markers of a pair stand on the banks; what counts there is the marker.
            let marker = scope
                .register
                .record(Collection::Markers, what)
                .and_then(Record::point);
            let by_marker = marker.map_or(f64::INFINITY, |marker| {
                zhifang_topology::distance_m(marker.into(), place.into())
            });
            let distance = near.distance_m.min(by_marker);
            if distance > CORRIDOR_M {
                let far = metres(distance);
                add(
                    "away",
                    format!("距界线 {}；请核对位置", far.zh),
                    format!("was made {} off the line; check its position", far.en),
                    Some(distance),
                );
            }
        }
        if one.fields.number("accuracy_m").is_none() {
            add(
                "accuracy",
                "缺定位精度".to_owned(),
                "has no accuracy".to_owned(),
                None,
            );
        }
        if one.fields.text("observed_at").is_none() {
            add("time", "缺时间".to_owned(), "has no time".to_owned(), None);
        }
        for photo in one.fields.objects("photos") {
            let Some(hash) = photo.get("sha256").and_then(|hash| hash.as_str()) else {
                continue;
            };
            if let Some(first) = photos.insert(hash, one)
                && first.fields.text("marker") != one.fields.text("marker")
            {
                let other = first.fields.text("marker").unwrap_or(&first.id);
                add(
                    "photo",
                    format!("与 {other} 用了同一张照片；请核对"),
                    format!("has the same photo as {other}; check it"),
                    None,
                );
            }
        }
    }
    Ok(())
}
