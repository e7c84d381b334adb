// Hands ground over to a grid: first the grid that takes it, then the ground.

import { GroundTool } from "./ground.js";

export class HandOverTool extends GroundTool {
  #taker = null;

  get hint() {
    const { words } = this.plan;
    if (!this.taker) return words.plan_hint_taker;
    if (!this.sketch.isEmpty) return words.plan_hint_line;
    return this.plan.fill(words[`plan_hint_hand_${this.way}`], { name: this.taker.short || this.taker.code });
  }

  get choices() {
    const other = { name: "taker", text: this.plan.words.plan_other_taker, act: () => this.#take(null) };
    if (!this.taker) return [];
    return this.sketch.isEmpty ? [...super.choices, other] : super.choices;
  }

  get taker() {
    return this.#taker && this.plan.chosen.items.find(({ key }) => key === this.#taker);
  }

  get ready() {
    return Boolean(this.taker);
  }

  begin() {
    const chosen = this.plan.chosen.items;
    this.#take(chosen.length === 1 ? chosen[0] : null);
  }

  move(at) {
    if (this.taker) super.move(at);
    else this.plan.hover(this.plan.gridAt(at));
  }

  click(at) {
    if (this.taker) super.click(at);
    else this.#take(this.plan.gridAt(at));
  }

  cancel() {
    if (super.cancel()) return true;
    const had = Boolean(this.taker);
    this.#take(null);
    return had;
  }

  marked(ground, at) {
    const to = this.taker.code;
    this.send({ kind: "hand-over", to, ...ground }, { at, concerns: [to] });
  }

  #take(grid) {
    this.#taker = grid?.key ?? null;
    this.plan.chosen.set(grid ? [grid] : []);
    this.plan.tellTool();
  }
}
