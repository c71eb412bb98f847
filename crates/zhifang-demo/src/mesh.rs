//! A triangle mesh whose outer edges are exactly the county line: township lines run along its
//! edges, so they start at vertices that the county line already has.

use std::collections::BTreeMap;

use geo::Coord;

use crate::plane::offset_m;

/// Triangles by directed edge: `(a, b) -> c` for each anticlockwise triangle `a b c`.
#[derive(Debug)]
pub(crate) struct Mesh {
    pub(crate) points: Vec<Coord>,
    /// The first so many points are the outline, anticlockwise.
    pub(crate) outline: usize,
    opposite: BTreeMap<(usize, usize), usize>,
}

impl Mesh {
    /// The constrained Delaunay triangulation of an anticlockwise outline with inner points.
    pub(crate) fn new(outline: &[Coord], inner: &[Coord]) -> Self {
        let mut mesh = Self {
            points: outline.to_vec(),
            outline: outline.len(),
            opposite: BTreeMap::new(),
        };
        mesh.clip_ears();
        let edges: Vec<_> = mesh.opposite.keys().copied().collect();
        mesh.legalise(edges);
        for place in inner {
            mesh.insert(*place);
        }
        mesh
    }

    /// The triangles, each once, its smallest corner first.
    pub(crate) fn triangles(&self) -> Vec<[usize; 3]> {
        self.opposite
            .iter()
            .filter(|((a, b), c)| a < b && a < *c)
            .map(|((a, b), c)| [*a, *b, *c])
            .collect()
    }

    /// The triangle on the left of a directed edge, its smallest corner first.
    pub(crate) fn left_of(&self, (a, b): (usize, usize)) -> Option<[usize; 3]> {
        self.opposite.get(&(a, b)).map(|&c| {
            if a < b && a < c {
                [a, b, c]
            } else if b < c {
                [b, c, a]
            } else {
                [c, a, b]
            }
        })
    }

    fn add(&mut self, a: usize, b: usize, c: usize) {
        self.opposite.insert((a, b), c);
        self.opposite.insert((b, c), a);
        self.opposite.insert((c, a), b);
    }

    fn remove(&mut self, a: usize, b: usize, c: usize) {
        for edge in [(a, b), (b, c), (c, a)] {
            self.opposite.remove(&edge);
        }
    }

    /// Twice the signed area of `a b c` in m²: positive where anticlockwise.
    fn turn(&self, a: usize, b: usize, c: usize) -> f64 {
        let (bx, by) = offset_m(self.points[a], self.points[b]);
        let (cx, cy) = offset_m(self.points[a], self.points[c]);
        bx * cy - by * cx
    }

    fn clip_ears(&mut self) {
        let mut ring: Vec<usize> = (0..self.outline).collect();
        while ring.len() > 3 {
            let count = ring.len();
            let ear = (0..count).find(|&index| {
                let (a, b, c) = (
                    ring[(index + count - 1) % count],
                    ring[index],
                    ring[(index + 1) % count],
                );
                self.turn(a, b, c) > 0.0
                    && ring.iter().all(|&other| {
                        [a, b, c].contains(&other)
                            || self.turn(a, b, other) < 0.0
                            || self.turn(b, c, other) < 0.0
                            || self.turn(c, a, other) < 0.0
                    })
            });
            // A simple polygon always has an ear (Meisters 1975).
            let Some(index) = ear else { return };
            self.add(
                ring[(index + count - 1) % count],
                ring[index],
                ring[(index + 1) % count],
            );
            ring.remove(index);
        }
        if let [a, b, c] = ring[..] {
            self.add(a, b, c);
        }
    }

    fn insert(&mut self, place: Coord) {
        let new = self.points.len();
        self.points.push(place);
        let home = self.triangles().into_iter().find(|&[a, b, c]| {
            self.turn(a, b, new) > 0.0 && self.turn(b, c, new) > 0.0 && self.turn(c, a, new) > 0.0
        });
        if let Some([a, b, c]) = home {
            self.remove(a, b, c);
            self.add(a, b, new);
            self.add(b, c, new);
            self.add(c, a, new);
            self.legalise(vec![(a, b), (b, c), (c, a)]);
        } else {
            // Outside or on an edge: the mesh does without it.
            self.points.pop();
        }
    }

    /// Flips edges until no triangle's circle holds the corner across (Lawson 1977). Outline edges
    /// have one triangle and stay.
    fn legalise(&mut self, mut edges: Vec<(usize, usize)>) {
        while let Some((a, b)) = edges.pop() {
            let (Some(&c), Some(&d)) = (self.opposite.get(&(a, b)), self.opposite.get(&(b, a)))
            else {
                continue;
            };
            let convex = self.turn(c, a, d) > 0.0 && self.turn(d, b, c) > 0.0;
            if convex && self.is_in_circle(a, b, c, d) {
                self.remove(a, b, c);
                self.remove(b, a, d);
                self.add(c, a, d);
                self.add(d, b, c);
                edges.extend([(a, d), (d, b), (b, c), (c, a)]);
            }
        }
    }

    fn is_in_circle(&self, a: usize, b: usize, c: usize, across: usize) -> bool {
        let row = |corner: usize| {
            let (east, north) = offset_m(self.points[across], self.points[corner]);
            (east, north, east * east + north * north)
        };
        let ((ax, ay, aq), (bx, by, bq), (cx, cy, cq)) = (row(a), row(b), row(c));
        let determinant =
            ax * (by * cq - bq * cy) - ay * (bx * cq - bq * cx) + aq * (bx * cy - by * cx);
        // Far above the rounding error of kilometre-sized triangles, so that flips cannot cycle.
        determinant > 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mesh_covers_the_outline_and_keeps_its_edges() {
        let at = |x: f64, y: f64| Coord {
            x: 111.0 + x / 50.0,
            y: 32.0 + y / 50.0,
        };
        // A notch from above: the outline is not convex.
        let outline = [at(0., 0.), at(4., 0.), at(4., 4.), at(2., 1.), at(0., 4.)];
        let mesh = Mesh::new(
            &outline,
            &[at(1., 1.), at(3., 1.2), at(2., 0.5), at(2., 3.)],
        );
        assert_eq!(mesh.points.len(), 8, "the point in the notch is left out");
        for edge in 0..5 {
            assert!(mesh.left_of((edge, (edge + 1) % 5)).is_some());
            assert!(mesh.left_of(((edge + 1) % 5, edge)).is_none());
        }
        let area: f64 = mesh
            .triangles()
            .iter()
            .map(|[a, b, c]| mesh.turn(*a, *b, *c))
            .sum();
        let outer: f64 = [[0, 1, 3], [1, 2, 3], [0, 3, 4]]
            .iter()
            .map(|[a, b, c]| mesh.turn(*a, *b, *c))
            .sum();
        assert!((area - outer).abs() < 1e-3 * outer);
    }
}
