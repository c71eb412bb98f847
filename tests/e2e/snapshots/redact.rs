//! What differs from run to run is replaced by its name.

/// Decimals that every machine's mathematics agrees on.
const DECIMALS: usize = 6;

/// Characters of a sum in hexadecimal (SHA-256).
const SEAL: usize = 64;

/// The text with each needle replaced, times as `[TIME]`, the version as `[VERSION]`, sums as
/// `[SHA-256]`, and numbers rounded to six decimals.
pub(crate) fn redacted(text: &str, needles: &[(&str, &str)]) -> String {
    let mut text = text.replace("\r\n", "\n");
    for (needle, name) in needles {
        text = text.replace(needle, name);
    }
    text = text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        if let Some(length) = instant(rest.as_bytes()) {
            out.push_str("[TIME]");
            rest = rest.get(length..).unwrap_or_default();
        } else if is_seal(rest.as_bytes()) {
            out.push_str("[SHA-256]");
            rest = rest.get(SEAL..).unwrap_or_default();
        } else if first.is_ascii_digit() {
            let length = number(rest.as_bytes());
            let (digits, after) = rest.split_at(length);
            out.push_str(&rounded(digits));
            rest = after;
        } else {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// Whether the bytes begin with a sum in hexadecimal.
fn is_seal(bytes: &[u8]) -> bool {
    bytes.len() >= SEAL && bytes.iter().take(SEAL).all(u8::is_ascii_hexdigit)
}

/// Length of an instant (RFC 3339) that the bytes begin with.
fn instant(bytes: &[u8]) -> Option<usize> {
    const FORM: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let is_formed = FORM.len() <= bytes.len()
        && FORM.iter().zip(bytes).all(|(form, byte)| match form {
            b'd' => byte.is_ascii_digit(),
            _ => byte == form,
        });
    if !is_formed {
        return None;
    }
    let mut length = FORM.len();
    let digits_from = |at: usize| {
        let digits = bytes.iter().skip(at);
        digits.take_while(|byte| byte.is_ascii_digit()).count()
    };
    if bytes.get(length) == Some(&b'.') {
        length += 1 + digits_from(length + 1);
    }
    match bytes.get(length) {
        Some(b'Z') => Some(length + 1),
        Some(b'+' | b'-') => Some(length + "+08:00".len()),
        _ => None,
    }
    .filter(|end| *end <= bytes.len())
}

/// Length of the digits, point and digits that the bytes begin with.
fn number(bytes: &[u8]) -> usize {
    let mut has_point = false;
    let counts = |at: usize, byte: u8| {
        byte.is_ascii_digit() || (byte == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit))
    };
    let length = bytes.iter().enumerate().take_while(|(at, byte)| {
        let is_point = **byte == b'.';
        let goes_on = counts(*at, **byte) && !(is_point && has_point);
        has_point |= is_point;
        goes_on
    });
    length.count()
}

fn rounded(digits: &str) -> String {
    let decimals = digits.split_once('.').map_or(0, |(_, after)| after.len());
    match digits.parse::<f64>() {
        Ok(value) if decimals > DECIMALS => {
            let text = format!("{value:.DECIMALS$}");
            let text = text.trim_end_matches('0');
            text.strip_suffix('.')
                .map_or_else(|| text.to_owned(), |whole| format!("{whole}.0"))
        }
        _ => digits.to_owned(),
    }
}

#[test]
fn what_differs_from_run_to_run_is_replaced() {
    let text =
        "于 2026-11-25T10:11:12.123456+08:00，111.670000123，v0.1.0-1，2026-11-25，老河口0.5";
    assert_eq!(
        redacted(text, &[("老河口", "[PLACE]")]),
        "于 [TIME]，111.67，v[VERSION]-1，2026-11-25，[PLACE]0.5"
    );
    assert_eq!(redacted("a 2026-11-25T10:11:12Z b", &[]), "a [TIME] b");
    assert_eq!(
        redacted("1.99999999 10.2.3.4567890123", &[]),
        "2.0 10.2.3.456789"
    );
}
