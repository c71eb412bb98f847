use super::*;

fn names(bench: &Bench, id: &str) -> Vec<(String, Option<String>, Option<String>)> {
    bench
        .record(id)
        .fields
        .objects("former_names")
        .map(|entry| {
            let text = |key: &str| entry.get(key).and_then(|v| v.as_str()).map(str::to_owned);
            (text("name").unwrap(), text("from"), text("to"))
        })
        .collect()
}

fn history(bench: &mut Bench, rows: &str) -> ImportReport {
    bench.csv(&format!("code,level,name,first_seen,last_seen\n{rows}"))
}

#[test]
fn a_name_changed_without_a_gap_is_a_former_name() {
    let mut bench = Bench::new(Collection::Divisions);
    bench.csv("code,level,name\n420606,county,樊城区\n420607,county,襄州区\n");
    let rows = "420607,county,襄阳区,200212,200912\n420607,county,襄州区,201010,202306\n";
    let report = history(&mut bench, rows);
    assert_eq!((report.read, report.changed, report.unchanged), (2, 1, 1));
    assert_eq!(
        names(&bench, "420607"),
        [("襄阳区".to_owned(), None, Some("2010-10-01".to_owned()))]
    );
    assert_eq!(
        bench.record("420607").valid,
        zhifang_core::Validity::default()
    );
    let again = history(&mut bench, rows);
    assert_eq!((again.changed, again.unchanged), (0, 2));
}

#[test]
fn another_name_after_a_gap_is_an_earlier_life_and_the_same_name_is_one() {
    let mut bench = Bench::new(Collection::Divisions);
    bench.csv("code,level,name\n460321,county,西沙群岛\n130107,county,新区\n");
    let report = history(
        &mut bench,
        "460321,county,西沙群岛,201210,201308\n460321,county,西沙群岛,201509,201509\n\
         460321,county,西沙群岛,201910,202306\n\
         130107,county,老区,200212,200512\n130107,county,新区,201010,202306\n",
    );
    assert_eq!((report.read, report.rejected), (5, 0));
    assert_eq!(report.accepted, 1);
    let day = |text: &str| Some(text.parse::<Day>().unwrap());
    assert_eq!(bench.record("460321").valid.from, day("2012-10-01"));
    assert!(names(&bench, "460321").is_empty());
    let earlier = bench.record("130107@2002-12-01");
    assert_eq!(
        (earlier.valid.from, earlier.valid.to),
        (None, day("2006-12-01"))
    );
    assert_eq!(earlier.status, Status::Retired);
    assert_eq!(&*earlier.name, "老区");
    assert_eq!(bench.record("130107").valid.from, day("2010-10-01"));
}

#[test]
fn a_code_gone_from_list_and_table_has_ended() {
    let mut bench = Bench::new(Collection::Divisions);
    bench.csv("code,level,name\n110118,county,密云区\n110101,county,东城区\n");
    let report = history(
        &mut bench,
        "110228,county,密云县,200212,201509\n110118,county,密云区,201607,202306\n\
         110103,county,崇文区,200212,200912\n110101,county,东城区,200212,202306\n",
    );
    assert_eq!((report.accepted, report.retired), (2, 2));
    let ended = bench.record("110228");
    assert_eq!(ended.status, Status::Retired);
    assert_eq!(ended.valid.to, Day::from_ymd(2016, 7, 1));
    assert_eq!(
        ended.fields.texts("replaced_by").collect::<Vec<_>>(),
        ["110118"]
    );
    let merged = bench
        .record("110103")
        .fields
        .texts("replaced_by")
        .collect::<Vec<_>>();
    assert_eq!(merged, ["110101"]);
    assert_eq!(bench.record("110118").valid.from, Day::from_ymd(2016, 7, 1));
}

/// Provinces and prefectures end with the list of 2016-07 without having ended.
#[test]
fn levels_that_later_lists_do_not_cover_have_not_ended() {
    let mut bench = Bench::new(Collection::Divisions);
    let report = history(
        &mut bench,
        "420000,province,湖北省,200212,201607\n420600,prefecture,襄樊市,200212,200912\n\
         420600,prefecture,襄阳市,201010,201607\n420682,county,老河口市,200212,202306\n",
    );
    assert_eq!((report.accepted, report.retired), (3, 0));
    assert_eq!(bench.record("420000").status, Status::Published);
    assert_eq!(&*bench.record("420600").name, "襄阳市");
}

#[test]
fn the_shipped_histories_are_taken_whole() {
    let options = {
        let mut options =
            ImportOptions::new(Collection::Divisions, Day::from_ymd(2026, 5, 1).unwrap());
        options.lang = Lang::En;
        options
    };
    let empty = Records::new(Collection::Divisions, []);
    let table = plan_import(
        &[nation("china_divisions.csv.gz")],
        &options,
        &empty,
        &mut |_| {},
    );
    let table: Vec<Record> = table
        .unwrap()
        .writes
        .into_iter()
        .map(|p| p.record)
        .collect();
    let count = table.len();
    let mut register = Records::new(Collection::Divisions, table);
    let files = [
        nation("china_division_history.csv.gz"),
        nation("china_township_history.csv.gz"),
    ];
    let plan = plan_import(&files, &options, &register, &mut |_| {}).unwrap();
    let report = &plan.report;
    println!(
        "{count} units; history: read {} new {} unchanged {} changed {} retired {}",
        report.read, report.accepted, report.unchanged, report.changed, report.retired
    );
    assert_eq!(report.rejected, 0, "{:?}", report.rejections.first());
    assert_eq!(report.read, 4261 + 12_052);
    let heirs = plan
        .writes
        .iter()
        .filter(|p| p.record.fields.get("replaced_by").is_some())
        .count();
    println!("{heirs} with replaced_by");
    assert!(heirs > 100);
    for planned in plan.writes {
        register.insert(planned.record);
    }
    let again = plan_import(&files, &options, &register, &mut |_| {}).unwrap();
    assert_eq!(
        (
            again.report.accepted,
            again.report.changed,
            again.writes.len()
        ),
        (0, 0, 0),
        "{:?}",
        again.writes.first()
    );
}
