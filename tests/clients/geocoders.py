"""Asks a running service through geopy's Photon and Nominatim geocoders, as they are published.

usage: geocoders.py HOST:PORT

The register is that of tests/e2e/compat.rs. Ends with 0 when every answer is what a user of geopy
expects, else an AssertionError says which is not.
"""

import sys

from geopy.distance import geodesic
from geopy.exc import GeocoderQueryError
from geopy.geocoders import Nominatim, Photon

SEAT = (32.38583, 111.66778)
LILOU = (32.3387, 111.7319)


def near(location, place, metres=500):
    distance = geodesic((location.latitude, location.longitude), place).m
    assert distance < metres, f"{location}: {distance:.0f} m from {place}"


def refused(ask, said):
    try:
        ask()
    except GeocoderQueryError as error:
        assert said in str(error), f"{error!r} does not say {said!r}"
    else:
        raise AssertionError(f"not refused: wanted {said!r}")


def photon(host):
    geocoder = Photon(domain=host, scheme="http", proxies={})
    location = geocoder.geocode("老河口市")
    near(location, SEAT)
    # geopy puts the address together from name, city, state and country.
    assert location.address == "老河口市, 襄阳市, 湖北省, 中国", location.address
    assert location.raw["properties"]["osm_id"] == 420682
    assert geocoder.geocode("laohekou lilou", language="en").address.startswith("Lilou Zhen")
    many = geocoder.geocode("李楼", exactly_one=False, limit=4, location_bias=LILOU)
    assert 1 <= len(many) <= 4, many
    near(many[0], LILOU)
    rivers = geocoder.geocode("汉江", exactly_one=False, osm_tag="waterway")
    assert rivers and all(r.raw["properties"]["osm_key"] == "waterway" for r in rivers), rivers
    assert not geocoder.geocode("老河口市", bbox=[(20, 100), (21, 101)])
    here = geocoder.reverse(LILOU, limit=3, exactly_one=False)
    assert all(place.raw["properties"]["county"] == "老河口市" for place in here), here
    assert geocoder.reverse((10, 150)) is None
    refused(lambda: geocoder.geocode("a" * 500), "400")


def nominatim(host):
    geocoder = Nominatim(
        domain=f"{host}/nominatim", scheme="http", user_agent="zhifang-tests", proxies={}
    )
    location = geocoder.geocode("老河口市", addressdetails=True, namedetails=True, extratags=True)
    near(location, SEAT)
    assert location.address == "老河口市, 襄阳市, 湖北省, 中国", location.address
    raw = location.raw
    assert raw["place_id"] == 420682 and raw["osm_type"] == "relation", raw
    south, north, west, east = (float(degrees) for degrees in raw["boundingbox"])
    assert south < location.latitude < north and west < location.longitude < east, raw
    assert raw["address"]["state"] == "湖北省" and raw["address"]["country_code"] == "cn", raw
    assert raw["address"]["ISO3166-2-lvl4"] == "CN-HB", raw
    assert raw["namedetails"]["name"] == "老河口市" and raw["extratags"]["code"] == "420682", raw
    # What it writes it reads.
    again = geocoder.geocode(location.address)
    assert again.raw["place_id"] == 420682, again.raw
    english = geocoder.geocode("Laohekou, Hubei, China", language="en")
    assert english.address.endswith("Hubei Sheng, China"), english.address
    for query in [
        {"state": "湖北省", "city": "老河口市", "country": "中国", "postalcode": "441800"},
        {"county": "老河口", "state": "Hubei", "country": "China"},
    ]:
        assert geocoder.geocode(query).raw["place_id"] == 420682, query
    assert geocoder.geocode({"city": "老河口", "country": "France"}) is None
    assert geocoder.geocode("老河口", country_codes=["de", "fr"]) is None
    assert geocoder.geocode("老河口", country_codes="cn") is not None
    two = geocoder.geocode("李楼", exactly_one=False, limit=2, geometry="geojson")
    assert len(two) == 2 and "Polygon" in two[0].raw["geojson"]["type"], two
    box = [(32.2, 111.6), (32.5, 111.9)]
    inside = geocoder.geocode("李楼", viewbox=box, bounded=True)
    near(inside, LILOU)
    assert geocoder.geocode("李楼", viewbox=[(20, 100), (21, 101)], bounded=True) is None
    settled = geocoder.geocode("老河口", exactly_one=False, featuretype="settlement")
    assert all(place.raw["place_rank"] <= 20 for place in settled), settled
    assert geocoder.geocode("Berlin") is None
    here = geocoder.reverse(LILOU, zoom=12)
    assert here.raw["address"]["town"] == "李楼镇" and here.raw["name"] == "李楼镇", here.raw
    assert geocoder.reverse(LILOU, zoom=10).raw["place_id"] == 420682
    assert geocoder.reverse(LILOU).raw["address"]["county"] == "老河口市"
    assert geocoder.reverse((10, 150)) is None
    refused(lambda: geocoder.geocode("a" * 500), "400")


if __name__ == "__main__":
    photon(sys.argv[1])
    nominatim(sys.argv[1])
    print("geopy is content")
