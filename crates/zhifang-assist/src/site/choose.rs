//! Each model put as one of the two problems that are solved to proof.

use super::center::{self, Distances};
use super::median::{self, Problem};
use super::{Ground, UNREACHED, cover, distances_with};
use crate::travel::Total;

/// What a model chose: columns, measure, bound, proof.
pub(super) struct Choice {
    pub(super) chosen: Vec<usize>,
    pub(super) objective: Option<f64>,
    pub(super) bound: Option<f64>,
    pub(super) proven: bool,
    pub(super) solver: &'static str,
    pub(super) tie_break: &'static str,
}

const LAGRANGIAN: &str =
    "greedy and exchanges, Lagrangian bound, reduced-cost fixing, branch and bound";
const COVERING: &str =
    "reductions, dual bound of the linear relaxation, reduced-cost fixing, branch and bound";

pub(super) fn choose_covering(ground: &Ground, count: usize) -> Choice {
    let limit = ground.limit.unwrap_or_default();
    let cost = |distance: f64, people: f64| if distance <= limit { 0.0 } else { people };
    let row = |distances: &[f64]| -> Vec<f64> {
        distances
            .iter()
            .zip(&ground.people)
            .map(|(distance, people)| cost(*distance, *people))
            .collect()
    };
    let is_whole = ground.people.iter().all(|people| people.fract() == 0.0);
    let problem = Problem::new(
        ground.columns.len(),
        row(&ground.standing),
        |at| row(&ground.columns[at]),
        count,
        if is_whole { 1.0 } else { 0.0 },
    );
    let total: f64 = ground.people.iter().total();
    let mut found = median::solve(&problem, median::WORK);
    let penalty = penalty(ground);
    found.chosen = settle_ties(&problem, &weighted(ground, count, penalty), found.chosen);
    Choice {
        chosen: found.chosen,
        objective: Some(total - found.cost),
        bound: Some(total - found.bound),
        proven: found.proven,
        solver: LAGRANGIAN,
        tie_break: "people covered, then people times distance by exchanges, then id",
    }
}

/// Of choices that cover the same number, one that saves more ways: by single exchanges.
fn settle_ties(covering: &Problem, ways: &Problem, mut chosen: Vec<usize>) -> Vec<usize> {
    let covered = covering.cost(&chosen);
    let mut cost = ways.cost(&chosen);
    for _ in 0..50 {
        let mut best: Option<(f64, Vec<usize>)> = None;
        for out in 0..chosen.len() {
            for column in (0..covering.columns()).filter(|column| !chosen.contains(column)) {
                let mut other = chosen.clone();
                other[out] = column;
                if covering.cost(&other) > covered {
                    continue;
                }
                let other_cost = ways.cost(&other);
                if best.as_ref().is_none_or(|(least, _)| other_cost < *least) {
                    best = Some((other_cost, other));
                }
            }
        }
        match best {
            Some((least, other)) if least < cost - 1e-9 * cost.max(1.0) => {
                cost = least;
                chosen = other;
            }
            _ => break,
        }
    }
    chosen.sort_unstable();
    chosen
}

/// What stands for "no way": many times the longest way there is.
pub(super) fn penalty(ground: &Ground) -> f64 {
    let all = ground.columns.iter().flatten().chain(&ground.standing);
    all.copied()
        .filter(|distance| distance.is_finite())
        .fold(1.0, f64::max)
        * UNREACHED
}

fn weighted(ground: &Ground, count: usize, penalty: f64) -> Problem {
    let row = |distances: &[f64]| -> Vec<f64> {
        let pairs = distances.iter().zip(&ground.people);
        pairs
            .map(|(distance, people)| distance.min(penalty) * people)
            .collect()
    };
    Problem::new(
        ground.columns.len(),
        row(&ground.standing),
        |at| row(&ground.columns[at]),
        count,
        0.0,
    )
}

pub(super) fn choose_median(ground: &Ground, count: usize) -> Choice {
    let penalty = penalty(ground);
    let problem = weighted(ground, count, penalty);
    let found = median::solve(&problem, median::WORK);
    // Those without a way are told apart; their penalty is no distance.
    let reached = distances_with(ground, &found.chosen);
    let lost: f64 = reached
        .iter()
        .zip(&ground.people)
        .filter(|(distance, _)| distance.is_infinite())
        .map(|(_, people)| people * penalty)
        .total();
    Choice {
        chosen: found.chosen,
        objective: Some(found.cost - lost),
        bound: Some(found.bound - lost),
        proven: found.proven,
        solver: LAGRANGIAN,
        tie_break: "people times distance, then the first found by exchanges from a greedy choice in the order of ids",
    }
}

pub(super) fn choose_center(ground: &Ground, count: usize) -> Choice {
    let distances = Distances {
        columns: &ground.columns,
        standing: &ground.standing,
    };
    let found = center::solve(&distances, count, cover::WORK);
    let tie_break = "greatest distance, then the first cover found in the order of ids";
    match found {
        Some(found) => Choice {
            proven: found.radius <= found.bound,
            objective: Some(found.radius),
            bound: Some(found.bound),
            chosen: found.chosen,
            solver: COVERING,
            tie_break,
        },
        None => Choice {
            chosen: Vec::new(),
            objective: None,
            bound: None,
            proven: true,
            solver: COVERING,
            tie_break,
        },
    }
}

pub(super) fn choose_fewest(ground: &Ground) -> Choice {
    let limit = ground.limit.unwrap_or_default();
    let open: Vec<usize> = (0..ground.demand.len())
        .filter(|row| ground.standing[*row] > limit)
        .collect();
    let problem = center::covering(&ground.columns, &open, limit);
    // Every demand point covers itself, so there is a cover.
    let (chosen, bound) = problem.fewest(cover::WORK).unwrap_or_default();
    Choice {
        objective: Some(chosen.len() as f64),
        bound: Some(bound as f64),
        proven: bound == chosen.len(),
        chosen,
        solver: COVERING,
        tie_break: "number, then the first cover found in the order of ids",
    }
}
