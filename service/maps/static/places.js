// What the page says where a place or a grid is not simply found: it may be one of several, it is gone, the device is silent.

import { el, fill } from "./dom.js";
import { metresSaid } from "./way.js";

const LISTED = 8;

export class Places {
  constructor(words, { lang, layers }) {
    Object.assign(this, { words, lang });
    this.layerNames = new Map(layers.map((layer) => [layer.code, layer.name]));
  }

  // touched: grids around the device's place, the nearest first; choose(code) tells the page.
  which(touched, total, accuracy, choose) {
    const { words } = this;
    const shown = touched.slice(0, LISTED);
    const figure = (one) => (one.metres === 0 ? words.which_here : fill(words.which_away, { metres: this.#metres(one.metres) }));
    return [
      el("h2", {}, words.which_title),
      el("p", {}, fill(words.which_text, { metres: this.#metres(accuracy), count: total })),
      this.#choices(shown, figure, choose),
      total > shown.length && el("p", { class: "quiet" }, fill(words.which_more, { count: total - shown.length })),
    ];
  }

  // The circle around the device's place is too wide to mean a grid.
  tooWide(accuracy, again) {
    const { words } = this;
    return this.#said(words.wide_title, fill(words.wide_text, { metres: this.#metres(accuracy) }), again);
  }

  refused(reason, again) {
    const { words } = this;
    const hopeless = reason === "insecure" || reason === "unsupported";
    return this.#said(words.locate_failed, words.locate_reasons[reason], hopeless ? null : again);
  }

  // problem: the service's own words about a grid that is not there; code: as it is to be shown; choose(code, layer)
  // tells the page.
  missing(problem, code, layer, choose) {
    const { words } = this;
    if (problem.code !== "retired") return this.#unknown(problem.facts?.elsewhere ?? [], code, layer, choose);
    const { retired_at: at, replaced_by: replacements = [] } = problem.facts;
    const day = at ? String(at).slice(0, 10) : "";
    return [
      el("h2", {}, fill(words.grid_retired, { code })),
      el("p", {}, replacements.length ? fill(words.grid_replaced, { day }) : fill(words.grid_not_replaced, { day })),
      this.#choices(replacements, (one) => fill(words.grid_share, { share: this.#percent(one.share) }), choose),
    ];
  }

  #percent(share) {
    return new Intl.NumberFormat(this.lang, { style: "percent", maximumFractionDigits: 0 }).format(share);
  }

  // elsewhere: grids of that code in other layers.
  #unknown(elsewhere, code, layer, choose) {
    const { words } = this;
    const nameOf = (one) => this.layerNames.get(one) ?? one;
    const others = elsewhere.filter((one) => this.layerNames.has(one.layer));
    const text = others.length ? words.grid_elsewhere : words.grid_unknown_text;
    return [
      el("h2", {}, fill(words.grid_unknown, { code })),
      el("p", {}, fill(text, { layer: nameOf(layer) })),
      others.length > 0 && this.#choices(others, (one) => nameOf(one.layer), choose),
    ];
  }

  #choices(items, figure, choose) {
    const row = (one) =>
      el(
        "button",
        { type: "button", class: "pick", onclick: () => choose(one.code, one.layer) },
        el("span", { class: "row-title" }, one.name),
        el("span", { class: "row-note" }, one.code),
        el("span", { class: "row-figure" }, figure(one)),
      );
    return el("ul", { class: "picks" }, items.map((one) => el("li", {}, row(one))));
  }

  #said(title, text, again) {
    return [
      el("h2", {}, title),
      el("p", {}, text),
      el("p", { class: "quiet" }, this.words.locate_instead),
      again && el("button", { type: "button", class: "button", onclick: again }, this.words.again),
    ];
  }

  #metres(metres) {
    return metresSaid(metres, this.words, this.lang);
  }
}
