// Circles and streets on the map: what illustrates the figures. Where they cannot be had, the figures stand without.

import { failureText } from "../kit/notices.js";
import { lineReader } from "../model.js";
import { Latest } from "./api.js";
import { bandsOf } from "./picture.js";

const BANDS = [5, 10, 15];

export class Overlays {
  // told(bands): which lines the map shows now.
  constructor(api, picture, told) {
    Object.assign(this, { api, picture, told, all: [], streets: null, state: null, tooMany: null, streetsMany: false });
    this.union = new Latest();
    this.one = new Latest();
    this.ways = new Latest();
  }

  // All stations' circles as one, and the streets, where they are wanted.
  async show(state, answer) {
    this.state = state;
    if (!answer) {
      this.clear();
      return;
    }
    await Promise.all([this.#showUnion(state), this.#showStreets(state)]);
  }

  clear() {
    this.union.stop();
    this.one.stop();
    this.all = [];
    this.#draw([], false);
  }

  // Back from one station's circle to everybody's.
  leave() {
    this.one.stop();
    this.alone = false;
    this.#draw(this.all, false);
  }

  // One station's circle; told({circle}) or told({refused}).
  async station(state, { code }, words, lang, told) {
    this.alone = true;
    try {
      const circle = await this.one.run((signal) => this.api.circle(state, code, bandsUpTo(state.minutes), signal));
      if (circle === undefined) return;
      this.#draw(bandsOf(circle), true);
      told({ circle });
    } catch (error) {
      this.#draw([], false);
      told({ refused: failureText(error, words, lang) });
    }
  }

  // The circles of what a trial changes, over everybody's.
  trial(collection) {
    const bands = bandsOf(collection).map((band) => ({ minutes: this.state?.minutes, ...band, rank: 0 }));
    if (bands.length) this.#draw(bands, false);
    else if (!this.alone) this.#draw(this.all, false);
  }

  async #showUnion(state) {
    if (!state.layers.has("circles")) {
      this.union.stop();
      this.all = [];
    } else {
      const found = await this.union.run((signal) => this.api.circles(state, bandsUpTo(state.minutes), signal)).catch(() => null);
      if (found === undefined) return;
      this.all = bandsOf(found);
      this.tooMany = found?.too_many;
    }
    if (!this.alone) this.#draw(this.all, false);
  }

  async #showStreets(state) {
    if (!state.layers.has("streets")) {
      if (this.picture.streets) this.picture.show({ streets: null });
      return;
    }
    this.streets ??= await this.ways.run((signal) => this.#readStreets(signal)).catch(() => null);
    if (this.state.layers.has("streets")) this.picture.show({ streets: this.streets ?? null });
  }

  async #readStreets(signal) {
    const { origin, units_per_metre: unitsPerMetre, lines, edges } = await this.api.streets(signal);
    this.streetsMany = edges > lines.length;
    return lines.map(lineReader(origin, unitsPerMetre));
  }

  // alone: they are one station's, and the rest of the map steps back.
  #draw(bands, alone) {
    this.picture.show({ bands, alone });
    this.told(bands);
  }
}

// Five, ten and fifteen minutes as far as they go, and what is asked for.
export function bandsUpTo(minutes) {
  return [...BANDS.filter((band) => band < minutes), minutes];
}
