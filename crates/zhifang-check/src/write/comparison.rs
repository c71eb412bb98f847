//! A comparison as GeoJSON and as one page.

use std::io::{self, Write};

use geo::{Geometry, MultiPolygon};
use serde_json::{Value, json};
use zhifang_core::{Lang, geometry};

use super::html::{escaped, foot, head, other};
use super::profile::profile;
use super::sketch::sketch_pair;
use crate::compare::{Agreement, Comparison, Item, Stretch};
use crate::finding::{Text, area, metres, rounded};

impl Comparison {
    /// An RFC 7946 FeatureCollection: for each record the stretches of the submission and the
    /// ground between, then the findings; `summary` beside `features`.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_geojson(&self, out: &mut impl Write) -> io::Result<()> {
        let mut features: Vec<Value> = Vec::new();
        for item in &self.items {
            for stretch in item.stretches() {
                let mut properties = stretch_json(&stretch);
                properties["kind"] = json!("stretch");
                properties["ours"] = json!(item.ours.to_string());
                features.push(json!({
                    "type": "Feature",
                    "geometry": geometry::to_geojson(&Geometry::LineString(stretch.course)),
                    "properties": properties,
                }));
            }
            if !item.deviation.faces.is_empty() {
                let between = Geometry::MultiPolygon(MultiPolygon(item.deviation.faces.clone()));
                features.push(json!({
                    "type": "Feature",
                    "geometry": geometry::to_geojson(&between),
                    "properties": {
                        "kind": "between",
                        "ours": item.ours.to_string(),
                        "won_m2": rounded(item.won_m2),
                        "lost_m2": rounded(item.lost_m2),
                    },
                }));
            }
        }
        features.extend(self.report.findings.iter().map(|finding| {
            let mut feature = finding.to_feature();
            feature["properties"]["kind"] = json!("finding");
            feature
        }));
        let collection = json!({
            "type": "FeatureCollection",
            "features": features,
            "summary": self.report.summary(),
        });
        serde_json::to_writer(&mut *out, &collection)?;
        writeln!(out)
    }

    /// One page that needs nothing from outside: for each record both courses on a map, the
    /// profile of their distance, and the stretches.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_html(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        let title = Text::new("两方界线比对报告", "Comparison of two versions");
        head(out, &title, lang)?;
        for finding in self
            .report
            .findings
            .iter()
            .filter(|finding| matches!(finding.rule, "CMP-01" | "CMP-02"))
        {
            writeln!(
                out,
                "<p class=\"{}\">{}<br><small>{}</small></p>",
                finding.severity.as_str(),
                escaped(finding.message.pick(lang)),
                escaped(finding.message.pick(other(lang))),
            )?;
        }
        writeln!(
            out,
            "<p><span class=\"key ours\"></span> {} <span class=\"key theirs\"></span> {}</p>",
            lang.pick("登记", "the register"),
            lang.pick("提交", "the submission"),
        )?;
        for item in &self.items {
            section(out, self, item, lang)?;
        }
        foot(out)
    }
}

pub(crate) fn stretch_json(stretch: &Stretch) -> Value {
    json!({
        "agreement": stretch.agreement.as_str(),
        "side": stretch.side.map(crate::compare::Side::as_str),
        "from_m": stretch.from_m.round(),
        "to_m": stretch.to_m.round(),
        "max_m": (stretch.max_m * 100.0).round() / 100.0,
    })
}

fn section(out: &mut impl Write, all: &Comparison, item: &Item, lang: Lang) -> io::Result<()> {
    let told = all
        .report
        .findings
        .iter()
        .find(|finding| finding.subjects.first() == Some(&item.ours));
    let severity = told.map_or("info", |finding| finding.severity.as_str());
    writeln!(
        out,
        "<section class=\"{severity}\"><h2>{}</h2>",
        escaped(&item.label)
    )?;
    if let Some(finding) = told {
        writeln!(
            out,
            "<p>{}<br><small>{}</small></p>",
            escaped(finding.message.pick(lang)),
            escaped(finding.message.pick(other(lang)))
        )?;
    }
    let found = &item.deviation;
    let rows = [
        (
            lang.pick("最大相差", "largest distance"),
            metres(found.max_m),
        ),
        (lang.pick("平均", "mean"), metres(found.mean_m)),
        (
            lang.pick("95% 在此以内", "95 % within"),
            metres(found.p95_m),
        ),
        (
            lang.pick("提交方多出", "the submission has more"),
            area(item.won_m2),
        ),
        (
            lang.pick("提交方少去", "the submission has less"),
            area(item.lost_m2),
        ),
    ];
    writeln!(out, "<div class=\"pair\">{}<table>", sketch_pair(item))?;
    for (what, value) in rows {
        writeln!(out, "<tr><th>{what}</th><td>{}</td></tr>", value.pick(lang))?;
    }
    for (who, accuracy) in [
        (
            lang.pick("登记的精度等级", "accuracy of the register"),
            &item.accuracy[0],
        ),
        (
            lang.pick("提交的精度等级", "accuracy of the submission"),
            &item.accuracy[1],
        ),
    ] {
        writeln!(
            out,
            "<tr><th>{who}</th><td>{}（±{}）{}</td></tr>",
            accuracy.class.as_str(),
            metres(accuracy.metres).pick(lang),
            escaped(accuracy.reason.pick(lang))
        )?;
    }
    writeln!(out, "</table></div>{}", profile(item, lang))?;
    stretches(out, item, lang)?;
    writeln!(out, "</section>")
}

/// Stretches in the table, at most: the longest.
const MAX_ROWS: usize = 40;

fn stretches(out: &mut impl Write, item: &Item, lang: Lang) -> io::Result<()> {
    let mut all = item.stretches();
    let count = all.len();
    all.sort_by(|a, b| (b.to_m - b.from_m).total_cmp(&(a.to_m - a.from_m)));
    all.truncate(MAX_ROWS);
    all.sort_by(|a, b| a.from_m.total_cmp(&b.from_m));
    writeln!(
        out,
        "<details open><summary>{}</summary><table><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr>",
        lang.pick(
            &format!("分段（{count} 段）"),
            &format!("{count} stretches")
        ),
        lang.pick("起止（米）", "from, to (m)"),
        lang.pick("吻合", "agreement"),
        lang.pick("最大相差", "largest"),
        lang.pick("让出方", "who gives way"),
    )?;
    for stretch in &all {
        let agreement = match stretch.agreement {
            Agreement::Same => lang.pick("一致", "the same"),
            Agreement::Near => lang.pick("容差以内", "within the tolerance"),
            Agreement::Apart => lang.pick("不一致", "apart"),
        };
        writeln!(
            out,
            "<tr class=\"{}\"><td>{:.0}–{:.0}</td><td>{agreement}</td><td>{}</td><td>{}</td></tr>",
            stretch.agreement.as_str(),
            stretch.from_m,
            stretch.to_m,
            metres(stretch.max_m).pick(lang),
            stretch.side.map_or("", |side| side.title(lang)),
        )?;
    }
    writeln!(out, "</table></details>")
}
