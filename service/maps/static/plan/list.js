// The drafts of all planners: what there is, a new one, one that is given up.

import { el, fill, readConfig, replaceContent } from "../dom.js";
import { confirmDialog } from "../kit/dialog.js";
import { select } from "../kit/form.js";
import { Gate } from "../kit/gate.js";
import { Notices } from "../kit/notices.js";
import { DataTable } from "../kit/table.js";
import { Service } from "../service.js";
import { askFields } from "./asking.js";
import { fromTab } from "../view.js";
import { withdrawRelease } from "./withdraw.js";
import { Wording, diffAddress, isLater } from "./wording.js";

const PATH = "/api/v1/drafts";
const byId = (id) => document.getElementById(id);

class DraftsPage {
  constructor() {
    this.config = readConfig();
    this.words = this.config.words;
    this.wording = new Wording(this.config);
    this.service = new Service(this.config);
    this.notices = new Notices(byId("notices"));
    this.shown = { state: "open", layer: "" };
    this.gate = new Gate({
      place: byId("gate"), roles: this.config.planners, service: this.service, words: this.words,
      admitted: () => this.#admit(),
      left: () => byId("drafts").replaceChildren(),
    });
  }

  async start() {
    await this.gate.open();
    document.documentElement.dataset.ready = "true";
  }

  async #admit() {
    const { words, config } = this;
    const layers = config.layers;
    const state = select(Object.entries(words.draft_states), this.shown.state, { id: "draft-state", "aria-label": words.draft_state });
    state.addEventListener("change", () => this.#filter({ state: state.value }));
    const layer = layers.length > 1 && select([["", words.all_layers], ...layers.map(({ code, name }) => [code, name])], "", { id: "draft-layer", "aria-label": words.layer });
    if (layer) layer.addEventListener("change", () => this.#filter({ layer: layer.value }));
    const create = el("button", { type: "button", class: "button primary", id: "new-draft", disabled: layers.length === 0, onclick: () => this.create() }, words.new_draft);
    const compare = el("button", { type: "button", class: "button", id: "compare-releases", disabled: layers.length === 0, onclick: () => this.compare() }, words.compare_releases);
    this.table = this.#table();
    replaceContent(
      byId("drafts"),
      el("div", { class: "section-head" }, state, layer, el("div", { class: "ways" }, compare, create)),
      layers.length === 0 && el("p", { class: "notice-box caution" }, words.no_layers),
      this.table.element,
    );
    const withdrawn = fromTab("withdrawn");
    if (withdrawn) this.notices.say("good", fill(words.was_withdrawn, { number: withdrawn }));
    await this.table.show();
  }

  // The last two releases beside each other; there others are chosen, and gone back to.
  async compare() {
    const { words, wording, config } = this;
    const layer = this.shown.layer || config.layer;
    try {
      const { items } = await this.service.ask("GET", `/api/v1/layers/${encodeURIComponent(layer)}/releases?limit=1000`);
      const numbers = items.filter((one) => !one.withdrawn_at).map(({ number }) => number).sort((a, b) => a - b);
      if (numbers.length < 2) return this.notices.say("calm", words.one_release);
      return location.assign(diffAddress({ root: config.root, wording }, { layer, base: numbers.at(-2), published_release: numbers.at(-1) }));
    } catch (error) {
      return error.kind === "session" ? this.gate.end() : this.notices.say("failure", wording.problem(error));
    }
  }

  #filter(part) {
    Object.assign(this.shown, part);
    this.table.empty = this.shown.state === "open" ? this.words.drafts_none : this.words.drafts_none_such;
    this.table.show();
  }

  #table() {
    const { words, wording, config } = this;
    const names = new Map(config.layers.map(({ code, name }) => [code, name]));
    const cell = {
      name: (draft) => [el("a", { class: "draft-link", href: this.#address(draft) }, draft.name), draft.note && el("p", { class: "hint" }, draft.note)],
      base: (draft) => [fill(words.draft_base, { base: draft.base }), draft.stale && draft.state === "open" && el("span", { class: "chip caution" }, draft.newest > draft.base ? words.draft_stale : words.base_withdrawn)],
      state: (draft) => draft.state === "published" ? this.#became(draft) : words.draft_states[draft.state],
    };
    return new DataTable({
      caption: words.drafts_title,
      columns: [
        { label: words.draft_name, cell: (draft) => wrap(cell.name(draft)) },
        ...(config.layers.length > 1 ? [{ label: words.layer, cell: (draft) => names.get(draft.layer) ?? draft.layer }] : []),
        { label: words.base, cell: (draft) => wrap(cell.base(draft)) },
        { label: words.draft_state, cell: (draft) => cell.state(draft) },
        { label: words.changed, class: "time-cell", cell: (draft) => `${draft.changed_by} · ${wording.time(draft.changed_at)}` },
        { label: words.acts, class: "act", cell: (draft) => this.#acts(draft) },
      ],
      fetch: ({ after, limit }) => this.#page(after, limit),
      words, lang: config.lang,
      empty: words.drafts_none,
    });
  }

  #became({ published_release: number, effective_at: begins }) {
    const { words, wording } = this;
    const later = isLater(begins);
    return wrap([
      fill(words.became, { number }),
      later && el("span", { class: "chip caution" }, words.not_yet),
      el("p", { class: "hint" }, fill(later ? words.begins : words.began, { time: wording.date(begins) })),
    ].filter(Boolean));
  }

  async #page(after, limit) {
    const { state, layer } = this.shown;
    const given = { state, layer, after, limit };
    const query = new URLSearchParams(Object.entries(given).filter(([, value]) => value));
    const { items, next_after: next } = await this.service.ask("GET", `${PATH}?${query}`);
    return { items, next };
  }

  #acts(draft) {
    const { words } = this;
    const { root } = this.config;
    if (draft.state === "published") {
      const compare = el("a", { class: "button small", href: diffAddress({ root, wording: this.wording }, draft) }, words.compare);
      if (!isLater(draft.effective_at)) return compare;
      const label = fill(words.withdraw_release, { number: draft.published_release });
      return el("div", { class: "acts" }, compare, el("button", { type: "button", class: "button small", "aria-label": label, onclick: () => this.withdraw(draft) }, words.withdraw_asks));
    }
    if (draft.state !== "open") return el("a", { class: "button small", href: this.#address(draft) }, words.look);
    return el(
      "button",
      { type: "button", class: "button small", "aria-label": fill(words.discard_named, { name: draft.name }), onclick: () => this.discard(draft) },
      words.discard,
    );
  }

  async create() {
    const { words, wording, config } = this;
    let made = null;
    await askFields({
      title: words.new_draft,
      content: [el("p", {}, words.new_draft_text)],
      fields: [
        { name: "name", label: words.draft_name, required: true, hint: words.draft_name_hint },
        ...(config.layers.length > 1 ? [{ name: "layer", label: words.layer, options: config.layers.map(({ code, name }) => [code, name]), value: config.layer }] : []),
        { name: "note", label: words.draft_note },
      ],
      agree: words.create, refuse: words.cancel, missing: words.needed,
      told: (error) => wording.problem(error),
      act: async ({ name, note, layer = config.layers[0].code }) => {
        made = await this.service.ask("POST", PATH, { body: { name, layer, ...(note ? { note } : {}) } });
      },
    });
    if (made) location.assign(this.#address(made));
  }

  // A release that has not begun is taken back; its draft is open again.
  async withdraw({ layer, published_release: number }) {
    const { words, wording, service } = this;
    try {
      if (!(await withdrawRelease({ service, words, layer, number }))) return null;
      this.notices.say("good", fill(words.was_withdrawn, { number }));
    } catch (error) {
      if (error.kind === "session") return this.gate.end();
      this.notices.say("failure", wording.problem(error));
    }
    return this.table.show();
  }

  async discard(draft) {
    const { words, wording } = this;
    const agreed = await confirmDialog({
      title: fill(words.discard_title, { name: draft.name }),
      content: [el("p", {}, words.discard_text)],
      agree: words.discard, refuse: words.cancel, danger: true,
    });
    if (!agreed) return null;
    try {
      await this.service.ask("DELETE", `${PATH}/${draft.id}`, { headers: { "If-Match": `"${draft.version}"` } });
      this.notices.say("good", fill(words.was_discarded, { name: draft.name }));
    } catch (error) {
      if (error.kind === "session") return this.gate.end();
      this.notices.say("failure", wording.problem(error));
    }
    return this.table.show();
  }

  #address({ id }) {
    return `${this.config.root}/maps/plan/${id}${this.config.lang === "en" ? "?lang=en" : ""}`;
  }
}

function wrap(content) {
  return el("div", {}, content);
}

new DraftsPage().start();
