"""The peers of the benchmarks, on the same files, the same points and the same queries.

usage: peers.py reverse|coverage FILE.geojson…     Shapely (GEOS)
       peers.py names FOLDER                        tools that look names up, beside Zhifang

FOLDER holds names.tsv, queries.tsv and zhifang.tsv as the example `peer_queries` writes them. The
table goes to standard output; a tool that cannot be used here is said to be left out.
"""

import json
import os
import re
import sqlite3
import sys
import time

POINTS = 2_000_000


def points(count):
    """The points of the index's own measurement: xorshift from the same seed."""
    import numpy as np

    state, mask = 0x5EED, (1 << 64) - 1
    values = np.empty(count * 2)
    for at in range(count * 2):
        state ^= (state << 13) & mask
        state ^= state >> 7
        state ^= (state << 17) & mask
        values[at] = (state >> 11) / (1 << 53)
    return 73.0 + 62.0 * values[0::2], 18.0 + 36.0 * values[1::2]


def polygons(paths):
    import numpy as np
    import shapely

    shapes = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for feature in json.load(file)["features"]:
                if feature["properties"].get("code") and feature["geometry"]:
                    shapes.append(shapely.from_geojson(json.dumps(feature["geometry"])))
    return np.array(shapes)


def reverse(paths):
    import shapely

    shapes = polygons(paths)
    x, y = points(POINTS)
    tree = shapely.STRtree(shapes)
    shapely.prepare(shapes)
    start = time.perf_counter()
    places, found = tree.query(shapely.points(x, y))
    hits = shapely.intersects_xy(shapes[found], x[places], y[places])
    seconds = time.perf_counter() - start
    print(f"covering: {POINTS / seconds:.0f} points/s, {hits.sum()} units")


def coverage(paths):
    import numpy as np
    import shapely

    shapes = polygons(paths)
    best = None
    for _ in range(3):
        start = time.perf_counter()
        edges = shapely.coverage_invalid_edges(shapes)
        seconds = time.perf_counter() - start
        best = seconds if best is None else min(best, seconds)
    faulty = np.count_nonzero(~shapely.is_empty(edges))
    print(f"coverage_invalid_edges: {best:.3f} s over {len(shapes)} units, {faulty} with faulty edges")


def is_han(text):
    return any("\u3400" <= one <= "\u9fff" for one in text)


def folded(words):
    """What a careful user would send: half width, no separators, no tones, lower case."""
    import unicodedata

    text = unicodedata.normalize("NFKC", words)
    plain = [one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one)]
    return re.sub(r"[\W_]", "", "".join(plain)).lower()


def grams(text, length):
    return {text[at : at + length] for at in range(len(text) - length + 1)}


def once(codes):
    return list(dict.fromkeys(codes))[:5]


def spelled(names):
    """Toneless Pinyin of every path, name by name, each name once."""
    from pypinyin import lazy_pinyin

    known = {}

    def of(name):
        if name not in known:
            known[name] = lazy_pinyin(name, errors="ignore")
        return known[name]

    return [[syllable for name in path for syllable in of(name)] for _, path in names]


class Tantivy:
    """1-2-grams of the path, 3-grams of its Pinyin, initials; tuned as the field measured best."""

    title = "tantivy 0.27"

    def __init__(self, names):
        import tantivy

        self.tantivy = tantivy
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("code", stored=True, tokenizer_name="raw")
        for field, name in [("path", "han"), ("sound", "sound"), ("initials", "initials")]:
            builder.add_text_field(field, stored=False, tokenizer_name=name)
        builder.add_unsigned_field("length", stored=True)
        self.schema = builder.build()
        self.index = tantivy.Index(self.schema)
        for name, low, high in [("han", 1, 2), ("sound", 3, 3), ("initials", 3, 4)]:
            analyser = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(low, high, False)).build()
            self.index.register_tokenizer(name, analyser)
        writer = self.index.writer(200_000_000)
        for (code, path), sound in zip(names, spelled(names)):
            text = "".join(path)
            document = tantivy.Document()
            document.add_text("code", code)
            document.add_text("path", text)
            document.add_text("sound", "".join(sound))
            document.add_text("initials", "".join(one[:1] for one in sound))
            document.add_unsigned("length", len(text))
            writer.add_document(document)
        writer.commit()
        self.index.reload()
        self.searcher = self.index.searcher()

    def any_of(self, field, grams):
        query, should = self.tantivy.Query, self.tantivy.Occur.Should
        return query.boolean_query([(should, query.term_query(self.schema, field, gram)) for gram in sorted(grams)])

    def find(self, words):
        text = folded(words)
        letters = re.sub(r"[^a-z]", "", text)
        han = re.sub(r"[a-z]", "", text) if is_han(text) else ""
        parts = []
        if han:
            parts.append(self.any_of("path", grams(han, 1) | grams(han, 2)))
        if letters:
            sound = self.any_of("sound", grams(letters, 3) or {letters})
            initials = self.any_of("initials", grams(letters, 3) | grams(letters, 4) or {letters})
            parts.append(self.tantivy.Query.disjunction_max_query([sound, initials]))
        if not parts:
            return []
        query = self.tantivy.Query.boolean_query([(self.tantivy.Occur.Should, part) for part in parts])
        hits = self.searcher.search(query, 20).hits
        documents = [(score, self.searcher.doc(address)) for score, address in hits]
        # The shorter path of two that fit alike.
        documents.sort(key=lambda one: (-round(one[0], 3), one[1]["length"][0]))
        return once(document["code"][0] for _, document in documents)


class Trigrams:
    """SQLite FTS5, trigrams of the path and of its Pinyin, ranked by bm25."""

    title = f"SQLite {sqlite3.sqlite_version} FTS5 trigram"

    def __init__(self, names):
        self.base = sqlite3.connect(":memory:")
        self.base.execute("CREATE VIRTUAL TABLE names USING fts5(code UNINDEXED, path, sound, tokenize='trigram')")
        rows = zip(names, spelled(names))
        self.base.executemany(
            "INSERT INTO names VALUES (?, ?, ?)",
            ((code, "".join(path), "".join(sound)) for (code, path), sound in rows),
        )

    def find(self, words):
        wanted = grams(folded(words), 3)
        if not wanted:
            return []
        match = " OR ".join(f'"{gram}"' for gram in sorted(wanted))
        rows = self.base.execute(
            "SELECT code FROM names WHERE names MATCH ? ORDER BY bm25(names), length(path) LIMIT 10", (match,)
        )
        return once(code for (code,) in rows)


class PgTrgm:
    """PostgreSQL, pg_trgm's word_similarity over a GIN index."""

    title = "PostgreSQL 15 pg_trgm"

    def __init__(self, names):
        import psycopg

        address = os.environ.get("ZHIFANG_TEST_POSTGRES")
        if not address:
            raise RuntimeError("no PostgreSQL here")
        self.base = psycopg.connect(address, autocommit=True)
        self.base.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        self.base.execute("CREATE TEMP TABLE names (code text, path text)")
        with self.base.cursor().copy("COPY names FROM STDIN") as copy:
            for code, path in names:
                copy.write_row((code, "".join(path)))
        self.base.execute("CREATE INDEX ON names USING gin (path gin_trgm_ops)")
        self.base.execute("ANALYZE names")
        self.base.execute("SET pg_trgm.word_similarity_threshold = 0.3")

    def find(self, words):
        rows = self.base.execute(
            "SELECT code FROM names WHERE %(q)s <%% path "
            "ORDER BY word_similarity(%(q)s, path) DESC, similarity(%(q)s, path) DESC, code LIMIT 10",
            {"q": folded(words)},
        )
        return once(code for (code,) in rows)


class Jionlp:
    """jionlp's parse_location with townships and villages; its names are looked up in ours."""

    title = "jionlp 1.5.31"

    def __init__(self, names):
        import contextlib

        with contextlib.redirect_stdout(sys.stderr):
            import jionlp

            self.parse = jionlp.parse_location
            self.parse("北京市", town_village=True)
        self.codes = {}
        for code, path in names:
            self.codes.setdefault((path[0], path[-1], *path[-2:-1]), code)
            self.codes.setdefault((path[0], path[-1]), code)

    def find(self, words):
        found = self.parse(words, town_village=True)
        parts = [found.get(part) for part in ["province", "city", "county", "town", "village"]]
        parts = [part for part in parts if part]
        if not parts:
            return []
        keys = [(parts[0], parts[-1], *parts[-2:-1]), (parts[0], parts[-1])]
        return [self.codes[key] for key in keys if key in self.codes][:1]


class Cpca:
    """cpca's transform: provinces, prefectures and counties only."""

    title = "cpca 0.5.5"

    def __init__(self, names):
        import cpca

        self.cpca = cpca
        self.codes = {code.ljust(12, "0"): code for code, _ in reversed(names)}

    def find(self, words):
        code = self.cpca.transform([words])["adcode"].iloc[0]
        found = self.codes.get(str(code).ljust(12, "0")) if code else None
        return [found] if found else []


def lines(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def names(paths):
    folder = paths[0]
    table = [(row[0], row[1:]) for row in lines(folder, "names.tsv")]
    queries = lines(folder, "queries.tsv")
    own = lines(folder, "zhifang.tsv")
    tools = {"Zhifang": (float(own[0][0]), [(float(ms), ids.split(",")) for ms, ids in own[1:]])}
    left_out = []
    for tool in [Tantivy, Trigrams, PgTrgm, Jionlp, Cpca]:
        print(tool.title, file=sys.stderr)
        try:
            start = time.perf_counter()
            peer = tool(table)
            built = time.perf_counter() - start
        except Exception as error:  # a peer may be missing or not run here
            left_out.append(f"{tool.title} ({error})")
            continue
        answers = []
        for _, words, _ in queries:
            start = time.perf_counter()
            try:
                found = peer.find(words)
            except Exception:  # what a peer cannot take it does not find
                found = []
            answers.append(((time.perf_counter() - start) * 1e3, found))
        tools[tool.title] = (built, answers)
    classes = sorted({query[0] for query in queries})

    def share(answers, wanted, first):
        of_class = [at for at, query in enumerate(queries) if wanted in (None, query[0])]
        hits = sum(not set(queries[at][2].split(",")).isdisjoint(answers[at][1][:first]) for at in of_class)
        return 100 * hits / max(1, len(of_class))

    def cell(answers, wanted):
        return f"{share(answers, wanted, 1):.0f} / {share(answers, wanted, 5):.0f}"

    def at(answers, part):
        times = sorted(ms for ms, _ in answers)
        return times[int((len(times) - 1) * part)]

    print(f"First right / among the first five, per cent; {len(queries)} queries, {len(table)} names.")
    print()
    print("| class | " + " | ".join(tools) + " |")
    print("| --- |" + " --- |" * len(tools))
    for name in classes:
        row = [cell(answers, name) for _, answers in tools.values()]
        print(f"| {name} | " + " | ".join(row) + " |")
    row = [f"{share(answers, None, 1):.1f} / {share(answers, None, 5):.1f}" for _, answers in tools.values()]
    print("| **all** | " + " | ".join(row) + " |")
    row = [f"{at(answers, 0.5):.2f} / {at(answers, 0.99):.1f}" for _, answers in tools.values()]
    print("| p50 / p99, ms | " + " | ".join(row) + " |")
    row = [f"{built:.1f}" for built, _ in tools.values()]
    print("| made ready, s | " + " | ".join(row) + " |")
    if left_out:
        print()
        print("Left out: " + "; ".join(left_out) + ".")


if __name__ == "__main__":
    {"reverse": reverse, "coverage": coverage, "names": names}[sys.argv[1]](sys.argv[2:])
