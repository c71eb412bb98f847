//! `boundaries adopt`: given polygons become shared lines.
