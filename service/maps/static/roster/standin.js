// Somebody for a hole: as stand-in for the whole of a leave, for one post and a time, or as successor.

import { el, fill, replaceContent } from "../dom.js";
import { field, setFault } from "../kit/form.js";
import { failureText, notice } from "../kit/notices.js";
import { Picker } from "./picker.js";

export class StandIn {
  constructor({ roster, wording, sources, done, failed }) {
    Object.assign(this, { roster, wording, sources, done, failed });
  }

  // post: {target, role}; hole: {from, to, reason, missed}.
  async open(post, hole) {
    const { words } = this.wording;
    Object.assign(this, { post, hole });
    const what = `${this.wording.target(post.target)} · ${this.wording.role(post.role)}`;
    this.said = el("div", { class: "record-said" });
    this.ways = el("fieldset", { class: "ways" });
    this.picker = new Picker({ options: this.sources.of("holder"), words });
    const begin = new Date(Math.max(Date.parse(hole.from), Date.now())).toISOString();
    this.from = el("input", { type: "datetime-local", value: this.wording.local(begin) });
    this.to = el("input", { type: "datetime-local", value: this.wording.local(hole.to) });
    const who = field(`${words.who} *`, this.picker.input, { hint: words.who_hint });
    who.append(...this.picker.parts);
    this.period = el("div", { class: "fields" }, field(words.from, this.from), field(words.to, this.to));
    this.agree = el("button", { type: "submit", class: "button primary" }, words.arrange);
    const close = el("button", { type: "button", class: "button", onclick: () => this.dialog.close() }, words.cancel);
    const form = el("form", { novalidate: true }, this.ways, el("div", { class: "fields" }, who), this.period, this.said, el("div", { class: "record-actions" }, this.agree, close));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    const missed = hole.missed.map((one) => one.name).join(words.comma);
    this.dialog = el(
      "dialog",
      { class: "record standin", "aria-labelledby": "standin-title" },
      el("h2", { id: "standin-title" }, fill(words.arrange_title, { what })),
      el("p", {}, this.wording.span(hole.from, hole.to), words.colon, fill(words.reasons[hole.reason] ?? hole.reason, { name: missed })),
      form,
    );
    const { dialog } = this;
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.#offer([]);
    this.picker.input.focus();
    if (hole.reason === "on_leave") await this.#learnLeave();
  }

  async #learnLeave() {
    const leaves = [];
    try {
      for (const one of this.hole.missed) {
        leaves.push(...(await this.roster.all("leave", { worker: one.code, as_of: this.hole.from })));
      }
      this.#offer(leaves.filter((one) => !one.stand_in));
    } catch (error) {
      if (this.failed(error)) this.dialog.close();
    }
  }

  // The ways to fill the hole; the whole of a leave first, where there is one.
  #offer(leaves) {
    const { words } = this.wording;
    const ways = leaves.map((leave) => ({ leave, text: fill(words.way_leave, { name: leave.worker_name ?? leave.worker, period: this.wording.period(leave.valid_from, leave.valid_to) }) }));
    ways.push({ text: words.way_post });
    if (this.hole.reason === "ended") ways.push({ primary: true, text: words.way_successor });
    this.way = ways[0];
    replaceContent(
      this.ways,
      el("legend", {}, words.way),
      ways.map((way, place) => el("label", {}, el("input", { type: "radio", name: "way", checked: place === 0, onchange: () => this.#choose(way) }), el("span", {}, way.text))),
    );
    this.ways.hidden = ways.length === 1;
    this.#choose(this.way);
  }

  #choose(way) {
    this.way = way;
    this.period.hidden = Boolean(way.leave);
    this.to.closest(".field").hidden = Boolean(way.primary);
  }

  async #save() {
    const { words } = this.wording;
    const code = await this.picker.resolve();
    setFault(this.picker.input, code ? "" : words.required);
    this.said.replaceChildren();
    if (!code) {
      this.picker.input.focus();
      return;
    }
    this.agree.disabled = true;
    try {
      const edit = await (this.way.leave ? this.#forLeave(code) : this.#forPost(code));
      this.dialog.close();
      this.done(edit, "arranged");
    } catch (error) {
      if (this.failed(error)) this.dialog.close();
      else this.#refused(error);
    } finally {
      this.agree.disabled = false;
    }
  }

  async #forLeave(code) {
    const { leave_id: id } = this.way.leave;
    const { etag } = await this.roster.record("leave", id);
    return this.roster.change("leave", id, { stand_in: code }, etag);
  }

  #forPost(code) {
    const { target, role } = this.post;
    const period = this.way.primary ? { from: this.from.value } : { from: this.from.value, to: this.to.value };
    return this.roster.create("duties", {
      holder: code,
      role: role.code,
      target_kind: target.kind,
      target: target.code,
      ...(target.layer ? { layer: target.layer } : {}),
      assignment: this.way.primary ? "primary" : "stand_in",
      ...Object.fromEntries(Object.entries(period).filter(([, value]) => value)),
    });
  }

  #refused(error) {
    const { words } = this.wording;
    const { errors = [], status } = error.problem ?? {};
    const about = errors.filter((one) => /\.(holder|stand_in)$/.test(one.location ?? ""));
    setFault(this.picker.input, about.map((one) => this.wording.message(one)).join(words.semicolon));
    const others = errors.filter((one) => !about.includes(one));
    if (about.length && !others.length) return;
    const texts = others.length ? others.map((one) => this.wording.message(one)) : [status === 412 ? words.conflict : failureText(error, words, this.wording.lang)];
    replaceContent(this.said, notice("failure", texts.map((text) => el("p", {}, text))));
  }
}
