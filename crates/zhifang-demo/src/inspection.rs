//! One round of joint inspection: a line that is done, a line in work, and what the crews saw.

use geo::{Geometry, Point};
use serde_json::json;

use crate::feature::Feature;
use crate::line::CountyLine;
use crate::plane::moved;
use crate::random::Random;
use crate::source::COUNTY;

/// Neighbour, state, due day, lead, and the share of markers that were seen so far.
const ROUND: [(&str, &str, &str, bool, f64); 3] = [
    ("420606", "closed", "2026-10-31", true, 1.0),
    ("420607", "open", "2026-12-31", false, 0.5),
    ("420625", "planned", "2027-10-31", true, 0.0),
];

/// The records of `inspections` and `observations`.
pub(crate) fn records(lines: &[CountyLine], markers: &[Feature]) -> (Vec<Feature>, Vec<Feature>) {
    let mut random = Random::new(9);
    let (mut inspections, mut observations) = (Vec::new(), Vec::new());
    for (index, (neighbour, state, due, is_county_lead, share)) in ROUND.into_iter().enumerate() {
        let Some(line) = lines.iter().find(|line| line.neighbour.code == neighbour) else {
            continue;
        };
        let id = format!("i-2026-{:02}", index + 1);
        let (lead, other) = if is_county_lead {
            (COUNTY, neighbour)
        } else {
            (neighbour, COUNTY)
        };
        let year = if state == "planned" { 2027 } else { 2026 };
        let mut inspection = Feature::new(
            &id,
            format!("{}—老河口市第{year}年联检（示例）", line.neighbour.name),
            COUNTY,
        )
        .with("round", year)
        .with("boundary", line.id.as_str())
        .with("lead", lead)
        .with("other", other)
        .with("state", state)
        .with("due", due)
        .with(
            "crews",
            json!([
                {"people": 3, "unit": lead},
                {"people": 2, "unit": other}
            ]),
        )
        .at(line.line.clone());
        if state == "closed" {
            inspection.set(
                "report",
                json!({
                    "date": "2026-10-20",
                    "filed_on": "2026-10-28",
                    "signed_by": [lead, other],
                    "text": "界桩位置无变化，一处倾斜已报修（示例）"
                }),
            );
        }
        inspections.push(inspection);
        let on_line: Vec<&Feature> = markers
            .iter()
            .filter(|marker| marker.text("boundary") == line.id)
            .collect();
        let seen = (on_line.len() as f64 * share).round() as usize;
        for (order, marker) in on_line.into_iter().take(seen).enumerate() {
            let Some(Geometry::Point(place)) = marker.geometry else {
                continue;
            };
            for (hour, side) in [(9, lead), (9, other)] {
                let uuid = uuid(&mut random);
                let accuracy_m = (random.between(0.4, 2.4) * 10.0).round() / 10.0;
                let at = moved(
                    place.0,
                    random.between(-0.8, 0.8),
                    random.between(-0.8, 0.8),
                );
                observations.push(
                    Feature::new(
                        &uuid,
                        format!("{}巡查（示例）", marker.text("name")),
                        COUNTY,
                    )
                    .with("uuid", uuid.as_str())
                    .with("inspection", id.as_str())
                    .with("marker", marker.text("number"))
                    .with("state", marker.text("state"))
                    .with(
                        "observed_at",
                        format!(
                            "2026-10-{:02}T{:02}:{:02}:00+08:00",
                            8 + index * 4,
                            hour + order,
                            random.whole(5, 50)
                        ),
                    )
                    .with("observer", format!("示例巡查员{}", random.whole(1, 5)))
                    .with("side", side)
                    .with("accuracy_m", accuracy_m)
                    .with(
                        "photos",
                        json!([{"bearing_deg": random.whole(0, 359), "sha256": hash(&mut random)}]),
                    )
                    .with("marker_version", 1)
                    .with("device", "示例手机")
                    .at(Point(at)),
                );
            }
        }
    }
    (inspections, observations)
}

/// A made identifier with the shape of RFC 9562 version 4.
fn uuid(random: &mut Random) -> String {
    let mut part = |low: u64, high: u64| random.whole(low, high);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        part(0, 0xffff_ffff),
        part(0, 0xffff),
        part(0, 0xfff),
        part(0x8000, 0xbfff),
        part(0, 0xffff_ffff_ffff),
    )
}

/// A made hash: no photo stands behind it.
fn hash(random: &mut Random) -> String {
    let parts: [String; 4] =
        std::array::from_fn(|_| format!("{:016x}", random.whole(0, u64::MAX - 1)));
    parts.concat()
}
