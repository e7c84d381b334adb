// The map page: Folium has made the Leaflet map; this shows the grids, asks the look-up and fills the card.

import { AddressAnswers } from "./address.js";
import { Card } from "./card.js";
import { el, fill, readConfig, replaceContent } from "./dom.js";
import { Finder } from "./finder.js";
import { MapModel, leafletBounds, project } from "./model.js";
import { Painter } from "./painter.js";
import { SearchBox } from "./search.js";
import { ServiceError, Service } from "./service.js";
import { SessionPanel } from "./session.js";
import { readView, writeView } from "./view.js";

const L = window.L;
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const byId = (id) => document.getElementById(id);

class MapPage {
  constructor() {
    this.config = readConfig();
    this.words = this.config.words;
    this.map = window.gridmap.map;
    this.service = new Service(this.config);
    this.painter = new Painter(L, this.map, this.config.fills);
    this.model = null;
    this.layer = this.config.layer;
    this.version = this.config.version;
    this.asked = null;
    this.card = new Card(this.words, this.config, {
      station: (code) => this.showStation(code),
      area: (code) => this.chooseArea(this.model.areaOf.get(code)),
      grid: (layer, code) => this.chooseGrid(code, layer ?? this.layer),
      matter: (code) => this.chooseMatter(code),
    });
    this.matter = null;
    this.search = new SearchBox(
      { form: byId("search"), input: byId("query"), list: byId("hits"), status: byId("hits-status") },
      this.words,
      {
        choose: (hit) => this.choose(hit),
        none: (text) => (this.config.addresses ? this.askAddress({ address: text }, text) : this.showNothingFound(text)),
        suggest: this.config.addresses ? (text, signal) => this.service.suggest(text, signal) : null,
      },
    );
    this.addresses = new AddressAnswers(this.words, this.config);
    this.session = new SessionPanel(
      {
        open: byId("sign-in"), dialog: byId("sign-in-dialog"), form: byId("sign-in-form"), input: byId("key"),
        cancel: byId("sign-in-cancel"), message: byId("sign-in-message"), state: byId("session-state"),
        out: byId("sign-out"),
      },
      this.service,
      this.words,
      () => this.askAgain(),
    );
  }

  async start() {
    this.#prepareMap();
    this.#listen();
    if (this.config.empty) {
      this.search.input.disabled = true;
      document.documentElement.dataset.ready = "empty";
      return;
    }
    document.querySelector(".key").open = !window.matchMedia("(max-width: 760px), (max-height: 480px)").matches;
    const view = readView(location.hash);
    this.#setLayer(this.#known(view.layer));
    if (view.centre) this.map.setView([view.centre.lat, view.centre.lon], view.centre.zoom, { animate: false });
    else this.#fit(this.config.bounds);
    this.session.look();
    const matters = this.#learnMatters();
    await this.load();
    await matters;
    if (!this.model) return;
    const question = takeQuestion();
    if (question) this.search.ask(question);
    else if (view.grid && this.model.gridOf.has(view.grid)) this.chooseGrid(view.grid, this.layer, { move: !view.centre });
  }

  // Fetches and draws the layer; where that fails, says so with a way to try again.
  async load() {
    document.body.dataset.loading = "true";
    try {
      const layer = this.layer;
      const collection = await this.service.mapData(layer);
      if (layer !== this.layer) return;
      this.model = new MapModel(collection);
      this.painter.show(this.model);
      byId("key-street").hidden = this.model.borders.length < 2;
      this.search.use(new Finder(this.model, this.config.bounds));
      this.#markReady();
    } catch (error) {
      this.#showFailure(error, () => this.load());
    } finally {
      delete document.body.dataset.loading;
    }
  }

  choose({ kind, point, item }) {
    if (kind === "point") this.ask({ lon: point.lon, lat: point.lat }, { aboutPoint: true, move: true });
    else if (kind === "address") this.chooseAddress(item);
    else if (kind === "grid") this.chooseGrid(item.code, this.layer);
    else if (kind === "area") this.chooseArea(item);
    else this.chooseStation(item);
  }

  async chooseGrid(code, layer, { move = true } = {}) {
    if (layer !== this.layer) {
      this.#setLayer(layer);
      await this.load();
    }
    const grid = this.model?.gridOf.get(code);
    if (!grid) return;
    this.painter.choose({ grid });
    if (move) this.#fitWorld(grid);
    await this.ask(grid.point, { aboutPoint: false, expected: grid });
  }

  chooseArea(area) {
    const grids = this.model.grids.filter((grid) => this.model.isWithin(grid, area));
    this.asked = null;
    this.painter.choose({ area });
    this.#fit(area.bounds);
    this.#answer(this.card.area(area, this.model.chain(area.code), this.model.parts(area), grids));
    this.#remember(null);
  }

  chooseStation(station) {
    const [lon, lat] = station.point;
    this.ask({ lon, lat }, { aboutPoint: true, move: true });
  }

  showStation(code) {
    const station = this.model.stationOf.get(code);
    if (station) this.map.setView([station.point[1], station.point[0]], Math.max(this.map.getZoom(), 16), { animate: !STILL });
  }

  // A door or a place is asked about as what it is; of a compound or an area the service says in which grids it lies; a
  // road is the beginning of an address.
  chooseAddress(item) {
    const { group, text, code, within } = item;
    if (group === "roads") this.search.put(text);
    else this.askAddress(code && group !== "compounds" ? { door: item } : { address: within + text }, text);
  }

  askAddress(question, text) {
    return this.ask(question, { aboutPoint: true, move: true, text });
  }

  // A candidate that lies in several grids is no answer: more of it is still to be typed.
  chooseCandidate(one) {
    const count = this.addresses.count(one, this.layer);
    if (count > 1) {
      this.search.put(one.label);
      this.#notify(fill(this.words.spans_grids, { label: one.label, count }));
    } else this.askAddress(one.target ? { target: one.target } : { lon: one.point.lon, lat: one.point.lat }, one.label);
  }

  // Asks who covers a point or an address; text: what was typed or chosen. A grid that was chosen is asked for by its
  // roomiest point.
  async ask(point, { aboutPoint, move = false, expected = null, text = null }) {
    this.asked = { point, aboutPoint, expected, text };
    this.pending?.abort();
    this.pending = new AbortController();
    const slow = setTimeout(() => this.#answer([el("p", { class: "quiet" }, this.words.asking)]), 250);
    try {
      const answer = await this.service.lookup({ ...point, matter: this.matter }, this.pending.signal);
      clearTimeout(slow);
      if (answer.point) this.#show(answer, answer.point, { aboutPoint, move, expected });
      else this.#unsure(answer, text);
    } catch (error) {
      clearTimeout(slow);
      if (error.name === "AbortError") return;
      if (!(error instanceof ServiceError)) throw error;
      if (error.kind === "session") {
        await this.session.end();
        this.#notify(this.words.session_ended);
        await this.ask(point, { aboutPoint, move, expected, text });
        return;
      }
      this.#showFailure(error, () => this.ask(point, { aboutPoint, move, expected, text }));
    }
  }

  // A kind of work: those responsible for it come first, here and for every place that is asked about next.
  async chooseMatter(code) {
    this.matter = code;
    await this.askAgain();
    byId("matter")?.focus();
  }

  async #learnMatters() {
    try {
      this.card.matters = await this.service.matters();
    } catch (error) {
      // The card does without.
      if (!(error instanceof ServiceError)) throw error;
    }
  }

  async askAgain() {
    if (this.asked) await this.ask(this.asked.point, this.asked);
  }

  // An address that may be several, or none.
  #unsure(answer, text) {
    const grids = answer.candidates.flatMap((one) => one.grids).filter((grid) => grid.layer === this.layer);
    const beside = [...new Set(grids.map((grid) => this.model?.gridOf.get(grid.code)))].filter(Boolean);
    this.painter.choose({ beside });
    if (beside.length) {
      const bounds = beside.reduce((all, grid) => all.extend(leafletBounds(L, grid)), L.latLngBounds([]));
      this.map.fitBounds(bounds, { padding: [40, 40], maxZoom: 17, animate: !STILL });
    }
    const content = answer.candidates.length && answer.status === "ambiguous"
      ? this.addresses.unsure(answer, this.layer, (one) => this.chooseCandidate(one))
      : this.addresses.unknown(answer, shortened(text));
    this.#answer(content.filter(Boolean));
    this.#remember(null);
  }

  showNothingFound(text) {
    const shown = shortened(text);
    this.painter.choose({});
    this.asked = null;
    this.#answer(this.card.message(fill(this.words.nothing_found, { text: shown }), this.words.nothing_found_text));
  }

  #show(answer, point, { aboutPoint, move, expected }) {
    const grid = answer.grids.find((one) => one.layer === this.layer);
    const chosen = grid ? (this.model?.gridOf.get(grid.code) ?? null) : null;
    const stations = (grid?.stations ?? []).map((one) => this.model?.stationOf.get(one.code)).filter(Boolean);
    this.painter.choose({
      grid: chosen ?? (aboutPoint ? null : expected),
      point: aboutPoint ? project(point.lon, point.lat) : null,
      stations,
    });
    this.#notify(answer.stale_since ? fill(this.words.stale, { time: this.#time(answer.stale_since) }) : "");
    const taken = this.addresses.taken(answer);
    if (answer.status === "found") this.#answer([taken, ...this.card.found(answer, this.layer, aboutPoint)].filter(Boolean));
    else this.#answer(this.card.outside(answer));
    if (move || (aboutPoint && this.#isTiny(chosen))) this.#bringIntoView(answer, point, chosen);
    else if (aboutPoint) requestAnimationFrame(() => this.map.panInside([point.lat, point.lon], { padding: [30, 30] }));
    this.#remember(chosen);
    if (answer.version !== this.version) this.#refresh(answer.version);
  }

  // Too small to be seen under the mark of the point.
  #isTiny(grid) {
    return grid !== null && grid.radius * this.map.getZoomScale(this.map.getZoom(), 0) < 11;
  }

  // Never centres on the point itself: the centre of the view stands in the address bar.
  #bringIntoView(answer, point, chosen) {
    if (chosen) {
      this.#fitWorld(chosen);
      return;
    }
    const near = answer.nearest?.map((one) => this.model?.gridOf.get(one.code)).find(Boolean);
    const bounds = L.latLngBounds([[point.lat, point.lon]]);
    if (near) bounds.extend(leafletBounds(L, near));
    else bounds.extend([[this.config.bounds[1], this.config.bounds[0]], [this.config.bounds[3], this.config.bounds[2]]]);
    this.map.fitBounds(bounds, { padding: [40, 40], maxZoom: 17, animate: !STILL });
  }

  async #refresh(version) {
    this.version = version;
    byId("data-version").textContent = fill(this.words.data_version, { version });
    await this.load();
  }

  #answer(content) {
    document.body.dataset.sheet = "half";
    replaceContent(byId("answer"), ...content);
    byId("panel").scrollTop = 0;
    byId("intro").hidden = true;
  }

  #showFailure(error, again) {
    const { words } = this;
    const [title, text] =
      error.kind === "offline" ? [words.offline_title, words.offline_text]
      : error.kind === "busy" ? [words.busy_title, words.busy_text]
      : [words.failed_title, this.config.lang === "en" ? error.problem?.detail : (error.problem?.detail_zh ?? error.problem?.detail)];
    this.#answer(this.card.message(title, text, el("button", { type: "button", class: "button", onclick: again }, words.again)));
  }

  #notify(text) {
    byId("notice").textContent = text;
    byId("notice").hidden = !text;
  }

  #time(text) {
    return new Intl.DateTimeFormat(this.config.lang, { dateStyle: "medium", timeStyle: "short", timeZone: this.config.timezone })
      .format(new Date(text));
  }

  #remember(grid) {
    this.remembered = grid?.code ?? null;
    this.#writeView();
  }

  #writeView() {
    history.replaceState(null, "", writeView(this.map, this.layer, this.remembered));
  }

  // A layer that somebody's address names, where there is such a layer; the shown one otherwise.
  #known(code) {
    return this.config.layers.some((layer) => layer.code === code) ? code : this.layer;
  }

  #setLayer(code) {
    this.layer = code;
    const choice = document.querySelector(`input[name=layer][value="${CSS.escape(code)}"]`);
    if (choice) choice.checked = true;
    byId("release").textContent = this.config.layers.find((layer) => layer.code === code).release;
    byId("time-layer").value = code;
  }

  #fit([west, south, east, north]) {
    this.map.fitBounds([[south, west], [north, east]], { padding: [12, 12], animate: false });
  }

  #fitWorld(world) {
    this.map.fitBounds(leafletBounds(L, world), { padding: [70, 70], maxZoom: 17, animate: !STILL });
  }

  #prepareMap() {
    if (STILL) this.map.options.inertia = false;
    const container = this.map.getContainer();
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", this.words.map_label);
    container.setAttribute("aria-describedby", "map-keys");
    const [zoomIn, zoomOut] = [container.querySelector(".leaflet-control-zoom-in"), container.querySelector(".leaflet-control-zoom-out")];
    for (const [button, word] of [[zoomIn, this.words.zoom_in], [zoomOut, this.words.zoom_out]]) {
      button.title = word;
      button.setAttribute("aria-label", word);
    }
    const scale = L.control.scale({ imperial: false, maxWidth: 120 }).addTo(this.map);
    byId("scale").append(scale.getContainer());
  }

  #listen() {
    const { map } = this;
    new ResizeObserver(() => map.invalidateSize({ animate: false, pan: false })).observe(map.getContainer());
    map.on("moveend", () => this.model && this.#writeView());
    map.on("click", (event) => {
      if (!this.model) return;
      const { lng: lon, lat } = event.latlng.wrap();
      this.ask({ lon, lat }, { aboutPoint: true });
    });
    if (window.matchMedia("(hover: hover)").matches) {
      map.on("mousemove", (event) => this.#hover(event.latlng));
      map.on("mouseout", () => this.#hover(null));
    }
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== map.getContainer()) return;
      const { lng: lon, lat } = map.getCenter().wrap();
      this.ask({ lon, lat }, { aboutPoint: true });
    });
    for (const choice of document.querySelectorAll("input[name=layer]")) {
      choice.addEventListener("change", () => this.#changeLayer(choice.value));
    }
    // Only who moves by keys sees the cross that Enter asks about.
    document.addEventListener("keydown", () => (document.body.dataset.keys = "true"), true);
    document.addEventListener("pointerdown", () => delete document.body.dataset.keys, true);
    byId("locate")?.addEventListener("click", () => this.#locate());
    byId("sheet-toggle").addEventListener("click", () => {
      document.body.dataset.sheet = document.body.dataset.sheet === "full" ? "half" : "full";
    });
    window.addEventListener("hashchange", () => {
      const view = readView(location.hash);
      if (view.grid && view.grid !== this.remembered) this.chooseGrid(view.grid, this.#known(view.layer));
    });
  }

  async #changeLayer(code) {
    this.#setLayer(code);
    this.painter.choose({});
    await this.load();
    this.#remember(null);
    this.askAgain();
  }

  #hover(latlng) {
    if (!this.model) return;
    const grid = latlng ? this.model.at(...project(latlng.lng, latlng.lat)) : null;
    if (!this.painter.hover(grid)) return;
    const community = grid && this.model.areaOf.get(grid.community);
    byId("hovered").textContent = grid ? [community?.name, grid.short].filter(Boolean).join(" · ") : "";
    this.map.getContainer().style.cursor = grid ? "pointer" : "";
  }

  #locate() {
    this.#answer([el("p", { class: "quiet" }, this.words.locating)]);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this.ask({ lon: coords.longitude, lat: coords.latitude }, { aboutPoint: true, move: true }),
      () => this.#answer(this.card.message(this.words.locate_failed, this.words.locate_failed_text)),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
    );
  }

  #markReady() {
    requestAnimationFrame(() => {
      performance.mark("gridmap-ready");
      window.gridmapReady = performance.now();
      document.documentElement.dataset.ready = "true";
    });
  }
}

function shortened(text) {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

// A question asked on the home page; it travels in the tab's own storage, not in the address.
function takeQuestion() {
  const question = sessionStorage.getItem("gridmap.question");
  sessionStorage.removeItem("gridmap.question");
  return question;
}

window.gridmap.page = new MapPage();
window.gridmap.page.start();
