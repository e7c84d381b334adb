// Marking ground: drawn around in one sweep or corner by corner, a building, or the block between streets.

import { strokeGrids } from "../../canvas.js";
import { withoutTails } from "../geometry.js";
import { GHOST } from "../ghost.js";
import { LineTool } from "./line.js";

const WAYS = ["area", "building", "block"];

export class GroundTool extends LineTool {
  constructor(plan) {
    super(plan, { closed: true });
    this.way = "area";
    this.under = null;
  }

  get choices() {
    const { words } = this.plan;
    if (!this.sketch.isEmpty) return super.choices;
    return WAYS.map((way) => ({ name: way, text: words[`plan_way_${way}`], pressed: way === this.way, act: () => this.#use(way) }));
  }

  move(at) {
    if (this.way === "area") {
      super.move(at);
      return;
    }
    this.under = this.way === "building" ? this.plan.buildingAt(at) : null;
    this.plan.hover(this.way === "block" ? this.plan.gridAt(at) : null);
    this.plan.repaintGhost();
  }

  // Ground is drawn around in one sweep too; with the space bar held the map is moved instead.
  down() {
    return this.way === "area" && this.ready && this.sketch.isEmpty && !this.plan.isPanning;
  }

  // Whether ground can be marked now.
  get ready() {
    return true;
  }

  drag(at) {
    this.sketch.sweeping = true;
    this.snaps = false;
    this.sketch.sweep(at);
  }

  drop(at) {
    const { sketch } = this;
    this.snaps = this.way === "area";
    if (!sketch.sweeping) {
      this.click(at);
      return;
    }
    sketch.points = withoutTails(thinned(sketch.points, 2 / this.plan.scale));
    if (!this.finish()) sketch.clear();
  }

  lost() {
    this.snaps = this.way === "area";
    if (this.sketch.sweeping) this.sketch.clear();
  }

  click(at) {
    if (this.way === "area") super.click(at);
    else if (this.way === "block") this.marked({ block: [at.lon, at.lat] }, at);
    else this.#building(at);
  }

  done(positions, points) {
    this.marked({ ground: { type: "Polygon", coordinates: [[...positions, positions[0]]] } }, points[0]);
  }

  // ground: the fields of an operation that name it.
  marked() {}

  #use(way) {
    this.sketch.clear();
    Object.assign(this, { way, under: null, snaps: way === "area" });
    this.plan.told.goOn();
    this.plan.tellTool();
  }

  #building(at) {
    const found = this.plan.buildingAt(at);
    if (found?.code) this.marked({ building: found.code }, at);
    else this.plan.advise(found ? "plan_building_unknown" : "plan_building_none", at);
  }

  paint(context, view) {
    super.paint(context, view);
    if (this.under) strokeGrids(context, view, [{ rings: this.under.lines }], GHOST, 3, 1);
  }
}

// What a sweep leaves without points that hardly bend it (Douglas and Peucker); apart: in world pixels.
export function thinned(points, apart) {
  if (points.length < 3) return points;
  const [first, last] = [points[0], points.at(-1)];
  let [most, place] = [apart, -1];
  for (let i = 1; i < points.length - 1; i += 1) {
    const off = offLine(points[i], first, last);
    if (off > most) [most, place] = [off, i];
  }
  if (place < 0) return [first, last];
  return [...thinned(points.slice(0, place + 1), apart).slice(0, -1), ...thinned(points.slice(place), apart)];
}

function offLine({ x, y }, one, other) {
  const length = Math.hypot(other.x - one.x, other.y - one.y);
  if (!length) return Math.hypot(x - one.x, y - one.y);
  return Math.abs((other.x - one.x) * (one.y - y) - (one.x - x) * (other.y - one.y)) / length;
}

