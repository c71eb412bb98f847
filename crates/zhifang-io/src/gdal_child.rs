//! The entry point of the process in which GDAL runs: `zhifang __gdal …`.
//!
//! GDAL reads files from strangers. It does so in a process of its own, with bounded memory and
//! time, an empty environment, and only the driver of the declared format; what goes wrong there
//! costs one import.

use std::io::{Read, Write};

/// First argument by which the program knows that it is the child.
pub const ARGUMENT: &str = "__gdal";

/// Runs the child: `args` are those after [`ARGUMENT`]. Returns the exit status.
pub fn main(
    args: &[String],
    input: &mut dyn Read,
    output: &mut dyn Write,
    errors: &mut dyn Write,
) -> i32 {
    crate::gdal_room::child::main(args, input, output, errors)
}
