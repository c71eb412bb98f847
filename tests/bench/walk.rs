//! How people move over the map, asked as fast as four connections go: visits from the nation down
//! to a county, with pans on the way, in a window of 1280 × 800 pixels on tiles of 512.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::{Random, milliseconds, row};

const VISITS: usize = 150;
const CONNECTIONS: usize = 4;
/// The window, in tiles.
const WINDOW: (f64, f64) = (1280.0 / 512.0, 800.0 / 512.0);

/// Addresses of tiles in the order in which they are asked for.
pub(crate) fn tiles(random: &mut Random) -> Vec<(u8, u32, u32)> {
    let mut asked = Vec::new();
    for _ in 0..VISITS {
        let (lon, lat) = random.place();
        for zoom in 4..=12_u8 {
            let side = f64::from(1_u32 << zoom);
            let mut x = (lon + 180.0) / 360.0 * side;
            let y = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0 * side;
            window(zoom, x, y, &mut asked);
            if random.unit() < 0.3 {
                x += WINDOW.0 / 2.0;
                window(zoom, x, y, &mut asked);
            }
        }
    }
    asked
}

fn window(zoom: u8, x: f64, y: f64, asked: &mut Vec<(u8, u32, u32)>) {
    let last = (1_u32 << zoom) - 1;
    let span = |middle: f64, size: f64| {
        let low = (middle - size / 2.0).max(0.0) as u32;
        low..=((middle + size / 2.0) as u32).min(last)
    };
    for column in span(x, WINDOW.0) {
        for line in span(y, WINDOW.1) {
            asked.push((zoom, column, line));
        }
    }
}

/// What a walk took.
struct Walked {
    rate: f64,
    times: Vec<Duration>,
    bytes: usize,
}

impl Walked {
    fn figure(&self) -> String {
        let at =
            |share: f64| milliseconds(self.times[((self.times.len() - 1) as f64 * share) as usize]);
        format!(
            "{:.0}/s; {} / {} / {}; {:.1} MB",
            self.rate,
            at(0.5),
            at(0.99),
            at(1.0),
            self.bytes as f64 / 1e6
        )
    }
}

/// Asks for every path once, from connections that are kept.
fn walk(url: &str, paths: &[String], headers: &str) -> Walked {
    let host = url.trim_start_matches("http://");
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    let parts: Vec<(Vec<Duration>, usize)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                scope.spawn(|| {
                    let stream = TcpStream::connect(host).expect("the service listens");
                    stream.set_nodelay(true).expect("a socket takes options");
                    let mut connection = BufReader::with_capacity(1 << 16, stream);
                    let (mut times, mut bytes) = (Vec::new(), 0);
                    while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let asked = Instant::now();
                        bytes += ask(&mut connection, host, path, headers);
                        times.push(asked.elapsed());
                    }
                    (times, bytes)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a client ends"))
            .collect()
    });
    let rate = paths.len() as f64 / start.elapsed().as_secs_f64();
    let bytes = parts.iter().map(|(_, bytes)| bytes).sum();
    let mut times: Vec<Duration> = parts.into_iter().flat_map(|(times, _)| times).collect();
    times.sort_unstable();
    Walked { rate, times, bytes }
}

/// One request on a kept connection; the length of the body that came.
fn ask(connection: &mut BufReader<TcpStream>, host: &str, path: &str, headers: &str) -> usize {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");
    connection
        .get_mut()
        .write_all(request.as_bytes())
        .expect("the connection is kept");
    let (mut length, mut line, mut is_first) = (0, String::new(), true);
    loop {
        line.clear();
        connection.read_line(&mut line).expect("an answer comes");
        if is_first {
            let status = line.get(9..12).unwrap_or_default().to_owned();
            let is_right = ["200", "204", "304"].contains(&status.as_str());
            assert!(is_right, "GET {path}: {line}");
            is_first = false;
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length is a number");
        }
    }
    let mut body = connection.take(length as u64);
    std::io::copy(&mut body, &mut std::io::sink()).expect("the body comes whole");
    length
}

/// The same bytes from a handler that does nothing else, in this process.
fn bare(body: Vec<u8>) -> String {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
        runtime.block_on(async move {
            let body = axum::body::Bytes::from(body);
            let handler = axum::routing::get(move || async move { body });
            let router = axum::Router::new().route("/tile", handler);
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
                .await
                .expect("a port is free");
            let address = listener.local_addr().expect("a listener has an address");
            tell.send(format!("http://{address}"))
                .expect("the measurement waits");
            axum::serve(listener, router).await.expect("it serves");
        });
    });
    told.recv().expect("the bare service starts")
}

/// Prints the figures of the map.
pub(crate) fn figures(url: &str, random: &mut Random) {
    const GZIP: &str = "Accept-Encoding: gzip\r\n";
    let tiles = tiles(random);
    let path = |(z, x, y): &(u8, u32, u32)| format!("/tiles/base/{z}/{x}/{y}");
    let distinct: BTreeSet<_> = tiles.iter().copied().collect();
    let first: Vec<String> = distinct.iter().map(path).collect();
    let all: Vec<String> = tiles.iter().map(path).collect();
    let what = |name: &str, count: usize| {
        format!("{name}, rate; p50 / p99 / longest; bytes ({count} requests)")
    };
    row(
        &what("map walk, each tile for the first time", first.len()),
        walk(url, &first, GZIP).figure(),
        "p99 < 10 ms",
    );
    for (name, headers) in [
        ("gzip", GZIP),
        ("br", "Accept-Encoding: br\r\n"),
        ("not coded", ""),
    ] {
        // The first time makes the coding, the second asks for it.
        walk(url, &first, headers);
        row(
            &what(&format!("map walk, known tiles, {name}"), all.len()),
            walk(url, &all, headers).figure(),
            "",
        );
    }
    let one = "/tiles/base/8/207/103".to_owned();
    let many = vec![one; 40_000];
    let ours = walk(url, &many, GZIP);
    let size = ours.bytes / many.len();
    let alone = walk(
        &bare(vec![7; size]),
        &vec!["/tile".to_owned(); 40_000],
        GZIP,
    );
    row(
        &format!("one known tile of {size} bytes, and the same bytes from a bare handler"),
        format!(
            "{:.0}/s, {:.0}/s: {:.0} %",
            ours.rate,
            alone.rate,
            ours.rate / alone.rate * 100.0
        ),
        "≥ 80 %",
    );
}
