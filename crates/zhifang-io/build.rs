//! Keeps a bundled SQLite's symbols (PROJ brings one) out of GDAL's sight in test programs: two
//! that see each other crash.

fn main() {
    println!("cargo:rustc-link-arg-tests=-Wl,--exclude-libs,ALL");
    println!("cargo:rerun-if-changed=build.rs");
}
