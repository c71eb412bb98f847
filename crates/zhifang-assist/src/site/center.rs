//! The p-centre problem: the least greatest distance, by bisection over the distances that
//! occur, each step a covering problem decided to proof.

use super::cover::{Bits, Cover, Found};

/// Distances of demand points (rows) to candidates (columns), column after column.
#[derive(Debug)]
pub(super) struct Distances<'a> {
    pub(super) columns: &'a [Vec<f64>],
    /// Distance of each row to what stands already.
    pub(super) standing: &'a [f64],
}

/// The best radius found, and the least one not ruled out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Centred {
    pub(super) chosen: Vec<usize>,
    pub(super) radius: f64,
    pub(super) bound: f64,
}

/// The least radius at which `count` candidates and what stands reach all rows; `None` where no
/// radius does.
pub(super) fn solve(distances: &Distances<'_>, count: usize, work: u64) -> Option<Centred> {
    let mut radii: Vec<f64> = distances
        .columns
        .iter()
        .flatten()
        .chain(distances.standing)
        .copied()
        .filter(|radius| radius.is_finite())
        .collect();
    radii.push(0.0);
    radii.sort_by(f64::total_cmp);
    radii.dedup();
    // Each decision has its share, so that one hard one leaves work for the others.
    let share = work / 16;
    // All radii below `low` are ruled out; `high` holds.
    let (mut low, mut high) = (0, radii.len() - 1);
    let mut chosen = match within(distances, count, radii[high], share) {
        Found::Some(chosen) => chosen,
        Found::None | Found::Unknown => return None,
    };
    // The least index for which the work did not suffice.
    let mut doubt: Option<usize> = None;
    let mut ruled_out = 0;
    while low < high {
        let middle = usize::midpoint(low, high);
        match within(distances, count, radii[middle], share) {
            Found::Some(found) => {
                chosen = found;
                high = middle;
            }
            Found::None => {
                // What is too small rules out all that is smaller, doubtful ones included.
                low = middle + 1;
                ruled_out = low;
                doubt = None;
            }
            Found::Unknown => {
                doubt.get_or_insert(middle);
                low = middle + 1;
            }
        }
    }
    // Below the doubtful ones, look for the largest radius that can still be ruled out.
    if let Some(mut above) = doubt {
        while ruled_out < above {
            let middle = usize::midpoint(ruled_out, above);
            match within(distances, count, radii[middle], share) {
                Found::None => ruled_out = middle + 1,
                Found::Unknown => above = middle,
                Found::Some(found) => {
                    chosen = found;
                    high = middle;
                    above = middle;
                }
            }
        }
    }
    let bound = doubt.map_or(radii[high], |_| radii[ruled_out.min(high)]);
    Some(Centred {
        chosen,
        radius: radii[high],
        bound,
    })
}

fn within(distances: &Distances<'_>, count: usize, radius: f64, mut work: u64) -> Found {
    let open: Vec<usize> = (0..distances.standing.len())
        .filter(|row| distances.standing[*row] > radius)
        .collect();
    if open.is_empty() {
        return Found::Some(Vec::new());
    }
    let cover = covering(distances.columns, &open, radius);
    if let Some(greedy) = cover.greedy()
        && greedy.len() <= count
    {
        return Found::Some(greedy);
    }
    cover.at_most(count, &mut work)
}

/// The covering problem of these rows at a radius, which counts as within.
pub(super) fn covering(columns: &[Vec<f64>], rows: &[usize], radius: f64) -> Cover {
    let sets = columns
        .iter()
        .map(|column| {
            let mut set = Bits::new(rows.len());
            for (at, row) in rows.iter().enumerate() {
                if column[*row] <= radius {
                    set.insert(at);
                }
            }
            set
        })
        .collect();
    Cover::new(rows.len(), sets)
}
