//! Rings out of directed chains that carry their owner on the left.

/// A chain walked in one direction: where it leaves and arrives, and in which directions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Directed {
    /// Node it leaves from.
    pub(crate) from: u32,
    /// Node it arrives at.
    pub(crate) to: u32,
    /// First step, as a vector.
    pub(crate) leave: [f64; 2],
    /// Last step, as a vector.
    pub(crate) arrive: [f64; 2],
}

/// Simple rings (indices into `items`, in walking order), each chain used once.
///
/// The owner lies on the left of every chain; where several rings meet at one node the sharpest
/// left turn is taken and a ring is split off as soon as its node comes up again, so that rings
/// touch at nodes but never pass through one twice (OGC 06-103r4 §6.1.11.1).
///
/// # Errors
/// The first node (in order of the items) where more chains arrive than leave, or the reverse.
pub(crate) fn trace(items: &[Directed]) -> Result<Vec<Vec<u32>>, u32> {
    let mut nodes: Vec<u32> = items.iter().map(|item| item.from).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let local = |node: u32| nodes.binary_search(&node).ok();

    let mut balance = vec![0_i64; nodes.len()];
    for item in items {
        match (local(item.from), local(item.to)) {
            (Some(from), Some(to)) => {
                balance[from] += 1;
                balance[to] -= 1;
            }
            _ => return Err(item.to),
        }
    }
    if let Some(at) = balance.iter().position(|&count| count != 0) {
        return Err(nodes[at]);
    }

    let mut by_from: Vec<u32> = (0..items.len() as u32).collect();
    by_from.sort_by_key(|&item| items[item as usize].from);
    let starts: Vec<usize> = nodes
        .iter()
        .map(|&node| by_from.partition_point(|&item| items[item as usize].from < node))
        .chain([items.len()])
        .collect();

    let mut used = vec![false; items.len()];
    let mut on_path = vec![u32::MAX; nodes.len()];
    let mut rings = Vec::new();
    let mut path: Vec<u32> = Vec::new();
    for first in 0..items.len() as u32 {
        if used[first as usize] {
            continue;
        }
        let mut next = first;
        loop {
            used[next as usize] = true;
            let item = &items[next as usize];
            if let Some(from) = local(item.from) {
                on_path[from] = path.len() as u32;
            }
            path.push(next);
            let Some(node) = local(item.to) else {
                return Err(item.to);
            };
            if on_path[node] != u32::MAX {
                let ring = path.split_off(on_path[node] as usize);
                for &part in &ring {
                    if let Some(from) = local(items[part as usize].from) {
                        on_path[from] = u32::MAX;
                    }
                }
                rings.push(ring);
            }
            if path.is_empty() {
                break;
            }
            // Also after a ring was split off the way goes on from its last chain, so that the
            // choice at a node does not depend on which ring came first.
            let arrive = item.arrive;
            let choices = by_from[starts[node]..starts[node + 1]].iter().copied();
            let sharpest =
                choices
                    .filter(|&choice| !used[choice as usize])
                    .reduce(|best, choice| {
                        let (a, b) = (items[best as usize].leave, items[choice as usize].leave);
                        if is_sharper(arrive, b, a) {
                            choice
                        } else {
                            best
                        }
                    });
            match sharpest {
                Some(choice) => next = choice,
                None => return Err(item.to),
            }
        }
    }
    Ok(rings)
}

/// Whether `one` comes before `other` when turning clockwise from the way one came.
fn is_sharper(arrive: [f64; 2], one: [f64; 2], other: [f64; 2]) -> bool {
    let back = [-arrive[0], -arrive[1]];
    let (half_one, half_other) = (half(back, one), half(back, other));
    if half_one != half_other {
        return half_one < half_other;
    }
    cross(one, other) < 0.0
}

/// 0 for directions in the half turn clockwise of `back`, 1 for those after it, 2 for `back`
/// itself (walking straight back is the last resort).
fn half(back: [f64; 2], direction: [f64; 2]) -> u8 {
    let side = cross(back, direction);
    if side < 0.0 {
        0
    } else if side > 0.0 {
        1
    } else if back[0] * direction[0] + back[1] * direction[1] < 0.0 {
        // Straight on: between the two halves, and first of the second one by `cross`.
        1
    } else {
        2
    }
}

fn cross(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

/// Twice the signed area of a closed ring (first point not repeated); positive counterclockwise
/// where y points up.
pub(crate) fn double_area(points: impl Iterator<Item = [f64; 2]>) -> f64 {
    let mut points = points;
    let Some(origin) = points.next() else {
        return 0.0;
    };
    let mut sum = 0.0;
    let mut last = [0.0, 0.0];
    // Differences from the first vertex keep the digits that matter.
    for point in points {
        let here = [point[0] - origin[0], point[1] - origin[1]];
        sum += cross(last, here);
        last = here;
    }
    sum
}

/// Whether a point lies inside a ring (even-odd); on the edge either answer may come.
pub(crate) fn ring_contains(ring: &[[f64; 2]], point: [f64; 2]) -> bool {
    let mut inside = false;
    for (at, a) in ring.iter().enumerate() {
        let b = ring[(at + 1) % ring.len()];
        if (a[1] > point[1]) != (b[1] > point[1]) {
            let along = (point[1] - a[1]) / (b[1] - a[1]);
            if point[0] < a[0] + along * (b[0] - a[0]) {
                inside = !inside;
            }
        }
    }
    inside
}

/// Groups simple rings into parts: exteriors (positive area) each with its holes.
///
/// Returns lists of ring indices, exterior first, in the order of the exteriors; holes that lie
/// in no exterior come back as the second value.
pub(crate) fn group_rings(rings: &[Vec<[f64; 2]>]) -> (Vec<Vec<usize>>, Vec<usize>) {
    let areas: Vec<f64> = rings
        .iter()
        .map(|ring| double_area(ring.iter().copied()))
        .collect();
    let mut parts: Vec<Vec<usize>> = Vec::new();
    for (at, area) in areas.iter().enumerate() {
        if *area > 0.0 {
            parts.push(vec![at]);
        }
    }
    let exteriors: Vec<(usize, Bounds)> = parts
        .iter()
        .map(|part| (part[0], Bounds::of(&rings[part[0]])))
        .collect();
    let mut homeless = Vec::new();
    for (at, area) in areas.iter().enumerate() {
        if *area > 0.0 || rings[at].len() < 2 {
            continue;
        }
        let (a, b) = (rings[at][0], rings[at][1]);
        let middle = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
        let home = exteriors
            .iter()
            .enumerate()
            .filter(|(_, (ring, bounds))| {
                bounds.holds(middle) && ring_contains(&rings[*ring], middle)
            })
            .min_by(|(_, (one, _)), (_, (other, _))| areas[*one].total_cmp(&areas[*other]))
            .map(|(part, _)| part);
        match home {
            Some(part) => parts[part].push(at),
            None => homeless.push(at),
        }
    }
    (parts, homeless)
}

struct Bounds {
    low: [f64; 2],
    high: [f64; 2],
}

impl Bounds {
    fn of(ring: &[[f64; 2]]) -> Self {
        let start = Self {
            low: [f64::INFINITY; 2],
            high: [f64::NEG_INFINITY; 2],
        };
        ring.iter().fold(start, |b, p| Self {
            low: [b.low[0].min(p[0]), b.low[1].min(p[1])],
            high: [b.high[0].max(p[0]), b.high[1].max(p[1])],
        })
    }

    fn holds(&self, p: [f64; 2]) -> bool {
        (0..2).all(|axis| self.low[axis] <= p[axis] && p[axis] <= self.high[axis])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(from: u32, to: u32, a: [f64; 2], b: [f64; 2]) -> Directed {
        let step = [b[0] - a[0], b[1] - a[1]];
        Directed {
            from,
            to,
            leave: step,
            arrive: step,
        }
    }

    #[test]
    fn squares_that_touch_at_a_corner_come_apart() {
        let at = [
            [0., 0.],
            [1., 0.],
            [1., 1.],
            [0., 1.],
            [-1., 0.],
            [-1., -1.],
            [0., -1.],
        ];
        let walk = [
            (5, 6),
            (6, 0),
            (0, 1),
            (1, 2),
            (2, 3),
            (3, 0),
            (0, 4),
            (4, 5),
        ];
        let items: Vec<_> = walk
            .iter()
            .map(|&(a, b)| chain(a, b, at[a as usize], at[b as usize]))
            .collect();
        let rings = trace(&items).unwrap();
        assert_eq!(rings.len(), 2);
        assert!(rings.iter().all(|ring| ring.len() == 4));
    }

    #[test]
    fn a_chain_that_leads_nowhere_is_named_by_its_node() {
        assert_eq!(trace(&[chain(0, 1, [0., 0.], [1., 0.])]), Err(1));
    }
}
