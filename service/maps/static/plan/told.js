// The line under the tools: what was done or refused, for a while; else what the tool in use is for.

const TOLD_MS = 7_000;

export class Told {
  #timer = null;
  #isSaying = false;

  // hint(): what there is to say while nothing happens.
  constructor(element, hint) {
    Object.assign(this, { element, hint });
  }

  close() {
    clearTimeout(this.#timer);
  }

  say(text) {
    clearTimeout(this.#timer);
    this.#write(text);
    this.#isSaying = true;
    this.#timer = setTimeout(() => this.goOn(), TOLD_MS);
  }

  // The hint may be another one; what was said just now stays.
  renew() {
    if (!this.#isSaying) this.goOn();
  }

  goOn() {
    clearTimeout(this.#timer);
    this.#isSaying = false;
    this.#write(this.hint());
  }

  #write(text) {
    if (this.element.textContent !== text) this.element.textContent = text;
  }
}
