// What the load would change, or changed: new, changed with before and after, ended.

import { el, fill, replaceContent } from "../dom.js";
import { DataTable } from "../kit/table.js";

const WHATS = ["new", "changed", "ended"];

export class Changes {
  constructor({ load, config, loads, wording }) {
    Object.assign(this, { load, config, words: config.words, loads, wording });
    this.counts = load.counts ?? {};
    this.what = WHATS.find((what) => this.counts[what]) ?? "new";
    this.place = el("div", { role: "tabpanel", id: "plan-panel", tabindex: "-1" });
    this.element = el("section", { class: "plan", id: "plan" }, el("div", { class: "section-head" }, el("h2", {}, this.#title()), this.#tabs()), this.place);
  }

  show() {
    const { words } = this;
    if (!WHATS.some((what) => this.counts[what])) {
      replaceContent(this.place, el("p", { class: "table-state" }, fill(words.all_the_same, { count: this.wording.count(this.counts.same) })));
      return;
    }
    const table = new DataTable({
      caption: words[`count_${this.what}`].replace("{count}", this.wording.count(this.counts[this.what])),
      words,
      lang: this.config.lang,
      empty: words.plan_none,
      fetch: async (page) => ({
        ...(await this.loads.page(this.load, "plan", { ...page, what: this.what })),
        total: this.counts[this.what],
      }),
      columns: [
        { label: words.column_code, class: "code-cell", cell: (one) => codeOf(one) },
        { label: words.column_label, cell: (one) => one.label ?? "" },
        { label: this.what === "changed" ? words.before_after : words.content, class: "content", cell: (one) => this.#content(one) },
      ],
    });
    this.place.setAttribute("aria-labelledby", `plan-${this.what}`);
    replaceContent(this.place, table.element);
    table.show();
  }

  #title() {
    return this.load.state === "committed" ? this.words.plan_done_title : this.words.plan_title;
  }

  #tabs() {
    const tabs = WHATS.map((what) => {
      const count = this.wording.count(this.counts[what]);
      return el("button", {
        type: "button", role: "tab", id: `plan-${what}`, "aria-controls": "plan-panel", "aria-selected": String(what === this.what),
        tabindex: what === this.what ? "0" : "-1", disabled: !this.counts[what],
        onclick: () => this.#choose(what),
      }, fill(this.words[`count_${what}`], { count }));
    });
    this.tabs = el("div", { class: "tabs", role: "tablist", "aria-label": this.words.plan_title }, tabs);
    this.tabs.addEventListener("keydown", (event) => this.#key(event));
    const same = el("span", { class: "same" }, fill(this.words.count_same, { count: this.wording.count(this.counts.same) }));
    return [this.tabs, same];
  }

  #choose(what) {
    this.what = what;
    for (const tab of this.tabs.children) {
      tab.setAttribute("aria-selected", String(tab.id === `plan-${what}`));
      tab.tabIndex = tab.id === `plan-${what}` ? 0 : -1;
    }
    this.show();
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const tabs = [...this.tabs.children].filter((tab) => !tab.disabled);
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    next.focus();
    next.click();
  }

  #content({ what, before, after }) {
    const { words, wording } = this;
    const { kind } = this.load;
    const shown = what === "ended" ? before : after;
    const names = wording.inOrder(kind, Object.keys({ ...before, ...after })).filter((name) => {
      if (isBeside(name, shown)) return false;
      if (what !== "changed") return !isEmpty(shown?.[name]) && !["code", "name"].includes(name);
      return JSON.stringify(before?.[name] ?? null) !== JSON.stringify(after?.[name] ?? null);
    });
    const line = (name) =>
      el(
        "li",
        {},
        el("span", { class: "field-name" }, wording.field(kind, name)),
        " ",
        what === "changed"
          ? [el("del", {}, this.#called(name, before)), el("span", { class: "arrow", "aria-label": words.becomes }, " → "), el("ins", {}, this.#called(name, after))]
          : this.#called(name, shown),
      );
    return names.length ? el("ul", { class: "field-list" }, names.map(line)) : "";
  }

  // A value, before its code the name of what that stands for.
  #called(name, record) {
    const value = this.wording.value(this.load.kind, name, record?.[name]);
    const called = record?.[`${name}_name`];
    return called && called !== record[name] ? `${called}（${value}）` : value;
  }
}

// Whether a field only says what another one's code is called.
function isBeside(name, record) {
  return name.endsWith("_name") && name.slice(0, -5) in (record ?? {});
}

// What is known by its parts, as a duty is, has no code that anybody knows it by: its label says all of them.
function codeOf({ code, label }) {
  return code.includes(" · ") && label ? "" : code;
}

function isEmpty(value) {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
}
