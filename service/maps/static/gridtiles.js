// A layer too large to be fetched whole: what is drawn comes in tiles, what is known of each grid in one light list.

import { isAtView } from "./canvas.js";
import { LayerModel, degrees, insideRings, labelOf, pixelsPerMetre, project, shortName } from "./model.js";
import { Tiles } from "./tiles.js";

export class TiledModel extends LayerModel {
  // ask(path): JSON of the service; root: path below which it is served; asOf: the instant shown, or null; changed():
  // something new can be drawn.
  constructor(content, { ask, root, asOf, changed }) {
    super(content);
    const then = asOf ? `&as_of=${encodeURIComponent(asOf)}` : "";
    Object.assign(this, { large: true, ask, changed, indexPath: content.index + then });
    const [, south, , north] = content.bounds;
    this.bounds = worldBounds(...content.bounds);
    this.typicalRadius = content.typical_metres * pixelsPerMetre((south + north) / 2);
    this.tiles = new Tiles({
      url: root + content.tiles.url + then, maxZoom: content.tiles.max_zoom, changed, bounds: this.bounds,
      read: (layers) => this.#read(layers),
    });
    this.records = null;
    this.recordOf = null;
  }

  ready(view) {
    return this.tiles.ready(view);
  }

  close() {
    this.tiles.close();
  }

  pieces(view) {
    return this.tiles.pieces(view).map(({ square, content }) => ({ square, ...content }));
  }

  // Each grid once: its label lies in one tile.
  named(view) {
    const found = new Map();
    for (const { square, labels } of this.pieces(view)) {
      for (const label of labels) {
        if (isAtView(label, view) && holds(square, label.at)) found.set(label.code, label);
      }
    }
    return [...found.values()];
  }

  // Records of every grid, fetched once.
  index() {
    this.fetched ??= this.#fetchIndex().catch((error) => {
      this.fetched = null;
      throw error;
    });
    return this.fetched;
  }

  async grid(code) {
    await this.index();
    return this.recordOf.get(code) ?? null;
  }

  // The grid drawn at a place in world pixels, or null; where communities are drawn instead, none.
  at(x, y) {
    const content = this.tiles.contentAt(x, y);
    const grid = content?.grids.find((one) => !one.merged
      && x >= one.west && x <= one.east && y >= one.north && y <= one.south && insideRings(one.rings, x, y));
    return grid ? (this.recordOf?.get(grid.code) ?? grid) : null;
  }

  known(record) {
    return record;
  }

  // At low zooms tiles don't say in which community a grid lies: the list does.
  isWithin(grid, area) {
    if (grid.community === undefined && !this.recordOf) this.index().then(this.changed, () => {});
    return super.isWithin({ community: grid.community ?? this.recordOf?.get(grid.code)?.community }, area);
  }

  #read({ grids = [], communities = [], labels = [], borders = [] }) {
    const items = grids.map((feature) => this.#item(feature));
    const itemOf = new Map(items.map((item) => [item.code, item]));
    const merged = communities.map((feature) => ({ ...this.#item(feature), community: feature.properties.code, merged: true }));
    const lines = [[], [], []];
    for (const { properties, lines: parts } of borders) lines[properties.depth]?.push(...parts);
    return { grids: items.length ? items : merged, borders: lines, labels: labels.map((one) => labelled(one, itemOf)).filter(Boolean) };
  }

  #item({ properties, lines, west, east, north, south }) {
    const item = { ...properties, name: properties.name ?? "", rings: lines, west, east, north, south };
    item.short = shortName(item, this.areaOf.get(item.community));
    return item;
  }

  async #fetchIndex() {
    const columns = await this.ask(this.indexPath);
    this.records = columns.code.map((_, place) => this.#record(columns, place));
    this.recordOf = new Map(this.records.map((record) => [record.code, record]));
    return this.records;
  }

  // Steps are whole units of the list's last digit, from its origin, and from there for the bounds.
  #record(columns, place) {
    const step = 10 ** -columns.digits;
    const [lon, lat] = [columns.origin[0] + columns.x[place] * step, columns.origin[1] + columns.y[place] * step];
    const [west, south] = [lon + columns.west[place] * step, lat + columns.south[place] * step];
    const [east, north] = [lon + columns.east[place] * step, lat + columns.north[place] * step];
    const record = {
      code: columns.code[place], name: columns.name[place], kind: columns.kinds[columns.kind[place]],
      community: columns.communities[columns.community[place]] ?? null, households: columns.households[place],
      colour: columns.colour[place], bounds: [west, south, east, north],
      ...labelOf([lon, lat, columns.metres[place]]), ...worldBounds(west, south, east, north),
    };
    record.short = shortName(record, this.areaOf.get(record.community));
    return record;
  }
}

function worldBounds(west, south, east, north) {
  const [[left, bottom], [right, top]] = [project(west, south), project(east, north)];
  return { west: left, south: bottom, east: right, north: top };
}

function holds({ west, east, north, south }, [x, y]) {
  return x >= west && x < east && y >= north && y < south;
}

// The item of a label, as a name is placed in it.
function labelled({ properties, west, north }, itemOf) {
  const item = itemOf.get(properties.code);
  if (!item) return null;
  const latitude = degrees({ west, south: north, east: west, north })[1];
  return { code: item.code, short: item.short, at: [west, north], radius: properties.metres * pixelsPerMetre(latitude) };
}
