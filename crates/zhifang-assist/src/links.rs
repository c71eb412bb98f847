//! Links into map apps, each with the target in the app's native datum, converted here, so that
//! nothing depends on a flag that some versions of an app ignore: a wrong datum sends people
//! half a kilometre astray.

use serde::Serialize;
use zhifang_core::LonLat;
use zhifang_datum::{bd09, gcj02};

use crate::travel::Mode;

/// Links that open a route to a place in map apps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Links {
    /// 高德地图: `lon,lat` in GCJ-02.
    pub amap: String,
    /// 腾讯地图: `lat,lng` in GCJ-02.
    pub tencent: String,
    /// 百度地图: `lat,lng` in BD-09.
    pub baidu: String,
    /// Apple 地图: `lat,lng` in GCJ-02, the datum of its maps of China.
    pub apple: String,
    /// RFC 5870: `lat,lng` in WGS 84.
    pub geo: String,
}

/// Links that lead to the place, under this name.
pub fn links_to(place: LonLat, name: &str, mode: Mode) -> Links {
    let shifted = gcj02::forward(place);
    let baidu = bd09::forward(place);
    let title = encode(name);
    let (lon, lat) = (shifted.lon, shifted.lat);
    let walks = mode != Mode::Drive;
    let pick = |walk, drive| if walks { walk } else { drive };
    Links {
        amap: format!(
            "https://uri.amap.com/navigation?to={lon:.6},{lat:.6},{title}&mode={}&coordinate=gaode&callnative=1&src=zhifang",
            pick("walk", "car")
        ),
        tencent: format!(
            "https://apis.map.qq.com/uri/v1/routeplan?type={}&to={title}&tocoord={lat:.6},{lon:.6}&coord_type=2&referer=zhifang",
            pick("walk", "drive")
        ),
        baidu: format!(
            "https://api.map.baidu.com/direction?destination=latlng:{:.6},{:.6}%7Cname:{title}&coord_type=bd09ll&mode={}&output=html&src=zhifang",
            baidu.lat,
            baidu.lon,
            pick("walking", "driving")
        ),
        apple: format!(
            "https://maps.apple.com/?daddr={lat:.6},{lon:.6}&q={title}&dirflg={}",
            pick("w", "d")
        ),
        geo: format!(
            "geo:{:.6},{:.6}?q={:.6},{:.6}({title})",
            place.lat, place.lon, place.lat, place.lon
        ),
    }
}

/// A `tel:` link (RFC 3966): the digits and a leading plus, without separators.
pub fn tel_link(phone: &str) -> Option<String> {
    let first = phone
        .split([';', '；', ',', '，', '、', '/'])
        .next()?
        .trim();
    let digits: String = first
        .chars()
        .enumerate()
        .filter(|(at, letter)| letter.is_ascii_digit() || (*at == 0 && *letter == '+'))
        .map(|(_, letter)| letter)
        .collect();
    (digits.len() >= 3).then(|| format!("tel:{digits}"))
}

/// Percent-encoding (RFC 3986 §2.1) of all but the unreserved characters.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> [f64; 2] {
        let mut parts = text.split(',').map(|part| part.parse().unwrap());
        [parts.next().unwrap(), parts.next().unwrap()]
    }

    fn between<'a>(text: &'a str, start: &str, end: &[char]) -> &'a str {
        let rest = text.split_once(start).unwrap().1;
        rest.split(end).next().unwrap()
    }

    #[test]
    fn every_link_leads_back_to_the_place_in_its_datum() {
        let place = LonLat::new(111.670_123, 32.385_456);
        let links = links_to(place, "救助站 (南)", Mode::Walk);
        let near = |found: LonLat| {
            assert!((found.lon - place.lon).abs() < 2e-6, "{found:?}");
            assert!((found.lat - place.lat).abs() < 2e-6, "{found:?}");
        };
        let amap = between(&links.amap, "to=", &['&']);
        let [lon, lat] = numbers(amap.rsplit_once(',').unwrap().0);
        near(gcj02::inverse(LonLat::new(lon, lat)));
        let [lat, lon] = numbers(between(&links.tencent, "tocoord=", &['&']));
        near(gcj02::inverse(LonLat::new(lon, lat)));
        let [lat, lon] = numbers(between(&links.apple, "daddr=", &['&']));
        near(gcj02::inverse(LonLat::new(lon, lat)));
        let [lat, lon] = numbers(between(&links.baidu, "latlng:", &['%']));
        near(bd09::inverse(LonLat::new(lon, lat)));
        let [lat, lon] = numbers(between(&links.geo, "geo:", &['?']));
        near(LonLat::new(lon, lat));
        assert!(
            links
                .amap
                .contains("%E6%95%91%E5%8A%A9%E7%AB%99%20%28%E5%8D%97%29")
        );
    }

    #[test]
    fn the_shift_is_half_a_kilometre_here() {
        let place = LonLat::new(111.67, 32.385);
        let amap = links_to(place, "x", Mode::Drive).amap;
        assert!(amap.contains("mode=car"));
        let [lon, lat] = numbers(between(&amap, "to=", &['&']).rsplit_once(',').unwrap().0);
        let metres = crate::travel::geodesic_m(place, LonLat::new(lon, lat));
        assert!((450.0..750.0).contains(&metres), "{metres}");
    }

    #[test]
    fn telephone_links_carry_digits_only() {
        assert_eq!(
            tel_link("0710-000 0001").as_deref(),
            Some("tel:07100000001")
        );
        assert_eq!(
            tel_link("+86 710-0000001").as_deref(),
            Some("tel:+867100000001")
        );
        assert_eq!(tel_link("110、120").as_deref(), Some("tel:110"));
        assert_eq!(tel_link("见公告"), None);
    }
}
