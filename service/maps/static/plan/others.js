// What other planners do to the draft meanwhile, told in one line with a way to the place.

import { el, fill, replaceContent } from "../dom.js";

const STAYS_MS = 20_000;

export class Others {
  constructor(element, { wording, show }) {
    Object.assign(this, { element, wording, words: wording.words, show, timer: null });
  }

  // A "changed" event of somebody else.
  tell({ by, operations, grids }) {
    const { words, wording } = this;
    const theirs = operations.filter((one) => !one.mine);
    const last = theirs.at(-1);
    if (!last) return;
    const summary = wording.message(last, "summary") || last.kind;
    const text = theirs.length === 1 ? fill(words.other_did, { name: last.by, summary }) : fill(words.others_did, { names: by.join(words.comma), count: wording.count(theirs.length), summary });
    const codes = grids.changed.map(({ properties }) => properties.code);
    const place = last.place ?? null;
    replaceContent(
      this.element,
      el("span", {}, text),
      (place || codes.length > 0) && el("button", { type: "button", class: "plain", onclick: () => this.show(place ?? { code: codes[0] }) }, words.see_there),
    );
    this.element.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.element.hidden = true), STAYS_MS);
  }
}
