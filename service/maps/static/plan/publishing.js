// Publishing: what would change, from when on, with which word; a base that is out of date first.

import { el, fill, replaceContent } from "../dom.js";
import { field } from "../kit/form.js";
import { notice } from "../kit/notices.js";
import { takeToNewest } from "./rebase.js";
import { diffAddress, factOf } from "./wording.js";

const MOST_CONFLICTS = 12;

export class Publishing {
  // acts: {impact() → the newest, findings() → {errors, warnings}, renew(), opened(tab), show(place), rebased()}.
  constructor({ client, wording, root, timezone, acts }) {
    Object.assign(this, { client, wording, words: wording.words, root, timezone, acts, dialog: null });
  }

  open() {
    const { words } = this;
    this.title = el("h2", { id: "publish-title" }, fill(words.publish_title, { name: this.client.draft.name }));
    this.told = el("div");
    this.said = el("div", { class: "publish-said" });
    this.body = el("div", { class: "publish-body" }, this.told, this.#when(), this.#word());
    const close = el("button", { type: "button", class: "button", onclick: () => this.dialog.close() }, words.cancel);
    this.go = el("button", { type: "submit", class: "button primary" }, words.publish);
    this.again = el("button", { type: "button", class: "button primary", id: "rebase", hidden: true, onclick: () => this.rebase() }, words.rebase);
    const form = el("form", { method: "dialog", novalidate: true, onsubmit: (event) => this.#submit(event) }, this.title, this.body, this.said, el("div", { class: "actions" }, close, this.go, this.again));
    this.dialog = el("dialog", { class: "confirm publish", id: "publish-dialog", "aria-labelledby": "publish-title" }, form);
    this.dialog.addEventListener("close", () => this.dialog.remove());
    document.body.append(this.dialog);
    this.#tell();
    this.dialog.showModal();
    if (this.client.draft.stale) this.#stale();
  }

  // What would change, as it was counted last; what was filled in stays.
  #tell() {
    const { words, wording } = this;
    const impact = this.acts.impact();
    const { errors } = this.acts.findings();
    const { changing_grid: grid, changing_community: community } = impact ?? {};
    const rows = impact && [
      [words.publish_grids, wording.count(impact.grids.length)],
      [words.publish_households, wording.count(grid.households)],
      [words.publish_communities, wording.count(community.households)],
      [words.publish_duties, wording.count(impact.duties.length)],
      [words.publish_findings, this.#found()],
    ];
    const row = ([label, value]) => el("tr", {}, el("th", { scope: "row" }, label), el("td", { class: "number" }, value));
    replaceContent(this.told, rows && el("table", { class: "figures ruled" }, el("caption", { class: "unseen" }, words.impact_title), el("tbody", {}, rows.map(row))));
    this.go.disabled = errors > 0;
    if (errors > 0) this.#say("failure", words.publish_errors);
    else this.said.replaceChildren();
  }

  #found() {
    const { words } = this;
    const { errors, warnings } = this.acts.findings();
    if (!errors && !warnings) return words.publish_no_findings;
    const look = () => {
      this.dialog.close();
      this.acts.opened("findings");
    };
    return el("button", { type: "button", class: "opens", onclick: look }, errors ? fill(words.findings_count, { errors, warnings }) : fill(words.warnings_count, { warnings }));
  }

  #when() {
    const { words, wording } = this;
    this.now = el("input", { type: "radio", name: "when", value: "now", checked: true });
    this.later = el("input", { type: "radio", name: "when", value: "later" });
    this.time = el("input", { type: "datetime-local", id: "publish-time", "aria-label": words.publish_time, "aria-describedby": "publish-time-said", value: wording.tomorrow() });
    this.timeSaid = el("p", { class: "hint", id: "publish-time-said", role: "status" });
    this.time.addEventListener("input", () => (this.later.checked = true));
    for (const input of [this.now, this.later, this.time]) input.addEventListener("input", () => this.#tellTime());
    this.#tellTime();
    return el(
      "fieldset",
      { class: "when" },
      el("legend", {}, words.publish_when),
      el("label", {}, this.now, el("span", {}, words.publish_now)),
      el("label", {}, this.later, el("span", {}, words.publish_later), this.time),
      this.timeSaid,
    );
  }

  // Below the time: whose clock it is, and that it is over where it is.
  #tellTime(missing = false) {
    const { words, wording } = this;
    const isOver = this.later.checked && this.time.value && this.time.value < wording.minute();
    const text = missing ? words.publish_time_missing : isOver ? words.publish_past : fill(words.publish_zone, { zone: wording.zone() });
    this.timeSaid.textContent = text;
    this.timeSaid.className = missing ? "fault" : isOver ? "hint over" : "hint";
    this.time.setAttribute("aria-invalid", String(missing));
  }

  #word() {
    const { words } = this;
    this.note = el("input", { type: "text", maxlength: "200", autocomplete: "off", id: "publish-note" });
    return field(words.publish_note, this.note, { wide: true, hint: words.publish_note_hint });
  }

  async #submit(event) {
    event.preventDefault();
    // A time that is half filled in is none: nothing is published at another one than is meant.
    if (this.later.checked && !this.time.value) {
      this.#tellTime(true);
      return this.time.focus();
    }
    const effective = this.later.checked ? this.time.value : null;
    this.#busy(true);
    try {
      await this.client.publish({ effective, note: this.note.value.trim() });
      this.dialog.close();
    } catch (error) {
      await this.#refused(error);
    }
    this.#busy(false);
    return null;
  }

  #busy(isBusy) {
    if (isBusy) this.dialog.setAttribute("aria-busy", "true");
    else this.dialog.removeAttribute("aria-busy");
    for (const button of [this.go, this.again]) button.disabled = isBusy || (button === this.go && this.acts.findings().errors > 0);
  }

  async #refused(error) {
    if (isStaleBase(error)) return this.#stale(factOf(error, "conflicts"));
    // Somebody else worked on meanwhile: what is published is to have been seen.
    if (error.problem?.status === 412) {
      await this.client.look().catch(() => null);
      await this.acts.renew();
      this.#tell();
      return this.#say("caution", this.words.publish_changed);
    }
    if (error.problem?.code === "pending-release") return this.#pending(factOf(error, "release"));
    return this.#say("failure", this.wording.problem(error));
  }

  // Another release waits for its date; where it can be looked at, it can be taken back.
  #pending(number) {
    const { words, client } = this;
    const address = diffAddress(this, { ...client.draft, published_release: number });
    return this.#say("caution", el("p", {}, fill(words.publish_pending, { number })), el("p", {}, el("a", { href: address }, fill(words.publish_see_pending, { number }))));
  }

  // The layer has another release by now: what both changed, and the way there.
  async #stale(told = null) {
    const { words, client } = this;
    this.title.textContent = fill(words.stale_title, { newest: client.draft.newest ?? "" });
    for (const part of [this.body, this.go]) part.hidden = true;
    this.#say("caution", words.stale_looking);
    const conflicts = told ?? (await client.conflicts().then(({ items }) => items).catch(() => []));
    const more = conflicts.length - MOST_CONFLICTS;
    this.#say(
      "caution",
      el("p", {}, conflicts.length ? words.stale_conflicts : words.stale_clean),
      conflicts.length > 0 && el("ul", { class: "conflicts" }, conflicts.slice(0, MOST_CONFLICTS).map((one) => this.#conflict(one))),
      more > 0 && el("p", {}, fill(words.conflicts_more, { count: this.wording.count(more) })),
    );
    this.again.hidden = false;
    this.again.focus();
  }

  #conflict(one) {
    const { words } = this;
    const what = (list) => list.map((name) => words.conflict_what[name] ?? name).join(words.comma);
    const named = one.name ? fill(words.conflict_of, { name: one.name, code: one.code }) : one.code;
    const told = el("p", { class: "quiet" }, fill(words.conflict, { ours: what(one.draft), theirs: what(one.release) }));
    if (!Number.isFinite(one.lon)) return el("li", {}, named, told);
    const show = () => {
      this.dialog.close();
      this.acts.show(one);
    };
    return el("li", {}, el("button", { type: "button", class: "opens", onclick: show }, named), told);
  }

  async rebase() {
    this.#busy(true);
    try {
      if (await takeToNewest(this)) return this.acts.rebased();
    } catch (error) {
      this.#say("failure", this.wording.problem(error));
    }
    return this.#busy(false);
  }

  #say(tone, ...content) {
    replaceContent(this.said, notice(tone, ...content.filter(Boolean)));
  }
}

function isStaleBase(error) {
  return error.problem?.code === "stale-base" || factOf(error, "conflicts") !== null;
}
