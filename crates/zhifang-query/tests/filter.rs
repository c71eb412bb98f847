//! What filters mean, how they are refused, and that their two notations are one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use geo::{Geometry, wkt};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use zhifang_core::{Collection, Record};
use zhifang_query::{Error, Filter, Place, Properties, functions};

#[derive(Debug)]
struct Thing(Value, Option<Geometry>);

impl Properties for Thing {
    fn property(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.0.get(name).map(Cow::Borrowed)
    }
    fn geometry(&self, name: &str) -> Option<Cow<'_, Geometry>> {
        (name == "geometry")
            .then_some(self.1.as_ref())
            .flatten()
            .map(Cow::Borrowed)
    }
}

fn laohekou() -> Thing {
    let square: geo::Polygon =
        wkt!(POLYGON((111.5 32.2, 112.0 32.2, 112.0 32.6, 111.5 32.6, 111.5 32.2)));
    Thing(
        json!({
            "name": "老河口市", "pinyin": "Lǎohékǒu Shì", "level": "county", "division": "420682",
            "population": 521_800, "rate": 0.5, "accessible": true, "beds": null,
            "valid_from": "1979-11-16", "updated_at": "2026-05-01T08:00:00+08:00",
            "sides": ["420625", "420682"], "and": 1
        }),
        Some(square.into()),
    )
}

#[rstest]
#[case::comparison("population > 500000 AND level = 'county'", true)]
#[case::precedence("level = 'x' OR population = 521800 AND NOT rate <> 0.5", true)]
#[case::parentheses("(level = 'x' OR population = 521800) AND rate < 0.5", false)]
#[case::arithmetic(
    "population * 2 + 1 = 1043601 AND 7 DIV 2 = 3 AND 7 % 4 = 3 AND 2 ^ 3 = 8",
    true
)]
#[case::sums_run_left_to_right("10 - 2 - 3 = 5", true)]
#[case::nothing_by_zero("population / 0 > 1 OR NOT population / 0 > 1", false)]
#[case::negative("population > -5 AND -5 < population", true)]
#[case::between("population BETWEEN 1 AND 600000 AND rate NOT BETWEEN 1 AND 2", true)]
#[case::within_a_list("level IN ('county', 'township') AND level NOT IN ('village')", true)]
#[case::like("name LIKE '老%市' AND name NOT LIKE '老_' AND name LIKE '____'", true)]
#[case::case_ignored("CASEI(pinyin) LIKE CASEI('LǍO%')", true)]
#[case::accents_ignored("ACCENTI(CASEI(pinyin)) = ACCENTI(CASEI('laohekou SHI'))", true)]
#[case::missing("beds IS NULL AND nothing IS NULL AND name IS NOT NULL", true)]
#[case::missing_is_unknown("beds > 1 OR NOT beds > 1", false)]
#[case::unknown_or_true("beds > 1 OR level = 'county'", true)]
#[case::flag("accessible AND accessible = TRUE AND NOT accessible = FALSE", true)]
#[case::quoted_property("\"and\" = 1 AND \"name\" = '老河口市'", true)]
#[case::kinds_that_do_not_compare("population = '521800'", false)]
#[case::dates(
    "valid_from < DATE('1980-01-01') AND valid_from = DATE('1979-11-16')",
    true
)]
#[case::a_time_in_its_day(
    "updated_at = DATE('2026-05-01') AND updated_at > TIMESTAMP('2026-04-30T23:59:59Z')",
    true
)]
#[case::after(
    "T_AFTER(updated_at, DATE('2026-04-30')) AND T_BEFORE(valid_from, updated_at)",
    true
)]
#[case::during("T_DURING(updated_at, INTERVAL('2026-01-01', '..'))", true)]
#[case::interval_of_properties(
    "T_INTERSECTS(INTERVAL(valid_from, nothing), DATE('2020-01-01'))",
    true
)]
#[case::times_meet(
    "T_MEETS(INTERVAL('2020-01-01','2020-12-31'), INTERVAL('2021-01-01','..'))",
    true
)]
#[case::intersects(
    "S_INTERSECTS(geometry, POINT(111.67 32.39)) AND S_INTERSECTS(geometry, BBOX(111, 32, 111.5, 32.2))",
    true
)]
#[case::disjoint("S_DISJOINT(geometry, POINT(113 32.39))", true)]
#[case::within(
    "S_WITHIN(geometry, BBOX(111, 32, 113, 33)) AND S_CONTAINS(geometry, POINT(111.67 32.39))",
    true
)]
#[case::touches(
    "S_TOUCHES(geometry, LINESTRING(111.5 32.2, 111.5 32.6)) AND NOT S_CROSSES(geometry, POINT(111.5 32.2))",
    true
)]
#[case::crosses("S_CROSSES(geometry, LINESTRING(111 32.4, 112 32.4))", true)]
#[case::overlaps(
    "S_OVERLAPS(geometry, POLYGON((111 32, 111.7 32, 111.7 32.4, 111 32.4, 111 32)))",
    true
)]
#[case::equal(
    "S_EQUALS(geometry, POLYGON((112 32.6, 111.5 32.6, 111.5 32.2, 112 32.2, 112 32.6)))",
    true
)]
#[case::antimeridian(
    "S_INTERSECTS(BBOX(170, -10, -170, 10), POINT(-175 0)) AND NOT S_INTERSECTS(geometry, BBOX(170, -10, -170, 10))",
    true
)]
#[case::lists(
    "A_CONTAINS(sides, ('420625')) AND A_OVERLAPS(sides, ('420606','420682')) AND A_EQUALS(sides, ['420682','420625'])",
    true
)]
#[case::contained_list("A_CONTAINEDBY(sides, ('420682'))", false)]
#[case::functions(
    "length(name) = 4 AND has_prefix(name, '老河') AND round(rate + 0.1) = 1 AND within('4206') AND within('420600')",
    true
)]
#[case::measures(
    "area_m2(geometry) BETWEEN 2.0e9 AND 2.2e9 AND distance_m(geometry, POINT(111.6 32.3)) = 0",
    true
)]
#[case::empty_text("name = '' OR name LIKE ''", false)]
fn a_filter_means_what_it_says(#[case] text: &str, #[case] expected: bool) {
    let filter = Filter::from_text(text).unwrap();
    assert_eq!(filter.matches(&laohekou()), expected, "{text}");
    let json = filter.to_json();
    let back = Filter::from_json_value(&json).unwrap();
    assert_eq!(back, filter, "{json}");
    assert_eq!(
        Filter::from_text(&filter.to_text()).unwrap(),
        filter,
        "{}",
        filter.to_text()
    );
    assert_eq!(back.matches(&laohekou()), expected);
}

#[rstest]
#[case(json!({"op": "in", "args": [{"property": "level"}, ["county", "village"]]}), true)]
#[case(json!({"op": "between", "args": [{"property": "population"}, 1, 2]}), false)]
#[case(json!({"op": "isNull", "args": [{"property": "beds"}]}), true)]
#[case(json!({"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [111.6, 32.4]}]}), true)]
#[case(json!({"op": "s_within", "args": [{"property": "geometry"}, {"bbox": [111, 32, 113, 33]}]}), true)]
#[case(json!({"op": "t_during", "args": [{"property": "updated_at"}, {"interval": ["2026-01-01", ".."]}]}), true)]
#[case(json!({"op": "a_containedBy", "args": [["420625"], {"property": "sides"}]}), true)]
#[case(json!({"op": "like", "args": [{"op": "casei", "args": [{"property": "pinyin"}]}, {"op": "casei", "args": ["LǍO%"]}]}), true)]
#[case(json!({"op": ">", "args": [{"op": "*", "args": [{"property": "rate"}, 4]}, 1.5]}), true)]
fn json_means_what_text_means(#[case] json: Value, #[case] expected: bool) {
    let filter = Filter::from_json(&json.to_string()).unwrap();
    assert_eq!(filter.matches(&laohekou()), expected);
    assert_eq!(Filter::from_text(&filter.to_text()).unwrap(), filter);
}

#[rstest]
#[case::empty("", 1)]
#[case::unfinished("level = ", 9)]
#[case::stray("level = 'a' 'b'", 13)]
#[case::unclosed_text("name = '老", 8)]
#[case::unclosed_call("S_INTERSECTS(geometry, POINT(1 2)", 34)]
#[case::value_alone("1 + 2", 1)]
#[case::condition_as_value("(a = 1) = 2", 1)]
#[case::text_in_a_sum("1 + 'a' = 2", 1)]
#[case::like_a_number("name LIKE 5", 11)]
#[case::keyword_as_value("name = AND", 8)]
#[case::null_is_no_value("name = NULL", 8)]
#[case::open_ring("S_WITHIN(geometry, POLYGON((0 0, 1 1, 1 0)))", 28)]
#[case::crossed_ring("S_WITHIN(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", 27)]
#[case::huge_number("a = 1e999", 5)]
#[case::sign("a ~ 1", 3)]
#[case::function("nope(a) = 1", 1)]
#[case::date("a = DATE('2026-02-30')", 5)]
#[case::south_above_north("S_WITHIN(geometry, BBOX(0, 5, 1, 1))", 24)]
fn a_fault_is_named_with_its_place(#[case] text: &str, #[case] character: usize) {
    let error = Filter::from_text(text).unwrap_err();
    let place = match &error {
        Error::Unexpected { place, .. }
        | Error::UnknownFunction { place, .. }
        | Error::Geometry { place, .. } => place.clone(),
        other => panic!("{other}"),
    };
    assert_eq!(place, Place::Character(character), "{error}");
}

#[test]
fn a_fault_in_json_is_named_with_its_path() {
    let error = Filter::from_json(r#"{"op":"and","args":[true,{"op":"=","args":[1,null]}]}"#);
    assert_eq!(
        error.unwrap_err().to_string(),
        "filter: at `/args/1/args/1` wanted a value, found null"
    );
    assert!(matches!(Filter::from_json("{"), Err(Error::Json { .. })));
}

#[test]
fn bombs_are_refused_and_overflow_nothing() {
    let deep = |open: &str, close: &str, count: usize| {
        format!("{}a = 1{}", open.repeat(count), close.repeat(count))
    };
    assert!(matches!(
        Filter::from_text(&deep("(", ")", 20_000)),
        Err(Error::TooLong { .. })
    ));
    assert!(matches!(
        Filter::from_text(&deep("(", ")", 4_000)),
        Err(Error::TooDeep { .. })
    ));
    assert!(matches!(
        Filter::from_text(&"NOT ".repeat(2_000)),
        Err(Error::TooDeep { .. })
    ));
    assert!(Filter::from_text(&"(".repeat(8_192)).is_err());
    let collections = format!("S_WITHIN(g, {}", "GEOMETRYCOLLECTION(".repeat(400));
    assert!(matches!(
        Filter::from_text(&collections),
        Err(Error::TooDeep { .. })
    ));
    let lists = format!("A_EQUALS(a, {}", "(".repeat(4_000));
    assert!(matches!(
        Filter::from_text(&lists),
        Err(Error::TooDeep { .. })
    ));
    let sum = format!("1{} = 1", "+1".repeat(3_000));
    assert!(matches!(
        Filter::from_text(&sum),
        Err(Error::TooManyNodes { .. })
    ));
    let sum = format!("1{} = 1", "+1".repeat(200));
    assert!(matches!(
        Filter::from_text(&sum),
        Err(Error::TooDeep { .. })
    ));
    let chain = format!("a = 1{}", " OR a=2".repeat(300));
    assert!(Filter::from_text(&chain).is_ok());
    let json = format!(
        "{}true{}",
        r#"{"op":"not","args":["#.repeat(100),
        "]}".repeat(100)
    );
    assert!(Filter::from_json(&json).is_err());
}

#[test]
fn the_hint_is_the_box_that_every_match_meets() {
    let hint = |text: &str| {
        Filter::from_text(text)
            .unwrap()
            .bbox_hint()
            .map(|b| [b.west, b.south, b.east, b.north])
    };
    assert_eq!(
        hint("S_INTERSECTS(geometry, BBOX(1,2,3,4)) AND name = 'a'"),
        Some([1., 2., 3., 4.])
    );
    assert_eq!(
        hint("S_WITHIN(geometry, BBOX(0,0,1,1)) OR S_CONTAINS(geom, POINT(5 5))"),
        Some([0., 0., 5., 5.])
    );
    for text in [
        "S_DISJOINT(geometry, BBOX(1,2,3,4))",
        "NOT S_INTERSECTS(geometry, BBOX(1,2,3,4))",
        "S_INTERSECTS(geometry, BBOX(1,2,3,4)) OR name = 'a'",
        "S_INTERSECTS(seat, BBOX(1,2,3,4))",
        "S_INTERSECTS(geometry, BBOX(170,-1,-170,1))",
    ] {
        assert_eq!(hint(text), None, "{text}");
    }
}

#[test]
fn the_properties_asked_for_are_listed_once() {
    let filter = Filter::from_text(
        "b = 1 AND (a LIKE 'x' OR b IN (c, 2)) AND S_WITHIN(geometry, BBOX(0,0,1,1))",
    );
    assert_eq!(
        filter.unwrap().properties().into_iter().collect::<Vec<_>>(),
        ["a", "b", "c", "geometry"]
    );
}

#[test]
fn an_equality_that_must_hold_is_a_hint() {
    let hint = |text: &str| {
        Filter::from_text(text)
            .unwrap()
            .text_hint("code")
            .map(str::to_owned)
    };
    for text in [
        "code = '420682'",
        "'420682' = code",
        "level = 'county' AND (code = '420682' AND name LIKE '老%')",
    ] {
        assert_eq!(hint(text).as_deref(), Some("420682"), "{text}");
    }
    for text in [
        "code = '420682' OR level = 'county'",
        "NOT code = '420682'",
        "code <> '420682'",
        "name = '420682'",
    ] {
        assert_eq!(hint(text), None, "{text}");
    }
}

#[test]
fn coordinates_can_be_replaced() {
    let filter = Filter::from_text("S_INTERSECTS(geometry, BBOX(1,2,3,4))").unwrap();
    let moved = filter.map_coords(&mut |place| geo::coord! { x: place.x + 1.0, y: place.y });
    assert_eq!(moved.bbox_hint().unwrap().west, 2.0);
    assert!(moved.to_text().contains("POLYGON"));
}

#[test]
fn a_record_of_the_register_has_properties() {
    let mut record = Record::new(Collection::Divisions, "420682001200", "宋营村委会");
    record.fields.set("seat", json!([111.6, 32.4]));
    record.fields.set("extra", json!({"note": "x"}));
    for text in [
        "level = 'village' AND parent = '420682001' AND kind = '村民委员会'",
        "S_INTERSECTS(seat, BBOX(111, 32, 112, 33)) AND geometry IS NULL",
        "extra.note = 'x' AND within('420682')",
    ] {
        assert!(Filter::from_text(text).unwrap().matches(&record), "{text}");
    }
}

#[test]
fn every_function_tells_its_types() {
    let by_name: BTreeMap<_, _> = functions().iter().map(|own| (own.name, own)).collect();
    assert_eq!(by_name.len(), functions().len());
    assert_eq!(
        by_name["distance_m"].argument_types().collect::<Vec<_>>(),
        ["geometry"; 2]
    );
    assert_eq!(by_name["within"].return_type(), "boolean");
}

fn words() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("a"),
        Just("\"名 称\""),
        Just("'x'"),
        Just("'it''s'"),
        Just("1"),
        Just("-2.5e3"),
        Just("("),
        Just(")"),
        Just(","),
        Just("AND"),
        Just("OR"),
        Just("NOT"),
        Just("="),
        Just("<>"),
        Just("LIKE"),
        Just("IN"),
        Just("BETWEEN"),
        Just("IS"),
        Just("NULL"),
        Just("+"),
        Just("*"),
        Just("S_INTERSECTS("),
        Just("POINT(1 2)"),
        Just("BBOX(1,2,3,4)"),
        Just("DATE('2020-01-01')"),
        Just("INTERVAL("),
        Just("'..'"),
        Just("T_AFTER("),
        Just("A_CONTAINS("),
        Just("CASEI("),
        Just("TRUE"),
        Just("POLYGON(("),
        Just("["),
        Just("^"),
        Just("length(")
    ];
    prop::collection::vec(word, 0..24).prop_map(|words| words.join(" "))
}

/// JSON that looks like a filter: the right words in any order and depth.
fn json_heaps() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "op",
        "args",
        "property",
        "date",
        "timestamp",
        "interval",
        "type",
        "coordinates",
        "bbox",
    ]);
    let word = prop::sample::select(vec![
        "and",
        "or",
        "not",
        "=",
        "<",
        "like",
        "in",
        "between",
        "isNull",
        "casei",
        "+",
        "div",
        "s_intersects",
        "t_after",
        "a_contains",
        "Point",
        "Polygon",
        "GeometryCollection",
        "a",
        "geometry",
        "2020-01-01",
        "..",
        "%",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 40, 4, move |inner| {
        let arguments = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            arguments.clone().prop_map(Value::from),
            (word.clone(), arguments).prop_map(|(op, args)| json!({"op": op, "args": args})),
            prop::collection::vec((name.clone(), inner), 0..4).prop_map(|pairs| pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

/// Filters that are right by making.
fn conditions() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        "[a-z]{1,4}",
        Just("\"a b\"".to_owned()),
        "'[a-z%_\\\\口' ]{0,4}'".prop_filter("quotes", |text| text.matches('\'').count() == 2),
        any::<i32>().prop_map(|n| n.to_string()),
        (-1e20..1e20_f64).prop_map(|n| format!("{n:e}")),
    ]
    .prop_filter("reserved", |word| {
        ![
            "in", "is", "or", "and", "not", "like", "null", "true", "div",
        ]
        .contains(&word.as_str())
    });
    let name = "[f-h]{1,3}";
    let leaf = prop_oneof![
        (
            name,
            prop_oneof![Just("="), Just("<"), Just(">="), Just("<>")],
            value.clone()
        )
            .prop_map(|(name, sign, value)| format!("{name} {sign} {value}")),
        (name, value.clone(), value)
            .prop_map(|(name, one, two)| format!("{name} NOT IN ({one}, {two})")),
        (name, "[a%_\\\\]{0,5}").prop_map(|(name, pattern)| format!("{name} LIKE '{pattern}'")),
        name.prop_map(|name| format!("{name} IS NOT NULL")),
        (-180.0..180.0_f64, -90.0..90.0_f64)
            .prop_map(|(x, y)| format!("S_INTERSECTS(geometry, POINT({x} {y}))")),
        (name, 1..9_u8).prop_map(|(name, day)| format!("T_BEFORE({name}, DATE('2020-01-0{day}'))")),
        (name, -9..9_i32, 1..5_i32)
            .prop_map(|(name, one, two)| format!("{name} + {one} * {name} < {two} - {one}")),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("{one} AND {two}")),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("({one} OR {two})")),
            inner.prop_map(|one| format!("NOT ({one})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = Filter::from_text(&text).map(|filter| filter.matches(&laohekou()));
        let _ = Filter::from_json(&text);
    }

    #[test]
    fn no_heap_of_words_makes_it_panic(text in words()) {
        if let Ok(filter) = Filter::from_text(&text) {
            filter.matches(&laohekou());
            prop_assert_eq!(&Filter::from_text(&filter.to_text()).unwrap(), &filter);
            prop_assert_eq!(&Filter::from_json_value(&filter.to_json()).unwrap(), &filter);
        }
    }

    #[test]
    fn no_heap_of_json_makes_it_panic(heap in json_heaps()) {
        if let Ok(filter) = Filter::from_json_value(&heap) {
            filter.matches(&laohekou());
            prop_assert_eq!(&Filter::from_json_value(&filter.to_json()).unwrap(), &filter);
        }
    }

    #[test]
    fn text_to_json_to_text_is_the_same_filter(text in conditions()) {
        let filter = Filter::from_text(&text).unwrap();
        let json = filter.to_json().to_string();
        let back = Filter::from_json(&json).unwrap();
        prop_assert_eq!(&back, &filter);
        prop_assert_eq!(back.to_text(), filter.to_text());
        prop_assert_eq!(&Filter::from_text(&filter.to_text()).unwrap(), &filter);
        prop_assert_eq!(back.matches(&laohekou()), filter.matches(&laohekou()));
    }
}
