//! Standard names: a settlement for each village, the city's streets, rivers, hills, facilities.

use std::collections::BTreeMap;

use geo::{Coord, Geometry, LineString, Point, Polygon};
use serde_json::{Value, json};

use crate::feature::Feature;
use crate::line::CountyLine;
use crate::plane::{is_inside, moved, wavy};
use crate::random::Random;
use crate::source::COUNTY;
use crate::spelling::spell;
use crate::street::{EASTWARD, NORTHWARD, crossings};
use crate::township::Township;
use crate::village::Village;

/// What names are made from.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub(crate) townships: &'a [Township],
    pub(crate) villages: &'a [Village],
    pub(crate) lines: &'a [CountyLine],
    pub(crate) readings: &'a BTreeMap<char, String>,
}

impl Ground<'_> {
    fn village(&self, code: &str) -> Option<&Village> {
        self.villages.iter().find(|village| village.code == code)
    }

    /// The township that covers the whole geometry, else the county.
    fn division(&self, geometry: &Geometry) -> String {
        use geo::Contains;
        self.townships
            .iter()
            .find(|township| township.outline.contains(geometry))
            .map_or_else(|| COUNTY.to_owned(), |township| township.code.clone())
    }

    fn name(
        &self,
        id: String,
        words: (&str, &str),
        category: u8,
        geometry: impl Into<Geometry>,
    ) -> Feature {
        let geometry = geometry.into();
        let (specific, generic) = words;
        Feature::new(
            id,
            format!("{specific}{generic}"),
            &self.division(&geometry),
        )
        .with("category", category)
        .with("specific", specific)
        .with("generic", generic)
        .with(
            "pinyin",
            spell(&[specific, generic], self.readings).map_or(Value::Null, Value::from),
        )
        .with("name_status", "published")
        .with("valid_from", "2022-05-01")
        .at(geometry)
    }
}

/// Features named by a village of the code table: village code, specific, generic, category, kind.
const BY_VILLAGE: [(&str, &str, &str, u8, Shape); 48] = [
    ("420682001007", "拦马", "河", 1, Shape::Stream),
    ("420682105202", "苏家", "河", 1, Shape::Stream),
    ("420682105211", "军队", "河", 1, Shape::Stream),
    ("420682200216", "陡沟", "河", 1, Shape::Stream),
    ("420682100209", "熊", "河", 1, Shape::Stream),
    ("420682104216", "杜家", "河", 1, Shape::Stream),
    ("420682106212", "李家", "河", 1, Shape::Stream),
    ("420682106220", "鲍", "河", 1, Shape::Stream),
    ("420682102219", "王", "河", 1, Shape::Stream),
    ("420682502598", "百花", "山", 1, Shape::Spot),
    ("420682503598", "林茂", "山", 1, Shape::Spot),
    ("420682001206", "明家", "山", 1, Shape::Spot),
    ("420682105200", "洪", "山", 1, Shape::Spot),
    ("420682002211", "太", "山", 1, Shape::Spot),
    ("420682200207", "土地", "岭", 1, Shape::Spot),
    ("420682105209", "六股", "泉", 1, Shape::Spot),
    ("420682105222", "黄龙", "泉", 1, Shape::Spot),
    ("420682106205", "贾", "湖", 1, Shape::Area),
    ("420682106216", "王家", "湖", 1, Shape::Area),
    ("420682200210", "孟桥川", "水库", 7, Shape::Area),
    ("420682200211", "薛沟", "水库", 7, Shape::Area),
    ("420682105206", "艾家沟", "水库", 7, Shape::Area),
    ("420682105202", "苏家河", "水库", 7, Shape::Area),
    ("420682101207", "范冲", "水库", 7, Shape::Area),
    ("420682104211", "龙王冲", "水库", 7, Shape::Area),
    ("420682103218", "詹冲", "水库", 7, Shape::Area),
    ("420682100209", "熊河", "水库", 7, Shape::Area),
    ("420682001007", "拦马河", "桥", 7, Shape::Spot),
    ("420682105211", "军队河", "桥", 7, Shape::Spot),
    ("420682105202", "苏家河", "桥", 7, Shape::Spot),
    ("420682100209", "熊河", "桥", 7, Shape::Spot),
    ("420682104216", "杜家河", "桥", 7, Shape::Spot),
    ("420682106212", "李家河", "桥", 7, Shape::Spot),
    ("420682104001", "仙人渡", "站", 7, Shape::Spot),
    ("420682002006", "老河口", "站", 7, Shape::Spot),
    ("420682001004", "老河口汽车", "客运站", 7, Shape::Spot),
    ("420682001003", "滨江", "公园", 4, Shape::Area),
    ("420682001008", "光化", "公园", 4, Shape::Area),
    ("420682502598", "百花山", "森林公园", 4, Shape::Spot),
    ("420682001005", "秋丰", "小区", 6, Shape::Spot),
    ("420682002006", "航空", "小区", 6, Shape::Spot),
    ("420682002004", "牌坊", "小区", 6, Shape::Spot),
    ("420682002001", "友谊", "小区", 6, Shape::Spot),
    ("420682002011", "汉口", "小区", 6, Shape::Spot),
    ("420682002005", "东启", "大厦", 6, Shape::Spot),
    ("420682001002", "胜利", "大厦", 6, Shape::Spot),
    ("420682001006", "望江", "楼", 8, Shape::Spot),
    ("420682103203", "龙兴", "寺", 8, Shape::Spot),
];

#[derive(Debug, Clone, Copy)]
enum Shape {
    Spot,
    Area,
    Stream,
}

/// Lanes: specific part, row and column of the crossing that they start from.
const LANES: [(&str, usize, usize); 8] = [
    ("小东门", 5, 1),
    ("洪城门", 1, 2),
    ("望江楼", 4, 0),
    ("童营", 2, 4),
    ("光明", 5, 4),
    ("冯营", 3, 5),
    ("临江", 0, 0),
    ("城东", 1, 5),
];

/// A street in each town: township's last three digits, specific part, generic part.
const TOWN_STREETS: [(&str, &str, &str); 8] = [
    ("100", "孟楼", "街"),
    ("101", "竹林桥", "街"),
    ("102", "振兴", "街"),
    ("103", "张集", "街"),
    ("104", "西", "街"),
    ("105", "洪山", "路"),
    ("106", "红庙", "街"),
    ("200", "袁冲", "街"),
];

/// Names on the list of heritage in the demonstration.
const HERITAGE: [&str; 4] = ["太平街", "仁义街", "牌坊街", "望江楼"];

/// Endings of village names that are their generic part.
const VILLAGE_GENERICS: &str = "营湾岗沟寨庄楼冲洼堰河庙店集桥嘴滩山寺泉湖岭场";

/// The records of `names`.
pub(crate) fn records(ground: Ground<'_>) -> Vec<Feature> {
    let mut random = Random::new(6);
    let mut names: Vec<Feature> = ground
        .villages
        .iter()
        .map(|village| settlement(ground, village))
        .collect();
    if let Some(river) = ground
        .lines
        .iter()
        .find(|line| line.neighbour.code == "420625")
    {
        let mut name = ground.name("n-river-01".to_owned(), ("汉", "江"), 1, river.line.clone());
        name.set("aliases", json!([{"kind": "alias", "name": "汉水"}]));
        names.push(name);
    }
    let grid = crossings();
    for (index, words) in EASTWARD.into_iter().enumerate() {
        let line = LineString(grid[index].clone());
        names.push(ground.name(format!("n-street-{:02}", index + 1), words, 5, line));
    }
    for (index, words) in NORTHWARD.into_iter().enumerate() {
        let line = LineString(grid.iter().map(|row| row[index]).collect());
        names.push(ground.name(format!("n-street-{:02}", index + 8), words, 5, line));
    }
    for (index, (specific, row, column)) in LANES.into_iter().enumerate() {
        let start = grid[row][column];
        let line = LineString(vec![
            moved(start, 160.0, 4.0),
            moved(start, 175.0, 190.0),
            moved(start, 168.0, 370.0),
        ]);
        names.push(ground.name(
            format!("n-lane-{:02}", index + 1),
            (specific, "巷"),
            5,
            line,
        ));
    }
    for (index, (suffix, specific, generic)) in TOWN_STREETS.into_iter().enumerate() {
        let town = ground
            .townships
            .iter()
            .find(|town| town.code.ends_with(suffix));
        if let Some(town) = town {
            let line = wavy(
                moved(town.seat, -420.0, 30.0),
                moved(town.seat, 430.0, -25.0),
                4,
                &[18.0],
            );
            names.push(ground.name(
                format!("n-street-{:02}", index + 15),
                (specific, generic),
                5,
                line,
            ));
        }
    }
    for (index, (code, specific, generic, category, shape)) in BY_VILLAGE.into_iter().enumerate() {
        if let Some(village) = ground.village(code) {
            let home = &ground.townships[village.township].outline;
            let geometry = shaped(&mut random, village.seat, home, shape);
            let id = format!("n-feature-{:02}", index + 1);
            names.push(ground.name(id, (specific, generic), category, geometry));
        }
    }
    for name in &mut names {
        if HERITAGE.contains(&name.text("name")) {
            name.set(
                "heritage",
                json!({"category": "示例", "level": "county", "listed_on": "2023-06-01"}),
            );
        }
    }
    names
}

fn settlement(ground: Ground<'_>, village: &Village) -> Feature {
    let (specific, generic) = match village.place.strip_suffix("社区") {
        Some(specific) => (specific, "社区"),
        None => match village.place.char_indices().last() {
            Some((at, last)) if at > 0 && VILLAGE_GENERICS.contains(last) => {
                village.place.split_at(at)
            }
            _ => (village.place.as_str(), ""),
        },
    };
    // Villages are written in one word, a community apart from what it is.
    let words = if generic == "社区" {
        vec![specific, generic]
    } else {
        vec![village.place.as_str()]
    };
    let mut name = Feature::new(format!("n-{}", village.code), &village.place, &village.code)
        .with("category", 3)
        .with("class_code", "2200")
        .with("specific", specific)
        .with("generic", generic)
        .with(
            "pinyin",
            spell(&words, ground.readings).map_or(Value::Null, Value::from),
        )
        .with("name_status", "published")
        .with("population", village.population)
        .with("population_60", village.population_60)
        .with("valid_from", "2022-05-01")
        .at(Point(village.seat));
    if village.place == "洪山嘴" {
        name.set("aliases", json!([{"kind": "alias", "name": "洪山咀"}]));
    }
    name
}

fn shaped(random: &mut Random, near: Coord, home: &Polygon, shape: Shape) -> Geometry {
    for _ in 0..400 {
        let place = moved(
            near,
            random.between(-480.0, 480.0),
            random.between(-480.0, 480.0),
        );
        match shape {
            Shape::Spot => {
                if is_inside(&LineString(vec![place, place]), home, 40.0) {
                    return Point(place).into();
                }
            }
            Shape::Area => {
                let (wide, high) = (random.between(120.0, 260.0), random.between(90.0, 200.0));
                let mut ring: Vec<Coord> = (0..14_u32)
                    .map(|step| {
                        let angle = f64::from(step) / 14.0 * std::f64::consts::TAU;
                        let wave = 1.0 + 0.18 * (3.0 * angle).sin();
                        moved(place, wide * wave * angle.cos(), high * wave * angle.sin())
                    })
                    .collect();
                ring.push(ring[0]);
                let ring = LineString(ring);
                if is_inside(&ring, home, 40.0) {
                    return Polygon::new(ring, Vec::new()).into();
                }
            }
            Shape::Stream => {
                let end = moved(
                    place,
                    random.between(-3_600.0, -600.0),
                    random.between(-3_200.0, -900.0),
                );
                let line = wavy(
                    place,
                    end,
                    12,
                    &[random.between(-260.0, 260.0), 120.0, 60.0],
                );
                if is_inside(&line, home, 40.0) {
                    return line.into();
                }
            }
        }
    }
    Point(near).into()
}
