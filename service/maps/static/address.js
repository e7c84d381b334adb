// What is said of an address that was looked up on the map: what it was taken for, what it may be, that it is not known.

import { el, fill } from "./dom.js";

const MOST = 8;

export class AddressAnswers {
  constructor(words, { lang }) {
    Object.assign(this, { words, lang });
  }

  // Over the card: the text was not the register's own, so the asker sees what it was taken for.
  taken({ address }) {
    if (!address?.label) return null;
    return el("p", { class: "taken" }, fill(this.words.taken_as, { label: address.label }));
  }

  // What it may be, to choose from; choose(candidate) tells the page.
  unsure(answer, layer, choose) {
    const { words } = this;
    const candidates = answer.candidates.slice(0, MOST);
    return [
      el("h2", {}, words.unsure_title),
      answer.ask && el("p", { class: "unsure-ask" }, this.#spoken(answer.ask)),
      el("p", { class: "quiet" }, words.unsure_choose),
      el("ul", { class: "rows" }, candidates.map((one) => el("li", {}, this.#candidate(one, layer, () => choose(one))))),
    ];
  }

  unknown(answer, text) {
    const { words } = this;
    const known = answer.nearest_known?.label;
    return [
      el("h2", {}, fill(words.nothing_found, { text })),
      known && el("p", {}, fill(words.nothing_known, { label: known })),
      el("p", {}, words.nothing_found_text),
    ];
  }

  // How many grids of a layer a candidate may lie in.
  count(candidate, layer) {
    const own = candidate.grids.filter((grid) => grid.layer === layer);
    return Math.max(own.length, own.length ? (candidate.grid_count ?? 0) : 0);
  }

  #candidate(one, layer, onclick) {
    const { words } = this;
    const count = this.count(one, layer);
    const grid = one.grids.find((each) => each.layer === layer);
    const areas = [...one.areas].reverse().join(" › ");
    const where = count > 1 ? fill(words.in_count_grids, { count }) : (grid?.name ?? words.in_no_grid);
    return el(
      "button",
      { type: "button", class: "row", onclick },
      el("span", { class: "row-title" }, one.label),
      el("span", { class: "row-note" }, [areas, where].filter(Boolean).join(" · ")),
    );
  }

  #spoken({ message, message_zh }) {
    return this.lang === "en" ? message.charAt(0).toUpperCase() + message.slice(1) : (message_zh ?? message);
  }
}
