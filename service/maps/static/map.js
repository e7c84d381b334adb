// The map page: Folium has made the Leaflet map; this shows the grids and what is asked about them, and keeps the view in
// the address. A smaller page, such as the one that portals embed, has fewer elements: what is missing is done without.

import { Asking } from "./asking.js";
import { Card } from "./card.js";
import { prepareMap } from "./chrome.js";
import { el, fill, readConfig, replaceContent } from "./dom.js";
import { Finder } from "./finder.js";
import { Framing } from "./framing.js";
import { GridTable } from "./gridtable.js";
import { currentPlace, WIDEST_METRES } from "./locate.js";
import { Panel, shortened } from "./panel.js";
import { Places } from "./places.js";
import { GridScene } from "./scene.js";
import { SearchBox } from "./search.js";
import { ServiceError, Service } from "./service.js";
import { pageSession } from "./session.js";
import { Tabs } from "./tabs.js";
import { tell, tellReady } from "./telling.js";
import { Themes } from "./themes.js";
import { fromTab, readView, writeView } from "./view.js";
import { ViewTools } from "./viewtools.js";

const L = window.L;
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const MOST_AREAS = 40;
const byId = (id) => document.getElementById(id);

class MapPage {
  constructor() {
    const config = (this.config = readConfig());
    const words = (this.words = config.words);
    this.map = window.gridmap.map;
    this.service = new Service(config);
    this.scene = new GridScene(L, this.map, config, this.service);
    Object.assign(this, { layer: config.layer, version: config.version, placed: {}, hidden: new Set() });
    this.panel = new Panel(words, config);
    this.framing = new Framing(L, this.map, config.bounds, STILL);
    this.places = new Places(words, config);
    this.asking = new Asking(this, {
      openGrid: (code) => this.openGrid(code),
      shown: (grid) => this.#shown(grid),
      known: (version) => version !== this.version && this.#refresh(version),
    });
    this.card = new Card(words, config, {
      station: (code) => this.showStation(code),
      area: (code) => this.openArea(code),
      grid: (layer, code) => this.openGrid(code, { layer: layer ?? this.layer }),
      matter: (code) => this.asking.about(code),
    }, { withMatters: true });
    this.#build(config, words);
  }

  #build(config, words) {
    this.search = byId("query") && this.#searchBox();
    this.session = byId("sign-in") && pageSession(this.service, words, () => this.#signed());
    this.tabs = byId("tabs") && new Tabs(byId("tabs"), () => this.table?.paint());
    this.table = byId("grid-list") && new GridTable(byId("grid-list"), words, config, {
      choose: (grid) => this.openGrid(grid.code),
      everybody: () => this.table.within(null, null),
    });
    const parts = { select: byId("theme"), key: byId("theme-key"), bar: byId("theme-bar"), note: byId("theme-note") };
    this.themes = new Themes(parts, words, config, this.service, (theme) => this.#coloured(theme));
    this.tools = new ViewTools(words, config, { layer: (code) => this.changeLayer(code), hide: (hidden) => this.#hide(hidden) });
  }

  get model() {
    return this.scene.model;
  }

  async start() {
    prepareMap(L, this.map, this.words, {
      locate: () => this.locate(),
      whole: () => this.framing.fit(this.config.bounds),
      ask: (point) => this.scene.model && this.asking.ask(point, { aboutPoint: true }),
    }, { still: STILL, scale: byId("scale") });
    this.#listen();
    if (this.config.empty) {
      if (this.search) this.search.input.disabled = true;
      tellReady("empty");
      return;
    }
    const opened = this.open(readView(location), { first: true });
    // Behind what is drawn.
    if (!this.config.embed) this.session?.look();
    this.asking.learnMatters();
    await opened;
  }

  // Shows what an address names, and nothing that it does not name.
  async open(view, { first = false } = {}) {
    const { config, framing, words } = this;
    this.#useLayer(this.#isKnown(view.layer) ? view.layer : this.layer);
    this.#hide(view.hidden);
    this.tools.hide(view.hidden);
    const placed = view.centre && framing.isInReach(view.centre);
    if (placed) framing.stand(view.centre);
    else framing.fit(config.bounds);
    if (!(await this.load(() => this.open(view, { first })))) return;
    this.#write();
    const colouring = this.colour(view.theme);
    const question = first && fromTab("question");
    if (question && this.search) this.search.ask(question);
    else if (first && fromTab("locate")) this.locate();
    else if (view.grid) await this.openGrid(view.grid, { move: !placed });
    else if (view.area) await this.openArea(view.area, { move: !placed });
    // Behind an answer: each takes away what was to be noticed before.
    const lost = view.lost || (view.centre && !placed);
    const notes = [config.layer_note, lost && words.view_lost, await colouring].filter(Boolean);
    if (notes.length) this.panel.notify(notes.join(" "));
  }

  // Fetches and draws the layer; where that fails, says so with a way to try again.
  async load(again = () => this.load()) {
    document.body.dataset.loading = "true";
    try {
      if (!(await this.scene.show(this.layer))) return false;
    } catch (error) {
      this.panel.failure(error, again);
      return false;
    } finally {
      delete document.body.dataset.loading;
    }
    this.tools.drawn(this.scene);
    this.#overview();
    tellReady("true");
    this.learned = this.#learn();
    return true;
  }

  // What can be searched, listed and coloured by comes after the picture.
  async #learn() {
    const { layer, search, table } = this;
    const { model } = this.scene;
    table?.show(null, () => "");
    const themes = this.themes.learn(layer, model.large).then(() => this.themes.current && this.themes.choose(this.themes.current.code));
    const grids = await this.scene.index().catch((error) => {
      if (!(error instanceof ServiceError)) throw error;
      table?.fail();
      return [];
    });
    if (model === this.scene.model) {
      search?.use(new Finder({ grids, areas: model.areas, stations: model.stations }, this.config.bounds));
      if (grids.length) table?.show(grids, (code) => model.areaOf.get(code)?.name ?? "");
      this.#listShown();
    }
    await themes;
  }

  // A grid by its code, in this layer or another; of one that is gone what took its place.
  async openGrid(code, { move = true, layer = this.layer } = {}) {
    this.tabs?.open("find");
    if (layer !== this.layer) {
      this.#useLayer(layer);
      if (!(await this.load())) return;
    }
    try {
      const grid = await this.scene.grid(code);
      if (!grid) {
        await this.#explainMissing(code);
        return;
      }
      this.scene.choose({ grid });
      if (move) this.framing.fit(grid.bounds, { roomy: true });
      await this.asking.ask(grid.point, { aboutPoint: false, expected: grid });
    } catch (error) {
      this.panel.failure(error, () => this.openGrid(code, { move, layer }));
    }
  }

  async #explainMissing(code) {
    this.#forget();
    try {
      await this.service.grid(this.layer, code);
      this.panel.message(this.words.grid_new, this.words.grid_new_text, el("button", { type: "button", class: "button", onclick: () => location.reload() }, this.words.again));
    } catch (error) {
      if (error.problem?.status !== 404) throw error;
      this.panel.answer(this.places.missing(error.problem, shortened(code), this.layer, (other, layer = this.layer) => this.openGrid(other, { layer })));
    }
  }

  async openArea(code, { move = true } = {}) {
    const { model } = this.scene;
    const area = model.areaOf.get(code);
    this.tabs?.open("find");
    this.#forget();
    if (!area) {
      this.panel.message(fill(this.words.area_unknown, { code: shortened(code) }), this.words.area_unknown_text);
      return;
    }
    this.scene.choose({ area });
    if (move) this.framing.fit(area.bounds);
    this.#place({ area: code });
    const grids = (await this.scene.index()).filter((grid) => model.chain(grid.community).includes(area));
    if (this.placed.area === code) this.panel.answer(this.card.area(area, model.chain(code), model.parts(area), grids));
  }

  choose({ kind, point, item }) {
    const { asking } = this;
    if (kind === "point") asking.ask({ lon: point.lon, lat: point.lat }, { aboutPoint: true, move: true });
    else if (kind === "address") asking.address(item);
    else if (kind === "grid") this.openGrid(item.code);
    else if (kind === "area") this.openArea(item.code);
    else asking.ask({ lon: item.point[0], lat: item.point[1] }, { aboutPoint: true, move: true });
  }

  showStation(code) {
    const station = this.scene.model.stationOf.get(code);
    if (station) this.framing.goTo(station.point, 16);
  }

  // Where this device is, once more if it would not say.
  async locate() {
    if (!this.scene.model) return;
    this.tabs?.open("find");
    const turn = this.asking.forget();
    this.panel.answer([el("p", { class: "quiet" }, this.words.locating)]);
    const place = await currentPlace();
    // Meanwhile something else was asked.
    if (turn !== this.asking.turn) return;
    const again = () => this.locate();
    if (place.refused) this.panel.answer(this.places.refused(place.refused, again));
    else if (place.accuracy > WIDEST_METRES) {
      this.scene.choose({ point: place, accuracy: place.accuracy });
      this.panel.answer(this.places.tooWide(place.accuracy, again));
    } else await this.asking.ask(place, { aboutPoint: true, move: true });
  }

  // Colours by a figure, by none for null; gives what is to be noticed.
  async colour(code) {
    await this.learned;
    return (await this.themes.choose(code)) ? "" : fill(this.words.theme_unknown, { code: shortened(code) });
  }

  async changeLayer(code) {
    this.#useLayer(code);
    this.scene.choose({});
    if (!(await this.load())) return;
    this.#place({});
    await this.asking.again({ layer: true });
  }

  // As at the beginning.
  clear() {
    this.#forget();
    this.panel.begin();
    this.framing.fit(this.config.bounds);
  }

  // What another page asks for: a part that is not named stays, one that is empty is undone.
  async show({ layer, grid, area, theme }) {
    await this.begun;
    if (layer && layer !== this.layer && this.#isKnown(layer)) await this.changeLayer(layer);
    if (theme !== undefined) this.colour(theme).then((note) => note && this.panel.notify(note));
    if (grid) await this.openGrid(grid);
    else if (area) await this.openArea(area);
    else if (grid !== undefined || area !== undefined) this.clear();
  }

  #forget() {
    this.asking.forget();
    this.scene.choose({});
    this.#place({});
  }

  #shown(grid) {
    this.#place({ grid: grid?.code });
    if (grid) tell("gridmap-chosen", { layer: grid.layer, code: grid.code, name: grid.name, areas: grid.areas });
  }

  // What is chosen, and with it the address of the page and what leads on from it.
  #place({ grid = null, area = null }) {
    this.placed = { grid, area };
    this.#listShown();
    this.#write();
  }

  #listShown() {
    const { grid, area } = this.placed;
    const { model } = this.scene;
    const within = model?.areaOf.get(area) ?? null;
    this.table?.mark(grid);
    this.table?.within(within, within && ((one) => model.chain(one.community).includes(within)));
  }

  #write() {
    const view = { ...this.placed, layer: this.layer, theme: this.themes.current?.code, hidden: this.hidden };
    history.replaceState(null, "", writeView(this.map, view));
    this.tools.follow(view);
  }

  #coloured(theme) {
    this.scene.colourBy(theme && { classOf: theme.classOf, fills: theme.fills });
    this.table?.value(theme);
    if (this.scene.model) this.#write();
  }

  #hide(hidden) {
    this.hidden = hidden;
    this.scene.showBase(!hidden.has("base"));
    this.scene.showStations(!hidden.has("stations"));
    this.scene.showNames(!hidden.has("names"));
    if (this.scene.model) this.#write();
  }

  async #refresh(version) {
    this.version = version;
    if (byId("data-version")) byId("data-version").textContent = fill(this.words.data_version, { version });
    const { grid } = this.placed;
    if ((await this.load()) && grid && grid === this.placed.grid) this.scene.choose({ grid: await this.scene.grid(grid) });
  }

  #isKnown(code) {
    return this.config.layers.some((layer) => layer.code === code);
  }

  #useLayer(code) {
    this.layer = code;
    this.tools.layer(this.config.layers.find((layer) => layer.code === code));
  }

  // The largest areas, to begin with: where they are few.
  #overview() {
    const place = byId("overview");
    if (!place) return;
    const top = this.model.areas.filter((area) => !area.parent);
    const parts = top.length === 1 ? this.model.parts(top[0]) : [];
    const listed = parts.length ? parts : top;
    place.hidden = !listed.length || listed.length > MOST_AREAS;
    if (!place.hidden) replaceContent(place.lastElementChild, ...this.card.areas(listed));
  }

  #searchBox() {
    const { config, service } = this;
    return new SearchBox(
      { form: byId("search"), input: byId("query"), list: byId("hits"), status: byId("hits-status") },
      this.words,
      {
        choose: (hit) => this.choose(hit),
        none: (text) => this.asking.text({ address: text }, text),
        // While the register is being compiled each letter would be refused; who asks is told.
        suggest: config.addresses ? (text, signal) => service.suggest(text, signal) : null,
      },
    );
  }

  // Who is known sees whole numbers, and figures that others don't.
  async #signed() {
    this.asking.again();
    await this.themes.learn(this.layer, this.model.large);
    await this.themes.choose(this.themes.current?.code);
  }

  #listen() {
    const { map } = this;
    map.on("moveend", () => this.scene.model && this.#write());
    map.on("click", (event) => {
      if (!this.scene.model) return;
      const { lng: lon, lat } = event.latlng.wrap();
      this.tabs?.open("find");
      this.asking.ask({ lon, lat }, { aboutPoint: true });
    });
    if (window.matchMedia("(hover: hover)").matches) {
      map.on("mousemove", (event) => this.#hover(event.latlng));
      map.on("mouseout", () => this.#hover(null));
    }
    byId("locate")?.addEventListener("click", () => this.locate());
    window.addEventListener("hashchange", () => {
      const view = readView(location);
      if (view.grid && view.grid !== this.placed.grid) this.openGrid(view.grid, { layer: this.#isKnown(view.layer) ? view.layer : this.layer });
    });
    document.addEventListener("gridmap-show", (event) => this.show(event.detail ?? {}));
  }

  #hover(latlng) {
    if (!this.scene.model) return;
    const grid = latlng ? this.scene.at(latlng.lng, latlng.lat) : null;
    if (!this.scene.hover(grid)) return;
    const community = grid && this.scene.model.areaOf.get(grid.community);
    if (byId("hovered")) byId("hovered").textContent = grid ? [community?.name, grid.short].filter(Boolean).join(" · ") : "";
    this.map.getContainer().style.cursor = grid ? "pointer" : "";
  }
}

window.gridmap.page = new MapPage();
window.gridmap.page.begun = window.gridmap.page.start();
