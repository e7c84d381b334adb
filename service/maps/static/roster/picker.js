// A field that takes the code of another record: typing part of a name or code offers those that match.

import { el, replaceContent } from "../dom.js";

const PAUSE = 220;
const MOST = 20;
let made = 0;

// options(text) → [{code, name, note}], fetched while typing. The value is the code; the name stands below.
export class Picker {
  constructor({ options, words, value = "", name = "" }) {
    made += 1;
    Object.assign(this, { options, words, found: value ? [{ code: value, name }] : [] });
    this.list = el("datalist", { id: `picker-${made}` });
    this.input = el("input", { type: "text", list: this.list.id, value, autocomplete: "off", spellcheck: "false", maxlength: 200 });
    this.said = el("p", { class: "picked", "aria-live": "polite" }, name);
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("change", () => this.settle());
    this.input.addEventListener("focus", () => this.found.length < 2 && this.#ask(""));
  }

  get parts() {
    return [this.list, this.said];
  }

  // The code; a name that only one of those on offer has stands for its code.
  settle() {
    const text = this.input.value.trim();
    const exact = this.found.find((one) => one.code === text);
    const named = this.found.filter((one) => one.name === text);
    const chosen = exact ?? (named.length === 1 ? named[0] : null);
    if (chosen) this.input.value = chosen.code;
    this.said.textContent = chosen?.name ?? "";
    return this.input.value.trim();
  }

  // As `settle`, after looking for what was typed just now.
  async resolve() {
    clearTimeout(this.timer);
    const text = this.input.value.trim();
    const known = this.found.some((one) => one.code === text || one.name === text);
    if (text && !known) await this.#ask(text);
    return this.settle();
  }

  #typed() {
    clearTimeout(this.timer);
    const text = this.input.value.trim();
    if (this.found.some((one) => one.code === text)) {
      this.settle();
      return;
    }
    this.said.textContent = "";
    this.timer = setTimeout(() => this.#ask(text), PAUSE);
  }

  async #ask(text) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    try {
      const found = await this.options(text);
      if (turn !== this.turn) return;
      this.found = found.slice(0, MOST);
      replaceContent(this.list, this.found.map((one) => el("option", { value: one.code }, [one.name, one.note].filter(Boolean).join(" · "))));
      if (text && !found.length) this.said.textContent = this.words.none_found;
      if (found.some((one) => one.code === this.input.value.trim() || one.name === this.input.value.trim())) this.settle();
    } catch {
      // Without a list the code can still be typed.
    }
  }
}

// Where the records that a field refers to are looked for.
export class Sources {
  constructor(roster, wording) {
    Object.assign(this, { roster, wording, kept: new Map() });
  }

  // The source of a kind of target, or of the kind that a field refers to.
  of(kind, layer = "") {
    if (kind === "area" || kind === "areas") return (text) => this.#kept("areas", text);
    if (kind === "grid") return (text) => this.#kept(`layers/${encodeURIComponent(layer || this.defaultLayer)}/grids`, text);
    if (kind === "holder") return (text) => this.#asked("workers", text);
    if (kind === "workers") return (text) => this.#asked("workers", text, { kind: "worker" });
    if (kind === "unit") return (text) => this.#asked("buildings", text, {}, (one) => (one.units ?? []).map((label) => ({ ...one, code: `${one.code}#${label}`, name: `${one.name} ${label}` })));
    const path = { compound: "compounds", building: "buildings", place: "places", station: "stations" }[kind] ?? kind;
    return (text) => this.#asked(path, text);
  }

  get defaultLayer() {
    return [...this.wording.layers.keys()][0] ?? "general";
  }

  async #asked(path, text, filters = {}, spread = (one) => [one]) {
    const { items } = await this.roster.page(path, { q: text, limit: MOST, ...filters });
    return items.flatMap(spread).map((one) => ({ code: one.code, name: this.wording.role(one), note: one.code === one.name ? "" : (one.phone ?? "") }));
  }

  // Lists that the service does not search are fetched once.
  async #kept(path, text) {
    if (!this.kept.has(path)) this.kept.set(path, await this.roster.all(path));
    const wanted = text.toLowerCase();
    const found = this.kept.get(path).filter((one) => one.code.toLowerCase().includes(wanted) || one.name.toLowerCase().includes(wanted));
    return found.slice(0, MOST).map((one) => ({ code: one.code, name: one.name, note: one.areas?.[0]?.name ?? "" }));
  }
}
