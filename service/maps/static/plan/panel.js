// The panel beside the map: how the draft stands, what is taken back, the tabs and what is told aside.

import { el, fill, replaceContent } from "../dom.js";
import { Tabs } from "../tabs.js";
import { diffAddress, isLater } from "./wording.js";

const byId = (id) => document.getElementById(id);

export class PlanPanel {
  // acts: {undo(), redo(), publish(), rename(), opened(tab)}.
  constructor({ words, wording, root, acts }) {
    Object.assign(this, { words, wording, root, acts, state: null });
    this.tabs = new Tabs(byId("tabs"), (name) => acts.opened(name));
    byId("undo").addEventListener("click", () => acts.undo());
    byId("redo").addEventListener("click", () => acts.redo());
    byId("publish").addEventListener("click", () => acts.publish());
    byId("rename").addEventListener("click", () => acts.rename());
  }

  show(state, editable) {
    const { words, wording } = this;
    const { draft, busy, offline, canUndo, canRedo, stale, open } = state;
    this.state = state;
    document.title = `${draft.name} · ${words.product}`;
    byId("draft-name").textContent = draft.name;
    replaceContent(byId("draft-line"), this.#line(draft));
    replaceContent(byId("saved"), offline ? words.offline_state : busy ? words.saving : open ? words.saved : "");
    byId("saved").classList.toggle("offline", offline);
    this.#turn(byId("undo"), editable && !offline && canUndo, words.undo);
    this.#turn(byId("redo"), editable && !offline && canRedo, words.redo);
    for (const name of ["undo", "redo", "publish", "rename"]) byId(name).hidden = !editable;
    byId("publish").disabled = offline || busy || !draft.operations;
    byId("publish").title = draft.operations ? "" : words.publish_nothing;
    byId("stale").hidden = !(stale && open);
    replaceContent(byId("stale-text"), fill(words.stale_notice, { base: draft.base, newest: draft.newest ?? "" }));
    byId("closed").hidden = open;
    replaceContent(byId("closed"), open ? "" : this.#closed(draft));
    document.body.dataset.offline = String(offline);
  }

  count({ errors, warnings }) {
    const tab = byId("tab-findings");
    const count = errors + warnings;
    replaceContent(tab, this.words.tab_findings, count > 0 && el("span", { class: `badge${errors ? " failure" : ""}` }, this.wording.count(count)));
  }

  // Something that went wrong, or well, stays until the next thing.
  say(tone, ...content) {
    const place = byId("notices");
    replaceContent(place, content.length > 0 && el("div", { class: `notice-box ${tone}`, role: tone === "failure" ? "alert" : "status" }, ...content));
  }

  #line(draft) {
    const { words, wording } = this;
    const changed = draft.counts?.changed;
    return [
      fill(words.draft_base, { base: draft.base }),
      " · ",
      changed === undefined ? "" : fill(words.draft_changed, { count: wording.count(changed) }),
    ].join("");
  }

  #turn(button, step, name) {
    button.disabled = !step;
    const title = step ? `${name}${this.words.colon}${this.wording.message(step, "summary")}` : name;
    button.title = title;
    button.setAttribute("aria-label", title);
  }

  #closed(draft) {
    const { words, wording } = this;
    const { name, layer, effective_at: begins } = { ...draft, name: draft.changed_by };
    if (draft.state !== "published") return fill(words.is_discarded, { name, time: wording.date(draft.changed_at) });
    const text = fill(isLater(begins) ? words.is_pending : words.is_published, { name, number: draft.published_release, time: wording.date(begins) });
    const then = isLater(begins) ? { as_of: begins } : {};
    const query = new URLSearchParams({ layer, ...then, ...(wording.lang === "en" ? { lang: "en" } : {}) });
    return [
      el("p", {}, text),
      el("p", { class: "ways" }, el("a", { href: diffAddress(this, draft) }, words.compare), el("a", { href: `${this.root}/maps/grids?${query}` }, words.see_map)),
    ];
  }
}
