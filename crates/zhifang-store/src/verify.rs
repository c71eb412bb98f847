//! Is the register as it was written?

use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::codec::operation_of;
use crate::raw::{RawBatch, RawVersion};
use crate::seal::{NO_SEAL, Sealer};

/// Faults that a report lists at most.
const MAX_FAULTS: usize = 100;

/// What is wrong with an entry of the change log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyFaultKind {
    /// The entry is not there.
    Missing,
    /// Its content is not what was written.
    Altered,
    /// It belongs to no commit, or commits do not join.
    Unsealed,
    /// The commit that begins here does not bear the seal that its entries give.
    BrokenSeal,
    /// It cannot be read as a record.
    Unreadable(String),
    /// The database itself says that it is damaged.
    Database(String),
}

impl fmt::Display for VerifyFaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the entry is missing"),
            Self::Altered => f.write_str("the entry is not what was written"),
            Self::Unsealed => f.write_str("the entry belongs to no commit"),
            Self::BrokenSeal => f.write_str("the commit that begins here has a false seal"),
            Self::Unreadable(reason) => write!(f, "the entry cannot be read: {reason}"),
            Self::Database(reason) => write!(f, "the database is damaged: {reason}"),
        }
    }
}

/// A fault found by verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyFault {
    /// Number of the change; 0 where the fault belongs to none.
    pub seq: u64,
    /// What is wrong.
    pub kind: VerifyFaultKind,
}

impl fmt::Display for VerifyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "change {}: {}", self.seq, self.kind)
    }
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// Number of the last change.
    pub head: u64,
    /// Entries read.
    pub versions: u64,
    /// Commits read.
    pub commits: u64,
    /// Seal of the last commit, hexadecimal. Written down elsewhere, it proves later that the
    /// log was not cut short: nothing inside a store can prove that.
    pub seal: String,
    /// The first faults in the order of the log, at most 100; the first names the first bad seq.
    pub faults: Vec<VerifyFault>,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Reads the log entry by entry.
#[derive(Debug)]
pub(crate) struct Verifier {
    batches: Vec<RawBatch>,
    /// Position of the commit being read.
    at: usize,
    sealer: Sealer,
    expected: u64,
    /// Whether an entry of the commit being read has a fault of its own.
    is_faulty: bool,
    report: VerifyReport,
}

impl Verifier {
    /// Over all commits, ascending.
    pub(crate) fn new(batches: Vec<RawBatch>) -> Self {
        let report = VerifyReport {
            head: batches.last().map_or(0, |batch| batch.last),
            commits: batches.len() as u64,
            seal: hex(batches.last().map_or(&NO_SEAL, |batch| &batch.seal)),
            ..VerifyReport::default()
        };
        Self {
            batches,
            at: 0,
            sealer: Sealer::new(&NO_SEAL),
            expected: 1,
            is_faulty: false,
            report,
        }
    }

    /// Notes a fault.
    pub(crate) fn fault(&mut self, seq: u64, kind: VerifyFaultKind) {
        self.is_faulty = true;
        if self.report.faults.len() < MAX_FAULTS {
            self.report.faults.push(VerifyFault { seq, kind });
        }
    }

    /// Reads the next entry, ascending.
    pub(crate) fn version(&mut self, row: &RawVersion) {
        self.report.versions += 1;
        while self
            .batches
            .get(self.at)
            .is_some_and(|batch| batch.last < row.seq)
        {
            self.close();
        }
        self.reach(row.seq);
        self.expected = row.seq + 1;
        let Some(batch) = self
            .batches
            .get(self.at)
            .filter(|batch| batch.first <= row.seq)
        else {
            self.fault(row.seq, VerifyFaultKind::Unsealed);
            return;
        };
        let digest = row.computed_digest(batch.first);
        let readable = row
            .record(batch.at, &Arc::clone(&batch.by))
            .and_then(|_| operation_of(row.operation));
        self.sealer.add(&digest);
        if digest.as_slice() != row.digest {
            self.fault(row.seq, VerifyFaultKind::Altered);
        }
        if let Err(fault) = readable {
            self.fault(row.seq, VerifyFaultKind::Unreadable(fault.0));
        }
    }

    /// Tells of entries that are missing before this one.
    fn reach(&mut self, seq: u64) {
        if self.expected < seq {
            self.fault(self.expected, VerifyFaultKind::Missing);
            self.expected = seq;
        }
    }

    /// Ends the commit being read and begins the next.
    fn close(&mut self) {
        let before = match self.at.checked_sub(1).and_then(|at| self.batches.get(at)) {
            Some(batch) => batch.last,
            None => 0,
        };
        let Some(last) = self.batches.get(self.at).map(|batch| batch.last) else {
            return;
        };
        self.reach(last + 1);
        let Some(batch) = self.batches.get(self.at) else {
            return;
        };
        // The next commit is read against this one's stored seal, so that one fault is told once.
        let sealer = std::mem::replace(&mut self.sealer, Sealer::new(&batch.seal));
        let seal = sealer.finish(batch.first, batch.last, batch.at, &batch.by);
        let (first, holds) = (batch.first, seal.as_slice() == batch.seal);
        self.at += 1;
        if first != before + 1 {
            self.fault(first, VerifyFaultKind::Unsealed);
        }
        // A fault of an entry breaks the seal too, and tells more.
        if !holds && !self.is_faulty {
            self.fault(first, VerifyFaultKind::BrokenSeal);
        }
        self.is_faulty = false;
    }

    /// The report, when all entries were read.
    pub(crate) fn finish(mut self) -> VerifyReport {
        while self.at < self.batches.len() {
            self.close();
        }
        self.report.faults.sort_by_key(|fault| fault.seq);
        self.report
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
