// One record in a dialog: seen, added, changed, ended; what another clerk changed meanwhile, and its history.

import { el, fill, replaceContent } from "../dom.js";
import { confirmDialog } from "../kit/dialog.js";
import { field } from "../kit/form.js";
import { failureText, notice } from "../kit/notices.js";
import { dependents } from "./dependents.js";
import { Fields, fixedOf, valuesOf } from "./fields.js";

export class RecordDialog {
  // done(edit, what) once something was written; failed(error) deals with a session that ended.
  constructor({ roster, wording, sources, done, failed }) {
    Object.assign(this, { roster, wording, sources, done, failed });
  }

  // Shows a record, to be edited by those who may; key null for a new one, with values to begin with.
  async open(kind, key, { given = {}, editable = true, title = "" } = {}) {
    const { words } = this.wording;
    Object.assign(this, { kind, key, editable });
    this.#frame(title || (key ? this.#title(null) : fill(words.add_title, { kind: kind.label })));
    if (key === null) {
      this.#form(null, null, given);
      return;
    }
    replaceContent(this.body, el("p", { class: "hint" }, words.loading));
    try {
      const { content, etag } = await this.roster.record(kind.name, key, { history: editable });
      this.heading.textContent = this.#title(content);
      if (editable) this.#form(content, etag, given);
      else replaceContent(this.body, this.#particulars(content), this.#history(content));
    } catch (error) {
      if (this.#left(error)) return;
      replaceContent(this.body, notice("failure", this.#text(error)));
    }
  }

  #frame(title) {
    const { words } = this.wording;
    this.heading = el("h2", { id: "record-title", tabindex: "-1" }, title);
    this.body = el("div", { class: "record-body" });
    const close = el("button", { type: "button", class: "button small", onclick: () => this.dialog.close() }, words.close);
    this.dialog = el("dialog", { class: "record", "aria-labelledby": "record-title" }, el("header", { class: "record-head" }, this.heading, close), this.body);
    // Its own: the next one may stand before the closing of this one is told.
    const { dialog } = this;
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.heading.focus();
  }

  #title(record) {
    const name = record && (record.name ?? record.title ?? record.worker_name ?? record.holder?.name ?? record.day ?? record.code);
    return name ? `${this.kind.label}${this.wording.words.colon}${name}` : this.kind.label;
  }

  #form(record, etag, given) {
    const { words } = this.wording;
    Object.assign(this, { record, etag });
    this.fields = new Fields({ kind: this.kind, record, given, sources: this.sources, roster: this.roster, wording: this.wording });
    this.said = el("div", { class: "record-said" });
    this.save = el("button", { type: "submit", class: "button primary" }, record ? words.save : words.add);
    const ending = record && el("button", { type: "button", class: "button ending", onclick: () => this.#end() }, this.kind.name === "leave" ? words.end_leave : words.end);
    const form = el(
      "form",
      { novalidate: true },
      this.fields.fixed.length > 0 && this.#fixed(),
      this.fields.element,
      this.#when(),
      this.said,
      el("div", { class: "record-actions" }, this.save, ending),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    replaceContent(this.body, form, record && this.#history(record));
    if (!record) form.querySelector("input, select, textarea")?.focus();
  }

  #fixed() {
    const values = valuesOf(this.kind.name, this.record);
    const { record } = this;
    const named = { holder: record.holder?.name, role: record.role && this.wording.role(record.role), target: record.target && this.wording.target(record.target), worker: record.worker_name };
    return el(
      "dl",
      { class: "particulars" },
      this.fields.fixed
        .filter((one) => values[one.name] !== null && values[one.name] !== undefined)
        .map((one) => el("div", {}, el("dt", {}, one.label), el("dd", {}, named[one.name] ?? this.wording.value(this.kind.name, one.name, values[one.name])))),
    );
  }

  // Duties and leave say when they begin; every other record, when what is entered holds from.
  #when() {
    const { words } = this.wording;
    if (this.kind.name === "calendar" || (!this.record && ["duties", "leave"].includes(this.kind.name))) return null;
    this.effective = el("input", { type: "datetime-local" });
    return el("div", { class: "fields" }, field(words.effective, this.effective, { hint: fill(words.effective_hint, { zone: this.wording.timezone }) }));
  }

  async #save() {
    const { words } = this.wording;
    this.fields.clearFaults();
    this.said.replaceChildren();
    await this.fields.settled();
    if (!this.fields.complete()) return;
    const values = this.fields.values();
    if (this.record && !Object.keys(values).length) {
      replaceContent(this.said, notice("calm", words.no_change));
      return;
    }
    const body = { ...values, ...this.#effective() };
    await this.#write(
      () => (this.record ? this.roster.change(this.kind.name, this.key, body, this.etag) : this.roster.create(this.kind.name, body)),
      this.record ? "changed" : "added",
      values,
    );
  }

  #effective() {
    return this.effective?.value ? { effective: this.effective.value } : {};
  }

  async #write(act, what, values = {}) {
    this.save.disabled = true;
    try {
      const edit = await act();
      this.dialog.close();
      this.done(edit, what, this.kind);
    } catch (error) {
      if (this.#left(error)) return;
      if (error.problem?.status === 412) this.#conflict(error.problem, values, what);
      else this.#refused(error);
    } finally {
      this.save.disabled = false;
    }
  }

  #refused(error) {
    const others = error.problem?.status === 422 ? this.fields.showFaults(error.problem.errors ?? []) : [];
    const shown = this.dialog.querySelector("[aria-invalid]");
    if (shown && !others.length) return;
    const lines = others.length ? others.map((one) => el("p", {}, this.wording.message(one))) : [el("p", {}, this.#text(error))];
    replaceContent(this.said, notice("failure", ...lines));
    if (!shown) this.said.scrollIntoView({ block: "nearest" });
  }

  // Another clerk was faster: both values of each field side by side, to be decided one by one.
  #conflict(problem, mine, what) {
    const { words } = this.wording;
    const { current, etag, changed_by: who, changed_at: when } = problem.facts;
    const theirs = valuesOf(this.kind.name, current);
    const names = this.fields.shown.map((one) => one.name).filter((name) => name in mine || !equal(theirs[name], this.fields.before[name]));
    const said = el("p", {}, el("strong", {}, who ? fill(words.conflict_by, { who, time: this.wording.time(when) }) : words.conflict));
    const rows = names.map((name) => this.#choice(name, theirs[name], name in mine ? mine[name] : theirs[name], name in mine));
    const take = () => {
      const chosen = {};
      for (const row of rows) if (row.mine()) chosen[row.name] = mine[row.name];
      this.record = current;
      this.etag = etag;
      this.fields.use(current, chosen);
      if (what === "ended") this.said.replaceChildren();
      else if (Object.keys(chosen).length) this.#save();
      else this.dialog.close();
    };
    const button = el("button", { type: "button", class: "button primary", onclick: take }, what === "ended" ? words.conflict_seen : words.conflict_take);
    const table = el(
      "table",
      { class: "conflict" },
      el("caption", { class: "unseen" }, words.conflict),
      el("thead", {}, el("tr", {}, [words.field, words.conflict_before, words.conflict_theirs, words.conflict_mine].map((one) => el("th", { scope: "col" }, one)))),
      el("tbody", {}, rows.map((row) => row.element)),
    );
    replaceContent(this.said, notice("caution", said, el("p", {}, words.conflict_text), names.length > 0 && table, button));
    this.said.scrollIntoView({ block: "nearest" });
    button.focus();
  }

  #choice(name, theirs, mine, touched) {
    const shown = (value) => this.wording.value(this.kind.name, name, value);
    const radio = (value, checked) => el("input", { type: "radio", name: `keep-${name}`, value, checked });
    const [one, other] = [radio("theirs", !touched), radio("mine", touched)];
    const cell = (input, value) => el("td", {}, el("label", {}, input, " ", shown(value)));
    const element = el("tr", {}, el("th", { scope: "row" }, this.wording.label(this.kind.name, name)), el("td", {}, shown(this.fields.before[name])), cell(one, theirs), touched ? cell(other, mine) : el("td", {}, "–"));
    return { name, element, mine: () => touched && other.checked };
  }

  async #end() {
    const { words } = this.wording;
    const when = el("input", { type: "datetime-local" });
    const held = el("div", {}, el("p", {}, words.dependents_asking));
    const name = this.#title(this.record);
    dependents(this.roster, this.wording, this.kind.name, this.record)
      .then((found) => replaceContent(held, this.#dependents(found)))
      .catch(() => replaceContent(held, el("p", {}, words.dependents_unknown)));
    const agreed = await confirmDialog({
      title: fill(words.end_title, { name }),
      content: [el("p", {}, words.end_text), held, field(words.end_when, when, { hint: words.end_when_hint })],
      agree: words.end_agree,
      refuse: words.cancel,
      danger: true,
    });
    if (agreed) await this.#write(() => this.roster.end(this.kind.name, this.key, this.etag, when.value || null), "ended");
  }

  #dependents({ lines, more }) {
    const { words } = this.wording;
    if (!lines.length) return [el("p", {}, words.dependents_none)];
    return [
      el("p", {}, el("strong", {}, fill(words.dependents_some, { count: this.wording.number(lines.length + more) }))),
      el("ul", { class: "dependents" }, lines.map((line) => el("li", {}, line)), more > 0 && el("li", {}, fill(words.dependents_more, { count: this.wording.number(more) }))),
    ];
  }

  #particulars(record) {
    const values = valuesOf(this.kind.name, record);
    return el("dl", { class: "particulars" }, this.kind.fields.filter((one) => one.name in values).map((one) => el("div", {}, el("dt", {}, one.label), el("dd", {}, this.wording.value(this.kind.name, one.name, values[one.name])))));
  }

  // Every state that the record had and is to have, the newest first, each with what it changed.
  #history(record) {
    const { words } = this.wording;
    if (!record?.history?.length) return null;
    const { history } = record;
    const states = history.map((state) => ({ ...state, ...valuesOf(this.kind.name, state) }));
    const said = (state, name) => state[`${name}_name`] ?? this.wording.value(this.kind.name, name, state[name]);
    const names = this.kind.fields.map((one) => one.name).filter((name) => !["from", "to", ...fixedOf(this.kind.name)].includes(name));
    const rows = states.map((state, place) => {
      const older = states[place + 1];
      const differ = names.filter((name) => (older ? !equal(state[name], older[name]) : !equal(state[name], null)));
      const text = differ.map((name) => `${this.wording.label(this.kind.name, name)}${words.colon}${older ? `${said(older, name)} → ` : ""}${said(state, name)}`);
      return el("li", {}, el("strong", {}, this.wording.period(state.valid_from, state.valid_to)), el("span", {}, text.join(words.semicolon) || words.history_same));
    });
    return el("details", { class: "history" }, el("summary", {}, fill(words.history, { count: this.wording.number(history.length) })), el("ol", {}, rows));
  }

  #left(error) {
    if (!this.failed(error)) return false;
    this.dialog.close();
    return true;
  }

  #text(error) {
    return failureText(error, this.wording.words, this.wording.lang);
  }
}

function equal(one, other) {
  const plain = (value) => (value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length) ? null : value);
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
}

