//! Batches: every row is answered, whatever its bytes, in every coding.

use std::io::Read as _;

use axum::http::StatusCode;

use crate::house::House;

async fn ask(house: &House, path: &str, coding: &str, body: Vec<u8>) -> String {
    let headers = [("content-type", "text/csv"), ("accept-encoding", coding)];
    let answer = house.ask("POST", path, &headers, body).await;
    assert_eq!(answer.status, StatusCode::OK);
    let mut text = String::new();
    match answer.header("content-encoding") {
        "gzip" => {
            let mut unpacked = flate2::read::GzDecoder::new(&*answer.body);
            unpacked.read_to_string(&mut text).unwrap();
        }
        "br" => {
            let mut unpacked = brotli::Decompressor::new(&*answer.body, 4096);
            unpacked.read_to_string(&mut text).unwrap();
        }
        "zstd" => text = String::from_utf8(zstd::decode_all(&*answer.body).unwrap()).unwrap(),
        _ => text = String::from_utf8(answer.body.to_vec()).unwrap(),
    }
    text
}

#[tokio::test]
async fn a_batch_comes_whole_in_every_coding() {
    let house = House::new();
    let rows = "q\n老河口市\n邓州市\n".to_owned().into_bytes();
    let plain = ask(&house, "/v1/geocode/batch", "identity", rows.clone()).await;
    assert!(plain.contains("420682") && plain.contains("411381"));
    for coding in ["gzip", "br", "zstd"] {
        let coded = ask(&house, "/v1/geocode/batch", coding, rows.clone()).await;
        assert_eq!(coded, plain, "{coding}");
    }
}

#[tokio::test]
async fn a_row_of_wrong_bytes_length_or_width_carries_its_error_alone() {
    let house = House::new();
    let mut rows = b"id,q\n1,".to_vec();
    rows.extend("老河口市\n2,".as_bytes());
    rows.extend(b"\xff\xfe\n3,");
    rows.extend(vec![b'x'; 3 << 20]);
    rows.extend(b"\n4,a,b,c\n5\n6,\"");
    rows.extend(vec![b'y'; 2 << 20]);
    rows.extend("\"\n7,邓州市\n".as_bytes());
    let answer = ask(&house, "/v1/geocode/batch", "identity", rows).await;
    let mut reader = csv::Reader::from_reader(answer.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let at = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let column =
        |name: &str| -> Vec<&str> { rows.iter().map(|row| row.get(at(name)).unwrap()).collect() };
    assert_eq!(column("zf_code"), ["420682", "", "", "", "", "", "411381"]);
    let errors = column("zf_error");
    let words = [
        "",
        "UTF-8",
        "over 1048576",
        "4 cells",
        "empty",
        "over 1048576",
        "",
    ];
    for (error, word) in errors.iter().zip(words) {
        assert!(
            error.contains(word) && error.is_empty() == word.is_empty(),
            "{errors:?}"
        );
    }
}
