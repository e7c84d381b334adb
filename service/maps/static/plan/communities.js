// The communities of the draft with their figures; one is chosen, merged into another, split, numbered anew.

import { el, fill, replaceContent } from "../dom.js";
import { field, select } from "../kit/form.js";
import { confirmDialog } from "../kit/dialog.js";
import { beforeAfter, isOtherwise } from "./figures.js";
import { createCommunity } from "./edits.js";

const FILTERED_FROM = 10;
const MOST = 60;

export class Communities {
  // acts: {choose(rows), act(operation, options), drawLine(), chosen() → properties of the chosen grids, editable()}.
  // ask(code) gives the figures of a community.
  constructor(element, { wording, register, acts, ask }) {
    Object.assign(this, { element, wording, words: wording.words, register, acts, ask, changes: [], opened: null, known: null, turn: 0, text: "" });
    this.input = el("input", { type: "search", "aria-label": this.words.community_filter, placeholder: this.words.community_filter, autocomplete: "off", maxlength: "100" });
    this.input.addEventListener("input", () => this.#filter(this.input.value));
    this.list = el("ul", { class: "community-list" });
    this.note = el("p", { class: "quiet" });
  }

  know(impact) {
    this.changes = impact.communities.filter(isOtherwise);
    this.show();
  }

  show() {
    const all = this.register.communities(this.wording.lang);
    this.all = all;
    if (!this.list.isConnected) replaceContent(this.element, el("h2", {}, this.words.communities_title), this.input, this.list, this.note);
    this.input.hidden = all.length < FILTERED_FROM;
    this.#paint();
  }

  #filter(text) {
    this.text = text.trim().toLowerCase();
    this.#paint();
  }

  #paint() {
    const { words } = this;
    const changed = new Set(this.changes.flatMap(({ before, after }) => [before?.code, after?.code]));
    const meant = this.all.filter(({ name, code }) => `${name} ${code}`.toLowerCase().includes(this.text));
    // What the draft changes comes first.
    const found = [...meant.filter(({ code }) => changed.has(code)), ...meant.filter(({ code }) => !changed.has(code))];
    const focused = document.activeElement?.dataset?.community;
    replaceContent(this.list, found.slice(0, MOST).map((one) => this.#item(one)));
    const more = found.length - MOST;
    replaceContent(this.note, found.length === 0 ? words.community_none : more > 0 ? fill(words.community_more, { count: this.wording.count(more) }) : "");
    if (focused) this.list.querySelector(`[data-community="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  #item(one) {
    const { words, wording } = this;
    const change = this.changes.find(({ before, after }) => (after ?? before).code === (one.code || null));
    const open = this.opened === one.code;
    const toggle = () => {
      this.opened = open ? null : one.code;
      this.#paint();
      if (open) return;
      this.acts.choose(one.rows);
      this.#learn(one.code);
    };
    const households = beforeAfter(words, change ? change.before?.counts?.households : one.households, one.households, (value) => wording.count(value));
    return el(
      "li",
      { class: open ? "open" : null },
      el(
        "button",
        { type: "button", class: "community", "aria-expanded": String(open), "data-community": one.code, onclick: toggle },
        el("span", { class: "community-name" }, one.code ? one.name : words.community_without, change && el("span", { class: `chip ${change.change}` }, words.changes[change.change])),
        el("span", { class: "community-figures" }, ...beforeAfter(words, change?.before ? change.before.balance.grids : change ? undefined : one.rows.length, one.rows.length, (value) => wording.count(value)), ` ${words.grids_unit} · `, ...households, ` ${words.households_unit}`),
      ),
      open && this.#details(one, change),
    );
  }

  #details(one, change) {
    const { words } = this;
    const known = this.known?.code === one.code ? { before: this.known, after: this.known } : null;
    const told = change ?? known;
    return el("div", { class: "community-details" }, told && this.#figures(told), one.code && this.acts.editable() && this.#actions(one));
  }

  // What the draft left as it was is asked for when somebody looks at it.
  async #learn(code) {
    if (!code) return;
    const turn = (this.turn += 1);
    const known = await this.ask(code).catch(() => null);
    if (turn !== this.turn || !known) return;
    this.known = known;
    this.#paint();
  }

  #figures({ before, after }) {
    const { words, wording } = this;
    const rows = [
      [words.balance_in_band, share(before), share(after), (value) => wording.share(value)],
      [words.walk, before?.walk?.minutes, after?.walk?.minutes, (value) => wording.minutes(value)],
      [words.compactness, before?.compactness?.polsby_popper, after?.compactness?.polsby_popper, (value) => wording.ratio(value)],
    ];
    return el(
      "table",
      { class: "figures" },
      el("caption", { class: "unseen" }, words.figures_caption),
      el("tbody", {}, rows.map(([label, was, is, write]) => el("tr", {}, el("th", { scope: "row" }, label), el("td", { class: "number" }, ...beforeAfter(words, was, is, write))))),
    );
  }

  #actions(one) {
    const { words, wording, register, acts } = this;
    const others = this.all.filter(({ code }) => code && code !== one.code).map(({ code, name }) => [code, name]);
    const into = others.length > 0 && select(others, this.#neighbour(one));
    const merge = async () => {
      const other = this.all.find(({ code }) => code === into.value);
      const agreed = await confirmDialog({
        title: fill(words.merge_title, { name: one.name, other: other.name }),
        content: [el("p", {}, fill(words.merge_text, { name: one.name, other: other.name, count: wording.count(one.rows.length) }))],
        agree: words.merge, refuse: words.cancel,
      });
      if (agreed) acts.act({ kind: "merge-communities", communities: [one.code, other.code], survivor: other.code }).catch(() => null);
    };
    const split = { words, wording, register, kind: "split-community", community: one.code, act: acts.act };
    const members = new Set(one.rows.map(({ code }) => code));
    const chosen = acts.chosen().filter(({ code }) => members.has(code));
    const bySelection = () => createCommunity({ ...split, grids: chosen });
    const byLine = async () => {
      const line = await acts.drawLine(fill(words.split_line_hint, { name: one.name }));
      if (line) await createCommunity({ ...split, grids: [], line });
    };
    const renumber = async () => {
      const agreed = await confirmDialog({
        title: fill(words.renumber_title, { name: one.name }),
        content: [el("p", {}, words.renumber_text)],
        agree: words.renumber, refuse: words.cancel,
      });
      if (agreed) acts.act({ kind: "renumber", community: one.code }).catch(() => null);
    };
    const button = (text, act, can = true) => el("button", { type: "button", class: "button small", disabled: !can, onclick: act }, text);
    return [
      into && el("div", { class: "edit move" }, field(words.merge_into, into, { wide: true }), button(words.merge, merge)),
      el(
        "div",
        { class: "edit-row" },
        button(words.split_by_line, byLine),
        chosen.length > 0 && chosen.length < members.size && button(fill(words.split_by_chosen, { count: wording.count(chosen.length) }), bySelection),
        button(words.renumber, renumber),
      ),
      chosen.length === members.size && members.size > 1 && el("p", { class: "hint" }, words.split_hint),
    ];
  }

  // Most likely it is to be merged with one that lies beside it.
  #neighbour(one) {
    const box = this.register.box(one.rows);
    if (!box) return null;
    const middle = ([west, south, east, north]) => [(west + east) / 2, (south + north) / 2];
    const [x, y] = middle(box);
    let best = [Infinity, null];
    for (const other of this.all) {
      const around = other.code && other.code !== one.code && this.register.box(other.rows);
      if (!around) continue;
      const [ox, oy] = middle(around);
      const distance = Math.hypot(ox - x, oy - y);
      if (distance < best[0]) best = [distance, other.code];
    }
    return best[1];
  }
}

function share(figures) {
  const balance = figures?.balance;
  return balance?.judged ? balance.in_band / balance.judged : undefined;
}
