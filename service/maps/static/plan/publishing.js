// Publishing: what would change, from when on, with which word; a base that is out of date first.

import { el, fill, replaceContent } from "../dom.js";
import { field } from "../kit/form.js";
import { confirmDialog } from "../kit/dialog.js";
import { notice } from "../kit/notices.js";
import { factOf } from "./wording.js";

const MOST_CONFLICTS = 12;

export class Publishing {
  // acts: {impact() → the newest, findings() → {errors, warnings}, show(place), published(answer), rebased()}.
  constructor({ client, wording, timezone, acts }) {
    Object.assign(this, { client, wording, words: wording.words, timezone, acts, dialog: null });
  }

  open() {
    const { words } = this;
    this.said = el("div", { class: "publish-said" });
    this.body = el("div", { class: "publish-body" });
    const close = el("button", { type: "button", class: "button", onclick: () => this.dialog.close() }, words.cancel);
    this.go = el("button", { type: "submit", class: "button primary" }, words.publish);
    const form = el("form", { method: "dialog", onsubmit: (event) => this.#submit(event) }, el("h2", { id: "publish-title" }, fill(words.publish_title, { name: this.client.draft.name })), this.body, this.said, el("div", { class: "actions" }, close, this.go));
    this.dialog = el("dialog", { class: "confirm publish", id: "publish-dialog", "aria-labelledby": "publish-title" }, form);
    this.dialog.addEventListener("close", () => this.dialog.remove());
    document.body.append(this.dialog);
    this.#fill();
    this.dialog.showModal();
    if (this.client.draft.stale) this.#stale();
  }

  #fill() {
    const { words, wording } = this;
    const impact = this.acts.impact();
    const { errors, warnings } = this.acts.findings();
    const { changing_grid: grid, changing_community: community } = impact ?? {};
    const rows = impact && [
      [words.publish_grids, wording.count(impact.grids.length)],
      [words.publish_households, wording.count(grid.households)],
      [words.publish_communities, wording.count(community.households)],
      [words.publish_duties, wording.count(impact.duties.length)],
      [words.publish_findings, errors ? fill(words.findings_count, { errors, warnings }) : fill(words.warnings_count, { warnings })],
    ];
    this.now = el("input", { type: "radio", name: "when", value: "now", checked: true });
    this.later = el("input", { type: "radio", name: "when", value: "later" });
    this.time = el("input", { type: "datetime-local", id: "publish-time", "aria-label": words.publish_time, value: wording.tomorrow() });
    this.time.addEventListener("input", () => (this.later.checked = true));
    this.note = el("input", { type: "text", maxlength: "200", autocomplete: "off", id: "publish-note" });
    replaceContent(
      this.body,
      rows && el("table", { class: "figures ruled" }, el("caption", { class: "unseen" }, words.impact_title), el("tbody", {}, rows.map(([label, value]) => el("tr", {}, el("th", { scope: "row" }, label), el("td", { class: "number" }, value))))),
      el(
        "fieldset",
        { class: "when" },
        el("legend", {}, words.publish_when),
        el("label", {}, this.now, el("span", {}, words.publish_now)),
        el("label", {}, this.later, el("span", {}, words.publish_later), this.time),
        el("p", { class: "hint" }, fill(words.publish_zone, { zone: this.timezone })),
      ),
      field(words.publish_note, this.note, { wide: true, hint: words.publish_note_hint }),
    );
    this.go.disabled = errors > 0;
    if (errors > 0) this.#say("failure", words.publish_errors);
    else this.said.replaceChildren();
  }

  async #submit(event) {
    event.preventDefault();
    const effective = this.later.checked ? this.time.value : null;
    this.go.disabled = true;
    this.dialog.setAttribute("aria-busy", "true");
    try {
      const answer = await this.client.publish({ effective, note: this.note.value.trim() });
      this.dialog.close();
      this.acts.published(answer);
    } catch (error) {
      await this.#refused(error);
    }
    this.dialog.removeAttribute("aria-busy");
  }

  async #refused(error) {
    if (isStaleBase(error)) return this.#stale(factOf(error, "conflicts"));
    this.go.disabled = false;
    // Somebody else worked on meanwhile: what is published is to have been seen.
    if (error.problem?.status === 412) {
      await this.client.look().catch(() => null);
      this.#fill();
      return this.#say("caution", this.words.publish_changed);
    }
    return this.#say("failure", this.wording.problem(error));
  }

  // The layer has another release by now: what both changed, and the way there.
  async #stale(told = null) {
    const { words } = this;
    this.go.disabled = true;
    this.#say("caution", words.stale_looking);
    const conflicts = told ?? (await this.client.conflicts().then(({ items }) => items).catch(() => []));
    const rebase = el("button", { type: "button", class: "button primary", id: "rebase", onclick: () => this.rebase() }, words.rebase);
    const more = conflicts.length - MOST_CONFLICTS;
    replaceContent(
      this.said,
      notice(
        "caution",
        el("p", {}, el("strong", {}, fill(words.stale_title, { newest: this.client.draft.newest ?? "" }))),
        el("p", {}, conflicts.length ? words.stale_conflicts : words.stale_clean),
        conflicts.length > 0 && el("ul", { class: "conflicts" }, conflicts.slice(0, MOST_CONFLICTS).map((one) => this.#conflict(one))),
        more > 0 && el("p", {}, fill(words.rows_more, { count: this.wording.count(more) })),
        rebase,
      ),
    );
  }

  #conflict(one) {
    const { words } = this;
    const what = (list) => list.map((name) => words.conflict_what[name] ?? name).join(words.comma);
    const text = fill(words.conflict, { name: one.name || one.code, code: one.code, ours: what(one.draft), theirs: what(one.release) });
    if (!Number.isFinite(one.lon)) return el("li", {}, text);
    const show = () => {
      this.dialog.close();
      this.acts.show(one);
    };
    return el("li", {}, el("button", { type: "button", class: "opens", onclick: show }, text));
  }

  // Takes the draft to the newest release; operations that cannot be done there are left out only when agreed to.
  async rebase() {
    const { words, wording } = this;
    try {
      await this.client.rebase(false);
    } catch (error) {
      const lost = factOf(error, "operations");
      if (!lost?.length) return this.#say("failure", wording.problem(error));
      const agreed = await confirmDialog({
        title: words.leave_out_title,
        content: [
          el("p", {}, fill(words.leave_out_text, { count: wording.count(lost.length) })),
          el("ul", { class: "plain-list" }, lost.slice(0, MOST_CONFLICTS).map((one) => el("li", {}, wording.message(one, "detail") || one.kind))),
        ],
        agree: words.leave_out, refuse: words.cancel, danger: true,
      });
      if (!agreed) return null;
      try {
        await this.client.rebase(true);
      } catch (again) {
        return this.#say("failure", wording.problem(again));
      }
    }
    return this.acts.rebased();
  }

  #say(tone, text) {
    replaceContent(this.said, notice(tone, text));
  }
}

function isStaleBase(error) {
  return error.problem?.code === "stale-base" || factOf(error, "conflicts") !== null;
}
