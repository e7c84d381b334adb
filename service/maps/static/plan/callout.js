// Why something was refused, said at its place on the map, and what may be done about it there.

import { el, replaceContent } from "../dom.js";

const ROOM_PIXELS = 12;

export class Callout {
  constructor(map, words) {
    Object.assign(this, { map, place: null });
    this.text = el("p", {});
    this.action = el("p", { hidden: true });
    const close = el("button", { type: "button", class: "plain", "aria-label": words.plan_close, onclick: () => this.clear() }, "×");
    this.element = el("div", { class: "plan-callout", role: "alert", hidden: true }, el("div", {}, this.text, this.action), close);
    this.mark = el("div", { class: "plan-callout-mark", "aria-hidden": "true", hidden: true });
    // Before all else on the map, so that the next Tab goes to it.
    map.getContainer().prepend(this.element, this.mark);
    map.on("move zoom resize", this.#follow, this);
  }

  close() {
    this.map.off("move zoom resize", this.#follow, this);
    this.element.remove();
    this.mark.remove();
  }

  // place: {lon, lat}; action: {text, act}, or null.
  say(text, place, action = null) {
    this.place = place;
    this.element.hidden = this.mark.hidden = false;
    replaceContent(this.text, text);
    this.action.hidden = !action;
    replaceContent(this.action, action && el("button", { type: "button", class: "button small", onclick: () => this.#take(action) }, action.text));
    this.#follow();
  }

  // Whether there was one.
  clear() {
    const had = !this.element.hidden;
    this.element.hidden = this.mark.hidden = true;
    this.place = null;
    return had;
  }

  #take({ act }) {
    this.clear();
    this.map.getContainer().focus({ preventScroll: true });
    act();
  }

  #follow() {
    if (!this.place) return;
    const { x: width, y: height } = this.map.getSize();
    const { x, y } = this.map.latLngToContainerPoint([this.place.lat, this.place.lon]);
    const { offsetWidth: own, offsetHeight: tall } = this.element;
    const left = Math.min(Math.max(x - own / 2, ROOM_PIXELS), Math.max(width - own - ROOM_PIXELS, ROOM_PIXELS));
    const above = y - tall - 18;
    const top = Math.min(above < ROOM_PIXELS ? y + 18 : above, height - tall - ROOM_PIXELS);
    this.mark.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    this.element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }
}
