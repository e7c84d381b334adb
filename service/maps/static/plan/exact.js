// Keeps the exact grids of what is seen, and the lines around them, once the map is near enough; and keeps them up to
// date with what is done to the draft.

import { viewOf } from "../canvas.js";
import { unproject } from "../model.js";
import { Surroundings } from "./snap.js";
import { Topology } from "./topology.js";

export const MOST_SEEN = 800;
// What the service gives at once; a few more than are counted may touch the edge.
const MOST_FETCHED = 1_800;
// What is painted beyond the window, as a share of its size.
const LEAST_MARGIN = 0.31;
// How much beyond the window is fetched.
const MARGINS = [1, 0.6, LEAST_MARGIN];
// The same for lines around the grids; farther off a pointer would mean too many of them.
const LINES_MARGIN = 0.5;
const [LINES_ZOOM, CROWDED_ZOOM] = [15, 17];
const REST_MS = 120;
const RETRY_MS = 4_000;

export class ExactView {
  // changed(): other grids or lines are known now.
  constructor(map, client, model, changed) {
    Object.assign(this, { map, client, model, changed, topology: null, surroundings: new Surroundings(), within: null });
    // crowded: at lower zooms there may be too many lines to fetch more than those that are seen.
    Object.assign(this, { near: false, failed: false, asked: null, timer: null, lined: null, crowded: CROWDED_ZOOM });
    map.on("moveend resize", this.#later, this);
  }

  close() {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.map.off("moveend resize", this.#later, this);
  }

  // Whether what is seen now can be edited.
  get isReady() {
    return this.near && this.topology !== null && this.model.covers(viewOf(this.map));
  }

  // What somebody did: grids as the client tells them.
  take({ changed, removed }) {
    this.since?.push({ changed, removed });
    if (!this.topology) return;
    this.#put(this.topology, { changed, removed }, this.within);
    this.model.useExact(this.topology, this.within);
  }

  // Nothing that is known holds any more.
  async renew() {
    this.#forget();
    await this.look();
  }

  async look() {
    clearTimeout(this.timer);
    const seen = viewOf(this.map);
    const records = await this.model.index().catch(() => null);
    if (!records) {
      this.#again();
      return;
    }
    const margin = MARGINS.find((part) => countIn(records, padded(seen, part)) <= MOST_FETCHED);
    this.near = margin !== undefined && countIn(records, seen) <= MOST_SEEN;
    if (!this.near) this.asked?.abort();
    if (this.near && this.map.getZoom() >= LINES_ZOOM) this.#fetchLines(seen);
    if (!this.near || this.model.covers(padded(seen, LEAST_MARGIN))) {
      this.changed();
      return;
    }
    await this.#fetch(padded(seen, margin));
  }

  async #fetch(box) {
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    this.since = [];
    const bounds = degreesOf(box);
    try {
      const { features } = await this.client.gridsIn(bounds, asked.signal);
      if (asked !== this.asked) return;
      const topology = new Topology(features);
      for (const step of this.since) this.#put(topology, step, box);
      Object.assign(this, { topology, within: box, failed: false });
      this.model.useExact(topology, box);
    } catch (error) {
      if (error.name === "AbortError" || asked !== this.asked) return;
      this.failed = true;
      this.#again();
    }
    this.changed();
  }

  // Without them, or where what is seen alone has too many, there is less to snap to.
  async #fetchLines(seen, margin = this.map.getZoom() < this.crowded ? 0 : LINES_MARGIN) {
    if (this.lined && holds(this.lined, seen)) return;
    const box = (this.lined = padded(seen, margin));
    try {
      const found = await this.client.linesIn(degreesOf(box));
      if (box === this.lined) this.surroundings = new Surroundings(found);
    } catch ({ problem }) {
      if (box !== this.lined) return;
      this.surroundings = new Surroundings();
      const isCrowded = problem?.code === "too-many";
      if (!isCrowded || margin) this.lined = null;
      if (!isCrowded || !margin) return;
      this.crowded = this.map.getZoom() + 1;
      this.#fetchLines(viewOf(this.map), 0);
    }
  }

  // Grids beyond what was fetched would have sides of which nothing is known.
  #put(topology, { changed, removed }, box) {
    for (const key of removed) topology.remove(key);
    for (const feature of changed) {
      const face = topology.put(feature);
      if (face.east < box.west || face.west > box.east || face.south < box.north || face.north > box.south) topology.remove(face.key);
    }
  }

  #forget() {
    this.asked?.abort();
    Object.assign(this, { topology: null, within: null, asked: null });
    this.model.useExact(null, null);
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), REST_MS);
  }

  #again() {
    this.changed();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), RETRY_MS);
  }
}

function countIn(records, { west, east, north, south }) {
  let count = 0;
  for (const one of records) if (one.east >= west && one.west <= east && one.south >= north && one.north <= south) count += 1;
  return count;
}

function holds(outer, inner) {
  return inner.west >= outer.west && inner.east <= outer.east && inner.north >= outer.north && inner.south <= outer.south;
}

function padded({ west, east, north, south }, part) {
  const [right, down] = [(east - west) * part, (south - north) * part];
  return { west: west - right, east: east + right, north: north - down, south: south + down };
}

function degreesOf({ west, east, north, south }) {
  return [...unproject(west, south), ...unproject(east, north)];
}
