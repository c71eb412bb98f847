//! The two clocks of the decree: filing within 15 days of approval, announcement within 15 days
//! of approval or of filing (art. 13, 14).

use serde::Serialize;
use zhifang_core::{Collection, Day, Status};
use zhifang_index::View;

use crate::application::Application;
use crate::form::is_application;
use crate::rules::{AuthorityKind, Rules};

/// What is due when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// Last day for filing; `None` before approval.
    pub file_by: Option<Day>,
    /// Last day for the announcement; `None` before its clock runs: where another department
    /// approved it begins with the filing.
    pub announce_by: Option<Day>,
    /// Whether the filing is overdue, or was made late.
    pub is_filing_late: bool,
    /// Whether the announcement is overdue, or was made late.
    pub is_announcement_late: bool,
    /// Whether something overdue is still to be done.
    pub is_overdue: bool,
}

/// The clocks of an application on a day.
pub fn clock(rules: &Rules, application: &Application, today: Day) -> Clock {
    let days = rules.clocks();
    let file_by = application
        .approved_on
        .map(|day| day.plus_days(days.file_days));
    let starts = match application.authority_kind {
        AuthorityKind::Government | AuthorityKind::Names => application.approved_on,
        AuthorityKind::Department => application.filed_on,
    };
    let announce_by = starts.map(|day| day.plus_days(days.announce_days));
    let late =
        |due: Option<Day>, done: Option<Day>| due.is_some_and(|due| done.unwrap_or(today) > due);
    let is_filing_late = late(file_by, application.filed_on);
    let is_announcement_late = late(announce_by, application.announced_on);
    Clock {
        file_by,
        announce_by,
        is_filing_late,
        is_announcement_late,
        is_overdue: (is_filing_late && application.filed_on.is_none())
            || (is_announcement_late && application.announced_on.is_none()),
    }
}

/// Every application that the view shows, with its clocks: open ones first, then by identifier.
pub fn applications(view: View<'_>, rules: &Rules, today: Day) -> Vec<(Application, Clock)> {
    let mut found: Vec<(Application, Clock)> = view
        .records(Collection::Names)
        .filter(|record| record.status == Status::Draft && is_application(record))
        .filter_map(Application::from_record)
        .map(|application| {
            let due = clock(rules, &application, today);
            (application, due)
        })
        .collect();
    found.sort_by(|(a, _), (b, _)| (!a.state.is_open(), &a.id).cmp(&(!b.state.is_open(), &b.id)));
    found
}
