// Grids coloured by a figure: which one, what the colours mean, and what each grid has.

import { el, fill, replaceContent } from "./dom.js";
import { without } from "./service.js";

export class Themes {
  // parts: {select, key, bar, note}, any of which may be missing; changed(theme) tells the page, null for none.
  constructor(parts, words, { lang, theme_fills: fills }, service, changed) {
    Object.assign(this, { parts, words, lang, fills, service, changed, items: [], current: null, layer: null });
    parts.select?.addEventListener("change", () => this.choose(parts.select.value));
  }

  // Made when first needed: that takes a browser longer than all else here.
  get numbers() {
    return (this.format ??= new Intl.NumberFormat(this.lang, { maximumFractionDigits: 1 }));
  }

  // What a layer can be coloured by; where it has no figures the choice is not offered. large: from afar only its
  // communities are drawn.
  async learn(layer, large = false) {
    Object.assign(this, { layer, large });
    const items = await this.service.themes(layer).catch(without([]));
    if (layer !== this.layer) return;
    this.items = items.filter((one) => one.grids > 0);
    const { select } = this.parts;
    if (!select) return;
    const option = (value, name) => el("option", { value }, name);
    replaceContent(select, option("", this.words.theme_none), this.items.map((one) => option(one.code, this.#named(one))));
    select.closest("section, fieldset").hidden = !this.items.length;
  }

  // Colours by a figure, by none for null; whether there is such a one.
  async choose(code) {
    const wanted = (this.wanted = code || null);
    const known = !wanted || this.items.some((one) => one.code === wanted);
    const theme = wanted && known ? await this.service.theme(this.layer, wanted).catch(without(null)) : null;
    if (wanted !== this.wanted) return true;
    // Nothing is painted anew where none stays none.
    if (theme || this.current) this.#use(theme && this.#read(theme));
    return !wanted || theme !== null;
  }

  #read(theme) {
    const values = new Map(Object.entries(theme.values));
    const classOf = new Map();
    for (const [code, value] of values) classOf.set(code, Math.max(theme.classes.findLastIndex((one) => value >= one.from), 0));
    const name = this.#named(theme);
    const inEnglish = theme.source === "loaded" ? theme.unit_en || theme.unit : "";
    // "Households (households)" says nothing more.
    const unit = this.lang !== "en" ? theme.unit : inEnglish.toLowerCase() === name.toLowerCase() ? "" : inEnglish;
    return { ...theme, name, unit, values, classOf, fills: this.#spread(theme.classes.length) };
  }

  // Few classes use the ends of the scale, which are told apart best.
  #spread(count) {
    const last = this.fills.length - 1;
    return Array.from({ length: count }, (_, place) => this.fills[count < 2 ? last >> 1 : Math.round((place * last) / (count - 1))]);
  }

  #use(theme) {
    this.current = theme;
    const { select, note, bar, key } = this.parts;
    if (select) select.value = theme?.code ?? "";
    if (note) note.textContent = theme ? [this.words.theme_sources[theme.source], this.large && this.words.theme_far].filter(Boolean).join(" ") : "";
    for (const place of [bar, key].filter(Boolean)) {
      place.hidden = !theme;
      replaceContent(place, ...(theme ? this.#legend(theme, place === key) : []));
    }
    this.changed(theme);
  }

  #legend(theme, counted) {
    const { words } = this;
    const without = theme.total - theme.grids;
    const row = (fillColour, text, grids) =>
      el("li", {}, swatch(fillColour), el("span", {}, text), counted && el("span", { class: "row-note" }, fill(words.grid_count, { count: this.numbers.format(grids) })));
    return [
      el("p", { class: "theme-name" }, theme.unit ? fill(words.theme_with_unit, theme) : theme.name),
      el(
        "ul",
        {},
        theme.classes.map((one, place) => row(theme.fills[place], this.#range(one), one.grids)),
        without > 0 && row(null, words.no_value_long, without),
      ),
    ];
  }

  #range({ from, to }) {
    return from === to ? this.numbers.format(from) : `${this.numbers.format(from)}–${this.numbers.format(to)}`;
  }

  #named(one) {
    return this.lang === "en" && one.name_en ? one.name_en : one.name;
  }
}

function swatch(colour) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 16", class: "swatch", "aria-hidden": "true" })) made.setAttribute(name, value);
  const draw = (tag, attributes) => {
    const part = document.createElementNS(made.namespaceURI, tag);
    for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, value);
    made.append(part);
  };
  draw("rect", { x: 1, y: 1, width: 22, height: 14, fill: colour ?? "#f4f6f8", stroke: "#66727f" });
  if (!colour) draw("path", { d: "M1 9L9 1M1 15L15 1M8 15L22 1M15 15L23 7", stroke: "#b4bcc4", "stroke-width": 1.5 });
  return made;
}
