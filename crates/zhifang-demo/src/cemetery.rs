//! The 150 village cemeteries on 600 mu, the city's own, a columbarium and a martyrs' cemetery.

use geo::{Contains, Coord, Point, Polygon};
use serde_json::{Value, json};

use crate::feature::Feature;
use crate::plane::{distance_m, moved, outline_distance_m};
use crate::random::Random;
use crate::source::COUNTY;
use crate::township::Township;
use crate::village::{Village, shared_out};

/// Village cemeteries and the ground that they take: 600 mu, 1 mu = 666.67 m².
const COUNT: usize = 150;
const AREA_M2: u64 = 400_000;
/// Cremations a year in the county.
const CREMATIONS: f64 = 3_156.0;
/// Share that the village cemeteries take.
const VILLAGE_SHARE: f64 = 0.62;

/// The records of `cemeteries`.
pub(crate) fn records(
    county: &Polygon,
    townships: &[Township],
    villages: &[Village],
) -> Vec<Feature> {
    let mut random = Random::new(11);
    let weights: Vec<f64> = (0..COUNT).map(|_| random.between(0.75, 1.25)).collect();
    let areas = shared_out(AREA_M2, &weights);
    let hosts: Vec<&Village> = {
        let all: Vec<&Village> = villages
            .iter()
            .filter(|village| !townships[village.township].name.ends_with('场'))
            .filter(|village| !village.is_urban)
            .collect();
        (0..COUNT)
            .map(|index| all[index * all.len() / COUNT])
            .collect()
    };
    // Each village goes to the nearest cemetery, of its own township where there is one.
    let mut served: Vec<Vec<&Village>> = vec![Vec::new(); COUNT];
    for village in villages {
        let far = |host: usize| {
            let other = if hosts[host].township == village.township {
                0.0
            } else {
                1e5
            };
            distance_m(hosts[host].seat, village.seat) + other
        };
        if let Some(host) = (0..COUNT).min_by(|one, two| far(*one).total_cmp(&far(*two))) {
            served[host].push(village);
        }
    }
    let people: u64 = villages.iter().map(|village| village.population).sum();
    let mut cemeteries = Vec::new();
    for (index, host) in hosts.iter().enumerate() {
        let town = &townships[host.township];
        let own: u64 = served[index].iter().map(|village| village.population).sum();
        let annual_use = own as f64 / people as f64 * CREMATIONS * VILLAGE_SHARE;
        let planned = (annual_use * random.between(17.0, 29.0)).round() as u64;
        let opened = random.whole(2016, 2023);
        let used = (annual_use * (2026 - opened) as f64 * random.between(0.8, 1.05)).round() as u64;
        let place = spot(&mut random, county, town, host.seat);
        let serves: Vec<&str> = served[index]
            .iter()
            .map(|village| village.code.as_str())
            .collect();
        cemeteries.push(
            Feature::new(
                format!("g-{:03}", index + 1),
                format!("{}公益性公墓", host.place),
                &host.code,
            )
            .with("kind", "public_benefit")
            .with("level", "village")
            .with("area_m2", areas[index])
            .with("plots_planned", planned)
            .with("plots_used", used.min(planned))
            .with("plot_area_m2", 0.5)
            .with("annual_use", (annual_use * 10.0).round() / 10.0)
            .with(
                "burial_types",
                burial_types(
                    planned,
                    &[("traditional_urn", 0.7), ("lawn", 0.2), ("tree", 0.1)],
                ),
            )
            .with("serves", serves)
            .with("phone", format!("0710-001{:04}", index + 1))
            .with("hours", "Mo-Su 07:00-18:00")
            .with("opened", format!("{opened}-04-01"))
            .with("valid_from", format!("{opened}-04-01"))
            .at(Point(place)),
        );
    }
    cemeteries.extend(city(townships));
    cemeteries
}

/// A place that keeps clear of the county line, a few hundred metres from the village.
fn spot(random: &mut Random, county: &Polygon, town: &Township, near: Coord) -> Coord {
    for _ in 0..400 {
        let place = moved(
            near,
            random.between(-750.0, 750.0),
            random.between(-750.0, 750.0),
        );
        if town.outline.contains(&Point(place))
            && distance_m(place, near) > 300.0
            && outline_distance_m(place, county) > 300.0
        {
            return place;
        }
    }
    near
}

fn burial_types(planned: u64, shares: &[(&str, f64)]) -> Vec<Value> {
    let weights: Vec<f64> = shares.iter().map(|(_, share)| *share).collect();
    shares
        .iter()
        .zip(shared_out(planned, &weights))
        .map(|((kind, _), plots)| json!({"kind": kind, "plots": plots}))
        .collect()
}

/// The city's cemeteries: kind, level, name, area, planned, used, annual use, place.
fn city(townships: &[Township]) -> Vec<Feature> {
    let seat = townships[0].seat;
    let made = [
        (
            "public_benefit",
            "老河口市公益性公墓（示例）",
            66_667_u64,
            14_000_u64,
            8_900_u64,
            620.0,
            (2_900.0, 2_300.0),
        ),
        (
            "ecological",
            "老河口市生态葬园（示例）",
            20_000,
            5_200,
            700,
            130.0,
            (3_250.0, 2_500.0),
        ),
        (
            "columbarium",
            "老河口市骨灰堂（示例）",
            3_000,
            9_000,
            2_400,
            250.0,
            (2_750.0, 2_650.0),
        ),
        (
            "commercial",
            "老河口市经营性公墓（示例）",
            33_333,
            6_000,
            3_900,
            200.0,
            (3_500.0, 2_000.0),
        ),
        (
            "martyrs",
            "老河口市烈士陵园（示例）",
            8_000,
            0,
            0,
            0.0,
            (900.0, -800.0),
        ),
    ];
    made.into_iter()
        .enumerate()
        .map(
            |(index, (kind, name, area, planned, used, annual_use, (east, north)))| {
                let types: &[(&str, f64)] = match kind {
                    "ecological" => &[("tree", 0.4), ("flower_bed", 0.3), ("lawn", 0.3)],
                    "columbarium" => &[("niche", 1.0)],
                    "martyrs" => &[],
                    _ => &[("traditional_urn", 0.8), ("wall", 0.2)],
                };
                let side = (area as f64).sqrt() / 2.0;
                let middle = moved(seat, east, north);
                let corners = [
                    (-side, -side),
                    (side, -side),
                    (side, side),
                    (-side, side),
                    (-side, -side),
                ];
                let ring = corners
                    .map(|(east, north)| moved(middle, east, north))
                    .to_vec();
                let mut cemetery =
                    Feature::new(format!("g-{:03}", 201 + index), name, &townships[0].code)
                        .with("kind", kind)
                        .with("level", "county")
                        .with("area_m2", area)
                        .with("plots_planned", planned)
                        .with("plots_used", used)
                        .with("annual_use", annual_use)
                        .with("burial_types", burial_types(planned, types))
                        .with("serves", vec![COUNTY])
                        .with("phone", format!("0710-002{:04}", index + 1))
                        .with("hours", "Mo-Su 08:00-17:30")
                        .with("opened", "2008-04-01")
                        .with("valid_from", "2008-04-01")
                        .at(Polygon::new(geo::LineString(ring), Vec::new()));
                if planned > 0 {
                    cemetery.set("plot_area_m2", 0.5);
                }
                cemetery
            },
        )
        .collect()
}
