// The sheet as it was read: its rows, above each column the field it is read as, and the cells with faults marked.

import { el, fill, replaceContent } from "../dom.js";
import { select } from "../kit/form.js";
import { DataTable } from "../kit/table.js";

const ROWS = 20;

export class Preview {
  // choose(column, field): a column is to be read as another field. faultsOf(row): what is wrong in a row.
  constructor({ load, config, loads, wording, faultsOf, choose }) {
    Object.assign(this, { load, config, words: config.words, loads, wording, faultsOf, choose, selects: new Map() });
    this.element = el("div", { class: "preview" });
  }

  show(kind, held, columns) {
    const { words } = this;
    if (!columns.length) {
      replaceContent(this.element, el("p", { class: "table-state" }, words.preview_none));
      return;
    }
    this.selects.clear();
    this.table = new DataTable({
      caption: words.preview_caption,
      words,
      lang: this.config.lang,
      empty: words.preview_empty,
      limit: ROWS,
      stacks: false,
      fetch: (page) => this.loads.page(this.load, "rows", page),
      columns: [
        { label: words.column_row, class: "row-number", cell: (item) => String(item.row) },
        ...columns.map((column, place) => this.#column(kind, column, place, held)),
      ],
      mark: (row, item) => this.#markRow(row, item),
    });
    const to = el("input", { type: "number", min: "1", inputmode: "numeric", "aria-label": words.row_to_see });
    const see = el("form", { class: "see-row", autocomplete: "off" }, el("label", {}, words.row_to_see, " ", to), el("button", { type: "submit", class: "button small" }, words.see_row));
    see.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      if (to.value) this.see(Number(to.value));
    });
    // A change of this number changes nothing of the load.
    see.addEventListener("input", (event) => event.stopPropagation());
    replaceContent(this.element, this.table.element, see);
    this.table.show();
  }

  // Goes to a row of the sheet and shows it.
  async see(row) {
    await this.table.show(Math.max(row - 3, 0));
    const found = this.table.body.querySelector(`tr[data-row="${row}"]`);
    this.table.choose(found);
    this.table.element.querySelector(".table-frame").focus({ preventScroll: true });
    (found ?? this.table.element).scrollIntoView({ block: "center" });
  }

  // Shows which column is read as which field now.
  mark(held) {
    for (const [column, { input }] of this.selects) {
      input.value = held.get(column) ?? "";
      input.closest("th").dataset.held = String(Boolean(input.value));
    }
  }

  #column(kind, column, place, held) {
    const { words } = this;
    const options = [["", words.field_none], ...(kind?.fields ?? []).map((one) => [one.name, one.required ? `${one.label} *` : one.label])];
    const name = held.get(column.column) ?? "";
    const input = select(options, name, { "aria-label": fill(words.field_of, { column: column.column }) });
    input.addEventListener("change", () => this.choose(column.column, input.value));
    this.selects.set(column.column, { input, place });
    const how = column.field && words.how[column.how];
    const head = el("div", { class: "column-head" }, input, el("span", { class: "column-name" }, column.column), how && el("span", { class: `how ${column.how}` }, how));
    return { label: head, cell: (item) => cellText(item.cells[place]) };
  }

  #markRow(row, item) {
    row.dataset.row = String(item.row);
    for (const finding of this.faultsOf(item.row)) {
      const at = this.selects.get(finding.column ?? this.load.columns.find((one) => one.field && one.field === finding.field)?.column);
      const cell = row.cells[at ? at.place + 1 : 0];
      cell.classList.add(finding.severity);
      cell.title = [cell.title, this.wording.message(finding)].filter(Boolean).join("\n");
    }
  }
}

// A cell as text; the cells of a row stand in the order of the columns.
export function cellText(value) {
  return value === null || value === undefined ? "" : String(value);
}
