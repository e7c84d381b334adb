// Asks the service who covers a place and shows what it answers: on the map, and in the panel.

import { AddressAnswers } from "./address.js";
import { el, fill } from "./dom.js";
import { openQuestion } from "./locate.js";
import { shortened } from "./panel.js";
import { without } from "./service.js";

const SLOW_MILLISECONDS = 250;
const TINY_PIXELS = 11;

export class Asking {
  // page: {scene, service, card, places, panel, framing, config, words, layer, session, search}; acts: {openGrid(code),
  // shown({grid}), known(version)}.
  constructor(page, acts) {
    Object.assign(this, { page, acts, asked: null, answer: null, matter: null, pending: null });
    this.addresses = new AddressAnswers(page.words, page.config);
    this.matters = [];
  }

  // Kinds of work in force: what is listed where those of one grid cannot be had.
  async learnMatters() {
    this.matters = await this.page.service.matters().catch(without([]));
  }

  // Nothing is asked any more; turn stays the same until something is.
  forget() {
    this.pending?.abort();
    Object.assign(this, { asked: null, answer: null, pending: null, turn: Symbol("turn") });
    return this.turn;
  }

  // A door or a place is asked about as what it is; of a compound or an area the service says in which grids it lies; a
  // road is the beginning of an address.
  address(item) {
    const { group, text, code, within } = item;
    if (group === "roads") this.page.search.put(text);
    else this.text(code && group !== "compounds" ? { door: item } : { address: within + text }, text);
  }

  text(question, text) {
    return this.ask(question, { aboutPoint: true, move: true, text });
  }

  // A candidate that lies in several grids is no answer: more of it is still to be typed.
  candidate(one) {
    const { page } = this;
    const count = this.addresses.count(one, page.layer);
    if (count > 1) {
      page.search.put(one.label);
      page.panel.notify(fill(page.words.spans_grids, { label: one.label, count }));
    } else this.text(one.target ? { target: one.target } : { lon: one.point.lon, lat: one.point.lat }, one.label);
  }

  // A kind of work: those responsible for it come first, here and for every place that is asked about next.
  async about(matter) {
    this.matter = matter;
    await this.again();
    const said = document.querySelector("#answer .matter-name") ?? document.querySelector("#answer h2");
    said?.focus({ preventScroll: true });
  }

  // layer: whether it is another one than before, in which a grid that was chosen is not.
  async again({ layer = false } = {}) {
    if (this.asked && layer) this.asked.expected = null;
    if (this.asked) await this.ask(this.asked.question, this.asked);
  }

  // question: a point, with its accuracy in metres where a device gave it, or an address; text: what was typed or chosen.
  // A grid that was chosen (expected) is asked for by its roomiest point.
  async ask(question, { aboutPoint, move = false, expected = null, text = null }) {
    const { page } = this;
    const told = { aboutPoint, move, expected, text };
    this.pending?.abort();
    const turn = (this.pending = this.turn = new AbortController());
    this.asked = { question, aboutPoint, expected, text };
    const slow = setTimeout(() => page.panel.answer([el("p", { class: "quiet" }, page.words.asking)]), SLOW_MILLISECONDS);
    try {
      const answer = await page.service.lookup({ ...question, matter: this.matter }, turn.signal);
      const grid = answer.grids.find((one) => one.layer === page.layer) ?? null;
      const chosen = grid ? await page.scene.grid(grid.code) : null;
      if (turn === this.pending) await this.#tell(answer, question, { ...told, grid, chosen });
    } catch (error) {
      if (turn === this.pending && error.name !== "AbortError") await this.#failed(error, question, told);
    } finally {
      clearTimeout(slow);
    }
  }

  async #failed(error, question, told) {
    const { panel, session, words } = this.page;
    const again = () => this.ask(question, told);
    if (error.kind !== "session" || !session) {
      panel.failure(error, again);
      return;
    }
    await session.end();
    panel.notify(words.session_ended);
    await again();
  }

  async #tell(answer, question, told) {
    const { page } = this;
    this.answer = answer;
    const several = question.accuracy && openQuestion(answer, page.layer);
    page.panel.notify(answer.stale_since ? fill(page.words.stale, { time: this.#time(answer.stale_since) }) : "");
    if (several) await this.#whichOne(answer, several, question);
    else if (answer.point) this.#found(answer, question, told);
    else await this.#unsure(answer, told.text);
    this.acts.known(answer.version);
  }

  #found(answer, { accuracy = null }, { aboutPoint, move, expected, grid, chosen }) {
    const { card, framing, layer, panel, scene } = this.page;
    const { point } = answer;
    const drawn = chosen ?? (aboutPoint ? null : expected);
    const stations = (grid?.stations ?? []).map((one) => scene.model.stationOf.get(one.code)).filter(Boolean);
    scene.choose({ grid: drawn, point: aboutPoint ? point : null, accuracy: aboutPoint ? accuracy : null, stations });
    const taken = this.addresses.taken(answer);
    if (answer.status === "found") panel.answer([taken, ...card.found(answer, layer, aboutPoint)].filter(Boolean));
    else panel.answer(card.outside(answer));
    if (grid) this.#addMatters(answer, grid);
    // Too small to be seen under the mark of the point.
    const tiny = drawn !== null && framing.onScreen(drawn.radius) < TINY_PIXELS;
    if (move || (aboutPoint && tiny)) this.#bringIntoView(answer, drawn);
    else if (aboutPoint) framing.keepInside(point);
    this.acts.shown(grid);
  }

  // Whom to call for what comes behind the people: they are read before that is known.
  async #addMatters(answer, grid) {
    const items = await this.page.service.gridMatters(grid.layer, grid.code).catch(without(this.matters));
    if (this.answer === answer) this.page.card.showMatters(items, answer);
  }

  async #bringIntoView({ point, nearest }, drawn) {
    const { config, framing } = this.page;
    if (drawn) {
      framing.fit(drawn.bounds, { roomy: true });
      return;
    }
    const [near] = await this.#records((nearest ?? []).filter((one) => one.layer === this.page.layer).slice(0, 1));
    framing.fitAll([near?.bounds ?? config.bounds], { point });
  }

  // The place of a device may lie in several grids: who stands there knows which.
  async #whichOne(answer, several, { accuracy }) {
    const { framing, panel, places } = this.page;
    const beside = await this.#records(several);
    this.page.scene.choose({ beside, point: answer.point, accuracy });
    framing.fitAll(beside.map((grid) => grid.bounds), { point: answer.point, metres: accuracy, maxZoom: 18 });
    // Beyond what is listed the service only counts, over all layers.
    const total = several.length + answer.within_accuracy_total - answer.within_accuracy.length;
    panel.answer(places.which(several, total, accuracy, (code) => this.acts.openGrid(code)));
    this.acts.shown(null);
  }

  // An address that may be several, or none.
  async #unsure(answer, text) {
    const { framing, layer, panel, scene } = this.page;
    const beside = await this.#records(answer.candidates.flatMap((one) => one.grids).filter((grid) => grid.layer === layer));
    scene.choose({ beside });
    framing.fitAll(beside.map((grid) => grid.bounds));
    const content = answer.candidates.length && answer.status === "ambiguous"
      ? this.addresses.unsure(answer, layer, (one) => this.candidate(one))
      : this.addresses.unknown(answer, shortened(text));
    panel.answer(content.filter(Boolean));
    this.acts.shown(null);
  }

  async #records(grids) {
    const codes = [...new Set(grids.map((grid) => grid.code))];
    return (await Promise.all(codes.map((code) => this.page.scene.grid(code)))).filter(Boolean);
  }

  #time(text) {
    const { lang, timezone } = this.page.config;
    return new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short", timeZone: timezone }).format(new Date(text));
  }
}
