// Vector tiles of one address: fetched as the view asks for them, read, kept within bounds. What is drawn stays until
// its replacement is there: until then the tiles above or below stand in.

import { VectorTile } from "@mapbox/vector-tile";
import Pbf from "pbf";

const SIDE = 512;
const MOST_AT_ONCE = 6;
const MOST_VERTICES = 2_000_000;
const RETRY_MS = 1_500;
const GIVEN_UP_MS = 15_000;
const SETTLED_MS = 180;
const ABOVE = 6;
const BELOW = 2;

export class Tiles {
  // url: with {z} {x} {y}; read({name: [feature…]}, square): content of a tile; changed(): something new can be drawn;
  // bounds: {west, south, east, north} in world pixels, outside of which there is nothing.
  constructor({ url, maxZoom, read, changed, bounds = null }) {
    Object.assign(this, { url, maxZoom, read, changed, bounds });
    this.kept = new Map();
    this.loading = new Map();
    this.failed = new Map();
    this.wanted = [];
  }

  // What can be drawn of a view now, as [{content, square}…]; what is missing is fetched, the middle first.
  pieces(view) {
    const wanted = this.#wanted(view);
    this.wanted = wanted;
    this.#drop();
    this.#fetchNext();
    const pieces = [];
    for (const place of wanted) this.#standIns(place, pieces);
    this.#forget(new Set(pieces.map(({ key }) => key)));
    return pieces;
  }

  // Resolves once a view is there, or cannot be had.
  async ready(view) {
    this.pieces(view);
    while (this.loading.size || this.#missing().length) await new Promise((resolve) => setTimeout(resolve, 15));
  }

  // Everything of the deepest tiles kept, for questions about a place.
  contentAt(x, y) {
    for (let z = this.maxZoom; z >= 0; z -= 1) {
      const count = 2 ** z;
      const tile = this.kept.get(keyOf({ z, x: Math.floor((x / 256) * count), y: Math.floor((y / 256) * count) }));
      if (tile) return tile.content;
    }
    return null;
  }

  close() {
    for (const { controller } of this.loading.values()) controller.abort();
    this.wanted = [];
    this.closed = true;
  }

  #wanted({ scale, west, east, north, south }) {
    const zoom = Math.max(0, Math.min(this.maxZoom, Math.floor(Math.log2((scale * 256) / SIDE) + 0.01)));
    const side = 256 / 2 ** zoom;
    const around = this.bounds ?? { west: 0, south: 256, east: 256, north: 0 };
    const [left, right] = [Math.max(west, around.west), Math.min(east, around.east)].map((value) => Math.floor(value / side));
    const [top, bottom] = [Math.max(north, around.north), Math.min(south, around.south)].map((value) => Math.floor(value / side));
    const places = [];
    for (let y = Math.max(top, 0); y <= Math.min(bottom, 2 ** zoom - 1); y += 1) {
      for (let x = Math.max(left, 0); x <= Math.min(right, 2 ** zoom - 1); x += 1) places.push({ z: zoom, x, y });
    }
    const [cx, cy] = [(west + east) / 2 / side - 0.5, (north + south) / 2 / side - 0.5];
    return places.sort((one, other) => Math.hypot(one.x - cx, one.y - cy) - Math.hypot(other.x - cx, other.y - cy));
  }

  #standIns(place, pieces) {
    const own = this.#use(place);
    const square = squareOf(place);
    if (own) {
      pieces.push({ key: keyOf(place), content: own.content, square });
      return;
    }
    for (let up = 1; up <= Math.min(ABOVE, place.z); up += 1) {
      const above = { z: place.z - up, x: place.x >> up, y: place.y >> up };
      const tile = this.#use(above);
      if (tile) {
        pieces.push({ key: keyOf(above), content: tile.content, square });
        return;
      }
    }
    this.#standInsBelow(place, BELOW, pieces);
  }

  #standInsBelow({ z, x, y }, depth, pieces) {
    for (const [dx, dy] of depth ? [[0, 0], [1, 0], [0, 1], [1, 1]] : []) {
      const below = { z: z + 1, x: 2 * x + dx, y: 2 * y + dy };
      const tile = this.#use(below);
      if (tile) pieces.push({ key: keyOf(below), content: tile.content, square: squareOf(below) });
      else this.#standInsBelow(below, depth - 1, pieces);
    }
  }

  #use(place) {
    const key = keyOf(place);
    const tile = this.kept.get(key);
    if (tile) {
      this.kept.delete(key);
      this.kept.set(key, tile);
    }
    return tile;
  }

  #missing() {
    const now = performance.now();
    return this.wanted.filter((place) => {
      const key = keyOf(place);
      return !this.kept.has(key) && !this.loading.has(key) && !(now - this.failed.get(key) < GIVEN_UP_MS);
    });
  }

  // What is on its way and no longer wanted.
  #drop() {
    const wanted = new Set(this.wanted.map(keyOf));
    for (const [key, { controller }] of this.loading) if (!wanted.has(key)) controller.abort();
  }

  #fetchNext() {
    for (const place of this.#missing().slice(0, Math.max(MOST_AT_ONCE - this.loading.size, 0))) this.#fetch(place);
  }

  async #fetch(place) {
    const key = keyOf(place);
    const controller = new AbortController();
    this.loading.set(key, { controller });
    try {
      const buffer = await this.#bytes(place, controller.signal);
      if (!controller.signal.aborted) this.#keep(key, place, buffer);
    } catch (error) {
      if (error.name !== "AbortError") this.failed.set(key, performance.now());
    } finally {
      this.loading.delete(key);
      if (!this.closed) {
        this.#fetchNext();
        this.#announce();
      }
    }
  }

  async #bytes({ z, x, y }, signal, again = true) {
    const address = this.url.replace("{z}", z).replace("{x}", x).replace("{y}", y);
    const response = await fetch(address, { signal }).catch((error) => (error.name === "AbortError" ? Promise.reject(error) : null));
    if (response?.ok) return response.status === 204 ? new ArrayBuffer(0) : response.arrayBuffer();
    if (response && response.status < 500) return new ArrayBuffer(0);
    if (!again) throw new Error(`no tile ${z}/${x}/${y}`);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    signal.throwIfAborted();
    return this.#bytes({ z, x, y }, signal, false);
  }

  #keep(key, place, buffer) {
    const { layers, vertices } = readLayers(buffer, place);
    this.kept.set(key, { content: this.read(layers, squareOf(place)), vertices: vertices + 200 });
    this.failed.delete(key);
  }

  // The longest unused go first; what is drawn stays whatever it holds.
  #forget(used) {
    let vertices = 0;
    for (const tile of this.kept.values()) vertices += tile.vertices;
    for (const [key, tile] of this.kept) {
      if (vertices <= MOST_VERTICES) return;
      if (used.has(key)) continue;
      this.kept.delete(key);
      vertices -= tile.vertices;
    }
  }

  // All at once where everything comes quickly, else what there is.
  #announce() {
    clearTimeout(this.timer);
    if (!this.loading.size) {
      this.since = null;
      this.changed();
      return;
    }
    this.since ??= performance.now();
    const left = Math.max(SETTLED_MS - (performance.now() - this.since), 0);
    this.timer = setTimeout(() => {
      this.since = null;
      this.changed();
    }, left);
  }
}

function keyOf({ z, x, y }) {
  return `${z}/${x}/${y}`;
}

function squareOf({ z, x, y }) {
  const side = 256 / 2 ** z;
  return { west: x * side, north: y * side, east: (x + 1) * side, south: (y + 1) * side };
}

// The features of each layer: {properties, lines, west, east, north, south}, lines in world pixels at zoom 0.
function readLayers(buffer, place) {
  const layers = {};
  let vertices = 0;
  const { layers: found } = new VectorTile(new Pbf(buffer));
  for (const [name, layer] of Object.entries(found)) {
    layers[name] = [];
    const unit = 256 / 2 ** place.z / layer.extent;
    const [west, north] = [place.x * unit * layer.extent, place.y * unit * layer.extent];
    for (let i = 0; i < layer.length; i += 1) {
      const feature = layer.feature(i);
      const item = featureOf(feature.loadGeometry(), feature, west, north, unit);
      vertices += item.lines.reduce((sum, line) => sum + line.length / 2, 0);
      layers[name].push(item);
    }
  }
  return { layers, vertices };
}

function featureOf(lines, { properties, type }, left, top, unit) {
  const item = { properties, type, lines: [], west: Infinity, east: -Infinity, north: Infinity, south: -Infinity };
  for (const points of lines) {
    const line = new Float64Array(2 * points.length);
    for (const [place, point] of points.entries()) {
      const [x, y] = [left + point.x * unit, top + point.y * unit];
      line[2 * place] = x;
      line[2 * place + 1] = y;
      if (x < item.west) item.west = x;
      if (x > item.east) item.east = x;
      if (y < item.north) item.north = y;
      if (y > item.south) item.south = y;
    }
    item.lines.push(line);
  }
  return item;
}
