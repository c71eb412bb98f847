//! The least number of candidates that cover all rows (LSCP, set covering), solved to proof.
//!
//! Reductions (a row that contains another, a column that lies in another, a row with one
//! column), a bound from the dual of the linear relaxation by subgradients, columns dropped by
//! reduced cost, branching on the row with fewest columns. Effort is counted in steps.

/// Elementary steps after which a search stops.
pub(super) const WORK: u64 = 1_500_000_000;

/// Subgradient rounds for a whole problem, and below it.
const ROUNDS_ROOT: u32 = 500;
const ROUNDS_NODE: u32 = 80;

/// A set of small numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn new(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
    }

    pub(super) fn insert(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    fn remove(&mut self, at: usize) {
        self.0[at / 64] &= !(1 << (at % 64));
    }

    pub(super) fn contains(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(number, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros() as usize;
                    left &= left - 1;
                    number * 64 + bit
                })
            })
        })
    }

    fn count_in(&self, other: &Self) -> u32 {
        self.0
            .iter()
            .zip(&other.0)
            .map(|(a, b)| (a & b).count_ones())
            .sum()
    }

    /// Whether all of this that is in `among` is in the other too.
    fn lies_in(&self, other: &Self, among: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .zip(&among.0)
            .all(|((a, b), mask)| a & mask & !b == 0)
    }

    fn subtract(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= !other;
        }
    }
}

/// Rows and the columns that cover them.
#[derive(Debug)]
pub(super) struct Cover {
    /// Rows of each column.
    pub(super) columns: Vec<Bits>,
    /// Columns of each row.
    rows: Vec<Bits>,
}

/// What a search for at most so many columns says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// These columns, ascending.
    Some(Vec<usize>),
    /// There are none: proven.
    None,
    /// The work did not suffice.
    Unknown,
}

#[derive(Clone)]
struct State {
    rows: Bits,
    columns: Bits,
    taken: Vec<usize>,
}

impl Cover {
    /// The problem of covering `rows` rows by these columns.
    pub(super) fn new(rows: usize, columns: Vec<Bits>) -> Self {
        let mut by_row = vec![Bits::new(columns.len()); rows];
        for (number, column) in columns.iter().enumerate() {
            for row in column.iter() {
                by_row[row].insert(number);
            }
        }
        Self {
            columns,
            rows: by_row,
        }
    }

    fn whole(&self) -> State {
        let mut rows = Bits::new(self.rows.len());
        (0..self.rows.len()).for_each(|row| rows.insert(row));
        let mut columns = Bits::new(self.columns.len());
        (0..self.columns.len()).for_each(|column| columns.insert(column));
        State {
            rows,
            columns,
            taken: Vec::new(),
        }
    }

    /// Columns one after the other, each covering most of what is left; of equals the first.
    /// `None` where a row has no column.
    pub(super) fn greedy(&self) -> Option<Vec<usize>> {
        let mut left = self.whole().rows;
        let mut chosen = Vec::new();
        while !left.is_empty() {
            let (at, gain) = self
                .columns
                .iter()
                .enumerate()
                .map(|(at, column)| (at, column.count_in(&left)))
                .fold((0, 0), |best, one| if one.1 > best.1 { one } else { best });
            if gain == 0 {
                return None;
            }
            left.subtract(&self.columns[at]);
            chosen.push(at);
        }
        // Columns that later ones made needless go, the last first.
        for at in (0..chosen.len()).rev() {
            let mut rest = self.whole().rows;
            for (other, column) in chosen.iter().enumerate() {
                if other != at {
                    rest.subtract(&self.columns[*column]);
                }
            }
            if rest.is_empty() {
                chosen.remove(at);
            }
        }
        chosen.sort_unstable();
        Some(chosen)
    }

    /// The fewest columns that cover all rows, a proven lower bound of their number, whether
    /// that is the same. `None` where a row has no column.
    pub(super) fn fewest(&self, mut work: u64) -> Option<(Vec<usize>, usize)> {
        let mut best = self.greedy()?;
        loop {
            if best.is_empty() {
                return Some((best, 0));
            }
            match self.at_most(best.len() - 1, &mut work) {
                Found::Some(better) => best = better,
                Found::None => {
                    let bound = best.len();
                    return Some((best, bound));
                }
                Found::Unknown => {
                    let mut state = self.whole();
                    let bound = self.dual_bound(&mut state, best.len(), ROUNDS_ROOT, &mut work);
                    return Some((best, bound));
                }
            }
        }
    }

    /// A cover by at most so many columns.
    pub(super) fn at_most(&self, most: usize, work: &mut u64) -> Found {
        self.search(self.whole(), most, true, work)
    }

    fn search(&self, mut state: State, most: usize, is_root: bool, work: &mut u64) -> Found {
        if !self.reduce(&mut state, most, work) {
            return Found::None;
        }
        if state.rows.is_empty() {
            state.taken.sort_unstable();
            return Found::Some(state.taken);
        }
        if state.taken.len() >= most {
            return Found::None;
        }
        let before = state.columns.clone();
        let rounds = if is_root { ROUNDS_ROOT } else { ROUNDS_NODE };
        let bound = self.dual_bound(&mut state, most, rounds, work);
        if state.taken.len() + bound > most {
            return Found::None;
        }
        if *work == 0 {
            return Found::Unknown;
        }
        if state.columns != before {
            return self.search(state, most, false, work);
        }
        let Some(row) = state
            .rows
            .iter()
            .min_by_key(|row| (self.rows[*row].count_in(&state.columns), *row))
        else {
            return Found::None;
        };
        let mut choices: Vec<usize> = self.rows[row]
            .iter()
            .filter(|column| state.columns.contains(*column))
            .collect();
        choices.sort_by_key(|column| {
            (
                std::cmp::Reverse(self.columns[*column].count_in(&state.rows)),
                *column,
            )
        });
        for column in choices {
            let mut next = state.clone();
            self.take(&mut next, column);
            match self.search(next, most, false, work) {
                Found::None => {}
                found => return found,
            }
            // Covers with this column have been seen.
            state.columns.remove(column);
        }
        Found::None
    }

    fn take(&self, state: &mut State, column: usize) {
        state.rows.subtract(&self.columns[column]);
        state.columns.remove(column);
        state.taken.push(column);
    }

    /// Takes what must be taken and drops what is not needed; false where no cover is left.
    fn reduce(&self, state: &mut State, most: usize, work: &mut u64) -> bool {
        loop {
            let mut changed = false;
            let rows: Vec<usize> = state.rows.iter().collect();
            for row in &rows {
                if !state.rows.contains(*row) {
                    continue;
                }
                match self.rows[*row].count_in(&state.columns) {
                    0 => return false,
                    1 => {
                        let only = self.rows[*row]
                            .iter()
                            .find(|at| state.columns.contains(*at));
                        if let Some(column) = only {
                            self.take(state, column);
                            changed = true;
                        }
                        if state.taken.len() > most {
                            return false;
                        }
                    }
                    _ => {}
                }
            }
            changed |= self.drop_rows(state, work);
            changed |= self.drop_columns(state, work);
            if !changed {
                return state.taken.len() <= most;
            }
        }
    }

    /// A row whose columns include all of another's is covered with it.
    fn drop_rows(&self, state: &mut State, work: &mut u64) -> bool {
        let rows: Vec<usize> = state.rows.iter().collect();
        *work = work.saturating_sub((rows.len() * rows.len()) as u64 * 2);
        let mut changed = false;
        for a in &rows {
            for b in &rows {
                if a == b || !state.rows.contains(*a) || !state.rows.contains(*b) {
                    continue;
                }
                if self.rows[*a].lies_in(&self.rows[*b], &state.columns) {
                    state.rows.remove(*b);
                    changed = true;
                }
            }
        }
        changed
    }

    /// A column all of whose rows another covers is not needed; of equals the first stays.
    fn drop_columns(&self, state: &mut State, work: &mut u64) -> bool {
        let columns: Vec<usize> = state.columns.iter().collect();
        *work = work.saturating_sub((columns.len() * columns.len()) as u64 * 2);
        let mut changed = false;
        for a in &columns {
            for b in &columns {
                if a == b || !state.columns.contains(*a) || !state.columns.contains(*b) {
                    continue;
                }
                let lies = self.columns[*a].lies_in(&self.columns[*b], &state.rows);
                let is_equal = lies && self.columns[*b].lies_in(&self.columns[*a], &state.rows);
                if lies && (!is_equal || a > b) {
                    state.columns.remove(*a);
                    changed = true;
                }
            }
        }
        changed
    }

    /// A lower bound of the columns still needed; drops columns that no cover of at most `most`
    /// can hold.
    fn dual_bound(&self, state: &mut State, most: usize, rounds: u32, work: &mut u64) -> usize {
        let rows: Vec<usize> = state.rows.iter().collect();
        let columns: Vec<usize> = state.columns.iter().collect();
        let place = {
            let mut place = vec![usize::MAX; self.rows.len()];
            rows.iter()
                .enumerate()
                .for_each(|(at, row)| place[*row] = at);
            place
        };
        let members: Vec<Vec<usize>> = columns
            .iter()
            .map(|column| {
                let rows = self.columns[*column].iter();
                rows.filter(|row| state.rows.contains(*row))
                    .map(|row| place[row])
                    .collect()
            })
            .collect();
        let entries: usize = members.iter().map(Vec::len).sum();
        // A row may pay at most its share of the smallest column that covers it.
        let mut prices = vec![0.0_f64; rows.len()];
        for (at, row) in rows.iter().enumerate() {
            let columns = self.rows[*row]
                .iter()
                .filter(|column| state.columns.contains(*column));
            let largest = columns
                .map(|column| self.columns[column].count_in(&state.rows))
                .max();
            prices[at] = 1.0 / f64::from(largest.unwrap_or(1));
        }
        let room = most.saturating_sub(state.taken.len());
        let (mut best, mut alpha, mut stale) = (0.0_f64, 1.0, 0);
        let mut dropped = vec![false; columns.len()];
        for _ in 0..rounds {
            *work = work.saturating_sub(entries as u64 * 2 + 64);
            let reduced: Vec<f64> = members
                .iter()
                .map(|rows| 1.0 - rows.iter().map(|row| prices[*row]).sum::<f64>())
                .collect();
            let bound = prices.iter().sum::<f64>()
                + reduced.iter().filter(|cost| **cost < 0.0).sum::<f64>();
            if bound > best + 1e-6 {
                best = bound;
                stale = 0;
            } else {
                stale += 1;
                if stale >= 8 {
                    alpha *= 0.6;
                    stale = 0;
                }
            }
            if whole_above(best) > room {
                break;
            }
            for (at, cost) in reduced.iter().enumerate() {
                if *cost > 0.0 && whole_above(bound + cost) > room {
                    dropped[at] = true;
                }
            }
            let mut slope = vec![1.0_f64; rows.len()];
            for (cost, rows) in reduced.iter().zip(&members) {
                if *cost < 0.0 {
                    for row in rows {
                        slope[*row] -= 1.0;
                    }
                }
            }
            let norm: f64 = slope.iter().map(|part| part * part).sum();
            if norm == 0.0 {
                break;
            }
            // Towards what would rule the node out.
            let step = alpha * (room as f64 + 0.5 - bound).max(0.1) / norm;
            for (price, part) in prices.iter_mut().zip(&slope) {
                *price = (*price + step * part).max(0.0);
            }
        }
        for (at, column) in columns.iter().enumerate() {
            if dropped[at] {
                state.columns.remove(*column);
            }
        }
        whole_above(best)
    }
}

/// The least whole number at or above, a hair aside.
fn whole_above(value: f64) -> usize {
    (value - 1e-6).ceil().max(0.0) as usize
}
