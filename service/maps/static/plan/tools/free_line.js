// A line for something that is no tool of the map: given once it is drawn, or null where that is given up.

import { LineTool } from "./line.js";

export class FreeLineTool extends LineTool {
  #line = null;

  // give(positions or null).
  constructor(plan, hint, give) {
    super(plan);
    Object.assign(this, { text: hint, give });
  }

  get hint() {
    return this.sketch.isEmpty ? this.text : this.plan.words.plan_hint_line;
  }

  done(positions) {
    this.#line = positions;
    this.plan.tool("choose");
  }

  end() {
    super.end();
    this.give(this.#line);
  }
}
