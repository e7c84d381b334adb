// How the desk writes sizes, counts, times, names of kinds and states.

import { fill } from "../dom.js";

export const BUSY = new Set(["queued", "checking", "committing", "undoing"]);
export const OPEN = new Set(["checked", "failed", "cancelled", "undone"]);

export class Wording {
  constructor({ words, lang, timezone, kinds }) {
    Object.assign(this, { words, lang, timezone, kinds: new Map(kinds.map((kind) => [kind.name, kind])) });
    this.numbers = new Intl.NumberFormat(lang);
  }

  count(value) {
    return this.numbers.format(value ?? 0);
  }

  size(bytes) {
    if (bytes < 1000) return fill(this.words.bytes, { count: bytes });
    const [unit, divisor] = bytes < 1e6 ? ["KB", 1e3] : ["MB", 1e6];
    return `${new Intl.NumberFormat(this.lang, { maximumFractionDigits: bytes / divisor < 10 ? 1 : 0 }).format(bytes / divisor)} ${unit}`;
  }

  // The local day of an instant, as addresses have it: 2026-11-23.
  day(text) {
    return new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: this.timezone }).format(new Date(text));
  }

  date(text) {
    return new Intl.DateTimeFormat(this.lang, { dateStyle: "medium", timeZone: this.timezone }).format(new Date(text));
  }

  time(text) {
    if (!text) return "";
    return new Intl.DateTimeFormat(this.lang, { dateStyle: "medium", timeStyle: "short", timeZone: this.timezone }).format(new Date(text));
  }

  // The end of a period as the file has it: a last day counts whole, so midnight is said as the end of the day before.
  end(text) {
    const moment = new Date(text);
    const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: this.timezone }).format(moment);
    if (clock !== "00:00:00") return this.time(text);
    const day = new Intl.DateTimeFormat(this.lang, { dateStyle: "medium", timeZone: this.timezone }).format(new Date(moment - 1));
    return `${day} 24:00`;
  }

  kind(name) {
    return this.kinds.get(name)?.label ?? name ?? this.words.kind_unknown;
  }

  field(kind, name) {
    return this.#fieldOf(kind, name)?.label ?? (name === "shape" ? this.words.shape : name);
  }

  // A value as people read it: choices by their names, times as local ones.
  value(kind, name, value) {
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length)) return this.words.empty_cell;
    if (name === "shape") return this.words[`shape_${value}`] ?? value;
    if (typeof value === "boolean") return value ? this.words.yes : this.words.no;
    if (Array.isArray(value)) return value.map((one) => this.value(kind, name, one)).join(this.words.comma);
    if (typeof value === "object") return JSON.stringify(value);
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/.test(value)) return name === "to" ? this.end(value) : this.time(value);
    return this.#fieldOf(kind, name)?.choices[value] ?? String(value);
  }

  // Field names in the order of the form, whatever order they were kept in.
  inOrder(kind, names) {
    const place = (name) => this.#fields(kind).findIndex((field) => field.name === name);
    return [...names].sort((one, other) => place(one) - place(other));
  }

  // A wide sheet makes records of other kinds: theirs are the names then.
  #fields(kind) {
    return [this.kinds.get(kind), this.kinds.get("duties"), ...this.kinds.values()].filter(Boolean).flatMap((one) => one.fields);
  }

  #fieldOf(kind, name) {
    return this.#fields(kind).find((field) => field.name === name);
  }

  state(load) {
    return this.words.states[load.state] ?? load.state;
  }

  message(finding) {
    return this.#ours(this.lang === "en" ? finding.message : (finding.message_zh ?? finding.message));
  }

  // The loaders name options as the command spells them; here they are called as in the form.
  #ours(text) {
    const { options } = this.words;
    return text
      .replace("--map code=*", options["--map code=*"])
      .replace(/(?:--map [^\s，。；：,;:)）]+ ?)+/g, options["--map"])
      .replace(/--[a-z][a-z-]+/g, (option) => options[option] ?? option);
  }

  problem(problem) {
    return this.#ours(this.lang === "en" ? problem.detail : (problem.detail_zh ?? problem.detail));
  }

  // A stage that the service names in English; Chinese where we know it.
  stage(name) {
    return this.words.stages[name] ?? name;
  }

  // "12 new · 3 changed · 1 ended", without what is none.
  summary(counts) {
    if (!counts) return "";
    const parts = ["new", "changed", "ended"].filter((what) => counts[what]);
    if (!parts.length) return this.words.nothing_changes;
    return parts.map((what) => fill(this.words[`count_${what}`], { count: this.count(counts[what]) })).join(" · ");
  }
}
