//! Markers along the county line, numbered by GB/T 17796-2009.

use geo::{Bearing, Contains, Coord, Distance, Geodesic, Point, Polygon};
use serde_json::{Value, json};

use crate::error::Error;
use crate::feature::Feature;
use crate::line::CountyLine;
use crate::plane::{along, distance_m, moved};
use crate::random::Random;
use crate::source::COUNTY;

/// Ground between two markers, about.
const SPACING_M: f64 = 4_000.0;

/// Things that references point at.
const OBJECTS: [&str; 10] = [
    "独立大树",
    "水泥电杆",
    "房屋西南角",
    "高压线塔",
    "机井房",
    "石桥东端",
    "水塔",
    "土地庙",
    "涵洞中心",
    "三角点",
];

/// The neighbours' codes in the order in which serials run, where a numbering unit spans several
/// lines: the province line from Danjiangkou's corner eastward, then the lower lines one by one.
const ORDER: [&str; 6] = ["411326", "411381", "420381", "420625", "420606", "420607"];

/// Which line numbers the tri-point at its ends: at its start, at its end.
const TRI_POINTS: [(&str, bool, bool); 6] = [
    ("411326", true, true),
    ("411381", false, true),
    ("420381", false, true),
    ("420625", false, true),
    ("420606", false, false),
    ("420607", false, true),
];

struct Maker {
    random: Random,
    markers: Vec<Feature>,
}

/// The records of `markers`, in order of number.
pub(crate) fn records(county: &Polygon, lines: &[CountyLine]) -> Result<Vec<Feature>, Error> {
    let mut maker = Maker {
        random: Random::new(8),
        markers: Vec::new(),
    };
    let mut serials = std::collections::BTreeMap::new();
    for neighbour in ORDER {
        let line = find(lines, neighbour)?;
        let serial: &mut u32 = serials.entry(line.number_prefix().to_owned()).or_default();
        let (_, at_start, at_end) = TRI_POINTS
            .into_iter()
            .find(|(code, ..)| *code == neighbour)
            .unwrap_or((neighbour, false, false));
        let coords = &line.line.0;
        if at_start {
            *serial += 1;
            maker.tri_point(lines, line, coords[0], *serial);
        }
        let length: f64 = line
            .line
            .lines()
            .map(|edge| distance_m(edge.start, edge.end))
            .sum();
        let count = (length / SPACING_M).round().max(2.0) as usize;
        for step in 1..count {
            *serial += 1;
            let share = step as f64 / count as f64;
            if neighbour == "420625" {
                maker.pair(county, line, share, *serial);
            } else {
                let (place, _) = along(&line.line, share);
                maker.single(line, place, *serial);
            }
        }
        if at_end {
            *serial += 1;
            maker.tri_point(lines, line, coords[coords.len() - 1], *serial);
        }
    }
    maker
        .markers
        .sort_by(|one, two| one.text("id").cmp(two.text("id")));
    Ok(maker.markers)
}

fn find<'a>(lines: &'a [CountyLine], neighbour: &str) -> Result<&'a CountyLine, Error> {
    lines
        .iter()
        .find(|line| line.neighbour.code == neighbour)
        .ok_or_else(|| Error::Missing {
            what: "line with",
            key: neighbour.to_owned(),
        })
}

impl Maker {
    fn single(&mut self, line: &CountyLine, place: Coord, serial: u32) {
        let sides = [line.neighbour.code.clone(), COUNTY.to_owned()];
        let keeper = sides[(serial % 2) as usize].clone();
        self.set(line, place, serial, "Q", &sides, &keeper);
    }

    fn tri_point(&mut self, lines: &[CountyLine], line: &CountyLine, place: Coord, serial: u32) {
        let mut sides: Vec<String> = lines
            .iter()
            .filter(|other| {
                let coords = &other.line.0;
                coords[0] == place || coords[coords.len() - 1] == place
            })
            .map(|other| other.neighbour.code.clone())
            .collect();
        sides.push(COUNTY.to_owned());
        let keeper = sides[serial as usize % sides.len()].clone();
        self.set(line, place, serial, "Q", &sides, &keeper);
    }

    /// Two of one number on both banks: A on the side of the unit with the smaller code.
    fn pair(&mut self, county: &Polygon, line: &CountyLine, share: f64, serial: u32) {
        let sides = [line.neighbour.code.clone(), COUNTY.to_owned()];
        for shift in 0..12 {
            let (middle, (east, north)) =
                along(&line.line, (share + f64::from(shift) * 0.004).min(0.99));
            let bank_m = 190.0;
            let ends =
                [1.0, -1.0].map(|side| moved(middle, -north * bank_m * side, east * bank_m * side));
            let inside = ends.map(|end| county.contains(&Point(end)));
            let (ours, theirs) = match inside {
                [true, false] => (ends[0], ends[1]),
                [false, true] => (ends[1], ends[0]),
                _ => continue,
            };
            self.set(line, theirs, serial, "A", &sides, &sides[0]);
            self.set(line, ours, serial, "B", &sides, &sides[1]);
            return;
        }
    }

    fn set(
        &mut self,
        line: &CountyLine,
        place: Coord,
        serial: u32,
        kind: &str,
        sides: &[String],
        keeper: &str,
    ) {
        let number = format!("{}{serial:03}{kind}", line.number_prefix());
        let references: Vec<Value> = (0..3).map(|third| self.reference(place, third)).collect();
        let state = if self.random.chance(0.9) {
            "good"
        } else {
            self.random.pick(&["tilted", "damaged", "buried"])
        };
        let survey = json!({
            "accuracy_m": 0.5,
            "crs": "EPSG:4490",
            "date": self.random.date(1998, 2000),
            "height_m": (self.random.between(78.0, 190.0) * 10.0).round() / 10.0,
            "lat": place.y,
            "lon": place.x,
            "method": "GNSS",
        });
        let name = if sides.len() == 3 {
            format!("{}三交点界桩", names(sides))
        } else {
            format!("{}—老河口市{serial}号界桩", line.neighbour.name)
        };
        self.markers.push(
            Feature::new(&number, name, COUNTY)
                .with("number", number.as_str())
                .with("boundary", line.id.as_str())
                .with("sides", sides)
                .with("serial", serial)
                .with("type", kind)
                .with("faces", sides.len())
                .with("material", "花岗岩")
                .with("state", state)
                .with("keeper", keeper)
                .with("references", references)
                .with("surveys", vec![survey])
                .with("set_on", self.random.date(1998, 2000))
                .with("last_inspected", self.random.date(2022, 2024))
                .with("valid_from", "2001-12-31")
                .at(Point(place)),
        );
    }

    /// A reference object by azimuth and distance, measured on the ellipsoid.
    fn reference(&mut self, place: Coord, third: u32) -> Value {
        let angle = (f64::from(third) * 120.0 + self.random.between(-35.0, 35.0)).to_radians();
        let away_m = self.random.between(12.0, 90.0);
        let object = moved(place, away_m * angle.sin(), away_m * angle.cos());
        let bearing = Geodesic
            .bearing(Point(place), Point(object))
            .rem_euclid(360.0);
        let distance = Geodesic.distance(Point(place), Point(object));
        json!({
            "bearing_deg": (bearing * 10.0).round() / 10.0,
            "distance_m": (distance * 10.0).round() / 10.0,
            "what": self.random.pick(&OBJECTS),
        })
    }
}

/// The short names of a tri-point's units.
fn names(sides: &[String]) -> String {
    let short = |code: &String| match code.as_str() {
        "411326" => "淅川",
        "411381" => "邓州",
        "420381" => "丹江口",
        "420606" => "樊城",
        "420607" => "襄州",
        "420625" => "谷城",
        _ => "老河口",
    };
    sides.iter().map(short).collect::<Vec<_>>().join("、")
}
