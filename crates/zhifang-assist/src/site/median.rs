//! The p-median problem with places that stand already, solved to proof.
//!
//! Choose `p` of the candidates so that the sum over all demand points of the least cost, to a
//! chosen candidate or to what stands already, is least. The maximal covering problem is the
//! same with cost 0 within reach and the people's number outside.
//!
//! Bound: the Lagrangian relaxation of the assignment, by subgradients (M. L. Fisher, The
//! Lagrangian relaxation method for solving integer programming problems, Management Science
//! 27, 1981); candidates are closed and opened for good where their reduced cost exceeds the
//! gap; what is left is settled by branch and bound. Nothing in it is drawn by lot, and the
//! effort is counted in steps, not in time: the answer is the same on every machine.

use super::swap;

/// Elementary steps after which the search stops with the gap that is left.
pub(super) const WORK: u64 = 2_000_000_000;

/// Subgradient rounds at the root, and at each node below it.
const ROUNDS_ROOT: u32 = 600;
const ROUNDS_NODE: u32 = 60;

/// A row that a column serves better than what stands already, and at what cost.
pub(super) type Entry = (u32, f64);

/// Costs of demand points (rows) with candidates (columns).
#[derive(Debug)]
pub(super) struct Problem {
    /// Each column's entries, by row; elsewhere it is no better than what stands.
    columns: Vec<Vec<Entry>>,
    /// Cost of each row with what stands already.
    pub(super) standing: Vec<f64>,
    /// How many to choose.
    pub(super) count: usize,
    /// Least difference between two solutions' costs that differ: 1 where all costs are whole.
    pub(super) grain: f64,
}

impl Problem {
    /// A problem whose column `j` costs `costs(j)` row by row.
    pub(super) fn new(
        size: usize,
        standing: Vec<f64>,
        costs: impl Fn(usize) -> Vec<f64>,
        count: usize,
        grain: f64,
    ) -> Self {
        let better = |at: usize| -> Vec<Entry> {
            let pairs = costs(at).into_iter().zip(&standing).enumerate();
            pairs
                .filter(|(_, (cost, standing))| cost < standing)
                .map(|(row, (cost, _))| (row as u32, cost))
                .collect()
        };
        let columns = (0..size).map(better).collect();
        Self {
            columns,
            standing,
            count,
            grain,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.standing.len()
    }

    pub(super) fn columns(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn column(&self, at: usize) -> &[Entry] {
        &self.columns[at]
    }

    /// Cost of a choice.
    pub(super) fn cost(&self, chosen: &[usize]) -> f64 {
        let mut least = self.standing.clone();
        for at in chosen {
            for (row, cost) in self.column(*at) {
                let least = &mut least[*row as usize];
                *least = least.min(*cost);
            }
        }
        least.iter().sum()
    }

    /// Columns that are worth a look: one that serves no row better than another does is not.
    /// Of equals the first stays.
    fn undominated(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.columns()).collect();
        order.sort_by_key(|at| (std::cmp::Reverse(self.columns[*at].len()), *at));
        let mut kept: Vec<usize> = Vec::new();
        for at in order {
            let is_worse = kept
                .iter()
                .any(|other| is_no_better(self.column(at), self.column(*other)));
            if !is_worse {
                kept.push(at);
            }
        }
        kept.sort_unstable();
        kept
    }
}

/// Whether every entry of the one is matched by one of the other at no higher cost.
fn is_no_better(one: &[Entry], other: &[Entry]) -> bool {
    let mut rest = other.iter();
    one.iter().all(|(row, cost)| {
        rest.by_ref()
            .find(|(same, _)| same >= row)
            .is_some_and(|(same, least)| same == row && least <= cost)
    })
}

/// A choice with what is known of its quality.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Solution {
    /// Columns, ascending.
    pub(super) chosen: Vec<usize>,
    pub(super) cost: f64,
    /// No choice costs less than this.
    pub(super) bound: f64,
    pub(super) proven: bool,
}

/// The cheapest choice, with proof where the work allows.
pub(super) fn solve(problem: &Problem, work: u64) -> Solution {
    let count = problem.count.min(problem.columns());
    let start = swap::descend(problem, swap::greedy(problem, count));
    let mut search = Search {
        problem,
        count,
        best_cost: problem.cost(&start),
        best: start,
        work,
        open_bound: f64::INFINITY,
    };
    if problem.rows() > 0 && count > 0 {
        let mut free = problem.undominated();
        // More to choose than there is use for: the rest fill up in the order of ids.
        let rest: Vec<usize> = (0..problem.columns())
            .filter(|at| !free.contains(at))
            .collect();
        free.extend(rest.into_iter().take(count.saturating_sub(free.len())));
        let root = Node {
            open: Vec::new(),
            free,
            prices: first_prices(problem),
        };
        search.explore(root, ROUNDS_ROOT);
    }
    let Search {
        best,
        best_cost,
        open_bound,
        ..
    } = search;
    // What was not explored bounds the optimum from below.
    let bound = open_bound.min(best_cost);
    let proven = best_cost - bound <= tolerance(best_cost);
    let mut chosen = best;
    chosen.sort_unstable();
    Solution {
        chosen,
        cost: best_cost,
        bound: if proven { best_cost } else { bound },
        proven,
    }
}

/// Rounding of sums that do not count as a difference.
fn tolerance(cost: f64) -> f64 {
    1e-9 * cost.abs().max(1.0)
}

/// Prices to begin with: what a row costs at its second nearest candidate.
fn first_prices(problem: &Problem) -> Vec<f64> {
    let mut least = vec![[f64::INFINITY; 2]; problem.rows()];
    for at in 0..problem.columns() {
        for (row, cost) in problem.column(at) {
            let two = &mut least[*row as usize];
            if *cost < two[0] {
                *two = [*cost, two[0]];
            } else if *cost < two[1] {
                two[1] = *cost;
            }
        }
    }
    least
        .iter()
        .zip(&problem.standing)
        .map(|(two, standing)| two[1].min(*standing))
        .collect()
}

struct Node {
    open: Vec<usize>,
    free: Vec<usize>,
    prices: Vec<f64>,
}

struct Search<'a> {
    problem: &'a Problem,
    count: usize,
    best: Vec<usize>,
    best_cost: f64,
    work: u64,
    /// Least bound among the nodes that were left for want of work.
    open_bound: f64,
}

/// What one relaxation says.
struct Relaxed {
    bound: f64,
    /// Reduced cost by place in `free`.
    gains: Vec<f64>,
    /// Places in `free`, cheapest first.
    order: Vec<usize>,
}

impl Search<'_> {
    /// A node whose bound is at or above this cannot hold a better choice.
    fn cutoff(&self) -> f64 {
        // Sums of whole numbers are exact; a bound above best - 1 leaves no room for a better.
        self.best_cost - (self.problem.grain - 1e-6).max(tolerance(self.best_cost))
    }

    fn explore(&mut self, mut node: Node, rounds: u32) {
        let Some((bound, branch)) = self.tighten(&mut node, rounds) else {
            return;
        };
        if self.work == 0 {
            self.open_bound = self.open_bound.min(bound);
            return;
        }
        let Some(branch) = branch else { return };
        let rest: Vec<usize> = node
            .free
            .iter()
            .copied()
            .filter(|at| *at != branch)
            .collect();
        let mut open = node.open.clone();
        open.push(branch);
        self.explore(
            Node {
                open,
                free: rest.clone(),
                prices: node.prices.clone(),
            },
            ROUNDS_NODE,
        );
        self.explore(
            Node {
                open: node.open,
                free: rest,
                prices: node.prices,
            },
            ROUNDS_NODE,
        );
    }

    /// Raises the node's bound and shrinks it; `None` where it holds nothing better.
    fn tighten(&mut self, node: &mut Node, rounds: u32) -> Option<(f64, Option<usize>)> {
        let mut best_bound = f64::NEG_INFINITY;
        let mut best_prices = node.prices.clone();
        let mut alpha = 1.5;
        let mut stale = 0;
        let mut branch = None;
        for round in 0..rounds {
            if node.open.len() == self.count || node.open.len() + node.free.len() <= self.count {
                let mut chosen = node.open.clone();
                if node.open.len() < self.count {
                    chosen.extend(&node.free);
                }
                self.offer(&chosen);
                return None;
            }
            let relaxed = self.relax(node);
            let wanted = self.count - node.open.len();
            if relaxed.bound > best_bound + tolerance(relaxed.bound) {
                best_bound = relaxed.bound;
                best_prices.clone_from(&node.prices);
                branch = relaxed.order.first().map(|at| node.free[*at]);
                stale = 0;
            } else {
                stale += 1;
            }
            let taken: Vec<usize> = relaxed.order[..wanted]
                .iter()
                .map(|at| node.free[*at])
                .collect();
            let chosen: Vec<usize> = node.open.iter().chain(&taken).copied().collect();
            if round % 8 == 0 {
                self.offer(&chosen);
            }
            if best_bound >= self.cutoff() {
                return None;
            }
            let slope = self.slope(node, &chosen);
            let norm: f64 = slope.iter().map(|part| part * part).sum();
            if norm == 0.0 {
                // The relaxation assigns every row once: its choice is optimal for the node.
                self.offer(&chosen);
                return None;
            }
            self.fix(node, &relaxed, wanted);
            if stale >= 15 {
                alpha *= 0.6;
                stale = 0;
                node.prices.clone_from(&best_prices);
                if alpha < 0.005 {
                    break;
                }
                continue;
            }
            let step =
                alpha * (self.best_cost - relaxed.bound).max(tolerance(self.best_cost)) / norm;
            let rows = node
                .prices
                .iter_mut()
                .zip(&slope)
                .zip(&self.problem.standing);
            for ((price, part), standing) in rows {
                *price = (*price + step * part).clamp(0.0, *standing);
            }
            if self.work == 0 {
                break;
            }
        }
        node.prices = best_prices;
        Some((
            best_bound,
            branch
                .filter(|at| node.free.contains(at))
                .or(node.free.first().copied()),
        ))
    }

    /// The relaxation at the node's prices, none of which is above what stands already costs:
    /// beyond that a price only lowers the bound.
    fn relax(&mut self, node: &Node) -> Relaxed {
        let problem = self.problem;
        let mut steps = problem.rows();
        let mut gain = |at: usize| -> f64 {
            let entries = problem.column(at);
            steps += entries.len() + 4;
            let saved = entries
                .iter()
                .map(|(row, cost)| cost - node.prices[*row as usize]);
            saved.filter(|saved| *saved < 0.0).sum()
        };
        let base: f64 = node.prices.iter().sum();
        let opened: f64 = node.open.iter().map(|at| gain(*at)).sum();
        let gains: Vec<f64> = node.free.iter().map(|at| gain(*at)).collect();
        self.work = self.work.saturating_sub(steps as u64);
        let mut order: Vec<usize> = (0..gains.len()).collect();
        order.sort_by(|a, b| gains[*a].total_cmp(&gains[*b]).then(a.cmp(b)));
        let wanted = self.count - node.open.len();
        let taken: f64 = order[..wanted].iter().map(|at| gains[*at]).sum();
        Relaxed {
            bound: base + opened + taken,
            gains,
            order,
        }
    }

    /// How far each row is from being assigned exactly once; nothing where its price cannot go
    /// that way.
    fn slope(&self, node: &Node, chosen: &[usize]) -> Vec<f64> {
        let mut slope = vec![1.0; self.problem.rows()];
        for at in chosen {
            for (row, cost) in self.problem.column(*at) {
                if *cost < node.prices[*row as usize] {
                    slope[*row as usize] -= 1.0;
                }
            }
        }
        for ((part, price), standing) in slope
            .iter_mut()
            .zip(&node.prices)
            .zip(&self.problem.standing)
        {
            if *part > 0.0 && price >= standing {
                *part = 0.0;
            }
        }
        slope
    }

    /// Closes and opens for good what the reduced costs decide.
    fn fix(&self, node: &mut Node, relaxed: &Relaxed, wanted: usize) {
        let cutoff = self.cutoff();
        let last_in = relaxed.gains[relaxed.order[wanted - 1]];
        let first_out = relaxed
            .order
            .get(wanted)
            .map_or(f64::INFINITY, |at| relaxed.gains[*at]);
        let mut keep = Vec::with_capacity(node.free.len());
        let mut opened = Vec::new();
        let mut is_taken = vec![false; node.free.len()];
        for at in &relaxed.order[..wanted] {
            is_taken[*at] = true;
        }
        for (at, column) in node.free.iter().enumerate() {
            let gain = relaxed.gains[at];
            if is_taken[at] {
                if relaxed.bound - gain + first_out >= cutoff {
                    opened.push(*column);
                    continue;
                }
            } else if relaxed.bound + gain - last_in >= cutoff {
                continue;
            }
            keep.push(*column);
        }
        node.free = keep;
        node.open.extend(opened);
    }

    /// Takes a choice, after exchanges, where it is better than the best.
    fn offer(&mut self, chosen: &[usize]) {
        let problem = self.problem;
        let cost = problem.cost(chosen);
        self.work = self.work.saturating_sub(problem.rows() as u64 * 2);
        if chosen.len() == self.count && cost < self.best_cost * 1.05 + 1.0 {
            self.work = self
                .work
                .saturating_sub((problem.columns() * self.count) as u64 * 4);
            let better = swap::descend(problem, chosen.to_vec());
            let cost = problem.cost(&better);
            if cost < self.best_cost - tolerance(self.best_cost) {
                self.best_cost = cost;
                self.best = better;
            }
        }
    }
}
