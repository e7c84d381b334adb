// Draws the border between two grids anew: from a place on it to another one.

import { pixelsPerMetre } from "../../model.js";
import { sidesOf } from "../topology.js";
import { LineTool } from "./line.js";
import { mostOf } from "./split.js";

const ON_BORDER_METRES = 0.5;

export class ReshapeTool extends LineTool {
  get hint() {
    return this.plan.words[this.sketch.isEmpty ? "plan_hint_reshape" : "plan_hint_reshape_line"];
  }

  done(line, points) {
    const { plan } = this;
    const between = this.#between(points);
    if (!between) {
      plan.advise("plan_reshape_ends", points[0]);
      return;
    }
    this.send({ kind: "reshape", between, line }, { at: points[Math.floor(points.length / 2)], concerns: between });
  }

  // The two grids whose common border both ends lie on; where there are more, the one that the line runs through.
  #between(points) {
    const { topology } = this.plan;
    const pairs = pairsAt(topology, points[0]);
    const common = pairsAt(topology, points.at(-1)).filter((pair) => pairs.some((one) => one.join() === pair.join()));
    const through = mostOf(points, this.plan)?.key;
    const chosen = new Set(this.plan.chosen.items.map(({ key }) => key));
    const worth = (pair) => 2 * pair.filter((key) => chosen.has(key)).length + (pair.includes(through) ? 1 : 0);
    const [best] = common.sort((one, other) => worth(other) - worth(one));
    return best?.map((key) => topology.faces.get(key).properties.code) ?? null;
  }
}

// Pairs of keys, sorted, that share a border at a place.
function pairsAt(topology, { x, y, lat }) {
  const reach = ON_BORDER_METRES * pixelsPerMetre(lat);
  const near = topology.nearestNode(x, y, reach);
  const edge = topology.nearestEdge(x, y, reach);
  const sides = near ? near.node.links.map(({ faces }) => faces) : edge ? [sidesOf(edge.one, edge.other)] : [];
  const found = new Map(sides.filter((keys) => keys.length === 2).map((keys) => [[...keys].sort().join(), [...keys].sort()]));
  return [...found.values()];
}
