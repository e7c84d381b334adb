// Two releases of a layer side by side: their maps swiped over each other, and a list of what differs.

import { modelOf } from "../choosing.js";
import { prepareMap } from "../chrome.js";
import { el, fill, readConfig, replaceContent } from "../dom.js";
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
import { keepInTab } from "../view.js";
import { withdrawRelease } from "./withdraw.js";
import { Wording, diffAddress } from "./wording.js";

const MOST = 200;
const MANY = 150;
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
    this.root = this.config.root;
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
      this.releases = (await this.service.ask("GET", `${path}?limit=1000`)).items;
      replaceContent(byId("diff-choice"), this.#choice());
      const [found, ground] = await Promise.all([
        this.service.ask("GET", `${path}/${first}/diff/${second}`),
        this.service.ask("GET", `${path}/${first}/diff/${second}?format=geojson`),
      ]);
      byId("work").hidden = false;
      const named = await this.#draw(ground);
      this.#list(found, named);
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
    // Names of communities in either release.
    return { before: sides[0].named, after: sides[1].named };
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
    L.geoJSON({ type: "FeatureCollection", features: mine }, { style: mine.length > MANY ? { ...MARK, weight: 1.5, dashArray: "4 3" } : MARK, pane: `swipe-${name}` }).addTo(map);
    const grids = model.grids ?? [];
    const named = (code) => model.areaOf.get(code)?.name ?? code ?? this.words.nowhere;
    return { pane, bounds: grids.length ? boxOf(grids) : config.bounds, named };
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

  #list({ grids, areas, successions }, named) {
    const { words, config } = this;
    this.named = named;
    const nothing = !grids.length && !areas.length;
    replaceContent(
      byId("differences"),
      nothing && el("p", { class: "notice-box calm" }, config.first === config.second ? words.diff_same : words.diff_none),
      grids.length > 0 && el("h2", {}, fill(words.diff_grids, { count: this.wording.count(grids.length) })),
      grids.length > 0 && el("ul", { class: "diff-list" }, grids.slice(0, MOST).map((one) => this.#grid(one, successions))),
      grids.length > MOST && el("p", { class: "quiet" }, fill(words.more_grids, { count: this.wording.count(grids.length - MOST) })),
      areas.length > 0 && el("h2", {}, fill(words.diff_areas, { count: this.wording.count(areas.length) })),
      areas.length > 0 && el("ul", { class: "diff-list" }, areas.map((one) => this.#area(one))),
      this.#acts(nothing),
    );
  }

  // A way back: a draft that restores a release that is over, or a release that has not begun, taken back.
  #acts(nothing) {
    const { words, config } = this;
    const shown = [...new Set([config.first, config.second])].map((number) => this.release(number)).filter(Boolean);
    const said = el("div", { class: "said" });
    const button = (text, act) => el("button", { type: "button", class: "button small", onclick: (event) => this.#do(event.currentTarget, act, said) }, text);
    const past = nothing ? [] : shown.filter(({ state }) => state === "past");
    const pending = shown.filter(({ state }) => state === "pending");
    return el(
      "div",
      { class: "report-links" },
      past.map(({ number }) => button(fill(words.restore, { number }), () => this.#restore(number))),
      pending.map(({ number }) => button(fill(words.withdraw_release, { number }), () => this.#withdraw(number))),
      past.length > 0 && el("p", { class: "quiet" }, words.restore_hint),
      said,
    );
  }

  async #do(button, act, said) {
    button.disabled = true;
    try {
      await act();
    } catch (error) {
      if (error.kind === "session") return this.gate.end();
      replaceContent(said, notice("failure", this.wording.problem(error)));
    }
    button.disabled = false;
    return null;
  }

  async #restore(number) {
    const { config } = this;
    const draft = await this.service.ask("POST", `/api/v1/layers/${encodeURIComponent(config.layer)}/releases/${number}/restore`);
    location.assign(this.#address(`/maps/plan/${draft.id}`));
  }

  async #withdraw(number) {
    const { service, words, config } = this;
    if (!(await withdrawRelease({ service, words, layer: config.layer, number }))) return;
    keepInTab("withdrawn", String(number));
    location.assign(this.#address("/maps/plan"));
  }

  #address(path) {
    return `${this.config.root}${path}${this.config.lang === "en" ? "?lang=en" : ""}`;
  }

  #choice() {
    const { words, wording, config } = this;
    const options = this.releases.filter((one) => !one.withdrawn_at).map((one) => [String(one.number), fill(words.release_option, { number: one.number, day: wording.day(one.effective_at) })]);
    const made = (name, label, number) => {
      const isThere = options.some(([value]) => value === String(number));
      const choice = select([...(isThere ? [] : [["", words.diff_choose]]), ...options], isThere ? String(number) : "", { id: `diff-${name}`, "aria-label": label });
      choice.addEventListener("change", () => {
        const [from, to] = [byId("diff-first").value, byId("diff-second").value];
        if (from && to) location.assign(diffAddress(this, { layer: config.layer, base: from, published_release: to }));
      });
      return choice;
    };
    return [made("first", words.diff_from, config.first), el("span", { "aria-hidden": "true" }, "→"), made("second", words.diff_to, config.second)];
  }

  #grid({ what, before, after, lon, lat }, successions) {
    const { words, wording } = this;
    const shown = after ?? before;
    const both = before && after;
    const other = [
      both && before.name !== after.name && before.name && `${before.name} → ${after.name || after.code}`,
      both && before.community !== after.community && `${this.named.before(before.community)} → ${this.named.after(after.community)}`,
      both && before.kind !== after.kind && `${words.kinds[before.kind]} → ${words.kinds[after.kind]}`,
    ].filter(Boolean);
    const show = () => this.map.setView([lat, lon], Math.max(this.map.getZoom(), 17));
    const became = !after && successions.filter((one) => one.predecessor === before.code).map((one) => one.successor);
    const from = !before && successions.filter((one) => one.successor === after.code).map((one) => one.predecessor);
    const households = beforeAfter(words, (before ?? after).households, (after ?? before).households, (value) => wording.count(value));
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
      other.map((text) => el("p", { class: "quiet" }, text)),
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
    const status = error.problem.status ?? 0;
    const again = (status === 0 || status >= 500) && el("button", { type: "button", class: "button", onclick: () => location.reload() }, words.again);
    const list = el("a", { class: "button primary", href: this.#address("/maps/plan") }, words.all_drafts);
    replaceContent(byId("gate"), el("section", { class: "gate" }, el("h2", {}, words.diff_failed), el("p", {}, wording.problem(error)), el("div", { class: "actions" }, list, again)));
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
