// Saves what a caller said as another name of a place that the dispatcher found by other means.

import { el, fill, replaceContent } from "../dom.js";
import { field } from "../kit/form.js";
import { failureText, notice } from "../kit/notices.js";

export class Pin {
  // place: an element; failed(error) may take an error over, and then says so.
  constructor(place, { config, service, words, failed }) {
    Object.assign(this, { place, config, service, words, failed });
  }

  // spot: {text, label, lon, lat, target}: what was said, and where it is. role: of the session, if any.
  offer(spot, role) {
    this.clear();
    if (!spot.text || !this.config.pinners.includes(role)) return;
    const { words } = this;
    const alias = field(words.pin_alias, el("input", { type: "text", maxlength: "200", value: spot.text }));
    // What the register holds has a name; a point is given one.
    const label = spot.target ? null : field(words.pin_label, el("input", { type: "text", maxlength: "200", value: spot.label ?? "" }));
    const text = spot.label ? fill(words.pin_text, { text: spot.text, label: spot.label }) : fill(words.pin_here, { text: spot.text });
    this.state = el("div", { class: "pin-state" });
    const form = el(
      "form",
      { class: "pin-form", autocomplete: "off" },
      el("p", { class: "quiet" }, text),
      el("div", { class: "fields" }, [alias, label].filter(Boolean)),
      el("button", { type: "submit", class: "button" }, words.pin_save),
      this.state,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [said, name] = [alias, label].map((one) => one?.querySelector("input").value.trim());
      if (!said || name === "") this.#say("caution", words.pin_short);
      else this.#save(spot.target ? { text: said, target: spot.target } : { text: said, label: name, lon: spot.lon, lat: spot.lat });
    });
    replaceContent(this.place, el("details", {}, el("summary", {}, words.pin_title), form));
    this.place.hidden = false;
  }

  clear() {
    this.place.replaceChildren();
    this.place.hidden = true;
  }

  async #save(alias) {
    const { words } = this;
    try {
      const saved = await this.service.pin(alias);
      const undo = el("button", { type: "button", class: "button small", onclick: () => this.#undo(saved) }, words.pin_undo);
      replaceContent(this.place, (this.state = el("div", { class: "pin-state" })));
      this.#say("good", words.pin_saved, " ", undo);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #undo({ id }) {
    try {
      await this.service.unpin(id);
      this.#say("calm", this.words.pin_undone);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error) {
    if (!this.failed(error)) this.#say("failure", failureText(error, this.words, this.config.lang));
  }

  #say(tone, ...content) {
    replaceContent(this.state, notice(tone, ...content));
  }
}
