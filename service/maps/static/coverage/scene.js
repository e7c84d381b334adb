// The map: its picture and marks, and what a click, a key or a drag on it means.

import { fill } from "../dom.js";
import { leafletBounds, project } from "../model.js";
import { gapName } from "./details.js";
import { Marks } from "./marks.js";
import { Picture } from "./picture.js";

const STILL = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const COARSE = window.matchMedia("(pointer: coarse)").matches;
const TOUCHED = 44;
// What a map may take of an A4 sheet, at 96 pixels to the inch.
const SHEET_PIXELS = [680, 450];
const GAP_PIXELS = [28, 56];
// On a small map marks are drawn smaller; what is read and what a finger touches stays as large.
const SMALL_MAP_PIXELS = 600;
const SMALL_GAP_PIXELS = [32, 44];

export class Scene {
  // acts: place(grid, point), station(item), gap(item), site(item), dragging(item, point), dragged(item, point),
  // add(point), hover(grid), view().
  constructor(L, map, config, figures, acts) {
    Object.assign(this, { L, map, config, words: config.words, figures, acts, model: null, editing: false, adding: false });
    this.chosen = null;
    this.picture = new Picture(L, map, config.no_data);
    this.picture.bandLabel = (minutes) => figures.minutes(minutes);
    const moving = { moving: (item, point) => acts.dragging(item, point), moved: (item, point) => acts.dragged(item, point) };
    this.gaps = new Marks(L, map, (item) => this.#gapMark(item), { choose: acts.gap });
    this.stations = new Marks(L, map, (item) => this.#stationMark(item), { choose: acts.station, ...moving });
    this.sites = new Marks(L, map, (item) => this.#siteMark(item), { choose: acts.site });
    this.#prepare();
    this.#listen();
  }

  // stations, gaps, sites: items with key, lon, lat.
  showStations(items) {
    this.stations.show(items);
    this.#showDots();
  }

  showGaps(items) {
    this.allGaps = items;
    this.gaps.show(this.#apart(items));
  }

  choose(key) {
    this.chosen = key;
    this.stations.show(this.stations.items);
    this.gaps.show(this.gaps.items);
  }

  add(under) {
    this.adding = under;
    this.map.getContainer().classList.toggle("adding", under);
  }

  fit([west, south, east, north], animate = false) {
    this.map.fitBounds([[south, west], [north, east]], { padding: [12, 12], animate: animate && !STILL });
  }

  fitWorld(world) {
    this.map.fitBounds(leafletBounds(this.L, world), { padding: [60, 60], maxZoom: 17, animate: !STILL });
  }

  goTo({ lon, lat }, zoom = 15.5) {
    this.map.setView([lat, lon], Math.max(this.map.getZoom(), zoom), { animate: !STILL });
  }

  #stationMark(item) {
    const states = ["off", "cut", "added", "moved", "closed"].filter((name) => item[name]);
    const large = ["centre", "center"].includes(item.level) ? 34 : 28;
    const chosen = item.key === this.chosen ? " chosen" : "";
    const label = this.editing && !item.closed ? fill(this.words.plan_marker, { name: item.name }) : item.name;
    return {
      content: item.symbol, class: `station ${states.join(" ")}${chosen}`, size: COARSE ? TOUCHED : large,
      label: [label, item.note].filter(Boolean).join(this.words.list_comma), draggable: this.editing && !item.closed,
      front: item.added || item.moved ? 2000 : 1000,
    };
  }

  #gapMark(item) {
    const label = fill(this.words.gap_mark, { number: item.number, households: this.figures.number(item.size) });
    const drawn = this.#sizeOf(item, this.allGaps);
    return {
      content: this.figures.number(item.size), class: `gap${item.closed ? " closed" : ""}${item.key === this.chosen ? " chosen" : ""}`, drawn,
      size: Math.max(drawn, COARSE ? TOUCHED : 0), label: [label, gapName(item, this.words), item.closed && this.words.gap_closed].filter(Boolean).join(this.words.list_comma),
    };
  }

  #siteMark(item) {
    const values = { rank: item.rank, name: item.name || this.words.propose_unnamed, count: this.figures.number(item.gained) };
    return { content: `+${this.figures.number(item.gained)}`, class: "site", size: 44, label: fill(this.words.propose_site, values), front: 3000 };
  }

  // A gap that would lie on a larger one is left out until the map is nearer.
  #apart(items) {
    const drawn = [];
    const kept = [];
    for (const item of [...items].sort((one, other) => other.size - one.size)) {
      const at = this.map.latLngToContainerPoint([item.lat, item.lon]);
      const radius = this.#sizeOf(item, items) / 2;
      if (drawn.some((other) => other.at.distanceTo(at) < (other.radius + radius) * 0.85)) continue;
      drawn.push({ at, radius });
      kept.push(item);
    }
    return kept;
  }

  #showDots() {
    const { items, crowded } = this.stations;
    this.picture.show({ dots: crowded ? items.filter((one) => !one.closed && !one.added && !one.moved).map((one) => ({ at: project(one.lon, one.lat), off: one.off })) : [] });
  }

  #prepare() {
    const { map, words } = this;
    if (STILL) map.options.inertia = false;
    const container = map.getContainer();
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", words.map_label);
    container.setAttribute("aria-describedby", "map-keys");
    for (const [name, word] of [["in", words.zoom_in], ["out", words.zoom_out]]) {
      const button = container.querySelector(`.leaflet-control-zoom-${name}`);
      button.title = word;
      button.setAttribute("aria-label", word);
    }
    const scale = this.L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
    document.getElementById("scale").append(scale.getContainer());
    // A print shows the map as it stands, scaled to the sheet by these.
    const measure = () => {
      map.invalidateSize({ animate: false, pan: false });
      const { clientWidth: width, clientHeight: height } = container;
      container.style.setProperty("--shown-width", `${width}px`);
      container.style.setProperty("--shown-height", `${height}px`);
      container.style.setProperty("--shown-scale", Math.min(SHEET_PIXELS[0] / width, SHEET_PIXELS[1] / height, 1).toFixed(3));
    };
    new ResizeObserver(measure).observe(container);
  }

  #listen() {
    const { map } = this;
    const container = map.getContainer();
    map.on("moveend", () => {
      if (this.allGaps) this.gaps.show(this.#apart(this.allGaps));
      this.#showDots();
      this.acts.view();
    });
    map.on("click", (event) => this.#click(event.latlng.wrap(), event.containerPoint));
    container.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === container) this.#click(map.getCenter().wrap(), null);
    });
    if (window.matchMedia("(hover: hover)").matches) {
      map.on("mousemove", ({ latlng }) => this.#hover(latlng));
      map.on("mouseout", () => this.#hover(null));
    }
    // Only who moves by keys sees the cross that Enter asks about.
    document.addEventListener("keydown", () => (document.body.dataset.keys = "true"), true);
    document.addEventListener("pointerdown", () => delete document.body.dataset.keys, true);
  }

  #click({ lng: lon, lat }, at) {
    if (this.adding) {
      this.acts.add({ lon, lat });
      return;
    }
    const station = at && this.stations.at(at);
    if (station) this.acts.station(station);
    else this.acts.place(this.model?.at(...project(lon, lat)) ?? null);
  }

  #hover(latlng) {
    if (!this.model) return;
    const grid = latlng ? this.model.at(...project(latlng.lng, latlng.lat)) : null;
    if (this.picture.hover(grid)) this.acts.hover(grid);
  }

  #sizeOf({ size }, items) {
    const most = Math.max(...items.map((one) => one.size), 1);
    const [least, largest] = this.map.getSize().x < SMALL_MAP_PIXELS ? SMALL_GAP_PIXELS : GAP_PIXELS;
    return least + (largest - least) * Math.sqrt(size / most);
  }
}
