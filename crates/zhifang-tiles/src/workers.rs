//! The same work for many tiles, on every core where the feature `parallel` is on.

use zhifang_core::TileId;

/// Tiles that a worker takes at once.
#[cfg(feature = "parallel")]
const CHUNK: usize = 128;

/// What `work` makes of each tile, in their order. Each worker has a state of its own and meets
/// tiles in their order.
#[cfg(not(feature = "parallel"))]
pub(crate) fn in_order<S, T>(
    tiles: &[TileId],
    state: impl Fn() -> S,
    work: impl Fn(&mut S, TileId) -> T,
) -> Vec<T> {
    let mut state = state();
    tiles.iter().map(|tile| work(&mut state, *tile)).collect()
}

/// What `work` makes of each tile, in their order. Each worker has a state of its own and meets
/// tiles in their order.
#[cfg(feature = "parallel")]
pub(crate) fn in_order<S, T: Send>(
    tiles: &[TileId],
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, TileId) -> T + Sync,
) -> Vec<T> {
    use std::sync::atomic::{AtomicUsize, Ordering};

    let chunks: Vec<&[TileId]> = tiles.chunks(CHUNK).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        let mut state = state();
        let mut done = Vec::new();
        while let Some((at, chunk)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            chunks.get(at).map(|chunk| (at, chunk))
        } {
            let made: Vec<T> = chunk.iter().map(|tile| work(&mut state, *tile)).collect();
            done.push((at, made));
        }
        done
    };
    let others = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) - 1;
    let mut done = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..others.min(chunks.len().saturating_sub(1)))
            .map(|_| scope.spawn(run))
            .collect();
        let mut done = run();
        for worker in workers {
            match worker.join() {
                Ok(part) => done.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().flat_map(|(_, made)| made).collect()
}
