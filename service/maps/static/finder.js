// Finds what somebody types among the grids, areas and stations of the loaded map.

import { parsePoint } from "./coordinates.js";

export const SHOWN = 12;

const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");

export class Finder {
  constructor(model, bounds) {
    this.bounds = bounds;
    this.entries = [
      ...model.grids.map((grid) => entry("grid", grid, 0)),
      ...model.areas.map((area) => entry("area", area, 1)),
      ...model.stations.map((station) => entry("station", station, 2)),
    ];
  }

  // Hits, the best first, and how many there are in all. A point that was typed is a hit itself.
  find(text) {
    const points = parsePoint(text, this.bounds).map((point) => ({ kind: "point", point, exact: !point.swapped }));
    if (points.length) return { hits: points, total: points.length };
    const wanted = plain(text);
    if (!wanted) return { hits: [], total: 0 };
    const found = [];
    for (const candidate of this.entries) {
      const rank = rankOf(candidate, wanted);
      if (rank < 9) found.push([rank, candidate]);
    }
    found.sort((a, b) => a[0] - b[0] || a[1].order - b[1].order || (a[1].code < b[1].code ? -1 : 1));
    const hits = found.slice(0, SHOWN).map(([rank, { kind, item }]) => ({ kind, item, exact: rank <= 1 }));
    return { hits, total: found.length };
  }
}

function entry(kind, item, order) {
  return { kind, item, order, code: plain(item.code), name: plain(item.name) };
}

function rankOf({ code, name }, wanted) {
  if (code === wanted) return 0;
  if (name === wanted) return 1;
  if (name.startsWith(wanted)) return 2;
  if (code.startsWith(wanted)) return 3;
  if (name.includes(wanted)) return 4;
  if (code.includes(wanted)) return 5;
  return 9;
}
