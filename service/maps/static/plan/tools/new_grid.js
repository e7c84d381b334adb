// A new grid out of the ground of others.

import { GroundTool } from "./ground.js";

export class NewGridTool extends GroundTool {
  get hint() {
    return this.plan.words[this.sketch.isEmpty ? `plan_hint_new_${this.way}` : "plan_hint_line"];
  }

  marked(ground, at) {
    const { plan } = this;
    const known = new Set(plan.topology.faces.keys());
    const done = ({ grids }) => {
      const made = grids.changed.filter(({ properties }) => !known.has(properties.key));
      if (made.length) plan.select(made.map(({ properties }) => properties.code));
    };
    this.send({ kind: "new-grid", ...ground }, { at, done });
  }
}
