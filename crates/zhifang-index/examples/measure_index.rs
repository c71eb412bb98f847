//! Measures the index on plain GeoJSON files of divisions (`code`, `name`) given as arguments.
#![expect(clippy::print_stdout, reason = "a measurement prints")]
#![expect(
    clippy::disallowed_methods,
    reason = "an example reads the files it is given"
)]

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use geo::{BoundingRect, Geometry, Intersects, Point};
use zhifang_core::{Bbox, Collection, Day, LonLat, Record, geometry};
use zhifang_index::{Audience, NearQuery, Options, Snapshot, View};

/// Points asked for in the batch.
const POINTS: usize = 2_000_000;

/// Villages without geometry that stand in for the nation's.
const VILLAGES: u64 = 665_276;

fn main() -> Result<(), Box<dyn Error>> {
    let mut records = Vec::new();
    for path in std::env::args().skip(1) {
        records.extend(read(&std::fs::read(path)?)?);
    }
    let polygons = records.len();
    records.extend((0..VILLAGES).map(|number| {
        let code = 420_682_000_000 + number;
        Record::new(Collection::Divisions, &code.to_string(), "某某村民委员会")
    }));
    println!(
        "{polygons} records with geometry, {VILLAGES} without; resident {} MB",
        resident_mb()
    );
    let (snapshot, build) =
        timed(|| Snapshot::build(records.iter().cloned(), 1, &Options::default()));
    println!("build {build:.3} s; resident {} MB", resident_mb());

    let mut bytes = Vec::new();
    let ((), write) = timed(|| snapshot.to_bytes(&mut bytes).expect("a vector takes all"));
    let (opened, open) = timed(|| Snapshot::from_bytes(&bytes));
    let opened = opened?;
    println!(
        "write {write:.3} s, {} MB; open {open:.3} s",
        bytes.len() / 1_000_000
    );
    drop((records, snapshot, bytes));
    println!("resident {} MB with one snapshot", resident_mb());

    let view = opened.view(Audience::Public);
    locate(&view);
    boxes(&view);
    changes(&opened);
    Ok(())
}

fn locate(view: &View<'_>) {
    let mut random = Random(0x5eed);
    let points: Vec<LonLat> = (0..POINTS)
        .map(|_| LonLat::new(73.0 + 62.0 * random.unit(), 18.0 + 36.0 * random.unit()))
        .collect();
    let mut locator = view.point_locator(None);
    let (found, seconds) = timed(|| {
        points
            .iter()
            .map(|place| locator.locate(*place).len())
            .sum::<usize>()
    });
    println!(
        "covering: {:.0} points/s, {found} units",
        POINTS as f64 / seconds
    );
    let inside: Vec<LonLat> = points
        .iter()
        .copied()
        .filter(|place| !locator.locate(*place).is_empty())
        .collect();
    let (found, seconds) = timed(|| {
        inside
            .iter()
            .map(|place| locator.locate(*place).len())
            .sum::<usize>()
    });
    println!(
        "covering, inside: {:.0} points/s, {found} units",
        inside.len() as f64 / seconds
    );

    let day = Day::from_ymd(2026, 5, 1);
    rate("covering on a day", view, day);
    let mut wrong = 0;
    for place in points.iter().step_by(1000) {
        let found: Vec<&str> = locator
            .locate(*place)
            .iter()
            .map(|c| &*c.record.id)
            .collect();
        let mut expected: Vec<&str> = view
            .candidates_in(Collection::Divisions, of_point(*place))
            .filter(|record| meets(record, *place))
            .map(|record| &*record.id)
            .collect();
        expected.retain(|id| !found.contains(id));
        wrong += expected.len();
    }
    println!("missed against brute force: {wrong}");
}

fn rate(what: &str, view: &View<'_>, day: Option<Day>) {
    let mut random = Random(0xbeef);
    let points: Vec<LonLat> = (0..POINTS / 10)
        .map(|_| LonLat::new(100.0 + 18.0 * random.unit(), 24.0 + 14.0 * random.unit()))
        .collect();
    let mut locator = view.point_locator(day);
    let (found, seconds) = timed(|| {
        points
            .iter()
            .map(|place| locator.locate(*place).len())
            .sum::<usize>()
    });
    println!(
        "{what}: {:.0} points/s, {found} units",
        points.len() as f64 / seconds
    );
}

fn boxes(view: &View<'_>) {
    let mut random = Random(7);
    let (found, seconds) = timed(|| {
        (0..1000)
            .map(|_| {
                let (west, south) = (90.0 + 30.0 * random.unit(), 22.0 + 18.0 * random.unit());
                let bbox = Bbox {
                    west,
                    south,
                    east: west + 0.5,
                    north: south + 0.5,
                };
                view.intersecting(Collection::Divisions, bbox).len()
            })
            .sum::<usize>()
    });
    println!(
        "intersecting: {:.1} µs a box of half a degree, {found} found",
        seconds * 1e3
    );
    let (_, seconds) = timed(|| {
        (0..100)
            .map(|_| {
                let place = LonLat::new(90.0 + 30.0 * random.unit(), 22.0 + 18.0 * random.unit());
                view.nearest(Collection::Divisions, place, NearQuery::first(10), |_| true)
                    .len()
            })
            .sum::<usize>()
    });
    println!("nearest: {:.1} µs for ten polygons", seconds * 1e4);
}

fn changes(snapshot: &Snapshot) {
    let view = snapshot.view(Audience::Staff);
    let changed: Vec<_> = view
        .records(Collection::Divisions)
        .filter(|record| record.geometry.is_some())
        .take(100)
        .map(|record| {
            let mut record = record.clone();
            record.name = "改".into();
            (record.key(), Some(record))
        })
        .collect();
    let mut next = snapshot.clone();
    let ((), seconds) = timed(|| {
        for (number, change) in changed.into_iter().enumerate() {
            next = next.with_changes([change], 2 + number as u64);
        }
    });
    println!(
        "with_changes: {:.1} µs a change of a polygon",
        seconds * 1e4
    );
    let (_, seconds) = timed(|| next.compacted());
    println!(
        "compacted: {seconds:.3} s; resident {} MB at most",
        resident_mb()
    );
}

fn of_point(place: LonLat) -> Bbox {
    Bbox {
        west: place.lon,
        south: place.lat,
        east: place.lon,
        north: place.lat,
    }
}

fn meets(record: &Record, place: LonLat) -> bool {
    let point = Point::from(place);
    match record.geometry.as_deref() {
        Some(Geometry::MultiPolygon(many)) => many.0.iter().any(|part| part.intersects(&point)),
        Some(Geometry::Polygon(polygon)) => polygon.intersects(&point),
        _ => false,
    }
}

fn read(bytes: &[u8]) -> Result<Vec<Record>, Box<dyn Error>> {
    let collection: geojson::FeatureCollection = std::str::from_utf8(bytes)?.parse()?;
    let mut records = Vec::new();
    for feature in collection.features {
        let property = |name: &str| feature.property(name).and_then(|value| value.as_str());
        let Some(code) = property("code") else {
            continue;
        };
        let mut record = Record::new(
            Collection::Divisions,
            code,
            property("name").unwrap_or_default(),
        );
        let Some(shape) = &feature.geometry else {
            continue;
        };
        let shape = geometry::from_geojson(&serde_json::to_value(shape)?)?;
        if shape.bounding_rect().is_some() {
            record.geometry = Some(Arc::new(shape));
            records.push(record);
        }
    }
    Ok(records)
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let value = work();
    (value, start.elapsed().as_secs_f64())
}

fn resident_mb() -> u64 {
    let status = std::fs::read("/proc/self/status").unwrap_or_default();
    let text = String::from_utf8_lossy(&status);
    let line = text.lines().find(|line| line.starts_with("VmRSS"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    kilobytes.unwrap_or(0_u64) / 1000
}

/// Xorshift: the same points every time.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
