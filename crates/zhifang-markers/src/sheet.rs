//! The sheets that a boundary survey hands over: 界桩登记表, a page for each marker, and
//! 界桩成果表, a row for each; as HTML for print and as CSV.

mod record_page;
mod results;
mod sketch;

use std::io::{self, Write};

use serde_json::{Map, Value};
use zhifang_core::{Day, DivisionCode, DivisionLevel, Lang, Record};

use crate::grid::{OnGrid, dms, on_grid};
use crate::series::{Series, Station, Stretch};
use crate::setout::{North, north_of};
use crate::survey::{Survey, accuracy_m, surveys_of};

/// What a sheet is made of.
#[derive(Debug, Clone)]
pub struct Sheet<'s, 'a> {
    series: &'s Series<'a>,
    stations: Vec<&'s Station<'a>>,
    names: &'s [(DivisionCode, &'a str)],
    printed_on: Day,
}

impl<'s, 'a> Sheet<'s, 'a> {
    /// Sheets of the markers of a series that `is_wanted` takes, in order along the line.
    /// `names`: the units' names, ascending by code.
    pub fn new(
        series: &'s Series<'a>,
        is_wanted: impl Fn(&Station<'a>) -> bool,
        names: &'s [(DivisionCode, &'a str)],
        printed_on: Day,
    ) -> Self {
        let stations = series.stations.iter();
        Self {
            series,
            stations: stations.filter(|station| is_wanted(station)).collect(),
            names,
            printed_on,
        }
    }

    /// Number of markers on it.
    pub fn len(&self) -> usize {
        self.stations.len()
    }

    /// Whether no marker is on it.
    pub fn is_empty(&self) -> bool {
        self.stations.is_empty()
    }

    /// The record sheets (界桩登记表), a page for each marker, to be printed and signed.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_records_html(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        record_page::html(self, out, lang)
    }

    /// The record sheets as a table, a row for each marker, under the column names of the systems
    /// in use (JZBH, JXDM, ZZB, HZB, …).
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_records_csv(&self, out: &mut impl Write) -> io::Result<()> {
        record_page::csv(self, out)
    }

    /// The table of results (界桩成果表), to be printed and signed.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_results_html(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        results::html(self, out, lang)
    }

    /// The table of results as CSV.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_results_csv(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        results::csv(self, out, lang)
    }

    fn name(&self, code: DivisionCode) -> String {
        let at = self.names.binary_search_by_key(&code, |(code, _)| *code);
        at.map_or_else(|_| code.to_string(), |at| self.names[at].1.to_owned())
    }

    fn facts(&self, station: &'s Station<'a>) -> Facts<'s, 'a> {
        let marker = station.marker;
        let place = marker.point();
        let sides = marker.fields.texts("sides");
        Facts {
            station,
            number: marker.fields.text("number").unwrap_or(&marker.id),
            sides: sides
                .filter_map(|code| code.parse().ok())
                .map(|code| self.name(code))
                .collect(),
            lon_lat: place.map(|place| [dms(place.lon), dms(place.lat)]),
            grid: place.and_then(on_grid),
            surveys: surveys_of(marker),
            accuracy_m: accuracy_m(marker),
            sights: sights(marker),
            stretch: self
                .series
                .stretches
                .iter()
                .find(|stretch| stretch.line.id == station.line.id),
        }
    }

    /// Name and code of the lines on the sheet.
    fn lines(&self) -> String {
        let mut lines: Vec<&Record> = self.stations.iter().map(|station| station.line).collect();
        lines.dedup_by(|a, b| a.id == b.id);
        let label = |line: &&Record| format!("{}（{}）", line.name, line.id);
        lines.iter().map(label).collect::<Vec<_>>().join("、")
    }
}

/// A reference object as it is written down.
struct Reference<'a> {
    what: &'a str,
    bearing_deg: Option<f64>,
    distance_m: Option<f64>,
    north: North,
}

impl Reference<'_> {
    fn kind(&self, lang: Lang) -> &'static str {
        match self.north {
            North::True => lang.pick("真方位角", "true azimuth"),
            North::Grid => lang.pick("坐标方位角", "grid azimuth"),
            North::Magnetic { .. } => lang.pick("磁方位角", "magnetic azimuth"),
        }
    }
}

fn sights(marker: &Record) -> Vec<Reference<'_>> {
    let reference = |object| {
        let object: &Map<String, Value> = object;
        let number = |name: &str| object.get(name).and_then(Value::as_f64);
        let what = object.get("what").and_then(Value::as_str);
        Reference {
            what: what.unwrap_or_default(),
            bearing_deg: number("bearing_deg"),
            distance_m: number("distance_m"),
            north: north_of(object),
        }
    };
    marker.fields.objects("references").map(reference).collect()
}

/// All that the sheets say of one marker.
struct Facts<'s, 'a> {
    station: &'s Station<'a>,
    number: &'a str,
    sides: Vec<String>,
    /// Longitude and latitude in degrees, minutes, seconds.
    lon_lat: Option<[String; 2]>,
    grid: Option<OnGrid>,
    surveys: Vec<Survey<'a>>,
    accuracy_m: f64,
    sights: Vec<Reference<'a>>,
    stretch: Option<&'s Stretch<'a>>,
}

impl Facts<'_, '_> {
    fn marker(&self) -> &Record {
        self.station.marker
    }

    /// 单立双面型, 同号双立三面型, …
    fn kind(&self, lang: Lang) -> String {
        let (zh, en) = self.station.kind.standing();
        let faces = self.marker().fields.number("faces");
        let faces = faces.map_or(self.sides.len(), |faces| faces as usize);
        let words = ["", "单", "双", "三", "四"];
        match (faces, words.get(faces)) {
            (1.., Some(word)) => match lang {
                Lang::Zh => format!("{zh}{word}面型"),
                Lang::En => format!("{en}, {faces} faces"),
            },
            _ => lang.pick(zh, en).to_owned(),
        }
    }

    fn level(&self, lang: Lang) -> &'static str {
        let level = self.station.line.fields.text("level");
        level
            .and_then(|word| word.parse::<DivisionLevel>().ok())
            .map_or("", |level| lang.pick(level.zh(), level.as_str()))
    }

    fn last_survey(&self) -> Option<&Survey<'_>> {
        self.surveys.last()
    }

    fn height(&self) -> String {
        let mut heights = self.surveys.iter().rev();
        optional(heights.find_map(|survey| survey.height_m), 2)
    }

    /// What it is, between whom, where, and what stands round it (位置描述).
    fn description(&self, lang: Lang) -> String {
        let material = self.marker().fields.text("material").unwrap_or_default();
        let kind = self.kind(lang);
        let (number, along) = (self.number, self.station.along_m);
        let mut text = match lang {
            Lang::Zh => format!(
                "{number}号界桩为{kind}{material}界桩，立于{}交界处，沿线里程{along:.0}米",
                self.sides.join("与")
            ),
            Lang::En => format!(
                "Marker {number} ({kind}{}{material}) stands between {}, {along:.0} m along the line",
                if material.is_empty() { "" } else { ", " },
                self.sides.join(" and ")
            ),
        };
        if let Some([lon, lat]) = &self.lon_lat {
            let place = match lang {
                Lang::Zh => format!("，东经{lon}，北纬{lat}"),
                Lang::En => format!(", {lon} E, {lat} N"),
            };
            text.push_str(&place);
        }
        for (at, sight) in self.sights.iter().enumerate() {
            let at = at + 1;
            let (what, kind) = (sight.what, sight.kind(lang));
            let (bearing, distance) = (
                optional(sight.bearing_deg, 1),
                optional(sight.distance_m, 1),
            );
            let more = match lang {
                Lang::Zh => format!("；方位物{at}为{what}，{kind}{bearing}°，距离{distance}米"),
                Lang::En => {
                    format!("; reference object {at}: {what}, {kind} {bearing}°, {distance} m")
                }
            };
            text.push_str(&more);
        }
        text.push_str(lang.pick("。", "."));
        text
    }
}

/// A number with so many decimals; empty where there is none.
fn optional(number: Option<f64>, decimals: usize) -> String {
    number.map_or_else(String::new, |number| format!("{number:.decimals$}"))
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

/// One row of a CSV table (RFC 4180).
fn csv_row(out: &mut impl Write, cells: &[&str]) -> io::Result<()> {
    let quoted = |cell: &&str| {
        if cell.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            (*cell).to_owned()
        }
    };
    let cells: Vec<String> = cells.iter().map(quoted).collect();
    write!(out, "{}\r\n", cells.join(","))
}

const STYLE: &str = "body{font:14px/1.5 sans-serif;max-width:60rem;margin:1rem auto;padding:0 1rem;color:#1c1b19}\
h1{font-size:1.3rem;text-align:center;margin:.4rem 0}h2{font-size:1rem;margin:.8rem 0 .2rem}\
table{border-collapse:collapse;width:100%}th,td{border:1px solid #555;padding:.2rem .4rem;text-align:left;vertical-align:top}\
th{background:#f1eee6;font-weight:600}tbody th{white-space:nowrap}thead{display:table-header-group}tr{break-inside:avoid}\
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.sign td{height:3.6rem}\
.far{color:#8a1c00}section{break-after:page}section:last-of-type{break-after:auto}svg{display:block;margin:.4rem auto}\
small{color:#555}@page{margin:14mm}@media print{body{margin:0;max-width:none;padding:0}}";

fn page_start(out: &mut impl Write, title: &str, lang: Lang) -> io::Result<()> {
    let tag = lang.pick("zh-CN", "en");
    let title = escaped(title);
    writeln!(
        out,
        "<!DOCTYPE html><html lang=\"{tag}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title><style>{STYLE}</style></head><body>"
    )
}

fn head_row(out: &mut impl Write, cells: &[&str]) -> io::Result<()> {
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
    let cells = cells.join("</th><th>");
    writeln!(
        out,
        "<table><thead><tr><th>{cells}</th></tr></thead><tbody>"
    )
}

/// Fields to be signed by each side.
fn signatures(out: &mut impl Write, sides: &[String], lang: Lang) -> io::Result<()> {
    let heads = [
        lang.pick("单位（盖章）", "Side (seal)"),
        lang.pick("负责人", "In charge"),
        lang.pick("技术员", "Surveyor"),
        lang.pick("日期", "Date"),
    ];
    head_row(out, &heads)?;
    for side in sides {
        let side = escaped(side);
        writeln!(
            out,
            "<tr class=\"sign\"><td>{side}</td><td></td><td></td><td></td></tr>"
        )?;
    }
    writeln!(out, "</tbody></table>")
}
