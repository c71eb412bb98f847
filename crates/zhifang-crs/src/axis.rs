//! The authority's order of axes, which OGC API Features part 2 wants on the wire.

/// Whether the EPSG registry puts latitude or northing first in this system: geographic systems
/// and the Chinese Gauss-Krüger grids do, Web Mercator, UTM and most other grids do not. CRS84 is
/// not an EPSG system and has longitude first.
///
/// ```
/// assert!(zhifang_crs::is_north_first(4490) && zhifang_crs::is_north_first(4546));
/// assert!(!zhifang_crs::is_north_first(3857) && !zhifang_crs::is_north_first(32649));
/// ```
pub fn is_north_first(epsg: u32) -> bool {
    // 4491-4554 CGCS2000, 2327-2390 Xian 1980, 2401-2442 and 214xx Beijing 1954 grids (northing
    // X, easting Y); 4001-4489 and 4555-4999 are the registry's geographic systems.
    matches!(
        epsg,
        4001..=4999 | 2327..=2390 | 2401..=2442 | 21413..=21423 | 21453..=21463
    )
}
