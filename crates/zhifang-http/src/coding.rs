//! Content codings (RFC 9110 §8.4.1) of answers that are kept: each is made once.

use std::io::Write as _;
use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;

use crate::caching::content_tag;

/// Brotli's quality: above it tiles gain a percent and cost four times the time.
const BROTLI_QUALITY: u32 = 5;
/// Window that holds any tile, as a power of two.
const BROTLI_WINDOW: u32 = 20;
/// Contents shorter than this grow by coding, bytes.
const SHORTEST: usize = 128;

/// A content coding that we make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Plain,
    Gzip,
    Brotli,
    Zstd,
}

impl Coding {
    /// The coding to answer with: of those that the caller weighs highest the smallest.
    pub(crate) fn wanted(headers: &HeaderMap) -> Self {
        let mut best = (Self::Plain, 0.0, 0);
        let lists = headers.get_all(ACCEPT_ENCODING).iter();
        for item in lists
            .filter_map(|value| value.to_str().ok())
            .flat_map(|list| list.split(','))
        {
            let mut parts = item.split(';').map(str::trim);
            let (coding, rank) = match parts.next().unwrap_or_default() {
                "br" => (Self::Brotli, 3),
                "zstd" => (Self::Zstd, 2),
                "gzip" | "x-gzip" => (Self::Gzip, 1),
                _ => continue,
            };
            let weight: f64 = parts
                .find_map(|part| part.strip_prefix("q="))
                .map_or(1.0, |text| text.parse().unwrap_or(0.0));
            if weight > 0.0 && (weight, rank) > (best.1, best.2) {
                best = (coding, weight, rank);
            }
        }
        best.0
    }

    /// The word in `Content-Encoding`; none for the plain content.
    pub(crate) const fn word(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
        }
    }
}

/// A content with its tag, and with the codings that were asked for so far.
#[derive(Debug)]
pub(crate) struct Coded {
    /// Strong tag of the plain content, in quotes.
    pub(crate) tag: String,
    plain: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
    zstd: OnceLock<Bytes>,
}

impl Coded {
    pub(crate) fn new(content: Vec<u8>) -> Self {
        Self {
            tag: content_tag(&content),
            plain: content.into(),
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
            zstd: OnceLock::new(),
        }
    }

    /// Bytes of memory, the codings with what they take at most.
    pub(crate) fn size(&self) -> usize {
        self.plain.len() * 2 + 256
    }

    /// The content in a coding, made when it is first asked for; plain where coding gains
    /// nothing.
    pub(crate) fn bytes(&self, coding: Coding) -> (Coding, Bytes) {
        let plain = (Coding::Plain, self.plain.clone());
        if self.plain.len() < SHORTEST {
            return plain;
        }
        let slot = match coding {
            Coding::Plain => return plain,
            Coding::Gzip => &self.gzip,
            Coding::Brotli => &self.brotli,
            Coding::Zstd => &self.zstd,
        };
        // Writing to memory does not fail; should a coder do, the plain content is right too.
        let bytes = slot.get_or_init(|| encode(coding, &self.plain).unwrap_or_default().into());
        if bytes.is_empty() {
            plain
        } else {
            (coding, bytes.clone())
        }
    }

    /// Whether the coding needs no work.
    pub(crate) fn has(&self, coding: Coding) -> bool {
        match coding {
            Coding::Plain => true,
            Coding::Gzip => self.gzip.get().is_some(),
            Coding::Brotli => self.brotli.get().is_some(),
            Coding::Zstd => self.zstd.get().is_some(),
        }
    }
}

fn encode(coding: Coding, plain: &[u8]) -> std::io::Result<Vec<u8>> {
    match coding {
        Coding::Plain => Ok(plain.to_vec()),
        Coding::Gzip => {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            out.write_all(plain)?;
            out.finish()
        }
        Coding::Brotli => {
            let mut out =
                brotli::CompressorWriter::new(Vec::new(), 1 << 16, BROTLI_QUALITY, BROTLI_WINDOW);
            out.write_all(plain)?;
            Ok(out.into_inner())
        }
        Coding::Zstd => zstd::encode_all(plain, zstd::DEFAULT_COMPRESSION_LEVEL),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn wanted(text: &str) -> Coding {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, text.parse().unwrap());
        Coding::wanted(&headers)
    }

    #[test]
    fn the_caller_s_weights_decide_and_then_size() {
        assert_eq!(wanted("gzip, deflate, br, zstd"), Coding::Brotli);
        assert_eq!(wanted("gzip, zstd"), Coding::Zstd);
        assert_eq!(wanted("br;q=0.5, gzip;q=0.9"), Coding::Gzip);
        assert_eq!(wanted("br;q=0, identity"), Coding::Plain);
        assert_eq!(wanted("deflate"), Coding::Plain);
        assert_eq!(Coding::wanted(&HeaderMap::new()), Coding::Plain);
    }

    #[test]
    fn every_coding_reads_back_as_the_content() {
        let content: Vec<u8> = (0..10_000_u32).map(|n| (n / 7 % 251) as u8).collect();
        let coded = Coded::new(content.clone());
        let mut read = Vec::new();
        let (coding, gzip) = coded.bytes(Coding::Gzip);
        assert_eq!(coding, Coding::Gzip);
        flate2::read::GzDecoder::new(&*gzip)
            .read_to_end(&mut read)
            .unwrap();
        assert_eq!(read, content);
        read.clear();
        brotli::Decompressor::new(&*coded.bytes(Coding::Brotli).1, 4096)
            .read_to_end(&mut read)
            .unwrap();
        assert_eq!(read, content);
        assert_eq!(
            zstd::decode_all(&*coded.bytes(Coding::Zstd).1).unwrap(),
            content
        );
        assert!(coded.has(Coding::Gzip) && coded.has(Coding::Zstd));
        assert_eq!(
            Coded::new(b"short".to_vec()).bytes(Coding::Gzip).0,
            Coding::Plain
        );
    }
}
