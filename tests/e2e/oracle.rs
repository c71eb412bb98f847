//! PostGIS as the judge of our geometry, on the nation's counties: what covers a point, what is
//! nearest and how far, how large and how long.
//!
//! Runs beside the server that `scripts/with-postgres` starts, and says so where there is none.

mod nation;
mod server;

use std::collections::BTreeMap;
use std::sync::Arc;

use geo_types::{Coord, Geometry, LineString, Point};
use zhifang_core::{Collection, LonLat, Record};
use zhifang_index::{Audience, NearQuery, Options, Snapshot};
use zhifang_topology::{area_m2, length_m};

use nation::{Chance, County, counties, vertices};
use server::Server;

/// Points scattered over the nation and around it.
const SCATTERED: usize = 1_500;
/// Points that lie on a line: vertices, which both sides hold to the bit.
const ON_A_LINE: usize = 500;
/// Positions of services, and places that ask for the nearest of them.
const SERVICES: usize = 400;
const PLACES: usize = 2_000;
/// Lines, and places that ask for the nearest of them.
const LINES: usize = 500;
const NEAR_LINES: usize = 400;
/// Share by which PostGIS's distance to an edge may exceed the shortest: e⁴/2 of CGCS2000.
const SPHERE_SHARE: f64 = 2.3e-5;
/// What the pieces of an edge may bulge, and two such errors together, metres.
const SLACK_M: f64 = 0.002;
/// Vertices of a line.
const LINE_VERTICES: usize = 20;

/// What we say is nearest: which line, how far, and where on it.
#[derive(Debug)]
struct Nearest {
    line: usize,
    metres: f64,
    foot: Coord<f64>,
}

fn point_record(collection: Collection, id: &str, geometry: Geometry<f64>) -> Record {
    let mut record = Record::new(collection, id, id);
    record.geometry = Some(Arc::new(geometry));
    record
}

fn snapshot(records: Vec<Record>) -> Snapshot {
    Snapshot::build(records, 1, &Options::default())
}

fn place(at: Coord<f64>) -> LonLat {
    LonLat::new(at.x, at.y)
}

/// Two numbers that agree within a share of the greater one.
fn agree(ours: f64, theirs: f64, share: f64) -> bool {
    (ours - theirs).abs() <= share * ours.abs().max(theirs.abs())
}

#[test]
fn postgis_agrees_on_covering_distances_areas_and_lengths() {
    let Some(server) = Server::find("oracle") else {
        return;
    };
    let counties = counties();
    assert!(counties.len() > 2_800, "{} counties", counties.len());
    server.load_counties(&counties);
    covering(&server, &counties);
    nearest_points(&server, &counties);
    nearest_lines(&server, &counties);
    measures(&server, &counties);
}

fn covering(server: &Server, counties: &[County]) {
    let records = counties.iter().map(|county| {
        let geometry = Geometry::MultiPolygon(county.polygon.clone());
        point_record(Collection::Divisions, &county.code, geometry)
    });
    let snapshot = snapshot(records.collect());
    let mut chance = Chance::new(0x5EED);
    let mut points: Vec<Coord<f64>> = (0..SCATTERED).map(|_| chance.in_the_nation()).collect();
    let corners = vertices(counties);
    points.extend((0..ON_A_LINE).map(|_| chance.one_of(&corners)));
    let theirs = server.covering(&points);
    let mut shared = 0;
    for (at, theirs) in points.iter().zip(theirs) {
        let view = snapshot.view(Audience::Public);
        let found = view.covering(place(*at), None);
        let mut ours: Vec<String> = found
            .iter()
            .filter(|unit| unit.record.geometry.is_some())
            .map(|unit| unit.record.id.to_string())
            .collect();
        ours.sort();
        assert_eq!(ours, theirs, "{at:?}");
        shared += usize::from(ours.len() > 1);
    }
    assert!(
        shared > ON_A_LINE / 2,
        "only {shared} points with two sides"
    );
}

/// Points to points: the distance is the geodesic's, on both sides.
fn nearest_points(server: &Server, counties: &[County]) {
    let mut chance = Chance::new(0xFACE);
    let corners = vertices(counties);
    let services: Vec<Coord<f64>> = (0..SERVICES).map(|_| chance.one_of(&corners)).collect();
    let places: Vec<Coord<f64>> = (0..PLACES).map(|_| chance.in_the_nation()).collect();
    let records = services.iter().enumerate().map(|(number, at)| {
        let geometry = Geometry::Point(Point::from(*at));
        point_record(Collection::Services, &format!("f-{number}"), geometry)
    });
    let snapshot = snapshot(records.collect());
    let theirs = server.nearest_points(&services, &places);
    for (at, theirs) in places.iter().zip(theirs) {
        let view = snapshot.view(Audience::Public);
        let nearest = view.nearest(
            Collection::Services,
            place(*at),
            NearQuery::first(1),
            |_| true,
        );
        let ours = nearest.first().map_or(f64::NAN, |near| near.distance.0);
        assert!(agree(ours, theirs, 1e-9), "{at:?}: {ours} {theirs}");
    }
}

/// Points to lines. Our edges are straight in longitude and latitude, PostGIS's are geodesics: it
/// is given the edges in pieces of a thousandth of a degree, whose bulge is under a millimetre. It
/// chooses the nearest point of a geometry on a sphere and measures to that one on the ellipsoid,
/// so each piece is asked alone: then its distance exceeds the shortest by up to e⁴/2 of it, the
/// square of how far the two perpendiculars turn apart. So ours must be no longer than that of the
/// nearest piece of any line, shorter by no more than that, and attained on the line.
fn nearest_lines(server: &Server, counties: &[County]) {
    let mut chance = Chance::new(0xB0DE);
    let mut lines = Vec::with_capacity(LINES);
    while lines.len() < LINES {
        let county = &counties[chance.below(counties.len())];
        let ring = &county.polygon.0[0].exterior().0;
        if ring.len() > LINE_VERTICES {
            let first = chance.below(ring.len() - LINE_VERTICES);
            lines.push(LineString::new(ring[first..first + LINE_VERTICES].to_vec()));
        }
    }
    let places: Vec<Coord<f64>> = (0..NEAR_LINES)
        .map(|_| {
            let line = &lines[chance.below(lines.len())];
            chance.near(line.0[LINE_VERTICES / 2], 0.3)
        })
        .collect();
    let records = lines.iter().enumerate().map(|(number, line)| {
        let geometry = Geometry::LineString(line.clone());
        point_record(Collection::Boundaries, &number.to_string(), geometry)
    });
    let snapshot = snapshot(records.collect());
    let ours: Vec<Nearest> = places
        .iter()
        .map(|at| {
            let view = snapshot.view(Audience::Public);
            let query = NearQuery::first(1);
            let nearest = view.nearest(Collection::Boundaries, place(*at), query, |_| true);
            let near = nearest.first().expect("there are lines");
            Nearest {
                line: near.record.id.parse().expect("a number"),
                metres: near.distance.0,
                foot: near.point.into(),
            }
        })
        .collect();
    let theirs = server.nearest_lines(&lines, &places, &ours);
    for ((at, ours), theirs) in places.iter().zip(&ours).zip(theirs) {
        let (m, said) = (ours.metres, format!("{at:?}: {ours:?} {theirs:?}"));
        assert!(m <= theirs.line * (1.0 + 1e-9) + SLACK_M, "{said}");
        assert!(m >= theirs.line * (1.0 - SPHERE_SHARE) - SLACK_M, "{said}");
        assert!(agree(m, theirs.foot, 1e-9), "{said}");
        assert!(theirs.off_line < SLACK_M, "{said}");
    }
}

fn measures(server: &Server, counties: &[County]) {
    let theirs: BTreeMap<String, (f64, f64)> = server.measures();
    for county in counties {
        let (area, length) = theirs[&county.code];
        let ours = area_m2(&county.polygon);
        assert!(
            agree(ours, area, 1e-9),
            "area of {}: {ours} {area}",
            county.code
        );
        let rings = county
            .polygon
            .iter()
            .flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
        let ours: f64 = rings.map(length_m).sum();
        assert!(
            agree(ours, length, 1e-9),
            "length of {}: {ours} {length}",
            county.code
        );
    }
}
