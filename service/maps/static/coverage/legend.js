// The key below the map, and the choice of what the map shows.

import { el, fill, replaceContent } from "../dom.js";
import { select, tick } from "../kit/form.js";
import { dashOf, hatching } from "./picture.js";

const SVG = "http://www.w3.org/2000/svg";
const LAYERS = ["circles", "stations", "gaps", "streets"];

export class Legend {
  // changed(part of the state): another shade or other layers.
  constructor(key, shown, config, changed) {
    Object.assign(this, { key, shown, config, words: config.words, changed });
  }

  // hints: what is to be said of a layer, by its name.
  show(state, classes, bands, unit, hints = {}) {
    const { words } = this;
    const marks = this.#marks(state.layers);
    replaceContent(this.key, classes && this.#classes(classes, unit), marks, bands.length ? this.#circles(bands) : null);
    this.key.hidden = !classes && !marks && !bands.length;
    const open = this.shown.querySelector("details")?.open ?? false;
    const shade = select([["share", words.shade_share], ["outside", words.shade_outside], ["none", words.shade_none]], state.shade, {
      id: "shade",
      onchange: () => this.changed({ shade: shade.value }),
    });
    const focused = document.activeElement?.id;
    replaceContent(
      this.shown,
      el(
        "details",
        { open },
        el("summary", {}, words.map_layers),
        el("div", { class: "field" }, el("label", { for: "shade" }, words.shade), shade),
        LAYERS.map((name) => this.#tick(name, state, hints[name])),
        this.#symbols(),
      ),
    );
    if (focused && this.shown.querySelector(`#${CSS.escape(focused)}`)) document.getElementById(focused).focus();
  }

  #tick(name, state, hint) {
    const { element, input } = tick(this.words[`layer_${name}`], state.layers.has(name), { hint });
    input.id = `layer-${name}`;
    element.querySelector("label").setAttribute("for", input.id);
    input.addEventListener("change", () => {
      const layers = new Set(state.layers);
      if (input.checked) layers.add(name);
      else layers.delete(name);
      this.changed({ layers });
    });
    return element;
  }

  #classes({ kind, items }, unit) {
    const { words } = this;
    const swatches = items.map(({ colour, label }) => el("li", {}, swatch(colour), label));
    const none = document.createElement("canvas");
    none.width = 22;
    none.height = 16;
    none.setAttribute("aria-hidden", "true");
    const brush = none.getContext("2d");
    brush.fillStyle = hatching(brush, this.config.no_data);
    brush.fillRect(0, 0, 22, 16);
    return el(
      "div",
      { class: "key-group" },
      el("p", {}, fill(kind === "share" ? words.legend_share : words.legend_outside, { unit })),
      el("ul", {}, swatches, el("li", {}, none, words.legend_nobody)),
    );
  }

  #marks(layers) {
    const { words } = this;
    const drawn = [
      layers.has("stations") && el("li", {}, drawing([["rect", { x: 6, y: 3, width: 10, height: 10, fill: "#124aa3", stroke: "#fff" }]]), words.layer_stations),
      layers.has("gaps") && el("li", {}, drawing([["circle", { cx: 11, cy: 8, r: 7, fill: "#fff", stroke: "#1d252c", "stroke-width": 1.75 }]]), words.layer_gaps),
    ].filter(Boolean);
    return drawn.length ? el("div", { class: "key-group" }, el("ul", {}, drawn)) : null;
  }

  #circles(bands) {
    const { words } = this;
    const number = new Intl.NumberFormat(this.config.lang, { maximumFractionDigits: 1 });
    const item = ({ minutes }, place) => el("li", {}, line(dashOf(place), Math.max(3 - place * 0.75, 1.25)), fill(words.legend_circle, { minutes: number.format(minutes) }));
    const drawn = [...new Map(bands.map((band) => [band.minutes, band])).values()];
    return el("div", { class: "key-group" }, el("p", {}, words.layer_circles), el("ul", {}, drawn.map(item)));
  }

  #symbols() {
    const { words } = this;
    const one = (name, text) => el("li", {}, el("span", { class: `map-mark station ${name}`, "aria-hidden": "true" }, el("span", {}, words.symbol)), text);
    return el("ul", { class: "symbols" }, one("off", words.station_symbol_off), one("cut", words.station_symbol_cut));
  }
}

function drawing(children) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 22 16");
  svg.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of children) {
    const part = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, value);
    svg.append(part);
  }
  return svg;
}

function swatch(colour) {
  return drawing([["rect", { x: 0.5, y: 0.5, width: 21, height: 15, fill: colour, stroke: "#66727f" }]]);
}

function line(dash, width) {
  return drawing([["path", { d: "M0 8h22", stroke: "#124aa3", "stroke-width": width, "stroke-dasharray": dash.join(" ") || "none" }]]);
}
