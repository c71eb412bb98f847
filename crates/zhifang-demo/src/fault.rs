//! The planted faults: a handful of records that the checks must find, each with its rule.

use geo::{Coord, Geometry, Point, Polygon};
use serde_json::{Value, json};

use crate::error::Error;
use crate::feature::Feature;
use crate::plane::{distance_m, moved};

/// The collections in which faults are planted.
pub(crate) struct Ground<'a> {
    pub(crate) boundaries: &'a mut Vec<Feature>,
    pub(crate) markers: &'a mut Vec<Feature>,
    pub(crate) names: &'a mut Vec<Feature>,
    pub(crate) signs: &'a mut Vec<Feature>,
    pub(crate) structures: &'a mut Vec<Feature>,
    pub(crate) services: &'a mut Vec<Feature>,
    pub(crate) cemeteries: &'a mut Vec<Feature>,
    pub(crate) disputed: &'a Polygon,
}

/// A planted fault: collection, id, rule, what is wrong in Chinese and English.
pub(crate) type Planted = [String; 5];

struct Planter {
    planted: Vec<Planted>,
}

impl Planter {
    fn note(&mut self, collection: &str, feature: &Feature, rule: &str, zh: &str, en: &str) {
        self.planted
            .push([collection, feature.text("id"), rule, zh, en].map(str::to_owned));
    }
}

fn find<'a>(
    features: &'a mut [Feature],
    what: &'static str,
    wanted: impl Fn(&Feature) -> bool,
) -> Result<&'a mut Feature, Error> {
    features
        .iter_mut()
        .find(|feature| wanted(feature))
        .ok_or_else(|| Error::Missing {
            what,
            key: "to plant a fault in".to_owned(),
        })
}

fn point(feature: &Feature) -> Option<Coord> {
    match &feature.geometry {
        Some(Geometry::Point(point)) => Some(point.0),
        _ => None,
    }
}

/// Plants the faults and says which.
pub(crate) fn plant(ground: &mut Ground<'_>) -> Result<Vec<Planted>, Error> {
    let mut planter = Planter {
        planted: Vec::new(),
    };
    lines(&mut planter, ground)?;
    markers(&mut planter, ground)?;
    names(&mut planter, ground)?;
    facilities(&mut planter, ground)?;
    planter.planted.sort();
    Ok(planter.planted)
}

fn lines(planter: &mut Planter, ground: &mut Ground<'_>) -> Result<(), Error> {
    let mut townships = ground
        .boundaries
        .iter_mut()
        .filter(|line| line.text("level") == "township");
    let mut next = || {
        townships.next().ok_or_else(|| Error::Missing {
            what: "township line",
            key: "next".to_owned(),
        })
    };
    let line = next()?;
    line.unset("agreement");
    planter.note("boundaries", line, "LIN-08", "缺协议书", "no agreement");
    let line = next()?;
    let length = line
        .properties
        .iter()
        .find(|(key, _)| *key == "length_agreed_m");
    let length = length
        .and_then(|(_, value)| value.as_f64())
        .unwrap_or_default();
    line.set("length_agreed_m", (length * 1.08).round());
    planter.note(
        "boundaries",
        line,
        "LIN-09",
        "协议长度比图上长 8%",
        "the agreed length is 8 % longer than the geometry",
    );
    let line = next()?;
    let (left, right) = (line.text("left").to_owned(), line.text("right").to_owned());
    line.set("left", right);
    line.set("right", left);
    planter.note(
        "boundaries",
        line,
        "LIN-03",
        "左右区划颠倒",
        "left and right unit are exchanged",
    );
    let structure = find(ground.structures, "structure", |one| {
        one.text("kind") == "pipe"
    })?;
    if let Some((_, Value::Array(consents))) = structure
        .properties
        .iter_mut()
        .find(|(key, _)| *key == "consents")
    {
        consents.truncate(1);
    }
    structure.unset("filed_on");
    planter.note(
        "structures",
        structure,
        "STR-01",
        "只有一方同意，未备案",
        "one side's consent only, not filed",
    );
    Ok(())
}

fn markers(planter: &mut Planter, ground: &mut Ground<'_>) -> Result<(), Error> {
    let on = |line: &'static str, serial: u64| {
        move |marker: &Feature| {
            marker.text("boundary") == line
                && marker.properties.contains(&("serial", Value::from(serial)))
        }
    };
    let marker = find(ground.markers, "marker", on("420381420682", 1))?;
    if let Some(place) = point(marker) {
        marker.geometry = Some(Point(moved(place, 27.0, 27.0)).into());
    }
    planter.note(
        "markers",
        marker,
        "MRK-01",
        "距界线约 30 米",
        "about 30 m off its line",
    );
    let marker = find(ground.markers, "marker", on("411381420682", 6))?;
    if let Some((_, Value::Array(references))) = marker
        .properties
        .iter_mut()
        .find(|(key, _)| *key == "references")
    {
        references.truncate(2);
    }
    planter.note(
        "markers",
        marker,
        "MRK-08",
        "方位物只有两个",
        "two reference objects only",
    );
    let marker = find(ground.markers, "marker", on("411381420682", 7))?;
    marker.set("keeper", "420625");
    planter.note(
        "markers",
        marker,
        "MRK-12",
        "管理方不是毗邻双方",
        "the keeper is neither of the two sides",
    );
    let marker = find(ground.markers, "marker", on("411326420682", 2))?;
    marker.set("last_inspected", "2017-10-19");
    planter.note(
        "markers",
        marker,
        "MRK-12",
        "五年以上未检查",
        "last inspected more than five years ago",
    );
    let marker = find(ground.markers, "marker", on("420607420682", 3))?;
    planter.note(
        "markers",
        marker,
        "MRK-03",
        "编号空缺",
        "its number is missing in the series",
    );
    let id = marker.text("id").to_owned();
    ground.markers.retain(|marker| marker.text("id") != id);
    let is_pair = |marker: &Feature| on("420625420682", 3)(marker) && marker.text("type") == "B";
    let marker = find(ground.markers, "marker", is_pair)?;
    let (id, partner) = (
        marker.text("id").to_owned(),
        marker.text("id").replace('B', "A"),
    );
    ground.markers.retain(|marker| marker.text("id") != id);
    let marker = find(ground.markers, "marker", |one| one.text("id") == partner)?;
    planter.note(
        "markers",
        marker,
        "MRK-07",
        "同号双立缺 B 桩",
        "A stands without its B",
    );
    Ok(())
}

fn names(planter: &mut Planter, ground: &mut Ground<'_>) -> Result<(), Error> {
    let name = find(ground.names, "name", |one| one.text("name") == "秋丰小区")?;
    name.set("division", "420682106");
    planter.note(
        "names",
        name,
        "REG-02",
        "所属区划与点位不符",
        "its point lies outside the division that it names",
    );
    let name = find(ground.names, "name", |one| one.text("name") == "航空小区")?;
    name.set("pinyin", "Hángkōng Xiǎoqǔ");
    planter.note(
        "names",
        name,
        "NAM-07",
        "拼写错误（应为 Hángkōng Xiǎoqū）",
        "wrong spelling (Hángkōng Xiǎoqū)",
    );
    let name = find(ground.names, "name", |one| one.text("name") == "牌坊小区")?;
    name.set("valid_from", "2024-05-01");
    name.set("valid_to", "2023-05-01");
    planter.note(
        "names",
        name,
        "REG-04",
        "失效日期早于生效日期",
        "it ends before it begins",
    );
    let name = find(ground.names, "name", |one| one.text("name") == "城东巷")?;
    name.set("status", "retired");
    name.set("name_status", "retired");
    name.set("valid_to", "2024-01-01");
    let retired = name.text("id").to_owned();
    let name = find(ground.names, "name", |one| one.text("name") == "冯营巷")?;
    name.set("name", "光明巷");
    name.set("specific", "光明");
    name.set("pinyin", "Guāngmíng Xiàng");
    planter.note(
        "names",
        name,
        "NAM-01",
        "同一建成区内街巷重名",
        "a lane of the same name in the same built-up area",
    );
    let renamed = name.text("id").to_owned();
    for sign in ground
        .signs
        .iter_mut()
        .filter(|sign| sign.text("name_id") == renamed)
    {
        sign.set("name", "光明巷地名标志");
        sign.set("text", "光明巷");
        sign.set("pinyin", "GUANGMING XIANG");
    }
    let sign = find(ground.signs, "sign", |sign| sign.text("name_id") == retired)?;
    sign.set("state", "good");
    planter.note(
        "signs",
        sign,
        "REG-05",
        "停用地名仍在标志上",
        "a retired name stands on a live sign",
    );
    let sign = find(ground.signs, "sign", |sign| sign.text("text") == "大桥路")?;
    sign.set("text", "大桥街");
    planter.note(
        "signs",
        sign,
        "REG-03",
        "标志文字不是标准地名",
        "the sign's text is not the standard name",
    );
    Ok(())
}

fn facilities(planter: &mut Planter, ground: &mut Ground<'_>) -> Result<(), Error> {
    let service = find(ground.services, "service", |one| {
        one.text("kind") == "assistance_point"
    })?;
    service.unset("phone");
    service.unset("hours");
    planter.note(
        "services",
        service,
        "FAC-01",
        "缺电话和开放时间",
        "no phone and no hours",
    );
    let mut points = ground
        .services
        .iter_mut()
        .filter(|one| one.text("kind") == "social_work_point");
    if let (Some(first), Some(second)) = (points.next(), points.next()) {
        second.geometry.clone_from(&first.geometry);
        let division = first.text("division").to_owned();
        second.set("division", division);
        planter.note(
            "services",
            second,
            "FAC-03",
            "与另一同类站点位置相同",
            "stands where another of its kind stands",
        );
    }
    // Beds move between two homes so that the sums stay the plan's.
    let number = |home: &Feature, key: &str| {
        home.properties
            .iter()
            .find(|(name, _)| *name == key)
            .and_then(|(_, value)| value.as_u64())
    };
    let mut homes: Vec<&mut Feature> = ground
        .services
        .iter_mut()
        .filter(|one| one.text("kind") == "elderly_home")
        .collect();
    let count = homes.len();
    if let Some([small, big]) = homes
        .get_mut(count.saturating_sub(2)..)
        .and_then(|two| <&mut [&mut Feature; 2]>::try_from(two).ok())
    {
        let (beds, nursing) = (
            number(small, "beds").unwrap_or_default(),
            number(small, "nursing_beds").unwrap_or_default(),
        );
        let moved_beds = beds - nursing / 2;
        small.set("beds", beds - moved_beds);
        small.set("capacity", beds - moved_beds);
        let sum = number(big, "beds").unwrap_or_default() + moved_beds;
        big.set("beds", sum);
        big.set("capacity", sum);
        planter.note(
            "services",
            small,
            "FAC-04",
            "护理型床位多于床位",
            "more nursing beds than beds",
        );
    }
    let cemetery = find(ground.cemeteries, "cemetery", |one| {
        one.text("id") == "g-040"
    })?;
    let planned = number(cemetery, "plots_planned").unwrap_or_default();
    cemetery.set("plots_used", planned + 37);
    planter.note(
        "cemeteries",
        cemetery,
        "FAC-06",
        "已用穴位超过规划",
        "more plots used than planned",
    );
    let cemetery = find(ground.cemeteries, "cemetery", |one| {
        one.text("id") == "g-090"
    })?;
    cemetery.set("plot_area_m2", 1.6);
    planter.note(
        "cemeteries",
        cemetery,
        "FAC-07",
        "单穴面积超过 0.5/0.8 平方米",
        "plots above the size limit",
    );

    let ring = ground.disputed.exterior();
    let middle = ring.0.iter().fold(Coord::zero(), |sum, place| sum + *place) / ring.0.len() as f64;
    let far =
        |feature: &Feature| point(feature).map_or(f64::INFINITY, |place| distance_m(place, middle));
    if let Some(cemetery) = ground
        .cemeteries
        .iter_mut()
        .min_by(|one, two| far(one).total_cmp(&far(two)))
    {
        let place = inside(ground.disputed, middle);
        cemetery.geometry = Some(Point(place).into());
        cemetery.set("opened", "2024-04-01");
        planter.note(
            "cemeteries",
            cemetery,
            "DIS-02",
            "位于争议地段内",
            "lies inside the disputed area",
        );
    }
    Ok(())
}

/// A place in the western half of the disputed strip, on the county's side of the line.
fn inside(area: &Polygon, near: Coord) -> Coord {
    use geo::Contains;
    let reach = (-40..=40).map(|step| moved(near, f64::from(step) * 12.0, 0.0));
    let inside: Vec<Coord> = reach
        .filter(|place| area.contains(&Point(*place)))
        .collect();
    inside.get(inside.len() / 5).copied().unwrap_or(near)
}

/// The list of planted faults as CSV.
pub(crate) fn table(planted: &[Planted]) -> String {
    let mut text = String::from("collection,id,rule,fault,fault_en\n");
    for row in planted {
        text.push_str(&row.join(","));
        text.push('\n');
    }
    text
}

/// The same note for the record's source, so that nobody takes the fault for a slip.
pub(crate) fn mark(features: &mut [Feature], planted: &[Planted]) {
    for feature in features {
        if planted.iter().any(|row| row[1] == feature.text("id")) {
            feature.set("source", json!("illustrative; planted fault"));
        }
    }
}
