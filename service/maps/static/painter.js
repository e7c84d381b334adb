// Paints a model on two canvases: one for the map, one for what is chosen or under the pointer. Clicks are answered by
// the look-up, so nothing here listens; 20,000 grids cost what their visible edges cost.

import {
  clipped, defineCanvas, fillGrids, inPaths, isAtView, isVisible, strokeGrids, strokeLines, toScreen,
} from "./canvas.js";
import { Room, paintAreaNames, paintGridNames, paintStationNames } from "./lettering.js";
import { pixelsPerMetre } from "./model.js";

// Under these radii, in pixels, of the typical grid, lines are thin, and names are those of areas.
const [DENSE, CLOSE, ROOMY] = [2.5, 14, 30];
const CALM = 0.42;
// Over somebody else's picture of the ground fills let it through; with our own they stand back a little.
const [THIN, SOFT] = [0.45, 0.8];

export const INK = {
  grid: "#66727f",
  community: "#39444f",
  street: "#1d252c",
  accent: "#124aa3",
  beside: "#b97a10",
  hover: "#1d252c",
};

export class Painter {
  constructor(L, map, fills) {
    const Canvas = defineCanvas(L);
    Object.assign(this, { map, fills, model: null, pieces: [], hovered: null });
    Object.assign(this, { chosen: null, beside: [], area: null, point: null, accuracy: null, stations: [] });
    // ground: what is drawn below the grids, or null; scheme: colours by class instead of those that tell neighbours
    // apart; over: whether somebody else's picture lies below; dots (stations), names: whether drawn; firm: whether borders
    // of grids are, since somebody works on them.
    Object.assign(this, { ground: null, scheme: null, over: false, dots: true, names: true, firm: false });
    this.base = new Canvas((context, view) => this.#paintBase(context, view)).addTo(map);
    this.top = new Canvas((context, view) => this.#paintTop(context, view)).addTo(map);
    this.#follow();
  }

  show(model) {
    this.model = model;
    this.chosen = this.chosen && model.known(this.chosen);
    this.beside = this.beside.map((grid) => model.known(grid)).filter(Boolean);
    this.area = this.area && model.areaOf.get(this.area.code);
    this.hovered = null;
    this.repaint();
  }

  // beside: grids that may be meant instead.
  choose({ grid = null, beside = [], area = null, point = null, accuracy = null, stations = [] }) {
    const same = grid === this.chosen && area === this.area;
    Object.assign(this, { chosen: grid, beside, area, point, accuracy, stations });
    if (!same) this.base.repaint();
    this.top.repaint();
  }

  set(options) {
    Object.assign(this, options);
    this.repaint();
  }

  hover(grid) {
    if (grid?.code === this.hovered?.code) return false;
    this.hovered = grid;
    this.top.repaint();
    return true;
  }

  repaint() {
    if (!this.model) return;
    this.base.repaint();
    this.top.repaint();
  }

  // A canvas is painted anew once the map rests, and where a drag has left what is painted; while the map is resized
  // both follow at once.
  #follow() {
    let waiting = false;
    this.map.on("resize", () => {
      this.base._update();
      this.top._update();
    });
    this.map.on("move", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        this.base.followDrag();
        this.top.followDrag();
      });
    });
  }

  #paintBase(context, view) {
    if (!this.model) return false;
    const pieces = (this.pieces = this.model.pieces(view));
    const radius = this.model.typicalRadius * view.scale;
    const { partial } = this.model;
    const each = (draw) => pieces.forEach((piece) => clipped(context, view, piece.square, () => draw(piece), piece.without));
    context.lineJoin = "round";
    if (!partial) each(({ grids }) => this.#paintFills(context, view, grids, this.fills));
    if (!partial) this.#paintAlone(context, view, pieces);
    this.ground?.paint(context, view, radius);
    each(({ grids, borders: [communities = [], streets = []] }) => {
      if (!partial && radius > DENSE) {
        const width = Math.min(0.35 + radius / 60, 1.25);
        strokeGrids(context, view, grids, this.firm ? INK.community : INK.grid, this.firm ? width + 0.5 : width, Math.min(0.3 + radius / 30, 1));
      }
      strokeLines(context, view, communities, INK.community, radius > CLOSE ? 2.25 : 1.1);
      strokeLines(context, view, streets, INK.street, radius > CLOSE ? 4 : 2.25);
    });
    if (partial) each(({ grids }) => this.#paintApart(context, view, grids));
    if (this.area && this.scheme) each(({ grids }) => this.#frameArea(context, view, grids));
    const room = new Room();
    this.#paintStations(context, view, room);
    if (this.names) this.#paintNames(context, view, radius, room);
    return true;
  }

  // Small and apart, they lie over the lines of the areas, in fills that stand out from the empty ground.
  #paintApart(context, view, grids) {
    this.#paintFills(context, view, grids, [...this.fills.slice(2), ...this.fills.slice(0, 2)]);
    strokeGrids(context, view, grids, INK.street, 1.5, 1);
  }

  #paintFills(context, view, grids, fills) {
    const paint = (some) => (this.scheme ? fillByClass(context, view, some, this.scheme) : fillByColour(context, view, some, fills));
    const full = this.over ? THIN : this.ground && !this.scheme ? SOFT : 1;
    const chosen = grids.filter((grid) => this.#isChosen(grid));
    // Classes keep the colours of their key.
    context.globalAlpha = (this.chosen || this.area) && !this.scheme ? CALM * full : full;
    paint(chosen.length ? grids.filter((grid) => !chosen.includes(grid)) : grids);
    context.globalAlpha = full;
    paint(chosen);
    context.globalAlpha = 1;
  }

  // The chosen grid where only communities are drawn.
  #paintAlone(context, view, pieces) {
    if (!this.chosen?.rings || pieces.some(({ grids }) => grids.some((grid) => grid.code === this.chosen.code))) return;
    this.#paintFills(context, view, [this.chosen], this.fills);
  }

  #frameArea(context, view, grids) {
    strokeGrids(context, view, grids.filter((grid) => this.model.isWithin(grid, this.area)), INK.accent, 1.75, 1);
  }

  #isChosen(grid) {
    if (grid.code === this.chosen?.code) return true;
    return Boolean(this.area && this.model.isWithin(grid, this.area));
  }

  #paintStations(context, view, room) {
    const apart = this.model.stationsApart * view.scale;
    if (!this.dots || apart < 48) return;
    const size = apart > 140 ? 5 : 3.5;
    context.lineWidth = 1.75;
    context.strokeStyle = INK.accent;
    context.fillStyle = "#fff";
    for (const station of this.model.stations) {
      if (!isAtView(station, view)) continue;
      const [x, y] = toScreen(station.at, view);
      room.take([x - size - 2, y - size - 2, x + size + 2, y + size + 2]);
      context.beginPath();
      context.rect(x - size, y - size, 2 * size, 2 * size);
      context.fill();
      context.stroke();
    }
  }

  // The closer, the lower the areas that are named; streets and places where the names of grids leave room.
  #paintNames(context, view, radius, room) {
    const depthOf = (depth) => this.model.areas.filter((area) => area.depth === depth && isAtView(area, view));
    const names = (areas, size, weight) => paintAreaNames(context, view, areas, size, weight, room);
    if (radius < ROOMY) {
      if (radius < 12) names(depthOf(1), 16, 700);
      names(depthOf(0), 14, 600);
    }
    paintGridNames(context, view, this.model.named(view), radius, room);
    if (radius >= ROOMY) names(depthOf(0), 15, 700);
    if (this.dots && this.model.stationsApart * view.scale > 190) {
      paintStationNames(context, view, this.model.stations, INK.accent, room);
    }
    this.ground?.name(context, view, room);
  }

  #paintTop(context, view) {
    const shown = this.hovered || this.chosen || this.point || this.beside.length || this.stations.length;
    if (!this.model || !shown) return false;
    context.lineJoin = "round";
    const outline = (grid, ink, width) => this.#outline(context, view, grid, ink, width);
    if (this.hovered && this.hovered.code !== this.chosen?.code) outline(this.hovered, INK.hover, 2.25);
    for (const grid of this.beside) outline(grid, "#fff", 7);
    context.setLineDash([10, 6]);
    for (const grid of this.beside) outline(grid, INK.beside, 4);
    context.setLineDash([]);
    if (this.chosen) {
      outline(this.chosen, "#fff", 8);
      outline(this.chosen, INK.accent, 4.5);
    }
    if (this.accuracy && this.point) paintAccuracy(context, view, this.point, this.accuracy);
    const roomy = !this.chosen || this.chosen.radius * view.scale > 14;
    for (const station of roomy ? this.stations : []) paintStation(context, toScreen(station.at, view));
    if (this.point) paintPoint(context, toScreen(this.point, view));
    return true;
  }

  // By its own border where that is known, else by what the pieces of the map hold of it.
  #outline(context, view, grid, ink, width) {
    if (grid.rings) {
      strokeGrids(context, view, [grid], ink, width, 1);
      return;
    }
    for (const { square, grids, without } of this.pieces) {
      const parts = grids.filter((one) => one.code === grid.code);
      if (parts.length) clipped(context, view, square, () => strokeGrids(context, view, parts, ink, width, 1), without);
    }
  }
}

function fillByColour(context, view, grids, fills) {
  const groups = fills.map(() => []);
  for (const grid of grids) groups[grid.colour % fills.length].push(grid);
  for (const [colour, fill] of fills.entries()) fillGrids(context, view, groups[colour], fill);
}

// Those without a class are hatched: no value is not a small one.
function fillByClass(context, view, grids, { classOf, fills }) {
  const groups = fills.map(() => []);
  const without = [];
  for (const grid of grids) (groups[classOf.get(grid.code)] ?? without).push(grid);
  for (const [place, fill] of fills.entries()) fillGrids(context, view, groups[place], fill);
  if (without.length) fillGrids(context, view, without, hatching(context));
}

function hatching(context) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const lines = tile.getContext("2d");
  lines.fillStyle = "#f6f7f8";
  lines.fillRect(0, 0, 8, 8);
  lines.strokeStyle = "#b9c1c9";
  for (const shift of [-8, 0, 8]) {
    lines.moveTo(shift, 8);
    lines.lineTo(shift + 8, 0);
  }
  lines.stroke();
  return context.createPattern(tile, "repeat");
}

// A still picture of the whole model, for a canvas that is no map.
export function paintPicture(canvas, model, fills) {
  const view = pictureView(canvas, model.bounds);
  canvas.width = view.max.x * view.ratio;
  canvas.height = view.max.y * view.ratio;
  const context = canvas.getContext("2d");
  context.scale(view.ratio, view.ratio);
  context.lineJoin = "round";
  const faint = Math.min(0.15 + (model.typicalRadius * view.scale) / 20, 0.7);
  for (const { square, grids, borders: [communities = [], streets = []] } of model.pieces(view)) {
    clipped(context, view, square, () => {
      fillByColour(context, view, grids, fills);
      strokeGrids(context, view, grids, INK.grid, 0.4, faint);
      strokeLines(context, view, communities, INK.community, 0.9);
      strokeLines(context, view, streets, INK.street, 1.8);
    });
  }
}

// All of the bounds, in the middle of a canvas.
function pictureView(canvas, { west, east, north, south }) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const scale = Math.min((width - 12) / (east - west), (height - 12) / (south - north));
  const [dx, dy] = [width / 2 - ((west + east) / 2) * scale, height / 2 - ((north + south) / 2) * scale];
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  return { scale, dx, dy, ratio, zoom: Math.log2(scale), min: { x: 0, y: 0 }, max: { x: width, y: height }, west, east, north, south };
}

function paintStation(context, [x, y]) {
  context.beginPath();
  context.rect(x - 6.5, y - 6.5, 13, 13);
  context.fillStyle = INK.accent;
  context.strokeStyle = "#fff";
  context.lineWidth = 2.5;
  context.fill();
  context.stroke();
}

function paintAccuracy(context, view, at, { metres, lat }) {
  const [x, y] = toScreen(at, view);
  context.beginPath();
  context.arc(x, y, metres * pixelsPerMetre(lat) * view.scale, 0, 2 * Math.PI);
  context.fillStyle = "rgb(18 74 163 / 12%)";
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = INK.accent;
  context.stroke();
}

function paintPoint(context, [x, y]) {
  for (const [radius, colour] of [[10, "#fff"], [8, "#1d252c"], [4.5, "#fff"], [2.5, INK.accent]]) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.fill();
  }
}
