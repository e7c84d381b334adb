// The grids that are chosen, by their codes; what is known of each comes from the draft, for those far off later.

import { Topology } from "./topology.js";
import { boundsOf } from "./geometry.js";
import { degrees } from "../model.js";

const MOST_FETCHED = 200;

export class Selection {
  // model: of the draft; changed(items): others are chosen, or more is known of them.
  constructor(client, model, changed) {
    Object.assign(this, { client, model, changed, items: [] });
  }

  get codes() {
    return this.items.map(({ code }) => code);
  }

  set(items) {
    const same = items.length === this.items.length && items.every((item, place) => item.code === this.items[place].code);
    this.items = [...items];
    if (same) return;
    this.changed();
    this.#complete();
  }

  add(items, more) {
    const kept = more ? this.items : [];
    const known = new Set(kept.map(({ code }) => code));
    this.set([...kept, ...items.filter(({ code }) => !known.has(code))]);
  }

  toggle(item) {
    if (!item) return;
    const without = this.items.filter(({ code }) => code !== item.code);
    this.set(without.length < this.items.length ? without : [...this.items, item]);
  }

  // Whether anything was chosen.
  clear() {
    const had = this.items.length > 0;
    this.set([]);
    return had;
  }

  async select(codes) {
    const found = await Promise.all(codes.map((code) => this.model.grid(code)));
    const missing = codes.filter((code, place) => !found[place]);
    const fetched = missing.length ? await this.#fetch(missing) : [];
    this.items = [];
    this.set([...found.filter(Boolean), ...fetched]);
  }

  // Grids as the client tells them: those that were changed are known anew, those that are no more are not chosen.
  take({ changed, removed }) {
    if (!this.items.length) return;
    const gone = new Set(removed);
    const anew = new Map(changed.map((feature) => [feature.properties.key, feature]));
    const items = this.items.filter(({ key }) => !gone.has(key)).map((item) => {
      const feature = anew.get(item.key);
      return feature ? (this.model.item(item.key) ?? itemOf(feature)) : item;
    });
    if (items.every((item, place) => item === this.items[place]) && items.length === this.items.length) return;
    this.items = items;
    this.changed();
  }

  // What came with the published layer says neither key nor exact shape.
  async #complete() {
    const wanted = this.items.filter(({ key }) => !key).map(({ code }) => code);
    if (!wanted.length || wanted.length > MOST_FETCHED) return;
    const fetched = new Map((await this.#fetch(wanted)).map((item) => [item.code, item]));
    if (!fetched.size) return;
    this.items = this.items.map((item) => (item.key ? item : merged(item, fetched.get(item.code))));
    this.changed();
  }

  async #fetch(codes) {
    const { features } = await this.client.grids(codes).catch(() => ({ features: [] }));
    return features.map(itemOf);
  }
}

function merged(item, found) {
  return found ? { ...item, ...found, short: item.short, at: item.at, point: item.point, radius: item.radius } : item;
}

function itemOf(feature) {
  const { properties, flat } = new Topology([feature]).faces.get(feature.properties.key);
  const box = boundsOf(flat);
  const at = [(box.west + box.east) / 2, (box.north + box.south) / 2];
  const [west, south, east, north] = degrees(box);
  return { ...properties, properties, rings: flat, ...box, bounds: [west, south, east, north], at, short: properties.name, point: { lon: (west + east) / 2, lat: (south + north) / 2 } };
}
