// One load: its progress, how it was understood, what is wrong, what would change, and the buttons that decide.

import { el, fill, replaceContent } from "../dom.js";
import { confirmDialog } from "../kit/dialog.js";
import { failureText, notice } from "../kit/notices.js";
import { After } from "./after.js";
import { Changes } from "./changes.js";
import { askToUndo, stateChip } from "./arrival.js";
import { Findings } from "./findings.js";
import { Understanding } from "./understanding.js";
import { BUSY, OPEN } from "./wording.js";

const MOST_MARKED = 500;

export class Workspace {
  // done: {left(), changed(load), another(kind) → asks for a mended file, failed(error) → whether the page dealt with it}.
  constructor({ config, loads, wording, left, changed, another, failed }) {
    Object.assign(this, { config, words: config.words, loads, wording, left, changed, another, failed });
    this.load = null;
    this.dirty = false;
    this.head = el("header", { class: "load-head" });
    this.said = el("div", { class: "said" });
    this.body = el("div", { class: "load-body" });
    this.bar = el("div", { class: "deciding", role: "region", "aria-label": this.words.deciding });
    this.element = el("div", { class: "workspace" }, this.head, this.said, this.body, this.bar);
  }

  // Shows a load, or what changed of it; a form that is being filled in stays where only the progress moved.
  async show(load) {
    const before = this.load;
    const same = before && before.id === load.id && before.version === load.version && before.state === load.state;
    this.load = load;
    if (same && BUSY.has(load.state)) {
      this.#moveProgress();
      return;
    }
    if (same) return;
    const held = this.element.contains(document.activeElement);
    this.dirty = false;
    this.#showHead();
    await this.#showBody();
    if (before?.id !== load.id || held) this.title.focus({ preventScroll: true });
  }

  // Words of the page itself about this load.
  say(tone, ...content) {
    replaceContent(this.said, notice(tone, ...content));
    this.said.scrollIntoView({ block: "nearest" });
  }

  #showHead() {
    const { load, words, wording } = this;
    const facts = [load.kind && wording.kind(load.kind), wording.size(load.bytes), load.created_by, wording.time(load.created_at)];
    this.title = el("h1", { tabindex: "-1" }, load.file);
    replaceContent(
      this.head,
      el("button", { type: "button", class: "plain back", onclick: () => this.left() }, words.all_loads),
      el("div", { class: "load-title" }, this.title, stateChip(load, wording)),
      el("p", { class: "facts" }, facts.filter(Boolean).join(" · ")),
    );
  }

  async #showBody() {
    const { load } = this;
    this.said.replaceChildren();
    if (BUSY.has(load.state)) {
      replaceContent(this.body, this.#progress());
      this.#moveProgress();
      replaceContent(this.bar, this.#busyBar());
      this.bar.hidden = false;
      return;
    }
    const parts = [this.#problem(), load.state === "committed" ? this.#done() : null, load.counts ? this.#band() : null];
    this.findings = load.counts ? new Findings({ load, config: this.config, loads: this.loads, wording: this.wording, see: (row) => this.#see(row) }) : null;
    this.plan = load.counts && load.can_commit !== undefined && this.#hasPlan() ? new Changes({ load, config: this.config, loads: this.loads, wording: this.wording }) : null;
    this.understanding = OPEN.has(load.state) ? await this.#understanding() : null;
    const faults = load.counts && (load.counts.errors || load.counts.warnings);
    // Where columns are missing, choosing them comes before anything else.
    const found = [faults ? this.findings.element : null, this.understanding?.element];
    if (!load.kind || load.missing_fields?.length) found.reverse();
    replaceContent(this.body, parts, found, this.plan ? this.plan.element : []);
    replaceContent(this.bar, this.#decisions());
    this.bar.hidden = this.bar.childElementCount === 0;
    if (faults) this.findings.show();
    this.plan?.show();
  }

  #hasPlan() {
    const { counts } = this.load;
    return counts.new !== null && counts.new !== undefined;
  }

  async #understanding() {
    const { load, config, loads, wording } = this;
    const none = () => [];
    const [profiles, areas, faults] = await Promise.all([
      loads.profiles().catch(none),
      load.kind === "grids" ? loads.areas().catch(none) : [],
      load.counts ? loads.page(load, "findings", { limit: MOST_MARKED }).then((page) => page.items).catch(none) : [],
    ]);
    const byRow = grouped(faults);
    return new Understanding({
      load, config, loads, wording, areas,
      profiles: profiles.filter((one) => !one.kind || !load.kind || one.kind === load.kind),
      faultsOf: (row) => byRow.get(row) ?? [],
      changed: (dirty) => {
        if (dirty === this.dirty) return;
        this.dirty = dirty;
        replaceContent(this.bar, this.#decisions());
        this.bar.hidden = false;
      },
    });
  }

  #see(row) {
    this.understanding?.preview.see(row);
  }

  #problem() {
    const { load, words, wording } = this;
    if (load.problem) {
      const tone = load.state === "failed" ? "failure" : "caution";
      const title = wording.lang === "en" ? load.problem.title : (load.problem.title_zh ?? load.problem.title ?? "");
      const text = wording.problem(load.problem);
      return notice(tone, title && title !== text && wording.lang === "en" ? el("strong", {}, title) : null, el("p", {}, text));
    }
    const texts = { cancelled: words.was_cancelled, undone: words.was_undone };
    return texts[load.state] ? notice("calm", el("p", {}, texts[load.state])) : null;
  }

  // What came of the check, in numbers that lead to the particulars.
  #band() {
    const { words, wording } = this;
    const { counts } = this.load;
    const figure = (name, target, tone) => {
      const value = counts[name] ?? 0;
      const content = [el("span", { class: "figure" }, wording.count(value)), el("span", { class: "figure-name" }, words[`figure_${name}`])];
      const shown = `band-figure ${value ? tone : "none"}`;
      if (!value || !target) return el("div", { class: shown }, content);
      return el("a", { class: shown, href: `#${target}`, onclick: (event) => this.#jump(event, target) }, content);
    };
    return el(
      "section",
      { class: "band", "aria-label": words.result },
      figure("rows", null, "calm"),
      figure("errors", "findings", "failure"),
      figure("warnings", "findings", "caution"),
      ...(this.#hasPlan() ? ["new", "changed", "ended"].map((name) => figure(name, "plan", "change")) : []),
      this.#hasPlan() ? figure("same", null, "calm") : null,
    );
  }

  // The address keeps the load: what leads to a section must not replace it.
  #jump(event, id) {
    event.preventDefault();
    const section = document.getElementById(id);
    section?.scrollIntoView({ block: "start" });
    const heading = section?.querySelector("h2");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  }

  #done() {
    const { load, words, wording } = this;
    const since = load.effective ? fill(words.in_force_since, { time: wording.time(load.effective) }) : "";
    const release = load.release ? fill(words.as_release, { number: load.release }) : "";
    return notice("good", el("strong", {}, words.done_title), el("p", {}, [wording.summary(load.counts), since, release].filter(Boolean).join(words.semicolon)), new After(this).element);
  }

  #progress() {
    const { words } = this;
    this.progressBar = el("progress", { "aria-label": words.progress });
    this.progressText = el("p", { class: "progress-text", role: "status" });
    this.waiting = el("div");
    return el("section", { class: "progressing" }, this.progressText, this.progressBar, this.waiting);
  }

  #moveProgress() {
    const { load, words, wording } = this;
    const { stage = "", done = 0, total = null } = load.progress ?? {};
    const count = total ? fill(words.of_total, { done: wording.count(done), total: wording.count(total) }) : "";
    const text = [wording.state(load), stage && wording.stage(stage)].filter(Boolean).join(words.colon) + (count ? ` ${count}` : "");
    if (this.progressText.textContent !== text) this.progressText.textContent = text;
    if (total) {
      this.progressBar.max = total;
      this.progressBar.value = Math.min(done, total);
    } else this.progressBar.removeAttribute("value");
    const problem = load.problem ? wording.problem(load.problem) : "";
    if (this.waiting.textContent !== problem) replaceContent(this.waiting, problem ? notice("caution", el("p", {}, problem)) : []);
  }

  #busyBar() {
    const { words, load } = this;
    if (load.state === "undoing") return [];
    return [el("p", {}, words.may_leave), el("div", { class: "actions" }, this.#button(words.stop_it, () => this.loads.cancel(this.load)))];
  }

  #decisions() {
    const { load, words } = this;
    if (load.state === "committed") {
      return load.can_undo ? [el("p", {}, words.undo_hint), el("div", { class: "actions" }, this.#button(words.undo, () => this.#undo()))] : [];
    }
    if (!OPEN.has(load.state)) return [];
    const discard = this.#button(words.discard, () => this.#discard());
    const again = this.#button(this.dirty ? words.check_changes : words.check_again, () => this.#check(), this.dirty);
    if (this.dirty) return [el("p", {}, words.changes_unchecked), el("div", { class: "actions" }, discard, again)];
    if (load.state !== "checked") return [el("p", {}, words.check_again_hint), el("div", { class: "actions" }, discard, again)];
    if (load.kind && load.counts?.errors && !load.missing_fields?.length) {
      const mended = el("button", { type: "button", class: "button primary", onclick: () => this.another(load.kind) }, words.mended);
      const blocked = el("button", { type: "button", class: "button", disabled: true }, words.commit);
      return [el("p", { id: "commit-state" }, this.#verdict()), el("div", { class: "actions" }, discard, blocked, mended)];
    }
    const commit = this.#button(words.commit, () => this.#commit(), true);
    commit.disabled = !load.can_commit;
    return [el("p", { id: "commit-state" }, this.#verdict()), el("div", { class: "actions" }, discard, commit)];
  }

  // Why it may or may not be committed, in one line.
  #verdict() {
    const { load, words, wording } = this;
    const { errors = 0, new: added = 0, changed = 0, ended = 0 } = load.counts ?? {};
    if (!load.kind) return words.kind_needed;
    if (errors) return fill(words.verdict_errors, { count: wording.count(errors) });
    if (load.needs_retire_missing && !load.can_commit) return words.verdict_retire;
    if (!(added || changed || ended)) return words.verdict_same;
    return fill(load.can_commit ? words.verdict_ready : words.verdict_refused, { summary: wording.summary(load.counts) });
  }

  // A button that waits for what it began, and says where that failed.
  #button(label, act, primary = false) {
    const button = el("button", { type: "button", class: `button${primary ? " primary" : ""}` }, label);
    button.addEventListener("click", async () => {
      if (button.getAttribute("aria-disabled")) return;
      button.setAttribute("aria-disabled", "true");
      try {
        const load = await act();
        if (load) this.changed(load);
      } catch (error) {
        if (this.failed(error)) return;
        const stale = error.problem?.status === 412;
        const reload = el("button", { type: "button", class: "button small", onclick: () => this.#reload() }, this.words.see_present);
        this.say("failure", el("p", {}, stale ? this.words.somebody_else : failureText(error, this.words, this.config.lang)), ...(stale || error.problem?.status === 409 ? [reload] : []));
      } finally {
        button.removeAttribute("aria-disabled");
      }
    });
    return button;
  }

  async #reload() {
    const { id } = this.load;
    this.load = null;
    this.changed(await this.loads.load(id));
  }

  async #check() {
    const fields = this.understanding.fields();
    if (!fields) return null;
    // What would be changed now would be lost when the answer comes.
    this.body.inert = true;
    try {
      return await this.loads.change(this.load, fields);
    } finally {
      this.body.inert = false;
    }
  }

  async #commit() {
    const { load, words, wording } = this;
    const { warnings = 0, ended = 0 } = load.counts;
    const agreed = await confirmDialog({
      title: words.commit_title,
      content: [
        el("p", {}, fill(words.commit_text, { kind: wording.kind(load.kind), summary: wording.summary(load.counts) })),
        el("p", {}, load.options?.effective ? fill(words.commit_when, { time: wording.time(load.effective) }) : words.commit_now),
        ended ? el("p", { class: "notice-box caution" }, fill(words.commit_ended, { count: wording.count(ended) })) : null,
        warnings ? el("p", {}, fill(words.commit_warnings, { count: wording.count(warnings) })) : null,
      ].filter(Boolean),
      agree: words.commit_agree,
      refuse: words.cancel,
    });
    return agreed ? this.loads.commit(load) : null;
  }

  async #undo() {
    return (await askToUndo(this.load, this.wording)) ? this.loads.undo(this.load) : null;
  }

  async #discard() {
    const { load, words } = this;
    const agreed = await confirmDialog({
      title: words.discard_title,
      content: [el("p", {}, fill(words.discard_text, { file: load.file }))],
      agree: words.discard,
      refuse: words.cancel,
      danger: true,
    });
    if (!agreed) return null;
    await this.loads.discard(load);
    this.left();
    return null;
  }
}

function grouped(faults) {
  const groups = new Map();
  for (const one of faults) groups.set(one.row, [...(groups.get(one.row) ?? []), one]);
  return groups;
}
