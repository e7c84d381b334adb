// The stand-alone map, first of five parts that are one script in the file: what is drawn, out of what lies in the file.
// Text of the data is only ever set as text.

const DATA = JSON.parse(document.getElementById("data").textContent);
const { words, fills } = DATA;
const EARTH_METRES = 40075016.685578488;
const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif';
const NEAREST = 3;
const MOST_HITS = 30;
const byId = (id) => document.getElementById(id);

function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === false || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

// Places in pixels of the whole world at zoom 0, which is 256 pixels wide.
function project(lon, lat) {
  return [((lon + 180) / 360) * 256, ((1 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / Math.PI) / 2) * 256];
}

const pixelsPerMetre = (lat) => 256 / (EARTH_METRES * Math.cos((lat * Math.PI) / 180));

// Lines are texts: x and y steps in turn, zigzag integers in groups of five bits.
function readLine(text) {
  const scale = 256 / (EARTH_METRES * DATA.units_per_metre);
  const place = [...DATA.origin];
  const line = [];
  for (let at = 0; at < text.length; ) {
    let [bits, factor, group] = [0, 1, 0];
    do {
      group = text.charCodeAt(at) - 63;
      at += 1;
      bits += (group & 31) * factor;
      factor *= 32;
    } while (group >= 32);
    const axis = line.length & 1;
    place[axis] += bits % 2 ? -(bits + 1) / 2 : bits / 2;
    line.push(axis ? 128 - place[1] * scale : 128 + place[0] * scale);
  }
  return Float64Array.from(line);
}

function labelled(thing) {
  const [lon, lat, metres] = thing.label;
  return { ...thing, at: project(lon, lat), lon, lat, radius: metres * pixelsPerMetre(lat) };
}

function gridOf(told) {
  const grid = { ...labelled(told), rings: told.rings.map(readLine), west: Infinity, east: -Infinity, north: Infinity, south: -Infinity };
  for (const ring of grid.rings) {
    for (let i = 0; i < ring.length; i += 2) {
      grid.west = Math.min(grid.west, ring[i]);
      grid.east = Math.max(grid.east, ring[i]);
      grid.north = Math.min(grid.north, ring[i + 1]);
      grid.south = Math.max(grid.south, ring[i + 1]);
    }
  }
  return grid;
}

const grids = DATA.grids.map(gridOf);
const areas = DATA.areas.map(labelled);
const areaOf = new Map(areas.map((area) => [area.code, area]));
const stations = DATA.stations.map((station) => ({ ...station, at: project(...station.point) }));
const borders = DATA.borders.map((lines) => lines.map(readLine));
const typical = [...grids].sort((a, b) => a.radius - b.radius)[grids.length >> 1].radius;
for (const grid of grids) grid.short = shortName(grid);
const state = { scale: 1, x: 0, y: 0, chosen: null, area: null, hovered: null };
const canvas = byId("canvas");
const map = byId("map");
const context = canvas.getContext("2d");

function shortName(grid) {
  const name = areaOf.get(grid.community)?.name ?? "";
  for (const prefix of [name, name.replace(/(社区|村|里)$/, "")]) {
    if (prefix && grid.name.length > prefix.length && grid.name.startsWith(prefix)) return grid.name.slice(prefix.length);
  }
  return grid.name;
}

function chainOf(code) {
  const chain = [];
  for (let area = areaOf.get(code); area && !chain.includes(area); area = areaOf.get(area.parent)) chain.unshift(area);
  return chain;
}
