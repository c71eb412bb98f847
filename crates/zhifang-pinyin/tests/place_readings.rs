//! The tested table of places whose reading matters, row by row.

use std::path::Path;

use zhifang_pinyin::read_name;

#[test]
fn every_place_of_the_table_is_read_as_it_says() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut rows = 0;
    for file in [
        "tables/place_readings_more.csv",
        "../../data/place_readings.csv",
    ] {
        for row in csv::Reader::from_path(own.join(file)).unwrap().records() {
            let row = row.unwrap();
            let read = read_name(&row[0]);
            let marked: Vec<&str> = read.iter().map(|one| one.unwrap().marked()).collect();
            assert_eq!(marked.join(" "), row[1], "{}", &row[0]);
            rows += 1;
        }
    }
    assert!(rows > 280);
}
