// What stands around the map: names for its buttons, the scale, ways to the own place and to the whole, the keyboard's cross.

import { el } from "./dom.js";

const ICONS = {
  locate: "M12 2v3M12 19v3M2 12h3M19 12h3M12 7a5 5 0 1 0 0 10a5 5 0 0 0 0-10z",
  whole: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
};

// acts: {locate(), whole(), ask({lon, lat})}; there is no button, or no asking, for what is not given.
export function prepareMap(L, map, words, acts, { still, scale }) {
  if (still) map.options.inertia = false;
  const container = map.getContainer();
  container.setAttribute("role", "application");
  container.setAttribute("aria-label", words.map_label);
  if (document.getElementById("map-keys")) container.setAttribute("aria-describedby", "map-keys");
  for (const [name, word] of [["in", words.zoom_in], ["out", words.zoom_out]]) {
    const button = container.querySelector(`.leaflet-control-zoom-${name}`);
    button.title = word;
    button.setAttribute("aria-label", word);
  }
  const buttons = [["whole", words.whole_map, acts.whole], ["locate", words.locate, acts.locate]];
  addButtons(L, map, buttons.filter(([, , act]) => act));
  const ruler = L.control.scale({ imperial: false, maxWidth: map.getSize().x < 560 ? 96 : 120 }).addTo(map);
  scale?.append(ruler.getContainer());
  new ResizeObserver(() => map.invalidateSize({ animate: false, pan: false })).observe(container);
  container.addEventListener("keydown", (event) => {
    if (!acts.ask || event.key !== "Enter" || event.target !== container) return;
    const { lng: lon, lat } = map.getCenter().wrap();
    acts.ask({ lon, lat });
  });
  // Only who moves by keys sees the cross that Enter asks about.
  document.addEventListener("keydown", () => (document.body.dataset.keys = "true"), true);
  document.addEventListener("pointerdown", () => delete document.body.dataset.keys, true);
}

function addButtons(L, map, buttons) {
  const Bar = L.Control.extend({
    onAdd() {
      const bar = el("div", { class: "leaflet-bar map-buttons" }, buttons.map(([name, word, act]) => {
        const button = el("button", { type: "button", title: word, "aria-label": word, class: `map-${name}`, onclick: act }, icon(ICONS[name]));
        return button;
      }));
      L.DomEvent.disableClickPropagation(bar);
      return bar;
    },
  });
  new Bar({ position: "topright" }).addTo(map);
}

function icon(path) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", width: 22, height: 22, fill: "none", stroke: "currentColor", "stroke-width": 2, "aria-hidden": "true" })) {
    drawn.setAttribute(name, value);
  }
  const line = document.createElementNS(drawn.namespaceURI, "path");
  line.setAttribute("d", path);
  drawn.append(line);
  return drawn;
}
