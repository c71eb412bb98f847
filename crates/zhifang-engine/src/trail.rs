//! Where the map changed lately, world by world.

use std::sync::Arc;

use zhifang_tiles::Stale;

/// Steps remembered; who has not looked for longer than this draws everything anew.
const MOST_STEPS: usize = 32;

/// The last changes, each with the log's number that it led to, ascending.
#[derive(Debug, Clone)]
pub(crate) struct Trail {
    /// The world before the first step.
    start: u64,
    steps: Vec<(u64, Arc<Stale>)>,
}

impl Trail {
    /// A trail that begins at a change of the log.
    pub(crate) fn from(start: u64) -> Self {
        Self {
            start,
            steps: Vec::new(),
        }
    }

    /// The trail one step on.
    pub(crate) fn followed_by(&self, seq: u64, stale: Stale) -> Self {
        let mut next = self.clone();
        next.steps.push((seq, Arc::new(stale)));
        if next.steps.len() > MOST_STEPS {
            let (seq, _) = next.steps.remove(0);
            next.start = seq;
        }
        next
    }

    /// What changed after `seq`.
    pub(crate) fn since(&self, seq: u64) -> Stale {
        if seq < self.start {
            return Stale::everything();
        }
        self.steps
            .iter()
            .filter(|(step, _)| *step > seq)
            .fold(Stale::nothing(), |all, (_, stale)| all.or(stale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forgotten_counts_as_changed_everywhere() {
        let mut trail = Trail::from(7);
        assert_eq!(trail.since(7), Stale::nothing());
        assert_eq!(trail.since(6), Stale::everything());
        trail = trail.followed_by(8, Stale::everything());
        assert_eq!(trail.since(7), Stale::everything());
        assert_eq!(trail.since(8), Stale::nothing());
        for seq in 9..=8 + MOST_STEPS as u64 {
            trail = trail.followed_by(seq, Stale::nothing());
        }
        assert_eq!(trail.since(8), Stale::nothing());
        assert_eq!(trail.since(7), Stale::everything());
    }
}
