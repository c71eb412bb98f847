//! Signs for streets and villages.

use geo::{Coord, Geometry, Point};

use crate::feature::Feature;
use crate::plane::moved;
use crate::random::Random;
use crate::spelling::capitals;

/// The records of `signs`; each named thing learns its signs' ids.
pub(crate) fn records(names: &mut [Feature]) -> Vec<Feature> {
    let mut random = Random::new(7);
    let mut signs: Vec<Feature> = Vec::new();
    for name in names {
        let id = name.text("id").to_owned();
        let is_street = id.starts_with("n-street") || id.starts_with("n-lane");
        let is_village = id.starts_with("n-420682");
        let places: Vec<Coord> = match &name.geometry {
            Some(Geometry::LineString(line)) if is_street => {
                vec![
                    moved(line.0[0], 9.0, 9.0),
                    moved(line.0[line.0.len() - 1], -9.0, -9.0),
                ]
            }
            // Most villages have their sign, not all: the plan wants every one to have it.
            Some(Geometry::Point(point)) if is_village && random.chance(0.82) => {
                vec![moved(
                    point.0,
                    random.between(-90.0, 90.0),
                    random.between(-90.0, 90.0),
                )]
            }
            _ => continue,
        };
        let mut ids = Vec::new();
        for place in places {
            let sign = format!("s-{:04}", signs.len() + 1);
            let state = if random.chance(0.93) {
                "good"
            } else {
                random.pick(&["damaged", "faulty", "missing"])
            };
            signs.push(
                Feature::new(
                    &sign,
                    format!("{}地名标志", name.text("name")),
                    name.text("division"),
                )
                .with("name_id", id.as_str())
                .with("kind", if is_street { "street" } else { "village" })
                .with("text", name.text("name"))
                .with("pinyin", capitals(name.text("pinyin")))
                .with("state", state)
                .with(
                    "material",
                    if is_street {
                        "铝板反光膜"
                    } else {
                        "花岗岩"
                    },
                )
                .with("set_on", random.date(2018, 2024))
                .at(Point(place)),
            );
            ids.push(sign);
        }
        name.set("sign_ids", ids);
    }
    signs
}
