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

  time(text) {
    if (!text) return "";
    return new Intl.DateTimeFormat(this.lang, { dateStyle: "medium", timeStyle: "short", timeZone: this.timezone }).format(new Date(text));
  }

  kind(name) {
    return this.kinds.get(name)?.label ?? name ?? this.words.kind_unknown;
  }

  field(kind, name) {
    return this.kinds.get(kind)?.fields.find((field) => field.name === name)?.label ?? name;
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
