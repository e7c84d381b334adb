// Recent look-ups: in this browser alone, for a day, never sent. Where several share a computer none are kept.

import { el, replaceContent } from "../dom.js";

const KEPT = "gridmap.dispatch.recent";
const SHARED = "gridmap.dispatch.shared";
const MOST = 12;
const DAY_MILLISECONDS = 86_400_000;

export class Recent {
  // place: an element; again(text): ask this once more.
  constructor(place, { words, again }) {
    Object.assign(this, { place, words, again });
    this.show();
  }

  // The newest first; `note` says what it was taken for.
  add(text, note) {
    if (this.#shared()) return;
    this.#write([{ text, note, at: Date.now() }, ...this.#read().filter((one) => one.text !== text)].slice(0, MOST));
    this.show();
  }

  clear() {
    this.#write([]);
    this.show();
  }

  show() {
    const { words } = this;
    const items = this.#read();
    const shared = el("input", { type: "checkbox", id: "recent-off", checked: this.#shared() });
    shared.addEventListener("change", () => this.#share(shared.checked));
    replaceContent(
      this.place,
      el("h2", {}, words.recent),
      items.length ? el("ul", { class: "rows" }, items.map((item) => el("li", {}, this.#row(item)))) : el("p", { class: "quiet" }, words.recent_none),
      el("p", { class: "quiet" }, words.recent_text),
      el(
        "div",
        { class: "recent-tools" },
        el("label", { for: "recent-off" }, shared, el("span", {}, words.recent_off)),
        items.length > 0 && el("button", { type: "button", class: "plain", onclick: () => this.clear() }, words.recent_clear),
      ),
    );
  }

  #row({ text, note }) {
    return el(
      "button",
      { type: "button", class: "row", onclick: () => this.again(text) },
      el("span", { class: "row-title" }, text),
      note && el("span", { class: "row-note" }, note),
    );
  }

  #share(shared) {
    try {
      localStorage.setItem(SHARED, shared ? "true" : "");
    } catch {
      // A browser that keeps nothing keeps no look-ups either.
    }
    if (shared) this.clear();
    this.place.querySelector("#recent-off").focus();
  }

  #shared() {
    try {
      return localStorage.getItem(SHARED) === "true";
    } catch {
      return true;
    }
  }

  #read() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
      const since = Date.now() - DAY_MILLISECONDS;
      return kept.filter((one) => typeof one?.text === "string" && one.at > since);
    } catch {
      return [];
    }
  }

  #write(items) {
    try {
      if (items.length) localStorage.setItem(KEPT, JSON.stringify(items));
      else localStorage.removeItem(KEPT);
    } catch {
      // As above.
    }
  }
}
