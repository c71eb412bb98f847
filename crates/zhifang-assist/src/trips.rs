//! Ways between the places of a question: over roads where there are any, else straight.

use geo::{Distance, Haversine, Point};
use zhifang_core::{Bbox, Day, LonLat};
use zhifang_index::View;

use crate::network::Network;
use crate::travel::{Method, Mode, Way, geodesic_m};

/// How far beyond the places roads are read, degrees (about 10 km): ways leave the box.
const MARGIN_DEG: f64 = 0.1;

/// How much the sphere's distances may differ from the ellipsoid's, as a share.
const SPHERE_SLACK: f64 = 1.012;

/// Places with a means to get from one to another.
#[derive(Debug)]
pub(crate) struct Trips {
    places: Vec<LonLat>,
    mode: Mode,
    network: Option<Network>,
}

impl Trips {
    /// Ways among these places on the day.
    pub(crate) fn new(view: &View<'_>, places: Vec<LonLat>, mode: Mode, day: Day) -> Self {
        match box_round(&places) {
            Some(bbox) => Self::over(view, bbox, places, mode, day),
            None => Self {
                places,
                mode,
                network: None,
            },
        }
    }

    /// The same over the roads of a given box.
    pub(crate) fn over(
        view: &View<'_>,
        bbox: Bbox,
        places: Vec<LonLat>,
        mode: Mode,
        day: Day,
    ) -> Self {
        let network = (mode != Mode::Line)
            .then(|| Network::build(view, bbox, &places, mode, day))
            .flatten();
        Self {
            places,
            mode,
            network,
        }
    }

    /// How distances are found.
    pub(crate) fn method(&self) -> Method {
        match (&self.network, self.mode) {
            (Some(_), _) => Method::Roads,
            (None, Mode::Line) => Method::Line,
            (None, _) => Method::StraightDetour,
        }
    }

    /// The net, where distances run over roads.
    pub(crate) fn network(&self) -> Option<&Network> {
        self.network.as_ref()
    }

    /// Falls back to straight lines, said so by [`method`](Self::method).
    pub(crate) fn leave_the_roads(&mut self) {
        self.network = None;
    }

    /// Whether the place is on the net, or needs none.
    pub(crate) fn is_on_the_way(&self, place: usize) -> bool {
        self.network
            .as_ref()
            .is_none_or(|network| network.hooks.get(place).is_some_and(Option::is_some))
    }

    /// Metres to the road that the place hangs on; none without a net.
    pub(crate) fn off_road_m(&self, place: usize) -> Option<f64> {
        let hook = self.network.as_ref()?.hooks.get(place)?.as_ref()?;
        Some(hook.off_m)
    }

    fn straight(&self, from: usize, to: usize) -> Way {
        let metres = geodesic_m(self.places[from], self.places[to]) * self.method().factor();
        Way {
            metres,
            minutes: self.mode.straight_minutes(metres),
        }
    }

    /// A walk across the fields, where it is no longer than the walks to the road and back:
    /// so a place is no distance from itself.
    fn across(&self, network: &Network, from: usize, to: usize) -> Option<Way> {
        let hook = |place: usize| network.hooks.get(place).copied().flatten();
        let off = |place: usize| hook(place).map_or(0.0, |hook| hook.off_m);
        if self.places[from] == self.places[to] {
            return Some(Way {
                metres: 0.0,
                minutes: 0.0,
            });
        }
        let most = off(from) + off(to);
        let (a, b) = (
            network.plane.flat(self.places[from]),
            network.plane.flat(self.places[to]),
        );
        if (a[0] - b[0]).hypot(a[1] - b[1]) > most {
            return None;
        }
        let metres = geodesic_m(self.places[from], self.places[to]);
        Some(Way {
            metres,
            minutes: network.off_seconds(metres) / 60.0,
        })
    }

    /// The ways from a place to every place; `None` where none can be reached.
    pub(crate) fn ways_from(&self, from: usize) -> Vec<Option<Way>> {
        let Some(network) = &self.network else {
            return (0..self.places.len())
                .map(|to| Some(self.straight(from, to)))
                .collect();
        };
        let costs = network.costs(&[from], false);
        (0..self.places.len())
            .map(|to| {
                let hook = network.hooks[to];
                let road = hook.and_then(|hook| network.arrive(costs[hook.node as usize], to));
                quicker(road, self.across(network, from, to))
            })
            .collect()
    }

    /// For each of `from`, the quickest to get to among `targets`, of equals the first.
    pub(crate) fn nearest_of(
        &self,
        from: &[usize],
        targets: &[usize],
    ) -> Vec<Option<(usize, Way)>> {
        let Some(network) = &self.network else {
            return from
                .iter()
                .map(|place| self.nearest_straight(*place, targets))
                .collect();
        };
        let costs = network.costs(targets, true);
        from.iter()
            .map(|place| {
                let mut best: Option<(usize, Way)> = network.hooks[*place].and_then(|hook| {
                    let cost = costs[hook.node as usize];
                    network
                        .arrive(cost, *place)
                        .map(|way| (cost.source as usize, way))
                });
                for target in targets {
                    if let Some(way) = self.across(network, *place, *target)
                        && best.is_none_or(|(_, least)| way.minutes < least.minutes)
                    {
                        best = Some((*target, way));
                    }
                }
                best
            })
            .collect()
    }

    fn nearest_straight(&self, from: usize, targets: &[usize]) -> Option<(usize, Way)> {
        let rough = |to: usize| {
            Haversine.distance(Point::from(self.places[from]), Point::from(self.places[to]))
        };
        let least = targets.iter().map(|to| rough(*to)).min_by(f64::total_cmp)?;
        targets
            .iter()
            .filter(|to| rough(**to) <= least * SPHERE_SLACK)
            .map(|to| (*to, self.straight(from, *to)))
            .min_by(|a, b| a.1.metres.total_cmp(&b.1.metres))
    }
}

fn quicker(a: Option<Way>, b: Option<Way>) -> Option<Way> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.minutes < a.minutes { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// The box round the places with a margin for ways that leave it.
fn box_round(places: &[LonLat]) -> Option<Bbox> {
    let bbox = Bbox::of_coords(places.iter().map(|place| (*place).into()))?;
    Some(Bbox {
        west: bbox.west - MARGIN_DEG,
        south: bbox.south - MARGIN_DEG,
        east: bbox.east + MARGIN_DEG,
        north: bbox.north + MARGIN_DEG,
    })
}
