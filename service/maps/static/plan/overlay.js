// What lies above the picture: chosen grids, nodes and findings on one canvas, what is being done on another one.

import { defineCanvas, isAtView, strokeGrids, toScreen } from "../canvas.js";
import { INK } from "../painter.js";
import { GHOST, paintDot } from "./ghost.js";
import { isJunction, isOnRim } from "./topology.js";

// Radii of the typical grid, in pixels, from which junctions and all nodes are drawn.
const [JUNCTIONS, VERTICES] = [12, 60];
// Up to that radius they are drawn smaller.
const CROWDED = 34;
const RIM = "#7d8791";
const ERROR = "#a5231b";
const WARNING = "#8a5a00";
export const MARK_PIXELS = 13;
const DOT_PIXELS = 3;
const MOST_MARKS = 150;

export class Overlay {
  constructor(L, map, paintMarks, paintGhost) {
    const Canvas = defineCanvas(L);
    Object.assign(this, { map, waiting: new Set() });
    this.marks = new Canvas(paintMarks).addTo(map);
    this.ghost = new Canvas(paintGhost).addTo(map);
    map.on("resize", this.#resize, this);
    map.on("move", this.#follow, this);
  }

  close() {
    this.map.off("resize", this.#resize, this);
    this.map.off("move", this.#follow, this);
    this.marks.remove();
    this.ghost.remove();
  }

  repaintMarks() {
    this.#soon("marks", () => this.marks.repaint());
  }

  repaintGhost() {
    this.#soon("ghost", () => this.ghost.repaint());
  }

  #resize() {
    this.marks._update();
    this.ghost._update();
  }

  #follow() {
    this.#soon("follow", () => {
      this.marks.followDrag();
      this.ghost.followDrag();
    });
  }

  // Once a frame at most.
  #soon(name, act) {
    if (this.waiting.has(name)) return;
    this.waiting.add(name);
    requestAnimationFrame(() => {
      this.waiting.delete(name);
      act();
    });
  }
}

export function paintChosen(context, view, chosen, hovered) {
  context.lineJoin = "round";
  if (hovered?.rings) strokeGrids(context, view, [hovered], INK.hover, 2.25, 1);
  const drawn = chosen.filter(({ rings }) => rings);
  strokeGrids(context, view, drawn, "#fff", 8, 1);
  strokeGrids(context, view, drawn, INK.accent, 4.5, 1);
}

// What the draft changed so far, dotted, so that it is found from afar.
export function paintChanged(context, view, changed) {
  context.lineCap = "round";
  strokeGrids(context, view, changed, "#fff", 3.5, 0.8);
  context.setLineDash([0.5, 5]);
  strokeGrids(context, view, changed, GHOST, 2.75, 1);
  context.setLineDash([]);
  context.lineCap = "butt";
}

// Junctions first, all other nodes of the grids that are meant, and all of all near enough. radius: of the typical grid.
export function paintNodes(context, view, topology, meant, { radius, partial }) {
  const every = radius >= VERTICES;
  const own = new Set(meant.flatMap(({ key }) => topology.faces.get(key)?.rings.flat() ?? []));
  for (const node of topology.nodes()) {
    const shown = own.has(node) || every || (radius >= JUNCTIONS && isJunction(node));
    if (!shown || !isAtView({ at: [node.x, node.y] }, view)) continue;
    const at = toScreen([node.x, node.y], view);
    if (!partial && isOnRim(node)) paintFixed(context, at);
    else if (isJunction(node)) paintDot(context, at, radius < CROWDED ? 3.5 : 5, INK.hover, "#fff", radius < CROWDED ? 1.5 : 2);
    else paintDot(context, at, 3.75, "#fff", INK.hover, 1.75);
  }
}

function paintFixed(context, [x, y]) {
  context.fillStyle = RIM;
  context.strokeStyle = "#fff";
  context.lineWidth = 1.5;
  context.beginPath();
  context.rect(x - 3.5, y - 3.5, 7, 7);
  context.fill();
  context.stroke();
}

// Errors are triangles, warnings circles: told apart without colours, too.
export function paintFindings(context, view, findings) {
  const seen = findings.filter((finding) => isAtView(finding, view));
  // Where there are very many, warnings are dots: the map stays in sight, and so do errors.
  const isCrowded = seen.length > MOST_MARKS;
  for (const finding of isCrowded ? seen.sort((a, b) => (a.severity === "error") - (b.severity === "error")) : seen) {
    const [x, y] = toScreen(finding.at, view);
    context.beginPath();
    if (isCrowded && finding.severity !== "error") {
      context.arc(x, y, DOT_PIXELS, 0, 2 * Math.PI);
      context.fillStyle = WARNING;
      context.fill();
      continue;
    }
    if (finding.severity === "error") {
      context.moveTo(x, y - MARK_PIXELS);
      context.lineTo(x + MARK_PIXELS, y + MARK_PIXELS * 0.8);
      context.lineTo(x - MARK_PIXELS, y + MARK_PIXELS * 0.8);
      context.closePath();
    } else context.arc(x, y, MARK_PIXELS - 2, 0, 2 * Math.PI);
    context.fillStyle = finding.severity === "error" ? ERROR : WARNING;
    context.strokeStyle = "#fff";
    context.lineWidth = 2.5;
    context.fill();
    context.stroke();
    context.fillStyle = "#fff";
    context.font = "700 15px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText("!", x, y + 1);
  }
}

// A place that somebody is led to.
export function paintPlace(context, view, at) {
  const [x, y] = toScreen(at, view);
  for (const [radius, ink, width] of [[20, "#fff", 7], [20, INK.accent, 3.5]]) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.strokeStyle = ink;
    context.lineWidth = width;
    context.stroke();
  }
}
