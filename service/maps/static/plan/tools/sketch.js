// A line that is being drawn, point by point or in one sweep, and what is told of it.

import { toScreen } from "../../canvas.js";
import { metresOf, selfCrossing, withoutTails } from "../geometry.js";
import { paintChip, paintCross, paintLine, paintSnap } from "../ghost.js";

// So near together two places are one, and so near to the first point a place closes a piece of ground: for what points
// with a tip, and for a finger.
const SAME_PIXELS = [4, 14];
const CLOSING_PIXELS = [8, 20];
const SWEEP_PIXELS = 5;

export class Sketch {
  // closed: a piece of ground; loose: it may cross itself.
  constructor(plan, { closed = false, loose = false } = {}) {
    Object.assign(this, { plan, closed, loose, points: [], ahead: null, sweeping: false });
  }

  get isEmpty() {
    return !this.points.length;
  }

  get isEnough() {
    return this.points.length >= (this.closed ? 3 : 2);
  }

  get fault() {
    if (this.loose) return null;
    const points = this.sweeping ? withoutTails(this.points) : this.points;
    return selfCrossing(this.closed && points.length > 2 ? [...points, points[0]] : points);
  }

  // Positions as the service reads them.
  get positions() {
    return this.points.map(({ lon, lat }) => [lon, lat]);
  }

  // Whether a place lies on the first point of a piece of ground, which closes it.
  closes(at) {
    return this.closed && this.points.length > 2 && this.#apart(at, this.points[0]) < pixels(CLOSING_PIXELS, at);
  }

  move(at) {
    this.ahead = at;
    this.plan.repaintGhost();
  }

  add(at) {
    if (!this.isEmpty && this.#apart(at, this.points.at(-1)) < pixels(SAME_PIXELS, at)) return;
    this.points.push(at);
    this.#tell();
  }

  sweep(at) {
    if (this.isEmpty || this.#apart(at, this.points.at(-1)) >= SWEEP_PIXELS) this.points.push(at);
    this.#tell();
  }

  back() {
    if (this.isEmpty) return false;
    this.points.pop();
    this.#tell();
    return true;
  }

  clear() {
    const had = !this.isEmpty;
    Object.assign(this, { points: [], sweeping: false });
    this.#tell();
    return had;
  }

  paint(context, view) {
    const { ahead, points } = this;
    const shown = ahead && !this.isEmpty && !this.sweeping ? [...points, ahead] : points;
    const fault = this.fault;
    paintLine(context, view, shown, { closed: this.closed, sound: !fault, corners: !this.sweeping });
    if (fault) paintCross(context, toScreen(fault, view));
    const snap = this.sweeping ? null : ahead?.snap;
    if (snap) paintSnap(context, view, snap);
    const { figures } = this.plan;
    const told = [shown.length > 1 && !this.closed && figures.metres(metresOf(shown)), snap && figures.snap(snap)].filter(Boolean);
    const at = shown.at(-1) ?? ahead;
    if (told.length && at) paintChip(context, toScreen([at.x, at.y], view), told.join(" · "));
  }

  #apart(one, other) {
    return Math.hypot(one.x - other.x, one.y - other.y) * this.plan.scale;
  }

  #tell() {
    this.plan.drawn(this);
  }
}

function pixels([tip, finger], { reach }) {
  return reach > 1 ? finger : tip;
}
