//! Keeps the bundled SQLite's symbols to the program itself: GDAL's library brings its own SQLite,
//! and two that see each other crash.

fn main() {
    println!("cargo:rustc-link-arg-bins=-Wl,--exclude-libs,ALL");
    println!("cargo:rerun-if-changed=build.rs");
}
