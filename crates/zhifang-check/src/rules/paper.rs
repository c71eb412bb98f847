//! LIN: lines against their papers: the course in words, the feature that is followed, the counts
//! of markers. MRK: moves and repairs against consents and witnesses.

use std::collections::BTreeMap;

use geo::Coord;
use serde_json::{Map, Value};
use zhifang_core::{Collection, LonLat, Record, Status};
use zhifang_markers::{Patterns, Series, TypeCode, check_course};
use zhifang_topology::Track;

use super::text;
use crate::finding::{Finding, Severity, Text, metres};
use crate::linework::parts;
use crate::rule::{Card, Plain, Skip, Tolerance};
use crate::scope::Scope;

/// A line that follows a river or a road may lie this far from where that is mapped, metres.
const FOLLOWED_M: f64 = 20.0;

const SECTORS: &str = "GB/T 17796-2009（走向说明，十六方位）";
const DECREE_353_6: &str = "行政区域界线管理条例第六条";

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
        "LIN-10",
        Severity::Warning,
        "走向说明与图形不符",
        "course in words against the geometry",
        SECTORS,
        None,
        courses,
    ),
    rule(
        "LIN-11",
        Severity::Warning,
        "界线偏离所依附的地物",
        "line away from the feature that it follows",
        "行政区域界线管理条例第七条",
        Some(Tolerance {
            name: "followed",
            metres: FOLLOWED_M,
            reason: "所依附地物中心线的成图误差",
            reason_en: "error of the mapped centre line of the feature",
        }),
        followed,
    ),
    rule(
        "LIN-14",
        Severity::Warning,
        "界线记录的界桩数与界桩不符",
        "counts of markers on the line's record",
        "行政区域界线界桩管理办法（民政部2008年）",
        None,
        counts,
    ),
    rule(
        "MRK-10",
        Severity::Error,
        "移动或增设界桩未经双方同意或未备案",
        "moved or added without both consents or filing",
        DECREE_353_6,
        None,
        moves,
    ),
    rule(
        "MRK-11",
        Severity::Error,
        "修复界桩时毗邻方未在场",
        "repaired without the neighbour's witness",
        "行政区域界线管理条例第六条、第十六条第四项",
        None,
        repairs,
    ),
];

/// The one finding of a rule on a line.
fn on_line(rule: &'static str, line: &Record, detail: &str, message: Text) -> Finding {
    Finding::new(rule, Severity::Warning, vec![line.key()], detail, message)
}

fn courses(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let lines = scope.need(Collection::Boundaries)?;
    let told: Vec<&Record> = lines
        .into_iter()
        .filter(|line| line.fields.text("course").is_some())
        .collect();
    if told.is_empty() {
        return Err(Skip::new("没有走向说明", "no line has its course in words"));
    }
    // Lines by what their markers' numbers begin with, markers by line: each asked for once.
    let patterns = Patterns::default();
    let stem = |line: &Record| patterns.of_line(line).ok()?.stem_of(line).ok();
    let mut by_stem: BTreeMap<String, Vec<&Record>> = BTreeMap::new();
    for line in scope.register.live(Collection::Boundaries) {
        if let Some(stem) = stem(line) {
            by_stem.entry(stem).or_default().push(line);
        }
    }
    let mut by_line: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for marker in scope.register.live(Collection::Markers) {
        if let Some(line) = marker.fields.text("boundary") {
            by_line.entry(line).or_default().push(marker);
        }
    }
    for line in told {
        let Some(lines) = stem(line).and_then(|stem| by_stem.get(&stem)) else {
            continue;
        };
        let markers: Vec<&Record> = lines
            .iter()
            .filter_map(|line| by_line.get(&*line.id))
            .flatten()
            .copied()
            .collect();
        let Ok(series) = Series::of(lines, &markers, &line.id, &patterns) else {
            continue;
        };
        let text = line.fields.text("course").unwrap_or_default();
        for (at, fault) in check_course(&series, text).into_iter().enumerate() {
            let (sentence, name) = (fault.sentence, line_label_of(line));
            let message = Text::new(
                format!(
                    "界线 {name} 的走向说明第 {sentence} 句：{}；请核对说明或界线",
                    fault.words.zh
                ),
                format!(
                    "line {name}, sentence {sentence} of its course: {}; check the text or the line",
                    fault.words.en
                ),
            );
            out.push(
                on_line("LIN-10", line, &format!("{sentence} {at}"), message)
                    .on(fault.place.map(LonLat::from)),
            );
        }
    }
    Ok(())
}

fn line_label_of(line: &Record) -> String {
    if line.name.trim().is_empty() {
        line.id.to_string()
    } else {
        format!("{}（{}）", line.name, line.id)
    }
}

/// The record of the feature that a line follows: by its id among names, or as `roads/ID`.
fn feature_of<'a>(scope: &Scope<'a>, feature: &Map<String, Value>) -> Option<&'a Record> {
    let text = |name: &str| feature.get(name).and_then(Value::as_str);
    if let Some(id) = text("name_id") {
        return scope.register.record(Collection::Names, id);
    }
    let (collection, id) = text("record")?.split_once('/')?;
    scope.register.record(collection.parse().ok()?, id)
}

fn followed(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let lines = scope.need(Collection::Boundaries)?;
    let mut has_any = false;
    for line in lines {
        let Some(feature) = line
            .fields
            .get("follows_feature")
            .and_then(Value::as_object)
        else {
            continue;
        };
        let track = feature_of(scope, feature)
            .and_then(|record| record.geometry.as_deref())
            .and_then(Track::of);
        let Some(track) = track else { continue };
        has_any = true;
        // Where the line leaves the feature at its ends it follows something else already: the
        // stretch between the feature's ends counts.
        let mut worst: Option<(f64, Coord<f64>)> = None;
        for c in parts(line).into_iter().flatten() {
            let foot = track.foot(*c);
            let is_beyond = foot.along_m <= 0.0 || foot.along_m >= track.length_m;
            let off_m = foot.off_m.abs();
            if !is_beyond && worst.is_none_or(|(most, _)| off_m > most) {
                worst = Some((off_m, *c));
            }
        }
        let Some((off_m, at)) = worst.filter(|(off_m, _)| *off_m > FOLLOWED_M) else {
            continue;
        };
        // A river or road that shifts does not move the line, unless the agreement says so.
        let moves = feature.get("moves").and_then(Value::as_bool) == Some(true);
        let severity = if moves {
            Severity::Warning
        } else {
            Severity::Info
        };
        let name = feature.get("name").and_then(Value::as_str).unwrap_or("?");
        let (line_name, far) = (line_label_of(line), metres(off_m));
        let message = if moves {
            Text::new(
                format!(
                    "界线 {line_name} 与{name}中心线最大相差 {}；协议约定随其变动，请联合勘测",
                    far.zh
                ),
                format!(
                    "line {line_name} lies up to {} from {name}; the agreement lets it move along, survey it jointly",
                    far.en
                ),
            )
        } else {
            Text::new(
                format!(
                    "界线 {line_name} 与{name}中心线最大相差 {}；地物变动不改变界线，请在联检时说明",
                    far.zh
                ),
                format!(
                    "line {line_name} lies up to {} from {name}; the feature moved, not the line: tell so at the inspection",
                    far.en
                ),
            )
        };
        out.push(
            Finding::new("LIN-11", severity, vec![line.key()], "", message)
                .on(Some(LonLat::from(at)))
                .sized(off_m, "m")
                .against(FOLLOWED_M),
        );
    }
    if has_any {
        Ok(())
    } else {
        Err(Skip::new(
            "没有登记图形的依附地物",
            "no line follows a feature that is mapped",
        ))
    }
}

/// A count on a line's record, from the column of the systems in use.
fn count_of(line: &Record, column: &str) -> Option<u64> {
    let extra = line.fields.get("extra").and_then(Value::as_object);
    let value = extra.and_then(|extra| extra.get(column));
    let value = value.or_else(|| line.fields.get(column))?;
    value
        .as_u64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

fn counts(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let lines = scope.need(Collection::Boundaries)?;
    let mut counted: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for marker in scope.register.live(Collection::Markers) {
        if marker.status == Status::Retired {
            continue;
        }
        if let Some(line) = marker.fields.text("boundary") {
            let counts = counted.entry(line).or_default();
            counts[0] += 1;
            counts[1] += u64::from(TypeCode::of(marker) == TypeCode::Q);
        }
    }
    let mut has_any = false;
    for line in lines {
        for (at, (column, zh, en)) in [
            ("JZKS", "界桩", "markers"),
            ("DLZKS", "单立界桩", "single markers"),
        ]
        .into_iter()
        .enumerate()
        {
            let Some(told) = count_of(line, column) else {
                continue;
            };
            has_any = true;
            let is = counted.get(&*line.id).map_or(0, |counts| counts[at]);
            // A layer that is not loaded for the line says nothing of it.
            if told == is || !counted.contains_key(&*line.id) {
                continue;
            }
            let name = line_label_of(line);
            let message = text!(
                "界线 {name} 登记{zh} {told} 座，界桩数据中有 {is} 座；请核对",
                "line {name} is recorded with {told} {en}, the register has {is}; check"
            );
            out.push(
                on_line("LIN-14", line, column, message).sized(told.abs_diff(is) as f64, "count"),
            );
        }
    }
    if has_any {
        Ok(())
    } else {
        Err(Skip::new(
            "界线没有登记界桩数",
            "no line tells how many markers it has",
        ))
    }
}

/// Units of a list of codes in a survey.
fn codes<'v>(survey: &'v Map<String, Value>, name: &str) -> Vec<&'v str> {
    let list = survey.get(name).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// Surveys of a kind that lack one of a marker's sides in a list.
fn lacking<'a>(
    scope: &Scope<'a>,
    kinds: &[&str],
    list: &str,
    mut tell: impl FnMut(&'a Record, usize, &Map<String, Value>, Vec<String>),
) -> Result<(), Skip> {
    let mut has_any = false;
    for marker in scope.need(Collection::Markers)? {
        for (at, survey) in marker.fields.objects("surveys").enumerate() {
            let kind = survey.get("kind").and_then(Value::as_str);
            if !kind.is_some_and(|kind| kinds.contains(&kind)) {
                continue;
            }
            has_any = true;
            let present = codes(survey, list);
            let sides = marker
                .fields
                .texts("sides")
                .filter_map(|side| side.parse().ok());
            let absent = sides
                .filter(|side: &zhifang_core::DivisionCode| {
                    !present.contains(&side.to_string().as_str())
                })
                .map(|side| scope.register.label(side))
                .collect();
            tell(marker, at + 1, survey, absent);
        }
    }
    if has_any {
        Ok(())
    } else {
        Err(Skip::new(
            "没有移动、增设或修复的记录",
            "no move, addition or repair is recorded",
        ))
    }
}

fn moves(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    lacking(
        scope,
        &["moved", "added"],
        "consents",
        |marker, at, survey, absent| {
            let is_filed = survey.get("filed_on").and_then(Value::as_str).is_some();
            if absent.is_empty() && is_filed {
                return;
            }
            let who = absent.join("、");
            let number = marker.fields.text("number").unwrap_or(&marker.id);
            let message = match (absent.is_empty(), is_filed) {
                (false, true) => text!(
                    "{number}号界桩的移动或增设缺{who}的同意；擅自移动无效，请恢复原位或补办",
                    "marker {number} was moved or added without the consent of {who}; that has no effect, put it back or obtain it"
                ),
                (false, false) => text!(
                    "{number}号界桩的移动或增设缺{who}的同意，也未备案；擅自移动无效，请恢复原位或补办",
                    "marker {number} was moved or added without the consent of {who} and without filing; that has no effect, put it back or obtain it"
                ),
                _ => text!(
                    "{number}号界桩的移动或增设未备案；请报备",
                    "marker {number} was moved or added without filing; file it"
                ),
            };
            out.push(
                Finding::new(
                    "MRK-10",
                    Severity::Error,
                    vec![marker.key()],
                    &at.to_string(),
                    message,
                )
                .on(marker.point()),
            );
        },
    )
}

fn repairs(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    lacking(
        scope,
        &["repaired"],
        "witnesses",
        |marker, at, _, absent| {
            if absent.is_empty() {
                return;
            }
            let (who, number) = (
                absent.join("、"),
                marker.fields.text("number").unwrap_or(&marker.id),
            );
            let message = text!(
                "{number}号界桩修复时{who}未在场；请会同复核并补签",
                "marker {number} was repaired without {who} present; review it together and sign"
            );
            out.push(
                Finding::new(
                    "MRK-11",
                    Severity::Error,
                    vec![marker.key()],
                    &at.to_string(),
                    message,
                )
                .on(marker.point()),
            );
        },
    )
}
