//! Which encoding is a table of texts in that does not say so?

use encoding_rs::{GB18030, UTF_8};

/// `UTF-8` or `GBK`, whichever makes fewer faults; `None` for ASCII.
pub(crate) fn sniff(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_ascii() {
        return None;
    }
    let faults = |encoding: &'static encoding_rs::Encoding| {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        text.chars().filter(|c| *c == '\u{fffd}').count()
    };
    Some(if faults(UTF_8) <= faults(GB18030) {
        "UTF-8"
    } else {
        "GBK"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_told_apart() {
        let (gbk, _, _) = GB18030.encode("老河口市  光化街道  ");
        assert_eq!(sniff(&gbk), Some("GBK"));
        assert_eq!(sniff("老河口市  光化街道".as_bytes()), Some("UTF-8"));
        assert_eq!(sniff(b"Laohekou"), None);
    }
}
