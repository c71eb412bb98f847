//! The published lists of codes, in time: which list covers which level.

use zhifang_core::{Day, DivisionLevel};

/// A month, as history files write it: YYYYMM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Month(u32);

impl Month {
    /// The month that the six digits name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let number: u32 = text.parse().ok()?;
        let is_month = text.len() == 6 && (1..=12).contains(&(number % 100)) && number > 100_000;
        is_month.then_some(Self(number))
    }

    /// Its first day.
    pub(crate) fn first_day(self) -> Option<Day> {
        Day::from_ymd(i32::try_from(self.0 / 100).ok()?, self.0 % 100, 1)
    }
}

/// First list of the national series; what stands in it is as old or older.
const OLDEST: Month = Month(200_212);

/// Lists of the national series that cover every level to the county (GB/T 2260, 2002 to 2016).
const NATIONAL: [u32; 19] = [
    200_212, 200_306, 200_312, 200_403, 200_409, 200_412, 200_506, 200_512, 200_612, 200_712,
    200_812, 200_912, 201_010, 201_110, 201_210, 201_308, 201_410, 201_509, 201_607,
];
/// Later lists of the national series that cover counties only.
const COUNTIES: [u32; 2] = [201_910, 202_306];
/// Lists that cover townships; the last is the current table of statistics codes.
const TOWNSHIPS: [u32; 4] = [201_509, 201_607, 201_910, 202_306];

/// Lists in ascending order, and up to which of them a level is covered.
#[derive(Debug)]
pub(crate) struct Series {
    own: Option<Own>,
}

/// A series that is not the national one: every list is taken to cover every level up to the
/// last list in which the level has a row.
#[derive(Debug)]
struct Own {
    lists: Vec<Month>,
    newest: Vec<(DivisionLevel, Month)>,
}

impl Series {
    /// The series that rows of `(level, first, last)` are drawn from: the national one if all
    /// their months are its lists, else their own.
    pub(crate) fn of(rows: impl Iterator<Item = (DivisionLevel, Month, Month)> + Clone) -> Self {
        let is_national = rows
            .clone()
            .all(|(_, first, last)| is_national(first) && is_national(last));
        if is_national {
            return Self { own: None };
        }
        let mut lists = Vec::new();
        let mut newest: Vec<(DivisionLevel, Month)> = Vec::new();
        for (level, first, last) in rows {
            lists.extend([first, last]);
            match newest.iter_mut().find(|(known, _)| *known == level) {
                Some((_, month)) => *month = last.max(*month),
                None => newest.push((level, last)),
            }
        }
        lists.sort_unstable();
        lists.dedup();
        Self {
            own: Some(Own { lists, newest }),
        }
    }

    /// Newest list that covers the level.
    pub(crate) fn newest(&self, level: DivisionLevel) -> Option<Month> {
        match &self.own {
            None => national(level).last(),
            Some(own) => own
                .newest
                .iter()
                .find(|(known, _)| *known == level)
                .map(|(_, month)| *month),
        }
    }

    /// The first list after this one that covers the level.
    pub(crate) fn next(&self, level: DivisionLevel, after: Month) -> Option<Month> {
        match &self.own {
            None => national(level).find(|list| *list > after),
            Some(own) => {
                let newest = self.newest(level)?;
                own.lists
                    .iter()
                    .copied()
                    .find(|list| *list > after && *list <= newest)
            }
        }
    }

    /// First day of what stands since this list: open where it is the oldest.
    pub(crate) fn since(first: Month) -> Option<Day> {
        if first == OLDEST {
            None
        } else {
            first.first_day()
        }
    }
}

fn is_national(month: Month) -> bool {
    NATIONAL.contains(&month.0) || COUNTIES.contains(&month.0)
}

fn national(level: DivisionLevel) -> Box<dyn Iterator<Item = Month>> {
    match level {
        DivisionLevel::Township | DivisionLevel::Village => {
            Box::new(TOWNSHIPS.into_iter().map(Month))
        }
        DivisionLevel::County => Box::new(NATIONAL.into_iter().chain(COUNTIES).map(Month)),
        _ => Box::new(NATIONAL.into_iter().map(Month)),
    }
}
