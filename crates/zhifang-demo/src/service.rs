//! Service points of each kind, in the numbers that the city's plan states for 2020.

use geo::{Contains, Coord, Point};

use crate::feature::Feature;
use crate::plane::moved;
use crate::random::Random;
use crate::source::COUNTY;
use crate::township::Township;
use crate::village::{Village, shared_out};

const OFFICE: &str = "Mo-Fr 08:30-12:00,14:30-17:30";
const DAILY: &str = "Mo-Su 08:00-18:00";
const ALWAYS: &str = "24/7";
/// Elderly homes, of which the first so many are public, their beds and nursing beds.
const HOMES: (usize, usize, u64, u64) = (13, 11, 3_315, 1_200);
/// Day care in villages and home-care centres in communities.
const DAY_CARE: usize = 138;
const HOME_CARE: usize = 36;

struct Desk<'a> {
    townships: &'a [Township],
    random: Random,
    services: Vec<Feature>,
}

impl Desk<'_> {
    /// Puts a service near `place` inside the township, and hands it out for more.
    fn open(
        &mut self,
        kind: &str,
        name: String,
        (place, reach_m): (Coord, f64),
        township: usize,
        village: Option<&Village>,
    ) -> &mut Feature {
        let home = &self.townships[township];
        let spot = (0..200)
            .map(|_| {
                let mut shift = || self.random.between(-reach_m, reach_m);
                moved(place, shift(), shift())
            })
            .find(|spot| home.outline.contains(&Point(*spot)))
            .unwrap_or(place);
        let address = match village {
            Some(village) if village.place != home.name => {
                format!("老河口市{}{}", home.name, village.place)
            }
            _ => format!("老河口市{}", home.name),
        };
        let number = self.services.len() + 1;
        let division = village.map_or(home.code.as_str(), |village| village.code.as_str());
        let hours = match kind {
            "shelter" | "hotline" | "funeral_home" | "elderly_home" => ALWAYS,
            "day_care" | "home_care_center" | "disability_care_station" => DAILY,
            _ => OFFICE,
        };
        let opened = self.random.date(2012, 2023);
        let accessible = self.random.chance(0.6);
        self.services.push(
            Feature::new(format!("f-{number:04}"), name, division)
                .with("kind", kind)
                .with("address", address)
                .with("phone", format!("0710-000{number:04}"))
                .with("hours", hours)
                .with("operator", "public")
                .with("accessible", accessible)
                .with("valid_from", opened.as_str())
                .with("opened", opened)
                .at(Point(spot)),
        );
        let last = self.services.len() - 1;
        &mut self.services[last]
    }
}

/// The records of `services`.
pub(crate) fn records(townships: &[Township], villages: &[Village]) -> Vec<Feature> {
    let mut desk = Desk {
        townships,
        random: Random::new(10),
        services: Vec::new(),
    };
    // The plan counts ten towns; the three farms of the code table have no stations.
    let towns: Vec<usize> = (0..townships.len())
        .filter(|index| !townships[*index].name.ends_with('场'))
        .collect();
    stations(&mut desk, &towns);
    homes(&mut desk, &towns);

    let rural: Vec<&Village> = villages
        .iter()
        .filter(|village| !village.is_urban && towns.contains(&village.township))
        .collect();
    let urban: Vec<&Village> = villages
        .iter()
        .filter(|village| village.is_urban && towns.contains(&village.township))
        .collect();
    for village in every(&rural, DAY_CARE) {
        let capacity = desk.random.whole(12, 40);
        desk.at_village("day_care", "日间照料中心", village)
            .set("capacity", capacity);
    }
    for village in every(&urban, HOME_CARE) {
        let capacity = desk.random.whole(20, 80);
        let operator = if desk.random.chance(0.4) {
            "contracted"
        } else {
            "public"
        };
        let center = desk.at_village("home_care_center", "居家养老服务中心", village);
        center.set("capacity", capacity);
        center.set("operator", operator);
    }
    for village in every(&rural, 34) {
        desk.at_village("assistance_point", "社会救助服务点", village);
    }
    let all: Vec<&Village> = villages
        .iter()
        .filter(|village| towns.contains(&village.township))
        .collect();
    for village in every(&all, 62) {
        desk.at_village("social_work_point", "社会工作服务点", village);
    }
    let mut centers = Vec::new();
    for village in &all {
        let area = desk.random.whole(120, 620);
        let center = desk.at_village("community_center", "社区综合服务中心", village);
        center.set("floor_area_m2", area);
        centers.push((center.text("id").to_owned(), center.geometry.clone()));
    }
    for (index, village) in all.iter().enumerate() {
        if index % 2 == 0 || index % 7 == 1 {
            let (host, place) = centers[index].clone();
            let station = desk.at_village("volunteer_station", "志愿服务站", village);
            station.set("host", host);
            if let Some(geo::Geometry::Point(place)) = place {
                station.geometry = Some(Point(moved(place.0, 4.0, 3.0)).into());
            }
        }
    }
    desk.services
}

impl Desk<'_> {
    fn at_village(&mut self, kind: &str, what: &str, village: &Village) -> &mut Feature {
        self.open(
            kind,
            format!("{}{what}", village.place),
            (village.seat, 260.0),
            village.township,
            Some(village),
        )
    }
}

/// `count` of the villages, spread evenly over the list.
fn every<'a>(villages: &[&'a Village], count: usize) -> Vec<&'a Village> {
    (0..count)
        .map(|index| villages[index * villages.len() / count])
        .collect()
}

fn stations(desk: &mut Desk<'_>, towns: &[usize]) {
    let city = desk.townships[0].seat;
    for (kind, name) in [
        ("hotline", "老河口市社会救助热线"),
        ("shelter", "老河口市救助管理站"),
        ("funeral_home", "老河口市殡葬服务中心"),
        ("social_work_station", "老河口市社会工作服务中心"),
        ("child_protection_station", "老河口市未成年人救助保护中心"),
    ] {
        desk.open(kind, format!("{name}（示例）"), (city, 1_200.0), 0, None)
            .set("division", COUNTY);
    }
    for (order, &town) in towns.iter().enumerate() {
        let (name, seat) = (desk.townships[town].name.clone(), desk.townships[town].seat);
        desk.open(
            "assistance_station",
            format!("{name}社会救助服务站"),
            (seat, 350.0),
            town,
            None,
        );
        desk.open(
            "social_work_station",
            format!("{name}社会工作站"),
            (seat, 350.0),
            town,
            None,
        );
        // Not every town has these yet: the indicators have something to ask for.
        if order % 10 < 7 {
            desk.open(
                "child_protection_station",
                format!("{name}未成年人保护工作站"),
                (seat, 350.0),
                town,
                None,
            );
        }
        if order % 3 == 1 {
            desk.open(
                "disability_care_station",
                format!("{name}重度残疾人照护服务站"),
                (seat, 500.0),
                town,
                None,
            )
            .set("capacity", 30);
        }
    }
}

fn homes(desk: &mut Desk<'_>, towns: &[usize]) {
    let (count, public, beds, nursing_beds) = HOMES;
    let sizes: Vec<f64> = (0..count).map(|_| desk.random.between(0.7, 1.6)).collect();
    let beds = shared_out(beds, &sizes);
    let shares: Vec<f64> = beds
        .iter()
        .map(|beds| *beds as f64 * desk.random.between(0.8, 1.2))
        .collect();
    let nursing_beds = shared_out(nursing_beds, &shares);
    for index in 0..count {
        let town = towns[index % towns.len()];
        let (name, seat) = (desk.townships[town].name.clone(), desk.townships[town].seat);
        let (title, operator) = match index {
            0..10 => (format!("{name}福利院"), "public"),
            10 => ("老河口市社会福利院".to_owned(), "public"),
            _ => (
                format!("{name}康养中心（示例）"),
                if index == public {
                    "private"
                } else {
                    "contracted"
                },
            ),
        };
        let staff = beds[index] / 6;
        let home = desk.open("elderly_home", title, (seat, 900.0), town, None);
        home.set("beds", beds[index]);
        home.set("nursing_beds", nursing_beds[index]);
        home.set("capacity", beds[index]);
        home.set("staff", staff);
        home.set("operator", operator);
        // Six of ten towns: the plan's 60 % of 2020.
        home.set("comprehensive", index % 10 < 6);
    }
}
