// What is worth a look in the draft: errors first, what the base had already below; a click shows the place.

import { el, fill, replaceContent } from "../dom.js";

const MOST = 60;

export class Findings {
  // ask() gives all of them; show(finding) moves the map; counted(errors, warnings) tells the tab.
  constructor(element, { wording, ask, show, counted }) {
    Object.assign(this, { element, wording, words: wording.words, ask, show, counted, items: null, turn: 0 });
  }

  async renew() {
    const turn = (this.turn += 1);
    try {
      const { items } = await this.ask();
      if (turn === this.turn) this.#take(items);
    } catch (error) {
      if (turn === this.turn) this.#fail(error);
    }
  }

  #take(items) {
    const rank = (one) => (one.severity === "error" ? 0 : isNew(one) ? 1 : 2);
    this.items = [...items].sort((a, b) => rank(a) - rank(b));
    const fresh = this.items.filter((one) => one.severity === "error" || isNew(one));
    this.counted(fresh.filter((one) => one.severity === "error").length, fresh.filter((one) => one.severity !== "error").length);
    this.#paint(fresh, this.items.slice(fresh.length));
  }

  #paint(fresh, old) {
    const { words, wording } = this;
    replaceContent(
      this.element,
      el("h2", {}, words.findings_title),
      fresh.length ? this.#list(fresh) : el("p", { class: "empty-state good" }, words.findings_none),
      old.length > 0 &&
        el("details", { class: "old-findings" }, el("summary", {}, fill(words.findings_old, { count: wording.count(old.length) })), this.#list(old)),
    );
  }

  #list(items) {
    const { words, wording } = this;
    const more = items.length - MOST;
    return [
      el("ul", { class: "finding-list" }, items.slice(0, MOST).map((one) => this.#item(one))),
      more > 0 && el("p", { class: "quiet" }, fill(words.findings_more, { count: wording.count(more) })),
    ];
  }

  #item(finding) {
    const { words, wording } = this;
    const error = finding.severity === "error";
    const placed = Number.isFinite(finding.lon) && Number.isFinite(finding.lat);
    const text = el("span", { class: "finding-text" }, wording.message(finding));
    const content = [el("span", { class: `chip ${error ? "failure" : "caution"}` }, error ? words.finding_error : words.finding_warning), text];
    return el("li", {}, placed ? el("button", { type: "button", class: "finding", onclick: () => this.show(finding) }, content) : el("div", { class: "finding" }, content));
  }

  #fail(error) {
    const again = el("button", { type: "button", class: "button small", onclick: () => this.renew() }, this.words.again);
    replaceContent(this.element, el("h2", {}, this.words.findings_title), el("p", { class: "notice-box failure", role: "alert" }, this.wording.problem(error)), again);
  }
}

function isNew(finding) {
  return finding.new ?? finding.facts?.new ?? true;
}
