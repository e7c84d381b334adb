// The roster: signs in, shows the week or a register, and tells what was written with a way to take it back.
// The address names the view, the week and the area after #, never a person.

import { el, fill, readConfig, replaceContent } from "../dom.js";
import { select } from "../kit/form.js";
import { Gate } from "../kit/gate.js";
import { failureText, Notices } from "../kit/notices.js";
import { Roster } from "./api.js";
import { Changes, List, Staffing } from "./lists.js";
import { Sources } from "./picker.js";
import { RecordDialog } from "./record.js";
import { Week } from "./week.js";
import { Wording } from "./wording.js";

const byId = (id) => document.getElementById(id);
// The views as the navigation groups them; "changes" is for clerks.
const GROUPS = [
  ["rota", ["week", "duties", "leave", "calendar", "staffing"]],
  ["people", ["workers", "organisations", "roles", "norms"]],
  ["places", ["stations", "stops", "compounds", "buildings", "places"]],
  ["public", ["matters", "texts"]],
  ["record", ["changes"]],
];

class RosterPage {
  constructor() {
    this.config = readConfig();
    const { words } = this.config;
    this.words = words;
    this.wording = new Wording(this.config);
    this.roster = new Roster(this.config);
    this.sources = new Sources(this.roster, this.wording);
    this.notices = new Notices(byId("notices"));
    this.failed = (error) => this.#failed(error);
    this.gate = new Gate({
      place: byId("gate"), roles: this.config.readers, service: this.roster, words,
      admitted: (session) => this.#admit(session),
      left: () => this.#stop(),
    });
    this.admitted = false;
  }

  async start() {
    window.addEventListener("hashchange", () => this.admitted && this.#show());
    await this.gate.open();
    document.documentElement.dataset.ready = "true";
  }

  #admit(session) {
    this.admitted = true;
    this.editable = this.config.clerks.includes(session.role);
    const parts = { config: this.config, roster: this.roster, wording: this.wording, sources: this.sources, editable: this.editable, failed: this.failed, done: (edit, what, kind) => this.#done(edit, what, kind) };
    this.record = new RecordDialog(parts);
    this.views = { week: new Week({ ...parts, go: (fields) => this.#go({ view: "week", ...fields }) }) };
    this.#show();
  }

  #stop() {
    this.admitted = false;
    for (const dialog of document.querySelectorAll("dialog.record, dialog.confirm")) dialog.remove();
    byId("views").replaceChildren();
    byId("view").replaceChildren();
    this.notices.clear();
  }

  #show() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const known = this.#known();
    const view = known.includes(asked.get("view")) ? asked.get("view") : "week";
    // What was said of another view is in the way here; the list of changes can still undo it.
    if (this.view && this.view !== view) this.notices.clear();
    this.view = view;
    this.#navigate(view);
    this.views[view] ??= this.#make(view);
    const shown = this.views[view];
    replaceContent(byId("view"), shown.element);
    return shown.show({ week: asked.get("week"), within: asked.get("within"), role: asked.get("role"), holes: asked.get("holes") });
  }

  #make(view) {
    const { roster, wording, editable } = this;
    if (view === "staffing") return new Staffing({ roster, wording });
    if (view === "changes") return new Changes({ roster, wording, undo: (change) => this.#undo(change) });
    const open = (kind, key) => {
      this.notices.clear();
      this.record.open(kind, key, { editable });
    };
    return new List({ kind: this.config.kinds[view], roster, wording, editable, open });
  }

  #known() {
    return GROUPS.flatMap(([, views]) => views).filter((view) => view !== "changes" || this.editable);
  }

  #navigate(view) {
    const { words } = this;
    const known = this.#known();
    const name = (one) => words.views[one] ?? this.config.kinds[one].label;
    const groups = GROUPS.map(([group, views]) => ({ label: words.groups[group], views: views.filter((one) => known.includes(one)) })).filter((group) => group.views.length);
    const link = (one) => el("li", {}, el("a", { href: `#view=${one}`, "aria-current": one === view ? "page" : null }, name(one)));
    const choice = select(groups.map((group) => ({ label: group.label, options: group.views.map((one) => [one, name(one)]) })), view, { id: "view-choice", "aria-label": words.views_label });
    choice.addEventListener("change", () => this.#go({ view: choice.value }));
    replaceContent(
      byId("views"),
      el("div", { class: "view-choice" }, choice),
      groups.map((group) => el("section", { class: "view-group" }, el("h2", {}, group.label), el("ul", {}, group.views.map(link)))),
    );
  }

  #go(fields) {
    const kept = Object.entries(fields).filter(([, value]) => value);
    location.hash = new URLSearchParams(kept).toString();
  }

  // Something was written: says so with a way back, and shows the view as it is from then on.
  async #done(edit, what, kind = null) {
    const { words } = this;
    const undo = edit.change_id !== null && el("button", { type: "button", class: "button small", onclick: () => this.#undo(edit.change_id) }, words.undo);
    const text = edit.change_id === null ? words.no_change : fill(words.done[what], { kind: kind?.label ?? "" });
    const warnings = edit.warnings ?? [];
    this.notices.say(
      warnings.length ? "caution" : "good",
      el("p", {}, el("strong", {}, text), " ", undo),
      warnings.length > 0 && el("ul", { class: "dependents" }, warnings.slice(0, 6).map((one) => el("li", {}, this.wording.message(one)))),
      warnings.length > 6 && el("p", {}, fill(words.dependents_more, { count: warnings.length - 6 })),
    );
    byId("notices").scrollIntoView({ block: "nearest" });
    await this.#fresh();
  }

  async #undo(change) {
    const { words } = this;
    try {
      const { change_id: undone } = await this.roster.undo(change);
      const again = el("button", { type: "button", class: "button small", onclick: () => this.#undo(undone) }, words.redo);
      this.notices.say("good", el("p", {}, el("strong", {}, words.undone), " ", again));
      await this.#fresh();
    } catch (error) {
      if (!this.#failed(error)) this.notices.say("failure", failureText(error, words, this.config.lang));
    }
  }

  async #fresh() {
    try {
      await this.roster.caughtUp();
    } catch (error) {
      if (this.#failed(error)) return;
    }
    this.sources.kept.clear();
    await this.#show();
  }

  // Deals with a session that ended; says whether it did.
  #failed(error) {
    if (error.kind !== "session") return false;
    if (this.admitted) this.gate.end();
    return true;
  }
}

window.rosterPage = new RosterPage();
window.rosterPage.start();
