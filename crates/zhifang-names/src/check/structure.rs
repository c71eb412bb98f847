//! Rules on the parts of a name: specific and generic, length, size, spelling, heritage.

use super::Desk;
use crate::category::Category;
use crate::rules::Measures;
use crate::spelling::{Difference, compare};
use crate::text::{Text, text};
use crate::verdict::Severity;

/// One measure of several.
type Pick = fn(&Measures) -> Option<f64>;

/// Generic terms named in a proposal.
const TERMS_NAMED: usize = 6;

impl Desk<'_, '_> {
    pub(super) fn structure(&mut self) {
        self.generic_term();
        self.generic_twice();
        self.length();
        self.size();
    }

    fn generic_term(&mut self) {
        if self.generic.is_some() {
            return;
        }
        let category = self.question.category;
        let title = self.rules.category(category);
        let (zh, en) = (&title.zh, &title.en);
        // The shortest terms are the usual ones.
        let mut terms: Vec<&str> = self
            .rules
            .generics
            .of(category)
            .map(|generic| generic.term.as_str())
            .collect();
        terms.reverse();
        terms.sort_by_key(|term| term.chars().count());
        terms.truncate(TERMS_NAMED);
        let terms = terms.join("、");
        let proposal = text!(
            "加上或换用通名，如 {terms}",
            "add or take a generic term, e.g. {terms}"
        );
        let name = self.name.clone();
        let is_bare = self.rules.generics.of(category).any(|one| one.term == name);
        let message = match self.rules.generics.ending(&name, None) {
            _ if is_bare => text!(
                "“{name}”只有通名，没有专名",
                "{name} is a generic term alone, without a specific part"
            ),
            Some(other) => {
                let term = &other.term;
                text!(
                    "通名“{term}”与类别“{zh}”不符",
                    "the generic term {term} does not fit the category ({en})"
                )
            }
            None => text!(
                "“{name}”没有{zh}的通名",
                "{name} has no generic term of its category ({en})"
            ),
        };
        self.find("NAM-09", &name, message, proposal);
    }

    fn generic_twice(&mut self) {
        let Some(generic) = self.generic else { return };
        // 李庄村, 王营寨: terms of settlements became specific long ago.
        let category = self.question.category;
        if category == Category::VILLAGE && generic.kind != "committee" {
            return;
        }
        let twice = self
            .rules
            .generics
            .ending_of_kind(&self.specific, category, &generic.kind);
        if let Some(first) = twice {
            let (first, second) = (first.term.clone(), generic.term.clone());
            let stem = self
                .specific
                .strip_suffix(first.as_str())
                .unwrap_or(&self.specific);
            let message = text!(
                "通名“{first}”与“{second}”叠用",
                "two generic terms in a row: {first} and {second}"
            );
            let proposal = text!(
                "只留一个通名：{stem}{first} 或 {stem}{second}",
                "keep one: {stem}{first} or {stem}{second}"
            );
            self.find("NAM-11", &format!("{first}{second}"), message, proposal);
        }
    }

    fn length(&mut self) {
        let limits = self.rules.limits();
        let category = self.question.category;
        // 王营, 李岗: with settlements the generic term is part of what is said.
        if category == Category::VILLAGE
            && self
                .generic
                .is_none_or(|generic| generic.kind != "committee")
        {
            return;
        }
        let count = self.specific.chars().count();
        // Autonomous units carry the names of their peoples.
        let names_peoples = category == Category::DIVISION && self.specific.contains('族');
        let least = self
            .rules
            .category(category)
            .specific_min
            .unwrap_or(limits.specific_min);
        let is_fit = (least..=limits.specific_max).contains(&count);
        if is_fit || names_peoples || self.generic.is_none() {
            return;
        }
        let most = limits.specific_max;
        let specific = self.specific.clone();
        let message = text!(
            "专名“{specific}”有 {count} 字，宜为 {least} 至 {most} 字",
            "the specific part {specific} has {count} characters; {least} to {most} are wanted"
        );
        let proposal = if count < least {
            Text::new("补足专名", "lengthen the specific part")
        } else {
            Text::new("精简专名", "shorten the specific part")
        };
        self.find("NAM-12", &specific, message, proposal);
    }

    fn size(&mut self) {
        let Some(generic) = self.generic else { return };
        let given = self.question.measures;
        let term = generic.term.clone();
        let (least, most) = (generic.least, generic.most);
        let dimensions: [(&str, &str, &str, Pick); 4] = [
            ("长度", "length", "m", |m| m.length_m),
            ("宽度", "width", "m", |m| m.width_m),
            ("面积", "area", "m²", |m| m.area_m2),
            ("层数", "storeys", "", |m| m.storeys),
        ];
        let mut unknown = Vec::new();
        for (zh, en, unit, pick) in dimensions {
            let (low, high) = (pick(&least), pick(&most));
            if low.is_none() && high.is_none() {
                continue;
            }
            let Some(value) = pick(&given) else {
                unknown.push((zh, en));
                continue;
            };
            let fault = match (low, high) {
                (Some(low), _) if value < low => Some((low, "小于", "below")),
                (_, Some(high)) if value > high => Some((high, "大于", "above")),
                _ => None,
            };
            if let Some((limit, than, than_en)) = fault {
                let message = text!(
                    "{zh} {value} {unit} {than}通名“{term}”要求的 {limit} {unit}",
                    "{en} {value} {unit} is {than_en} the {limit} {unit} that goes with {term}"
                );
                let proposal = self.fitting_terms(&given);
                self.find("NAM-10", &term, message, proposal);
            }
        }
        if !unknown.is_empty() {
            let zh: Vec<&str> = unknown.iter().map(|(zh, _)| *zh).collect();
            let en: Vec<&str> = unknown.iter().map(|(_, en)| *en).collect();
            let (zh, en) = (zh.join("、"), en.join(", "));
            self.notes.push(text!(
                "未给出{zh}，未核对通名“{term}”与规模是否相符",
                "{en} not given: whether {term} fits the scale was not looked at"
            ));
        }
    }

    /// Other terms of the category that go with the size.
    fn fitting_terms(&self, given: &Measures) -> Text {
        let fits = |value: Option<f64>, low: Option<f64>, high: Option<f64>| {
            value.is_none_or(|value| {
                low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high)
            })
        };
        let terms: Vec<&str> = self
            .rules
            .generics
            .of(self.question.category)
            .filter(|one| {
                let (least, most) = (&one.least, &one.most);
                fits(given.length_m, least.length_m, most.length_m)
                    && fits(given.width_m, least.width_m, most.width_m)
                    && fits(given.area_m2, least.area_m2, most.area_m2)
                    && fits(given.storeys, least.storeys, most.storeys)
            })
            .map(|one| one.term.as_str())
            .take(TERMS_NAMED)
            .collect();
        let terms = terms.join("、");
        text!(
            "换用与规模相符的通名，如 {terms}",
            "take a generic term that fits, e.g. {terms}"
        )
    }

    pub(super) fn spelling(&mut self, rule: &str) {
        let Some(given) = self
            .question
            .pinyin
            .as_deref()
            .map(str::trim)
            .filter(|given| !given.is_empty())
            .map(|given| given.chars().take(200).collect::<String>())
        else {
            return;
        };
        let proposal = text!("拼写为 {rule}", "spell it {rule}");
        let name = self.name.clone();
        let message = match compare(&name, &given, rule) {
            Difference::None => return,
            Difference::Local => {
                let message = text!(
                    "拼写 {given} 用了多音字的另一读音（规则读音 {rule}）；请核对当地读音",
                    "the spelling {given} takes another reading than {rule}; check how it is read locally"
                );
                let weight = Some(Severity::Info);
                self.find_weighing("NAM-07", weight, &given, message, proposal, Vec::new());
                return;
            }
            Difference::Writing => text!(
                "拼写 {given} 的分写、大小写、隔音或声调不合规则（应为 {rule}）",
                "the spelling {given} breaks the rule on spaces, capitals, apostrophes or tones (by rule {rule})"
            ),
            Difference::Reading => text!(
                "拼写 {given} 与规则读音 {rule} 不符；多音字请核对读音",
                "the spelling {given} differs in sound from {rule}; check characters with several readings"
            ),
        };
        self.find("NAM-07", &given, message, proposal);
    }

    pub(super) fn heritage(&mut self) {
        let Some(own) = self.own else { return };
        let stays = *own.name == *self.name && !self.question.is_end;
        if stays || own.fields.get("heritage").is_none() {
            return;
        }
        let old = own.name.to_string();
        let protection = self
            .question
            .protection
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let evidence = vec![self.evidence_of(own, crate::verdict::Likeness::SameCharacters, None)];
        match protection {
            Some(_) => self.find_weighing(
                "NAM-17",
                Some(Severity::Info),
                &old,
                text!(
                    "“{old}”已列入地名文化遗产，保护措施已拟定",
                    "{old} is a listed heritage name; protective measures have been prepared"
                ),
                Text::default(),
                evidence,
            ),
            None => self.find_weighing(
                "NAM-17",
                None,
                &old,
                text!(
                    "“{old}”已列入地名文化遗产，不得更名",
                    "{old} is a listed heritage name and locked"
                ),
                Text::new(
                    "保留原名；确需更名的，先制定保护措施（protection）",
                    "keep the name, or prepare protective measures first (protection)",
                ),
                evidence,
            ),
        }
    }
}
