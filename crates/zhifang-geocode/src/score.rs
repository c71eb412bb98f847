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
/// Price of a name that is left unfinished after words that nothing explains.
pub(crate) const STRAY: f32 = 1.5;
/// Bonus for a place name, of no unit, that the query is.
pub(crate) const NAMED_WHOLE: f32 = 0.2;
/// Price of a unit named before the one that it lies in, with nothing between the two.
pub(crate) const REVERSED: f32 = 0.4;
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
    // 村 alone is not 正村.
    if aligned.telling == 0 && usize::from(aligned.matched) < length {
        return false;
    }
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
    /// What the matched characters tell, less what it takes to tell one unit of its level from
    /// all others, in bits.
    pub(crate) surplus: f32,
    /// Slips forgiven.
    pub(crate) edits: u8,
    /// Some character has only its sound in common.
    pub(crate) has_homophone: bool,
    /// Some character is given by its initial only.
    pub(crate) has_initial: bool,
    /// Letters that nothing explains.
    pub(crate) letters_left: u32,
}

/// What a matched character tells, in bits: as written, by its sound, its syllable, the beginning
/// of that, its initial, some by syllable and some by initial. The Chinese characters of names
/// have some 400 common members, syllables 400 of which few are common, initials twenty.
const TELLS_EXACT: f32 = 8.5;
const TELLS_SOUND: f32 = 7.0;
const TELLS_SYLLABLE: f32 = 6.0;
const TELLS_HALF: f32 = 5.0;
const TELLS_MIXED: f32 = 4.5;
const TELLS_INITIAL: f32 = 3.3;
/// The same of a generic part; what a slip leaves open.
const TELLS_TAIL: f32 = 2.0;
const SLIP_BITS: f32 = 4.0;

/// What a name laid along the query tells, in bits.
pub(crate) fn tells(aligned: &Aligned) -> f32 {
    let has = |bit: u8| aligned.means & bit != 0;
    let spelled = has(bits::SYLLABLE | bits::FUZZY);
    let each = if has(bits::INITIAL) {
        if spelled { TELLS_MIXED } else { TELLS_INITIAL }
    } else if has(bits::HALF) {
        TELLS_HALF
    } else if spelled {
        TELLS_SYLLABLE
    } else if has(bits::HOMOPHONE) {
        TELLS_SOUND
    } else {
        TELLS_EXACT
    };
    let tail = if aligned.tail > 0.2 { TELLS_TAIL } else { 0.0 };
    each * f32::from(aligned.matched) + tail - SLIP_BITS * f32::from(aligned.edits)
}

/// What it takes to tell one unit of a level from all others among so many units, in bits: the
/// nation has some 31 provinces, 340 prefectures, 3,000 counties, 41,000 townships, 620,000
/// villages.
pub(crate) fn needed_bits(level: u8, units: usize) -> f32 {
    let of_level = match level {
        0 | PROVINCE => 5.0,
        PREFECTURE => 8.4,
        COUNTY => 11.6,
        TOWNSHIP => 15.4,
        _ => 19.3,
    };
    (units.max(1) as f32).log2().min(of_level)
}

/// Most that is said.
pub(crate) const SUREST: f32 = 0.99;

/// How probable it is that the answer is what was meant, 0 to 1. The terms are a logistic
/// regression on generated queries, foreign words and nonsense among them; answers that fit as
/// well share it.
pub(crate) fn confidence(evidence: Evidence) -> f64 {
    let term = |is_so: bool, worth: f32| if is_so { worth } else { 0.0 };
    let sum =
        2.96 + 0.26 * evidence.surplus.clamp(-10.0, 12.0) + 0.63 * evidence.margin.clamp(0.0, 1.0)
            - 9.25 * (1.0 - evidence.coverage)
            - 1.62 * f32::from(evidence.edits)
            - 0.59 * evidence.letters_left as f32
            - term(evidence.has_homophone, 2.19)
            - term(evidence.has_initial, 1.43);
    let all = 1.0 / (1.0 + (-sum).exp());
    // A runner-up that is hardly worse may be meant: 府洲 the seat, and 府洲 the village.
    let by_margin = 1.0 - 0.42 * (-7.0 * evidence.margin.max(0.0)).exp();
    f64::from(all.min(SUREST).min(by_margin) / evidence.equals.max(1) as f32)
}
