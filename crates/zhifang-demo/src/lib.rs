#![doc = include_str!("../README.md")]

mod cemetery;
mod dash;
mod dispute;
mod error;
mod fault;
mod feature;
mod inspection;
mod line;
mod marker;
mod mesh;
mod name;
mod plane;
mod project;
mod random;
mod service;
mod sign;
mod source;
mod spelling;
mod street;
mod township;
mod verify;
mod village;

pub use error::Error;
pub use random::Random;
pub use source::Sources;

use std::fmt::Write as _;

use feature::{Feature, collection};
use source::Base;

/// A file of the demonstration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path under `data/`.
    pub name: String,
    /// Its whole text.
    pub text: String,
}

/// The files and what was checked on them.
#[derive(Debug, Clone)]
pub struct Demonstration {
    /// In order of making.
    pub files: Vec<File>,
    /// Figures for a person to read.
    pub summary: String,
}

/// Makes the demonstration from the published sources.
///
/// # Errors
/// A source that cannot be read or lacks a unit, or made data that breaks its promises.
pub fn generate(sources: &Sources<'_>) -> Result<Demonstration, Error> {
    let base = Base::read(sources)?;
    let county = geo::Polygon::new(base.outline.clone(), Vec::new());
    let (townships, inner) = township::divide(&base)?;
    let mut summary = verify::partition(&base.outline, &townships, &inner)?;
    let lines = line::county_lines(&base)?;
    let villages = village::settle(&base, &townships);

    let mut boundaries = line::records(&lines, &townships, &inner);
    let mut markers = marker::records(&county, &lines)?;
    let (inspections, observations) = inspection::records(&lines, &markers);
    let dispute::Dispute {
        claims,
        disputes,
        area,
    } = dispute::dispute(&lines)?;
    let mut structures = dispute::structures(&lines);
    let mut names = name::records(name::Ground {
        townships: &townships,
        villages: &villages,
        lines: &lines,
        readings: &base.readings,
    });
    let mut signs = sign::records(&mut names);
    let mut services = service::records(&townships, &villages);
    let mut cemeteries = cemetery::records(&county, &townships, &villages);
    let planted = fault::plant(&mut fault::Ground {
        boundaries: &mut boundaries,
        markers: &mut markers,
        names: &mut names,
        signs: &mut signs,
        structures: &mut structures,
        services: &mut services,
        cemeteries: &mut cemeteries,
        disputed: &area,
    })?;

    let mut made: Vec<(&str, Vec<Feature>)> = vec![
        (
            "townships",
            village::township_records(&villages, &townships),
        ),
        ("villages", village::village_records(&villages, &townships)),
        ("names", names),
        ("signs", signs),
        ("boundaries", boundaries),
        ("markers", markers),
        ("claims", claims),
        ("disputes", disputes),
        ("structures", structures),
        ("inspections", inspections),
        ("observations", observations),
        ("services", services),
        ("cemeteries", cemeteries),
        ("projects", project::records(&base.projects, &townships)),
        ("roads", street::records(&county, &townships, &villages)),
    ];
    let mut files = Vec::new();
    for (name, features) in &mut made {
        fault::mark(features, &planted);
        summary.push_str(&verify::features(name, features, &county)?);
        let text = collection(features);
        files.push(File {
            name: format!("laohekou/{name}.geojson"),
            text,
        });
    }
    files.push(File {
        name: "laohekou/faults.csv".to_owned(),
        text: fault::table(&planted),
    });
    let text = collection(&dash::records(&base.dashes));
    files.push(File {
        name: "nation/dashes.geojson".to_owned(),
        text,
    });
    let size: usize = files.iter().map(|file| file.text.len()).sum();
    // Writing to a `String` cannot fail.
    let _ = write!(
        summary,
        "\n{} planted faults; {} kB in all",
        planted.len(),
        size / 1000
    );
    Ok(Demonstration { files, summary })
}
