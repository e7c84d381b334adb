// What is drawn and searched: grids, areas and stations of one layer, in Leaflet's world pixels at zoom 0.

import { isVisible } from "./canvas.js";

const EARTH_METRES = 40075016.685578488;

export function project(lon, lat) {
  const clipped = Math.max(Math.min(lat, 85.0511), -85.0511);
  return [((lon + 180) / 360) * 256, ((1 - Math.log(Math.tan(Math.PI / 4 + (clipped * Math.PI) / 360)) / Math.PI) / 2) * 256];
}

export function unproject(x, y) {
  return [(x / 256) * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - y / 128))) * 180) / Math.PI];
}

// World pixels at zoom 0 that one metre measures at a latitude.
export function pixelsPerMetre(lat) {
  return 256 / (EARTH_METRES * Math.cos((lat * Math.PI) / 180));
}

// What every layer has, drawn whole or in tiles: the areas and stations around its grids.
export class LayerModel {
  constructor(content) {
    // Grids of a partial layer lie apart, and are small beside the communities around them.
    this.partial = content.tiling === "partial";
    this.areas = content.areas.map(areaOf);
    this.stations = content.stations.map((station) => ({ ...station, at: project(...station.point) }));
    this.areaOf = new Map(this.areas.map((area) => [area.code, area]));
    shorten(this.areas);
    this.stationOf = new Map(this.stations.map((station) => [station.code, station]));
    this.stationsApart = apart(this.stations);
  }

  // The areas just below one.
  parts(area) {
    return this.areas.filter((one) => one.parent === area.code);
  }

  isWithin(grid, area) {
    return this.chain(grid.community).includes(area);
  }

  // An area and those above it, the highest first.
  chain(code) {
    const found = [];
    for (let area = this.areaOf.get(code); area && !found.includes(area); area = this.areaOf.get(area.parent)) {
      found.unshift(area);
    }
    return found;
  }
}

// A layer that was fetched whole.
export class MapModel extends LayerModel {
  constructor(content) {
    super(content);
    this.large = false;
    const read = lineReader(content.origin, content.units_per_metre);
    this.grids = content.grids.map((grid) => gridOf(grid, read));
    this.borders = content.borders.map((lines) => lines.map(read));
    this.gridOf = new Map(this.grids.map((grid) => [grid.code, grid]));
    for (const grid of this.grids) grid.short = shortName(grid, this.areaOf.get(grid.community));
    this.bounds = boundsOf(this.grids);
    this.typicalRadius = median(this.grids.map((grid) => grid.radius));
  }

  // What of it is to be drawn: pieces with grids and borders, each cut off at its square where it has one.
  pieces(view) {
    return [{ square: null, grids: this.grids.filter((grid) => isVisible(grid, view)), borders: this.borders }];
  }

  // Grids whose names may stand in a view.
  named(view) {
    return this.grids.filter((grid) => isVisible(grid, view));
  }

  async ready() {}

  close() {}

  async index() {
    return this.grids;
  }

  async grid(code) {
    return this.gridOf.get(code) ?? null;
  }

  // The grid at a place in world pixels, or null.
  at(x, y) {
    for (const grid of this.grids) {
      if (x < grid.west || x > grid.east || y < grid.north || y > grid.south) continue;
      if (insideRings(grid.rings, x, y)) return grid;
    }
    return null;
  }

  // The same grid as this model has it, or null.
  known({ code }) {
    return this.gridOf.get(code) ?? null;
  }
}

function gridOf(content, read) {
  const rings = content.rings.map(read);
  const grid = { ...content, rings, west: Infinity, east: -Infinity, north: Infinity, south: -Infinity };
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      if (ring[i] < grid.west) grid.west = ring[i];
      if (ring[i] > grid.east) grid.east = ring[i];
      if (ring[i + 1] < grid.north) grid.north = ring[i + 1];
      if (ring[i + 1] > grid.south) grid.south = ring[i + 1];
    }
  }
  return Object.assign(grid, labelOf(content.label), { bounds: degrees(grid) });
}

export function degrees({ west, east, north, south }) {
  return [...unproject(west, south), ...unproject(east, north)];
}

function areaOf(area) {
  return { ...area, ...labelOf(area.label) };
}

export function labelOf([lon, lat, metres]) {
  return { at: project(lon, lat), point: { lon, lat }, radius: metres * pixelsPerMetre(lat) };
}

// Reads lines from texts: x and y steps in turn, zigzag integers in groups of five bits (see the server's encoding).
export function lineReader([originX, originY], unitsPerMetre) {
  const scale = 256 / (EARTH_METRES * unitsPerMetre);
  return (text) => {
    let values = 0;
    for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) < 95) values += 1;
    const line = new Float64Array(values);
    const place = [originX, originY];
    let at = 0;
    for (let value = 0; value < values; value += 1) {
      let bits = 0;
      let factor = 1;
      let group;
      do {
        group = text.charCodeAt(at) - 63;
        at += 1;
        bits += (group & 31) * factor;
        factor *= 32;
      } while (group >= 32);
      place[value & 1] += bits % 2 ? -(bits + 1) / 2 : bits / 2;
      line[value] = value & 1 ? 128 - place[1] * scale : 128 + place[0] * scale;
    }
    return line;
  };
}

// What the names of all areas of one depth begin with, such as the city, needs no place on the map.
function shorten(areas) {
  for (const depth of new Set(areas.map((area) => area.depth))) {
    const those = areas.filter((area) => area.depth === depth);
    let common = those.length > 1 ? those[0].name : "";
    for (const { name } of those) while (!name.startsWith(common)) common = common.slice(0, -1);
    const upper = common.match(/^.*[省市区區县縣镇鎮乡鄉道]/u)?.[0] ?? "";
    for (const area of those) area.short = area.name.length > upper.length + 1 ? area.name.slice(upper.length) : area.name;
  }
}

export function shortName(grid, community) {
  if (!community) return grid.name;
  for (const prefix of [community.name, community.name.replace(/(社区|村|里)$/, "")]) {
    if (prefix && grid.name.length > prefix.length && grid.name.startsWith(prefix)) return grid.name.slice(prefix.length);
  }
  return grid.name;
}

function boundsOf(grids) {
  if (!grids.length) return null;
  const world = { west: Infinity, east: -Infinity, north: Infinity, south: -Infinity };
  for (const grid of grids) {
    world.west = Math.min(world.west, grid.west);
    world.east = Math.max(world.east, grid.east);
    world.north = Math.min(world.north, grid.north);
    world.south = Math.max(world.south, grid.south);
  }
  return world;
}

// How far stations lie apart where they are spread evenly over their extent.
function apart(stations) {
  if (stations.length < 2) return Infinity;
  const [xs, ys] = [0, 1].map((axis) => stations.map((station) => station.at[axis]).sort((a, b) => a - b));
  const most = (values) => values[Math.floor(values.length * 0.95)] - values[Math.floor(values.length * 0.05)];
  return Math.sqrt((most(xs) * most(ys)) / (0.9 * stations.length));
}

export function insideRings(rings, x, y) {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [xi, yi, xj, yj] = [ring[i], ring[i + 1], ring[j], ring[j + 1]];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

function median(values) {
  return values.length ? [...values].sort((a, b) => a - b)[values.length >> 1] : 0;
}

// World bounds as Leaflet's; L is passed so that this module needs no page.
export function leafletBounds(L, { west, east, north, south }) {
  const crs = L.CRS.EPSG3857;
  return L.latLngBounds(crs.pointToLatLng(L.point(west, south), 0), crs.pointToLatLng(L.point(east, north), 0));
}
