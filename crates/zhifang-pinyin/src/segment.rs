//! Cutting a run of Latin letters into syllables, half syllables and initials.

use std::ops::Range;

use crate::syllable::Syllable;

/// How much of a syllable the letters give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PieceKind {
    /// The whole syllable: `xian`.
    Full,
    /// Its beginning, two letters or more: `xia` of `xian`.
    Half,
    /// Its initial only: `x`, `zh`.
    Initial,
}

/// One way to read some letters of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// First letter, from 0.
    pub start: usize,
    /// Behind the last letter.
    pub end: usize,
    /// How much of a syllable it gives.
    pub kind: PieceKind,
    /// Ids ([`Syllable::id`]) of the syllables it can stand for.
    pub syllables: Range<u16>,
}

/// Every way to read every part of a run of lower-case letters (`v` for ü), ordered by start,
/// end and kind. A run of n letters has at most 13 n pieces.
///
/// ```
/// use zhifang_pinyin::{PieceKind, pieces};
/// let all = pieces("xian");
/// assert!(all.iter().any(|piece| (piece.start, piece.end) == (0, 4) && piece.kind == PieceKind::Full));
/// assert!(all.iter().any(|piece| (piece.start, piece.end) == (2, 4) && piece.kind == PieceKind::Full));
/// ```
pub fn pieces(run: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    for start in 0..run.len() {
        for end in start + 1..=run.len().min(start + Syllable::MAX_LETTERS) {
            let Some(letters) = run.get(start..end) else {
                continue;
            };
            let syllables = Syllable::starting_with(letters);
            if syllables.is_empty() {
                break;
            }
            if let Ok(full) = letters.parse::<Syllable>() {
                let only = full.id()..full.id() + 1;
                found.push(Piece {
                    start,
                    end,
                    kind: PieceKind::Full,
                    syllables: only,
                });
            }
            if letters.len() == 1 || matches!(letters, "zh" | "ch" | "sh") {
                found.push(Piece {
                    start,
                    end,
                    kind: PieceKind::Initial,
                    syllables,
                });
            } else {
                found.push(Piece {
                    start,
                    end,
                    kind: PieceKind::Half,
                    syllables,
                });
            }
        }
    }
    found
}

/// The run as whole syllables, the fewest there can be and the earlier ones as long as can be
/// (`xian` → xian, `xi'an` must be given as two runs); `None` if letters are left over.
pub fn best_split(run: &str) -> Option<Vec<Syllable>> {
    // best[i] = fewest syllables from i to the end, and the first one's length.
    let mut best: Vec<Option<(usize, usize)>> = vec![None; run.len() + 1];
    *best.last_mut()? = Some((0, 0));
    for start in (0..run.len()).rev() {
        let longest = Syllable::MAX_LETTERS.min(run.len() - start);
        for length in (1..=longest).rev() {
            let is_syllable = run
                .get(start..start + length)
                .is_some_and(|part| part.parse::<Syllable>().is_ok());
            let Some(&Some((rest, _))) = best.get(start + length).filter(|_| is_syllable) else {
                continue;
            };
            if best[start].is_none_or(|(known, _)| rest + 1 < known) {
                best[start] = Some((rest + 1, length));
            }
        }
    }
    let (mut at, mut split) = (0, Vec::new());
    while at < run.len() {
        let (_, length) = (*best.get(at)?)?;
        split.push(run.get(at..at + length)?.parse().ok()?);
        at += length;
    }
    Some(split)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{PieceKind, best_split, pieces};

    fn split(run: &str) -> String {
        let split = best_split(run).unwrap_or_default();
        split
            .iter()
            .map(|one| one.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn runs_split_into_the_fewest_syllables() {
        assert_eq!(split("laohekou"), "lao he kou");
        assert_eq!(split("xianrendu"), "xian ren du");
        assert_eq!(split("lvliang"), "lv liang");
        assert_eq!(split("zhuangxiang"), "zhuang xiang");
        assert_eq!(split("lhk"), "");
        assert_eq!(split(""), "");
    }

    #[test]
    fn two_letter_initials_are_initials() {
        let all = pieces("zhk");
        let initial = |start, end| {
            all.iter().any(|piece| {
                (piece.start, piece.end, piece.kind) == (start, end, PieceKind::Initial)
            })
        };
        assert!(initial(0, 1) && initial(0, 2) && initial(1, 2) && initial(2, 3));
    }

    proptest! {
        #[test]
        fn a_split_spells_the_run(run in "[a-z]{0,30}") {
            if let Some(split) = best_split(&run) {
                let joined: String = split.iter().map(|one| one.as_str()).collect();
                prop_assert_eq!(joined, run);
            }
        }

        #[test]
        fn pieces_stay_within_bounds(run in "\\PC{0,30}") {
            let all = pieces(&run);
            prop_assert!(all.len() <= 13 * run.len());
            prop_assert!(all.iter().all(|piece| piece.start < piece.end && piece.end <= run.len()));
        }
    }
}
