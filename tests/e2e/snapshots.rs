//! What the program says, word for word: whoever changes it sees the change before he commits it.
//!
//! The texts lie in `tests/snapshots`; `scripts/bless` renews them, and `scripts/test` fails over
//! one that no test looks at. What differs from run to run (versions, times, ports, folders) is
//! replaced by its name in brackets, and numbers stand with six decimals at most.

mod command;
mod http;
mod redact;
mod tile;

use zhifang_tests::{Desk, project_root};

pub(crate) use redact::redacted;

/// Compares a text with the snapshot of this name.
#[track_caller]
pub(crate) fn assert_same(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(project_root().join("tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// One register, many looks at it.
#[test]
fn the_county_reads_as_it_was_accepted() {
    let desk = Desk::laohekou();
    command::reads_as_accepted(&desk);
    let server = desk.serve(&[]);
    http::reads_as_accepted(&desk, &server);
    tile::reads_as_accepted(&server);
    assert_eq!(server.stop(), 0);
}

#[test]
fn the_help_of_every_command_reads_as_it_was_accepted() {
    command::help_reads_as_accepted();
}
