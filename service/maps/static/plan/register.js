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
    const boxes = rows.map((row) => row.bbox).filter(Boolean);
    if (!boxes.length) return null;
    return [
      Math.min(...boxes.map((box) => box[0])), Math.min(...boxes.map((box) => box[1])),
      Math.max(...boxes.map((box) => box[2])), Math.max(...boxes.map((box) => box[3])),
    ];
  }
}
