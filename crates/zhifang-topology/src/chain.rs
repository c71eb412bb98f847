//! Maximal chains of edges with the same owners.

/// Who lies beside an edge: unit index and side packed into one number. Side 0 is left of the
/// direction from the lower to the higher vertex number, side 1 right of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Owner(u32);

impl Owner {
    pub(crate) fn new(unit: u32, is_right: bool) -> Self {
        Self(unit << 1 | u32::from(is_right))
    }

    pub(crate) fn unit(self) -> u32 {
        self.0 >> 1
    }

    pub(crate) fn is_right(self) -> bool {
        self.0 & 1 == 1
    }

    pub(crate) fn flipped(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// An edge walked in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Step {
    pub(crate) edge: u32,
    pub(crate) is_reversed: bool,
}

/// Edges between numbered vertices, with owners. Vertex numbers must ascend with the position, so
/// that "lower vertex" means the same place whatever order the units came in.
#[derive(Debug, Default)]
pub(crate) struct EdgeSet {
    /// Lower and higher vertex; equal for a loop.
    pub(crate) ends: Vec<[u32; 2]>,
    /// Where the owners of each edge start in `owners`; one longer than `ends`.
    pub(crate) owner_starts: Vec<u32>,
    /// Sorted within each edge.
    pub(crate) owners: Vec<Owner>,
}

impl EdgeSet {
    /// An edge set from its edges and an unordered list of (edge, owner).
    pub(crate) fn from_claims(ends: Vec<[u32; 2]>, claims: &[(u32, Owner)]) -> Self {
        let mut starts = vec![0_u32; ends.len() + 1];
        for (edge, _) in claims {
            starts[*edge as usize + 1] += 1;
        }
        for at in 0..ends.len() {
            starts[at + 1] += starts[at];
        }
        let mut fill = starts.clone();
        let mut owners = vec![Owner(0); claims.len()];
        for (edge, owner) in claims {
            let at = &mut fill[*edge as usize];
            owners[*at as usize] = *owner;
            *at += 1;
        }
        for at in 0..ends.len() {
            owners[starts[at] as usize..starts[at + 1] as usize].sort_unstable();
        }
        Self {
            ends,
            owner_starts: starts,
            owners,
        }
    }

    pub(crate) fn owners_of(&self, edge: usize) -> &[Owner] {
        &self.owners[self.owner_starts[edge] as usize..self.owner_starts[edge + 1] as usize]
    }

    /// Chains in ascending order of their first vertex, each in its canonical direction: from
    /// the lower end to the higher; a closed one starts at its lowest vertex (or its node) and
    /// goes towards the lower of the two next ones.
    pub(crate) fn chains(&self, vertex_count: usize, forced: &[u32]) -> Vec<Vec<Step>> {
        let (starts, incident) = self.adjacency(vertex_count);
        let around = |vertex: u32| {
            &incident[starts[vertex as usize] as usize..starts[vertex as usize + 1] as usize]
        };
        let mut is_node = vec![false; vertex_count];
        for vertex in 0..vertex_count as u32 {
            let edges = around(vertex);
            is_node[vertex as usize] = match *edges {
                [] => false,
                [a, b] => a == b || !self.continues(a, b, vertex),
                _ => true,
            };
        }
        for &vertex in forced {
            is_node[vertex as usize] = true;
        }

        let mut is_used = vec![false; self.ends.len()];
        let mut chains = Vec::new();
        for nodes_only in [true, false] {
            for vertex in 0..vertex_count as u32 {
                if nodes_only && !is_node[vertex as usize] {
                    continue;
                }
                for &edge in around(vertex) {
                    if is_used[edge as usize] {
                        continue;
                    }
                    let chain = self.walk(vertex, edge, &is_node, &around);
                    for step in &chain {
                        is_used[step.edge as usize] = true;
                    }
                    chains.push(self.canonical(chain));
                }
            }
        }
        chains.sort_by_key(|chain| {
            let from = chain.first().map_or(0, |step| self.from(*step));
            (from, chain.first().map_or(0, |step| self.to(*step)))
        });
        chains
    }

    pub(crate) fn from(&self, step: Step) -> u32 {
        self.ends[step.edge as usize][usize::from(step.is_reversed)]
    }

    pub(crate) fn to(&self, step: Step) -> u32 {
        self.ends[step.edge as usize][usize::from(!step.is_reversed)]
    }

    fn walk<'a>(
        &self,
        start: u32,
        edge: u32,
        is_node: &[bool],
        around: &impl Fn(u32) -> &'a [u32],
    ) -> Vec<Step> {
        let mut chain = Vec::new();
        let (mut at, mut edge) = (start, edge);
        loop {
            let step = Step {
                edge,
                is_reversed: self.ends[edge as usize][0] != at,
            };
            chain.push(step);
            at = self.to(step);
            if at == start || is_node[at as usize] {
                return chain;
            }
            match around(at).iter().find(|&&other| other != edge) {
                Some(&other) => edge = other,
                None => return chain,
            }
        }
    }

    fn canonical(&self, mut chain: Vec<Step>) -> Vec<Step> {
        let (Some(&first), Some(&last)) = (chain.first(), chain.last()) else {
            return chain;
        };
        let (start, end) = (self.from(first), self.to(last));
        let forward = if start == end {
            (self.to(first), first.edge) <= (self.from(last), last.edge)
        } else {
            start < end
        };
        if !forward {
            chain.reverse();
            for step in &mut chain {
                step.is_reversed = !step.is_reversed;
            }
        }
        chain
    }

    /// Owners of the chain: those of its first edge, turned into the chain's direction.
    pub(crate) fn chain_owners(&self, chain: &[Step]) -> Vec<Owner> {
        let Some(first) = chain.first() else {
            return Vec::new();
        };
        let mut owners = self.owners_of(first.edge as usize).to_vec();
        if first.is_reversed {
            for owner in &mut owners {
                *owner = owner.flipped();
            }
            owners.sort_unstable();
        }
        owners
    }

    /// Whether going through `vertex` from one edge to the other keeps the same owners on the
    /// same sides.
    fn continues(&self, a: u32, b: u32, vertex: u32) -> bool {
        let (left, right) = (self.owners_of(a as usize), self.owners_of(b as usize));
        if left.len() != right.len() {
            return false;
        }
        // Both edges point out of the vertex or both into it: one of them must be turned.
        let is_turned =
            (self.ends[a as usize][0] == vertex) == (self.ends[b as usize][0] == vertex);
        if !is_turned {
            return left == right;
        }
        if left
            .iter()
            .zip(right)
            .all(|(one, other)| one.flipped() == *other)
        {
            return true;
        }
        let mut flipped: Vec<Owner> = left.iter().map(|owner| owner.flipped()).collect();
        flipped.sort_unstable();
        flipped == right
    }

    fn adjacency(&self, vertex_count: usize) -> (Vec<u32>, Vec<u32>) {
        let mut starts = vec![0_u32; vertex_count + 1];
        for ends in &self.ends {
            for &vertex in ends {
                starts[vertex as usize + 1] += 1;
            }
        }
        for at in 0..vertex_count {
            starts[at + 1] += starts[at];
        }
        let mut fill = starts.clone();
        let mut incident = vec![0_u32; self.ends.len() * 2];
        for (edge, ends) in self.ends.iter().enumerate() {
            for &vertex in ends {
                incident[fill[vertex as usize] as usize] = edge as u32;
                fill[vertex as usize] += 1;
            }
        }
        (starts, incident)
    }
}
