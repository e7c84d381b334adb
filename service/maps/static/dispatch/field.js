// The field: a combobox (WAI-ARIA) whose suggestions come from the register. Enter asks; Escape clears.

import { el, fill, replaceContent } from "../dom.js";
import { between, marked } from "../differing.js";

const SHORTEST = 2;
const LONGEST = 200;
const PAUSE_MILLISECONDS = 60;
// Suggestions that end an address; all others are the beginning of one.
const WHOLE = new Set(["doors", "places"]);

export class AddressField {
  // parts: {form, input, list, status}. suggest(text, signal) → suggestions. ask(text, within): look this up,
  // `within` an area where the text alone does not say which of several it is. choose(suggestion): this very door. leave(): Escape, with no suggestions to close.
  constructor(parts, words, { suggest, ask, choose, leave }) {
    Object.assign(this, parts, { words, suggest, ask, choose, leave, items: [], active: -1, taken: null });
    this.input.addEventListener("input", (event) => !event.isComposing && this.#later());
    this.input.addEventListener("compositionend", () => this.#later());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.input !== document.activeElement && this.close(), 150));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
  }

  get text() {
    return this.input.value.trim();
  }

  // Puts a text in; with `more` the caret stands behind it, else all of it is chosen, so that typing replaces it.
  put(text, { within = "", more = false } = {}) {
    this.input.value = text;
    this.taken = within && { text, within };
    this.focus({ more });
  }

  focus({ more = false } = {}) {
    this.input.focus({ preventScroll: true });
    if (more) this.input.setSelectionRange(this.input.value.length, this.input.value.length);
    else this.input.select();
  }

  submit() {
    if (this.active >= 0) {
      this.#take(this.items[this.active]);
      return;
    }
    const { text } = this;
    this.close();
    if (!text) return;
    this.ask(text, this.taken && text.startsWith(this.taken.text) ? this.taken.within : "");
  }

  // No suggestions any more, not even those that are still under way.
  close() {
    clearTimeout(this.timer);
    this.pending?.abort();
    this.pending = null;
    this.list.hidden = true;
    this.items = [];
    this.active = -1;
    this.status.textContent = "";
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#refresh(), PAUSE_MILLISECONDS);
  }

  async #refresh() {
    clearTimeout(this.timer);
    const { text } = this;
    const { length } = Array.from(text);
    if (length < SHORTEST || length > LONGEST) {
      this.close();
      return;
    }
    this.pending?.abort();
    const turn = (this.pending = new AbortController());
    try {
      const items = await this.suggest(text, turn.signal);
      if (this.pending === turn) this.#show(items);
    } catch (error) {
      if (error.name === "AbortError" || this.pending !== turn) return;
      this.#fail();
    }
  }

  #fail() {
    this.close();
    replaceContent(this.list, el("li", { class: "more", role: "presentation" }, this.words.suggest_failed));
    this.list.hidden = false;
    this.status.textContent = this.words.suggest_failed;
  }

  // What the keyboard stands on stays chosen when a later answer has it too.
  #show(items) {
    const held = this.items[this.active];
    this.items = items;
    this.active = -1;
    const rows = [];
    let group = null;
    for (const [place, item] of items.entries()) {
      if (item.group !== group) rows.push(el("li", { class: "group", role: "presentation" }, this.words.groups[item.group] ?? item.group));
      group = item.group;
      rows.push(this.#option(item, place));
    }
    replaceContent(this.list, rows);
    this.list.hidden = items.length === 0;
    this.input.setAttribute("aria-expanded", String(items.length > 0));
    this.input.removeAttribute("aria-activedescendant");
    this.status.textContent = items.length ? fill(this.words.suggestions_count, { count: items.length }) : "";
    if (held) this.#stand(items.findIndex((one) => one.text === held.text && one.detail === held.detail && one.code === held.code));
  }

  #option(item, place) {
    const { words } = this;
    const note = [
      item.detail,
      item.alias && fill(words.suggest_alias, { alias: item.alias }),
      !WHOLE.has(item.group) && item.doors > 1 && fill(words.doors_below, { count: item.doors }),
    ].filter(Boolean).join(" · ");
    return el(
      "li",
      { role: "option", id: `hit-${place}`, "aria-selected": "false", onclick: () => this.#take(item) },
      el("span", { class: "hit-title" }, marked(item.text, between(item.matched ?? [], Array.from(item.text).length))),
      note && el("span", { class: "hit-note" }, note),
    );
  }

  // A door is asked about at once: an entry of the register by what it is, what stands for several entries by its
  // text. A road or a compound is the beginning of what the caller will say.
  #take(item) {
    const twin = this.items.some((other) => other !== item && other.text === item.text && other.detail !== item.detail);
    const within = twin ? item.detail : "";
    this.close();
    this.put(item.text, { within, more: !WHOLE.has(item.group) });
    if (!WHOLE.has(item.group)) this.#refresh();
    else if (item.code) this.choose({ ...item, within });
    else this.ask(item.text, within);
  }

  #key(event) {
    // While a pinyin keyboard composes, its keys are its own.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") {
      event.preventDefault();
      if (this.list.hidden) this.leave();
      this.close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.#refresh();
      else this.#move(event.key === "ArrowDown" ? 1 : -1);
    }
  }

  // Up from the first and down from the last lead back to the field itself.
  #move(step) {
    const count = this.items.length + 1;
    this.#stand(((this.active + 1 + step + count) % count) - 1);
  }

  #stand(place) {
    this.active = place;
    for (const option of this.list.querySelectorAll("[role=option]")) {
      const chosen = option.id === `hit-${this.active}`;
      option.setAttribute("aria-selected", String(chosen));
      if (chosen) option.scrollIntoView({ block: "nearest" });
    }
    if (this.active < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `hit-${this.active}`);
  }
}
