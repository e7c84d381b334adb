// Paints the model on canvases that Leaflet moves: one for the map, one for what is chosen or under the pointer.
// Clicks are answered by the look-up, so nothing here listens; 20,000 grids cost what their visible edges cost.

import { pixelsPerMetre } from "./model.js";

export const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif';
const GRIDS_PER_PATH = 250;

export const INK = {
  grid: "#66727f",
  community: "#39444f",
  street: "#1d252c",
  label: "#1d252c",
  area: "#39444f",
  halo: "rgba(255, 255, 255, 0.85)",
  accent: "#124aa3",
  beside: "#b97a10",
  hover: "#1d252c",
};

export function defineCanvas(L) {
  return L.Renderer.extend({
    options: { padding: 0.3, interactive: false },

    initialize(paint, options) {
      L.Renderer.prototype.initialize.call(this, options);
      this._paint = paint;
    },

    _initContainer() {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
      this._context = this._container.getContext("2d");
    },

    _destroyContainer() {
      this._container.remove();
      this._container = null;
    },

    _updatePaths() {},

    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize();
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      L.DomUtil.setPosition(this._container, this._bounds.min);
      this._container.width = Math.round(size.x * ratio);
      this._container.height = Math.round(size.y * ratio);
      this._container.style.width = `${size.x}px`;
      this._container.style.height = `${size.y}px`;
      this._ratio = ratio;
      this.repaint();
    },

    repaint() {
      if (!this._map || !this._container) return;
      const context = this._context;
      const { min, max } = this._bounds;
      const origin = this._map.getPixelOrigin();
      const scale = this._map.getZoomScale(this._map.getZoom(), 0);
      context.setTransform(this._ratio, 0, 0, this._ratio, -min.x * this._ratio, -min.y * this._ratio);
      context.clearRect(min.x, min.y, max.x - min.x, max.y - min.y);
      this._paint(context, {
        scale,
        zoom: this._map.getZoom(),
        dx: -origin.x,
        dy: -origin.y,
        west: (min.x + origin.x) / scale,
        east: (max.x + origin.x) / scale,
        north: (min.y + origin.y) / scale,
        south: (max.y + origin.y) / scale,
      });
    },
  });
}

export class Painter {
  constructor(L, map, fills) {
    const Canvas = defineCanvas(L);
    this.fills = fills;
    this.model = null;
    this.chosen = null;
    this.beside = [];
    this.area = null;
    this.point = null;
    this.accuracy = null;
    this.stations = [];
    this.hovered = null;
    // scheme: colours by class instead of those that tell neighbours apart; base, dots (stations), names: whether drawn.
    Object.assign(this, { scheme: null, base: true, dots: true, names: true });
    this.ground = new Canvas((context, view) => this.#paintBase(context, view)).addTo(map);
    this.top = new Canvas((context, view) => this.#paintTop(context, view)).addTo(map);
    this.#follow(map);
  }

  show(model) {
    this.model = model;
    this.chosen = this.chosen && model.gridOf.get(this.chosen.code);
    this.beside = this.beside.map((grid) => model.gridOf.get(grid.code)).filter(Boolean);
    this.area = this.area && model.areaOf.get(this.area.code);
    this.hovered = null;
    this.ground.repaint();
    this.top.repaint();
  }

  // beside: grids that may be meant instead.
  choose({ grid = null, beside = [], area = null, point = null, accuracy = null, stations = [] }) {
    const same = grid === this.chosen && area === this.area;
    Object.assign(this, { chosen: grid, beside, area, point, accuracy, stations });
    if (!same) this.ground.repaint();
    this.top.repaint();
  }

  set(options) {
    Object.assign(this, options);
    this.ground.repaint();
    this.top.repaint();
  }

  hover(grid) {
    if (grid === this.hovered) return false;
    this.hovered = grid;
    this.top.repaint();
    return true;
  }

  // A canvas is painted anew once the map rests; while it is resized both follow at once.
  #follow(map) {
    map.on("resize", () => {
      this.ground._update();
      this.top._update();
    });
  }

  #paintBase(context, view) {
    if (!this.model) return;
    const grids = this.model.grids.filter((grid) => isVisible(grid, view));
    const radius = this.model.typicalRadius * view.scale;
    const { partial } = this.model;
    context.lineJoin = "round";
    if (!partial) {
      this.#paintFills(context, view, grids, this.fills);
      if (radius > 2.5) {
        strokeGrids(context, view, grids, INK.grid, Math.min(0.35 + radius / 60, 1.25), Math.min(0.3 + radius / 30, 1));
      }
    }
    const [communities = [], streets = []] = this.model.borders;
    strokeLines(context, view, communities, INK.community, radius > 14 ? 2.25 : 1.1);
    strokeLines(context, view, streets, INK.street, radius > 14 ? 4 : 2.25);
    if (partial) {
      // Small and apart, they lie over the lines of the areas, in fills that stand out from the empty ground.
      this.#paintFills(context, view, grids, [...this.fills.slice(2), ...this.fills.slice(0, 2)]);
      strokeGrids(context, view, grids, INK.street, 1.5, 1);
    }
    const taken = [];
    this.#paintStations(context, view, taken);
    this.#paintLabels(context, view, grids, radius, taken);
  }

  #paintFills(context, view, grids, fills) {
    const calm = this.chosen || this.area;
    const paint = (some) => (this.scheme ? fillByClass(context, view, some, this.scheme) : fillByColour(context, view, some, fills));
    context.globalAlpha = calm ? 0.42 : 1;
    paint(grids);
    context.globalAlpha = 1;
    if (this.area) paint(grids.filter((grid) => this.model.isWithin(grid, this.area)));
    if (this.chosen) paint([this.chosen]);
  }

  #paintStations(context, view, taken) {
    const apart = this.model.stationsApart * view.scale;
    if (!this.dots || apart < 48) return;
    const size = apart > 140 ? 5 : 3.5;
    context.lineWidth = 1.75;
    context.strokeStyle = INK.accent;
    context.fillStyle = "#fff";
    for (const station of this.model.stations) {
      if (!isAtView(station, view)) continue;
      const [x, y] = toScreen(station.at, view);
      taken.push([x - size - 2, y - size - 2, x + size + 2, y + size + 2]);
      context.beginPath();
      context.rect(x - size, y - size, 2 * size, 2 * size);
      context.fill();
      context.stroke();
    }
  }

  #paintLabels(context, view, grids, radius, taken) {
    if (!this.names) return;
    const depthOf = (depth) => this.model.areas.filter((area) => area.depth === depth && isAtView(area, view));
    const names = (areas, size, weight) => paintAreaNames(context, view, areas, size, weight, taken);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    if (radius < 30) {
      if (radius < 12) names(depthOf(1), 16, 700);
      names(depthOf(0), 14, 600);
    }
    paintGridNames(context, view, grids, taken);
    if (radius >= 30) names(depthOf(0), 15, 700);
    if (this.dots && this.model.stationsApart * view.scale > 190) paintStationNames(context, view, this.model.stations, taken);
  }

  #paintTop(context, view) {
    context.lineJoin = "round";
    if (this.hovered && this.hovered !== this.chosen) {
      strokeGrids(context, view, [this.hovered], INK.hover, 2.25, 1);
    }
    if (this.beside.length) {
      strokeGrids(context, view, this.beside, "#fff", 7, 1);
      context.setLineDash([10, 6]);
      strokeGrids(context, view, this.beside, INK.beside, 4, 1);
      context.setLineDash([]);
    }
    if (this.chosen) {
      strokeGrids(context, view, [this.chosen], "#fff", 8, 1);
      strokeGrids(context, view, [this.chosen], INK.accent, 4.5, 1);
    }
    if (this.accuracy && this.point) paintAccuracy(context, view, this.point, this.accuracy);
    const roomy = !this.chosen || this.chosen.radius * view.scale > 14;
    for (const station of roomy ? this.stations : []) paintStation(context, toScreen(station.at, view));
    if (this.point) paintPoint(context, toScreen(this.point, view));
  }
}

export function isVisible(grid, view) {
  return grid.east >= view.west && grid.west <= view.east && grid.south >= view.north && grid.north <= view.south;
}

export function isAtView({ at: [x, y] }, view) {
  return x >= view.west && x <= view.east && y >= view.north && y <= view.south;
}

export function toScreen([x, y], view) {
  return [x * view.scale + view.dx, y * view.scale + view.dy];
}

// Adds a line to the path, leaving out vertices that lie within a pixel of the last one drawn.
function trace(context, line, view, closed) {
  const { scale, dx, dy } = view;
  let lastX = line[0] * scale + dx;
  let lastY = line[1] * scale + dy;
  context.moveTo(lastX, lastY);
  const end = line.length - 2;
  for (let i = 2; i < end; i += 2) {
    const x = line[i] * scale + dx;
    const y = line[i + 1] * scale + dy;
    if (Math.abs(x - lastX) + Math.abs(y - lastY) < 1) continue;
    context.lineTo(x, y);
    lastX = x;
    lastY = y;
  }
  if (closed) context.closePath();
  else context.lineTo(line[end] * scale + dx, line[end + 1] * scale + dy);
}

export function inPaths(context, view, items, linesOf, closed, draw) {
  for (let start = 0; start < items.length; start += GRIDS_PER_PATH) {
    context.beginPath();
    for (const item of items.slice(start, start + GRIDS_PER_PATH)) {
      for (const line of linesOf(item)) trace(context, line, view, closed);
    }
    draw();
  }
}

function fillByColour(context, view, grids, fills) {
  for (const [colour, fillStyle] of fills.entries()) {
    const same = grids.filter((grid) => grid.colour % fills.length === colour);
    context.fillStyle = fillStyle;
    inPaths(context, view, same, (grid) => grid.rings, true, () => context.fill("evenodd"));
  }
}

// Those without a class are hatched: no value is not a small one.
function fillByClass(context, view, grids, { classOf, fills }) {
  const groups = fills.map(() => []);
  const without = [];
  for (const grid of grids) (groups[classOf.get(grid.code)] ?? without).push(grid);
  for (const [place, fillStyle] of [...fills, hatching(context)].entries()) {
    context.fillStyle = fillStyle;
    inPaths(context, view, groups[place] ?? without, (grid) => grid.rings, true, () => context.fill("evenodd"));
  }
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
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const { west, east, north, south } = model.bounds;
  const scale = Math.min((width - 12) / (east - west), (height - 12) / (south - north));
  const view = {
    scale,
    dx: width / 2 - ((west + east) / 2) * scale,
    dy: height / 2 - ((north + south) / 2) * scale,
  };
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.lineJoin = "round";
  fillByColour(context, view, model.grids, fills);
  const [communities = [], streets = []] = model.borders;
  strokeGrids(context, view, model.grids, INK.grid, 0.4, Math.min(0.15 + (model.typicalRadius * scale) / 20, 0.7));
  strokeLines(context, view, communities, INK.community, 0.9);
  strokeLines(context, view, streets, INK.street, 1.8);
}

export function strokeGrids(context, view, grids, strokeStyle, lineWidth, alpha) {
  context.strokeStyle = strokeStyle;
  context.lineWidth = lineWidth;
  context.globalAlpha = alpha;
  inPaths(context, view, grids, (grid) => grid.rings, true, () => context.stroke());
  context.globalAlpha = 1;
}

export function strokeLines(context, view, lines, strokeStyle, lineWidth) {
  context.strokeStyle = strokeStyle;
  context.lineWidth = lineWidth;
  inPaths(context, view, lines, (line) => [line], false, () => context.stroke());
}

// Grid names go only where they fit: one or two lines inside the largest circle of the grid.
function paintGridNames(context, view, grids, taken) {
  const size = 14;
  context.font = `500 ${size}px ${FONT}`;
  context.fillStyle = INK.label;
  context.strokeStyle = INK.halo;
  context.lineWidth = 3;
  for (const grid of grids) {
    const radius = grid.radius * view.scale;
    if (radius < 13) continue;
    const lines = linesThatFit(context, grid, radius, size);
    if (!lines) continue;
    const [x, y] = toScreen(grid.at, view);
    const room = Math.min(radius * 0.6, 26);
    [y, y - room, y + room].some((place) => paintText(context, [x, place], lines, size, taken));
  }
}

function linesThatFit(context, grid, radius, size) {
  grid.width ??= context.measureText(grid.short.slice(0, 40)).width;
  if (grid.short.length > 40) return null;
  if (grid.width / 2 <= Math.sqrt(Math.max(radius ** 2 - (size / 2) ** 2, 0)) * 1.06) return [grid.short];
  if (grid.short.length < 4 || grid.width / 4 > Math.sqrt(Math.max(radius ** 2 - size ** 2, 0))) return null;
  const place = breakOf(grid.short);
  return [grid.short.slice(0, place), grid.short.slice(place)];
}

// Where a name is parted: behind a hyphen or blank near its middle, else in the middle.
function breakOf(name) {
  const middle = Math.ceil(name.length / 2);
  for (const place of [middle, middle + 1, middle - 1, middle + 2, middle - 2]) {
    if (/[-\s_·/]/.test(name[place - 1] ?? "")) return place;
  }
  return middle;
}

export function paintAreaNames(context, view, areas, size, weight, taken) {
  context.font = `${weight} ${size}px ${FONT}`;
  context.fillStyle = INK.area;
  context.strokeStyle = INK.halo;
  context.lineWidth = 4;
  for (const area of areas) {
    const name = area.name.length > 20 ? `${area.name.slice(0, 19)}…` : area.name;
    area.width ??= context.measureText(name).width;
    if (area.width / 2 > area.radius * view.scale * 1.5) continue;
    paintText(context, toScreen(area.at, view), [name], size, taken);
  }
}

function paintStationNames(context, view, stations, taken) {
  context.font = `500 14px ${FONT}`;
  context.fillStyle = INK.accent;
  context.strokeStyle = INK.halo;
  context.lineWidth = 3;
  for (const station of stations) {
    if (!isAtView(station, view)) continue;
    const [x, y] = toScreen(station.at, view);
    const name = station.name.length > 16 ? `${station.name.slice(0, 15)}…` : station.name;
    paintText(context, [x, y + 17], [name], 14, taken);
  }
}

export function paintText(context, [x, y], lines, size, taken) {
  const half = Math.max(...lines.map((line) => context.measureText(line).width)) / 2 + 3;
  const height = (lines.length * size * 1.2) / 2 + 1;
  const box = [x - half, y - height, x + half, y + height];
  if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) return false;
  taken.push(box);
  for (const [place, line] of lines.entries()) {
    const top = y + (place - (lines.length - 1) / 2) * size * 1.2;
    context.strokeText(line, x, top);
    context.fillText(line, x, top);
  }
  return true;
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
