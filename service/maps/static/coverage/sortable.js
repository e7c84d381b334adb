// A table that is sorted by its headings, the worst first, and grows when asked to.

import { el, fill, replaceContent } from "../dom.js";

const FIRST = 12;

export class SortableTable {
  // columns: [{label, order(item), cell(item), number, least}]; order: what it is sorted by, `least` the lowest first.
  // sorted: the column that it begins with. name: of what a row opens; open(item).
  constructor({ caption, columns, words, sorted, open, rowOf = (item) => item.code }) {
    Object.assign(this, { columns, words, sorted, open, rowOf, items: [], all: false, current: null });
    this.down = !columns[sorted].least;
    this.head = el("tr", {});
    this.body = el("tbody");
    this.more = el("p", { class: "table-more" });
    this.element = el(
      "div",
      { class: "sortable" },
      el("table", {}, el("caption", { class: "unseen" }, caption), el("thead", {}, this.head), this.body),
      this.more,
    );
  }

  show(items) {
    this.items = items;
    this.#fill();
  }

  mark(code) {
    this.current = code;
    for (const row of this.body.rows) this.#markRow(row);
  }

  #markRow(row) {
    if (row.dataset.code === this.current) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }

  #sort(place) {
    this.down = place === this.sorted ? !this.down : !this.columns[place].least;
    this.sorted = place;
    this.#fill();
    this.head.cells[place].querySelector("button").focus();
  }

  #fill() {
    const { order } = this.columns[this.sorted];
    const sign = this.down ? -1 : 1;
    // What has no value, such as a place without households, stands last either way.
    const sorted = [...this.items].sort((one, other) => {
      const [a, b] = [order(one), order(other)];
      if (a === null || b === null) return (a === null) - (b === null);
      return sign * (typeof a === "string" ? a.localeCompare(b, "zh-CN") : a - b);
    });
    const shown = this.all ? sorted : sorted.slice(0, FIRST);
    replaceContent(this.head, this.columns.map((column, place) => this.#heading(column, place)));
    replaceContent(this.body, shown.map((item) => this.#row(item)));
    this.#tellMore(shown.length);
  }

  #heading(column, place) {
    const way = place !== this.sorted ? "none" : this.down ? "descending" : "ascending";
    const button = el("button", { type: "button", onclick: () => this.#sort(place) }, column.label);
    return el("th", { scope: "col", class: column.number && "number", "aria-sort": way }, button);
  }

  #row(item) {
    const cells = this.columns.map((column, place) => {
      const content = column.cell(item);
      const opens = place === 0 && el("button", { type: "button", class: "opens", onclick: () => this.open(item) }, content);
      return el("td", { class: column.number && "number" }, opens || content);
    });
    const row = el("tr", { "data-code": this.rowOf(item) }, cells);
    this.#markRow(row);
    return row;
  }

  #tellMore(shown) {
    const count = this.items.length;
    if (shown === count) {
      replaceContent(this.more);
      return;
    }
    const all = () => {
      this.all = true;
      this.#fill();
    };
    replaceContent(
      this.more,
      el("span", {}, fill(this.words.shown_of, { shown, count })),
      " ",
      el("button", { type: "button", class: "plain", onclick: all }, fill(this.words.show_all, { count })),
    );
  }
}
