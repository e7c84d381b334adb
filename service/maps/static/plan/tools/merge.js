// Merges grids that touch: those chosen, one of which keeps its code and its people.

import { Tool } from "./tool.js";

// So many buttons are given to choose from.
const MOST_KEEPS = 24;

export class MergeTool extends Tool {
  cursor = "pointer";

  exact = false;

  #survivor = null;

  get hint() {
    const { words, chosen } = this.plan;
    if (chosen.items.length < 2) return words[chosen.items.length ? "plan_hint_merge_more" : "plan_hint_merge"];
    return this.plan.fill(words.plan_hint_merge_ready, { name: this.survivor.short || this.survivor.code });
  }

  get survivor() {
    const { items } = this.plan.chosen;
    return items.find(({ key }) => key === this.#survivor) ?? items[0] ?? null;
  }

  get choices() {
    const { words, chosen } = this.plan;
    const { items } = chosen;
    const keeps = items.length > 1 ? items.slice(0, MOST_KEEPS).map((item) => ({
      name: `keep-${item.key}`, text: this.plan.fill(words.plan_merge_keep, { name: item.short || item.code }),
      pressed: item.key === this.survivor.key, act: () => this.#keep(item),
    })) : [];
    return [...keeps, { name: "merge", text: words.plan_merge_do, disabled: items.length < 2, main: true, act: () => this.finish() }];
  }

  begin() {
    this.#survivor = null;
  }

  move(at) {
    this.plan.hover(this.plan.gridAt(at));
  }

  click(at) {
    this.plan.chosen.toggle(this.plan.gridAt(at));
    this.plan.tellTool();
  }

  cancel() {
    return this.plan.chosen.clear();
  }

  finish() {
    const { plan, survivor } = this;
    const { items } = plan.chosen;
    if (items.length < 2) return;
    const grids = items.map(({ code }) => code);
    const [lon, lat] = [survivor.point.lon, survivor.point.lat];
    const [x, y] = survivor.at;
    const done = () => plan.select([survivor.code]);
    plan.apply({ kind: "merge", grids, survivor: survivor.code }, { at: { lon, lat, x, y }, concerns: grids, done });
  }

  #keep(item) {
    this.#survivor = item.key;
    this.plan.tellTool();
  }
}
