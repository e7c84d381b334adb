// How the file is understood: its kind, sheet and header, each column's field, and what the load is to do.

import { el, fill, replaceContent } from "../dom.js";
import { field, select, setFault, tick } from "../kit/form.js";
import { Preview } from "./preview.js";

const MOST_GUESSES = 3;
const DATUMS = ["EPSG:4326", "EPSG:4490", "GCJ-02", "BD-09"];
const WITH_LAYER = new Set(["grids", "duties", "gridlists", "roster", "counts"]);
const WITH_REPAIR = new Set(["grids", "areas", "compounds", "buildings"]);
const WITH_DATUM = new Set(["point", "polygon", "line"]);

export class Understanding {
  // changed(dirty): whether there is something to check again.
  constructor({ load, config, loads, wording, profiles, areas, changed, faultsOf }) {
    Object.assign(this, { load, config, words: config.words, loads, wording, profiles, areas, changed });
    this.columns = new Map((load.columns ?? []).map((column) => [column.column, column.field ?? ""]));
    this.preview = new Preview({ load, config, loads, wording, faultsOf, choose: (column, name) => this.#map(column, name) });
    this.inputs = this.#inputs();
    this.more = el("details", { class: "more-options" }, el("summary", {}, this.words.more_options));
    this.form = el("form", { class: "understanding-form", autocomplete: "off" });
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", () => this.#touched());
    this.inputs.kind.addEventListener("change", () => this.#kindChanged());
    this.missing = el("div", { class: "missing" });
    this.#arrange();
    this.element = el("section", { class: "understanding", id: "sheet" }, el("h2", {}, this.words.sheet_title), this.form, this.missing, this.preview.element);
    this.first = JSON.stringify(this.#told());
  }

  get dirty() {
    return JSON.stringify(this.#told()) !== this.first;
  }

  // What is to be sent; null where something in the form cannot be.
  fields() {
    return this.#sound() ? this.#told() : null;
  }

  #inputs() {
    const { words, load } = this;
    const options = load.options ?? {};
    const guessed = (load.kinds_guessed ?? []).map((one) => one.kind).filter((name) => this.wording.kinds.has(name)).slice(0, MOST_GUESSES);
    const named = (names) => names.map((name) => [name, this.wording.kind(name)]);
    const others = [...this.wording.kinds.keys()].filter((name) => !guessed.includes(name));
    const kinds = guessed.length
      ? [{ label: words.kinds_guessed, options: named(guessed) }, { label: words.kinds_other, options: named(others) }]
      : named(others);
    if (!load.kind) kinds.unshift(["", words.kind_choose]);
    const [first, last] = load.header_rows ?? ["", ""];
    const number = (value, label) => el("input", { type: "number", min: "1", max: "200", value: value ?? "", "aria-label": label, inputmode: "numeric" });
    const datum = options.crs && !DATUMS.includes(options.crs) ? "other" : (options.crs ?? "");
    return {
      kind: select(kinds, load.kind ?? ""),
      sheet: select((load.sheets ?? []).map((name) => [name, name]), load.sheet ?? ""),
      first: number(first, words.header_first),
      last: number(last, words.header_last),
      layer: select([["", words.layer_default], ...this.config.layers.map((one) => [one.code, one.name])], options.layer ?? ""),
      effective: el("input", { type: "datetime-local", value: localInput(options.effective), max: "9999-12-31T23:59" }),
      crs: select([["", words.crs_file], ...DATUMS.map((name) => [name, words.datums[name]]), ["other", words.crs_other]], datum),
      otherCrs: el("input", { type: "text", value: datum === "other" ? options.crs : "", placeholder: "EPSG:4547", maxlength: "40" }),
      within: el("input", { type: "text", value: options.within ?? "", list: "areas", maxlength: "100", placeholder: words.within_all }),
      note: el("input", { type: "text", value: options.note ?? "", maxlength: "500" }),
      profile: select([["", words.profile_none], ...this.profiles.map((one) => [one.name, one.name])], options.profile ?? ""),
      save: el("input", { type: "text", value: options.save_profile ?? "", maxlength: "100", placeholder: words.profile_name }),
      retire: tick(words.retire_missing, Boolean(options.retire_missing), { hint: words.retire_missing_hint }),
      makeCodes: tick(words.make_codes, options.mapping?.code === "*", { hint: words.make_codes_hint }),
      repair: tick(words.repair, Boolean(options.repair), { hint: words.repair_hint }),
    };
  }

  // Only the fields that mean something for the kind.
  #arrange() {
    const { words, inputs } = this;
    const kind = this.wording.kinds.get(inputs.kind.value);
    const basics = [field(words.column_kind, inputs.kind)];
    if ((this.load.sheets ?? []).length > 1) basics.push(field(words.sheet, inputs.sheet));
    if (this.load.header_rows) {
      basics.push(el("fieldset", { class: "field rows" }, el("legend", {}, words.header_rows), inputs.first, el("span", {}, words.to), inputs.last));
    }
    basics.push(field(words.effective, inputs.effective, { hint: fill(words.effective_hint, { zone: this.config.timezone }) }));
    const more = [];
    if (kind && WITH_DATUM.has(kind.shape)) {
      this.otherField = field(words.crs_other_label, inputs.otherCrs);
      this.otherField.hidden = inputs.crs.value !== "other";
      more.push(field(words.crs, inputs.crs), this.otherField);
    }
    if (kind && WITH_LAYER.has(kind.name) && this.config.layers.length) more.push(field(words.layers, inputs.layer));
    if (kind?.name === "grids") {
      const known = el("datalist", { id: "areas" }, this.areas.map((area) => el("option", { value: area.code }, area.name)));
      more.push(field(words.within, inputs.within, { hint: words.within_hint }), known);
    }
    more.push(field(words.note, inputs.note));
    if (this.profiles.length) more.push(field(words.profile_use, inputs.profile));
    more.push(field(words.profile_save, inputs.save), inputs.retire.element);
    if (kind?.codes_from.length && kind.fields.some((one) => one.name === "code")) {
      replaceContent(inputs.makeCodes.hint, fill(words.make_codes_hint, { fields: kind.codes_from.join(words.comma) }));
      more.push(inputs.makeCodes.element);
    }
    if (kind && WITH_REPAIR.has(kind.name)) more.push(inputs.repair.element);
    replaceContent(this.more, el("summary", {}, words.more_options), el("div", { class: "fields" }, more));
    if (this.load.needs_retire_missing) this.more.open = true;
    replaceContent(this.form, el("div", { class: "fields" }, basics), this.more);
    this.preview.show(kind, this.columns, this.columns.size ? this.load.columns : []);
    this.#sayMissing(kind);
  }

  // Another kind has other fields: what columns meant before means nothing now.
  #kindChanged() {
    const same = this.inputs.kind.value === (this.load.kind ?? "");
    for (const column of this.load.columns ?? []) this.columns.set(column.column, same ? (column.field ?? "") : "");
    this.kindIsNew = !same;
    this.#arrange();
    this.#touched();
  }

  // A field is read from one column: the one that had it before lets it go.
  #map(column, name) {
    for (const [other, held] of this.columns) if (name && held === name && other !== column) this.columns.set(other, "");
    this.columns.set(column, name);
    this.preview.mark(this.columns);
    this.#sayMissing(this.wording.kinds.get(this.inputs.kind.value));
    this.#touched();
  }

  #sayMissing(kind) {
    const { words } = this;
    const held = new Set(this.columns.values());
    for (const one of kind?.fields ?? []) if (held.has(one.name)) one.gives.forEach((name) => held.add(name));
    const names = this.kindIsNew || !kind ? [] : kind.fields.filter((one) => one.required && !held.has(one.name) && this.#isMissing(one)).map((one) => one.label);
    if (!kind) {
      replaceContent(this.missing, el("p", { class: "notice-box caution", role: "status" }, words.kind_needed));
      return;
    }
    replaceContent(this.missing, names.length ? el("p", { class: "notice-box caution", role: "status" }, fill(words.missing_fields, { fields: names.join(words.comma) })) : []);
  }

  // The service knows which fields are made or stand elsewhere; a column that was let go is missing too.
  #isMissing(one) {
    return (this.load.missing_fields ?? []).includes(one.name) || (this.load.columns ?? []).some((column) => column.field === one.name);
  }

  #touched() {
    if (this.otherField) this.otherField.hidden = this.inputs.crs.value !== "other";
    this.changed(this.dirty);
  }

  #sound() {
    const { words, inputs } = this;
    const [first, last] = [Number(inputs.first.value), Number(inputs.last.value)];
    const rowsWrong = this.load.header_rows && (!(first >= 1) || last < first);
    setFault(inputs.last, rowsWrong ? words.header_wrong : "");
    const crsWrong = inputs.crs.value === "other" && inputs.otherCrs.isConnected && !inputs.otherCrs.value.trim();
    setFault(inputs.otherCrs, crsWrong ? words.crs_wrong : "");
    const kindWrong = !inputs.kind.value;
    setFault(inputs.kind, kindWrong ? words.kind_choose : "");
    if (crsWrong) this.more.open = true;
    (kindWrong ? inputs.kind : rowsWrong ? inputs.first : crsWrong ? inputs.otherCrs : null)?.focus();
    return !rowsWrong && !crsWrong && !kindWrong;
  }

  // The form as the service takes it; what means nothing for the kind is left empty.
  #told() {
    const { inputs, load } = this;
    const kind = this.wording.kinds.get(inputs.kind.value);
    const shown = (input) => this.form.contains(input);
    const text = (input) => (shown(input) && input.value.trim() ? input.value.trim() : null);
    const crs = inputs.crs.value === "other" ? text(inputs.otherCrs) : text(inputs.crs);
    const told = {
      kind: kind?.name ?? null,
      layer: text(inputs.layer),
      crs,
      within: text(inputs.within),
      effective: text(inputs.effective),
      note: inputs.note.value.trim(),
      profile: text(inputs.profile),
      save_profile: text(inputs.save),
      retire_missing: inputs.retire.input.checked,
      repair: shown(inputs.repair.input) && inputs.repair.input.checked,
      mapping: this.#mapping(kind),
    };
    // What was found and is right stays found: only what the clerk says otherwise is told.
    const otherSheet = shown(inputs.sheet) && inputs.sheet.value !== load.sheet;
    if (otherSheet) told.sheet = inputs.sheet.value;
    const rows = [Number(inputs.first.value), Number(inputs.last.value)];
    if (otherSheet) told.header_rows = null;
    else if (load.header_rows && rows.join() !== load.header_rows.join()) told.header_rows = rows;
    return told;
  }

  // What was told before, and what the clerk changed since; a field that lost its column is left out.
  #mapping(kind) {
    if (this.kindIsNew) return {};
    const told = { ...(this.load.options?.mapping ?? {}) };
    const fieldOf = new Map((this.load.columns ?? []).filter((one) => one.field).map((one) => [one.field, one.column]));
    const now = new Map([...this.columns].filter(([, name]) => name).map(([column, name]) => [name, column]));
    const made = this.form.contains(this.inputs.makeCodes.input) && this.inputs.makeCodes.input.checked;
    if (made) told.code = "*";
    else if (told.code === "*") delete told.code;
    for (const { name } of kind?.fields ?? []) {
      if (name === "code" && (made || this.load.options?.mapping?.code === "*")) continue;
      if (fieldOf.get(name) !== now.get(name)) told[name] = now.get(name) ?? "";
    }
    return told;
  }
}

// RFC 3339 or a local text as the browser's own field takes it.
function localInput(text) {
  return text ? text.slice(0, 16).replace(" ", "T") : "";
}
