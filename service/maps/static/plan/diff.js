// Two releases of a layer side by side: their maps swiped over each other, and a list of what differs.

import { modelOf } from "../choosing.js";
import { prepareMap } from "../chrome.js";
import { el, fill, readConfig, replaceContent } from "../dom.js";
import { confirmDialog } from "../kit/dialog.js";
import { select } from "../kit/form.js";
import { Gate } from "../kit/gate.js";
import { notice } from "../kit/notices.js";
import { degrees } from "../model.js";
import { northControl } from "../north.js";
import { Painter } from "../painter.js";
import { Service } from "../service.js";
import { beforeAfter } from "./figures.js";
import { tellState } from "./ready.js";
import { Swipe } from "./swipe.js";
import { Wording } from "./wording.js";

const MOST = 200;
const MARK = { color: "#a5231b", weight: 3, fill: false, interactive: false, dashArray: "6 5" };
const byId = (id) => document.getElementById(id);

class DiffPage {
  constructor() {
    this.config = readConfig();
    this.words = this.config.words;
    this.wording = new Wording(this.config);
    this.service = new Service(this.config);
    this.map = window.gridmap.map;
    this.shown = false;
    this.gate = new Gate({
      place: byId("gate"), roles: this.config.planners, service: this.service, words: this.words,
      admitted: () => this.#admit(),
      left: () => (this.shown ? location.reload() : (byId("work").hidden = true)),
    });
  }

  async start() {
    await this.gate.open();
    if (!this.shown) tellState("gate");
  }

  async #admit() {
    if (this.shown) return location.reload();
    this.shown = true;
    const { layer, first, second } = this.config;
    const path = `/api/v1/layers/${encodeURIComponent(layer)}/releases`;
    document.body.dataset.loading = "true";
    try {
      const [{ items }, found, ground] = await Promise.all([
        this.service.ask("GET", `${path}?limit=1000`),
        this.service.ask("GET", `${path}/${first}/diff/${second}`),
        this.service.ask("GET", `${path}/${first}/diff/${second}?format=geojson`),
      ]);
      this.releases = items;
      byId("work").hidden = false;
      this.#list(found);
      await this.#draw(ground);
      tellState("true");
    } catch (error) {
      this.#failed(error);
    }
    delete document.body.dataset.loading;
    return null;
  }

  release(number) {
    return this.releases.find((one) => one.number === number);
  }

  // The two pictures, each in a pane of its own, with what differs marked in each.
  async #draw(ground) {
    const { map, words, config } = this;
    const L = window.L;
    prepareMap(L, map, words, { whole: () => this.#fit() }, { still: window.matchMedia("(prefers-reduced-motion: reduce)").matches, scale: byId("scale") });
    northControl(L, config.lang).addTo(map);
    this.#fit(false);
    const sides = await Promise.all([
      this.#side("before", config.first, ground),
      this.#side("after", config.second, ground),
    ]);
    this.box = sides[1].bounds ?? sides[0].bounds;
    const [left, right] = sides.map(({ pane }) => pane);
    this.swipe = new Swipe(map, { left, right, label: words.swipe });
    this.#captions();
    this.differing = boundsOf(ground);
    this.#fit();
  }

  async #side(name, number, ground) {
    const { map, config } = this;
    const L = window.L;
    const asOf = this.release(number)?.effective_at ?? null;
    const pane = map.createPane(`swipe-${name}`);
    pane.classList.add("swipe-pane");
    const service = new Service({ ...config, as_of: asOf });
    const painter = new Painter(L, map, config.fills);
    const model = await modelOf(await service.mapData(config.layer), {
      ask: (path) => service.ask("GET", path), root: config.root, asOf, changed: () => painter.repaint(),
    });
    painter.show(model);
    pane.append(painter.base._container, painter.top._container);
    const mine = ground.features.filter(({ properties }) => properties.side === name);
    L.geoJSON({ type: "FeatureCollection", features: mine }, { style: MARK, pane: `swipe-${name}` }).addTo(map);
    const grids = model.grids ?? [];
    return { pane, bounds: grids.length ? boxOf(grids) : config.bounds };
  }

  #captions() {
    const { words, wording, config } = this;
    const of = (number) => fill(words.release_caption, { number, day: wording.day(this.release(number)?.effective_at) });
    replaceContent(byId("sides"), el("span", { class: "side before" }, of(config.first)), el("span", { class: "side after" }, of(config.second)));
  }

  #fit(differing = true) {
    const box = (differing && this.differing) || this.box || this.config.bounds;
    if (!box) return;
    const [west, south, east, north] = box;
    this.map.fitBounds([[south, west], [north, east]], { padding: [40, 40], maxZoom: 17, animate: false });
  }

  #list({ grids, areas, successions }) {
    const { words } = this;
    replaceContent(byId("diff-choice"), this.#choice());
    const nothing = !grids.length && !areas.length;
    replaceContent(
      byId("differences"),
      nothing && el("p", { class: "empty-state" }, words.diff_none),
      grids.length > 0 && el("h2", {}, fill(words.diff_grids, { count: this.wording.count(grids.length) })),
      grids.length > 0 && el("ul", { class: "diff-list" }, grids.slice(0, MOST).map((one) => this.#grid(one, successions))),
      grids.length > MOST && el("p", { class: "quiet" }, fill(words.more_grids, { count: this.wording.count(grids.length - MOST) })),
      areas.length > 0 && el("h2", {}, fill(words.diff_areas, { count: this.wording.count(areas.length) })),
      areas.length > 0 && el("ul", { class: "diff-list" }, areas.map((one) => this.#area(one))),
      this.#acts(nothing),
    );
  }

  // A way back: a draft that restores the earlier release, or a release that has not begun, taken back.
  #acts(nothing) {
    const { words, config } = this;
    const [first, second] = [this.release(config.first), this.release(config.second)];
    const button = (text, act) => el("button", { type: "button", class: "button small", onclick: act }, text);
    const said = el("div");
    const path = `/api/v1/layers/${encodeURIComponent(config.layer)}/releases`;
    const tell = (error) => replaceContent(said, notice("failure", this.wording.problem(error)));
    const restore = async () => {
      try {
        const draft = await this.service.ask("POST", `${path}/${first.number}/restore`);
        location.assign(`${config.root}/maps/plan/${draft.id}${config.lang === "en" ? "?lang=en" : ""}`);
      } catch (error) {
        tell(error);
      }
    };
    const withdraw = async () => {
      const agreed = await confirmDialog({
        title: fill(words.withdraw_title, { number: second.number }),
        content: [el("p", {}, words.withdraw_text)],
        agree: words.withdraw, refuse: words.cancel, danger: true,
      });
      if (!agreed) return;
      try {
        await this.service.ask("POST", `${path}/${second.number}/withdraw`);
        location.assign(`${config.root}/maps/plan${config.lang === "en" ? "?lang=en" : ""}`);
      } catch (error) {
        tell(error);
      }
    };
    return el(
      "div",
      { class: "report-links" },
      !nothing && first?.state === "past" && button(fill(words.restore, { number: first.number }), restore),
      second?.state === "pending" && button(fill(words.withdraw_release, { number: second.number }), withdraw),
      said,
    );
  }

  #choice() {
    const { words, wording, config } = this;
    const options = this.releases.filter((one) => !one.withdrawn_at).map((one) => [String(one.number), fill(words.release_option, { number: one.number, day: wording.day(one.effective_at) })]);
    const made = (name, label, number) => {
      const choice = select(options, String(number), { id: `diff-${name}`, "aria-label": label });
      choice.addEventListener("change", () => {
        const [from, to] = [byId("diff-first").value, byId("diff-second").value];
        if (from !== to) location.assign(`${config.root}/maps/diff/${encodeURIComponent(config.layer)}/${from}/${to}${config.lang === "en" ? "?lang=en" : ""}`);
      });
      return choice;
    };
    return [made("first", words.diff_from, config.first), el("span", { "aria-hidden": "true" }, "→"), made("second", words.diff_to, config.second)];
  }

  #grid({ what, before, after, lon, lat }, successions) {
    const { words, wording } = this;
    const shown = after ?? before;
    const show = () => this.map.setView([lat, lon], Math.max(this.map.getZoom(), 17));
    const became = !after && successions.filter((one) => one.predecessor === before.code).map((one) => one.successor);
    const from = !before && successions.filter((one) => one.successor === after.code).map((one) => one.predecessor);
    const households = beforeAfter(words, before?.households, after?.households, (value) => wording.count(value));
    return el(
      "li",
      {},
      el("button", { type: "button", class: "opens", onclick: show }, shown.name || shown.code),
      " ",
      what.map((one) => el("span", { class: "chip" }, words.diff_what[one] ?? one)),
      el(
        "p",
        { class: "quiet" },
        before && after && before.code !== after.code ? `${before.code} → ${after.code}` : shown.code,
        before?.households || after?.households ? [" · ", ...households, ` ${words.households_unit}`] : "",
        became?.length ? ` · ${fill(words.diff_became, { codes: became.join(words.comma) })}` : "",
        from?.length ? ` · ${fill(words.diff_came_from, { codes: from.join(words.comma) })}` : "",
      ),
    );
  }

  #area({ what, before, after }) {
    const { words } = this;
    const shown = after ?? before;
    const renamed = before && after && before.name !== after.name ? `${before.name} → ${after.name}` : shown.name;
    return el("li", {}, renamed, " ", what.map((one) => el("span", { class: "chip" }, words.diff_what[one] ?? one)), el("p", { class: "quiet" }, shown.code));
  }

  #failed(error) {
    const { words, wording } = this;
    tellState("failed");
    if (error.kind === "session") return this.gate.end();
    if (!("problem" in error)) throw error;
    byId("work").hidden = true;
    const again = el("button", { type: "button", class: "button", onclick: () => location.reload() }, words.again);
    replaceContent(byId("gate"), el("section", { class: "gate" }, el("h2", {}, words.diff_failed), el("p", {}, wording.problem(error)), again));
    return null;
  }
}

function boxOf(grids) {
  const box = { west: Infinity, east: -Infinity, north: Infinity, south: -Infinity };
  for (const grid of grids) {
    box.west = Math.min(box.west, grid.west);
    box.east = Math.max(box.east, grid.east);
    box.north = Math.min(box.north, grid.north);
    box.south = Math.max(box.south, grid.south);
  }
  return degrees(box);
}

// The box around all features in degrees, or null where there is none.
function boundsOf({ features }) {
  const points = features.flatMap(({ geometry }) => geometry.coordinates.flat(geometry.type === "MultiPolygon" ? 2 : 1));
  if (!points.length) return null;
  const [lons, lats] = [points.map(([lon]) => lon), points.map(([, lat]) => lat)];
  const [least, most] = [(values) => values.reduce((a, b) => Math.min(a, b)), (values) => values.reduce((a, b) => Math.max(a, b))];
  return [least(lons), least(lats), most(lons), most(lats)];
}

new DiffPage().start();
