// The map itself: fetches one layer, draws it, and says what lies where. Pages know nothing of how it is drawn.
//
// A record of a grid: {code, name, short, kind, community, households, point: {lon, lat}, radius, bounds}; radius is that of
// the largest circle within, in world pixels at zoom 0, bounds are [west, south, east, north] in degrees.

import { viewOf } from "./canvas.js";
import { modelOf } from "./choosing.js";
import { project } from "./model.js";
import { northControl } from "./north.js";
import { outsideLayer } from "./outside.js";
import { Painter } from "./painter.js";

const READY_MS = 8_000;
// So long a layer waits for what lies below it, so that both appear at once where that is quick.
const GROUND_MS = 150;
const MOST_OUTLINES = 24;

export class GridScene {
  constructor(L, map, config, service) {
    Object.assign(this, { L, map, config, service, model: null, layer: null, scheme: null, base: null, baseShown: true });
    this.painter = new Painter(L, map, config.fills);
    northControl(L, config.lang).addTo(map);
    if (config.outside) {
      this.outside = outsideLayer(L, config.outside, () => this.#withoutOutside());
      this.#useOutside(true);
    }
  }

  // Fetches and draws a layer; resolves when it is painted, with false where another one was asked for meanwhile. What
  // was drawn before stays until then; the ground comes when it can.
  async show(layer) {
    this.layer = layer;
    const asked = (this.asked = Symbol(layer));
    const ground = this.#openBase().catch(() => null);
    const model = await this.#modelOf(await this.service.mapData(layer));
    const view = viewOf(this.map);
    if (asked === this.asked) await Promise.race([model.ready(view), after(READY_MS)]);
    if (asked === this.asked) await Promise.race([ground.then(() => this.base?.ready(view)), after(GROUND_MS)]);
    if (asked !== this.asked) {
      model.close();
      return false;
    }
    this.model?.close();
    this.model = model;
    this.painter.show(model);
    if (this.scheme && model.large) this.colourBy(this.scheme);
    return true;
  }

  // Every grid of the layer as a record.
  index() {
    return this.model.index();
  }

  grid(code) {
    return this.model.grid(code);
  }

  // The record of the grid that is drawn at a place, or null.
  at(lon, lat) {
    return this.model?.at(...project(lon, lat)) ?? null;
  }

  // grid, beside: records; area: of the model; point: {lon, lat} with accuracy, the metres around it; stations: of the
  // model. What is not given is not chosen.
  choose({ grid = null, beside = [], area = null, point = null, accuracy = null, stations = [] } = {}) {
    const at = point && project(point.lon, point.lat);
    this.painter.choose({ grid, beside, area, point: at, accuracy: accuracy && { metres: accuracy, lat: point.lat }, stations });
    for (const record of [grid, ...beside.slice(0, MOST_OUTLINES)]) if (record && !record.rings) this.#outline(record);
  }

  // Whether another grid lies under the pointer now.
  hover(record) {
    return this.painter.hover(record);
  }

  // scheme: {classOf: Map of code to class, fills: CSS colours by class}, or null for fills that tell neighbours apart.
  async colourBy(scheme) {
    this.scheme = scheme;
    this.painter.set({ scheme });
    if (!scheme || !this.model?.large) return;
    const records = await this.index().catch(() => []);
    const classOf = withCommunities(scheme.classOf, records);
    if (scheme === this.scheme) this.painter.set({ scheme: { ...scheme, classOf } });
  }

  showBase(shown) {
    this.baseShown = shown;
    if (this.outside) this.#useOutside(shown);
    else this.painter.set({ ground: shown ? this.base : null });
  }

  showStations(shown) {
    this.painter.set({ dots: shown });
  }

  showNames(shown) {
    this.painter.set({ names: shown });
  }

  #modelOf(content) {
    const ask = (path) => this.service.ask("GET", path);
    const { root, as_of: asOf } = this.config;
    return modelOf(content, { ask, root, asOf, changed: () => this.painter.repaint() });
  }

  #useOutside(shown) {
    if (shown) this.outside.addTo(this.map);
    else this.outside.remove();
    this.painter.set({ over: shown });
  }

  // Nothing comes from there: our own base map instead.
  async #withoutOutside() {
    this.#useOutside(false);
    this.outside = null;
    await this.#openBase().catch(() => null);
    this.showBase(this.baseShown);
  }

  // The base map is current only: the latest there is, while an older one goes on where it cannot be had.
  async #openBase() {
    if (this.outside || !this.config.basemap) return;
    const told = await this.service.ask("GET", "/basemap");
    if (!told.layers.length || told.version === this.base?.version) return;
    const { BaseMap } = await import("./basemap.js");
    this.base?.close();
    this.base = new BaseMap(told, this.config.root, () => this.painter.repaint());
    if (this.baseShown) this.painter.set({ ground: this.base });
  }

  // The exact border of a grid that tiles hold in parts only.
  async #outline(record) {
    const path = `/api/v1/layers/${encodeURIComponent(this.layer)}/grids/${encodeURIComponent(record.code)}?format=geojson`;
    const asOf = this.config.as_of ? `&as_of=${encodeURIComponent(this.config.as_of)}` : "";
    const content = await this.service.ask("GET", path + asOf).catch(() => null);
    if (!content) return;
    record.rings = ringsOf(content.geometry ?? content.features?.[0]?.geometry);
    this.painter.repaint();
  }
}

function after(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function ringsOf(geometry) {
  const polygons = geometry?.type === "MultiPolygon" ? geometry.coordinates : [geometry?.coordinates ?? []];
  return polygons.flat().map((ring) => Float64Array.from(ring.flatMap(([lon, lat]) => project(lon, lat))));
}

// Where only communities can be drawn, each shows the class that most of its grids have.
function withCommunities(classOf, records) {
  const counts = new Map();
  for (const { code, community } of records) {
    const one = classOf.get(code);
    if (one === undefined || !community) continue;
    if (!counts.has(community)) counts.set(community, new Map());
    const of = counts.get(community);
    of.set(one, (of.get(one) ?? 0) + 1);
  }
  const most = [...counts].map(([community, of]) => [community, [...of].sort((a, b) => b[1] - a[1])[0][0]]);
  return new Map([...most, ...classOf]);
}
