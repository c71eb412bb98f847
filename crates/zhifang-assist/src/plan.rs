//! A published plan's indicators with their stated values (规划指标).

use serde::Serialize;
use zhifang_core::DivisionCode;

use crate::error::AssistError;

/// An indicator as the plan states it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanIndicator {
    /// Number in the plan's table; `-` where it stands in the text only.
    pub no: String,
    /// Wording of the plan.
    pub name: String,
    /// Unit of measure.
    pub unit: String,
    /// Stated value of the base year.
    pub base: Option<f64>,
    /// Stated target.
    pub target: Option<f64>,
    /// 约束性, 预期性 or 正文.
    pub binding: String,
}

/// A plan: whose, and its indicators.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The unit whose plan it is; stated values count within it only.
    pub division: DivisionCode,
    /// Year of the stated base values, from the heading `base_YYYY`.
    pub base_year: Option<i32>,
    /// Year of the targets, from the heading `target_YYYY`.
    pub target_year: Option<i32>,
    /// Cremations a year that the plan states.
    pub cremations_per_year: Option<f64>,
    /// The indicators, in the plan's order.
    pub indicators: Vec<PlanIndicator>,
}

impl Plan {
    /// The shipped plan: Laohekou's 14th five-year civil-affairs plan (老河口市"十四五"民政事业发展规划).
    pub fn laohekou() -> Self {
        let text = include_str!("../../../data/laohekou/laohekou_plan_indicators.csv");
        let division = DivisionCode::from_u64(420_682).expect("six digits are a code");
        let plan = Self::parse(division, text).expect("a test reads the shipped table");
        Self {
            cremations_per_year: Some(3_156.0),
            ..plan
        }
    }

    /// The stated cremations with the unit that they are of.
    pub fn stated_cremations(&self) -> Option<(DivisionCode, f64)> {
        self.cremations_per_year
            .map(|number| (self.division, number))
    }

    /// Reads `no,indicator,unit,base_2020,target_2025,kind,…` with a heading line; cells may be
    /// quoted (RFC 4180).
    ///
    /// # Errors
    /// [`AssistError::Plan`] names the line that has too few cells or a figure that is none.
    pub fn parse(division: DivisionCode, text: &str) -> Result<Self, AssistError> {
        let mut indicators = Vec::new();
        let heading = cells_of(text.lines().next().unwrap_or_default());
        let year = |start: &str| {
            heading
                .iter()
                .find_map(|cell| cell.strip_prefix(start)?.parse().ok())
        };
        for (number, line) in text
            .trim_start_matches('\u{feff}')
            .lines()
            .enumerate()
            .skip(1)
        {
            if line.trim().is_empty() {
                continue;
            }
            let fault = |reason: String| AssistError::Plan {
                line: number + 1,
                reason,
            };
            let cells = cells_of(line);
            let [no, name, unit, base, target, binding, ..] = &cells[..] else {
                return Err(fault(format!(
                    "wanted 6 cells or more, found {}",
                    cells.len()
                )));
            };
            let figure = |cell: &str| -> Result<Option<f64>, AssistError> {
                if cell.is_empty() {
                    return Ok(None);
                }
                cell.parse()
                    .map(Some)
                    .map_err(|_| fault(format!("`{cell}` is no number")))
            };
            indicators.push(PlanIndicator {
                no: no.clone(),
                name: name.clone(),
                unit: unit.clone(),
                base: figure(base)?,
                target: figure(target)?,
                binding: binding.clone(),
            });
        }
        Ok(Self {
            division,
            base_year: year("base_"),
            target_year: year("target_"),
            cremations_per_year: None,
            indicators,
        })
    }
}

fn cells_of(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                if let Some(cell) = cells.last_mut() {
                    cell.push('"');
                }
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            _ => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(letter);
                }
            }
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_plan_reads_whole() {
        let plan = Plan::laohekou();
        assert_eq!(plan.indicators.len(), 13);
        assert_eq!((plan.base_year, plan.target_year), (Some(2020), Some(2025)));
        assert_eq!(
            (plan.indicators[0].base, plan.indicators[0].target),
            (Some(35.0), Some(40.0))
        );
        assert_eq!(plan.indicators[2].base, None);
    }

    #[test]
    fn a_bad_line_is_named() {
        let error = Plan::parse("420682".parse().unwrap(), "h\n1,a,b,x,2,c").unwrap_err();
        assert_eq!(error.to_string(), "plan line 2: `x` is no number");
        assert_eq!(cells_of("a,\"b, \"\"c\"\"\",d"), ["a", "b, \"c\"", "d"]);
    }
}
