// Marks on the map that can be clicked, focused and dragged: stations, gaps, proposed sites. Their names are set as text.

import { el } from "../dom.js";

const MOST_MARKS = 240;
const NEAR_PIXELS = 14;
const ARROWS = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const STEP_METRES = 20;
const LONG_STEP_METRES = 100;
const DEGREE_METRES = 111_195;

// One kind of mark. draw(item) → {content, class, label, size, drawn, draggable, front}, sizes in pixels; acts: choose(item), moving(item, point),
// moved(item, point).
export class Marks {
  constructor(L, map, draw, acts) {
    Object.assign(this, { L, map, draw, acts, items: [], shown: new Map() });
    this.pane = L.layerGroup().addTo(map);
    this.Icon = L.Icon.extend({
      createIcon() {
        return this.options.element;
      },
      createShadow() {
        return null;
      },
    });
    map.on("moveend", () => this.#fill());
  }

  // items: [{key, lon, lat, …}], what matters most first.
  show(items) {
    this.items = items;
    this.#fill(true);
  }

  // Those that are too many to be marks of their own, for a plainer drawing.
  get crowded() {
    return this.#inView().length > MOST_MARKS;
  }

  // The item at a place of the map, where they are drawn plainly.
  at(point) {
    let [best, nearest] = [null, NEAR_PIXELS];
    for (const item of this.crowded ? this.items : []) {
      const apart = this.map.latLngToContainerPoint([item.lat, item.lon]).distanceTo(point);
      if (apart < nearest) [best, nearest] = [item, apart];
    }
    return best;
  }

  focus(key) {
    this.shown.get(key)?.getElement()?.focus({ preventScroll: true });
  }

  #inView() {
    const bounds = this.map.getBounds().pad(0.2);
    return this.items.filter((item) => bounds.contains([item.lat, item.lon]));
  }

  // A mark that is being dragged or has the keyboard stays the same element.
  #fill(anew = false) {
    // What is tried out is a mark among however many.
    const wanted = this.#inView().filter((item, _place, all) => all.length <= MOST_MARKS || item.added || item.moved);
    const keys = new Set(wanted.map((item) => item.key));
    for (const [key, marker] of this.shown) {
      if (keys.has(key)) continue;
      marker.remove();
      this.shown.delete(key);
    }
    for (const item of wanted) {
      const marker = this.shown.get(item.key);
      if (!marker) this.#add(item);
      else if (anew) this.#renew(marker, item);
    }
  }

  #add(item) {
    const drawn = this.draw(item);
    const element = el("div", { class: "leaflet-marker-icon map-mark" });
    const options = { icon: this.#icon(element, drawn.size), draggable: drawn.draggable, autoPan: true, zIndexOffset: drawn.front ?? 0 };
    const marker = this.L.marker([item.lat, item.lon], options);
    marker.item = item;
    this.shown.set(item.key, marker);
    marker.addTo(this.pane);
    this.#paint(marker, drawn);
    this.#listen(marker, element);
  }

  #renew(marker, item) {
    marker.item = item;
    const drawn = this.draw(item);
    if (!marker.dragged) marker.setLatLng([item.lat, item.lon]);
    if (drawn.draggable) marker.dragging.enable();
    else marker.dragging.disable();
    this.#paint(marker, drawn);
  }

  #icon(element, size) {
    return new this.Icon({ element, iconSize: [size, size], iconAnchor: [size / 2, size / 2] });
  }

  #paint(marker, { content, class: name, label, size, drawn }) {
    const element = marker.getElement();
    for (const old of [...element.classList]) if (!old.startsWith("leaflet-")) element.classList.remove(old);
    element.classList.add("map-mark", ...name.split(" ").filter(Boolean));
    element.style.width = element.style.height = `${size}px`;
    element.style.marginLeft = element.style.marginTop = `${-size / 2}px`;
    element.setAttribute("aria-label", label);
    element.title = label;
    const face = el("span", {}, content);
    if (drawn) face.style.width = face.style.height = `${drawn}px`;
    element.replaceChildren(face);
  }

  #listen(marker, element) {
    marker.on("click", () => this.acts.choose(marker.item));
    marker.on("dragstart", () => {
      marker.dragged = true;
    });
    marker.on("drag", () => this.acts.moving?.(marker.item, pointOf(marker)));
    marker.on("dragend", () => {
      marker.dragged = false;
      this.acts.moved?.(marker.item, pointOf(marker));
    });
    element.addEventListener("keydown", (event) => this.#key(event, marker));
  }

  #key(event, marker) {
    if (event.key === "Enter" || event.key === " ") this.acts.choose(marker.item);
    else if (event.key in ARROWS && marker.dragging?.enabled()) {
      const metres = event.shiftKey ? LONG_STEP_METRES : STEP_METRES;
      this.acts.moved(marker.item, stepped(pointOf(marker), ARROWS[event.key], metres));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function pointOf(marker) {
  const { lat, lng } = marker.getLatLng().wrap();
  return { lon: lng, lat };
}

function stepped({ lon, lat }, [east, north], metres) {
  const degrees = metres / DEGREE_METRES;
  return { lon: lon + (east * degrees) / Math.cos((lat * Math.PI) / 180), lat: lat + north * degrees };
}
