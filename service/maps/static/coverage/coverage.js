// The coverage page: asks what is counted, and lets the sentence, the map and the tables tell the same.

import { el, readConfig } from "../dom.js";
import { MapModel } from "../model.js";
import { Service } from "../service.js";
import { SessionPanel } from "../session.js";
import { CoverageApi, Latest, networkState } from "./api.js";
import { Chosen } from "./chosen.js";
import { classesFor } from "./classes.js";
import { Controls } from "./controls.js";
import { Details } from "./details.js";
import { Figures, outsideOf } from "./figures.js";
import { Headline } from "./headline.js";
import { Legend } from "./legend.js";
import { Overlays } from "./overlays.js";
import { Planner } from "./planner.js";
import { Proposals } from "./proposals.js";
import { Scene } from "./scene.js";
import { readState, writeState } from "./state.js";
import { gapItems, movesOf, stationItems } from "./items.js";
import { Trial } from "./trial.js";

const COMPILING_MS = 2000;
const byId = (id) => document.getElementById(id);

class CoveragePage {
  constructor() {
    this.config = readConfig();
    this.words = this.config.words;
    this.map = window.gridmap.map;
    const service = new Service(this.config);
    this.api = new CoverageApi(service, this.config);
    this.latest = new Latest();
    this.figures = new Figures(this.words, this.config.lang, this.config.timezone);
    Object.assign(this, { model: null, modelDay: null, answer: null, rows: new Map(), gaps: null, timer: null });
    const { state, changes, lost, centre } = readState(location.hash);
    Object.assign(this, { state, centre, lost });
    const acts = { stateOf: () => this.state, changed: () => this.#changesChanged(), told: () => this.#trialTold() };
    this.trial = new Trial(this.api, acts);
    this.trial.begin(changes);
    this.session = this.#sessionPanel(service);
    if (!this.config.empty) this.#build();
  }

  #build() {
    const { config, figures } = this;
    this.controls = new Controls(byId("controls"), config, (part) => this.choose(part));
    this.headline = new Headline(byId("headline"), byId("about"), config, figures);
    this.legend = new Legend(byId("map-key"), byId("shown"), config, (part) => this.choose(part, { count: false }));
    this.chosen = new Chosen(this, byId("chosen"));
    this.scene = new Scene(window.L, this.map, config, figures, {
      place: (grid) => this.chosen.grid(grid),
      station: (item) => this.chosen.station(item.key),
      gap: (item) => this.chosen.gap(item),
      site: (item) => this.scene.goTo(item),
      dragging: (item, point) => this.#drag(item, point),
      dragged: (item, point) => this.trial.move(item.key, point),
      add: (point) => this.addStation(point),
      hover: (grid) => this.#hover(grid),
      view: () => this.#write(),
    });
    this.overlays = new Overlays(this.api, this.scene.picture, (bands) => this.#key(bands));
    this.proposals = new Proposals(config, figures, this.api, {
      stateOf: () => this.state,
      shown: (sites) => this.scene.sites.show(sites.map((site) => ({ ...site, key: `site-${site.rank}` }))),
      take: (sites) => this.#take(sites),
      goTo: (site) => this.scene.goTo(site),
    });
    this.planner = new Planner(config, figures, this.trial, {
      signIn: () => byId("sign-in").click(),
      toPresent: () => this.choose({ as_of: "" }),
      startAdding: () => this.#adding(!this.scene.adding),
      goTo: (change) => this.#goToChange(change),
      say: (text) => this.#say(text),
      proposals: this.proposals.element,
    });
    this.details = new Details(byId("details"), config, figures, {
      tab: (tab) => this.choose({ tab }, { count: false }),
      by: (by) => this.choose({ by }),
      place: (row) => this.chosen.place(row),
      gap: (gap) => this.chosen.gap(gap, true),
      station: (item) => this.chosen.station(item.key, true),
    }, this.planner.element);
  }

  async start() {
    this.#listen();
    this.session.look().then(() => this.#signed());
    if (this.config.empty) {
      document.documentElement.dataset.ready = "empty";
      return;
    }
    if (this.centre) this.map.setView([this.centre.lat, this.centre.lon], this.centre.zoom, { animate: false });
    else this.scene.fit(this.config.bounds);
    for (const moving of ["pointerdown", "wheel", "keydown"]) {
      this.map.getContainer().addEventListener(moving, () => (this.moved = true), { once: true, passive: true });
    }
    this.controls.show(this.state);
    this.details.open(this.state.tab);
    if (this.lost) this.#say(this.words.plan_link_wrong);
    await this.count();
    if (this.state.tab === "plan" && this.trial.changes.length) this.#openTab("plan");
    // The key has taken its place below the map by now.
    if (!this.centre && !this.moved) this.scene.fit(this.config.bounds);
    document.documentElement.dataset.ready = "true";
  }

  // Another choice; count: whether the figures change by it.
  choose(part, { count = true } = {}) {
    const was = this.state;
    this.state = { ...was, ...part };
    this.#write();
    if (part.tab) this.#openTab(part.tab);
    if (part.within) this.#fitArea(part.within);
    this.controls.show(this.state);
    if (!count) {
      this.#paint();
      this.overlays.show(this.state, this.answer);
      return;
    }
    this.proposals.forget();
    this.count();
  }

  // Asks for everything that the choice decides, and shows it.
  async count() {
    this.#stopWaiting();
    this.headline.counting();
    document.body.dataset.loading = "true";
    try {
      const found = await this.latest.run((signal) => this.#ask(signal));
      if (found === undefined) return;
      // The page was made before there were ways of walking to choose from.
      if (this.config.compiling) location.reload();
      this.#took(found);
    } catch (error) {
      this.#failed(error);
    }
    if (!this.latest.pending) delete document.body.dataset.loading;
  }

  async #ask(signal) {
    const { state } = this;
    if (this.modelDay !== state.as_of || !this.model) await this.#learnGrids(state.as_of);
    if (!this.#levels().some(([level]) => level === state.by)) state.by = this.#levels()[0][0];
    const byGrid = this.api.coverage(state, "grid", signal);
    const [grids, places, gaps] = await Promise.all([
      byGrid,
      state.by === "grid" ? byGrid : this.api.coverage(state, state.by, signal),
      this.api.gaps(state, signal),
    ]);
    return { grids, places, gaps };
  }

  async #learnGrids(day) {
    this.model = new MapModel(await this.api.grids(day));
    this.modelDay = day;
    this.controls.know(this.model);
    this.scene.model = this.model;
    this.scene.picture.show({ model: this.model });
    this.scene.showStations(stationItems(this.model.stations, null, this.trial, this.state, this.words, this.figures));
    this.controls.show(this.state);
  }

  #took({ grids, places, gaps }) {
    const { state } = this;
    this.answer = grids;
    byId("details").hidden = false;
    this.controls.knowCounts(grids.total);
    this.controls.show(state);
    this.rows = new Map(grids.by.map((row) => [row.code, row]));
    const elsewhere = places.elsewhere?.[state.count]?.all > 0 ? [{ ...places.elsewhere, code: "", name: this.words.elsewhere }] : [];
    this.places = [...places.by, ...elsewhere];
    this.gaps = gapItems(gaps, state.count);
    const area = this.controls.area(state.within);
    this.headline.show(grids, state, { area, level: state.level && this.controls.levelName(state.level) }, this.model);
    this.details.showPlaces(this.places, state, this.#levels(), this.#exports());
    this.details.showGaps(this.gaps, state);
    this.overlays.show(state, grids);
    this.#paint();
    this.planner.open(this.session.session, state, this.model);
    if (this.mayPlan) this.trial.ask();
    this.chosen.renew();
  }

  #failed(error) {
    this.answer = null;
    this.rows = new Map();
    this.gaps = null;
    this.headline.failed(error, () => this.count());
    byId("details").hidden = true;
    this.details.clear();
    this.overlays.clear();
    this.#paint();
    if (networkState(error) === "compiling") this.timer = setTimeout(() => this.count(), COMPILING_MS);
  }

  #stopWaiting() {
    clearTimeout(this.timer);
  }

  #paint() {
    const { state, scene } = this;
    if (!this.model) return;
    const rows = this.answer ? [...this.rows.values()] : [];
    this.classes = this.answer ? classesFor(state.shade, rows, this.config, this.figures, state.count) : null;
    scene.picture.show({ classes: this.classes, rows: this.trialRows, count: state.count, area: this.controls.area(state.within) });
    this.#placeStations();
    this.#showGaps();
    this.#key(scene.picture.bands);
  }

  // A gap that the trial would close is told apart.
  #showGaps() {
    const rows = this.trial.answer ? this.trialRows : null;
    const isClosed = (grid) => Math.round(outsideOf(rows.get(grid.code)?.[this.state.count])) === 0;
    const items = this.state.layers.has("gaps") && this.gaps ? this.gaps.items : [];
    this.scene.showGaps(items.map((gap) => ({ ...gap, closed: rows !== null && gap.grids.length > 0 && gap.grids.every(isClosed) })));
  }

  #placeStations() {
    const { state, scene } = this;
    scene.editing = this.mayPlan && state.tab === "plan";
    const items = stationItems(this.model.stations, this.answer, this.trial, state, this.words, this.figures);
    scene.showStations(state.layers.has("stations") || scene.editing ? items : items.filter((one) => one.added || one.moved));
    scene.picture.show({ moves: movesOf(items) });
    if (!this.trial.dragged) this.details.showStations(items);
    this.stationItems = items;
  }

  #key(bands) {
    const { words, overlays } = this;
    const hints = { circles: overlays.tooMany && words.circles_many, streets: overlays.streetsMany && words.streets_many };
    this.legend.show(this.state, this.classes, bands, this.figures.counted(this.state.count), hints);
  }

  // The rows as they would be: what the trial changes takes the place of what is.
  get trialRows() {
    const changed = this.trial.answer?.by ?? [];
    if (!changed.length) return this.rows;
    const { count } = this.state;
    return new Map([...this.rows, ...changed.map((row) => [row.code, { ...this.rows.get(row.code), [count]: row.after?.[count] ?? row.after }])]);
  }

  // Trying out

  get mayPlan() {
    return this.config.planners.includes(this.session.session?.role) && !this.state.as_of;
  }

  addStation({ lon, lat }) {
    this.#adding(false);
    const name = this.words.plan_new_name.replace("{number}", String(this.trial.changes.filter((one) => one.do === "add").length + 1));
    const change = this.trial.add({ lon, lat, name, category: this.state.category });
    this.openPlan();
    this.scene.stations.focus(change.key);
  }

  #take(sites) {
    const { category } = this.state;
    const named = (site) => site.name || this.words.plan_new_name.replace("{number}", String(site.rank));
    this.trial.addAll(sites.map((site) => ({ lon: site.lon, lat: site.lat, name: named(site), category })));
    this.proposals.forget();
  }

  closeStation(item) {
    this.trial[item.added ? "remove" : "close"](item.key);
    this.openPlan();
  }

  // It stays where it is until it is dragged, or its coordinates are typed.
  moveStation(item) {
    this.trial.move(item.key, item);
    this.openPlan();
    this.#goToChange(item);
  }

  // The editor takes the place of what was chosen, at the top of the panel.
  openPlan() {
    this.chosen.clear();
    this.choose({ tab: "plan" }, { count: false });
  }

  #drag(item, point) {
    this.trial.drag(item.key, point);
    this.scene.picture.show({ moves: movesOf(this.stationItems, { key: item.key, ...point }) });
  }

  #adding(under) {
    this.scene.add(under);
    this.planner.adding(under);
    if (under) this.map.getContainer().focus({ preventScroll: true });
  }

  #goToChange(change) {
    const item = this.stationItems.find((one) => one.key === change.key);
    if (item) this.scene.goTo(item);
    this.scene.stations.focus(change.key);
  }

  #changesChanged() {
    this.#write();
    this.planner.show();
    this.#paint();
  }

  // An answer came: while a mark is dragged the marks themselves stay.
  #trialTold() {
    this.planner.tell();
    this.scene.picture.show({ rows: this.trialRows });
    this.overlays.trial(this.trial.answer?.circles);
    this.#showGaps();
    if (!this.trial.dragged) this.#placeStations();
    byId("trial-note").hidden = !this.trial.changes.length || this.state.tab === "plan";
  }

  #signed() {
    if (this.config.empty) return;
    if (!this.mayPlan) this.trial.stop();
    this.planner.open(this.session.session, this.state, this.model);
    if (!this.model) return;
    this.#paint();
    if (!this.answer) return;
    this.details.showPlaces(this.places, this.state, this.#levels(), this.#exports());
    if (this.mayPlan) this.trial.ask();
  }

  // The rest

  #openTab(tab) {
    this.details.open(tab);
    if (tab === "plan") byId("details").scrollIntoView({ block: "start" });
    else this.#adding(false);
    byId("trial-note").hidden = !this.trial.changes.length || tab === "plan";
  }

  #levels() {
    const found = [...new Map(this.model.areas.map((area) => [area.level, area.depth]))].sort((one, other) => one[1] - other[1]);
    const named = found.map(([level]) => [level, this.words.levels[level] ?? level]);
    return [...named, ["grid", this.words.by_grid]];
  }

  #exports() {
    const { words, state, api } = this;
    const file = (format, text) => el("a", { href: api.exportAddress(state, state.by, format), download: true }, text);
    const report = this.mayPlan && el("a", { href: api.reportAddress(state, this.config.lang) }, words.report);
    return [file("csv", words.export_csv), file("xlsx", words.export_xlsx), file("gpkg", words.export_gpkg), report];
  }

  #fitArea(code) {
    const area = this.controls.area(code);
    if (area) this.scene.fit(area.bounds, true);
  }

  #hover(grid) {
    const counted = grid && this.trialRows.get(grid.code)?.[this.state.count];
    byId("hovered").textContent = grid && this.answer ? this.figures.place(grid.name, counted, this.state.count) : "";
  }

  #write() {
    history.replaceState(null, "", writeState(this.state, this.trial.changes, this.map));
  }

  #say(text) {
    byId("told").textContent = text;
    byId("told").hidden = !text;
  }

  #sessionPanel(service) {
    const parts = {
      open: byId("sign-in"), dialog: byId("sign-in-dialog"), form: byId("sign-in-form"), input: byId("key"),
      cancel: byId("sign-in-cancel"), message: byId("sign-in-message"), state: byId("session-state"), out: byId("sign-out"),
    };
    return new SessionPanel(parts, service, this.words, () => this.#signed());
  }

  #listen() {
    byId("other-language").addEventListener("click", (event) => (event.currentTarget.hash = location.hash));
    byId("sheet-toggle").addEventListener("click", () => {
      document.body.dataset.sheet = document.body.dataset.sheet === "full" ? "half" : "full";
    });
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.scene?.adding && this.#adding(false));
    byId("trial-open")?.addEventListener("click", () => this.openPlan());
    window.addEventListener("pagehide", () => [this.#stopWaiting(), this.trial.stop(), this.proposals?.stop()]);
    window.addEventListener("hashchange", () => this.#reopen());
  }

  // Somebody put another link of this page into the address.
  #reopen() {
    if (this.config.empty) return;
    const { state, changes, lost, centre } = readState(location.hash);
    this.trial.begin(changes);
    if (centre) this.map.setView([centre.lat, centre.lon], centre.zoom, { animate: false });
    this.#say(lost ? this.words.plan_link_wrong : "");
    this.choose(state);
  }
}

window.gridmap.page = new CoveragePage();
window.gridmap.page.start();
