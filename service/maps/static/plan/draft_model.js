// The picture of a draft: the layer as it was published, what the draft changed laid over it, and near enough the exact
// grids alone. It stands in for the layer's own model wherever that is drawn or searched.

import { isAtView, isVisible } from "../canvas.js";
import { degrees, insideRings, shortName, unproject } from "../model.js";
import { Colours } from "./colours.js";
import { labelOf } from "./geometry.js";
import { Topology, dividingLines } from "./topology.js";

export class DraftModel {
  constructor(base) {
    this.base = base;
    // What the draft changed; the exact grids of a part of the map, or null, and which part that is.
    Object.assign(this, { changed: new Topology(), items: new Map(), exact: null, within: null });
    this.recordOf = new Map((base.grids ?? []).map((grid) => [grid.code, grid]));
    this.colours = new Colours((x, y) => base.at(x, y));
  }

  get large() { return this.base.large; }

  get partial() { return this.base.partial; }

  get areas() { return this.base.areas; }

  get areaOf() { return this.base.areaOf; }

  get stations() { return this.base.stations; }

  get stationOf() { return this.base.stationOf; }

  get stationsApart() { return this.base.stationsApart; }

  get typicalRadius() { return this.base.typicalRadius; }

  get bounds() { return this.base.bounds; }

  parts(area) { return this.base.parts(area); }

  chain(code) { return this.base.chain(code); }

  isWithin(grid, area) { return this.base.isWithin(grid, area); }

  ready(view) { return this.base.ready(view); }

  close() { this.base.close(); }

  known(record) { return record; }

  // Every grid as it was published, fetched once where the layer is large.
  async index() {
    const records = await this.base.index();
    if (this.recordOf.size !== records.length) this.recordOf = new Map(records.map((record) => [record.code, record]));
    return records;
  }

  async grid(code) {
    for (const item of this.items.values()) if (item.code === code) return item;
    return this.base.grid(code);
  }

  // changed: {grids: Map of features by key}, as the client keeps it: all that differs from the base.
  keep({ grids }) {
    for (const key of this.changed.faces.keys()) if (!grids.has(key)) this.changed.remove(key);
    for (const [key, feature] of grids) if (this.changed.faces.get(key)?.properties !== feature.properties) this.changed.put(feature);
    this.#makeItems();
  }

  // topology: the exact grids of a part of the map, bounds: which part, in world pixels; null where there is none.
  useExact(topology, bounds) {
    Object.assign(this, { exact: topology, within: bounds });
    this.#makeItems();
    this.borders = topology ? this.#bordersOf(topology) : [];
  }

  covers(view) {
    const known = this.within;
    return Boolean(known) && view.west >= known.west && view.east <= known.east && view.north >= known.north && view.south <= known.south;
  }

  pieces(view) {
    if (this.covers(view)) return [{ square: null, grids: this.#seen(this.exact, view), borders: this.borders }];
    const pieces = this.base.pieces(view);
    const grids = this.#seen(this.changed, view);
    if (!grids.length) return pieces;
    const without = grids.flatMap(({ rings }) => rings);
    return [...pieces.map((piece) => ({ ...piece, without })), { square: null, grids, borders: [] }];
  }

  named(view) {
    if (this.covers(view)) return this.#seen(this.exact, view);
    const grids = this.#seen(this.changed, view);
    const isOld = ({ at: [x, y] }) => grids.some((item) => isIn(item, x, y));
    return [...this.base.named(view).filter((label) => !isOld(label)), ...grids.filter((item) => isAtView(item, view))];
  }

  // The grid at a place in world pixels, or null.
  at(x, y) {
    const isWithin = this.exact && isInBox(this.within, x, y);
    for (const face of (isWithin ? this.exact : this.changed).around(x, y)) {
      const item = this.items.get(face.key);
      if (insideRings(item.rings, x, y)) return item;
    }
    return isWithin ? null : this.base.at(x, y);
  }

  // What is known of all grids at once, each with the middle of its name.
  middles() {
    const isOld = ({ at: [x, y] }) => [...this.changed.around(x, y)].some((face) => insideRings(face.flat, x, y));
    const published = [...this.recordOf.values()].filter((record) => !isOld(record));
    return [...published, ...[...this.changed.faces.keys()].map((key) => this.items.get(key))];
  }

  // Grids that the draft changed, in view.
  changedIn(view) {
    return this.#seen(this.changed, view);
  }

  item(key) {
    return this.items.get(key) ?? null;
  }

  #seen(topology, view) {
    const seen = [];
    for (const key of topology.faces.keys()) {
      const item = this.items.get(key);
      if (isVisible(item, view)) seen.push(item);
    }
    return seen;
  }

  // Items are kept while their feature stays the same.
  #makeItems() {
    const old = this.items;
    this.items = new Map();
    for (const topology of [this.exact, this.changed].filter(Boolean)) {
      for (const [key, face] of topology.faces) {
        if (this.items.has(key)) continue;
        const had = old.get(key);
        this.items.set(key, had && had.properties === face.properties ? had : this.#itemOf(face));
      }
    }
    this.colours.settle(this.changed, this.exact, this.items, ({ code }) => this.recordOf.get(code)?.colour);
  }

  #bordersOf(topology) {
    const communityOf = (key) => topology.faces.get(key)?.properties.community ?? null;
    const above = (key) => this.base.areaOf.get(communityOf(key))?.parent ?? null;
    const flat = (lines) => lines.map((line) => Float64Array.from(line));
    return [flat(dividingLines(topology, communityOf)), flat(dividingLines(topology, above))];
  }

  #itemOf(face) {
    const { properties, flat, west, east, north, south } = face;
    const record = this.recordOf.get(properties.code);
    const unchanged = record && !properties.changed && record.at;
    const label = unchanged ? { at: record.at, radius: record.radius } : labelOf(flat);
    const [lon, lat] = unproject(...label.at);
    const item = {
      ...properties, properties, rings: flat, west, east, north, south, ...label, point: { lon, lat },
      name: properties.name ?? "", colour: record?.colour ?? 0, bounds: degrees(face),
    };
    item.short = shortName(item, this.base.areaOf.get(item.community)) || item.code;
    return item;
  }
}

function isIn(item, x, y) {
  return x >= item.west && x <= item.east && y >= item.north && y <= item.south && insideRings(item.rings, x, y);
}

function isInBox({ west, east, north, south }, x, y) {
  return x >= west && x <= east && y >= north && y <= south;
}
