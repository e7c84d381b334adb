// The desk without a load: where files are dropped, what can be loaded, and the loads of before.

import { el, fill, replaceContent } from "../dom.js";
import { confirmDialog } from "../kit/dialog.js";
import { failureText, notice } from "../kit/notices.js";
import { DataTable } from "../kit/table.js";
import { BUSY } from "./wording.js";

const MOST_FIELDS = 9;
const FORMATS = ".xlsx,.xls,.xlsm,.ods,.csv,.txt,.geojson,.json,.gpkg,.pbf,.zip";

export class Arrival {
  // opened(load): a load to go to. returned(): shows this part again where a file arrives while it is not shown.
  constructor({ config, loads, wording, opened, returned, failed }) {
    Object.assign(this, { config, words: config.words, loads, wording, opened, returned, failed });
    this.kind = null;
    this.sending = null;
    this.element = el("div", { class: "arrival" }, this.#drop(), this.#before(), this.#kinds());
    this.#catchDrops();
  }

  show() {
    this.table.show();
  }

  // Asks for a file that is to be read as a kind: the mended form of one that had faults.
  choose(kind) {
    this.kind = kind;
    this.input.click();
  }

  #drop() {
    const { words } = this;
    this.input = el("input", { type: "file", id: "file", accept: FORMATS, class: "unseen" });
    this.input.addEventListener("change", () => this.#take(this.input.files));
    this.input.addEventListener("cancel", () => (this.kind = null));
    this.prompt = el(
      "div",
      { class: "drop-prompt" },
      el("p", { class: "drop-title" }, words.drop_title),
      el("label", { for: "file", class: "button primary" }, words.drop_choose),
      el("p", { class: "hint" }, fill(words.drop_formats, { size: this.wording.size(this.config.max_bytes) })),
    );
    this.sent = el("div", { class: "drop-sending", hidden: true });
    this.said = el("div", { class: "drop-said" });
    this.drop = el("section", { class: "drop", "aria-label": words.drop_title }, this.input, this.prompt, this.sent, this.said);
    return this.drop;
  }

  // A file may be let go anywhere on the page, where a load is shown too.
  #catchDrops() {
    const carriesFile = (event) => document.querySelector(".arrival, .workspace") && event.dataTransfer?.types.includes("Files");
    document.addEventListener("dragover", (event) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      this.drop.dataset.over = "true";
    });
    document.addEventListener("dragleave", (event) => event.relatedTarget === null && delete this.drop.dataset.over);
    document.addEventListener("drop", (event) => {
      delete this.drop.dataset.over;
      if (!carriesFile(event)) return;
      event.preventDefault();
      this.#take(event.dataTransfer.files);
    });
  }

  #take(files) {
    const { words } = this;
    if (this.sending || !files.length) return;
    const [file] = files;
    const { kind } = this;
    this.kind = null;
    if (!this.element.isConnected) this.returned();
    if (files.length > 1) this.#say(words.drop_one);
    else if (file.size === 0) this.#say(fill(words.drop_empty, { file: file.name }));
    else if (file.size > this.config.max_bytes) {
      const sizes = { size: this.wording.size(file.size), most: this.wording.size(this.config.max_bytes) };
      this.#say(fill(words.drop_large, { file: file.name, ...sizes }));
    } else this.#send(file, kind);
    this.input.value = "";
  }

  async #send(file, kind) {
    const { words } = this;
    this.sending = new AbortController();
    const bar = el("progress", { max: "1", value: "0", "aria-label": words.sending });
    const share = el("span", { class: "share" }, "0 %");
    const stop = el("button", { type: "button", class: "button small", onclick: () => this.sending.abort() }, words.stop_it);
    this.said.replaceChildren();
    replaceContent(this.sent, el("p", { role: "status" }, fill(words.sending_file, { file: file.name })), el("div", { class: "bar-row" }, bar, share, stop));
    [this.sent.hidden, this.prompt.hidden] = [false, true];
    try {
      const progress = (part) => {
        bar.value = part;
        share.textContent = `${Math.floor(part * 100)} %`;
      };
      this.opened(await this.loads.upload(file, kind, { progress, signal: this.sending.signal }));
    } catch (error) {
      if (error.name !== "AbortError" && !this.failed(error)) this.#say(failureText(error, words, this.config.lang));
    } finally {
      this.sending = null;
      [this.sent.hidden, this.prompt.hidden] = [true, false];
    }
  }

  #say(text) {
    replaceContent(this.said, notice("failure", text));
  }

  #before() {
    const { words, wording } = this;
    this.table = new DataTable({
      caption: words.before_title,
      words,
      lang: this.config.lang,
      empty: words.before_none,
      limit: 10,
      fetch: async (page) => {
        try {
          return await this.loads.list(page);
        } catch (error) {
          this.failed(error);
          throw error;
        }
      },
      open: (load) => this.opened(load),
      columns: [
        { label: words.column_file, opens: true, class: "file", cell: (load) => load.file },
        { label: words.column_kind, cell: (load) => (load.kind ? wording.kind(load.kind) : "—") },
        { label: words.column_state, cell: (load) => stateChip(load, wording) },
        { label: words.column_changes, cell: (load) => (BUSY.has(load.state) ? "" : wording.summary(load.counts)) },
        { label: words.column_who, cell: (load) => load.created_by },
        { label: words.column_when, class: "time-cell", cell: (load) => wording.time(load.created_at) },
        { label: words.undo_short, class: "act", cell: (load) => (load.can_undo ? this.#undo(load) : "") },
      ],
    });
    return el("section", {}, el("h2", {}, words.before_title), this.table.element);
  }

  // Undoes a load from the list; what comes of it is shown where the load is.
  #undo(load) {
    const { words } = this;
    const act = async () => {
      if (!(await askToUndo(load, this.wording))) return;
      try {
        this.opened(await this.loads.undo(load));
      } catch (error) {
        if (!this.failed(error)) this.#say(failureText(error, words, this.config.lang));
      }
    };
    return el("button", { type: "button", class: "button small", "aria-label": fill(words.undo_of, { file: load.file }), onclick: act }, words.undo_agree);
  }

  // Every kind with its fields, and an empty sheet to fill in.
  #kinds() {
    const { words, config } = this;
    const item = (kind) => {
      const [needed, others] = [true, false].map((required) => kind.fields.filter((field) => field.required === required).map((field) => field.label));
      const more = others.length - MOST_FIELDS;
      const rest = more > 2 ? [...others.slice(0, MOST_FIELDS), fill(words.more_fields, { count: more })] : others;
      return el(
        "li",
        {},
        el("h3", {}, kind.label),
        el("p", {}, el("strong", {}, needed.join(words.comma)), needed.length && rest.length ? words.comma : "", rest.join(words.comma)),
        el("a", { href: `${config.root}${kind.template}`, download: "", "aria-label": fill(words.template_of, { kind: kind.label }) }, words.template),
      );
    };
    return el(
      "section",
      { class: "kinds" },
      el("h2", {}, words.kinds_title),
      el("p", { class: "hint" }, words.kinds_text),
      el("ul", {}, config.kinds.map(item)),
    );
  }
}

// Whether a load shall be undone, as the clerk says when asked.
export function askToUndo(load, wording) {
  const { words } = wording;
  return confirmDialog({
    title: words.undo_title,
    content: [el("p", {}, fill(words.undo_text, { file: load.file, summary: wording.summary(load.counts) }))],
    agree: words.undo_agree,
    refuse: words.cancel,
    danger: true,
  });
}

// The state of a load as a word in a frame; its colour only repeats the word.
export function stateChip(load, wording) {
  const tone = { committed: "good", failed: "failure", checked: "calm" }[load.state] ?? (BUSY.has(load.state) ? "busy" : "past");
  const faults = load.state === "checked" && load.counts?.errors;
  const text = load.state === "checked" && !load.kind ? wording.words.state_no_kind : faults ? fill(wording.words.state_with_errors, { count: wording.count(load.counts.errors) }) : wording.state(load);
  return el("span", { class: `chip ${faults ? "failure" : tone}` }, text);
}
