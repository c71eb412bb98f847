//! The city's streets as a grid, and the road net: streets, roads from town to town, village roads.

use std::collections::BTreeSet;

use geo::{Coord, LineString, Polygon};

use crate::feature::Feature;
use crate::plane::{distance_m, is_inside, moved, wavy};
use crate::random::Random;
use crate::source::COUNTY;
use crate::township::Township;
use crate::village::Village;

/// South-west corner of the grid, and its step in metres.
const CORNER: Coord = Coord {
    x: 111.674,
    y: 32.368,
};
const STEP_M: f64 = 400.0;
const COUNT: usize = 7;

/// Streets from west to east, south to north in this order: specific and generic part.
pub(crate) const EASTWARD: [(&str, &str); COUNT] = [
    ("友谊", "路"),
    ("航空", "路"),
    ("汉口", "路"),
    ("胜利", "路"),
    ("大桥", "路"),
    ("秋丰", "路"),
    ("三岔", "路"),
];
/// Streets from south to north, west to east in this order.
pub(crate) const NORTHWARD: [(&str, &str); COUNT] = [
    ("滨江", "大道"),
    ("太平", "街"),
    ("仁义", "街"),
    ("牌坊", "街"),
    ("东启", "街"),
    ("和平", "路"),
    ("光化", "大道"),
];

/// Roads from town to town by the last three digits of the codes.
const LINKS: [(&str, &str, &str, f64); 18] = [
    ("001", "105", "provincial", 60.0),
    ("105", "200", "county", 50.0),
    ("105", "502", "township", 40.0),
    ("502", "503", "township", 30.0),
    ("001", "501", "county", 50.0),
    ("501", "200", "county", 50.0),
    ("200", "100", "county", 50.0),
    ("501", "100", "county", 50.0),
    ("501", "101", "provincial", 60.0),
    ("100", "101", "county", 50.0),
    ("101", "102", "county", 50.0),
    ("101", "103", "county", 50.0),
    ("102", "103", "county", 50.0),
    ("501", "103", "provincial", 60.0),
    ("002", "106", "provincial", 60.0),
    ("501", "106", "county", 50.0),
    ("106", "104", "provincial", 60.0),
    ("103", "104", "county", 50.0),
];

/// Crossings of the grid, row by row from the south.
pub(crate) fn crossings() -> Vec<Vec<Coord>> {
    let mut random = Random::new(4);
    (0..COUNT)
        .map(|row| {
            (0..COUNT)
                .map(|column| {
                    moved(
                        CORNER,
                        column as f64 * STEP_M + random.between(-35.0, 35.0),
                        row as f64 * STEP_M + random.between(-35.0, 35.0),
                    )
                })
                .collect()
        })
        .collect()
}

struct Road {
    name: String,
    class: &'static str,
    speed_kmh: f64,
    line: LineString,
}

/// The records of `roads`: every junction is an end of each road that meets there.
pub(crate) fn records(
    county: &Polygon,
    townships: &[Township],
    villages: &[Village],
) -> Vec<Feature> {
    let mut random = Random::new(5);
    let grid = crossings();
    let mut roads = Vec::new();
    for index in 0..COUNT {
        for step in 1..COUNT {
            for (name, from, to) in [
                (EASTWARD[index], grid[index][step - 1], grid[index][step]),
                (NORTHWARD[index], grid[step - 1][index], grid[step][index]),
            ] {
                roads.push(Road {
                    name: format!("{}{}", name.0, name.1),
                    class: "street",
                    speed_kmh: 30.0,
                    line: LineString(vec![from, to]),
                });
            }
        }
    }
    let crossing_near = |place: Coord| nearest(grid.iter().flatten().copied(), place);
    // The two subdistricts hang on the grid, every other seat is a node of its own.
    let node = |suffix: &str| -> Option<(Coord, &Township)> {
        let town = townships.iter().find(|town| town.code.ends_with(suffix))?;
        let place = if town.name.ends_with("街道") {
            crossing_near(town.seat)?
        } else {
            town.seat
        };
        Some((place, town))
    };
    for (from, to, class, speed_kmh) in LINKS {
        let (Some((start, one)), Some((end, two))) = (node(from), node(to)) else {
            continue;
        };
        let bends = [random.between(-420.0, 420.0), random.between(-160.0, 160.0)];
        let line = inside(county, start, end, &bends);
        let short = |town: &Township| town.name.chars().take(1).collect::<String>();
        roads.push(Road {
            name: format!("{}{}路", short(one), short(two)),
            class,
            speed_kmh,
            line,
        });
    }
    let mut joints: BTreeSet<(u64, u64)> = BTreeSet::new();
    let mut reachable: Vec<Coord> = roads
        .iter()
        .flat_map(|road| road.line.0.iter().copied())
        .collect();
    for town in townships.iter().filter(|town| town.name.ends_with("街道")) {
        link(
            &mut roads,
            &mut reachable,
            &mut joints,
            county,
            town.seat,
            &town.name,
            &mut random,
        );
    }
    let mut waiting: Vec<&Village> = villages.iter().collect();
    // The village nearest to the net comes next, so that roads branch out instead of crossing.
    while !waiting.is_empty() {
        let Some(index) = (0..waiting.len()).min_by(|one, two| {
            reach_m(&reachable, waiting[*one].seat)
                .total_cmp(&reach_m(&reachable, waiting[*two].seat))
        }) else {
            break;
        };
        let village = waiting.swap_remove(index);
        link(
            &mut roads,
            &mut reachable,
            &mut joints,
            county,
            village.seat,
            &village.place,
            &mut random,
        );
    }
    roads
        .iter()
        .flat_map(|road| {
            split(&road.line, &joints)
                .into_iter()
                .map(move |line| (road, line))
        })
        .enumerate()
        .map(|(index, (road, line))| {
            Feature::new(format!("r-{:04}", index + 1), &road.name, COUNTY)
                .with("class", road.class)
                .with("oneway", false)
                .with("speed_kmh", road.speed_kmh)
                .with("walk", true)
                .at(line)
        })
        .collect()
}

fn nearest(places: impl Iterator<Item = Coord>, to: Coord) -> Option<Coord> {
    places.min_by(|one, two| distance_m(*one, to).total_cmp(&distance_m(*two, to)))
}

fn reach_m(reachable: &[Coord], place: Coord) -> f64 {
    nearest(reachable.iter().copied(), place)
        .map_or(f64::INFINITY, |joint| distance_m(joint, place))
}

fn bits(place: Coord) -> (u64, u64) {
    (place.x.to_bits(), place.y.to_bits())
}

/// A road from `place` to the net, which then holds it.
fn link(
    roads: &mut Vec<Road>,
    reachable: &mut Vec<Coord>,
    joints: &mut BTreeSet<(u64, u64)>,
    county: &Polygon,
    place: Coord,
    name: &str,
    random: &mut Random,
) {
    let Some(joint) = nearest(reachable.iter().copied(), place) else {
        return;
    };
    if joint == place {
        return;
    }
    let line = inside(county, joint, place, &[random.between(-60.0, 60.0)]);
    joints.insert(bits(joint));
    // Only the end may carry a further road: a road that starts at a bend would need a split there.
    reachable.push(place);
    joints.insert(bits(place));
    roads.push(Road {
        name: format!("{name}村道"),
        class: "village",
        speed_kmh: 30.0,
        line,
    });
}

/// A wavy line inside the county; less wavy where it would leave it.
fn inside(county: &Polygon, from: Coord, to: Coord, bends: &[f64]) -> LineString {
    let pieces = ((distance_m(from, to) / 700.0).ceil() as usize).clamp(2, 14);
    for factor in [
        1.0, 0.6, 0.3, 0.0, -0.4, -0.8, -1.4, 1.4, 2.0, -2.0, 3.0, -3.0,
    ] {
        let bends: Vec<f64> = bends.iter().map(|bend| bend * factor).collect();
        let line = wavy(from, to, pieces, &bends);
        if is_inside(&line, county, 60.0) {
            return line;
        }
    }
    wavy(from, to, pieces, &[0.0])
}

/// The line cut at every joint inside it.
fn split(line: &LineString, joints: &BTreeSet<(u64, u64)>) -> Vec<LineString> {
    let mut parts = vec![vec![line.0[0]]];
    for (index, place) in line.0.iter().enumerate().skip(1) {
        if let Some(part) = parts.last_mut() {
            part.push(*place);
        }
        if index + 1 < line.0.len() && joints.contains(&bits(*place)) {
            parts.push(vec![*place]);
        }
    }
    parts.into_iter().map(LineString).collect()
}
