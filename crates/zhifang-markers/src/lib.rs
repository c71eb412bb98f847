#![doc = include_str!("../README.md")]

mod assign;
mod course;
mod error;
mod grid;
mod numbering;
mod series;
mod setout;
mod sheet;
mod survey;
mod words;

pub use assign::{Free, Given, How, Plan, assign, free_at};
pub use course::{CourseFault, CourseLeg, check_course};
pub use error::MarkerError;
pub use grid::{OnGrid, convergence_deg, dms, on_grid};
pub use numbering::{Number, Pattern, Patterns, TypeCode};
pub use series::{Series, Station, Stretch};
pub use setout::{Ellipse, Errors, North, Residual, SetOut, Sight, north_of, set_out, sights_of};
pub use sheet::Sheet;
pub use survey::{DEFAULT_ACCURACY_M, MOVED_SIGMAS, Survey, accuracy_m, surveys_of};
pub use words::Words;
