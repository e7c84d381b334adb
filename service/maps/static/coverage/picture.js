// Paints what is counted: grids by class, streets, circles, gaps, what is chosen. Colour is never alone: lightness,
// hatching, line styles and labels say the same on a black-and-white print.

import { project } from "../model.js";
import { defineCanvas, inPaths, isAtView, isVisible, strokeGrids, strokeLines, toScreen } from "../canvas.js";
import { FONT, Room, paintAreaNames, paintText } from "../lettering.js";
import { INK } from "../painter.js";

const CIRCLE = "#124aa3";
const FILL_ALPHA = [0.1, 0.2, 0.3, 0.4];
const GAP = "#1d252c";

export class Picture {
  constructor(L, map, noData) {
    const Canvas = defineCanvas(L);
    Object.assign(this, { noData, model: null, classes: null, rows: new Map(), count: "households", streets: null });
    Object.assign(this, { bands: [], alone: false, hulls: [], chosen: null, area: null, hovered: null, moves: [], bandLabel: String });
    this.dots = [];
    this.base = new Canvas((context, view) => this.#paintBase(context, view)).addTo(map);
    this.top = new Canvas((context, view) => this.#paintTop(context, view)).addTo(map);
    map.on("resize", () => {
      this.base._update();
      this.top._update();
    });
  }

  // Any of the parts; what is not given stays.
  show(parts) {
    Object.assign(this, parts);
    const inBase = ["model", "classes", "rows", "count", "streets", "area"];
    if (inBase.some((name) => name in parts)) this.base.repaint();
    this.top.repaint();
  }

  hover(grid) {
    if (grid === this.hovered) return false;
    this.hovered = grid;
    this.top.repaint();
    return true;
  }

  #paintBase(context, view) {
    if (!this.model) return;
    const grids = this.model.grids.filter((grid) => isVisible(grid, view));
    const radius = this.model.typicalRadius * view.scale;
    context.lineJoin = "round";
    if (this.classes) this.#paintClasses(context, view, grids);
    const width = Math.min(0.35 + radius / 60, 1);
    if (radius > 2.5) strokeGrids(context, view, grids, this.classes ? "#8a7a62" : INK.grid, width, 0.8);
    if (this.streets) {
      strokeLines(context, view, this.streets, "rgb(255 255 255 / 70%)", radius > 14 ? 3 : 1.5);
      strokeLines(context, view, this.streets, "#39444f", radius > 14 ? 1 : 0.5);
    }
    const [communities = [], streets = []] = this.model.borders;
    strokeLines(context, view, communities, INK.community, radius > 14 ? 2 : 1);
    strokeLines(context, view, streets, INK.street, radius > 14 ? 3.5 : 2);
    this.#paintNames(context, view, radius);
  }

  #paintClasses(context, view, grids) {
    const groups = this.classes.items.map(() => []);
    const unknown = [];
    for (const grid of grids) {
      const place = this.classes.of(this.rows.get(grid.code)?.[this.count]);
      (place < 0 ? unknown : groups[place]).push(grid);
    }
    for (const [place, { colour }] of this.classes.items.entries()) {
      context.fillStyle = colour;
      inPaths(context, view, groups[place], (grid) => grid.rings, true, () => context.fill("evenodd"));
    }
    context.fillStyle = hatching(context, this.noData);
    inPaths(context, view, unknown, (grid) => grid.rings, true, () => context.fill("evenodd"));
  }

  #paintNames(context, view, radius) {
    const depth = radius < 8 ? 1 : 0;
    const areas = this.model.areas.filter((area) => area.depth === depth && isAtView(area, view));
    context.textAlign = "center";
    context.textBaseline = "middle";
    paintAreaNames(context, view, areas, 15, 700, new Room());
  }

  #paintTop(context, view) {
    context.lineJoin = "round";
    context.textAlign = "center";
    context.textBaseline = "middle";
    if (this.area) this.#paintArea(context, view);
    this.#paintBands(context, view);
    this.#paintHulls(context, view);
    if (this.hovered) strokeGrids(context, view, [this.hovered], INK.hover, 2, 1);
    if (this.chosen) {
      strokeGrids(context, view, [this.chosen], "#fff", 7, 1);
      strokeGrids(context, view, [this.chosen], INK.accent, 4, 1);
    }
    const side = Math.min(Math.max((this.model?.typicalRadius ?? 0) * view.scale, 4), 8);
    for (const dot of this.dots) paintDot(context, toScreen(dot.at, view), dot, side);
    for (const move of this.moves) paintMove(context, toScreen(move.from, view), toScreen(move.to, view));
  }

  #paintArea(context, view) {
    const grids = this.model.grids.filter((grid) => this.model.isWithin(grid, this.area));
    strokeGrids(context, view, grids, INK.accent, 1.5, 0.7);
  }

  // bands: [{minutes, rings, rank}], the largest first; rank: how broken the line is, else by the place. What lies outside one station's circle is veiled, so that the
  // colours within stay those of the key; without colours the bands are filled.
  #paintBands(context, view) {
    const taken = [];
    if (this.alone && this.classes && this.bands.length) this.#veil(context, view, this.bands[0]);
    for (const [place, band] of this.bands.entries()) {
      if (!this.classes) {
        context.fillStyle = CIRCLE;
        context.globalAlpha = FILL_ALPHA[Math.min(place, FILL_ALPHA.length - 1)];
        inPaths(context, view, [band], (one) => one.rings, true, () => context.fill("evenodd"));
        context.globalAlpha = 1;
      }
      const rank = band.rank ?? place;
      for (const [style, width] of [["#fff", 5.5 - rank], [CIRCLE, Math.max(3 - rank * 0.75, 1.25)]]) {
        context.setLineDash(style === CIRCLE ? dashOf(rank) : []);
        context.globalAlpha = style === CIRCLE ? 1 : 0.75;
        context.strokeStyle = style;
        context.lineWidth = width;
        inPaths(context, view, [band], (one) => one.rings, true, () => context.stroke());
      }
      context.setLineDash([]);
      context.globalAlpha = 1;
    }
    for (const band of this.bands) this.#labelBand(context, view, band, taken);
  }

  #veil(context, view, { rings }) {
    const { west, east, north, south } = view;
    const all = Float64Array.of(west, north, east, north, east, south, west, south, west, north);
    context.fillStyle = "rgb(255 255 255 / 55%)";
    inPaths(context, view, [[all, ...rings]], (lines) => lines, true, () => context.fill("evenodd"));
  }

  // The number stands on the line, at the northernmost point that is in view.
  #labelBand(context, view, band, taken) {
    let best = null;
    for (const ring of band.rings) {
      for (let i = 0; i < ring.length; i += 2) {
        if (ring[i] < view.west || ring[i] > view.east || ring[i + 1] < view.north || ring[i + 1] > view.south) continue;
        if (!best || ring[i + 1] < best[1]) best = [ring[i], ring[i + 1]];
      }
    }
    if (!best) return;
    context.font = `700 14px ${FONT}`;
    context.fillStyle = CIRCLE;
    context.strokeStyle = "#fff";
    context.lineWidth = 4;
    const [x, y] = toScreen(best, view);
    const label = this.bandLabel(band.minutes);
    const half = context.measureText(label).width / 2 + 3;
    const place = [y, y + 20, y + 40].find((one) => !taken.some((box) => Math.abs(box[1] + box[3] - 2 * one) < 40 && box[0] < x + half && box[2] > x - half));
    if (place === undefined) return;
    context.save();
    context.fillStyle = "rgb(255 255 255 / 88%)";
    context.fillRect(x - half, place - 10, 2 * half, 20);
    context.restore();
    paintText(context, [x, place], [label], 14, { isFree: () => true, take: (box) => taken.push(box) });
  }

  #paintHulls(context, view) {
    context.setLineDash([5, 4]);
    strokeLinesClosed(context, view, this.hulls, "#fff", 4);
    strokeLinesClosed(context, view, this.hulls, GAP, 1.75);
    context.setLineDash([]);
  }
}

// The line of each band: the largest is whole, those within are ever more broken.
export function dashOf(place) {
  return [[], [10, 5], [3, 4], [1, 4]][Math.min(place, 3)];
}

// Rings of a GeoJSON geometry as world pixels at zoom 0.
export function ringsOf(geometry) {
  if (!geometry) return [];
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  return polygons.flat().map((ring) => Float64Array.from(ring.flatMap(([lon, lat]) => project(lon, lat))));
}

export function bandsOf(collection) {
  const bands = (collection?.features ?? []).map(({ geometry, properties }) => ({ ...properties, rings: ringsOf(geometry) }));
  return bands.sort((one, other) => other.minutes - one.minutes);
}

function strokeLinesClosed(context, view, hulls, style, width) {
  context.strokeStyle = style;
  context.lineWidth = width;
  inPaths(context, view, hulls, (hull) => hull, true, () => context.stroke());
}

// Diagonal lines on grey, in steps of the screen.
export function hatching(context, ground) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const brush = tile.getContext("2d");
  brush.fillStyle = ground;
  brush.fillRect(0, 0, 8, 8);
  brush.strokeStyle = "#7a838c";
  brush.lineWidth = 1.25;
  for (const offset of [-8, 0, 8]) {
    brush.beginPath();
    brush.moveTo(offset - 1, 9);
    brush.lineTo(offset + 9, -1);
    brush.stroke();
  }
  return context.createPattern(tile, "repeat");
}

function paintDot(context, [x, y], { off }, side) {
  context.beginPath();
  context.rect(x - side / 2, y - side / 2, side, side);
  context.fillStyle = off ? "#fff" : INK.accent;
  context.strokeStyle = off ? INK.accent : "#fff";
  context.lineWidth = side < 6 ? 1 : 1.5;
  context.fill();
  context.stroke();
}

// From where a station stands to where it would stand.
function paintMove(context, [x, y], [toX, toY]) {
  const angle = Math.atan2(toY - y, toX - x);
  if (Math.hypot(toX - x, toY - y) < 24) return;
  const [endX, endY] = [toX - 17 * Math.cos(angle), toY - 17 * Math.sin(angle)];
  for (const [style, width] of [["#fff", 6], [GAP, 2.5]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(endX, endY);
    for (const side of [-0.5, 0.5]) {
      context.moveTo(endX, endY);
      context.lineTo(endX - 11 * Math.cos(angle + side), endY - 11 * Math.sin(angle + side));
    }
    context.stroke();
  }
}
