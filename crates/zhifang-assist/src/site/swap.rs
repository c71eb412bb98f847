//! Greedy choice and exchanges: a good choice to begin with, and ties settled the same way
//! everywhere.

use super::median::Problem;

/// Choices of columns one after the other, each the one that lowers the cost most; of equals
/// the first.
pub(super) fn greedy(problem: &Problem, count: usize) -> Vec<usize> {
    let mut least = problem.standing.clone();
    let mut chosen = Vec::with_capacity(count);
    for _ in 0..count.min(problem.columns()) {
        let mut best: Option<(f64, usize)> = None;
        for at in (0..problem.columns()).filter(|at| !chosen.contains(at)) {
            let saved = problem.column(at).iter();
            let saved: f64 = saved
                .map(|(row, cost)| (least[*row as usize] - cost).max(0.0))
                .sum();
            if best.is_none_or(|(most, _)| saved > most) {
                best = Some((saved, at));
            }
        }
        let Some((_, at)) = best else { break };
        for (row, cost) in problem.column(at) {
            let least = &mut least[*row as usize];
            *least = least.min(*cost);
        }
        chosen.push(at);
    }
    chosen
}

/// Exchanges one chosen column for another while that lowers the cost (M. B. Teitz and P. Bart,
/// Operations Research 16, 1968), with each row's nearest and second nearest at hand.
pub(super) fn descend(problem: &Problem, mut chosen: Vec<usize>) -> Vec<usize> {
    if chosen.is_empty() {
        return chosen;
    }
    let mut cost = problem.cost(&chosen);
    let mut losses = Vec::with_capacity(chosen.len());
    // Each exchange lowers the cost; the limit is for sums that differ by rounding alone.
    for _ in 0..10_000 {
        let near = two_nearest(problem, &chosen);
        // What is lost when a chosen column leaves, before anything comes for it.
        let mut leaving = vec![0.0; chosen.len()];
        for row in near.iter().filter(|row| row.holder != usize::MAX) {
            leaving[row.holder] += row.second - row.first;
        }
        let mut best: Option<(f64, usize, usize)> = None;
        for at in (0..problem.columns()).filter(|at| !chosen.contains(at)) {
            losses.clone_from(&leaving);
            let mut saved = 0.0;
            for (row, new) in problem.column(at) {
                let row = &near[*row as usize];
                let kept = new.min(row.first);
                saved += row.first - kept;
                if row.holder != usize::MAX {
                    // If the holder leaves, the row goes to the newcomer or its second nearest.
                    let before = row.second - row.first;
                    losses[row.holder] += (new.min(row.second) - kept) - before;
                }
            }
            for (out, loss) in losses.iter().enumerate() {
                let total = cost - saved + loss;
                if best.is_none_or(|(least, _, _)| total < least) {
                    best = Some((total, out, at));
                }
            }
        }
        let Some((total, out, at)) = best else { break };
        if total >= cost - 1e-9 * cost.abs().max(1.0) {
            break;
        }
        chosen[out] = at;
        cost = problem.cost(&chosen);
    }
    chosen
}

struct Row {
    first: f64,
    /// Place in `chosen` of the nearest; `usize::MAX` where what stands already is nearest.
    holder: usize,
    second: f64,
}

fn two_nearest(problem: &Problem, chosen: &[usize]) -> Vec<Row> {
    let mut rows: Vec<Row> = problem
        .standing
        .iter()
        .map(|cost| Row {
            first: *cost,
            holder: usize::MAX,
            second: *cost,
        })
        .collect();
    for (place, at) in chosen.iter().enumerate() {
        for (row, cost) in problem.column(*at) {
            let row = &mut rows[*row as usize];
            if *cost < row.first {
                row.second = row.first;
                row.first = *cost;
                row.holder = place;
            } else if *cost < row.second {
                row.second = *cost;
            }
        }
    }
    rows
}
