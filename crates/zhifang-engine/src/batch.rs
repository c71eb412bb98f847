//! Look-ups of many rows, CSV or one JSON object a line, in bounded memory and in order.
//!
//! A row that cannot be answered carries its error; the others go on.

use std::io::{self, BufRead, Read, Write};

use serde_json::{Map, Value, json};
use zhifang_core::{CodePrefix, Crs, Day, DivisionLevel, Lang, LonLat, Meters};
use zhifang_crs::Transformer;
use zhifang_geocode::{Candidate, SearchQuery};
use zhifang_index::{Audience, PointLocator};

use crate::answer::candidate_properties;
use crate::reverse::{DEFAULT_RADIUS_M, ReverseQuery, reverse};
use crate::world::World;

/// What is asked of each row.
#[derive(Debug, Clone)]
pub enum Question {
    /// Text to place: columns `q` (or another name) and perhaps `within`.
    Geocode {
        /// Column or member that holds the text.
        column: String,
        /// Only in this unit, unless the row says otherwise.
        within: Option<CodePrefix>,
    },
    /// Position to units: columns `lon`, `lat` and perhaps `crs`.
    Reverse {
        /// What may be seen.
        audience: Audience,
    },
}

/// How many rows there were, and how many found nothing or were faulty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows read.
    pub rows: u64,
    /// Rows without an answer.
    pub unanswered: u64,
    /// Rows with an error.
    pub faulty: u64,
}

/// Bytes of a row at most; a reader of what strangers send cuts longer ones at this length.
pub const LONGEST_ROW: usize = 1 << 20;

const GEOCODE_COLUMNS: [&str; 8] = [
    "zf_code",
    "zf_name",
    "zf_level",
    "zf_score",
    "zf_confidence",
    "zf_how",
    "zf_rest",
    "zf_error",
];

const LEVELS: [DivisionLevel; 5] = [
    DivisionLevel::Province,
    DivisionLevel::Prefecture,
    DivisionLevel::County,
    DivisionLevel::Township,
    DivisionLevel::Village,
];

/// Answers every row of a CSV file with a heading: the input's columns, then `zf_*`.
///
/// # Errors
/// When the input is no CSV or lacks the columns, or a side cannot be read or written.
pub fn csv(
    world: &World,
    question: &Question,
    day: Option<Day>,
    input: impl Read,
    output: impl Write,
) -> io::Result<Tally> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(output);
    let headings = reader.headers().map_err(io::Error::other)?.clone();
    let find = |name: &str| {
        headings
            .iter()
            .position(|heading| heading.trim_start_matches('\u{feff}').trim() == name)
    };
    let missing = |name: &str| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("the heading has no column `{name}`"),
        )
    };
    let askers = (0..threads()).map(|_| Asker::new(world, day));
    let mut askers: Vec<Asker<'_>> = askers.collect();
    let mut tally = Tally::default();
    let mut heading: Vec<&str> = headings
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}'))
        .collect();
    match question {
        Question::Geocode { column, within } => {
            let text = find(column).ok_or_else(|| missing(column))?;
            let scope = find("within");
            heading.extend(GEOCODE_COLUMNS);
            writer.write_record(&heading).map_err(io::Error::other)?;
            let answers = askers.iter_mut().map(|asker| {
                move |row: &csv::StringRecord, cells: &mut Vec<String>| {
                    let scope = scope
                        .and_then(|at| row.get(at))
                        .filter(|cell| !cell.trim().is_empty());
                    asker.geocode_cells(row.get(text).unwrap_or_default(), scope, *within, cells)
                }
            });
            let widths = Widths {
                heading: headings.len(),
                answer: GEOCODE_COLUMNS.len(),
            };
            let answers = answers.collect();
            for_each_row(&mut reader, &mut writer, widths, &mut tally, answers)?;
        }
        Question::Reverse { .. } => {
            let lon = find("lon").ok_or_else(|| missing("lon"))?;
            let lat = find("lat").ok_or_else(|| missing("lat"))?;
            let crs = find("crs");
            let names: Vec<String> = LEVELS.iter().map(|level| format!("zf_{level}")).collect();
            let codes: Vec<String> = LEVELS
                .iter()
                .map(|level| format!("zf_{level}_code"))
                .collect();
            heading.extend(names.iter().map(String::as_str));
            heading.extend(codes.iter().map(String::as_str));
            heading.extend(["zf_code", "zf_error"]);
            writer.write_record(&heading).map_err(io::Error::other)?;
            let answers = askers.iter_mut().map(|asker| {
                move |row: &csv::StringRecord, cells: &mut Vec<String>| {
                    let crs = crs
                        .and_then(|at| row.get(at))
                        .map(str::trim)
                        .filter(|cell| !cell.is_empty());
                    let cell = |at: usize| row.get(at).unwrap_or_default().trim();
                    asker.reverse_cells(cell(lon), cell(lat), crs, cells)
                }
            });
            let widths = Widths {
                heading: headings.len(),
                answer: LEVELS.len() * 2 + 2,
            };
            let answers = answers.collect();
            for_each_row(&mut reader, &mut writer, widths, &mut tally, answers)?;
        }
    }
    writer.flush()?;
    Ok(tally)
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    Unanswered,
    Faulty,
}

impl Tally {
    fn count(&mut self, fate: Fate) {
        self.rows += 1;
        self.unanswered += u64::from(fate == Fate::Unanswered);
        self.faulty += u64::from(fate == Fate::Faulty);
    }
}

/// Rows and bytes of a block: what is read before the threads share it.
const BLOCK_ROWS: usize = 512;
const BLOCK_BYTES: u64 = 4 << 20;
/// So few rows are not worth a thread.
const ROWS_A_THREAD: usize = 16;

/// A row with its length in bytes, and then its cells and what became of it.
struct Row {
    bytes: csv::ByteRecord,
    length: u64,
    cells: Vec<String>,
    fate: Fate,
}

/// How many threads answer a batch.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Columns of the heading, and of the answer behind them.
#[derive(Debug, Clone, Copy)]
struct Widths {
    heading: usize,
    answer: usize,
}

/// Asks for every row, block by block, the threads side by side, in order. A row that is no UTF-8
/// text, or longer than the heading, is answered with its error; what can be read of it stays in
/// its columns.
fn for_each_row<R: Read, W: Write, A>(
    reader: &mut csv::Reader<R>,
    writer: &mut csv::Writer<W>,
    widths: Widths,
    tally: &mut Tally,
    mut answers: Vec<A>,
) -> io::Result<()>
where
    A: FnMut(&csv::StringRecord, &mut Vec<String>) -> Fate + Send,
{
    let mut rows: Vec<Row> = Vec::with_capacity(BLOCK_ROWS);
    loop {
        // What was read before a fault is answered all the same.
        let is_last = read_block(reader, &mut rows);
        let each = rows.len().div_ceil(answers.len().max(1));
        let each = each.max(ROWS_A_THREAD);
        std::thread::scope(|scope| {
            let mut shares = rows.chunks_mut(each).zip(&mut answers);
            let own = shares.next();
            for (share, answer) in shares {
                scope.spawn(move || answer_rows(share, widths, answer));
            }
            if let Some((share, answer)) = own {
                answer_rows(share, widths, answer);
            }
        });
        for row in rows.drain(..) {
            tally.count(row.fate);
            writer.write_record(&row.cells).map_err(io::Error::other)?;
        }
        if is_last? {
            return Ok(());
        }
    }
}

/// Reads rows until there are enough; whether these were the last.
fn read_block<R: Read>(reader: &mut csv::Reader<R>, rows: &mut Vec<Row>) -> io::Result<bool> {
    let first = reader.position().byte();
    let mut start = first;
    let mut bytes = csv::ByteRecord::new();
    while rows.len() < BLOCK_ROWS && start - first < BLOCK_BYTES {
        if !reader
            .read_byte_record(&mut bytes)
            .map_err(io::Error::other)?
        {
            return Ok(true);
        }
        let end = reader.position().byte();
        rows.push(Row {
            bytes: std::mem::take(&mut bytes),
            length: end - start,
            cells: Vec::new(),
            fate: Fate::Faulty,
        });
        start = end;
    }
    Ok(false)
}

fn answer_rows<A>(rows: &mut [Row], widths: Widths, answer: &mut A)
where
    A: FnMut(&csv::StringRecord, &mut Vec<String>) -> Fate,
{
    for row in rows {
        row.fate = answer_row(row, widths, answer);
    }
}

fn answer_row<A>(row: &mut Row, widths: Widths, answer: &mut A) -> Fate
where
    A: FnMut(&csv::StringRecord, &mut Vec<String>) -> Fate,
{
    let Widths {
        heading,
        answer: columns,
    } = widths;
    let bytes = std::mem::take(&mut row.bytes);
    let cells = &mut row.cells;
    cells.reserve(heading + columns);
    cells.extend(
        bytes
            .iter()
            .take(heading)
            .map(|cell| String::from_utf8_lossy(cell).into_owned()),
    );
    cells.resize(heading, String::new());
    if row.length > LONGEST_ROW as u64 {
        for cell in cells.iter_mut() {
            cell.clear();
        }
        let error = format!("the row is over {LONGEST_ROW} bytes");
        return fault(cells, columns - 1, &error);
    }
    if bytes.len() > heading {
        let error = format!("the row has {} cells, the heading {heading}", bytes.len());
        return fault(cells, columns - 1, &error);
    }
    match csv::StringRecord::from_byte_record(bytes) {
        Ok(record) => answer(&record, cells),
        Err(error) => {
            let error = format!(
                "cell {} of the row is no UTF-8 text",
                error.utf8_error().field() + 1
            );
            fault(cells, columns - 1, &error)
        }
    }
}

/// Answers every line of newline-delimited JSON: the input object with a member `zf`.
///
/// # Errors
/// When a side cannot be read or written; a line that is no object carries `zf_error`.
pub fn ndjson(
    world: &World,
    question: &Question,
    day: Option<Day>,
    mut input: impl BufRead,
    mut output: impl Write,
) -> io::Result<Tally> {
    let asker = Asker::new(world, day);
    let mut tally = Tally::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let (mut object, parsed) = match serde_json::from_slice::<Value>(&line) {
            Ok(Value::Object(object)) => (object, Ok(())),
            Ok(_) => (Map::new(), Err("the line is no JSON object".to_owned())),
            Err(error) => (Map::new(), Err(error.to_string())),
        };
        let answer = parsed.and_then(|()| asker.answer_object(question, &object));
        let fate = match answer {
            Ok(Value::Null) => {
                object.insert("zf".to_owned(), Value::Null);
                Fate::Unanswered
            }
            Ok(answer) => {
                object.insert("zf".to_owned(), answer);
                Fate::Answered
            }
            Err(error) => {
                object.insert("zf_error".to_owned(), Value::from(error));
                Fate::Faulty
            }
        };
        tally.count(fate);
        serde_json::to_writer(&mut output, &object)?;
        output.write_all(b"\n")?;
    }
    output.flush()?;
    Ok(tally)
}

/// Asks one world again and again.
struct Asker<'w> {
    world: &'w World,
    day: Option<Day>,
    locator: PointLocator<'w>,
}

impl<'w> Asker<'w> {
    fn new(world: &'w World, day: Option<Day>) -> Self {
        let locator = world.snapshot.view(Audience::Public).point_locator(day);
        Self {
            world,
            day,
            locator,
        }
    }

    fn search(&self, text: &str, within: Option<CodePrefix>) -> Option<Candidate> {
        let mut query = SearchQuery::new(text);
        query.limit = 1;
        query.within = within;
        query.as_of = self.day;
        self.world.names.best(&query)
    }

    fn geocode_cells(
        &self,
        text: &str,
        scope: Option<&str>,
        within: Option<CodePrefix>,
        cells: &mut Vec<String>,
    ) -> Fate {
        let scope = match scope
            .map(|cell| cell.trim().parse::<CodePrefix>())
            .transpose()
        {
            Ok(scope) => scope.or(within),
            Err(error) => return fault(cells, GEOCODE_COLUMNS.len() - 1, &error.to_string()),
        };
        if text.trim().is_empty() {
            return fault(cells, GEOCODE_COLUMNS.len() - 1, "the text is empty");
        }
        let Some(found) = self.search(text, scope) else {
            cells.extend((0..GEOCODE_COLUMNS.len()).map(|_| String::new()));
            return Fate::Unanswered;
        };
        let code = found
            .division
            .last()
            .map_or_else(|| found.id.clone(), |unit| unit.code.to_string());
        let level = found
            .level
            .map_or_else(|| "name".to_owned(), |level| level.to_string());
        cells.extend([
            code,
            found.name,
            level,
            format!("{:.3}", found.score),
            format!("{:.3}", found.confidence),
            found.matched.how.as_str().to_owned(),
            found.rest,
            String::new(),
        ]);
        Fate::Answered
    }

    fn reverse_cells(
        &mut self,
        lon: &str,
        lat: &str,
        crs: Option<&str>,
        cells: &mut Vec<String>,
    ) -> Fate {
        let columns = LEVELS.len() * 2 + 1;
        let number = |text: &str, name: &str| {
            text.parse::<f64>()
                .map_err(|_| format!("`{name}` is `{text}`, wanted a number"))
        };
        let place = number(lon, "lon")
            .and_then(|x| Ok((x, number(lat, "lat")?)))
            .and_then(|(x, y)| place_of(x, y, crs).map(|(place, _)| place));
        let place = match place {
            Ok(place) => place,
            Err(error) => return fault(cells, columns, &error),
        };
        let units = self.locator.locate(place);
        let deepest = units.iter().map(|unit| unit.level).max();
        let joined = |value: &dyn Fn(&zhifang_index::Covering<'_>) -> String,
                      level: DivisionLevel| {
            let values: Vec<String> = units
                .iter()
                .filter(|unit| unit.level == level)
                .map(value)
                .collect();
            values.join(";")
        };
        for level in LEVELS {
            cells.push(joined(
                &|unit| unit.record.name_on(self.day).to_owned(),
                level,
            ));
        }
        for level in LEVELS {
            cells.push(joined(&|unit| unit.code.to_string(), level));
        }
        cells.push(deepest.map_or_else(String::new, |level| {
            joined(&|unit| unit.code.to_string(), level)
        }));
        cells.push(String::new());
        if units.is_empty() {
            Fate::Unanswered
        } else {
            Fate::Answered
        }
    }

    fn answer_object(
        &self,
        question: &Question,
        object: &Map<String, Value>,
    ) -> Result<Value, String> {
        match question {
            Question::Geocode { column, within } => {
                let text = object
                    .get(column)
                    .and_then(Value::as_str)
                    .filter(|text| !text.trim().is_empty())
                    .ok_or_else(|| format!("`{column}` is missing or no text"))?;
                let scope = match object.get("within").and_then(Value::as_str) {
                    Some(code) => Some(
                        code.parse::<CodePrefix>()
                            .map_err(|error| error.to_string())?,
                    ),
                    None => *within,
                };
                Ok(self.search(text, scope).map_or(Value::Null, |found| {
                    Value::Object(candidate_properties(&found))
                }))
            }
            Question::Reverse { audience } => {
                let number = |name: &str| {
                    let value = object.get(name);
                    value
                        .and_then(Value::as_f64)
                        .or_else(|| value.and_then(Value::as_str)?.trim().parse().ok())
                        .ok_or_else(|| format!("`{name}` is missing or no number"))
                };
                let (x, y) = (number("lon")?, number("lat")?);
                let (place, crs) = place_of(x, y, object.get("crs").and_then(Value::as_str))?;
                let query = ReverseQuery {
                    place,
                    radius: Meters(DEFAULT_RADIUS_M),
                    day: self.day,
                    lang: Lang::Zh,
                };
                let here = reverse(self.world, self.world.snapshot.view(*audience), &query);
                let mut answer = json!({"lon": x, "lat": y, "crs": crs.to_string()});
                if let (Some(answer), Ok(Value::Object(here))) =
                    (answer.as_object_mut(), serde_json::to_value(&here))
                {
                    answer.extend(here);
                }
                Ok(answer)
            }
        }
    }
}

/// Empty cells, then the error in the last column.
fn fault(cells: &mut Vec<String>, empty: usize, error: &str) -> Fate {
    cells.extend((0..empty).map(|_| String::new()));
    cells.push(error.to_owned());
    Fate::Faulty
}

/// A position in the named system (EPSG:4490 when none is named), brought to EPSG:4490.
///
/// # Errors
/// A sentence that says what is wrong with the numbers or the system.
pub fn place_of(x: f64, y: f64, crs: Option<&str>) -> Result<(LonLat, Crs), String> {
    let crs: Crs = match crs {
        None => Crs::STORED,
        Some(text) => text
            .parse()
            .map_err(|error: zhifang_core::CrsError| error.to_string())?,
    };
    if crs.is_stored() {
        return LonLat::try_new(x, y)
            .map(|place| (place, crs))
            .map_err(|error| error.to_string());
    }
    let place = Transformer::try_new(crs)
        .and_then(|transformer| transformer.to_stored(geo_types::Coord { x, y }))
        .map_err(|error| error.to_string())?;
    LonLat::try_new(place.x, place.y)
        .map(|place| (place, crs))
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More rows than a block holds, faulty ones among them.
    #[test]
    fn rows_keep_their_order_whoever_answers_them() {
        let mut input = b"q,n\n".to_vec();
        for number in 0..3_000 {
            match number % 7 {
                0 => input.extend(b"\xff,"),
                1 => input.extend(format!("a,b,c,{number},").bytes()),
                _ => input.extend(b"q,"),
            }
            input.extend(format!("{number}\n").bytes());
        }
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(&*input);
        reader.headers().unwrap();
        let mut writer = csv::WriterBuilder::new()
            .flexible(true)
            .from_writer(Vec::new());
        let mut tally = Tally::default();
        let echo = || {
            |row: &csv::StringRecord, cells: &mut Vec<String>| {
                cells.push(row.get(1).unwrap_or_default().to_owned());
                cells.push(String::new());
                Fate::Answered
            }
        };
        let widths = Widths {
            heading: 2,
            answer: 2,
        };
        let answers = vec![echo(), echo(), echo()];
        for_each_row(&mut reader, &mut writer, widths, &mut tally, answers).unwrap();
        let output = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let faulty = (0..3_000).filter(|number| number % 7 < 2).count() as u64;
        assert_eq!(
            tally,
            Tally {
                rows: 3_000,
                unanswered: 0,
                faulty
            }
        );
        for (number, line) in output.lines().enumerate() {
            let cells: Vec<&str> = line.split(',').collect();
            match number % 7 {
                0 => assert!(cells[3].contains("no UTF-8"), "{line}"),
                1 => assert!(line.contains("cells, the heading 2"), "{line}"),
                _ => assert_eq!(cells[2], number.to_string()),
            }
        }
    }
}
