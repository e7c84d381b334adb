// A table that fetches its rows page by page: loading, empty, failed and many rows, by pointer and by keyboard.

import { el, fill, replaceContent } from "../dom.js";
import { failureText } from "./notices.js";

const PAGE = 50;

export class DataTable {
  // caption: what the table holds, for who cannot see it.
  // columns: [{label, cell(item) → text or element, class, opens}]; the cell of `opens` is the button of its row.
  // fetch({after, limit}) → {items, next, total}: a page; `next` is the cursor of the page after it, or null.
  // open(item, row): what choosing a row does, if anything. empty: what is said where there is no row.
  // mark(row, item): a chance to set attributes of a row. stacks: on a phone each row stands as a card.
  constructor({ caption, columns, fetch, words, lang, empty, open = null, mark = null, limit = PAGE, stacks = true }) {
    Object.assign(this, { columns, fetch, words, lang, empty, open, mark, limit, cursors: [], next: null, from: 1, turn: 0 });
    this.body = el("tbody");
    this.head = el("tr", {}, columns.map((column) => el("th", { scope: "col", class: column.class }, column.label)));
    this.state = el("p", { class: "table-state", role: "status" });
    this.count = el("p", { class: "table-count" });
    this.back = el("button", { type: "button", class: "button small", onclick: () => this.#turn(-1) }, words.page_before);
    this.forth = el("button", { type: "button", class: "button small", onclick: () => this.#turn(1) }, words.page_after);
    this.pager = el("div", { class: "pager" }, this.count, this.back, this.forth);
    this.element = el(
      "div",
      { class: `table${stacks ? " stacks" : ""}` },
      el(
        "div",
        { class: "table-frame", role: "region", "aria-label": caption, tabindex: "0" },
        el("table", {}, el("caption", { class: "unseen" }, caption), el("thead", {}, this.head), this.body),
      ),
      this.state,
      this.pager,
    );
    this.pager.hidden = true;
    this.body.addEventListener("keydown", (event) => this.#key(event));
  }

  // Fetches the first page, or the one that begins after a cursor.
  async show(after = null) {
    this.cursors = [];
    this.from = 1;
    await this.#load(after);
  }

  // Puts an element below a row, over the whole width; takes it from where it was.
  openBelow(row, content) {
    this.closeBelow();
    row.after(el("tr", { class: "below" }, el("td", { colspan: String(this.columns.length) }, content)));
  }

  closeBelow() {
    this.body.querySelector("tr.below")?.remove();
  }

  choose(row) {
    for (const other of this.body.rows) other.removeAttribute("aria-current");
    row?.setAttribute("aria-current", "true");
  }

  async #turn(step) {
    if (step > 0) {
      this.cursors.push(this.current);
      this.from += this.limit;
      await this.#load(this.next);
    } else {
      this.from = Math.max(1, this.from - this.limit);
      await this.#load(this.cursors.pop());
    }
    this.element.querySelector(".table-frame").focus({ preventScroll: true });
    this.element.scrollIntoView({ block: "nearest" });
  }

  async #load(after) {
    const turn = (this.turn += 1);
    this.current = after ?? null;
    this.element.setAttribute("aria-busy", "true");
    const slow = setTimeout(() => replaceContent(this.state, this.words.loading), 300);
    try {
      const page = await this.fetch({ after: this.current, limit: this.limit });
      if (turn === this.turn) this.#fill(page);
    } catch (error) {
      if (turn === this.turn) this.#fail(error, after);
    } finally {
      clearTimeout(slow);
      if (turn === this.turn) this.element.removeAttribute("aria-busy");
    }
  }

  #fill({ items, next = null, total = null }) {
    this.next = next;
    replaceContent(this.body, items.map((item) => this.#row(item)));
    replaceContent(this.state, items.length ? "" : this.empty);
    this.element.querySelector(".table-frame").hidden = items.length === 0;
    this.pager.hidden = !next && this.from === 1;
    this.back.disabled = this.from === 1;
    this.forth.disabled = !next;
    const number = new Intl.NumberFormat(this.lang);
    const [from, to] = [this.from, this.from + items.length - 1].map((value) => number.format(value));
    const text = total === null ? this.words.page_range : this.words.page_range_of;
    replaceContent(this.count, fill(text, { from, to, total: total === null ? "" : number.format(total) }));
    // The service keeps so many particulars and no more: what is counted and not listed is said.
    const last = this.from + items.length - 1;
    if (items.length && !next && total !== null && last < total) replaceContent(this.state, fill(this.words.page_cut, { count: to }));
  }

  #fail(error, after) {
    this.body.replaceChildren();
    this.pager.hidden = true;
    const again = el("button", { type: "button", class: "button small", onclick: () => this.#load(after) }, this.words.again);
    replaceContent(this.state, failureText(error, this.words, this.lang), " ", again);
  }

  #row(item) {
    const row = el("tr");
    for (const column of this.columns) {
      let content = column.cell(item, row);
      if (column.opens && this.open) content = el("button", { type: "button", class: "opens" }, content);
      row.append(el("td", { class: column.class, "data-label": column.label }, content));
    }
    if (this.open) {
      row.classList.add("openable");
      row.addEventListener("click", (event) => {
        if (event.target.closest("a, button:not(.opens), input, select")) return;
        this.choose(row);
        this.open(item, row);
      });
    }
    this.mark?.(row, item);
    return row;
  }

  // Up and down go from row to row, from whichever control of a row has the keyboard.
  #key(event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const buttons = [...this.body.querySelectorAll("button.opens")];
    const at = buttons.indexOf(event.target.closest("tr")?.querySelector("button.opens"));
    if (at < 0) return;
    event.preventDefault();
    buttons[Math.min(Math.max(at + (event.key === "ArrowDown" ? 1 : -1), 0), buttons.length - 1)].focus();
  }
}
