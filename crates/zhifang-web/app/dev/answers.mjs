// Handmade answers in the shapes of the service, about Laohekou. Services, markers and findings here
// are illustrative.

const unit = (code, name, level) => ({ code, name, level });

export const UNITS = [
  unit('420000', '湖北省', 'province'),
  unit('420600', '襄阳市', 'prefecture'),
  unit('420682', '老河口市', 'county'),
  unit('420682001', '光化街道', 'township'),
  unit('420682002', '酂阳街道', 'township'),
  unit('420682100', '孟楼镇', 'township'),
  unit('411381', '邓州市', 'county'),
  unit('411326', '淅川县', 'county'),
  unit('420381', '丹江口市', 'county'),
  unit('420625', '谷城县', 'county'),
  unit('420606', '樊城区', 'county'),
  unit('420607', '襄州区', 'county'),
];
const byCode = new Map(UNITS.map((u) => [u.code, u]));
const CHAIN = ['420000', '420600', '420682', '420682001'].map((c) => byCode.get(c));
const NEIGHBOURS = ['411326', '411381', '420381', '420606', '420607', '420625'].map((c) => byCode.get(c));

function ancestors(code) {
  return [`${code.slice(0, 2)}0000`, `${code.slice(0, 4)}00`, code.slice(0, 6)]
    .filter((c, i, all) => c !== code && all.indexOf(c) === i && c.length < code.length + 1)
    .map((c) => byCode.get(c))
    .filter(Boolean);
}

const BOX = { type: 'Polygon', coordinates: [[[111.5, 32.2], [111.9, 32.2], [111.9, 32.6], [111.5, 32.6], [111.5, 32.2]]] };

export function division(code) {
  const found = byCode.get(code);
  if (!found) return null;
  return {
    id: code,
    ...found,
    kind: code === '420682' ? '县级市' : undefined,
    pinyin: code === '420682' ? 'Lǎohékǒu Shì' : undefined,
    area_km2: code === '420682' ? 1032 : undefined,
    population: code === '420682' ? 521800 : undefined,
    former_names: code === '420682' ? [{ name: '光化县', to: '1983-08-19' }] : [],
    ancestors: ancestors(code),
    children: UNITS.filter((u) => u.level === 'township' && u.code.startsWith(code) && u.code !== code),
    neighbours: code === '420682' ? NEIGHBOURS : [],
    lines: [],
    lives: [],
    geometry: code === '420682' ? BOX : null,
    seat: { type: 'Point', coordinates: [111.67, 32.385] },
    source: '手工示例 illustrative',
  };
}

export function found(q) {
  const text = q.toLowerCase();
  const hits = UNITS.filter(
    (u) => u.name.includes(q) || (u.code === '420682' && ['laohekou', 'lhk', '光化县'].some((s) => s.startsWith(text)))
  );
  return {
    type: 'FeatureCollection',
    features: hits.map((u) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [111.67, 32.385] },
      properties: {
        id: u.code,
        name: u.name,
        label: [...ancestors(u.code), u].map((a) => a.name).join(' '),
        category: 'division',
        level: u.level,
        division: ancestors(u.code),
        matched: text && '光化县'.startsWith(q) ? { name: '光化县', kind: 'former', how: 'prefix' } : { name: u.name, kind: 'name', how: 'prefix' },
        score: 1,
        confidence: 1,
      },
    })),
  };
}

export const reverse = (lon, lat) => ({
  lon,
  lat,
  crs: 'EPSG:4490',
  divisions: lon > 111.4 && lon < 112 && lat > 32.1 && lat < 32.7 ? CHAIN : [],
  names: [{ id: 'name-1', name: '北京路', distance_m: 84, direction: '东' }],
  boundary: { id: '420625-420682', distance_m: 1834, between: ['420625', '420682'] },
  marker: { id: '4206250682003A', distance_m: 2210 },
});

const SERVICES = [
  ['s1', '老河口市救助管理站', 'assistance_station', 111.672, 32.389, '0710-8220001', '24/7'],
  ['s2', '光化街道救助点', 'assistance_point', 111.668, 32.384, '0710-8220002', 'Mo-Fr 08:30-12:00,14:30-17:30'],
  ['s3', '老河口市社会福利院', 'elderly_home', 111.681, 32.395, '0710-8220003', '24/7'],
  ['s4', '胜利路社区日间照料中心', 'day_care', 111.663, 32.379, '0710-8220004', 'Mo-Sa 08:00-18:00; PH off'],
  ['s5', '未成年人保护工作站', 'child_protection_station', 111.676, 32.377, '0710-8220005', 'Mo-Fr 08:30-17:30'],
  ['s6', '残疾人照护服务站', 'disability_care_station', 111.659, 32.39, undefined, undefined],
  ['s7', '老河口市救助热线', 'hotline', 111.67, 32.385, '0710-12345', '24/7'],
];

const feature = ([id, name, kind, lon, lat, phone, hours], distance) => ({
  type: 'Feature',
  id,
  geometry: { type: 'Point', coordinates: [lon, lat] },
  properties: {
    id,
    name,
    kind,
    phone,
    hours,
    ...(distance === undefined ? {} : { distance_m: distance }),
    address: '老河口市（示例地址）',
    source: '手工示例 illustrative',
    links: {
      amap: `https://uri.amap.com/navigation?to=${lon},${lat},${encodeURIComponent(name)}&coordinate=gaode`,
      tencent: 'https://apis.map.qq.com/uri/v1/routeplan?type=walk',
      baidu: 'https://api.map.baidu.com/direction?mode=walking',
      geo: `geo:${lat},${lon}`,
    },
  },
});

export function nearest(lon, lat, kind, limit) {
  const metres = (s) => Math.hypot((s[3] - lon) * 94_000, (s[4] - lat) * 111_000);
  return {
    type: 'FeatureCollection',
    features: SERVICES.filter((s) => !kind || s[2] === kind)
      .sort((a, b) => metres(a) - metres(b))
      .slice(0, limit)
      .map((s) => feature(s, Math.round(metres(s)))),
  };
}

export function item(collection, id) {
  const service = SERVICES.find((s) => s[0] === id);
  if (collection === 'services' && service) return feature(service);
  return null;
}

export const FINDINGS = {
  type: 'FeatureCollection',
  features: [
    ['error', 'coverage.overlap', '孟楼镇与光化街道重叠 0.8 公顷', 111.7, 32.5],
    ['warning', 'marker.off_line', '界桩离界线 14 米', 111.6, 32.4],
  ].map(([severity, rule, message, lon, lat], i) => ({
    type: 'Feature',
    id: `f${i}`,
    geometry: { type: 'Point', coordinates: [lon, lat] },
    properties: { id: `f${i}`, severity, rule, message },
  })),
};

export const record = (collection, id) => ({
  type: 'Feature',
  id,
  geometry: { type: 'Point', coordinates: [111.62, 32.41] },
  properties: { id, name: id, number: id, state: 'good', sides: ['420625', '420682'], source: '手工示例 illustrative' },
});
