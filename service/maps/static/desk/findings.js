// What is wrong with the file: every fault with its row, the row itself and the place beside the table.

import { el, fill, replaceContent } from "../dom.js";
import { DataTable } from "../kit/table.js";
import { FaultMap, hasPlace } from "./faultmap.js";
import { cellText } from "./preview.js";

const MOST_PLACED = 1000;
const NARROW = window.matchMedia("(max-width: 900px)");

export class Findings {
  // see(row): show a row in the preview.
  constructor({ load, config, loads, wording, see }) {
    Object.assign(this, { load, config, words: config.words, loads, wording, see, severity: "" });
    this.table = this.#table();
    this.titleBox = el("div");
    this.rowBox = el("div", { class: "row-box" });
    this.mapBox = el("div", { class: "fault-map" });
    this.aside = el("aside", { class: "fault-detail", "aria-live": "polite", "aria-label": this.words.fault_detail }, this.titleBox, this.mapBox, this.rowBox);
    this.mapBox.hidden = true;
    this.frame = el("div", { class: "findings-frame" }, this.table.element, this.aside);
    const heading = el("div", { class: "section-head" }, el("h2", {}, this.words.findings_title), this.#filter(), this.#marked());
    this.element = el("section", { class: "findings", id: "findings" }, heading, this.frame);
    this.map = new FaultMap(this.mapBox, { config, service: loads, words: this.words, choose: (finding) => this.#choose(finding) });
    this.#hint();
  }

  async show() {
    await Promise.all([this.table.show(), this.#places()]);
  }

  #hint() {
    replaceContent(this.titleBox, el("p", { class: "hint" }, this.words.fault_hint));
  }

  #filter() {
    const { words, load } = this;
    const { errors = 0, warnings = 0 } = load.counts ?? {};
    const choice = (value, label) => {
      const input = el("input", { type: "radio", name: "severity", value, checked: value === "" });
      input.addEventListener("change", () => {
        this.severity = value;
        this.table.closeBelow();
        this.table.show();
      });
      return el("label", {}, input, el("span", {}, label));
    };
    return el(
      "fieldset",
      { class: "choices" },
      el("legend", { class: "unseen" }, words.severity),
      choice("", fill(words.all_findings, { count: this.wording.count(errors + warnings) })),
      choice("error", fill(words.error_count, { count: this.wording.count(errors) })),
      choice("warning", fill(words.warning_count, { count: this.wording.count(warnings) })),
    );
  }

  #marked() {
    return el("a", { class: "button small", href: this.loads.markedAddress(this.load), download: "" }, this.words.marked);
  }

  #table() {
    const { words, wording } = this;
    const { kind } = this.load;
    return new DataTable({
      caption: words.findings_title,
      words,
      lang: this.config.lang,
      empty: words.findings_none,
      fetch: async ({ after, limit }) => this.#page(after, limit),
      open: (finding, row) => this.#opened(finding, row),
      mark: (row, finding) => row.classList.add(finding.severity),
      columns: [
        { label: words.severity, class: "severity", cell: (one) => severityMark(one.severity, words) },
        { label: words.column_row, class: "number", cell: (one) => (one.row === null ? "—" : String(one.row)) },
        { label: words.column_column, class: "column-cell", cell: (one) => one.column ?? (one.field ? wording.field(kind, one.field) : "—") },
        { label: words.column_code, class: "code-cell", cell: (one) => one.code ?? "—" },
        { label: words.column_message, opens: true, class: "message", cell: (one) => wording.message(one) },
      ],
    });
  }

  async #page(after, limit) {
    const { errors = 0, warnings = 0 } = this.load.counts ?? {};
    const total = { error: errors, warning: warnings }[this.severity] ?? errors + warnings;
    return { ...(await this.loads.page(this.load, "findings", { after, limit, severity: this.severity })), total };
  }

  // All faults with a place, up to a number, for the map.
  async #places() {
    const placed = [];
    let after = null;
    do {
      const page = await this.loads.page(this.load, "findings", { after, limit: 500 }).catch(() => ({ items: [], next: null }));
      placed.push(...page.items.filter(hasPlace));
      after = page.next;
    } while (after !== null && placed.length < MOST_PLACED);
    if (!placed.length) return;
    this.mapBox.hidden = false;
    this.map.show(placed);
  }

  #opened(finding, row) {
    if (NARROW.matches) this.table.openBelow(row, this.aside);
    else {
      this.table.closeBelow();
      this.frame.append(this.aside);
    }
    this.#choose(finding);
  }

  async #choose(finding) {
    const { words } = this;
    this.aside.dataset.placed = String(hasPlace(finding));
    this.mapBox.hidden = this.mapBox.hidden && !hasPlace(finding);
    this.map.refit();
    this.map.point(finding);
    const title = el("p", { class: "fault-title" }, severityMark(finding.severity, words), " ", this.wording.message(finding));
    replaceContent(this.titleBox, title);
    replaceContent(this.rowBox, el("p", { class: "hint" }, finding.row === null ? words.fault_whole : words.loading));
    if (finding.row === null) return;
    this.chosen = finding;
    const page = await this.loads.page(this.load, "rows", { after: finding.row - 1, limit: 1 }).catch(() => null);
    if (this.chosen !== finding) return;
    const item = page?.items.find((one) => one.row === finding.row);
    const seen = el("button", { type: "button", class: "button small", onclick: () => this.see(finding.row) }, words.see_in_sheet);
    replaceContent(this.rowBox, item ? this.#cells(item, finding) : el("p", { class: "hint" }, words.row_gone), item && seen);
  }

  // The faulty row, a cell to a line.
  #cells(item, finding) {
    const columns = this.load.columns ?? [];
    const lines = columns
      .map((column, place) => [column, cellText(item.cells[place])])
      .filter(([column, text]) => text || column.column === finding.column);
    return el(
      "dl",
      { class: "row-cells", "aria-label": fill(this.words.row_of_sheet, { row: item.row }) },
      el("div", { class: "row-head" }, el("dt", {}, this.words.column_row), el("dd", {}, String(item.row))),
      lines.map(([column, text]) => {
        const faulty = column.column === finding.column || (finding.field && column.field === finding.field);
        return el("div", { class: faulty ? finding.severity : "" }, el("dt", {}, column.column), el("dd", {}, text || this.words.empty_cell));
      }),
    );
  }
}

// The word and a sign of its own shape: colour is not the only difference.
export function severityMark(severity, words) {
  return el("span", { class: `severity-mark ${severity}` }, severity === "error" ? words.error : words.warning);
}
