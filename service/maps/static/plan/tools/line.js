// Lines drawn point by point, for tools that need one: a click adds a point, a double click or Enter ends it.

import { Sketch } from "./sketch.js";
import { Tool } from "./tool.js";

export class LineTool extends Tool {
  snaps = true;

  constructor(plan, options) {
    super(plan);
    this.sketch = new Sketch(plan, options);
  }

  get choices() {
    const { words } = this.plan;
    if (this.sketch.isEmpty) return [];
    return [
      { name: "done", text: words.plan_line_done, disabled: !this.sketch.isEnough, act: () => this.finish() },
      { name: "back", text: words.plan_line_back, act: () => this.back() },
    ];
  }

  end() {
    this.sketch.clear();
    this.sketch.ahead = null;
  }

  move(at) {
    this.sketch.move(at);
    this.plan.hover(this.sketch.isEmpty ? this.plan.gridAt(at) : null);
  }

  click(at) {
    if (this.sketch.closes(at)) this.finish();
    else this.sketch.add(at);
  }

  double() {
    this.finish();
  }

  back() {
    return this.sketch.back();
  }

  cancel() {
    return this.sketch.clear();
  }

  // Whether it is a line that something can be done with.
  finish() {
    const { sketch, plan } = this;
    if (!sketch.isEnough) return false;
    const { fault } = sketch;
    if (fault) plan.advise(sketch.sweeping ? "plan_sweep_crosses" : "plan_line_crosses", { x: fault[0], y: fault[1] });
    else this.done(sketch.positions, sketch.points);
    return !fault;
  }

  // What the line is for; positions: [lon, lat], points: the same as places.
  done() {}

  // Sends an operation; the line stays to be seen until it is answered, and to be drawn on where it is refused.
  // A sweep is none that one could go on with.
  async send(operation, options, points = this.sketch.points, isSwept = this.sketch.sweeping) {
    const { sketch, plan } = this;
    if (points === sketch.points) sketch.clear();
    const shown = new Sketch(plan, { closed: sketch.closed });
    shown.points = points;
    const again = (changed) => this.send(changed, options, points, isSwept);
    const applied = await plan.apply(operation, { ...options, again, ghost: (context, view) => shown.paint(context, view) });
    if (!applied && !isSwept && plan.current === this && sketch.isEmpty) {
      sketch.points = points;
      plan.drawn(sketch);
    }
    return applied;
  }

  paint(context, view) {
    this.sketch.paint(context, view);
  }
}
