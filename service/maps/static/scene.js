// The map itself: fetches one layer, draws it, and says what lies where. Pages know nothing of how it is drawn.
//
// A record of a grid: {code, name, short, kind, community, households, point: {lon, lat}, radius, bounds}; radius is that of
// the largest circle within, in world pixels at zoom 0, bounds are [west, south, east, north] in degrees.

import { MapModel, project } from "./model.js";
import { Painter } from "./painter.js";

export class GridScene {
  constructor(L, map, config, service) {
    Object.assign(this, { L, map, config, service, model: null, layer: null });
    this.painter = new Painter(L, map, config.fills);
  }

  // Fetches and draws a layer; resolves when it is painted, with false where another one was asked for meanwhile.
  async show(layer) {
    this.layer = layer;
    const asked = (this.asked = Symbol(layer));
    const content = await this.service.mapData(layer);
    if (asked !== this.asked) return false;
    this.model = new MapModel(content);
    this.painter.show(this.model);
    return true;
  }

  // Every grid of the layer as a record.
  async index() {
    return this.model.grids;
  }

  async grid(code) {
    return this.model.gridOf.get(code) ?? null;
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
  }

  // Whether another grid lies under the pointer now.
  hover(record) {
    return this.painter.hover(record);
  }

  // scheme: {classOf: Map of code to class, fills: CSS colours by class}, or null for fills that tell neighbours apart.
  colourBy(scheme) {
    this.painter.set({ scheme });
  }

  showBase(base) {
    this.painter.set({ base });
  }

  showStations(stations) {
    this.painter.set({ dots: stations });
  }

  showNames(names) {
    this.painter.set({ names });
  }
}
