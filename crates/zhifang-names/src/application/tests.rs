//! The workflow's table, the clocks, and what comes of an application.

use serde_json::{Value, json};
use zhifang_core::{Collection, Day, Record, Status};

use super::{Application, ApplicationForm, STEPS, State, Step, StepName};
use crate::clock::clock;
use crate::error::Error;
use crate::publication::{ANNOUNCEMENT_FACTS, publication};
use crate::rules::Rules;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn form(more: &Value) -> ApplicationForm {
    let mut form = json!({
        "name": "和平路", "category": 5, "division": "420682001", "pinyin": "Hépíng Lù",
        "plan": "新建道路命名", "reasons": "新建", "position": "东起友谊路，西至汉江路",
        "scale": "长 800 米、宽 20 米", "nature": "城市次干路", "lon": 111.67, "lat": 32.38,
    });
    for (name, value) in more.as_object().unwrap() {
        form[name] = value.clone();
    }
    ApplicationForm::from_json(form).unwrap()
}

fn applied(more: &Value, target: Option<&Record>) -> Result<Application, Error> {
    form(more).into_application(
        Rules::shipped(),
        target,
        "app@1".to_owned(),
        "zhang",
        day("2026-03-01"),
    )
}

fn step(name: StepName) -> Step {
    let mut step = Step::new(name);
    step.note = Some("已核".to_owned());
    step.document = Some("河政函〔2026〕1号".to_owned());
    step
}

fn through(application: Application, names: &[StepName]) -> Application {
    names.iter().fold(application, |application, name| {
        application
            .after(&step(*name), "wang", false, day("2026-03-10"), None)
            .unwrap()
    })
}

#[test]
fn the_record_keeps_the_application() {
    let application = applied(&json!({}), None).unwrap();
    let record = application.to_record();
    assert_eq!(record.status, Status::Draft);
    assert_eq!(record.fields.text("name_status"), Some("applied"));
    assert!(zhifang_core::public_view(&record, 0.001).is_none());
    assert_eq!(Application::from_record(&record), Some(application));
}

#[test]
fn every_step_begins_only_where_the_table_says() {
    let start = applied(&json!({}), None).unwrap();
    for state in State::ALL {
        for card in &STEPS {
            let mut application = start.clone();
            application.state = state;
            let done = application.after(&step(card.step), "wang", false, day("2026-03-10"), None);
            assert_eq!(
                done.is_ok(),
                card.from.contains(&state),
                "{} from {}",
                card.word,
                state.as_str()
            );
            if let Ok(done) = done {
                assert_eq!(done.state, card.to.unwrap_or(state));
                assert_eq!(done.log.len(), 2);
            }
        }
    }
}

#[test]
fn who_applied_neither_reviews_nor_approves_nor_publishes() {
    let application = applied(&json!({}), None).unwrap();
    let own = application.after(
        &step(StepName::Accept),
        "zhang",
        false,
        day("2026-03-02"),
        None,
    );
    assert!(matches!(own, Err(Error::SamePerson { .. })));
    let ready = through(application, &[StepName::Accept]);
    let own = ready.after(
        &step(StepName::Approve),
        "zhang",
        false,
        day("2026-03-02"),
        None,
    );
    assert!(matches!(own, Err(Error::SamePerson { .. })));
    // The command line has all rights.
    assert!(
        ready
            .after(
                &step(StepName::Approve),
                "zhang",
                true,
                day("2026-03-02"),
                None
            )
            .is_ok()
    );
}

#[test]
fn a_dossier_must_be_whole_for_its_category() {
    let missing = applied(&json!({"reasons": " ", "scale": null}), None).unwrap_err();
    assert_eq!(
        missing,
        Error::Dossier {
            fields: vec!["reasons".to_owned(), "scale".to_owned()]
        }
    );
    let town = applied(&json!({"name": "和平镇", "category": "division"}), None).unwrap_err();
    assert!(town.to_string().contains("expert_review"), "{town}");
    let odd = ApplicationForm::from_json(json!({"name": "x", "colour": 1})).unwrap_err();
    assert!(odd.to_string().contains("colour"), "{odd}");
}

#[test]
fn the_announcement_holds_six_facts_and_starts_a_public_entry() {
    let approved = through(
        applied(&json!({}), None).unwrap(),
        &[StepName::Accept, StepName::Approve, StepName::Publish],
    );
    let entry = publication(&approved, None).unwrap();
    assert_eq!((entry.status, &*entry.id), (Status::Published, "n-1"));
    let announcement = entry.fields.get("announcement").unwrap();
    for fact in ANNOUNCEMENT_FACTS {
        assert!(announcement[fact].is_string(), "{fact}");
    }
    assert_eq!(entry.fields.get("extra"), None, "the dossier stays inside");
    assert_eq!(entry.fields.text("published_on"), Some("2026-03-10"));
}

#[test]
fn a_renaming_keeps_the_old_name_with_its_years() {
    let mut old = Record::new(Collection::Names, "n-7", "友谊路");
    old.division = Some("420682001".parse().unwrap());
    old.fields.set("category", 5.into());
    old.valid.from = Some(day("1980-01-01"));
    let more = json!({"kind": "renaming", "target": "n-7"});
    let application = through(
        applied(&more, Some(&old)).unwrap(),
        &[StepName::Accept, StepName::Approve, StepName::Publish],
    );
    let entry = publication(&application, Some(&old)).unwrap();
    assert_eq!((&*entry.name, &*entry.id), ("和平路", "n-7"));
    assert_eq!(
        entry.fields.get("aliases"),
        Some(
            &json!([{"name": "友谊路", "kind": "former", "from": "1980-01-01", "to": "2026-03-10"}])
        )
    );
    let unit = Record::new(Collection::Divisions, "420682102", "李楼镇");
    let mut application = application;
    application.name = "和平镇".to_owned();
    let changed = publication(&application, Some(&unit)).unwrap();
    assert_eq!(
        changed.fields.get("former_names"),
        Some(&json!([{"name": "李楼镇", "to": "2026-03-10"}]))
    );
    let same = applied(
        &json!({"kind": "renaming", "target": "n-7", "name": "友谊路"}),
        Some(&old),
    );
    assert!(same.is_err());
}

#[test]
fn clocks_run_from_approval_or_from_filing() {
    let rules = Rules::shipped();
    let street = through(
        applied(&json!({}), None).unwrap(),
        &[StepName::Accept, StepName::Approve],
    );
    for (today, overdue) in [("2026-03-25", false), ("2026-03-26", true)] {
        let due = clock(rules, &street, day(today));
        assert_eq!(due.file_by, Some(day("2026-03-25")));
        assert_eq!(due.announce_by, Some(day("2026-03-25")));
        assert_eq!(due.is_overdue, overdue, "{today}");
    }
    // Another department approved: the announcement's clock starts with the filing.
    let more = json!({"name": "和平小区", "category": 6});
    let estate = through(
        applied(&more, None).unwrap(),
        &[StepName::Accept, StepName::Approve],
    );
    assert_eq!(clock(rules, &estate, day("2026-03-20")).announce_by, None);
    let mut filing = step(StepName::File);
    filing.on = Some(day("2026-03-20"));
    let filed = estate
        .after(&filing, "zhang", false, day("2026-03-21"), None)
        .unwrap();
    let due = clock(rules, &filed, day("2026-04-04"));
    assert_eq!(due.announce_by, Some(day("2026-04-04")));
    assert!(!due.is_overdue && clock(rules, &filed, day("2026-04-05")).is_overdue);
}
