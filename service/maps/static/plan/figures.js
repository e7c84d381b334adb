// Figures of the chosen grids, or of those that the last step touched: before → after.

import { el, fill, replaceContent } from "../dom.js";
import { NOTHING, isNumber } from "./wording.js";

const MOST_CARDS = 8;
const MOST_ROWS = 14;

export class Figures {
  // ask(code) gives the figures of a grid.
  constructor(element, { wording, register, show, ask }) {
    Object.assign(this, { element, wording, words: wording.words, register, show, ask, chosen: [], impact: null, step: null, known: null, turn: 0 });
  }

  // grids: properties of the chosen ones.
  choose(grids) {
    if (grids.length !== 1 || grids[0].code !== this.known?.code) this.known = null;
    this.chosen = grids;
    this.#paint();
    if (grids.length === 1 && this.register.byCode(grids[0].code)) this.#learn(grids[0].code);
  }

  // How far a station is from a grid is asked for when somebody looks at it.
  async #learn(code) {
    const turn = (this.turn += 1);
    const known = await this.ask(code).catch(() => null);
    if (turn !== this.turn || !known) return;
    this.known = known;
    this.#paint();
  }

  // impact: of the whole draft; step: of the last operation, both as the service gives them.
  know({ impact = this.impact, step = this.step }) {
    Object.assign(this, { impact, step });
    this.#paint();
  }

  #paint() {
    const { words } = this;
    const cards = this.chosen.length ? this.#ofChosen() : this.#ofStep();
    if (!cards.length) {
      replaceContent(this.element, el("p", { class: "empty-state" }, words.choose_hint));
      return;
    }
    const several = this.chosen.length > 1;
    const more = cards.length - (several ? MOST_ROWS : MOST_CARDS);
    replaceContent(
      this.element,
      el("h2", {}, this.chosen.length ? fill(words.chosen_count, { count: this.wording.count(cards.length) }) : words.last_step),
      several && this.#sum(),
      several ? this.#rows(cards.slice(0, MOST_ROWS)) : cards.slice(0, MOST_CARDS).map((card) => this.#card(card)),
      more > 0 && el("p", { class: "quiet" }, fill(words.more_grids, { count: this.wording.count(more) })),
    );
  }

  // A grid of the impact by its code after, or null.
  changeOf(code) {
    return this.impact?.grids?.find((one) => one.after?.code === code) ?? null;
  }

  #ofChosen() {
    return this.chosen.map((grid) => {
      const change = this.changeOf(grid.code);
      const now = { ...grid, counts: { ...change?.after?.counts, ...countsOf(grid) }, walk: (grid.code === this.known?.code ? this.known : change?.after)?.walk };
      return { change: change?.change ?? null, before: change ? change.before : now, after: now };
    });
  }

  #ofStep() {
    return (this.step?.grids ?? []).map(({ change, before, after }) => ({ change, before, after }));
  }

  #card({ change, before, after }) {
    const { words } = this;
    const shown = after ?? before;
    const place = this.register.nameOf(shown.community);
    const both = before && after;
    const was = both && (before.community ?? null) !== (after.community ?? null) ? this.register.nameOf(before.community) : null;
    const code = both && before.code !== after.code ? `${before.code} → ${after.code}` : shown.code;
    const name = both && before.name && before.name !== after.name ? fill(words.name_before, { name: before.name }) : null;
    const title = el("button", { type: "button", class: "opens", onclick: () => this.show(shown) }, shown.name || shown.code);
    return el(
      "article",
      { class: `grid-card${after ? "" : " ended"}` },
      el("header", {}, el("h3", {}, after ? title : shown.name || shown.code), change && el("span", { class: `chip ${change}` }, words.changes[change])),
      el("p", { class: "quiet" }, [code, was ? `${was} → ${place}` : place].filter(Boolean).join(" · ")),
      name && el("p", { class: "quiet" }, name),
      this.#table(before, after),
    );
  }

  // Several grids in a line each, so that what can be done with them stays in sight.
  #rows(cards) {
    const { words, wording } = this;
    const row = ({ before, after }) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, el("button", { type: "button", class: "opens", onclick: () => this.show(after) }, after.name || after.code)),
        el("td", { class: "number" }, ...beforeAfter(words, before?.counts?.households, after.counts.households, (value) => wording.count(value))),
        el("td", { class: "note" }, this.#band(after)),
      );
    return el(
      "table",
      { class: "figures ruled" },
      el("caption", { class: "unseen" }, words.figures_caption),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, words.grids), el("th", { scope: "col", class: "number" }, words.households), el("td", {}))),
      el("tbody", {}, cards.map(row)),
    );
  }

  #table(before, after) {
    const { words, wording } = this;
    const count = (name) => [before?.counts?.[name], after?.counts?.[name]];
    const rows = [
      [words.households, ...count("households"), (value) => wording.count(value), this.#band(after)],
      [words.persons, ...count("persons"), (value) => wording.count(value)],
      [words.addresses, ...count("addresses"), (value) => wording.count(value)],
      [words.walk, before?.walk?.minutes, after?.walk?.minutes, (value) => wording.minutes(value)],
    ].filter(([label, was, is]) => isNumber(was) || isNumber(is) || label === words.walk);
    return el("table", { class: "figures" }, el("caption", { class: "unseen" }, words.figures_caption), el("tbody", {}, rows.map((row) => this.#row(before, after, row))));
  }

  #row(before, after, [label, was, is, write, note]) {
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, label),
      el("td", { class: "number" }, ...beforeAfter(this.words, before ? was : undefined, after ? is : undefined, write)),
      el("td", { class: "note" }, note),
    );
  }

  #band(after) {
    if (!after || after.in_band === null || after.in_band === undefined) return null;
    const { words } = this;
    const band = this.impact?.bands?.[after.kind];
    const outside = !band ? words.out_of_band : after.counts.households < band.least ? words.below_band : words.above_band;
    return el("span", { class: `chip ${after.in_band ? "good" : "caution"}` }, after.in_band ? words.in_band : outside);
  }

  #sum() {
    const { words, wording } = this;
    const sum = (name) => this.chosen.reduce((total, grid) => total + (grid[name] ?? 0), 0);
    const households = fill(words.households_count, { count: wording.count(sum("households")) });
    const persons = fill(words.persons_count, { count: wording.count(sum("persons")) });
    return el("p", { class: "sum" }, `${words.together} ${households}${words.comma}${persons}`);
  }
}

function countsOf({ households, persons, addresses }) {
  const given = Object.entries({ households, persons, addresses }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

// "412 → 380", one value where both are the same.
export function beforeAfter(words, was, is, write) {
  const [from, to] = [was, is].map((value) => (isNumber(value) ? write(value) : NOTHING));
  if (from === to) return [to];
  return [
    el("span", { class: "was" }, el("span", { class: "unseen" }, words.before), from),
    el("span", { class: "arrow", "aria-hidden": "true" }, " → "),
    el("span", { class: "is" }, el("span", { class: "unseen" }, words.after), to),
  ];
}

// Whether a community is otherwise than before in anything that is shown: ground given and taken back leaves corners.
export function isOtherwise({ change, before, after }) {
  if (change !== "changed") return true;
  const told = ({ name, counts, balance }) => JSON.stringify([name, counts, balance]);
  const ground = (one) => one.compactness?.square_metres ?? 0;
  return told(before) !== told(after) || Math.abs(ground(before) - ground(after)) > 1;
}
