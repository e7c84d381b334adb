// Splits a grid along a drawn line: the chosen grid, or else the one that most of the line lies in.

import { LineTool } from "./line.js";

const SAMPLES = 24;

export class SplitTool extends LineTool {
  get hint() {
    return this.plan.words[this.sketch.isEmpty ? "plan_hint_split" : "plan_hint_line"];
  }

  get grid() {
    const chosen = this.plan.chosen.items;
    return chosen.length === 1 ? chosen[0] : mostOf(this.sketch.points, this.plan);
  }

  done(line, points) {
    const { plan, grid } = this;
    if (!grid) {
      plan.advise("plan_split_nothing", points[0]);
      return;
    }
    const known = new Set(plan.topology.faces.keys());
    const done = ({ grids }) => {
      const pieces = grids.changed.map(({ properties }) => properties).filter(({ key, code }) => code === grid.code || !known.has(key));
      plan.select(pieces.map(({ code }) => code));
    };
    this.send({ kind: "split", grid: grid.code, line }, { at: points[0], concerns: [grid.code], done });
  }
}

// The grid that most of a line lies in, by points along it.
export function mostOf(points, plan) {
  const counts = new Map();
  for (let i = 1; i < points.length; i += 1) {
    const [one, other] = [points[i - 1], points[i]];
    const length = Math.hypot(other.x - one.x, other.y - one.y);
    for (let step = 0.5; step < SAMPLES; step += 1) {
      const part = step / SAMPLES;
      const grid = plan.gridAt({ x: one.x + part * (other.x - one.x), y: one.y + part * (other.y - one.y) });
      if (grid) counts.set(grid, (counts.get(grid) ?? 0) + length);
    }
  }
  return [...counts].sort((one, other) => other[1] - one[1])[0]?.[0] ?? null;
}
