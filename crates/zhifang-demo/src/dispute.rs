//! Two claims that differ on one stretch, the area between them, and works that cross lines.

use geo::{Coord, LineString, Point, Polygon};
use serde_json::{Value, json};

use crate::error::Error;
use crate::feature::Feature;
use crate::line::CountyLine;
use crate::plane::{along, moved};
use crate::source::COUNTY;

/// The neighbour on whose line the claims differ.
const OTHER: &str = "420607";
/// First and last vertex of the stretch, as published; it runs southward all the way.
const FIRST: Coord = Coord {
    x: 111.845_976,
    y: 32.323_851,
};
const LAST: Coord = Coord {
    x: 111.825_751,
    y: 32.279_41,
};
/// How far each side's claim reaches beyond the line at most, metres.
const REACH_M: f64 = 170.0;

/// Claims, and the dispute that they make.
pub(crate) struct Dispute {
    pub(crate) claims: Vec<Feature>,
    pub(crate) disputes: Vec<Feature>,
    pub(crate) area: Polygon,
}

/// The dispute on the line with Xiangzhou (襄州).
pub(crate) fn dispute(lines: &[CountyLine]) -> Result<Dispute, Error> {
    let missing = || Error::Missing {
        what: "stretch of line with",
        key: OTHER.to_owned(),
    };
    let line = lines
        .iter()
        .find(|line| line.neighbour.code == OTHER)
        .ok_or_else(missing)?;
    let at = |place: Coord| line.line.0.iter().position(|other| *other == place);
    let (from, to) = at(FIRST).zip(at(LAST)).ok_or_else(missing)?;
    let stretch = line.line.0.get(from..=to).ok_or_else(missing)?;
    let eastern = claim_line(stretch, REACH_M);
    let western = claim_line(stretch, -REACH_M * 1.2);
    // The county lies west of the line: its claim is the eastern one.
    let mut ring = western.0.clone();
    ring.extend(eastern.0.iter().rev().skip(1));
    let area = Polygon::new(LineString(ring), Vec::new());
    let claim = |id: &str, claimant: &str, name: &str, line_string: LineString, evidence: Value| {
        Feature::new(id, name, COUNTY)
            .with("dispute", "d-01")
            .with("boundary", line.id.as_str())
            .with("claimant", claimant)
            .with("evidence", evidence)
            .at(line_string)
    };
    let claims = vec![
        claim(
            "c-01",
            COUNTY,
            "老河口市主张线（示例）",
            eastern,
            json!([
                {"date": "1999-06-18", "document": "双方协议书及附图（示例）", "kind": "bilateral_agreement"},
                {"date": "1985-04-02", "document": "土地权属证书（示例）", "kind": "resource_title"}
            ]),
        ),
        claim(
            "c-02",
            OTHER,
            "襄州区主张线（示例）",
            western,
            json!([
                {"date": "1987-11-05", "document": "上级处理文件及附图（示例）", "kind": "settlement_document"},
                {"date": "1991-03-20", "document": "管理材料（示例）", "kind": "administration_evidence"}
            ]),
        ),
    ];
    let disputes = vec![
        Feature::new("d-01", "老河口市—襄州区界线争议地段（示例）", COUNTY)
            .with("boundary", line.id.as_str())
            .with("parties", vec![OTHER, COUNTY])
            .with("kind", "land")
            .with("dispute_state", "consulting")
            .with("since", "2023-09-12")
            .with(
                "log",
                json!([
                    {"date": "2023-09-12", "note": "双方分别报告（示例）", "step": "reported"},
                    {"date": "2023-11-20", "note": "立案（示例）", "step": "open"},
                    {"date": "2024-03-15", "note": "第一次会商（示例）", "step": "consulting"}
                ]),
            )
            .at(area.clone()),
    ];
    Ok(Dispute {
        claims,
        disputes,
        area,
    })
}

/// The stretch pushed east (or west, where negative), most in its middle, not at all at its ends.
/// It runs southward all the way, so pushed lines cross neither themselves nor each other.
fn claim_line(stretch: &[Coord], reach_m: f64) -> LineString {
    let mut dense = Vec::new();
    for pair in stretch.windows(2) {
        for part in 0..3 {
            dense.push(pair[0] + (pair[1] - pair[0]) * (f64::from(part) / 3.0));
        }
    }
    let last = stretch[stretch.len() - 1];
    dense.push(last);
    let count = dense.len() - 1;
    let coords = dense
        .into_iter()
        .enumerate()
        .map(|(index, place)| {
            if index == 0 || index == count {
                return place;
            }
            let share = index as f64 / count as f64;
            moved(place, reach_m * (std::f64::consts::PI * share).sin(), 0.0)
        })
        .collect();
    LineString(coords)
}

/// Works across the lines: neighbour, share of the line, kind, name, whether it is drawn as a line.
const WORKS: [(&str, f64, &str, &str, bool); 10] = [
    ("411381", 0.22, "road", "孟楼连接道路（示例）", true),
    ("411381", 0.58, "pipe", "排灌渠道（示例）", true),
    ("411326", 0.45, "planting", "跨界林地（示例）", false),
    ("420381", 0.52, "road", "袁冲至丹江口道路（示例）", true),
    ("420625", 0.37, "bridge", "汉江公路桥（示例）", true),
    ("420625", 0.71, "dam", "护岸堤防（示例）", false),
    ("420606", 0.48, "road", "仙人渡至太平店道路（示例）", true),
    ("420607", 0.33, "pipe", "输水管道（示例）", true),
    ("420607", 0.62, "building", "跨界仓库（示例）", false),
    ("420607", 0.85, "road", "张集至石桥道路（示例）", true),
];

/// The records of `structures`.
pub(crate) fn structures(lines: &[CountyLine]) -> Vec<Feature> {
    let mut structures = Vec::new();
    for (index, (neighbour, share, kind, name, is_line)) in WORKS.into_iter().enumerate() {
        let Some(line) = lines.iter().find(|line| line.neighbour.code == neighbour) else {
            continue;
        };
        let (place, (east, north)) = along(&line.line, share);
        let consents: Vec<Value> = [neighbour, COUNTY]
            .into_iter()
            .map(|unit| json!({"date": "2019-05-08", "document": "同意函（示例）", "unit": unit}))
            .collect();
        let structure = Feature::new(format!("x-{:02}", index + 1), name, COUNTY)
            .with("kind", kind)
            .with("boundary", line.id.as_str())
            .with(
                "owner",
                if index % 2 == 0 {
                    "老河口市（示例单位）"
                } else {
                    "毗邻方（示例单位）"
                },
            )
            .with("consents", consents)
            .with("filed_on", "2019-07-01")
            .with("valid_from", "2019-07-01");
        structures.push(if is_line {
            let reach_m = if kind == "bridge" { 420.0 } else { 260.0 };
            structure.at(LineString(vec![
                moved(place, -north * reach_m, east * reach_m),
                place,
                moved(place, north * reach_m, -east * reach_m),
            ]))
        } else {
            structure.at(Point(place))
        });
    }
    structures
}
