"""The peers of the benchmarks: Shapely (GEOS) on the same files and the same points.

usage: peers.py reverse|coverage FILE.geojson…
"""

import json
import sys
import time

import numpy as np
import shapely

POINTS = 2_000_000


def points(count):
    """The points of the index's own measurement: xorshift from the same seed."""
    state, mask = 0x5EED, (1 << 64) - 1
    values = np.empty(count * 2)
    for at in range(count * 2):
        state ^= (state << 13) & mask
        state ^= state >> 7
        state ^= (state << 17) & mask
        values[at] = (state >> 11) / (1 << 53)
    return 73.0 + 62.0 * values[0::2], 18.0 + 36.0 * values[1::2]


def polygons(paths):
    shapes = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for feature in json.load(file)["features"]:
                if feature["properties"].get("code") and feature["geometry"]:
                    shapes.append(shapely.from_geojson(json.dumps(feature["geometry"])))
    return np.array(shapes)


def reverse(shapes):
    x, y = points(POINTS)
    tree = shapely.STRtree(shapes)
    shapely.prepare(shapes)
    start = time.perf_counter()
    places, found = tree.query(shapely.points(x, y))
    hits = shapely.intersects_xy(shapes[found], x[places], y[places])
    seconds = time.perf_counter() - start
    print(f"covering: {POINTS / seconds:.0f} points/s, {hits.sum()} units")


def coverage(shapes):
    best = None
    for _ in range(3):
        start = time.perf_counter()
        edges = shapely.coverage_invalid_edges(shapes)
        seconds = time.perf_counter() - start
        best = seconds if best is None else min(best, seconds)
    faulty = np.count_nonzero(~shapely.is_empty(edges))
    print(f"coverage_invalid_edges: {best:.3f} s over {len(shapes)} units, {faulty} with faulty edges")


if __name__ == "__main__":
    {"reverse": reverse, "coverage": coverage}[sys.argv[1]](polygons(sys.argv[2:]))
