"""Makes the two font files of the map from open fonts, subset to the characters that are used.

    python3 tools/fonts.py [--data DIR]

Needs fonttools and brotli (PyPI) and the Debian packages fonts-droid-fallback and
fonts-roboto-unhinted. Writes tiles/styles/fonts/zhifang-{han,latin}-HASH.woff2 and fonts.json,
which the style maker (tools/styles.mjs) and the page read. Run it again when a published name brings
a new character; without a change of input its output does not change.
"""

import argparse
import gzip
import hashlib
import io
import json
import pathlib

from fontTools import subset
from fontTools.ttLib import TTFont

APP = pathlib.Path(__file__).resolve().parent.parent
ROOT = APP.parent.parent.parent
OUT = ROOT / "tiles" / "styles" / "fonts"
HAN = "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"
LATIN = "/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf"
# Latin with Pinyin tones, digits, punctuation that Chinese and English text share.
LATIN_RANGES = [(0x20, 0x7E), (0xA0, 0x17F), (0x1CD, 0x1DC), (0x2010, 0x2015), (0x2018, 0x201D), (0x2026, 0x2026)]
# CJK punctuation, full-width forms, digits in circles and brackets of lists.
HAN_RANGES = [(0x3000, 0x301C), (0xFF01, 0xFF5E), (0x2460, 0x2473)]


def used_characters(data: pathlib.Path) -> set[int]:
    texts = []
    for path in sorted(data.rglob("*")):
        if path.name.startswith(("hanzi.",)) or not path.is_file():
            continue
        if path.name.endswith((".csv.gz", ".geojsonseq.gz", ".geojson.gz")):
            texts.append(gzip.open(path, "rt", encoding="utf-8").read())
        elif path.suffix in (".csv", ".geojson", ".geojsonseq", ".toml"):
            texts.append(path.read_text(encoding="utf-8"))
    for folder in ("src", "tools"):
        for path in sorted((APP / folder).rglob("*.ts*")) + sorted((APP / folder).rglob("*.mjs")):
            texts.append(path.read_text(encoding="utf-8"))
    codes = {ord(c) for text in texts for c in set(text)}
    # All of GB 2312's first table (3,755 common characters), so that ordinary words never fall back.
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            try:
                codes.add(ord(bytes((row, cell)).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return {c for c in codes if c >= 0x2E80}


def cut(source: str, codes: set[int]) -> bytes:
    font = TTFont(source)
    options = subset.Options(flavor="woff2", hinting=False, desubroutinize=True, notdef_outline=True)
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "vert"]
    options.name_IDs = [0, 1, 2, 4, 5, 6, 13, 14]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.flavor = "woff2"
    out = io.BytesIO()
    font.save(out, reorderTables=True)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "data")
    args = parser.parse_args()

    latin = {c for a, b in LATIN_RANGES for c in range(a, b + 1)}
    han = used_characters(args.data) | {c for a, b in HAN_RANGES for c in range(a, b + 1)}
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.glob("zhifang-*.woff2"):
        old.unlink()
    faces = []
    for name, source, codes, ranges in (
        ("latin", LATIN, latin, ["U+0-2BF", "U+1E00-1EFF", "U+2000-206F"]),
        ("han", HAN, han, ["U+2460-24FF", "U+2E80-2FFFF", "U+FF00-FFEF"]),
    ):
        data = cut(source, codes)
        missing = sorted(c for c in codes if c not in TTFont(source).getBestCmap())
        digest = hashlib.sha256(data).hexdigest()[:8]
        path = OUT / f"zhifang-{name}-{digest}.woff2"
        path.write_bytes(data)
        faces.append({"file": path.name, "unicode-range": ranges})
        lacking = "".join(chr(c) for c in missing if not 0xE000 <= c <= 0xF8FF)
        print(f"{path.name}: {len(data):,} bytes, {len(codes):,} characters, not in the font: {lacking[:80]}")
    (OUT / "fonts.json").write_text(json.dumps({"Zhifang": faces}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
