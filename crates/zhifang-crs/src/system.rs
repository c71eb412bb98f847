//! The numbers of the Chinese grids in the EPSG registry.

use zhifang_core::{OldDatum, Zone};

/// A Chinese Gauss-Krüger grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) zone: Zone,
    pub(crate) is_prefixed: bool,
}

/// Grid of a number that runs from `first` over the zones (prefixed), then, after them, over the
/// central meridians (not prefixed).
fn grid(epsg: u32, first: u32, width_deg: u8) -> Option<Grid> {
    let (low, count) = if width_deg == 6 { (13, 11) } else { (25, 21) };
    let place = epsg.checked_sub(first)?;
    let number = low + u8::try_from(place % count).ok()?;
    (place < 2 * count).then_some(Grid {
        zone: Zone { width_deg, number },
        is_prefixed: place < count,
    })
}

/// Grid of CGCS2000: EPSG:4491-4512 of 6 degrees, EPSG:4513-4554 of 3.
pub(crate) fn cgcs2000_grid(epsg: u32) -> Option<Grid> {
    match epsg {
        4491..=4512 => grid(epsg, 4491, 6),
        4513..=4554 => grid(epsg, 4513, 3),
        _ => None,
    }
}

/// Old datum of an EPSG number, with its grid; `None` in the grid's place is geographic.
pub(crate) fn old_system(epsg: u32) -> Option<(OldDatum, Option<Grid>)> {
    let (datum, found) = match epsg {
        4610 => return Some((OldDatum::Xian80, None)),
        4214 => return Some((OldDatum::Beijing54, None)),
        2327..=2348 => (OldDatum::Xian80, grid(epsg, 2327, 6)),
        2349..=2390 => (OldDatum::Xian80, grid(epsg, 2349, 3)),
        2401..=2442 => (OldDatum::Beijing54, grid(epsg, 2401, 3)),
        21413..=21423 => (OldDatum::Beijing54, grid(epsg, 21413, 6)),
        21453..=21463 => (OldDatum::Beijing54, grid(epsg - 29, 21413, 6)),
        _ => return None,
    };
    found.map(|found| (datum, Some(found)))
}

/// The prefixed grid's EPSG number for an old datum.
pub(crate) fn prefixed_number(datum: OldDatum, zone: Zone) -> u32 {
    let number = u32::from(zone.number);
    match (datum, zone.width_deg) {
        (OldDatum::Xian80, 6) => 2327 + number - 13,
        (OldDatum::Xian80, _) => 2349 + number - 25,
        (OldDatum::Beijing54, 6) => 21413 + number - 13,
        (OldDatum::Beijing54, _) => 2401 + number - 25,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers and zones as the EPSG registry names them.
    #[test]
    fn numbers_follow_the_registry() {
        let zone = |width_deg, number| Zone { width_deg, number };
        let is = |grid: Option<Grid>, width, number, is_prefixed| {
            assert_eq!(
                grid,
                Some(Grid {
                    zone: zone(width, number),
                    is_prefixed
                })
            );
        };
        is(cgcs2000_grid(4491), 6, 13, true);
        is(cgcs2000_grid(4512), 6, 23, false);
        is(cgcs2000_grid(4525), 3, 37, true);
        is(cgcs2000_grid(4546), 3, 37, false);
        is(cgcs2000_grid(4554), 3, 45, false);
        is(old_system(2362).unwrap().1, 3, 38, true);
        is(old_system(2383).unwrap().1, 3, 38, false);
        is(old_system(2333).unwrap().1, 6, 19, true);
        is(old_system(2414).unwrap().1, 3, 38, true);
        is(old_system(2435).unwrap().1, 3, 38, false);
        is(old_system(21419).unwrap().1, 6, 19, true);
        is(old_system(21459).unwrap().1, 6, 19, false);
        assert_eq!(prefixed_number(OldDatum::Xian80, zone(3, 38)), 2362);
        assert_eq!(prefixed_number(OldDatum::Beijing54, zone(6, 19)), 21419);
        assert_eq!(cgcs2000_grid(4490), None);
        assert_eq!(old_system(4555), None);
    }
}
