//! NAM, REG: standard names, their signs, and what any record must have in order.

use std::collections::BTreeMap;

use zhifang_core::{Collection, DivisionCode, LonLat, Record, Status};
use zhifang_names::{Category, Range, Rules, letters, misread};

use super::dispute::holds;
use super::text;
use crate::finding::{Finding, Severity, metres};
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
        "NAM-01",
        Severity::Error,
        "范围内重名或同音",
        "duplicate or homophone in range",
        "地名管理条例（国务院令第753号）第九条第七、八项",
        duplicates,
    ),
    rule(
        "NAM-07",
        Severity::Warning,
        "罗马字母拼写缺失或有误",
        "Roman spelling missing or wrong",
        "地名管理条例第十五条；中国地名汉语拼音字母拼写规则",
        spelling,
    ),
    rule(
        "REG-01",
        Severity::Error,
        "引用的记录不存在",
        "reference to a record that is not there",
        "",
        references,
    ),
    rule(
        "REG-02",
        Severity::Error,
        "所属区划与点位不符",
        "place outside the division that it names",
        "",
        outside,
    ),
    rule(
        "REG-03",
        Severity::Error,
        "标志文字不是标准地名",
        "sign's text is not the standard name",
        "地名管理条例第十八、十九条",
        signs,
    ),
    rule(
        "REG-04",
        Severity::Error,
        "日期次序颠倒",
        "dates out of order",
        "",
        dates,
    ),
    rule(
        "REG-05",
        Severity::Error,
        "停用地名仍在标志上",
        "retired name on a live sign",
        "地名管理条例第十九条",
        retired,
    ),
    rule(
        "REG-06",
        Severity::Warning,
        "别名是另一地的标准地名",
        "alias is another place's standard name",
        "地名管理条例第九条",
        aliases,
    ),
];

/// The unit in which names of a category must differ, where a duplicate is an error. Streets and
/// estates ask for the built-up area; where none is drawn, the county stands in. Divisions are
/// held against each other by the statutory check of a name.
fn range(category: i64, division: DivisionCode) -> Option<DivisionCode> {
    let category = u8::try_from(category).ok().and_then(Category::new)?;
    let rule = Rules::shipped().category(category);
    let is_local = matches!(rule.scope, Range::County | Range::BuiltUp);
    (is_local && rule.duplicate == zhifang_names::Severity::Error).then(|| division.county())
}

fn duplicates(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let names = scope.need(Collection::Names)?;
    let mut by_name: BTreeMap<(i64, DivisionCode, &str), Vec<&Record>> = BTreeMap::new();
    let mut by_sound: BTreeMap<(i64, DivisionCode, String), Vec<&Record>> = BTreeMap::new();
    for name in names {
        let Some((category, division)) = name
            .fields
            .get("category")
            .and_then(serde_json::Value::as_i64)
            .zip(name.division)
        else {
            continue;
        };
        let Some(range) = range(category, division) else {
            continue;
        };
        by_name
            .entry((category, range, name.name.trim()))
            .or_default()
            .push(name);
        if let Some(pinyin) = name.fields.text("pinyin").filter(|text| !text.is_empty()) {
            by_sound
                .entry((category, range, letters(pinyin)))
                .or_default()
                .push(name);
        }
    }
    let is_new = |record: &&Record| {
        // Names older than the decree are no breach of it.
        record.valid.from >= Some(Rules::shipped().in_force())
    };
    for ((_, range, word), twins) in by_name.iter().filter(|(_, twins)| twins.len() > 1) {
        // Names older than the rule are no breach of it.
        if word.is_empty() || !twins.iter().any(is_new) {
            continue;
        }
        let (area, count) = (scope.register.label(*range), twins.len());
        let message = text!(
            "{area}范围内有 {count} 个“{word}”（未载建成区，以县级范围代替）；请更名其一",
            "{count} names `{word}` within {area} (no built-up area is loaded, the county stands in); rename one"
        );
        out.push(group("NAM-01", Severity::Error, twins, "same", message));
    }
    for ((_, range, _), twins) in by_sound {
        let mut words: Vec<&str> = twins.iter().map(|name| name.name.trim()).collect();
        words.sort_unstable();
        words.dedup();
        if words.len() < 2 || !twins.iter().any(is_new) {
            continue;
        }
        let (area, words) = (scope.register.label(range), words.join("、"));
        let message = text!(
            "{area}范围内读音相同（不计声调）：{words}；请避免同音",
            "alike in sound (tones aside) within {area}: {words}; homophones are to be avoided"
        );
        out.push(group("NAM-01", Severity::Warning, &twins, "sound", message));
    }
    Ok(())
}

fn group(
    rule: &'static str,
    severity: Severity,
    twins: &[&Record],
    detail: &str,
    message: crate::finding::Text,
) -> Finding {
    let keys = twins.iter().map(|name| name.key()).collect();
    let points: Vec<_> = twins
        .iter()
        .filter_map(|name| place(name))
        .map(Into::into)
        .collect();
    let finding = Finding::new(rule, severity, keys, detail, message)
        .on(twins.first().and_then(|name| place(name)));
    if points.is_empty() {
        finding
    } else {
        finding.shown(geo::Geometry::MultiPoint(geo::MultiPoint(points)))
    }
}

fn place(record: &Record) -> Option<LonLat> {
    record.point().or_else(|| super::dispute::stand(record))
}

fn spelling(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for name in scope.need(Collection::Names)? {
        let word = name.name.trim();
        if word.is_empty() {
            continue;
        }
        let given = name.fields.text("pinyin").unwrap_or_default().trim();
        let message = if given.is_empty() {
            text!(
                "“{word}”缺罗马字母拼写；请补登",
                "`{word}` has no Roman spelling; record it"
            )
        } else {
            let Some(fault) = misread(word, given) else {
                continue;
            };
            text!(
                "“{word}”的拼写 {given} 与“{fault}”字的读音不符；请核对",
                "the spelling {given} of `{word}` does not fit the reading of {fault}; check it"
            )
        };
        out.push(
            Finding::new("NAM-07", Severity::Warning, vec![name.key()], "", message)
                .on(place(name)),
        );
    }
    Ok(())
}

fn references(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let links = [
        (Collection::Signs, "name_id", Collection::Names),
        (Collection::Claims, "dispute", Collection::Disputes),
        (Collection::Claims, "boundary", Collection::Boundaries),
        (Collection::Disputes, "boundary", Collection::Boundaries),
        (Collection::Structures, "boundary", Collection::Boundaries),
        (Collection::Inspections, "boundary", Collection::Boundaries),
        (
            Collection::Observations,
            "inspection",
            Collection::Inspections,
        ),
    ];
    let mut looked = false;
    for (collection, field, target) in links {
        if scope.register.all(target).is_empty() {
            continue;
        }
        for record in scope.live(collection) {
            looked = true;
            let Some(id) = record.fields.text(field).filter(|id| !id.is_empty()) else {
                continue;
            };
            if scope.register.record(target, id).is_none() {
                let (own, title) = (record.key(), target.title(zhifang_core::Lang::Zh));
                let message = text!(
                    "{own} 引用的{title} {id} 不在登记中；请改正 {field}",
                    "{own} refers to {target} {id}, which is not in the register; correct {field}"
                );
                out.push(
                    Finding::new(
                        "REG-01",
                        Severity::Error,
                        vec![record.key()],
                        field,
                        message,
                    )
                    .on(place(record)),
                );
            }
        }
    }
    let has_units = !scope.register.units().is_empty();
    for collection in Collection::ALL
        .into_iter()
        .filter(|one| *one != Collection::Divisions)
    {
        if !has_units || collection == Collection::Findings {
            continue;
        }
        for record in scope.live(collection) {
            looked = true;
            let Some(division) = record.division else {
                continue;
            };
            // Only where units of that level are loaded below the same county.
            let is_known = scope.register.unit(division).is_some();
            if !is_known && scope.register.unit(division.county()).is_some() {
                let own = record.key();
                let message = text!(
                    "{own} 所属区划 {division} 不在登记中；请改正",
                    "{own} belongs to division {division}, which is not in the register; correct it"
                );
                let has_siblings = division.parent().is_some_and(|parent| {
                    scope
                        .register
                        .units()
                        .iter()
                        .any(|(_, unit)| unit.parent() == Some(parent))
                });
                if has_siblings {
                    out.push(
                        Finding::new(
                            "REG-01",
                            Severity::Error,
                            vec![record.key()],
                            "division",
                            message,
                        )
                        .on(place(record)),
                    );
                }
            }
        }
    }
    if looked {
        Ok(())
    } else {
        Err(Skip::new(
            "范围内没有可核对的引用",
            "nothing to follow in the scope",
        ))
    }
}

/// A place this far outside its division is outside, metres: generalised outlines are off by
/// as much.
const OUTSIDE_M: f64 = 50.0;

fn outside(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let placed = [Collection::Names, Collection::Signs];
    let mut looked = false;
    for collection in placed {
        for record in scope.live(collection) {
            if let Some((unit, distance)) = strays(scope, record, &mut looked) {
                let far = metres(distance);
                let (word, unit) = (&record.name, scope.register.label(unit));
                let message = crate::finding::Text::new(
                    format!(
                        "“{word}”的点位在所属{unit}之外 {}；请核对点位或所属区划",
                        far.zh
                    ),
                    format!(
                        "`{word}` lies {} outside {unit}, its division; check place and division",
                        far.en
                    ),
                );
                out.push(
                    Finding::new("REG-02", Severity::Error, vec![record.key()], "", message)
                        .on(place(record))
                        .sized(distance, "m")
                        .against(OUTSIDE_M),
                );
            }
        }
    }
    if looked {
        Ok(())
    } else {
        Err(Skip::new(
            "没有可对照区划图形的地名或标志",
            "no name or sign has a division with a polygon",
        ))
    }
}

/// The unit that a record names and lies outside of, with the distance in metres: the nearest
/// unit above with a polygon.
pub(super) fn strays(
    scope: &Scope<'_>,
    record: &Record,
    looked: &mut bool,
) -> Option<(DivisionCode, f64)> {
    let point = place(record)?;
    let mut up = record.division;
    let unit = loop {
        let code = up?;
        match scope.register.unit(code) {
            Some(unit) if unit.geometry.is_some() => break unit,
            Some(unit) => up = unit.parent(),
            None => up = code.parent(),
        }
    };
    *looked = true;
    if holds(unit, point.into()) {
        return None;
    }
    let polygons = crate::ground::polygons(unit)?;
    let rings: Vec<&[geo::Coord<f64>]> = polygons
        .iter()
        .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
        .map(|ring| ring.0.as_slice())
        .collect();
    let distance = crate::linework::nearest_of(&rings, point.into())?.distance_m;
    (distance > OUTSIDE_M).then_some((unit.division?, distance))
}

fn sign_name<'a>(scope: &Scope<'a>, sign: &Record) -> Option<&'a Record> {
    scope
        .register
        .record(Collection::Names, sign.fields.text("name_id")?)
}

fn is_retired(scope: &Scope<'_>, name: &Record) -> bool {
    name.status == Status::Retired
        || name.fields.text("name_status") == Some("retired")
        || (name.valid.is_ordered() && name.valid.to.is_some_and(|to| to <= scope.day()))
}

fn signs(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for sign in scope.need(Collection::Signs)? {
        let Some(name) = sign_name(scope, sign).filter(|name| !is_retired(scope, name)) else {
            continue;
        };
        let (written, standard) = (
            sign.fields.text("text").unwrap_or_default().trim(),
            name.name.trim(),
        );
        if written.is_empty() || written == standard {
            continue;
        }
        let message = text!(
            "标志写“{written}”，标准地名是“{standard}”；请更换标志",
            "the sign says `{written}`, the standard name is `{standard}`; replace the sign"
        );
        out.push(
            Finding::new(
                "REG-03",
                Severity::Error,
                vec![sign.key(), name.key()],
                "",
                message,
            )
            .on(sign.point()),
        );
    }
    Ok(())
}

fn retired(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for sign in scope.need(Collection::Signs)? {
        let is_live = sign.fields.text("state") != Some("missing");
        let Some(name) = sign_name(scope, sign).filter(|name| is_live && is_retired(scope, name))
        else {
            continue;
        };
        let word = name.name.trim();
        let message = text!(
            "停用地名“{word}”仍在标志上；请拆除或更换标志",
            "the retired name `{word}` still stands on a sign; take it down or replace it"
        );
        out.push(
            Finding::new(
                "REG-05",
                Severity::Error,
                vec![sign.key(), name.key()],
                "",
                message,
            )
            .on(sign.point()),
        );
    }
    Ok(())
}

/// Pairs of fields of which the first must not come after the second.
const DATE_PAIRS: [(&str, &str); 4] = [
    ("opened", "closed"),
    ("set_on", "last_inspected"),
    ("start", "end"),
    ("published_on", "retired_on"),
];

#[expect(
    clippy::unnecessary_wraps,
    reason = "every rule has this shape; this one is never skipped"
)]
fn dates(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for collection in Collection::ALL {
        for record in scope
            .register
            .all(collection)
            .iter()
            .filter(|record| scope.holds(record))
        {
            let word = if record.name.trim().is_empty() {
                &record.id
            } else {
                &record.name
            };
            if let (Some(from), Some(to), false) = (
                record.valid.from,
                record.valid.to,
                record.valid.is_ordered(),
            ) {
                let message = text!(
                    "“{word}”的失效日期 {to} 不晚于生效日期 {from}；请改正",
                    "`{word}` ends on {to}, not after it begins on {from}; correct the dates"
                );
                out.push(
                    Finding::new(
                        "REG-04",
                        Severity::Error,
                        vec![record.key()],
                        "valid",
                        message,
                    )
                    .on(place(record)),
                );
            }
            for (first, second) in DATE_PAIRS {
                let value = |field: &str| {
                    record.fields.get(field).map(|value| match value {
                        serde_json::Value::String(text) => text.clone(),
                        other => other.to_string(),
                    })
                };
                // Days as YYYY-MM-DD and years as YYYY compare as text.
                let (Some(a), Some(b)) = (value(first), value(second)) else {
                    continue;
                };
                if a.len() == b.len() && a > b {
                    let message = text!(
                        "“{word}”的 {first}（{a}）晚于 {second}（{b}）；请改正",
                        "`{word}` has {first} {a} after {second} {b}; correct the dates"
                    );
                    out.push(
                        Finding::new(
                            "REG-04",
                            Severity::Error,
                            vec![record.key()],
                            first,
                            message,
                        )
                        .on(place(record)),
                    );
                }
            }
        }
    }
    Ok(())
}

fn aliases(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let names = scope.need(Collection::Names)?;
    let mut standard: BTreeMap<(DivisionCode, &str), &Record> = BTreeMap::new();
    for name in scope.register.live(Collection::Names) {
        if let Some(division) = name.division {
            standard
                .entry((division.county(), name.name.trim()))
                .or_insert(name);
        }
    }
    for name in names {
        let Some(division) = name.division else {
            continue;
        };
        for alias in name.fields.objects("aliases") {
            let Some(word) = alias.get("name").and_then(|word| word.as_str()) else {
                continue;
            };
            let Some(other) = standard.get(&(division.county(), word.trim())) else {
                continue;
            };
            if other.id == name.id || other.name == name.name {
                continue;
            }
            let own = &name.name;
            let message = text!(
                "“{own}”的别名“{word}”是另一地的标准地名；请核对",
                "the alias `{word}` of `{own}` is the standard name of another place; check it"
            );
            let keys = vec![name.key(), other.key()];
            out.push(
                Finding::new("REG-06", Severity::Warning, keys, word, message).on(place(name)),
            );
        }
    }
    Ok(())
}
