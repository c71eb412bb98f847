//! 界桩成果表: a row for each marker.

use std::io::{self, Write};

use zhifang_core::Lang;

use super::{Sheet, csv_row, escaped, head_row, optional, page_start, signatures};

fn heads(lang: Lang) -> [&'static str; 16] {
    match lang {
        Lang::Zh => [
            "序号",
            "界桩号",
            "类型",
            "毗邻各方",
            "东经",
            "北纬",
            "X（米）",
            "Y（米）",
            "高程（米）",
            "点位中误差（米）",
            "测量方法",
            "测量日期",
            "所在界线",
            "沿线里程（米）",
            "距界线（米）",
            "距上一桩（米）",
        ],
        Lang::En => [
            "No",
            "Number",
            "Type",
            "Between",
            "Longitude",
            "Latitude",
            "X (northing), m",
            "Y (easting), m",
            "Height, m",
            "Accuracy, m",
            "Method",
            "Surveyed on",
            "Line",
            "Along, m",
            "Off the line, m",
            "From the last, m",
        ],
    }
}

/// The rows; numbers of markers along the line, in metres where they are metres.
fn rows(sheet: &Sheet<'_, '_>, lang: Lang) -> Vec<Vec<String>> {
    let mut last_m = None;
    let row = |(at, station): (usize, &&super::Station<'_>)| {
        let facts = sheet.facts(station);
        let [lon, lat] = facts.lon_lat.clone().unwrap_or_default();
        let survey = facts.last_survey();
        let step = last_m.map(|last: f64| station.along_m - last);
        last_m = Some(station.along_m);
        vec![
            (at + 1).to_string(),
            facts.number.to_owned(),
            facts.kind(lang),
            facts.sides.join("、"),
            lon,
            lat,
            optional(facts.grid.as_ref().map(|grid| grid.x_m), 3),
            optional(facts.grid.as_ref().map(|grid| grid.y_m), 3),
            facts.height(),
            format!("{:.2}", facts.accuracy_m),
            survey.map_or_else(String::new, |survey| survey.method.to_owned()),
            survey.map_or_else(String::new, |survey| survey.date.to_owned()),
            station.line.id.to_string(),
            format!("{:.1}", station.along_m),
            format!("{:.2}", station.off_m),
            optional(step, 1),
        ]
    };
    sheet.stations.iter().enumerate().map(row).collect()
}

pub(super) fn csv(sheet: &Sheet<'_, '_>, out: &mut impl Write, lang: Lang) -> io::Result<()> {
    csv_row(out, &heads(lang))?;
    for cells in rows(sheet, lang) {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        csv_row(out, &cells)?;
    }
    Ok(())
}

/// Columns from this one on are told once, not in each row of the printed table.
const LINE_COLUMN: usize = 12;

pub(super) fn html(sheet: &Sheet<'_, '_>, out: &mut impl Write, lang: Lang) -> io::Result<()> {
    let title = lang.pick("界桩成果表", "Boundary markers: results of the survey");
    page_start(out, title, lang)?;
    writeln!(
        out,
        "<style>@page{{size:A4 landscape}}body{{max-width:none;font-size:11px}}td{{white-space:nowrap}}td:nth-child(3),td:nth-child(4){{white-space:normal;min-width:6em}}</style><section><h1>{title}</h1><p>{}：{}　{}：{:.1} m　CGCS2000（EPSG:4490），{}</p>",
        lang.pick("界线", "Line"),
        escaped(&sheet.lines()),
        lang.pick("编号单元全长", "Length of the numbering unit"),
        sheet.series.length_m(),
        lang.pick("高斯-克吕格 3° 带", "Gauss-Krüger, 3° zones"),
    )?;
    let shown = |cells: &mut Vec<String>| drop(cells.remove(LINE_COLUMN));
    let mut names: Vec<String> = heads(lang).map(str::to_owned).to_vec();
    shown(&mut names);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    head_row(out, &names)?;
    for mut cells in rows(sheet, lang) {
        shown(&mut cells);
        let row: Vec<String> = cells
            .iter()
            .map(|cell| {
                let is_number = cell.parse::<f64>().is_ok() && cell.contains('.');
                let class = if is_number { " class=\"n\"" } else { "" };
                format!("<td{class}>{}</td>", escaped(cell))
            })
            .collect();
        writeln!(out, "<tr>{}</tr>", row.concat())?;
    }
    writeln!(
        out,
        "</tbody></table><h2>{}</h2>",
        lang.pick("签字", "Signatures")
    )?;
    let mut sides: Vec<String> = Vec::new();
    for station in &sheet.stations {
        for side in sheet.facts(station).sides {
            if !sides.contains(&side) {
                sides.push(side);
            }
        }
    }
    signatures(out, &sides, lang)?;
    writeln!(
        out,
        "<p><small>{} {}</small></p></section></body></html>",
        lang.pick("制表日期", "Printed on"),
        sheet.printed_on
    )
}
