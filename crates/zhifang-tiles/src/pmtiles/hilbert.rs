//! Numbers of tiles along the Hilbert curve (PMTiles v3 §4.3).

use zhifang_core::TileId;

/// The tile's number: all tiles of lower zooms first, then its place on the curve.
pub(super) fn tile_number(tile: TileId) -> u64 {
    let zoom = tile.z();
    let before = ((1_u64 << (2 * zoom)) - 1) / 3;
    let (mut x, mut y) = (u64::from(tile.x()), u64::from(tile.y()));
    let mut along = 0;
    for level in (0..zoom).rev() {
        let side = 1_u64 << level;
        let (right, lower) = (u64::from(x & side > 0), u64::from(y & side > 0));
        along += side * side * ((3 * right) ^ lower);
        if lower == 0 {
            if right == 1 {
                x = (side - 1).wrapping_sub(x) & (side - 1);
                y = (side - 1).wrapping_sub(y) & (side - 1);
            }
            std::mem::swap(&mut x, &mut y);
        }
        x &= side.max(1) - 1;
        y &= side.max(1) - 1;
    }
    before + along
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(z: u32, x: u32, y: u32) -> u64 {
        tile_number(TileId::try_new(z, x, y).unwrap())
    }

    #[test]
    fn the_first_tiles_stand_as_the_specification_shows() {
        assert_eq!(number(0, 0, 0), 0);
        assert_eq!(
            [
                number(1, 0, 0),
                number(1, 0, 1),
                number(1, 1, 1),
                number(1, 1, 0)
            ],
            [1, 2, 3, 4]
        );
        assert_eq!(number(2, 0, 0), 5);
        // From the test data of the reference implementation.
        assert_eq!(number(12, 3423, 1763), 19_078_479);
    }

    #[test]
    fn a_zoom_is_numbered_without_gap_and_each_step_is_to_a_neighbour() {
        let mut tiles: Vec<(u64, u32, u32)> = (0..32)
            .flat_map(|x| (0..32).map(move |y| (number(5, x, y), x, y)))
            .collect();
        tiles.sort_unstable();
        assert_eq!(tiles[0].0, 341);
        for pair in tiles.windows(2) {
            assert_eq!(pair[1].0 - pair[0].0, 1);
            assert_eq!(
                pair[0].1.abs_diff(pair[1].1) + pair[0].2.abs_diff(pair[1].2),
                1
            );
        }
    }
}
