// Our own base map: water, railways, walls, streets, buildings, compounds and places that were loaded, drawn calmly
// between the fills of the grids and their borders. Where none was loaded, or while it cannot be had, there is none.

import { clipped, inPaths, isVisible, strokeLines, toScreen } from "./canvas.js";
import { paintAlong, paintText, setLetters, shortened } from "./lettering.js";
import { project } from "./model.js";
import { Tiles } from "./tiles.js";

const INK = {
  green: "rgb(129 176 96 / 34%)", water: "#a9cfe8", shore: "#6fa6cb", building: "rgb(74 66 56 / 13%)", wall: "rgb(74 66 56 / 38%)", fence: "#8d867c",
  compound: "rgb(74 66 56 / 5%)", railway: "#7b838b", casing: "#a9adb0", main: "#fffbe9", street: "#ffffff",
  name: "#4b545d", place: "#5d4f40", compoundName: "#5a5148", halo: "rgb(255 255 255 / 95%)",
};
// By rank, from 1 for main streets: metres of width, and least and most pixels.
const STREETS = { 1: [26, 2, 20], 2: [17, 1.3, 15], 3: [10, 0.8, 11], 4: [4.5, 0.6, 6] };
const CASED_PIXELS = 2.4;
const NAMED_PIXELS = { 1: 4.5, 2: 4.5, 3: 6.5, 4: 4 };
const SAME_NAME_PIXELS = 380;
const BUILDING_LINES_ZOOM = 15.75;
const COMPOUND_NAMES_ZOOM = 15.5;
const PLACE_NAMES_ZOOM = 17;

export class BaseMap {
  // The first argument is what the service tells of it; changed(): something new can be drawn.
  constructor({ url, bounds, max_zoom: maxZoom, version }, root, changed) {
    this.version = version;
    const [west, north] = project(bounds[0], bounds[3]);
    const [east, south] = project(bounds[2], bounds[1]);
    this.tiles = new Tiles({ url: root + url, maxZoom: maxZoom ?? 16, read: groundOf, changed, bounds: { west, south, east, north } });
  }

  ready(view) {
    return this.tiles.ready(view);
  }

  close() {
    this.tiles.close();
  }

  paint(context, view) {
    this.pieces = this.tiles.pieces(view);
    const metre = pixelsPerGroundMetre(view);
    for (const { square, content } of this.pieces) {
      clipped(context, view, square, () => {
        paintAreas(context, view, content);
        paintStreets(context, view, content.streets, metre);
        paintRailways(context, view, content.railways, metre);
      });
    }
  }

  // Names where the grids' left room: streets along their line, main ones first, then compounds and places.
  name(context, view, room) {
    const metre = pixelsPerGroundMetre(view);
    const written = new Map();
    for (const rank of [1, 2, 3, 4]) {
      if (widthOf(rank, metre) < NAMED_PIXELS[rank]) continue;
      setLetters(context, rank < 3 ? 500 : 400, 14, INK.name, 4, INK.halo);
      for (const line of this.#named("streets", view)) {
        if (line.rank === rank) nameStreet(context, view, line, written, room);
      }
    }
    if (view.zoom >= COMPOUND_NAMES_ZOOM) this.#nameCompounds(context, view, room);
    if (view.zoom >= PLACE_NAMES_ZOOM) this.#namePlaces(context, view, room);
  }

  #named(kind, view) {
    return (this.pieces ?? []).flatMap(({ content, square }) =>
      content[kind].filter((one) => one.name && isVisible(one, view)).map((one) => ({ ...one, square })));
  }

  #nameCompounds(context, view, room) {
    setLetters(context, 400, 14, INK.compoundName);
    const written = new Set();
    for (const one of this.#named("compounds", view)) {
      const name = shortened(one.name, 14);
      const width = (one.east - one.west) * view.scale;
      if (written.has(one.name) || context.measureText(name).width > width * 1.1) continue;
      const at = toScreen([(one.west + one.east) / 2, (one.north + one.south) / 2], view);
      if (paintText(context, at, [name], 14, room)) written.add(one.name);
    }
  }

  #namePlaces(context, view, room) {
    setLetters(context, 400, 14, INK.place);
    for (const one of this.#named("places", view)) {
      if (!within(one, one.square)) continue;
      const [x, y] = toScreen([one.west, one.north], view);
      if (!paintText(context, [x, y + 13], [shortened(one.name, 14)], 14, room)) continue;
      context.beginPath();
      context.arc(x, y, 2.5, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

function within({ west: x, north: y }, square) {
  return x >= square.west && x < square.east && y >= square.north && y < square.south;
}

function pixelsPerGroundMetre({ scale, north, south }) {
  const latitude = Math.atan(Math.sinh(Math.PI * (1 - (north + south) / 256)));
  return (scale * 256) / (40_075_016.7 * Math.cos(latitude));
}

function widthOf(rank, metre) {
  const [metres, least, most] = STREETS[rank];
  return Math.min(Math.max(metres * metre, least), most);
}

function groundOf(layers) {
  const items = (name) => (layers[name] ?? []).map(({ properties, lines, type, west, east, north, south }) =>
    ({ ...properties, lines, area: type === 3, west, east, north, south }));
  const streets = items("streets").map((street) => ({ ...street, rank: Math.min(Math.max(street.rank || 3, 1), 4) }));
  return {
    green: items("green"), water: items("water"), buildings: items("buildings"), compounds: items("compounds"), railways: items("railways"),
    walls: items("walls"), places: items("places"), streets,
  };
}

const linesOf = (item) => item.lines;

function fillAreas(context, view, items, fill) {
  context.fillStyle = fill;
  inPaths(context, view, items.filter((item) => item.area && isVisible(item, view)), linesOf, true, () => context.fill("evenodd"));
}

function strokeItems(context, view, items, ink, width, closed = false) {
  context.strokeStyle = ink;
  context.lineWidth = width;
  inPaths(context, view, items.filter((item) => isVisible(item, view)), linesOf, closed, () => context.stroke());
}

function paintAreas(context, view, { green, water, buildings, compounds, walls }) {
  const lines = water.filter((item) => !item.area);
  fillAreas(context, view, green, INK.green);
  fillAreas(context, view, compounds, INK.compound);
  strokeItems(context, view, lines, INK.water, view.zoom > 14.5 ? 4 : 2);
  fillAreas(context, view, water, INK.water);
  strokeItems(context, view, water.filter((item) => item.area), INK.shore, 0.8, true);
  fillAreas(context, view, buildings, INK.building);
  if (view.zoom >= BUILDING_LINES_ZOOM) strokeItems(context, view, buildings, INK.wall, 0.7, true);
  strokeItems(context, view, walls, INK.fence, 0.8);
}

// Casings of all first, so that crossings are open.
function paintStreets(context, view, streets, metre) {
  context.lineCap = "round";
  const ranks = [4, 3, 2, 1].map((rank) => [rank, streets.filter((street) => street.rank === rank), widthOf(rank, metre)]);
  for (const [, some, width] of ranks) {
    if (width >= CASED_PIXELS) strokeItems(context, view, some, INK.casing, width + 1.6);
  }
  for (const [rank, some, width] of ranks) {
    const cased = width >= CASED_PIXELS;
    strokeItems(context, view, some, cased ? (rank === 1 ? INK.main : INK.street) : INK.casing, cased ? width : Math.max(width * 0.7, 0.6));
  }
  context.lineCap = "butt";
}

// Dark with light ties, as on printed maps.
function paintRailways(context, view, railways, metre) {
  const width = Math.min(Math.max(5 * metre, 2), 4);
  strokeItems(context, view, railways, INK.railway, width);
  context.setLineDash([8, 8]);
  strokeItems(context, view, railways, "#fff", width - 1.2);
  context.setLineDash([]);
}

function nameStreet(context, view, { name, lines }, written, room) {
  for (const line of lines) {
    const shown = new Float64Array(line.length);
    for (let i = 0; i < line.length; i += 2) [shown[i], shown[i + 1]] = toScreen([line[i], line[i + 1]], view);
    const part = longestWithin(shown, view);
    if (part.length < 4) continue;
    const middle = part.length >> 2;
    const [x, y] = [part[2 * middle], part[2 * middle + 1]];
    const near = (written.get(name) ?? []).some(([otherX, otherY]) => Math.hypot(x - otherX, y - otherY) < SAME_NAME_PIXELS);
    if (near || !paintAlong(context, part, name, 14, room)) continue;
    written.set(name, [...(written.get(name) ?? []), [x, y]]);
  }
}

// The longest stretch of a line that lies within the picture, as a flat line on the screen.
function longestWithin(line, { min, max }) {
  let best = { line: [], length: 0 };
  let run = { line: [], length: 0 };
  for (let i = 2; i < line.length; i += 2) {
    const cut = cutAt(line[i - 2], line[i - 1], line[i], line[i + 1], min, max);
    if (!cut) continue;
    const [x0, y0, x1, y1] = cut;
    if (run.line.at(-2) !== x0 || run.line.at(-1) !== y0) run = { line: [x0, y0], length: 0 };
    run.line.push(x1, y1);
    run.length += Math.hypot(x1 - x0, y1 - y0);
    if (run.length > best.length) best = run;
  }
  return best.line;
}

// The part of a stretch within a box (Liang and Barsky), or null.
function cutAt(x0, y0, x1, y1, min, max) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  let [from, to] = [0, 1];
  for (const [way, room] of [[-dx, x0 - min.x], [dx, max.x - x0], [-dy, y0 - min.y], [dy, max.y - y0]]) {
    if (way === 0 && room < 0) return null;
    if (way < 0) from = Math.max(from, room / way);
    if (way > 0) to = Math.min(to, room / way);
  }
  if (from > to) return null;
  return [from ? x0 + from * dx : x0, from ? y0 + from * dy : y0, to < 1 ? x0 + to * dx : x1, to < 1 ? y0 + to * dy : y1];
}
