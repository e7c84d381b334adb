// Changes that are tried out: their list with undo and redo, and what they would do. Nothing is kept on the server.

import { Latest } from "./api.js";

const WHILE_DRAGGING_MS = 120;

export class Trial {
  // api; stateOf(): what is counted; changed(): the list is another; told(): an answer or a failure came.
  constructor(api, { stateOf, changed, told }) {
    Object.assign(this, { api, stateOf, changed, told, past: [], future: [], changes: [], answer: null, error: null });
    this.latest = new Latest();
    this.dragged = null;
    this.timer = null;
    this.made = 0;
  }

  // Changes that a link brings.
  begin(changes) {
    this.past = [];
    this.future = [];
    this.changes = changes.map((change) => this.#keyed(change));
  }

  // The list as it is drawn: with the place that a mark is being dragged to.
  get drawn() {
    return this.dragged ? this.#moved(this.dragged.key, this.dragged) : this.changes;
  }

  find(key) {
    return this.drawn.find((change) => change.key === key) ?? null;
  }

  add(place) {
    const change = this.#keyed({ do: "add", category: "", ...place });
    this.#put([...this.changes, change]);
    return change;
  }

  addAll(places) {
    this.#put([...this.changes, ...places.map((place) => this.#keyed({ do: "add", category: "", ...place }))]);
  }

  move(key, { lon, lat }) {
    this.dragged = null;
    this.#put(this.#moved(key, { lon, lat }));
  }

  rename(key, name) {
    this.#put(this.changes.map((change) => (change.key === key ? { ...change, name } : change)));
  }

  close(station) {
    this.#put([...this.changes.filter((change) => change.key !== station), this.#keyed({ do: "close", station })]);
  }

  remove(key) {
    this.#put(this.changes.filter((change) => change.key !== key));
  }

  clear() {
    this.#put([]);
  }

  undo() {
    if (!this.past.length) return;
    this.future.push(this.changes);
    this.#use(this.past.pop());
  }

  redo() {
    if (!this.future.length) return;
    this.past.push(this.changes);
    this.#use(this.future.pop());
  }

  // The numbers follow a drag: one question at a time, the newest place as soon as the last is answered.
  drag(key, { lon, lat }) {
    this.dragged = { key, lon, lat };
    if (this.timer === null && !this.latest.pending) this.timer = setTimeout(() => this.ask(), WHILE_DRAGGING_MS);
  }

  // Asks what the list would do; a newer question aborts the older.
  async ask() {
    this.stop();
    const asked = this.drawn;
    if (!asked.length) {
      this.answer = this.error = null;
      this.told();
      return;
    }
    try {
      const answer = await this.latest.run((signal) => this.api.whatIf(this.stateOf(), asked.map(sent), signal));
      if (answer === undefined) return;
      this.answer = answer;
      this.error = null;
    } catch (error) {
      this.error = error;
      this.answer = null;
    }
    this.told();
    if (this.dragged && this.drawn !== asked && isElsewhere(this.dragged, asked)) this.drag(this.dragged.key, this.dragged);
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = null;
    this.latest.stop();
  }

  #put(changes) {
    this.past.push(this.changes);
    this.future = [];
    this.#use(changes);
  }

  #use(changes) {
    this.changes = changes;
    this.dragged = null;
    this.changed();
    this.ask();
  }

  #moved(key, { lon, lat }) {
    const known = this.changes.find((change) => change.key === key);
    if (known && known.do !== "close") return this.changes.map((one) => (one === known ? { ...one, lon, lat } : one));
    const others = this.changes.filter((change) => change.key !== key);
    return [...others, this.#keyed({ do: "move", station: key, lon, lat })];
  }

  #keyed(change) {
    if (change.do !== "add") return { ...change, key: change.station };
    this.made += 1;
    return { ...change, key: `+${this.made}` };
  }
}

function sent({ do: act, station, lon, lat, name, category }) {
  if (act === "close") return { do: act, station };
  if (act === "move") return { do: act, station, lon, lat };
  return { do: act, lon, lat, name, ...(category ? { category } : {}) };
}

function isElsewhere({ key, lon, lat }, changes) {
  return !changes.some((change) => change.key === key && change.lon === lon && change.lat === lat);
}
