// The form of one kind of record: its fields made from the kind as the loaders know it, and what is in them.

import { el } from "../dom.js";
import { field, select, setFault, tick } from "../kit/form.js";
import { explainHours } from "./hours.js";
import { Picker } from "./picker.js";

const LONG = new Set(["duties_text", "duties_en", "description", "body", "body_en"]);
// What a record is known by, and what cannot be changed but by another record.
const FIXED = {
  duties: ["holder", "role", "target_kind", "target", "layer", "from"],
  leave: ["worker", "from"],
};
const DATUMS = ["EPSG:4326", "GCJ-02", "BD-09"];

export class Fields {
  // record: what is edited, as the service gives it; null for a new one. given: values to begin with.
  constructor({ kind, record, given = {}, sources, roster, wording }) {
    Object.assign(this, { kind, record, sources, roster, wording, controls: new Map() });
    this.before = record ? valuesOf(kind.name, record) : {};
    const start = { ...this.before, ...given };
    const fixed = record ? fixedOf(kind.name) : [];
    const versioned = kind.name !== "duties" && kind.name !== "leave";
    this.shown = kind.fields.filter((one) => !fixed.includes(one.name) && !(versioned && ["from", "to"].includes(one.name)));
    this.fixed = record ? kind.fields.filter((one) => fixed.includes(one.name)) : [];
    this.element = el("div", { class: "fields record-fields" }, this.shown.map((one) => this.#field(one, start[one.name])), this.#crs());
    this.controls.get("target_kind")?.input.addEventListener("change", () => this.#retarget());
    this.controls.get("layer")?.input.addEventListener("change", () => this.#retarget());
    this.#retarget();
  }

  // Lets names that were typed just now become codes.
  settled() {
    return Promise.all([...this.controls.values()].map((control) => control.picker?.resolve()));
  }

  // What the form holds, as the service takes it; only what differs from the record, if there is one.
  values() {
    const values = {};
    for (const [name, { read }] of this.controls) {
      const value = read();
      if (this.record ? !same(value, normal(this.before[name])) : value !== null) values[name] = value;
    }
    // A datum is of both coordinates.
    if (this.crs && ("lon" in values || "lat" in values)) {
      for (const name of ["lon", "lat"]) values[name] = this.controls.get(name).read();
      if (this.crs.value !== DATUMS[0]) values.crs = this.crs.value;
    }
    return values;
  }

  // Required fields that are empty, marked; whether there are none.
  complete() {
    let first = null;
    for (const one of this.shown) {
      const control = this.controls.get(one.name);
      const missing = one.required && control.read() === null;
      setFault(control.input, missing ? this.wording.words.required : "");
      if (missing) first ??= control.input;
    }
    first?.focus();
    return first === null;
  }

  // Puts faults at their fields; gives those that are of none.
  showFaults(errors) {
    const others = [];
    let first = null;
    const said = new Map();
    for (const error of errors) {
      const name = error.location?.replace(/^body\.?/, "").split(".")[0];
      const control = this.controls.get(name);
      if (!control) others.push(error);
      else said.set(control.input, [...(said.get(control.input) ?? []), this.wording.message(error)]);
    }
    for (const [input, texts] of said) {
      setFault(input, texts.join(this.wording.words.semicolon));
      first ??= input;
    }
    first?.focus();
    return others;
  }

  clearFaults() {
    for (const { input } of this.controls.values()) setFault(input, "");
  }

  // Takes other values, as after somebody else's change.
  use(record, mine) {
    this.record = record;
    this.before = valuesOf(this.kind.name, record);
    for (const [name, { write }] of this.controls) write(name in mine ? mine[name] : this.before[name]);
  }

  #field(one, value) {
    const { words } = this.wording;
    const label = one.required ? `${one.label} *` : one.label;
    if (one.reader === "boolean") {
      const made = tick(one.label, value === true);
      this.controls.set(one.name, { input: made.input, read: () => made.input.checked, write: (next) => (made.input.checked = next === true) });
      return made.element;
    }
    const control = this.#control(one, value);
    this.controls.set(one.name, control);
    const shown = field(label, control.input, { hint: words.hints[`${this.kind.name}.${one.name}`] ?? words.hints[one.reader] ?? "", wide: LONG.has(one.name) || one.reader === "hours" });
    shown.append(...(control.below ?? []));
    if (one.required) control.input.setAttribute("aria-required", "true");
    return shown;
  }

  #control(one, value) {
    const { words } = this.wording;
    const text = asText(value);
    if (one.name === "layer") return simple(select([["", words.default_layer], ...this.wording.layers], text, {}));
    if (Object.keys(one.choices).length) {
      const options = Object.entries(one.choices);
      const empty = one.required && !this.record && !text ? [["", words.choose]] : one.required || one.default !== null ? [] : [["", words.nothing]];
      return simple(select([...empty, ...options], text || (one.default ?? ""), {}));
    }
    const source = one.refers ?? { holder: "holder", role: "roles", stand_in: "holder", target: "area" }[one.name];
    if (one.reader === "code" && source && one.name !== "code") {
      const picker = new Picker({ options: this.sources.of(source), words, value: text, name: this.#nameOf(one.name) });
      const write = (next) => {
        picker.input.value = asText(next);
        picker.settle();
      };
      return { input: picker.input, read: () => picker.settle() || null, write, below: picker.parts, picker };
    }
    if (LONG.has(one.name)) return simple(el("textarea", { rows: 3, maxlength: 10_000 }, text));
    if (one.reader === "hours") {
      const input = el("input", { type: "text", value: text, maxlength: 500, spellcheck: "false" });
      return { ...simple(input), below: [explainHours(input, this)] };
    }
    return simple(...this.#plain(one, value, text));
  }

  #plain(one, value, text) {
    if (one.reader === "day") return [el("input", { type: "date", value: text })];
    if (one.reader === "from" || one.reader === "to") return this.#time(value);
    if (one.reader === "count") return [el("input", { type: "number", min: 0, step: 1, value: text }), (input) => (input.value === "" ? null : Number(input.value))];
    if (one.reader === "number") return [el("input", { type: "text", inputmode: "decimal", value: text }), (input) => numberOf(input.value)];
    if (one.reader === "phone") return [el("input", { type: "tel", value: text, maxlength: 100 })];
    if (one.reader === "list") return [el("input", { type: "text", value: text, maxlength: 2000 }), (input) => listOf(input.value)];
    return [el("input", { type: "text", value: text, maxlength: one.reader === "code" ? 100 : 10_000 })];
  }

  // Local date and time. What was not touched is read as it was, to the microsecond.
  #time(value) {
    const shown = this.wording.local(value);
    const input = el("input", { type: "datetime-local", value: shown });
    return [input, (one) => (one.value === this.wording.local(this.before[this.#nameOfInput(one)] ?? value) ? (value ?? null) : one.value || null), (next) => this.wording.local(next)];
  }

  #nameOfInput(input) {
    return [...this.controls].find(([, control]) => control.input === input)?.[0];
  }

  #nameOf(name) {
    const { record } = this;
    if (!record) return "";
    return record[`${name}_name`] ?? record[name]?.name ?? "";
  }

  // What a duty's target may be depends on its kind and, for grids, on the layer.
  #retarget() {
    const target = this.controls.get("target");
    const kind = this.controls.get("target_kind");
    if (!target?.picker || !kind) return;
    const layer = this.controls.get("layer")?.input;
    target.picker.options = this.sources.of(kind.input.value || "area", layer?.value);
    target.picker.found = [];
    const row = layer?.closest(".field");
    if (row) row.hidden = kind.input.value !== "grid";
  }

  #crs() {
    const { words } = this.wording;
    if (!this.shown.some((one) => one.name === "lon")) return null;
    this.crs = select(DATUMS.map((code) => [code, words.datums[code]]), DATUMS[0], {});
    return field(words.crs, this.crs);
  }
}

// The fields of a kind that no edit changes.
export function fixedOf(kind) {
  return FIXED[kind] ?? ["code", "day"];
}

// The values of a record by the names of the fields.
export function valuesOf(kind, record) {
  const period = { from: record.valid_from, to: record.valid_to };
  if (kind === "leave") return { ...record, ...period };
  if (kind !== "duties") return record;
  const { holder, role, target, assignment, hours } = record;
  return { holder: holder?.code, role: role?.code, target_kind: target.kind, target: target.code, layer: target.layer, assignment, hours, ...period };
}

function simple(input, read = (one) => one.value.trim() || null, shown = asText) {
  return { input, read: () => read(input), write: (value) => (input.value = shown(value)) };
}

function asText(value) {
  if (value === null || value === undefined) return "";
  return Array.isArray(value) ? value.join("、") : String(value);
}

function listOf(text) {
  const parts = text.split(/[、，,;；]/).map((part) => part.trim()).filter(Boolean);
  return parts.length ? parts : null;
}

// A number, or what was typed where it is none: the service says what is wrong with it.
function numberOf(text) {
  const trimmed = text.trim();
  if (!trimmed) return null;
  return Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
}

function normal(value) {
  return value === undefined || value === "" || (Array.isArray(value) && !value.length) ? null : value;
}

function same(one, other) {
  if (Array.isArray(other) && typeof one === "string") return one === other.join("、");
  return JSON.stringify(one) === JSON.stringify(other);
}
