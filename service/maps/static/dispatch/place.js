// The map beside the answer: the place, its grid, the one across the nearest border, numbers where candidates lie.

import { el, fill, replaceContent } from "../dom.js";
import { leafletBounds } from "../model.js";
import { GridScene } from "../scene.js";

const STILL = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const CLOSE_METRES = 30;
const CLOSE_ZOOM = 18;
const DEGREE_METRES = 111_195;

export class PlaceMap {
  // place, key: elements. point({lon, lat}): somebody pointed at a place. candidate(place): pressed its number.
  constructor({ place, key }, { config, service, words, point, candidate, failed }) {
    Object.assign(this, { place, key, config, service, words, candidate, failed, records: new Map(), version: null, marks: [], shown: null });
    this.#make(point);
  }

  // Draws the grids; what was answered meanwhile is shown as soon as they are there.
  async load() {
    const records = await this.#show().catch(() => null);
    this.failed(records === null);
    if (!records) return;
    this.records = new Map(records.map((record) => [record.code, record]));
    this.version ??= this.config.version;
    this.shown?.();
  }

  async #show() {
    await this.scene.show(this.config.layer);
    return this.scene.index();
  }

  // Only what an answer of another version shows may have other borders.
  async follow(version) {
    if (this.version === null || version === this.version) return;
    this.version = version;
    await this.load();
  }

  clear() {
    this.shown = null;
    this.#mark([]);
    this.scene.choose({});
    replaceContent(this.key);
    this.fitAll();
  }

  // point: {lon, lat} or null; grid, beside: as an answer names them, beside with its metres; stations: their codes.
  show({ point, grid, beside = null, stations = [] }) {
    this.shown = () => {
      const [chosen, other] = [grid, beside].map((one) => this.#known(one));
      this.#mark([]);
      this.at = point;
      this.scene.choose({
        grid: chosen, beside: other ? [other] : [], point,
        stations: stations.map((code) => this.scene.model?.stationOf.get(code)).filter(Boolean),
      });
      this.#explain(chosen && this.words.map_chosen, beside && fill(this.words.map_nearest, { name: beside.name, metres: this.#metres(beside.metres) }));
      this.#bringIntoView(point, chosen, beside, other);
    };
    this.shown();
  }

  // Candidates under the numbers that choose them: [{point, grids}…].
  choices(candidates) {
    this.shown = () => {
      const grids = candidates.flatMap((one) => one.grids.map((grid) => this.#known(grid))).filter(Boolean);
      this.scene.choose({ beside: [...new Set(grids)] });
      this.#explain(null, grids.length > 0 && this.words.map_possible);
      this.#mark(candidates);
      const bounds = window.L.latLngBounds(candidates.map(({ point }) => [point.lat, point.lon]));
      for (const grid of grids) bounds.extend(leafletBounds(window.L, grid));
      this.map.fitBounds(bounds, { padding: [40, 40], maxZoom: 17, animate: false });
    };
    this.shown();
  }

  station(code) {
    const station = this.scene.model?.stationOf.get(code);
    if (station) this.map.panTo([station.point[1], station.point[0]], { animate: !STILL });
  }

  grid(code) {
    const grid = this.records.get(code);
    if (!grid) return;
    this.scene.choose({ beside: [grid], point: this.at });
    this.map.fitBounds(leafletBounds(window.L, grid), { padding: [40, 40], maxZoom: 17, animate: !STILL });
  }

  fitAll() {
    const [west, south, east, north] = this.config.bounds;
    this.map.fitBounds([[south, west], [north, east]], { padding: [12, 12], animate: false });
  }

  #known(grid) {
    return grid && grid.layer === this.config.layer ? (this.records.get(grid.code) ?? null) : null;
  }

  // Near a border the few metres that matter are shown, else the whole grid; outside, the way to the nearest.
  #bringIntoView(point, chosen, beside, other) {
    if (chosen && beside && beside.metres < CLOSE_METRES) {
      this.map.setView([point.lat, point.lon], CLOSE_ZOOM, { animate: false });
      return;
    }
    const seen = chosen ?? other;
    const bounds = window.L.latLngBounds([[point.lat, point.lon]]);
    if (seen) bounds.extend(leafletBounds(window.L, seen));
    this.map.fitBounds(bounds.pad(0.25), { maxZoom: 17.5, animate: false });
  }

  #explain(chosen, beside) {
    const item = (kind, word) => el("span", { class: `key-item ${kind}` }, word);
    replaceContent(this.key, chosen && item("chosen", chosen), beside && item("beside", beside));
  }

  #metres(metres) {
    const number = (value, digits) => new Intl.NumberFormat(this.config.lang, { maximumFractionDigits: digits }).format(value);
    if (metres < 1000) return fill(this.words.metres, { metres: number(metres, metres < 10 ? 1 : 0) });
    return fill(this.words.kilometres, { kilometres: number(metres / 1000, 1) });
  }

  #mark(candidates) {
    const { L } = window;
    for (const mark of this.marks) mark.remove();
    this.marks = candidates.map(({ point }, place) => {
      const icon = L.divIcon({ className: "map-number", html: el("span", {}, String(place + 1)), iconSize: [30, 30] });
      const mark = L.marker([point.lat, point.lon], { icon, keyboard: false, bubblingMouseEvents: false });
      return mark.on("click", () => this.candidate(place)).addTo(this.map);
    });
    spread(this.marks);
  }

  #make(point) {
    const { L } = window;
    const { words } = this;
    this.map = L.map(this.place, { attributionControl: false, zoomControl: false, zoomSnap: 0.25, minZoom: 3, maxZoom: 20, inertia: !STILL });
    L.control.zoom({ position: "topright", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(this.map);
    L.control.scale({ imperial: false, maxWidth: 120 }).addTo(this.map);
    this.scene = new GridScene(L, this.map, this.config, this.service);
    this.place.setAttribute("role", "application");
    this.place.setAttribute("aria-label", words.map_label);
    this.place.setAttribute("aria-describedby", "map-keys");
    this.fitAll();
    const pointed = ({ lng: lon, lat }) => point({ lon, lat });
    this.map.on("click", (event) => pointed(event.latlng.wrap()));
    this.place.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === this.place) pointed(this.map.getCenter().wrap());
    });
    // The room for the map changes with the window; what was in view stays in view.
    let had = this.map.getSize();
    new ResizeObserver(() => {
      this.map.invalidateSize({ animate: false });
      const size = this.map.getSize();
      if (Math.abs(size.x - had.x) > 80 || had.x === 0) (this.shown ?? (() => this.fitAll()))();
      had = size;
    }).observe(this.place);
  }
}

// Candidates at one place stand side by side, so that each number can be read.
function spread(marks) {
  const taken = new Map();
  for (const mark of marks) {
    const { lat, lng } = mark.getLatLng();
    const cell = `${Math.round(lat * DEGREE_METRES)},${Math.round(lng * DEGREE_METRES)}`;
    const before = taken.get(cell) ?? 0;
    taken.set(cell, before + 1);
    if (before) {
      const { icon } = mark.options;
      icon.options.iconAnchor = [15 - 32 * before, 15];
      mark.setIcon(icon);
    }
  }
}
