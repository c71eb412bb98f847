"""Opens a running service in QGIS, without a screen: features through its OGC API provider, and
the vector tiles drawn and looked at.

usage: python3 -I qgis.py http://HOST:PORT  (-I: or this file stands before the package of its name)

Needs Debian's python3-qgis (3.22 or newer) and its own python3. The register is Laohekou's
demonstration. Ends with 0 when QGIS sees what the service says, else an AssertionError says what
it sees instead.
"""

import json
import os
import sys
import tempfile
import urllib.parse
import urllib.request

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# A profile of its own, so that no cache or setting of a person is read or written.
profile = tempfile.TemporaryDirectory()
os.environ["HOME"] = profile.name
os.environ["XDG_RUNTIME_DIR"] = profile.name

from qgis.core import (  # noqa: E402
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsExpression,
    QgsFeatureRequest,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileBasicRenderer,
    QgsVectorTileLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QSize  # noqa: E402
from qgis.PyQt.QtGui import QColor  # noqa: E402

# Around the county's seat.
TOWN = (111.6, 32.3, 111.75, 32.45)
COUNTY = (111.4, 32.2, 112.0, 32.65)
SIDE = 400


def asked(url, **parameters):
    """What the service says itself."""
    with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(parameters)}") as answer:
        return json.load(answer)


def opened(service, collection):
    layer = QgsVectorLayer(f"url='{service}/ogc' typename='{collection}'", collection, "OAPIF")
    assert layer.isValid(), f"{collection}: {layer.error().message()}"
    return layer


def ids(features):
    return sorted(feature["id"] for feature in features)


def features(service, collection, shape):
    """Type of geometry, number, fields, and what a box and an expression find."""
    layer = opened(service, collection)
    items = f"{service}/ogc/collections/{collection}/items"
    everything = asked(items, limit=10000)
    assert QgsWkbTypes.geometryType(layer.wkbType()) == shape, (
        f"{collection} is taken for {QgsWkbTypes.displayString(layer.wkbType())}"
    )
    found = list(layer.getFeatures())
    assert ids(found) == sorted(one["properties"]["id"] for one in everything["features"]), (
        f"{collection}: QGIS reads {len(found)} of {everything['numberMatched']}"
    )
    names = {field.name() for field in layer.fields()}
    told = asked(f"{service}/ogc/collections/{collection}/sortables")["properties"]
    absent = set(told) - names
    assert not absent, f"{collection}: no fields {sorted(absent)}"
    box = QgsRectangle(*TOWN)
    near = list(layer.getFeatures(QgsFeatureRequest().setFilterRect(box)))
    boxed = asked(items, limit=10000, bbox=",".join(map(str, TOWN)))
    assert 0 < len(near) < len(found), f"{collection}: {len(near)} of {len(found)} in the town"
    # QGIS takes a box for what meets the envelope, the service for what meets the geometry.
    assert set(one["properties"]["id"] for one in boxed["features"]) <= set(ids(near))
    # Longitude first: everything lies where it is.
    whole = QgsRectangle()
    for feature in found:
        whole.combineExtentWith(feature.geometry().boundingBox())
    assert 110 < whole.xMinimum() < whole.xMaximum() < 114, whole.toString()
    assert 31 < whole.yMinimum() < whole.yMaximum() < 34, whole.toString()
    return layer


def expressions(service):
    layer = opened(service, "services")
    large = QgsExpression("\"kind\" = 'elderly_home' AND \"beds\" > 100")
    found = ids(layer.getFeatures(QgsFeatureRequest(large)))
    items = f"{service}/ogc/collections/services/items"
    told = asked(items, limit=10000, filter="kind = 'elderly_home' AND beds > 100")
    assert found == sorted(one["properties"]["id"] for one in told["features"]) and found


def painted(template):
    """Share of pixels of the county's map that tiles paint."""
    url = urllib.parse.quote(template, safe=":/{}")
    layer = QgsVectorTileLayer(f"type=xyz&url={url}&zmin=0&zmax=16", "tiles")
    assert layer.isValid(), "the tile layer is not valid"
    renderer = QgsVectorTileBasicRenderer()
    renderer.setStyles(QgsVectorTileBasicRenderer.simpleStyleWithRandomColors())
    layer.setRenderer(renderer)
    mercator = QgsCoordinateReferenceSystem("EPSG:3857")
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    to_mercator = QgsCoordinateTransform(degrees, mercator, QgsProject.instance())
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(mercator)
    settings.setExtent(to_mercator.transformBoundingBox(QgsRectangle(*COUNTY)))
    settings.setOutputSize(QSize(SIDE, SIDE))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    white = QColor("white").rgb()
    pixels = sum(
        image.pixel(x, y) != white for x in range(image.width()) for y in range(image.height())
    )
    return pixels / (image.width() * image.height())


def main(service):
    points, lines, areas = (
        QgsWkbTypes.PointGeometry,
        QgsWkbTypes.LineGeometry,
        QgsWkbTypes.PolygonGeometry,
    )
    for collection, shape in [
        ("services", points),
        ("markers", points),
        ("signs", points),
        ("boundaries", lines),
        ("roads", lines),
    ]:
        layer = features(service, collection, shape)
        print(f"{collection}: {layer.featureCount()} features, {len(layer.fields())} fields")
    expressions(service)
    layer = opened(service, "divisions")
    assert QgsWkbTypes.geometryType(layer.wkbType()) == areas, "divisions open as no areas"
    base = painted(f"{service}/tiles/base/{{z}}/{{x}}/{{y}}.mvt")
    assistance = painted(f"{service}/tiles/assistance/{{z}}/{{x}}/{{y}}.mvt")
    nothing = painted(f"{service}/nowhere/{{z}}/{{x}}/{{y}}.mvt")
    print(f"painted: base {base:.0%}, assistance {assistance:.1%}, nothing {nothing:.0%}")
    # Tiles that do not come leave white squares, and QGIS says nothing.
    assert base > 0.9, f"the base map paints {base:.0%}"
    assert 0.005 < assistance < 0.9, f"the assistance map paints {assistance:.1%}"
    assert nothing == 0, f"tiles that are not there paint {nothing:.0%}"


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    main(sys.argv[1].rstrip("/"))
    # Its own end waits for threads that are gone by then.
    sys.stdout.flush()
    os._exit(0)
