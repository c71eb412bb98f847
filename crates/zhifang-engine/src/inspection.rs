//! Joint inspections in the register: planned, merged and closed, each in one transaction.

use zhifang_core::{Day, DivisionCode, Record, Timestamp};
use zhifang_field::{FieldError, MergeReport, Plan, PlanQuery, Round, Row, Words};
use zhifang_index::{Audience, View};
use zhifang_store::{Expect, StoreError, Write};

use crate::engine::Engine;
use crate::error::EngineError;

/// How often a plan is made anew when somebody else wrote in between.
const ATTEMPTS: usize = 8;

/// Faults of planning, merging and closing; in every case nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectionError {
    /// What the field room said.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// What the register said.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// No world stands yet.
    #[error("the register is still being read")]
    NotReady,
}

/// Plans on the newest world and stores the plan; on a world that moved on meanwhile, again.
fn store<T>(
    engine: &Engine,
    by: &str,
    at: Timestamp,
    plan: impl Fn(View<'_>) -> Result<(T, Vec<Record>), FieldError>,
) -> Result<T, InspectionError> {
    let mut attempt = 1;
    loop {
        // What other processes wrote is part of what is planned on.
        engine.refresh()?;
        let world = engine.world().ok_or(InspectionError::NotReady)?;
        let (answer, records) = plan(world.snapshot.view(Audience::Staff))?;
        if records.is_empty() {
            return Ok(answer);
        }
        let batch = records
            .into_iter()
            .map(|record| {
                let expect = match record.version {
                    0 => Expect::Absent,
                    version => Expect::Version(version),
                };
                Write { record, expect }
            })
            .collect();
        match engine.commit(batch, by, at) {
            Ok(_) => return Ok(answer),
            Err(EngineError::Register {
                source: StoreError::Conflict { .. },
            }) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Plans the inspections of a year and stores the new ones; `say` makes the answer from the plan.
///
/// # Errors
/// [`InspectionError`]; nothing was written.
pub fn plan_inspections<T>(
    engine: &Engine,
    query: &PlanQuery<'_>,
    is_dry_run: bool,
    by: &str,
    at: Timestamp,
    say: impl Fn(&Plan<'_>) -> T,
) -> Result<T, InspectionError> {
    store(engine, by, at, |view| {
        let plan = zhifang_field::plan(view, query, at.day())?;
        let writes = if is_dry_run {
            Vec::new()
        } else {
            plan.writes()
        };
        Ok((say(&plan), writes))
    })
}

/// Merges observations into an inspection: all rows that can be taken, or none.
///
/// # Errors
/// [`InspectionError`]; nothing was written.
pub fn merge_observations(
    engine: &Engine,
    inspection: &str,
    rows: &[Row],
    by: &str,
    at: Timestamp,
) -> Result<MergeReport, InspectionError> {
    store(engine, by, at, |view| {
        let plan = zhifang_field::plan_merge(view, inspection, rows, at)?;
        Ok((plan.report, plan.writes))
    })
}

/// Closes an inspection; what stands against it, in which case nothing was written.
///
/// # Errors
/// [`InspectionError`]; nothing was written.
pub fn close_inspection(
    engine: &Engine,
    inspection: &str,
    signed: &[DivisionCode],
    text: Option<&str>,
    by: &str,
    at: Timestamp,
) -> Result<Vec<Words>, InspectionError> {
    let today: Day = at.day();
    store(engine, by, at, |view| {
        let round = Round::of(view, inspection)?;
        let closing = zhifang_field::close(&round, signed, text, today)?;
        Ok((closing.against, closing.writes))
    })
}
