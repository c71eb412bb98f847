//! 界桩登记表: a page for each marker.

use std::io::{self, Write};

use zhifang_core::Lang;

use super::{Facts, Sheet, csv_row, escaped, head_row, optional, page_start, signatures, sketch};

pub(super) fn html(sheet: &Sheet<'_, '_>, out: &mut impl Write, lang: Lang) -> io::Result<()> {
    let title = lang.pick("界桩登记表", "Boundary marker record");
    page_start(out, title, lang)?;
    for station in &sheet.stations {
        let facts = sheet.facts(station);
        writeln!(
            out,
            "<section><h1>{title}　{}</h1><table><tbody>",
            escaped(facts.number)
        )?;
        // Two fields a row, the long last one alone.
        let fields = fields(sheet, &facts, lang);
        for row in fields.chunks(2) {
            let span = if row.len() == 1 { " colspan=\"3\"" } else { "" };
            write!(out, "<tr>")?;
            for (name, value) in row {
                let (name, value) = (escaped(name), escaped(value));
                write!(out, "<th>{name}</th><td{span}>{value}</td>")?;
            }
            writeln!(out, "</tr>")?;
        }
        writeln!(out, "</tbody></table>")?;
        references(&facts, out, lang)?;
        history(&facts, out, lang)?;
        writeln!(out, "<h2>{}</h2>", lang.pick("签字", "Signatures"))?;
        signatures(out, &facts.sides, lang)?;
        writeln!(
            out,
            "<p><small>{} {}</small></p></section>",
            lang.pick("制表日期", "Printed on"),
            sheet.printed_on
        )?;
    }
    writeln!(out, "</body></html>")
}

/// The fields of the sheet, in its order.
fn fields(sheet: &Sheet<'_, '_>, facts: &Facts<'_, '_>, lang: Lang) -> Vec<(&'static str, String)> {
    let marker = facts.marker();
    let text = |field: &str| marker.fields.text(field).unwrap_or_default().to_owned();
    let line = facts.station.line;
    let [lon, lat] = facts.lon_lat.clone().unwrap_or_default();
    let grid = |value: fn(&crate::grid::OnGrid) -> f64| {
        facts
            .grid
            .as_ref()
            .map(value)
            .map(|metres| format!("{metres:.3}"))
    };
    let survey = facts.last_survey();
    let keeper = marker
        .fields
        .text("keeper")
        .and_then(|code| code.parse().ok());
    let pick = |zh: &'static str, en: &'static str| match lang {
        Lang::Zh => zh,
        Lang::En => en,
    };
    let side = |off_m: f64| match (facts.station.side, off_m) {
        (Some(unit), off) => format!("{off:.2} m（{}）", sheet.name(unit)),
        (None, off) => format!("{off:.2} m"),
    };
    vec![
        (
            pick("所在界线", "Line"),
            format!("{}（{}）", line.name, line.id),
        ),
        (pick("界线等级", "Level"), facts.level(lang).to_owned()),
        (pick("毗邻各方", "Between"), facts.sides.join("、")),
        (pick("类型", "Type"), facts.kind(lang)),
        (pick("材质", "Material"), text("material")),
        (pick("东经", "Longitude"), lon),
        (pick("北纬", "Latitude"), lat),
        (
            pick("平面坐标 X（北）", "Plane X (northing), m"),
            grid(|grid| grid.x_m).unwrap_or_default(),
        ),
        (
            pick(
                "平面坐标 Y（东，含带号）",
                "Plane Y (easting, zone first), m",
            ),
            grid(|grid| grid.y_m).unwrap_or_default(),
        ),
        (pick("高程（米）", "Height, m"), facts.height()),
        (
            pick("坐标系统", "Reference system"),
            facts.grid.as_ref().map_or_else(String::new, |grid| {
                let meridian = grid.central_meridian_deg;
                format!("CGCS2000（EPSG:4490），3° {meridian:.0}°E")
            }),
        ),
        (
            pick("点位中误差（米）", "Accuracy, m"),
            format!("{:.2}", facts.accuracy_m),
        ),
        (
            pick("测量方法、日期", "Survey"),
            survey.map_or_else(String::new, |survey| {
                format!("{} {}", survey.method, survey.date)
            }),
        ),
        (
            pick("沿线里程（米）", "Along the line, m"),
            format!("{:.1}", facts.station.along_m),
        ),
        (pick("距界线", "Off the line"), side(facts.station.off_m)),
        (pick("埋设日期", "Set on"), text("set_on")),
        (
            pick("管理方", "Keeper"),
            keeper.map_or_else(String::new, |code| sheet.name(code)),
        ),
        (pick("位置描述", "Description"), facts.description(lang)),
    ]
}

fn references(facts: &Facts<'_, '_>, out: &mut impl Write, lang: Lang) -> io::Result<()> {
    writeln!(out, "<h2>{}</h2>", lang.pick("方位物", "Reference objects"))?;
    let heads = [
        "№",
        lang.pick("方位物", "Object"),
        lang.pick("方位角", "Azimuth"),
        lang.pick("距离（米）", "Distance, m"),
    ];
    head_row(out, &heads)?;
    for (at, sight) in facts.sights.iter().enumerate() {
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{} {}°</td><td class=\"n\">{}</td></tr>",
            at + 1,
            escaped(sight.what),
            sight.kind(lang),
            optional(sight.bearing_deg, 1),
            optional(sight.distance_m, 1)
        )?;
    }
    writeln!(out, "</tbody></table>")?;
    sketch::draw(facts, out, lang)
}

/// The surveys, and whether one of them found the marker elsewhere.
fn history(facts: &Facts<'_, '_>, out: &mut impl Write, lang: Lang) -> io::Result<()> {
    writeln!(out, "<h2>{}</h2>", lang.pick("历次测量", "Surveys"))?;
    let heads = [
        lang.pick("日期", "Date"),
        lang.pick("方法", "Method"),
        lang.pick("中误差（米）", "Accuracy, m"),
        lang.pick("高程（米）", "Height, m"),
        lang.pick("与登记位置相差（米）", "Off the registered place, m"),
        lang.pick("结论", "Verdict"),
    ];
    head_row(out, &heads)?;
    let registered = facts.marker().point();
    for survey in &facts.surveys {
        let drift = registered.and_then(|place| survey.drift_m(place.into(), facts.accuracy_m));
        let (class, verdict) = match drift {
            None => ("", String::new()),
            Some((away, allowed)) if away <= allowed => (
                "",
                match lang {
                    Lang::Zh => format!("在误差内（{allowed:.2} 米）"),
                    Lang::En => format!("within error ({allowed:.2} m)"),
                },
            ),
            Some((_, allowed)) => (
                " class=\"far\"",
                match lang {
                    Lang::Zh => format!("超过误差（{allowed:.2} 米），疑似移位"),
                    Lang::En => format!("beyond error ({allowed:.2} m): seems to have moved"),
                },
            ),
        };
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td{class}>{verdict}</td></tr>",
            escaped(survey.date),
            escaped(survey.method),
            optional(survey.accuracy_m, 2),
            optional(survey.height_m, 2),
            optional(drift.map(|(away, _)| away), 2),
        )?;
    }
    writeln!(out, "</tbody></table>")
}

/// Column names of the marker tables of the systems in use.
const COLUMNS: [&str; 24] = [
    "JZBH", "JXDM", "JXMC", "JZDJ", "JZLX", "JZCZ", "SZD1", "SZD2", "SZD3", "JD", "WD", "ZZB",
    "HZB", "GC", "YHFWWWZ", "YHFWWFWJ", "YHFWWJL", "EHFWWWZ", "EHFWWFWJ", "EHFWWJL", "SHFWWWZ",
    "SHFWWFWJ", "SHFWWJL", "WZMS",
];

pub(super) fn csv(sheet: &Sheet<'_, '_>, out: &mut impl Write) -> io::Result<()> {
    csv_row(out, &COLUMNS)?;
    for station in &sheet.stations {
        let facts = sheet.facts(station);
        let line = station.line;
        let mut cells = vec![
            facts.number.to_owned(),
            line.id.to_string(),
            line.name.to_string(),
            facts.level(Lang::Zh).to_owned(),
            facts.kind(Lang::Zh),
            facts
                .marker()
                .fields
                .text("material")
                .unwrap_or_default()
                .to_owned(),
        ];
        cells.extend((0..3).map(|at| facts.sides.get(at).cloned().unwrap_or_default()));
        cells.extend(facts.lon_lat.clone().unwrap_or_default());
        let grid = facts.grid.as_ref();
        cells.push(optional(grid.map(|grid| grid.x_m), 3));
        cells.push(optional(grid.map(|grid| grid.y_m), 3));
        cells.push(facts.height());
        for at in 0..3 {
            let sight = facts.sights.get(at);
            cells.push(sight.map_or_else(String::new, |sight| sight.what.to_owned()));
            cells.push(optional(sight.and_then(|sight| sight.bearing_deg), 1));
            cells.push(optional(sight.and_then(|sight| sight.distance_m), 1));
        }
        cells.push(facts.description(Lang::Zh));
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        csv_row(out, &cells)?;
    }
    Ok(())
}
