// Colours of grids that a draft changed: they stay what they were, unless a grid that is beside them now has the same.

import { insideRings, pixelsPerMetre, unproject } from "../model.js";
import { facesAt, sidesOf } from "./topology.js";

const COLOURS = 6;
// So far beyond a border the published layer is asked what lies there.
const BESIDE_METRES = 1;

export class Colours {
  // Colours found for changed grids by key, and those that were published beside each, by what is known of it.
  #found = new Map();
  #published = new WeakMap();

  // publishedAt(x, y): the grid that was published at a place, or null.
  constructor(publishedAt) {
    this.publishedAt = publishedAt;
  }

  // Gives the items of changed grids, and of those that were not published, colours that none beside them has. exact: the
  // exact grids of a part of the map, or null; colourOf(item): of the grid as it was published, or undefined.
  settle(changed, exact, items, colourOf) {
    const isOpen = (key) => changed.faces.has(key) || colourOf(items.get(key)) === undefined;
    const keys = [...items.keys()].filter(isOpen).sort();
    const old = this.#found;
    this.#found = new Map();
    for (const key of keys) items.get(key).colour = old.get(key) ?? colourOf(items.get(key));
    for (const key of keys) {
      const item = items.get(key);
      const face = exact?.faces.get(key) ?? changed.faces.get(key);
      const beside = coloursOf(besideOf(face), key, items);
      if (!exact?.faces.has(key)) for (const colour of this.#publishedBeside(face, changed)) beside.add(colour);
      if (item.colour === undefined || beside.has(item.colour)) {
        const near = coloursOf(face.rings.flat().flatMap(facesAt), key, items);
        item.colour = freeOf(new Set([...near, ...beside])) ?? freeOf(beside) ?? 0;
      }
      this.#found.set(key, item.colour);
    }
  }

  // Of what was published beside a grid, and has not been changed since.
  #publishedBeside(face, changed) {
    const known = this.#published.get(face.properties);
    if (known) return known;
    const found = new Set();
    for (const [x, y] of placesBeside(face)) {
      const isOld = [...changed.around(x, y)].some((other) => insideRings(other.flat, x, y));
      const grid = isOld ? null : this.publishedAt(x, y);
      if (grid) found.add(grid.colour);
    }
    this.#published.set(face.properties, found);
    return found;
  }
}

function coloursOf(keys, own, items) {
  const found = new Set();
  for (const key of keys) if (key !== own) found.add(items.get(key)?.colour);
  return found;
}

// Keys of the grids that share a stretch of border with one.
function* besideOf({ rings }) {
  for (const ring of rings) for (const [place, node] of ring.entries()) yield* sidesOf(ring.at(place - 1), node);
}

function freeOf(taken) {
  for (let colour = 0; colour < COLOURS; colour += 1) if (!taken.has(colour)) return colour;
  return null;
}

// Places on both sides of each stretch of a grid's border.
function* placesBeside({ flat }) {
  for (const ring of flat) {
    for (let i = 2; i < ring.length; i += 2) {
      const [east, south] = [ring[i] - ring[i - 2], ring[i + 1] - ring[i - 1]];
      const length = Math.hypot(east, south);
      if (!length) continue;
      const [x, y] = [(ring[i] + ring[i - 2]) / 2, (ring[i + 1] + ring[i - 1]) / 2];
      const apart = (BESIDE_METRES * pixelsPerMetre(unproject(x, y)[1])) / length;
      for (const side of [-apart, apart]) yield [x - south * side, y + east * side];
    }
  }
}
