#![doc = include_str!("../README.md")]

mod coverage;
mod demand;
#[cfg(test)]
mod demonstration;
mod error;
mod facility;
mod gaps;
mod holiday;
mod horizon;
mod hours;
mod indicator;
mod links;
mod nearest;
mod network;
mod plan;
mod reach;
mod site;
mod travel;
mod trips;

pub use coverage::{Coverage, CoverageQuery, coverage};
pub use demand::{Demand, DemandOrigin};
pub use error::AssistError;
pub use facility::FacilityKind;
pub use gaps::{Gap, Gaps, GapsQuery, gaps};
pub use holiday::{DayKind, day_kind};
pub use horizon::{
    CemeteryHorizon, Horizon, HorizonQuery, HorizonUnit, Need, NeedAssumptions, horizon,
};
pub use hours::{OpenState, open_state};
pub use indicator::{Basis, DenominatorSet, IndicatorValue, MissingField, SetValue, TownshipValue};
pub use links::{Links, links_to, tel_link};
pub use nearest::{Nearest, NearestQuery, Service, nearest};
pub use plan::{Plan, PlanIndicator};
pub use reach::{Reach, ReachOrigin, ReachProperties, ReachQuery, Reached, reach};
pub use site::{ChosenSite, CurvePoint, Site, SiteModel, SiteQuery, site};
pub use travel::{Limit, Method, Mode};
