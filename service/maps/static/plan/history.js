// What was done to the draft, the newest first: by whom, when, what was taken back; a click shows the place.

import { el, fill, replaceContent } from "../dom.js";

const MOST = 200;

export class History {
  constructor(element, { client, wording, show }) {
    Object.assign(this, { element, client, wording, words: wording.words, show, items: [], turn: 0 });
  }

  async renew() {
    const turn = (this.turn += 1);
    try {
      const items = await this.client.operations();
      if (turn !== this.turn) return;
      this.items = items;
      this.#paint();
    } catch (error) {
      if (turn === this.turn) this.#fail(error);
    }
  }

  #paint() {
    const { words } = this;
    const newest = this.items.slice(-MOST).reverse();
    const older = this.items.length - newest.length;
    replaceContent(
      this.element,
      el("h2", {}, words.history_title),
      newest.length
        ? el("ol", { class: "history-list" }, newest.map((one) => this.#item(one)))
        : el("p", { class: "empty-state" }, words.history_none),
      older > 0 && el("p", { class: "quiet" }, fill(words.history_older, { count: this.wording.count(older) })),
    );
  }

  #item(one) {
    const { words, wording } = this;
    const summary = wording.message(one, "summary") || one.kind;
    const place = one.place ?? (one.grids.length ? { code: one.grids.at(-1) } : null);
    const by = one.mine ? words.me : one.by;
    return el(
      "li",
      { class: one.undone_by ? "undone" : null },
      place
        ? el("button", { type: "button", class: "opens", onclick: () => this.show(place) }, summary)
        : el("span", {}, summary),
      el("p", { class: "quiet" }, `${by} · ${wording.time(one.at)}`, one.undone_by ? ` · ${words.was_undone}` : ""),
    );
  }

  #fail(error) {
    const again = el("button", { type: "button", class: "button small", onclick: () => this.renew() }, this.words.again);
    replaceContent(this.element, el("h2", {}, this.words.history_title), el("p", { class: "notice-box failure", role: "alert" }, this.wording.problem(error)), again);
  }
}
