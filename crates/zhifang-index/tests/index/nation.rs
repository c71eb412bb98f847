//! The real nation: every point as brute force says, vertices and edge midpoints included.

use std::io::Read;
use std::sync::Arc;

use flate2::read::GzDecoder;
use geo::{BoundingRect, Coord, CoordsIter, Geometry, Intersects, LinesIter, Point};
use zhifang_core::{Collection, LonLat, Record, geometry};
use zhifang_index::{Audience, Options, Snapshot};

const COUNTIES: &[u8] = include_bytes!("../../../../data/nation/china_counties.geojson.gz");
const PROVINCES: &[u8] = include_bytes!("../../../../data/nation/china_provinces.geojson.gz");

fn records(bytes: &[u8]) -> Vec<Record> {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    let collection: geojson::FeatureCollection = text.parse().unwrap();
    let units = collection.features.into_iter().filter_map(|feature| {
        let code = feature.property("code")?.as_str()?.to_owned();
        let mut record = Record::new(Collection::Divisions, &code, "");
        let shape = serde_json::to_value(feature.geometry?).unwrap();
        record.geometry = Some(Arc::new(geometry::from_geojson(&shape).unwrap()));
        Some(record)
    });
    units.filter(|record| record.division.is_some()).collect()
}

fn covers(geometry: &Geometry<f64>, point: Point<f64>) -> bool {
    match geometry {
        Geometry::MultiPolygon(many) => many.0.iter().any(|part| part.intersects(&point)),
        Geometry::Polygon(polygon) => polygon.intersects(&point),
        _ => false,
    }
}

#[test]
fn the_locator_is_exact_over_the_nation() {
    let mut all = records(PROVINCES);
    all.extend(records(COUNTIES));
    let snapshot = Snapshot::build(all, 1, &Options::default());
    let view = snapshot.view(Audience::Public);
    let units: Vec<(&Record, geo::Rect<f64>)> = view
        .records(Collection::Divisions)
        .filter_map(|record| Some((record, record.geometry.as_deref()?.bounding_rect()?)))
        .collect();
    assert!(units.len() > 2_900);

    let mut places: Vec<Coord<f64>> = Vec::new();
    for (number, (record, _)) in units.iter().enumerate() {
        let Some(Geometry::MultiPolygon(many)) = record.geometry.as_deref() else {
            continue;
        };
        let skip = number % 97;
        places.extend(many.coords_iter().skip(skip).step_by(311));
        places.extend(
            many.lines_iter()
                .skip(skip)
                .step_by(397)
                .map(|line| (line.start + line.end) / 2.0),
        );
    }
    let mut state = 1_u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    places.extend((0..3_000).map(|_| Coord {
        x: 73.0 + 62.0 * random(),
        y: 15.0 + 39.0 * random(),
    }));

    let mut locator = view.point_locator(None);
    let mut on_lines = 0;
    for place in places {
        let found: Vec<&str> = locator
            .locate(LonLat::from(place))
            .iter()
            .map(|unit| &*unit.record.id)
            .collect();
        let mut expected: Vec<&Record> = units
            .iter()
            .filter(|(record, rect)| {
                let inside = (rect.min().x..=rect.max().x).contains(&place.x)
                    && (rect.min().y..=rect.max().y).contains(&place.y);
                inside && covers(record.geometry.as_deref().unwrap(), Point(place))
            })
            .map(|(record, _)| *record)
            .collect();
        expected.sort_by_key(|record| (record.level(), record.division));
        let expected: Vec<&str> = expected.iter().map(|record| &*record.id).collect();
        assert_eq!(found, expected, "{} {}", place.x, place.y);
        on_lines += usize::from(found.len() > 2);
    }
    assert!(
        on_lines > 500,
        "shared vertices name all their units: {on_lines}"
    );
}
