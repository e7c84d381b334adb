// What a committed load leads to: the map, the register, the week, and the first hole that is to come.

import { el, fill, replaceContent } from "../dom.js";

// Kinds whose records the map draws, and where the others are shown on the page of the roster.
const DRAWN = new Set(["grids", "gridlists", "areas", "layers", "stations"]);
const VIEWS = {
  duties: "week", leave: "week", roster: "week", calendar: "week",
  workers: "workers", organisations: "organisations", roles: "roles", norms: "staffing", stations: "stations", stops: "stops",
  compounds: "compounds", gates: "compounds", buildings: "buildings", places: "places", matters: "matters", texts: "texts",
};
// What can leave a post without anybody.
const STAFFING = new Set(["duties", "leave", "roster", "calendar", "workers", "organisations", "roles"]);
// Until every process answers with what was just written.
const SETTLED_MILLISECONDS = 1000;

export class After {
  constructor({ load, config, loads, wording }) {
    Object.assign(this, { load, config, loads, wording, words: config.words });
    this.holes = el("p", { class: "done-holes", role: "status" });
    this.element = el("div", {}, el("p", { class: "done-links" }, this.#links()), this.holes);
    if (STAFFING.has(load.kind)) this.#look();
  }

  #links() {
    const { load, words } = this;
    const view = VIEWS[load.kind];
    const links = [
      DRAWN.has(load.kind) && el("a", { class: "button", href: this.#map() }, words.to_map),
      view && el("a", { class: "button", href: this.#roster(view === "week" ? { view, week: this.#day() } : { view }) }, view === "week" ? words.to_week : words.to_register),
    ];
    return links.filter(Boolean);
  }

  #map() {
    const { load } = this;
    const query = new URLSearchParams({ ...(load.layer ? { layer: load.layer } : {}), ...(this.#begins() ? { as_of: load.effective } : {}), ...this.#lang() });
    return `${this.config.root}/maps/grids${query.size ? `?${query}` : ""}`;
  }

  #roster(asked) {
    const query = new URLSearchParams(this.#lang());
    const kept = Object.entries(asked).filter(([, value]) => value);
    return `${this.config.root}/roster${query.size ? `?${query}` : ""}#${new URLSearchParams(kept)}`;
  }

  #lang() {
    return this.config.lang === "en" ? { lang: "en" } : {};
  }

  // Whether it takes effect later.
  #begins() {
    return Boolean(this.load.effective) && new Date(this.load.effective) > new Date();
  }

  #day() {
    return this.#begins() ? this.wording.day(this.load.effective) : null;
  }

  // The first hole of the weeks from that day on, whoever made it: the load is judged by what it leaves behind. The whole
  // day, because who left a post with this load left it a moment before now.
  async #look() {
    const { words } = this;
    try {
      await new Promise((resolve) => setTimeout(resolve, SETTLED_MILLISECONDS));
      const { items, total, to } = await this.loads.holes(this.load.effective ? this.wording.day(this.load.effective) : null);
      if (!total) {
        replaceContent(this.holes, fill(words.no_holes_ahead, { day: this.wording.date(to) }));
        return;
      }
      const [first] = items;
      const within = await this.loads.areaOf(first.target).catch(() => null);
      const link = el("a", { href: this.#roster({ view: "week", week: this.wording.day(first.from), within, holes: 1 }) }, fill(words.first_hole, { where: first.target.name ?? first.target.code, day: this.wording.date(first.from) }));
      replaceContent(this.holes, fill(words.holes_ahead, { count: this.wording.count(total), day: this.wording.date(to) }), " ", link);
    } catch {
      // What follows from the load is no part of it: the links stay.
    }
  }
}
