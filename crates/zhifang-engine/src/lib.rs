#![doc = include_str!("../README.md")]

mod adoption;
mod answer;
pub mod batch;
pub mod draft;
mod engine;
mod error;
mod inspection;
mod kept;
mod measure;
mod names;
pub mod naming;
mod reverse;
mod trail;
mod world;

pub use adoption::{
    AdoptionError, AdoptionPlan, Difference, FROM_LINES, LineReport, follow_line, plan_adoption,
};
pub use answer::candidate_properties;
pub use engine::{Engine, Options, Phase};
pub use error::EngineError;
pub use inspection::{InspectionError, close_inspection, merge_observations, plan_inspections};
pub use measure::{area_m2, length_m};
pub use names::name_entry;
pub use reverse::{
    DEFAULT_RADIUS_M, Here, LineHere, MarkerHere, NameHere, ReverseQuery, UnitHere, reverse,
    units_here,
};
pub use world::World;
