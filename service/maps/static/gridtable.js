// The table beside the map: every grid of the layer, for who reads better than they see, and for sorting by a figure.
// A page of rows at a time, so that 20,000 grids cost what fifty do.

import { el, fill, replaceContent } from "./dom.js";

const ROWS = 50;
const LONG_WORD = 12;
const LONG_CODE = 16;

export class GridTable {
  // choose(record) tells the page; everybody() that the area alone is no longer wanted.
  constructor(place, words, { lang }, { choose, everybody }) {
    Object.assign(this, { place, words, lang, choose, everybody, grids: null, areaName: () => "", theme: null, area: null, isWithin: null });
    Object.assign(this, { marked: null, text: "", column: "code", rising: true, page: 0, failed: false });
    this.head = el("div", { class: "table-head" }, this.#filter(), (this.told = el("p", { class: "quiet", role: "status" })));
    this.body = el("div", { class: "table-body" });
    replaceContent(place, this.head, this.body);
    place.addEventListener("keydown", (event) => this.#key(event));
    this.paint();
  }

  // Made when first needed: that takes a browser longer than all else here.
  get numbers() {
    return (this.format ??= new Intl.NumberFormat(this.lang, { maximumFractionDigits: 1 }));
  }

  get collator() {
    return (this.order ??= new Intl.Collator(this.lang, { numeric: true }));
  }

  // grids: records of the layer, null while they are fetched; areaName(code): the name of a community.
  show(grids, areaName) {
    Object.assign(this, { grids, areaName, area: null, isWithin: null, page: 0 });
    this.paint();
  }

  fail() {
    this.failed = true;
    this.paint();
  }

  // theme: {name, unit, values: Map of code to number}, null for the stated households.
  value(theme) {
    this.theme = theme;
    if (this.column === "value") this.page = 0;
    this.paint();
  }

  // Only what lies in an area, where one is chosen.
  within(area, isWithin) {
    if (area?.code === this.area?.code) return;
    Object.assign(this, { area, isWithin, page: 0 });
    this.paint();
  }

  mark(code) {
    if (this.marked === code) return;
    this.marked = code;
    for (const row of this.body.querySelectorAll("tbody tr")) setCurrent(row, row.dataset.code === code);
  }

  #filter() {
    const input = el("input", { type: "search", id: "table-filter", maxlength: 100, autocomplete: "off", spellcheck: "false" });
    input.addEventListener("input", () => {
      Object.assign(this, { text: plain(input.value), page: 0 });
      this.paint();
    });
    return [el("label", { for: "table-filter" }, this.words.table_filter), input];
  }

  #rows() {
    const { text, isWithin, areaName } = this;
    const found = this.grids.filter((grid) => {
      if (isWithin && !isWithin(grid)) return false;
      return !text || [grid.code, grid.name, areaName(grid.community)].some((one) => plain(one ?? "").includes(text));
    });
    const key = this.#sortKey();
    const keyed = found.map((grid) => [key(grid), grid]);
    const sign = this.rising ? 1 : -1;
    // What has no value comes last, whichever way it is sorted.
    keyed.sort(([one, a], [other, b]) => {
      if (one === other) return a.code < b.code ? -1 : 1;
      if (one === null || other === null) return one === null ? 1 : -1;
      return sign * (typeof one === "number" ? one - other : this.collator.compare(one, other));
    });
    return keyed.map(([, grid]) => grid);
  }

  #sortKey() {
    if (this.column === "name") return (grid) => grid.name;
    if (this.column === "community") return (grid) => this.areaName(grid.community) || null;
    if (this.column === "value") return (grid) => this.#value(grid);
    return (grid) => grid.code;
  }

  #value(grid) {
    return (this.theme ? this.theme.values.get(grid.code) : grid.households) ?? null;
  }

  // Called when its tab opens too: a table that nobody sees is not built.
  paint() {
    if (!this.place.closest("[hidden]")) this.#paint();
  }

  #paint() {
    const { words } = this;
    if (!this.grids) {
      this.told.textContent = this.failed ? words.failed_title : words.table_reading;
      this.body.replaceChildren();
      return;
    }
    const rows = this.#rows();
    const pages = Math.max(Math.ceil(rows.length / ROWS), 1);
    this.page = Math.min(this.page, pages - 1);
    const first = this.page * ROWS;
    const shown = rows.slice(first, first + ROWS);
    const number = (value) => this.numbers.format(value);
    const count = { from: number(first + 1), to: number(first + shown.length), count: number(rows.length) };
    this.told.textContent = rows.length ? fill(words.table_told, count) : words.table_none;
    replaceContent(this.body, this.area && this.#chip(), rows.length > 0 && this.#table(shown), pages > 1 && this.#pager(pages));
  }

  #chip() {
    const { words, area } = this;
    return el(
      "p",
      { class: "table-area" },
      el("span", {}, fill(words.table_within, { name: area.name })),
      el("button", { type: "button", class: "plain", onclick: () => this.everybody() }, words.table_everybody),
    );
  }

  #table(rows) {
    const { words, theme } = this;
    const value = theme ? (theme.unit ? fill(words.theme_with_unit, theme) : theme.name) : words.table_households;
    const columns = [["code", words.table_code], ["name", words.grid], ["community", words.table_community], ["value", value]];
    return el(
      "table",
      { class: "grid-table" },
      el("caption", { class: "unseen" }, words.tab_list),
      el("thead", {}, el("tr", {}, columns.map(([name, label]) => this.#header(name, label)))),
      el("tbody", {}, rows.map((grid) => this.#row(grid))),
    );
  }

  #header(name, label) {
    const sorted = this.column === name;
    const way = sorted ? (this.rising ? "ascending" : "descending") : "none";
    const turn = () => {
      Object.assign(this, sorted ? { rising: !this.rising } : { column: name, rising: name !== "value" }, { page: 0 });
      this.#paint();
      this.body.querySelector(`th[data-column=${name}] button`).focus();
    };
    const long = label.split(/\s/).some((word) => word.length > LONG_WORD);
    const button = el("button", { type: "button", "aria-label": label, onclick: turn }, hyphenated(label));
    return el("th", { scope: "col", class: long && "long", "data-column": name, "aria-sort": way }, button);
  }

  #row(grid) {
    const value = this.#value(grid);
    const row = el(
      "tr",
      { "data-code": grid.code },
      el("td", { class: grid.code.length > LONG_CODE ? "code long" : "code" }, grid.code),
      el("th", { scope: "row" }, el("button", { type: "button", "aria-label": grid.name, onclick: () => this.choose(grid) }, grid.short)),
      el("td", {}, this.areaName(grid.community) || this.words.no_value),
      el("td", { class: "number" }, value === null ? this.words.no_value : this.numbers.format(value)),
    );
    setCurrent(row, grid.code === this.marked);
    return row;
  }

  #pager(pages) {
    const { words } = this;
    const turn = (step) => () => this.#turn(step);
    const told = fill(words.table_page, { page: this.numbers.format(this.page + 1), pages: this.numbers.format(pages) });
    return el(
      "nav",
      { class: "grid-pager", "aria-label": words.table_pages },
      el("button", { type: "button", class: "button", disabled: this.page === 0, onclick: turn(-1) }, words.table_before),
      el("span", {}, told),
      el("button", { type: "button", class: "button", disabled: this.page === pages - 1, onclick: turn(1) }, words.table_after),
    );
  }

  #turn(step) {
    this.page += step;
    this.#paint();
    this.place.scrollIntoView({ block: "start" });
    this.body.querySelector("tbody button")?.focus({ preventScroll: true });
  }

  // Up and down between rows; a page further with the keys for that.
  #key(event) {
    const buttons = [...this.body.querySelectorAll("tbody button")];
    const at = buttons.indexOf(event.target);
    if (at < 0) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: ROWS, PageUp: -ROWS }[event.key];
    if (!step) return;
    event.preventDefault();
    const pages = this.body.querySelectorAll(".grid-pager button");
    if (Math.abs(step) === 1) buttons[at + step]?.focus();
    else (step > 0 ? pages[1] : pages[0])?.click();
  }
}

function setCurrent(row, current) {
  if (current) row.setAttribute("aria-current", "true");
  else row.removeAttribute("aria-current");
}

const plain = (text) => text.normalize("NFKC").toLowerCase().trim();

// Where a long Latin word may be divided: columns are narrow.
function hyphenated(text) {
  return text.replace(/\p{Script=Latin}{5}(?=\p{Script=Latin}{4})/gu, "$&\u00ad");
}
