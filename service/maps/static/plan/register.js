// All grids and areas of a draft as light rows, kept as they are while things change.

import { boxOf } from "./draft.js";

export class Register {
  constructor(client) {
    Object.assign(this, { client, rows: new Map(), areas: new Map(), levels: [] });
  }

  async load() {
    const answer = await this.client.register();
    this.rows = new Map((answer.items ?? answer.grids).map((row) => [row.key, row]));
    this.areas = new Map((answer.areas ?? []).map((area) => [area.code, area]));
  }

  // What an operation, or somebody else, changed.
  take({ grids, areas }) {
    for (const key of grids.removed) this.rows.delete(key);
    for (const { properties, geometry } of grids.changed) {
      this.rows.set(properties.key, { ...this.rows.get(properties.key), ...properties, bbox: boxOf(geometry) });
    }
    for (const code of areas.removed) this.areas.delete(code);
    for (const area of areas.changed) {
      const told = area.properties ?? area;
      this.areas.set(told.code, { ...this.areas.get(told.code), ...told });
    }
  }

  byCode(code) {
    for (const row of this.rows.values()) if (row.code === code) return row;
    return null;
  }

  nameOf(community) {
    return this.areas.get(community)?.name ?? community ?? "";
  }

  // Areas that have grids, or are of the level of those that have, by name: {code, name, parent, level, rows, households}.
  communities(lang) {
    const found = new Map();
    for (const row of this.rows.values()) {
      const code = row.community ?? "";
      if (!found.has(code)) found.set(code, { ...this.areas.get(code), code, rows: [], households: 0 });
      const one = found.get(code);
      one.rows.push(row);
      one.households += row.households ?? 0;
    }
    for (const one of found.values()) one.name ||= one.code;
    const collator = new Intl.Collator(lang, { numeric: true });
    return [...found.values()].sort((a, b) => collator.compare(a.name, b.name) || collator.compare(a.code, b.code));
  }

  // The box around some rows: [west, south, east, north].
  box(rows) {
    const found = [Infinity, Infinity, -Infinity, -Infinity];
    for (const { bbox } of rows) {
      if (!bbox) continue;
      for (const at of [0, 1]) found[at] = Math.min(found[at], bbox[at]);
      for (const at of [2, 3]) found[at] = Math.max(found[at], bbox[at]);
    }
    return found[0] <= found[2] ? found : null;
  }
}
