// Why something was refused, said at its place on the map.

import { el, replaceContent } from "../dom.js";

const ROOM_PIXELS = 12;

export class Callout {
  constructor(map, words) {
    Object.assign(this, { map, place: null });
    this.text = el("p", {});
    const close = el("button", { type: "button", class: "plain", "aria-label": words.plan_close, onclick: () => this.clear() }, "×");
    this.element = el("div", { class: "plan-callout", role: "alert", hidden: true }, this.text, close);
    map.getContainer().append(this.element);
    map.on("move zoom resize", this.#follow, this);
  }

  close() {
    this.map.off("move zoom resize", this.#follow, this);
    this.element.remove();
  }

  // place: {lon, lat}.
  say(text, place) {
    this.place = place;
    this.element.hidden = false;
    replaceContent(this.text, text);
    this.#follow();
  }

  // Whether there was one.
  clear() {
    const had = !this.element.hidden;
    this.element.hidden = true;
    this.place = null;
    return had;
  }

  #follow() {
    if (!this.place) return;
    const { x: width, y: height } = this.map.getSize();
    const { x, y } = this.map.latLngToContainerPoint([this.place.lat, this.place.lon]);
    const { offsetWidth: own, offsetHeight: tall } = this.element;
    const left = Math.min(Math.max(x - own / 2, ROOM_PIXELS), Math.max(width - own - ROOM_PIXELS, ROOM_PIXELS));
    const above = y - tall - 18;
    const top = Math.min(above < ROOM_PIXELS ? y + 18 : above, height - tall - ROOM_PIXELS);
    this.element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }
}
