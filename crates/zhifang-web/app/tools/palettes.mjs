// Colours and weights of the four map styles.

/** Four tints so that neighbouring provinces differ (a colouring of the real adjacency). */
export const PROVINCE_TINTS = [
  ['13', '22', '32', '36', '45', '46', '61', '63', '82'],
  ['12', '15', '33', '37', '42', '52', '54', '71', '81'],
  ['21', '31', '35', '41', '43', '51', '64', '65'],
  ['11', '14', '23', '34', '44', '50', '53', '62'],
];

const LIGHT = {
  sea: '#d6e6ee',
  land: '#faf8f3',
  tints: ['#f8eedb', '#ebf2de', '#f8e6e0', '#efe9f4'],
  tintEnd: 8,
  text: '#26302c',
  textSoft: '#4d5853',
  halo: '#fdfcf8',
  coast: '#6f9fbd',
  country: '#3b2a3a',
  countryCasing: '#8a4b6b',
  countryCasingOpacity: 0.28,
  province: '#4b3f57',
  provinceCasing: '#7a6a8f',
  provinceCasingOpacity: 0.2,
  prefecture: '#55505e',
  county: '#6b6b66',
  township: '#8b8a83',
  village: '#a9a79e',
  claimA: '#b5342a',
  claimB: '#1f5fa8',
  error: '#b3261e',
  warning: '#a86200',
  info: '#1f5fa8',
  nature: '#4a6b3d',
  street: '#6d5a2e',
  reach: '#0072b2',
  iconHalo: '#ffffff',
  boundaryStrength: 1,
};

const DARK = {
  ...LIGHT,
  sea: '#1b2733',
  land: '#232f2a',
  tints: ['#2f3327', '#26352c', '#35302d', '#2d3038'],
  text: '#eef2ef',
  textSoft: '#c3ccc7',
  halo: '#1a221f',
  coast: '#587f9c',
  country: '#e8b48a',
  countryCasing: '#e8b48a',
  countryCasingOpacity: 0.16,
  province: '#d8ccb4',
  provinceCasing: '#d8ccb4',
  provinceCasingOpacity: 0.1,
  prefecture: '#a9b2ad',
  county: '#7d8a86',
  township: '#6d7873',
  village: '#5d6763',
  claimA: '#f08a7f',
  claimB: '#86b7ef',
  error: '#f2857c',
  warning: '#f0b45a',
  info: '#86b7ef',
  nature: '#a3c492',
  street: '#d3bd87',
  reach: '#6cb6e8',
};

const PRINT = {
  ...LIGHT,
  sea: '#ffffff',
  land: '#ffffff',
  tints: ['#ffffff', '#ffffff', '#ffffff', '#ffffff'],
  text: '#000000',
  textSoft: '#222222',
  halo: '#ffffff',
  coast: '#2d6f97',
  country: '#000000',
  countryCasing: '#a9a9a9',
  countryCasingOpacity: 0.35,
  province: '#000000',
  provinceCasing: '#bdbdbd',
  provinceCasingOpacity: 0.35,
  prefecture: '#1c1c1c',
  county: '#333333',
  township: '#555555',
  village: '#777777',
  claimA: '#d0021b',
  claimB: '#0047bb',
};

const ASSISTANCE = {
  ...LIGHT,
  sea: '#dfeaf0',
  land: '#fbfaf7',
  tints: ['#faf5ea', '#f4f7ee', '#faf1ee', '#f5f2f8'],
  boundaryStrength: 0.75,
};

export const PALETTES = { light: LIGHT, dark: DARK, print: PRINT, assistance: ASSISTANCE };
export const TITLES = {
  light: '职方·浅色 Zhifang light',
  dark: '职方·深色 Zhifang dark',
  print: '职方·印刷 Zhifang print',
  assistance: '职方·救助服务 Zhifang assistance',
};
