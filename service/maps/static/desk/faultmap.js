// Where faults lie: a small map of the grids with a mark for each fault that has a place.

import { leafletBounds } from "../model.js";
import { GridScene } from "../scene.js";

const MOST_MARKS = 2000;

export class FaultMap {
  // place: an element; choose(finding): a mark was pressed.
  constructor(place, { config, service, words, choose }) {
    Object.assign(this, { place, config, service, words, choose, marks: new Map(), chosen: null });
    this.map = null;
  }

  // Draws the faults that have a place; the grids below are drawn as soon as they are there.
  show(findings) {
    if (!this.map) this.#make();
    for (const mark of this.marks.values()) mark.remove();
    this.marks.clear();
    for (const finding of findings.slice(0, MOST_MARKS)) this.#mark(finding);
    this.bounds = window.L.latLngBounds(findings.slice(0, MOST_MARKS).map((one) => [one.lat, one.lon])).pad(0.1);
    this.#fitAll();
  }

  #fitAll() {
    if (this.bounds?.isValid()) this.map.fitBounds(this.bounds, { maxZoom: 16, animate: false });
  }

  point(finding) {
    this.marks.get(this.chosen)?.setStyle(styleOf(this.chosen, false));
    this.chosen = finding;
    if (!this.map || !hasPlace(finding)) return;
    if (!this.marks.has(finding)) this.#mark(finding);
    this.marks.get(finding).setStyle(styleOf(finding, true)).bringToFront();
    this.map.setView([finding.lat, finding.lon], Math.max(this.map.getZoom(), 16), { animate: false });
  }

  // The room for the map has changed; where it had none before, nothing was in view yet.
  refit() {
    if (!this.map) return;
    const had = this.map.getSize().x > 0;
    this.map.invalidateSize({ animate: false });
    if (!had && !this.chosen) this.#fitAll();
  }

  #make() {
    const { L } = window;
    const { words } = this;
    this.map = L.map(this.place, {
      attributionControl: false, zoomControl: false, zoomSnap: 0.25, minZoom: 4, maxZoom: 20, preferCanvas: false,
    });
    L.control.zoom({ position: "topright", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(this.map);
    this.map.setView([36, 104], 4);
    this.place.setAttribute("role", "application");
    this.place.setAttribute("aria-label", words.fault_map);
    new ResizeObserver(() => this.refit()).observe(this.place);
    this.scene = new GridScene(L, this.map, this.config, this.service);
    this.#grids();
  }

  // Without grids, or without the service, the marks still stand where they are.
  async #grids() {
    if (!this.config.layers.length) return;
    const shown = await this.scene.show(this.config.layer).catch(() => false);
    const bounds = shown && this.scene.model.bounds;
    if (!this.marks.size && bounds) this.map.fitBounds(leafletBounds(window.L, bounds), { animate: false });
  }

  #mark(finding) {
    const mark = window.L.circleMarker([finding.lat, finding.lon], { ...styleOf(finding, false), bubblingMouseEvents: false });
    mark.on("click", () => this.choose(finding));
    mark.addTo(this.map);
    this.marks.set(finding, mark);
  }
}

export function hasPlace(finding) {
  return Number.isFinite(finding?.lon) && Number.isFinite(finding?.lat);
}

// An error is filled, a warning a ring; the chosen one is larger.
function styleOf(finding, chosen) {
  const error = finding?.severity === "error";
  return {
    radius: chosen ? 11 : 7,
    weight: chosen ? 4 : 2.5,
    color: error ? "#a5231b" : "#7a4a00",
    fillColor: error ? "#a5231b" : "#fff4da",
    fillOpacity: chosen ? 0.55 : 0.85,
  };
}
