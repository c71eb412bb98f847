//! Prices, priors and confidence.

use zhifang_core::LonLat;

use crate::align::{Aligned, bits};
use crate::base::{COUNTY, PREFECTURE, PROVINCE, TOWNSHIP, VILLAGE};
use crate::candidate::MatchHow;

/// Price of a letter that nothing explains.
pub(crate) const LETTER_LEFT: f32 = 0.22;
/// Price of a Han character that nothing explains; streets and house numbers cost nothing.
pub(crate) const HAN_LEFT: f32 = 0.03;
/// Price of having ended.
pub(crate) const ENDED: f32 = 0.5;
/// Price of a name that the query leaves unfinished, where it is not being typed.
pub(crate) const UNFINISHED: f32 = 0.4;
/// The same for a township and what is above it.
pub(crate) const UNFINISHED_UNIT: f32 = 0.15;
/// Bonus for a name given whole, generic part included.
pub(crate) const WHOLE: f32 = 0.06;
/// Price of matching by a name that is not the official one.
pub(crate) const OTHER_NAME: f32 = 0.05;
/// Scores that differ by less are equal.
pub(crate) const EQUAL: f32 = 0.02;
/// Most that nearness can give.
const NEAR_MOST: f32 = 0.25;
/// Distance at which nearness has lost two thirds, in degrees of latitude (55 km).
const NEAR_SCALE_DEG: f64 = 0.5;

/// What a level is worth when all else is equal.
pub(crate) fn level_prior(level: u8, says_village: bool) -> f32 {
    match level {
        PROVINCE => 0.3,
        PREFECTURE => 0.22,
        COUNTY => 0.15,
        TOWNSHIP => 0.05,
        VILLAGE if says_village => -0.05,
        VILLAGE => -0.3,
        _ => -0.1,
    }
}

/// Bonus for inhabitants: 0.05 for ten millions.
pub(crate) fn population_bonus(population: u64) -> f32 {
    (population.max(1) as f32).log10() / 7.0 * 0.05
}

/// Bonus for lying near a point.
pub(crate) fn near_bonus(near: LonLat, place: LonLat) -> f32 {
    let east = (near.lon - place.lon) * near.lat.to_radians().cos();
    let north = near.lat - place.lat;
    NEAR_MOST * (-(east.hypot(north)) / NEAR_SCALE_DEG).exp() as f32
}

/// Whether an alignment may stand for a unit of this level. `has_context`: a unit above it is
/// named too, or the search is bounded to a small area.
pub(crate) fn is_acceptable(
    aligned: &Aligned,
    length: usize,
    level: u8,
    has_context: bool,
    completes: bool,
) -> bool {
    let has_tail = aligned.tail > 0.2;
    if length == 1 {
        let is_plain = aligned.means & !(bits::EXACT | bits::VARIANT) == 0;
        return is_plain || has_context && has_tail && aligned.means & bits::HOMOPHONE == 0;
    }
    // No unit lives on sound alone, unless it is all there.
    if aligned.means == bits::HOMOPHONE && (aligned.share < 0.75 || aligned.edits > 0) {
        return false;
    }
    if aligned.means & bits::HOMOPHONE != 0 && aligned.matched < 2 {
        return false;
    }
    let share = aligned.share;
    if aligned.is_prefix {
        let is_latin = aligned.means & (bits::EXACT | bits::VARIANT) == 0;
        return if completes {
            !is_latin
                || aligned.matched > 1
                || aligned.means & bits::SYLLABLE != 0
                || level <= TOWNSHIP
        } else {
            let least = if level >= VILLAGE { 0.6 } else { 0.4 };
            share >= least && aligned.matched >= 2
        };
    }
    let latin = bits::SYLLABLE | bits::FUZZY | bits::HALF;
    if aligned.edits > 0 && aligned.means & latin != 0 && (aligned.matched < 2 || length < 3) {
        return false;
    }
    // By initials alone every character must be there.
    if aligned.means & bits::INITIAL != 0 && aligned.edits > 0 {
        return false;
    }
    if aligned.means & bits::INITIAL != 0 {
        return aligned.matched as usize == length;
    }
    match level {
        0..=COUNTY => share >= 0.55 || share >= 0.5 && has_tail,
        TOWNSHIP if has_context => share >= 0.5 || share >= 0.3 && has_tail,
        TOWNSHIP => share >= 0.6,
        _ if has_context => share >= 0.7 || share >= 0.6 && has_tail,
        _ => share >= 0.75 || share >= 0.6 && length >= 3 && has_tail,
    }
}

/// The word for how an alignment stands for its name.
pub(crate) fn how(aligned: &Aligned, has_tails: bool) -> MatchHow {
    let latin = bits::SYLLABLE | bits::HALF | bits::INITIAL | bits::FUZZY;
    let han = bits::EXACT | bits::VARIANT | bits::HOMOPHONE;
    if aligned.edits > 0 {
        return MatchHow::Fuzzy;
    }
    if aligned.means & latin != 0 {
        return if aligned.means & han != 0 {
            MatchHow::Mixed
        } else if aligned.means & (bits::SYLLABLE | bits::FUZZY) == 0 {
            MatchHow::Initials
        } else {
            MatchHow::Pinyin
        };
    }
    if aligned.means & bits::HOMOPHONE != 0 {
        MatchHow::Homophone
    } else if aligned.is_prefix {
        MatchHow::Prefix
    } else if aligned.means & bits::VARIANT != 0 {
        MatchHow::Variant
    } else if has_tails && aligned.tail < 0.2 {
        MatchHow::Core
    } else {
        MatchHow::Exact
    }
}

/// What confidence is judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence {
    /// Score less that of the next answer, in characters.
    pub(crate) margin: f32,
    /// How many answers fit as well, this one included.
    pub(crate) equals: usize,
    /// Explained part of what a division can be asked to explain, 0 to 1.
    pub(crate) coverage: f32,
    /// Matched part of the answer's own core, 0 to 1.
    pub(crate) share: f32,
    /// Characters matched in the answer's name and those above it.
    pub(crate) matched: u8,
}

/// How probable it is that the answer is what was meant, 0 to 1.
pub(crate) fn confidence(evidence: Evidence) -> f64 {
    if evidence.equals > 1 {
        let shared = 0.9 / evidence.equals as f32;
        return f64::from(shared * evidence.coverage.powi(2) * evidence.share);
    }
    let by_margin = 1.0 - 0.5 * (-8.0 * evidence.margin.max(0.0)).exp();
    let by_length = match evidence.matched {
        0 | 1 => 0.6,
        2 => 0.95,
        _ => 1.0,
    };
    let all = by_margin * by_length * evidence.coverage.powf(1.5) * evidence.share.powf(0.25);
    f64::from(all.clamp(0.0, 0.99))
}
