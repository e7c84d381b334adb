// Choosing grids: by a click, more with Shift or Ctrl, many by a lasso drawn around their middles.

import { insideRings } from "../../model.js";
import { Sketch } from "./sketch.js";
import { Tool } from "./tool.js";

const TOUCHED = window.matchMedia("(any-pointer: coarse)");

export class ChooseTool extends Tool {
  exact = false;

  constructor(plan, { lasso = false } = {}) {
    super(plan);
    Object.assign(this, { lasso, more: false, cursor: lasso ? "crosshair" : "default", sketch: new Sketch(plan, { closed: true, loose: true }) });
  }

  get hint() {
    return this.plan.words[this.lasso ? "plan_hint_lasso" : "plan_hint_choose"];
  }

  // What Shift does, for who has none.
  get choices() {
    if (!TOUCHED.matches) return [];
    const act = () => {
      this.more = !this.more;
      this.plan.tellTool();
    };
    return [{ name: "more", text: this.plan.words.plan_choose_more, pressed: this.more, act }];
  }

  move(at) {
    this.plan.hover(this.plan.gridAt(at));
  }

  down(at) {
    return this.lasso || at.shift;
  }

  drag(at) {
    this.sketch.sweeping = true;
    this.sketch.sweep(at);
  }

  drop(at) {
    const { sketch, plan } = this;
    if (!sketch.sweeping) this.click(at);
    if (sketch.points.length > 2) {
      const ring = Float64Array.from(sketch.points.flatMap(({ x, y }) => [x, y]));
      plan.chosen.add(plan.gridsWhere(([x, y]) => insideRings([ring], x, y)), this.#adds(at));
    }
    sketch.clear();
  }

  click(at) {
    const finding = this.plan.findingAt(at);
    if (finding) this.plan.tellFinding(finding);
    const grid = this.plan.gridAt(at);
    if (this.#adds(at)) this.plan.chosen.toggle(grid);
    else this.plan.chosen.set(grid ? [grid] : []);
  }

  lost() {
    this.sketch.clear();
  }

  cancel() {
    return this.sketch.clear() || this.plan.chosen.clear();
  }

  end() {
    this.sketch.clear();
  }

  paint(context, view) {
    if (!this.sketch.isEmpty) this.sketch.paint(context, view);
  }

  #adds({ shift, ctrl }) {
    return shift || ctrl || this.more;
  }
}
