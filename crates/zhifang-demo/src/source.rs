//! The published data that the demonstration is built on.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::GzDecoder;
use geo::{Coord, Geometry, LineString, MultiLineString, Polygon};

use crate::error::Error;

/// Laohekou (老河口市), GB/T 2260.
pub(crate) const COUNTY: &str = "420682";

/// The bytes of the files under `data/` that the program reads.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// `nation/china_counties.geojson.gz`.
    pub counties: &'a [u8],
    /// `nation/china_prefectures.geojson.gz`.
    pub prefectures: &'a [u8],
    /// `nation/china_provinces.geojson.gz`.
    pub provinces: &'a [u8],
    /// `nation/china_divisions.csv.gz`.
    pub divisions: &'a [u8],
    /// `nation/geonames_cn.csv.gz`.
    pub geonames: &'a [u8],
    /// `hanzi.csv.gz`.
    pub hanzi: &'a [u8],
    /// `laohekou/laohekou_plan_projects.csv`.
    pub projects: &'a [u8],
}

/// A unit of the code table.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) code: String,
    pub(crate) name: String,
}

/// A row of the plan's table of projects.
#[derive(Debug, Clone)]
pub(crate) struct PlanRow {
    pub(crate) columns: BTreeMap<String, String>,
}

/// What the program takes from the sources.
#[derive(Debug)]
pub(crate) struct Base {
    /// The county's outline as published: closed, clockwise.
    pub(crate) outline: LineString,
    /// Code and name of each county that shares a vertex with the outline, with its vertices.
    pub(crate) neighbours: Vec<(Unit, Vec<Coord>)>,
    /// The dashes 境界线 of the county file, then the pieces that only the other two files have.
    pub(crate) dashes: Vec<MultiLineString>,
    pub(crate) townships: Vec<Unit>,
    pub(crate) villages: Vec<Unit>,
    /// Seats of townships by their Hanzi name without kind, from GeoNames.
    pub(crate) seats: BTreeMap<String, Coord>,
    /// The commonest reading of each character.
    pub(crate) readings: BTreeMap<char, String>,
    pub(crate) projects: Vec<PlanRow>,
}

fn unpack(name: &'static str, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes)
        .read_to_end(&mut plain)
        .map_err(|source| Error::Unpack { name, source })?;
    Ok(plain)
}

type Area = (Unit, Geometry);

fn areas(name: &'static str, bytes: &[u8]) -> Result<Vec<Area>, Error> {
    let wrap = |source| Error::GeoJson {
        name,
        source: Box::new(source),
    };
    let plain = unpack(name, bytes)?;
    let features = geojson::FeatureReader::from_reader(plain.as_slice())
        .features()
        .collect::<Vec<_>>();
    let mut areas = Vec::new();
    for feature in features {
        let feature = feature.map_err(wrap)?;
        let text = |key: &str| {
            feature
                .property(key)
                .and_then(|value| value.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let unit = Unit {
            code: text("code"),
            name: text("name"),
        };
        if let Some(geometry) = &feature.geometry {
            areas.push((unit, Geometry::try_from(geometry).map_err(wrap)?));
        }
    }
    Ok(areas)
}

fn rows(name: &'static str, plain: &[u8]) -> Result<Vec<BTreeMap<String, String>>, Error> {
    let mut reader = csv::Reader::from_reader(plain);
    reader
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|source| Error::Table { name, source })
}

fn vertices(geometry: &Geometry) -> Vec<Coord> {
    use geo::CoordsIter;
    geometry.coords_iter().collect()
}

/// The dashes of the three files without repetition: a piece that begins and ends where a known
/// piece has vertices is the same piece (the province file joins two of the county file's lines).
/// The province file's outlines of Hong Kong are a coarser drawing of the county file's and are
/// left out.
fn dashes(files: [&[Area]; 3]) -> Vec<MultiLineString> {
    let is_hong_kong =
        |place: &Coord| (113.7..114.6).contains(&place.x) && (22.0..22.7).contains(&place.y);
    let mut found: Vec<MultiLineString> = Vec::new();
    for (file, areas) in files.into_iter().enumerate() {
        for (unit, geometry) in areas {
            let Geometry::MultiLineString(lines) = geometry else {
                continue;
            };
            if !unit.code.is_empty() {
                continue;
            }
            let pieces: Vec<LineString> = lines
                .iter()
                .filter(|line| {
                    let (first, last) = (line.0[0], line.0[line.0.len() - 1]);
                    let is_known = found.iter().flatten().any(|known| known.0.contains(&first))
                        && found.iter().flatten().any(|known| known.0.contains(&last));
                    !(is_known || file > 0 && is_hong_kong(&first))
                })
                .cloned()
                .collect();
            if !pieces.is_empty() {
                found.push(MultiLineString(pieces));
            }
        }
    }
    found
}

impl Base {
    /// Reads the sources.
    pub(crate) fn read(sources: &Sources<'_>) -> Result<Self, Error> {
        let counties = areas("china_counties.geojson.gz", sources.counties)?;
        let prefectures = areas("china_prefectures.geojson.gz", sources.prefectures)?;
        let provinces = areas("china_provinces.geojson.gz", sources.provinces)?;

        let missing = || Error::Missing {
            what: "county",
            key: COUNTY.to_owned(),
        };
        let county = counties
            .iter()
            .find(|(unit, _)| unit.code == COUNTY)
            .ok_or_else(missing)?;
        let outline = match &county.1 {
            Geometry::MultiPolygon(polygons) => polygons.0.first().map(Polygon::exterior).cloned(),
            Geometry::Polygon(polygon) => Some(polygon.exterior().clone()),
            _ => None,
        }
        .ok_or_else(missing)?;
        let neighbours = counties
            .iter()
            .filter(|(unit, _)| unit.code != COUNTY && !unit.code.is_empty())
            .map(|(unit, geometry)| (unit.clone(), vertices(geometry)))
            .filter(|(_, places)| outline.0.iter().any(|place| places.contains(place)))
            .collect();

        let mut townships = Vec::new();
        let mut villages = Vec::new();
        let divisions = unpack("china_divisions.csv.gz", sources.divisions)?;
        for row in rows("china_divisions.csv.gz", &divisions)? {
            let unit = Unit {
                code: row["code"].clone(),
                name: row["name"].clone(),
            };
            match (unit.code.starts_with(COUNTY), unit.code.len()) {
                (true, 9) => townships.push(unit),
                (true, 12) => villages.push(unit),
                _ => {}
            }
        }

        let mut seats = BTreeMap::new();
        let places = unpack("geonames_cn.csv.gz", sources.geonames)?;
        for row in rows("geonames_cn.csv.gz", &places)? {
            let number = |key: &str| row[key].parse().unwrap_or(f64::NAN);
            let place = Coord {
                x: number("longitude"),
                y: number("latitude"),
            };
            if (111.5..112.05).contains(&place.x) && (32.15..32.65).contains(&place.y) {
                for name in row["alternatenames"].split(',') {
                    seats.insert(name.to_owned(), place);
                }
            }
        }

        let mut readings = BTreeMap::new();
        let characters = unpack("hanzi.csv.gz", sources.hanzi)?;
        for row in rows("hanzi.csv.gz", &characters)? {
            if let (Some(character), Some(reading)) = (
                row["char"].chars().next(),
                row["readings"].split(' ').next(),
            ) {
                readings.insert(character, reading.to_owned());
            }
        }

        let projects = rows("laohekou_plan_projects.csv", sources.projects)?
            .into_iter()
            .map(|columns| PlanRow { columns })
            .collect();
        Ok(Self {
            outline,
            neighbours,
            dashes: dashes([&counties, &prefectures, &provinces]),
            townships,
            villages,
            seats,
            readings,
            projects,
        })
    }
}
