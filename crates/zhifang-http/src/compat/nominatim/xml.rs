//! Nominatim's XML. Only what is left of a text in XML 1.0 is written: control characters are not.

use std::fmt::Write as _;

/// `<?xml …?>` with a line break.
pub(super) const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n";

/// Text made safe for element content and for attributes in double quotes.
pub(super) fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            other if other.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

/// An element that is being written: its start tag takes attributes until it is closed.
#[derive(Debug)]
pub(super) struct Element {
    name: &'static str,
    start: String,
    content: String,
}

impl Element {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            start: String::new(),
            content: String::new(),
        }
    }

    #[must_use]
    pub(super) fn with(mut self, attribute: &str, value: impl std::fmt::Display) -> Self {
        let value = safe(&value.to_string());
        let _ = write!(self.start, " {attribute}=\"{value}\"");
        self
    }

    #[must_use]
    pub(super) fn text(mut self, text: &str) -> Self {
        self.content.push_str(&safe(text));
        self
    }

    pub(super) fn push(&mut self, child: &Self) {
        child.write(&mut self.content);
    }

    /// An element of a name that is known only here, with nothing but text in it.
    pub(super) fn push_text(&mut self, name: &str, text: &str) {
        let _ = write!(self.content, "<{name}>{}</{name}>", safe(text));
    }

    pub(super) fn write(&self, out: &mut String) {
        let Self {
            name,
            start,
            content,
        } = self;
        let _ = if content.is_empty() {
            write!(out, "<{name}{start} />")
        } else {
            write!(out, "<{name}{start}>{content}</{name}>")
        };
    }
}

/// A refusal.
pub(super) fn error(code: u16, message: &str) -> String {
    let mut error = Element::new("error");
    error.push_text("code", &code.to_string());
    error.push_text("message", message);
    let mut out = HEAD.to_owned();
    error.write(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_ends_an_element() {
        let text = error(400, "</error> \"&\u{0}\u{1b}\n");
        assert_eq!(
            text,
            format!(
                "{HEAD}<error><code>400</code><message>&lt;/error&gt; &quot;&amp; </message></error>"
            )
        );
    }
}
