// The lists of the registers: searched, filtered, paged; each row opens its record.

import { el, fill } from "../dom.js";
import { confirmDialog } from "../kit/dialog.js";
import { field, select, tick } from "../kit/form.js";
import { DataTable } from "../kit/table.js";
import { keyOf } from "./api.js";

const PAUSE = 250;
// How far ahead duties and leave are listed.
const AHEAD_DAYS = 400;

// The columns of each list; names that are no fields are made below.
const COLUMNS = {
  duties: ["holder", "role", "target", "assignment", "hours", "period"],
  leave: ["worker", "period", "reason", "stand_in"],
  calendar: ["day", "kind", "name"],
  workers: ["name", "code", "phone", "phone_public"],
  organisations: ["name", "code", "phone"],
  roles: ["name", "code", "duties_text", "name_public", "phone_public"],
  norms: ["role", "per", "layer", "kind", "area", "least", "most", "most_per_person"],
  stations: ["name", "category", "level", "hours", "open_now", "phone", "services"],
  stops: ["station", "address", "hours", "open_now", "period"],
  compounds: ["name", "code", "aliases"],
  buildings: ["name", "code", "compound", "units", "households"],
  places: ["name", "category", "code", "aliases"],
  matters: ["name", "role", "organisation", "phone", "promised"],
  texts: ["slot", "title", "target", "phone", "body"],
};

export class List {
  constructor({ kind, roster, wording, editable, open }) {
    Object.assign(this, { kind, roster, wording, editable, open, filters: {} });
    const { words } = wording;
    this.table = new DataTable({
      caption: kind.label,
      columns: COLUMNS[kind.name].map((name, place) => this.#column(name, place)),
      fetch: ({ after, limit }) => this.#fetch(after, limit),
      words,
      lang: wording.lang,
      empty: words.list_empty,
      open: (item) => open(kind, keyOf(kind.name, item)),
    });
    const add = editable && el("button", { type: "button", class: "button primary", onclick: () => open(kind, null) }, fill(words.add_one, { kind: kind.label }));
    this.download = el("a", { class: "button" }, words.download);
    this.element = el("section", { class: "list" }, el("div", { class: "section-head" }, el("h2", { tabindex: "-1" }, kind.label), el("div", { class: "actions" }, this.download, add)), this.#tools(), this.table.element);
  }

  show() {
    return this.table.show();
  }

  async #fetch(after, limit) {
    const { name } = this.kind;
    const ahead = this.#ahead();
    this.download.href = this.roster.exportAddress(name, { ...ahead, lang: this.wording.lang });
    const only = name === "workers" ? { kind: "worker" } : {};
    const { items, next, total } = await this.roster.page(name, { after, limit, ...this.filters, ...ahead, ...only });
    return { items, next, total };
  }

  #ahead() {
    return this.ahead?.input.checked ? { until: this.wording.shifted(this.wording.today(), AHEAD_DAYS) } : {};
  }

  #tools() {
    const { words } = this.wording;
    const parts = this.kind.name === "duties" ? this.#dutyFilters() : [this.#search()];
    if (["duties", "leave"].includes(this.kind.name)) {
      this.ahead = tick(words.ahead, true);
      this.ahead.input.addEventListener("change", () => this.show());
      parts.push(this.ahead.element);
    }
    return el("div", { class: "fields list-tools", role: "search" }, parts);
  }

  #search() {
    const { words } = this.wording;
    const input = el("input", { type: "search", maxlength: 100, autocomplete: "off" });
    let timer;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#filter({ q: input.value.trim() }), PAUSE);
    });
    return field(words.find, input, { hint: words.find_hint });
  }

  // Duties are found by whose, in which role and for which kind of target.
  #dutyFilters() {
    const { words } = this.wording;
    const role = select([["", words.all_roles]], "", {});
    const kinds = this.kind.fields.find((one) => one.name === "target_kind").choices;
    const targets = select([["", words.all_targets], ...Object.entries(kinds)], "", {});
    const holder = el("input", { type: "search", maxlength: 100, autocomplete: "off" });
    const target = el("input", { type: "search", maxlength: 200, autocomplete: "off" });
    role.addEventListener("change", () => this.#filter({ role: role.value }));
    targets.addEventListener("change", () => this.#filter({ target_kind: targets.value }));
    holder.addEventListener("change", async () => this.#filter({ holder: await this.#holder(holder.value.trim()) }));
    target.addEventListener("change", () => this.#filter({ target: target.value.trim() }));
    this.roster.all("roles").then((roles) => role.append(...roles.map((one) => el("option", { value: one.code }, this.wording.role(one))))).catch(() => null);
    return [field(words.by_holder, holder), field(words.role, role), field(words.by_target_kind, targets), field(words.by_target, target)];
  }

  // A name that one person alone has stands for the code.
  async #holder(text) {
    if (!text) return "";
    const { items } = await this.roster.page("workers", { q: text, limit: 2 }).catch(() => ({ items: [] }));
    return items.length === 1 ? items[0].code : text;
  }

  #filter(filters) {
    Object.assign(this.filters, filters);
    this.show();
  }

  #column(name, place) {
    const { words } = this.wording;
    const label = words.columns[name] ?? this.wording.label(this.kind.name, name);
    return { label, opens: place === 0, class: name === "code" ? "code-cell" : name === "period" ? "period-cell" : "", cell: (item) => this.#cell(name, item) };
  }

  #cell(name, item) {
    const { words } = this.wording;
    const { name: kind } = this.kind;
    if (name === "period") return this.wording.period(item.valid_from, item.valid_to);
    if (name === "open_now") return item.open_now === null ? "" : el("span", { class: `state ${item.open_now ? "on" : "off"}` }, item.open_now ? words.open_now : words.closed_now);
    if (kind === "duties") {
      if (name === "holder") return item.holder?.name ?? words.gone;
      if (name === "role") return this.wording.role(item.role);
      if (name === "target") return `${this.wording.target(item.target)} · ${this.wording.targetKind(item.target)}`;
    }
    const named = item[`${name}_name`];
    if (named) return named;
    const value = item[name];
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length)) return "";
    const text = this.wording.value(kind, name, value);
    return text.length > 90 ? `${text.slice(0, 90)}…` : text;
  }
}

// Which staffing norms are not met, and how much each worker looks after.
export class Staffing {
  constructor({ roster, wording }) {
    const { words } = wording;
    const table = (caption, columns, path) => new DataTable({ caption, columns, words, lang: wording.lang, empty: words.staffing_met, fetch: ({ after, limit }) => roster.page(path, { after, limit }) });
    const limits = { "below-norm": "least", "above-norm": "most", "above-norm-per-person": "most_per_person" };
    const norm = (one) => `${wording.label("norms", limits[one.kind])} ${one.norm[limits[one.kind]]}`;
    this.faults = table(
      words.staffing_title,
      [
        { label: words.columns.site, cell: (one) => one.site?.name ?? one.holder?.name ?? "" },
        { label: words.role, cell: (one) => wording.role(one.role) },
        { label: words.columns.fault, cell: (one) => words.norm_faults[one.kind] ?? one.kind },
        { label: words.columns.count, class: "number", cell: (one) => wording.number(one.count) },
        { label: words.columns.norm, cell: norm },
      ],
      "staffing",
    );
    this.loads = table(
      words.workloads_title,
      [
        { label: words.person, cell: (one) => one.holder.name },
        { label: words.columns.targets, cell: (one) => Object.entries(one.targets).map(([kind, count]) => `${wording.choice("duties", "target_kind", kind)} ${count}`).join(words.comma) },
        { label: words.columns.households, class: "number", cell: (one) => `${wording.number(one.households)}${one.households_from.includes("estimated") ? ` ${words.estimated}` : ""}` },
        { label: words.columns.persons, class: "number", cell: (one) => wording.number(one.persons) },
      ],
      "workloads",
    );
    const section = (title, name, table) => el("section", {}, el("div", { class: "section-head" }, el("h2", { tabindex: "-1" }, title), el("a", { class: "button", href: roster.exportAddress(name, { lang: wording.lang }) }, words.download)), table.element);
    this.element = el("div", { class: "list" }, section(words.staffing_title, "staffing", this.faults), section(words.workloads_title, "workloads", this.loads));
  }

  show() {
    return Promise.all([this.faults.show(), this.loads.show()]);
  }
}

// What was changed, by whom and when; each can be taken back while nothing stands on it.
export class Changes {
  constructor({ roster, wording, undo }) {
    const { words } = wording;
    const kind = (one) => wording.kindNames[one.target] ?? one.target;
    const counts = ({ facts }) => ["new", "changed", "ended"].filter((name) => facts[name]).map((name) => fill(words.counts[name], { count: wording.number(facts[name]) }));
    const fields = (one) => (one.action === "edit.change" ? (one.facts.fields ?? []).map((name) => wording.label(one.target, name)) : []);
    const what = (one) => [[kind(one), one.facts.code].filter(Boolean).join(" "), one.facts.file, counts(one).join(words.comma), fields(one).join(words.comma), one.undoes && fill(words.undoes, { number: one.undoes })].filter(Boolean).join(" · ");
    const ask = async (one) => {
      const agreed = await confirmDialog({
        title: fill(words.undo_title, { number: one.change_id }),
        content: [el("p", {}, what(one)), el("p", {}, fill(words.undo_text, { who: one.actor, time: wording.time(one.at) }))],
        agree: words.undo,
        refuse: words.cancel,
        danger: true,
      });
      if (agreed) await undo(one.change_id);
    };
    const act = (one) => (one.can_undo ? el("button", { type: "button", class: "button small", "aria-label": fill(words.undo_of, { what: `${one.change_id}` }), onclick: () => ask(one) }, words.undo) : one.undone_by ? words.was_undone : "");
    this.table = new DataTable({
      caption: words.changes_title,
      columns: [
        { label: words.columns.when, class: "time-cell", cell: (one) => wording.time(one.at) },
        { label: words.columns.actor, cell: (one) => one.actor },
        { label: words.columns.action, cell: (one) => words.actions[one.action.replace(".", "_")] ?? one.action },
        { label: words.columns.what, cell: what },
        { label: "", class: "act", cell: act },
      ],
      words,
      lang: wording.lang,
      empty: words.changes_none,
      fetch: (asked) => roster.changes(asked),
    });
    this.element = el("section", { class: "list" }, el("h2", { tabindex: "-1" }, words.changes_title), this.table.element);
  }

  show() {
    return this.table.show();
  }
}
