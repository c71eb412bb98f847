"""Lays the divisions of every tile from zoom 3 to 12 beside each other and counts, in tile units,
what overlaps and what is left open, with GEOS as the judge.

usage: pyramid.py http://HOST:PORT FAULTS.geojson

Runs in the environment of the benchmarks' peers (Shapely). FAULTS holds what the check finds at
fault in the data itself: overlaps and gaps that the tiles rightly show. Zooms 3 to 8 are read whole,
those above at tiles where units meet. Ends with 0 when nothing overlaps and nothing is open but what
the list KNOWN names.
"""

import http.client
import json
import math
import random
import sys
import urllib.parse

import numpy as np
import shapely

EXTENT = 4096
WEST, SOUTH, EAST, NORTH = 73.0, 3.0, 136.0, 54.0
FIRST_ZOOM = {"province": 0, "prefecture": 4, "county": 6}
WHOLE = 8
SAMPLE = 1500
# A crossing of the tile's edge has no whole coordinates: what rounding makes of it, square units.
# Above zoom 8 the source's own vertices are rounded, each by itself: two edges of one unit that run
# within a unit of each other may touch or cross.
CROSSING, VERTICES = 1e-3, 0.5
# An enclosed piece of sea is larger than this; below it is a gap, square units.
SEA = 64
# Distance from a known fault within which a tile's finding is that fault, units.
NEAR = 24
# What is known to be left, each far smaller than a pixel. One that is not found any more has to go.
KNOWN = {
    (108.93384, 21.76269): "an inlet that 450521 and 450702 enclose, too small for a hole of the province",
    (107.88484, 21.62871): "an inlet that 450603 and 450681 enclose, too small for a hole of the province",
    (113.47614, 41.39535): "at zoom 7 lines of 150923, 150924 and 150928 meet at a grid point and cross",
}
BOX = shapely.box(0, 0, EXTENT, EXTENT)


def varint(data, at):
    value, shift = 0, 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """Number and value of each field of a protocol buffer."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        else:
            length = {1: 8, 5: 4}[kind]
            value, at = data[at : at + length], at + length
        yield key >> 3, value


def packed(data):
    values, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        values.append(value)
    return values


def rings(commands):
    """Rings of a polygon's commands (MVT 2.1 §4.3)."""
    found, ring, x, y, at = [], [], 0, 0, 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            found.append(np.array(ring, dtype=float))
            ring = []
            continue
        for _ in range(count):
            x += (commands[at] >> 1) ^ -(commands[at] & 1)
            y += (commands[at + 1] >> 1) ^ -(commands[at + 1] & 1)
            at += 2
            ring.append((x, y))
    return found


def signed_area(ring):
    x, y = ring[:, 0], ring[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(np.roll(x, -1), y)) / 2


def shape(commands):
    """The polygon, outer rings told by their turn (MVT 2.1 §4.3.3.3)."""
    parts = []
    for ring in rings(commands):
        if signed_area(ring) > 0:
            parts.append((ring, []))
        else:
            parts[-1][1].append(ring)
    return shapely.multipolygons([shapely.Polygon(outer, inner) for outer, inner in parts])


def divisions(tile):
    """Levels and shape of each feature of the layer of divisions."""
    for number, layer in fields(tile):
        if number != 3:
            continue
        parts = list(fields(layer))
        if next(value for number, value in parts if number == 1) != b"divisions":
            continue
        keys = [value.decode() for number, value in parts if number == 3]
        values = [
            next((text.decode() for kind, text in fields(value) if kind == 1), "")
            for number, value in parts
            if number == 4
        ]
        for number, feature in parts:
            if number != 2:
                continue
            feature = dict(fields(feature))
            tags = packed(feature[2])
            told = {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2])}
            yield told["levels"].split(","), told["code"], shape(packed(feature[4]))


def world(lon, lat, zoom):
    """Tile units from the world's corner."""
    size = EXTENT * 2**zoom
    sine = math.sin(math.radians(lat))
    y = 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)
    return (lon + 180) / 360 * size, y * size


def slack(zoom):
    """Area that no line is to blame for, square units."""
    return CROSSING if zoom <= WHOLE else VERTICES


def known_faults(path):
    with open(path, encoding="utf-8") as file:
        found = json.load(file)["features"]
    shapes = [shapely.from_geojson(json.dumps(one["geometry"])) for one in found if one["geometry"]]
    return [tuple(point) for one in shapes for point in shapely.get_coordinates(one)]


class Tiles:
    def __init__(self, url, faults):
        address = urllib.parse.urlsplit(url)
        self.link = http.client.HTTPConnection(address.hostname, address.port)
        self.faults = faults
        self.read = self.invalid = self.overlaps = self.gaps = 0
        self.left = set(KNOWN)

    def get(self, zoom, x, y):
        self.link.request("GET", f"/tiles/base/{zoom}/{x}/{y}.mvt")
        answer = self.link.getresponse()
        body = answer.read()
        assert answer.status in (200, 204), f"{zoom}/{x}/{y}: {answer.status}"
        return body

    def report(self, what, pieces, zoom, x, y, level):
        """Pieces of area that neither the data nor the list above explains; how many."""
        count = 0
        for piece in shapely.get_parts(pieces):
            if piece.area <= slack(zoom):
                continue
            place = shapely.point_on_surface(piece)
            at = (x * EXTENT + place.x, y * EXTENT + place.y)
            said = f"{what} of {piece.area:.3f} at {zoom}/{x}/{y} {place.wkt}, {level}"
            if any(math.dist(at, world(*fault, zoom)) < NEAR for fault in self.faults):
                continue
            near = [case for case in KNOWN if math.dist(at, world(*case, zoom)) < NEAR]
            if near and piece.area < SEA:
                self.left -= set(near)
                print(f"known: {said}: {KNOWN[near[0]]}")
            else:
                count += 1
                print(said)
        return count

    def look(self, zoom, x, y):
        """Counts what overlaps and what is open in one tile; how many counties it shows."""
        body = self.get(zoom, x, y)
        if not body:
            return 0
        self.read += 1
        shown = list(divisions(body))
        grounds = {}
        for level, first in FIRST_ZOOM.items():
            if zoom < first:
                continue
            units = [(code, one) for levels, code, one in shown if level in levels]
            if not units:
                continue
            shapes = np.array([one for _, one in units])
            for code, one in units:
                if zoom <= WHOLE and not shapely.is_valid(one):
                    print(f"{code} is not valid at {zoom}/{x}/{y}: {shapely.is_valid_reason(one)}")
                    self.invalid += 1
            shapes = shapely.make_valid(shapes)
            shapes = shapely.intersection(shapes, BOX)
            ground = shapely.union_all(shapes)
            grounds[level] = ground
            if shapely.area(shapes).sum() - ground.area > CROSSING:
                tree = shapely.STRtree(shapes)
                for one, other in zip(*tree.query(shapes, predicate="intersects")):
                    if one < other:
                        both = shapely.intersection(shapes[one], shapes[other])
                        self.overlaps += self.report("overlap", both, zoom, x, y, level)
            for part in shapely.get_parts(ground) if level == "province" else ():
                # What only touches the tile's edge is there as a point or a line.
                for ring in part.interiors if part.geom_type == "Polygon" else ():
                    hole = shapely.Polygon(ring)
                    if hole.area < SEA:
                        self.gaps += self.report("gap", hole, zoom, x, y, level)
        # Provinces are drawn from the same lines as what they consist of: the ground is the same.
        for level in ("prefecture", "county"):
            if level in grounds and "province" in grounds:
                open_ground = shapely.symmetric_difference(grounds["province"], grounds[level])
                self.gaps += self.report("gap", open_ground, zoom, x, y, level)
        return len(shown)


def main(url, faults):
    tiles = Tiles(url, known_faults(faults))
    chance = random.Random(20261125)
    meeting = []
    for zoom in range(3, 13):
        before = tiles.read
        if zoom <= WHOLE:
            (west, north), (east, south) = world(WEST, NORTH, zoom), world(EAST, SOUTH, zoom)
            columns = range(int(west) // EXTENT, int(east) // EXTENT + 1)
            rows = range(int(north) // EXTENT, int(south) // EXTENT + 1)
            meeting = [(x, y) for x in columns for y in rows if tiles.look(zoom, x, y) > 3]
        else:
            below = [(2 * x + i, 2 * y + j) for x, y in meeting for i in (0, 1) for j in (0, 1)]
            chance.shuffle(below)
            meeting = [(x, y) for x, y in below[:SAMPLE] if tiles.look(zoom, x, y) > 3]
        print(f"z{zoom}: {tiles.read - before} tiles, {len(meeting)} where units meet", flush=True)
        assert tiles.read > before, f"nothing was read at z{zoom}"
    for case in tiles.left:
        print(f"mended, take it out of KNOWN: {KNOWN[case]}")
    print(f"{tiles.read} tiles: {tiles.overlaps} overlaps, {tiles.gaps} gaps, {tiles.invalid} not valid")
    return 0 if tiles.overlaps == tiles.gaps == tiles.invalid == len(tiles.left) == 0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
