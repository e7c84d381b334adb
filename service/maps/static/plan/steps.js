// Steps of the draft that are done on the map: sent, seen as they will be until they are answered, and where they are
// refused, why, at the place, with what was there left as it was.

import { fill } from "../dom.js";
import { isPartsRefused, refusalPlace, refusalText } from "./refusals.js";

export class Steps {
  #pending = new Set();

  // plan: the map with its client, callout, words and say().
  constructor(plan) {
    this.plan = plan;
  }

  // Sends an operation. The answer, or null where it was refused, which is said. ghost(context, view) paints it as it will
  // be; again(operation) sends it once more, as the map's own way of sending would.
  async apply(operation, options = {}) {
    const { at = null, concerns = [], ghost = null, quiet = false, again = (changed) => this.apply(changed, options) } = options;
    const { plan } = this;
    const pending = { ghost };
    this.#pending.add(pending);
    plan.callout.clear();
    plan.repaintGhost();
    try {
      const applied = await plan.client.apply(operation, { concerns, told: true });
      if (!quiet) plan.say(this.#summary(applied.operation));
      options.done?.(applied);
      return applied;
    } catch (error) {
      this.#refuse(error, at, isPartsRefused(operation, error) && (() => again({ ...operation, allow_parts: true })));
      return null;
    } finally {
      this.#pending.delete(pending);
      plan.repaintGhost();
    }
  }

  // way: "undo" or "redo".
  async turn(way) {
    const { client, isEditable, words } = this.plan;
    const { canUndo, canRedo } = client.state;
    const step = way === "undo" ? canUndo : canRedo;
    if (!isEditable || !step) {
      this.plan.say(words[`plan_no_${way}`]);
      return;
    }
    try {
      await client[way]();
      this.plan.say(fill(words[`plan_did_${way}`], { what: this.#summary(step) }));
    } catch (error) {
      this.#refuse(error, null);
    }
  }

  paint(context, view) {
    for (const { ghost } of this.#pending) ghost?.(context, view);
  }

  #refuse(error, at, allow = null) {
    const { words, config, callout } = this.plan;
    const text = refusalText(error, words, config.lang);
    const place = refusalPlace(error) ?? at;
    if (place) callout.say(text, place, allow ? { text: words.plan_allow_parts, act: allow } : null);
    else this.plan.say(text);
  }

  #summary(operation) {
    return (this.plan.config.lang === "en" ? operation?.summary : (operation?.summary_zh ?? operation?.summary)) ?? "";
  }
}
