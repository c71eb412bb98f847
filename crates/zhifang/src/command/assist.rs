//! `assist …`: the assistance map's questions, one JSON document each.

use anyhow::Context as _;
use serde::Serialize;
use zhifang_assist::{
    CoverageQuery, GapsQuery, HorizonQuery, Limit, NearestQuery, NeedAssumptions, Plan,
    ReachOrigin, ReachQuery, SiteQuery,
};
use zhifang_core::{Day, LonLat};
use zhifang_index::{Audience, View};

use crate::args::Assist;
use crate::command::{Context, now};
use crate::output::{Outcome, print_line};

/// Services at most.
const MOST: usize = 100;

pub(crate) fn run(context: &Context, args: &Assist) -> anyhow::Result<Outcome> {
    let engine = context.engine()?;
    let world = engine.world().context("the register could not be read")?;
    // The command line on a local store has all rights.
    answer(context, args, &world.snapshot.view(Audience::Staff))
}

fn answer(context: &Context, args: &Assist, view: &View<'_>) -> anyhow::Result<Outcome> {
    match args {
        Assist::Nearest {
            lon,
            lat,
            kind,
            limit,
            open_at,
            mode,
        } => {
            let place = LonLat::try_new(*lon, *lat)?;
            let query = NearestQuery {
                kind: kind.as_deref().map(str::parse).transpose()?,
                limit: (*limit).clamp(1, MOST),
                open_at: *open_at,
                mode: mode.parse()?,
                lang: context.lang,
                ..NearestQuery::new(place, now())
            };
            let found = zhifang_assist::nearest(view, &query);
            print(&found)?;
            Ok(if found.services.is_empty() {
                Outcome::Findings
            } else {
                Outcome::Done
            })
        }
        Assist::Coverage {
            within,
            indicator,
            as_of,
        } => {
            let query = CoverageQuery {
                within: *within,
                indicator: indicator.clone(),
                day: day_of(*as_of),
            };
            print(&zhifang_assist::coverage(view, &query, &Plan::laohekou())?)?;
            Ok(Outcome::Done)
        }
        Assist::Gaps {
            within,
            kind,
            minutes,
            metres,
            mode,
            as_of,
        } => {
            let query = GapsQuery {
                within: *within,
                kind: kind.parse()?,
                limit: limit_of(*minutes, *metres)
                    .context("--minutes and --metres are both missing: one is wanted")?,
                mode: mode.parse()?,
                day: day_of(*as_of),
            };
            let found = zhifang_assist::gaps(view, &query)?;
            print(&found)?;
            Ok(if found.gaps.is_empty() {
                Outcome::Done
            } else {
                Outcome::Findings
            })
        }
        Assist::Reach {
            id,
            lon,
            lat,
            minutes,
            mode,
            as_of,
        } => {
            let origin = match (id, lon, lat) {
                (Some(id), ..) => ReachOrigin::Id(id.clone()),
                (None, Some(lon), Some(lat)) => ReachOrigin::Place(LonLat::try_new(*lon, *lat)?),
                _ => anyhow::bail!("ID or --lon and --lat are wanted"),
            };
            let query = ReachQuery {
                origin,
                minutes: *minutes,
                mode: mode.parse()?,
                day: day_of(*as_of),
            };
            print(&zhifang_assist::reach(view, &query)?)?;
            Ok(Outcome::Done)
        }
        Assist::Site {
            within,
            kind,
            count,
            model,
            metres,
            minutes,
            mode,
            as_of,
        } => {
            let query = SiteQuery {
                within: *within,
                kind: kind.parse()?,
                count: *count,
                model: model.parse()?,
                limit: limit_of(*minutes, *metres),
                mode: mode.parse()?,
                day: day_of(*as_of),
            };
            print(&zhifang_assist::site(view, &query)?)?;
            Ok(Outcome::Done)
        }
        Assist::Horizon {
            within,
            deaths_per_thousand,
            cremation_percent,
            share_percent,
            as_of,
        } => {
            let usual = NeedAssumptions::default();
            let assumptions = NeedAssumptions {
                deaths_per_thousand: deaths_per_thousand.unwrap_or(usual.deaths_per_thousand),
                cremation_percent: cremation_percent.unwrap_or(usual.cremation_percent),
                share_percent: share_percent.unwrap_or(usual.share_percent),
                stated: Plan::laohekou().stated_cremations(),
                ..usual
            };
            let query = HorizonQuery {
                within: *within,
                day: day_of(*as_of),
                assumptions,
            };
            print(&zhifang_assist::horizon(view, &query)?)?;
            Ok(Outcome::Done)
        }
    }
}

fn print(answer: &impl Serialize) -> anyhow::Result<()> {
    print_line(&serde_json::to_string_pretty(answer)?)
}

fn day_of(as_of: Option<Day>) -> Day {
    as_of.unwrap_or_else(|| now().day())
}

fn limit_of(minutes: Option<f64>, metres: Option<f64>) -> Option<Limit> {
    minutes.map(Limit::Minutes).or(metres.map(Limit::Metres))
}
