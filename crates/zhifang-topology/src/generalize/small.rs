//! Rings too small to be seen give their ground to a neighbour.

use rustc_hash::FxHashMap;

use super::assemble::{Net, Ring, ring_points};
use crate::chain::Owner;
use crate::coverage::{ArcUse, Layers};
use crate::trace::double_area;

/// Smallest ring that is drawn, in grid steps squared: one CSS pixel of a 512 px tile.
const SMALLEST_AREA: f64 = 64.0;

/// Units beside a line, ascending on each side.
#[derive(Debug, Clone, Default)]
pub(super) struct Sides {
    left: Vec<u32>,
    right: Vec<u32>,
}

impl Sides {
    pub(super) fn new(owners: &[Owner]) -> Self {
        let side = |is_right: bool| {
            owners
                .iter()
                .filter(|o| o.is_right() == is_right)
                .map(|o| o.unit())
                .collect()
        };
        Self {
            left: side(false),
            right: side(true),
        }
    }

    /// Units that the line bounds; one that lies on both sides is none of them.
    pub(super) fn owners(&self) -> Vec<Owner> {
        let only = |units: &[u32], others: &[u32], is_right: bool| {
            let units = units.iter().filter(|unit| !others.contains(unit));
            units
                .map(|&unit| Owner::new(unit, is_right))
                .collect::<Vec<_>>()
        };
        let mut owners = only(&self.left, &self.right, false);
        owners.extend(only(&self.right, &self.left, true));
        owners.sort_unstable();
        owners
    }

    /// Units on the left (or, walked backwards, on the right) of a step.
    fn inner(&mut self, step: ArcUse) -> &mut Vec<u32> {
        if step.is_reversed {
            &mut self.right
        } else {
            &mut self.left
        }
    }

    fn outer(&self, step: ArcUse) -> &[u32] {
        if step.is_reversed {
            &self.left
        } else {
            &self.right
        }
    }
}

struct SmallRing {
    unit: u32,
    steps: Ring,
    area: f64,
    is_hole: bool,
    /// The small ring that this one's ground went to.
    went_to: Option<usize>,
}

/// Changes the sides of the lines round small rings; whether there were any.
pub(super) fn give_small_rings_away(net: &mut Net, rings: &[Vec<Ring>], layers: &[Layers]) -> bool {
    let mut small: Vec<SmallRing> = Vec::new();
    for (unit, rings) in rings.iter().enumerate() {
        for ring in rings {
            let area = double_area(ring_points(&net.lines, ring).into_iter()) / 2.0;
            if area.abs() < SMALLEST_AREA {
                small.push(SmallRing {
                    unit: unit as u32,
                    steps: ring.clone(),
                    area: area.abs(),
                    is_hole: area < 0.0,
                    went_to: None,
                });
            }
        }
    }
    if small.is_empty() {
        return false;
    }
    let lengths: Vec<f64> = net.lines.iter().map(|line| length(line)).collect();
    let mut ring_at: FxHashMap<(ArcUse, u32), usize> = FxHashMap::default();
    for (at, ring) in small.iter().enumerate() {
        for step in &ring.steps {
            ring_at.insert((*step, ring.unit), at);
        }
    }
    let mut order: Vec<usize> = (0..small.len()).collect();
    order.sort_by(|&a, &b| {
        small[a]
            .area
            .total_cmp(&small[b].area)
            .then(small[a].unit.cmp(&small[b].unit))
    });
    for at in order {
        let ring = &small[at];
        if ring.area >= SMALLEST_AREA {
            continue;
        }
        let (unit, steps, area) = (ring.unit, ring.steps.clone(), ring.area);
        let mut heirs: Vec<u32> = Vec::new();
        if ring.is_hole {
            let is_empty = steps.iter().all(|step| {
                let outer = net.sides[step.arc as usize].outer(*step);
                outer
                    .iter()
                    .all(|&other| !layers[other as usize].intersects(layers[unit as usize]))
            });
            if !is_empty {
                continue;
            }
        } else {
            for layer in layers[unit as usize].iter() {
                if let Some(heir) = heir(net, &steps, unit, layer, layers, &lengths)
                    && !heirs.contains(&heir.0)
                {
                    heirs.push(heir.0);
                    let twin = ArcUse {
                        is_reversed: !heir.1.is_reversed,
                        ..heir.1
                    };
                    let mut goal = ring_at.get(&(twin, heir.0)).copied();
                    while let Some(next) = goal.and_then(|goal| small[goal].went_to) {
                        goal = Some(next);
                    }
                    if let Some(goal) = goal.filter(|&goal| {
                        goal != at && small[goal].unit == heir.0 && !small[goal].is_hole
                    }) {
                        small[goal].steps.extend(&steps);
                        small[goal].area += area;
                        small[at].went_to = Some(goal);
                    }
                }
            }
        }
        for step in &steps {
            let inner = net.sides[step.arc as usize].inner(*step);
            inner.retain(|&other| other != unit);
            for heir in &heirs {
                if let Err(place) = inner.binary_search(heir) {
                    inner.insert(place, *heir);
                }
            }
        }
    }
    true
}

/// The unit of the layer with the longest line along the ring, and a step where it lies outside.
fn heir(
    net: &Net,
    steps: &[ArcUse],
    unit: u32,
    layer: u8,
    layers: &[Layers],
    lengths: &[f64],
) -> Option<(u32, ArcUse)> {
    let mut shares: Vec<(u32, f64, ArcUse)> = Vec::new();
    for step in steps {
        let outer = net.sides[step.arc as usize].outer(*step);
        for &other in outer
            .iter()
            .filter(|&&o| o != unit && layers[o as usize].contains(layer))
        {
            let length = lengths[step.arc as usize];
            match shares.iter_mut().find(|(known, ..)| *known == other) {
                Some(share) => share.1 += length,
                None => shares.push((other, length, *step)),
            }
        }
    }
    shares
        .into_iter()
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
        .map(|(other, _, step)| (other, step))
}

fn length(line: &[[i32; 2]]) -> f64 {
    line.windows(2)
        .map(|pair| {
            let [dx, dy] = [0, 1].map(|axis| f64::from(pair[1][axis]) - f64::from(pair[0][axis]));
            dx.hypot(dy)
        })
        .sum()
}
