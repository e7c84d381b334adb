// Two pictures of the same place, one over the other: what lies left of a handle is the first, right of it the second.

import { el } from "../dom.js";

const START = 0.5;
const STEP = 0.02;

export class Swipe {
  // left, right: elements in the map's panes whose origins are those of the map's layers. label: what the handle is called.
  constructor(map, { left, right, label }) {
    Object.assign(this, { map, left, right, at: START });
    this.handle = el("div", {
      class: "swipe", role: "slider", tabindex: "0", "aria-label": label, "aria-orientation": "horizontal",
      "aria-valuemin": "0", "aria-valuemax": "100",
    }, el("span", { class: "swipe-grip", "aria-hidden": "true" }, "⇔"));
    map.getContainer().append(this.handle);
    window.L.DomEvent.disableClickPropagation(this.handle);
    this.handle.addEventListener("pointerdown", (event) => this.#take(event));
    this.handle.addEventListener("keydown", (event) => this.#key(event));
    map.on("move zoomend viewreset resize", () => this.#clip());
    this.#clip();
  }

  #take(event) {
    event.preventDefault();
    this.handle.setPointerCapture(event.pointerId);
    const moved = ({ clientX }) => {
      const { left, width } = this.map.getContainer().getBoundingClientRect();
      this.#put((clientX - left) / width);
    };
    const done = () => {
      this.handle.removeEventListener("pointermove", moved);
      this.handle.focus({ preventScroll: true });
    };
    this.handle.addEventListener("pointermove", moved);
    this.handle.addEventListener("lostpointercapture", done, { once: true });
  }

  #key(event) {
    const to = { ArrowLeft: this.at - STEP, ArrowRight: this.at + STEP, Home: 0, End: 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#put(to);
  }

  #put(at) {
    this.at = Math.min(Math.max(at, 0), 1);
    this.#clip();
  }

  #clip() {
    const { x: width, y: height } = this.map.getSize();
    const edge = Math.round(width * this.at);
    const corner = this.map.containerPointToLayerPoint([0, 0]);
    const box = (from, to) => `rect(${corner.y}px, ${corner.x + to}px, ${corner.y + height}px, ${corner.x + from}px)`;
    this.left.style.clip = box(0, edge);
    this.right.style.clip = box(edge, width);
    this.handle.style.left = `${edge}px`;
    this.handle.setAttribute("aria-valuenow", String(Math.round(this.at * 100)));
  }
}
