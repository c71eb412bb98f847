//! FAC: service points and cemeteries.

use std::collections::BTreeMap;

use zhifang_core::{Collection, Record};

use super::dispute::stand;
use super::name::strays;
use super::text;
use crate::finding::{Finding, Severity, Text, metres};
use crate::rule::{Card, Plain, Skip};
use crate::scope::Scope;

/// Largest plot for an urn of one and of two, m²: Hubei's rules of 2020. Other provinces and
/// years set others.
const PLOT_M2: (f64, f64) = (0.5, 0.8);
/// Share by which the drawn area of a cemetery may differ from the recorded one.
const AREA_SHARE: f64 = 0.2;

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
        "FAC-01",
        Severity::Warning,
        "缺电话或开放时间",
        "no phone or hours",
        "",
        reachable,
    ),
    rule(
        "FAC-02",
        Severity::Error,
        "位于所属区划之外",
        "outside the division that it names",
        "",
        outside,
    ),
    rule(
        "FAC-03",
        Severity::Warning,
        "同类站点位置相同",
        "two of one kind at one spot",
        "",
        twins,
    ),
    rule(
        "FAC-04",
        Severity::Error,
        "护理型床位多于床位",
        "more nursing beds than beds",
        "",
        beds,
    ),
    rule(
        "FAC-05",
        Severity::Warning,
        "公墓面积与图形不符",
        "cemetery's area differs from its outline",
        "殡葬管理条例",
        areas,
    ),
    rule(
        "FAC-06",
        Severity::Error,
        "公墓已用穴位超过规划",
        "more plots used than planned",
        "殡葬管理条例",
        full,
    ),
    rule(
        "FAC-07",
        Severity::Error,
        "单穴面积超限",
        "plots above the size limit",
        "湖北省公墓规定（2020年）：单穴 0.5、双穴 0.8 平方米",
        plots,
    ),
];

fn finding(
    rule: &'static str,
    severity: Severity,
    record: &Record,
    detail: &str,
    message: Text,
) -> Finding {
    Finding::new(rule, severity, vec![record.key()], detail, message).on(stand(record))
}

fn reachable(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let today = scope.day();
    for service in scope.need(Collection::Services)? {
        let is_closed =
            crate::linework::day(service, "closed").is_some_and(|closed| closed <= today);
        let lacks = |field: &str| {
            service
                .fields
                .text(field)
                .is_none_or(|text| text.trim().is_empty())
        };
        let (zh, en) = match (lacks("phone"), lacks("hours")) {
            (true, true) => ("电话和开放时间", "phone and no hours"),
            (true, false) => ("电话", "phone"),
            (false, true) => ("开放时间", "hours"),
            (false, false) => continue,
        };
        if is_closed {
            continue;
        }
        let name = &service.name;
        let message = Text::new(
            format!("“{name}”缺{zh}；请补登"),
            format!("`{name}` has no {en}; record them"),
        );
        out.push(finding("FAC-01", Severity::Warning, service, "", message));
    }
    Ok(())
}

fn outside(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let mut looked = false;
    for collection in [
        Collection::Services,
        Collection::Cemeteries,
        Collection::Projects,
    ] {
        for record in scope.live(collection) {
            let Some((unit, distance)) = strays(scope, record, &mut looked) else {
                continue;
            };
            let (name, unit, far) = (&record.name, scope.register.label(unit), metres(distance));
            let message = Text::new(
                format!("“{name}”在所属{unit}之外 {}；请核对点位或所属区划", far.zh),
                format!(
                    "`{name}` lies {} outside {unit}, its division; check place and division",
                    far.en
                ),
            );
            out.push(finding("FAC-02", Severity::Error, record, "", message).sized(distance, "m"));
        }
    }
    if looked {
        Ok(())
    } else {
        Err(Skip::new(
            "没有可对照区划图形的设施",
            "no facility has a division with a polygon",
        ))
    }
}

fn twins(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let mut by_spot: BTreeMap<(&str, u64, u64), Vec<&Record>> = BTreeMap::new();
    for service in scope.need(Collection::Services)? {
        if let Some(point) = service.point() {
            let kind = service.fields.text("kind").unwrap_or_default();
            by_spot
                .entry((kind, point.lon.to_bits(), point.lat.to_bits()))
                .or_default()
                .push(service);
        }
    }
    for twins in by_spot.into_values().filter(|twins| twins.len() > 1) {
        let names: Vec<&str> = twins.iter().map(|service| &*service.name).collect();
        let names = names.join("、");
        let message = text!(
            "同类站点位置相同：{names}；请核对点位或合并",
            "of one kind at one spot: {names}; check their places, or merge them"
        );
        let keys = twins.iter().rev().map(|service| service.key()).collect();
        out.push(Finding::new("FAC-03", Severity::Warning, keys, "", message).on(twins[0].point()));
    }
    Ok(())
}

fn beds(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for service in scope.need(Collection::Services)? {
        let number = |field: &str| service.fields.number(field);
        let Some((beds, nursing)) = number("beds").zip(number("nursing_beds")) else {
            continue;
        };
        if nursing > beds {
            let name = &service.name;
            let message = text!(
                "“{name}”床位 {beds:.0} 张，护理型床位 {nursing:.0} 张；护理型床位不能多于床位，请改正",
                "`{name}` has {beds:.0} beds and {nursing:.0} nursing beds; these are part of those, correct the numbers"
            );
            out.push(
                finding("FAC-04", Severity::Error, service, "", message)
                    .sized(nursing - beds, "count"),
            );
        }
    }
    Ok(())
}

fn areas(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for cemetery in scope.need(Collection::Cemeteries)? {
        let (Some(recorded), Some(polygons)) = (
            cemetery.fields.number("area_m2"),
            crate::ground::polygons(cemetery),
        ) else {
            continue;
        };
        let drawn = zhifang_topology::area_m2(&geo::MultiPolygon(polygons.to_vec()));
        let share = (drawn - recorded) / recorded.max(1.0);
        if share.abs() > AREA_SHARE {
            let (name, percent) = (&cemetery.name, share * 100.0);
            let message = text!(
                "“{name}”图上 {drawn:.0} 平方米，登记 {recorded:.0}，相差 {percent:+.0}%；请核对",
                "`{name}` is drawn with {drawn:.0} m², recorded are {recorded:.0}: {percent:+.0} %; check which is right"
            );
            out.push(
                finding("FAC-05", Severity::Warning, cemetery, "", message).sized(percent, "%"),
            );
        }
    }
    Ok(())
}

fn full(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for cemetery in scope.need(Collection::Cemeteries)? {
        let number = |field: &str| cemetery.fields.number(field);
        let Some((planned, used)) = number("plots_planned").zip(number("plots_used")) else {
            continue;
        };
        if used > planned {
            let (name, over) = (&cemetery.name, used - planned);
            let message = text!(
                "“{name}”已用穴位 {used:.0}，规划 {planned:.0}，超出 {over:.0}；请核对，或报批扩建",
                "`{name}` has used {used:.0} plots of {planned:.0} planned, {over:.0} too many; check, or have an extension approved"
            );
            out.push(
                finding("FAC-06", Severity::Error, cemetery, "", message).sized(over, "count"),
            );
        }
    }
    Ok(())
}

fn plots(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for cemetery in scope.need(Collection::Cemeteries)? {
        let Some(plot) = cemetery.fields.number("plot_area_m2") else {
            continue;
        };
        let is_historic = matches!(cemetery.fields.text("kind"), Some("martyrs" | "historic"));
        if plot > PLOT_M2.1 && !is_historic {
            let (name, (single, double)) = (&cemetery.name, PLOT_M2);
            let message = text!(
                "“{name}”单穴 {plot} 平方米，超过单穴 {single}、双穴 {double} 平方米的上限；请整改",
                "plots of `{name}` measure {plot} m², above the limit of {single} m² for one and {double} m² for two; put it right"
            );
            out.push(finding("FAC-07", Severity::Error, cemetery, "", message).sized(plot, "m2"));
        }
    }
    Ok(())
}
