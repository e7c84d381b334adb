// The dispatcher's page: what a caller says goes into one field; grid, whom to call and what to ask come out.
// The keyboard is enough: Enter asks, numbers choose, Alt+C copies, Escape goes back and then begins anew.

import { Card } from "../card.js";
import { el, fill, readConfig, replaceContent } from "../dom.js";
import { failureText, notice, Notices } from "../kit/notices.js";
import { People } from "../people.js";
import { ServiceError } from "../service.js";
import { SessionPanel } from "../session.js";
import { Dispatch } from "./api.js";
import { caseText, CopyBar } from "./copy.js";
import { AddressField } from "./field.js";
import { Pin } from "./pin.js";
import { PlaceMap } from "./place.js";
import { Recent } from "./recent.js";
import { Unsure } from "./unsure.js";

const byId = (id) => document.getElementById(id);
const SLOW_MILLISECONDS = 250;
const TOUCHED = window.matchMedia("(hover: none), (pointer: coarse), (max-width: 640px)").matches;

class DispatchPage {
  constructor() {
    const config = (this.config = readConfig());
    const words = (this.words = config.words);
    const service = (this.service = new Dispatch(config));
    this.notices = new Notices(byId("notices"));
    this.people = new People(words, config);
    this.unsure = new Unsure(words, config);
    this.field = new AddressField(
      { form: byId("ask"), input: byId("query"), list: byId("hits"), status: byId("hits-status") },
      words,
      {
        suggest: (text, signal) => service.suggest(text, signal),
        ask: (text, within) => this.ask(text, within),
        choose: (suggestion) => this.chooseDoor(suggestion),
        leave: () => this.leave(),
      },
    );
    this.map = new PlaceMap({ place: byId("map"), key: byId("map-key") }, {
      config, service, words,
      point: (point) => this.choosePoint(point),
      candidate: (place) => this.chooseCandidate(place),
      failed: (away) => this.#mapFailed(away),
    });
    this.card = new Card(words, config, {
      station: (code) => this.map.station(code),
      area: () => {},
      grid: (layer, code) => this.showGrid(layer, code),
      matter: (code) => this.chooseMatter(code),
    });
    this.copying = new CopyBar(byId("copying"), words);
    this.pin = new Pin(byId("pin"), { config, service, words, failed: (error) => error.kind === "session" && Boolean(this.#sessionOver()) });
    this.recent = new Recent(byId("recent"), { words, again: (text) => this.begin(text) });
    this.session = sessionPanel(service, words, (session) => this.#signed(session));
    Object.assign(this, { matter: null, layer: config.layer, asked: null, answer: null, choices: null, text: null, heard: null });
  }

  async start() {
    this.#showKeys();
    this.#listen();
    this.clear();
    const question = takeQuestion();
    const known = this.session.look();
    const drawn = this.map.load();
    this.field.focus();
    if (question) {
      await known;
      await this.begin(question);
    }
    await Promise.all([known, this.#learnMatters()]);
    document.documentElement.dataset.ready = "true";
    await drawn;
    document.documentElement.dataset.drawn = "true";
  }

  // As if it were typed.
  begin(text) {
    this.field.close();
    this.field.put(text);
    return this.ask(text);
  }

  // within: an area that the dispatcher chose, where a name alone means several places.
  ask(text, within = "") {
    this.text = text;
    this.choices = null;
    return this.#run({ question: { address: within + text }, text });
  }

  chooseDoor(door) {
    const { text } = door;
    this.text = text;
    this.choices = null;
    return this.#run({ question: { door }, text, chosen: { label: text } });
  }

  // A candidate that lies in several grids is no answer: its number or building is still to be asked for.
  chooseCandidate(place) {
    const one = this.choices && this.unsure.shown(this.choices.answer)[place];
    if (!one) return;
    const count = Math.max(one.grid_count ?? 0, new Set(this.unsure.gridsOf(one).map((grid) => grid.code)).size);
    if (count > 1) {
      this.field.put(one.label, { within: this.unsure.areaOf(one, this.choices.answer), more: true });
      this.notices.say("caution", fill(this.words.spans_grids, { label: one.label, count, ask: this.words.spans_ask }));
      return;
    }
    this.#run({ question: placeOf(one.point, one.target), text: this.text, chosen: one, spot: { label: one.label, ...one.point, target: one.target } });
  }

  // Somebody points at the map: the place itself is asked about, and may be kept for what the caller said.
  choosePoint(point) {
    this.field.close();
    this.#run({ question: point, text: this.text, label: this.words.chosen_point, spot: { ...point } });
  }

  async chooseMatter(code) {
    this.matter = code;
    if (this.asked) await this.#run(this.asked, { again: true });
    byId("matter")?.focus();
  }

  // Another layer's grid of the same answer, or a grid near a place that none covers.
  showGrid(layer, code) {
    if (this.answer?.status === "found" && this.answer.grids.some((one) => one.layer === layer)) {
      this.layer = layer;
      this.#found(this.answer, this.asked);
    } else if (layer === this.config.layer) this.map.grid(code);
    else window.open(`${this.config.root}/grids/${encodeURIComponent(layer)}/${encodeURIComponent(code)}`, "_blank", "noopener");
  }

  // From a candidate that was looked at back to all of them, else to the next caller.
  leave() {
    if (this.choices && this.asked !== this.choices.asked) this.back();
    else {
      this.field.put("");
      this.clear();
    }
  }

  // The caller has hung up: everything as at the beginning.
  clear() {
    this.pending?.abort();
    const { words } = this;
    Object.assign(this, { asked: null, answer: null, choices: null, text: null, layer: this.config.layer });
    this.notices.clear();
    this.pin.clear();
    this.map.clear();
    this.#answer([
      el("h2", {}, words.intro_title),
      el("p", { class: "lead-text" }, words.intro_text),
      el("p", { class: "quiet" }, words.intro_map),
    ]);
    this.#busy(false);
  }

  // again: the same question once more, which the dispatcher did not type.
  async #run(asked, { again = false } = {}) {
    this.asked = asked;
    this.pending?.abort();
    const turn = (this.pending = new AbortController());
    performance.mark("dispatch-asked");
    this.notices.clear();
    this.pin.clear();
    this.#busy(true);
    const slow = setTimeout(() => this.#answer([this.unsure.heard(asked, null), el("p", { class: "quiet" }, this.words.asking)]), SLOW_MILLISECONDS);
    try {
      const answer = await this.service.look(asked.question, this.matter, turn.signal);
      clearTimeout(slow);
      if (this.pending === turn) this.#show(answer, asked, again);
    } catch (error) {
      clearTimeout(slow);
      if (error.name === "AbortError" || this.pending !== turn) return;
      if (!(error instanceof ServiceError)) throw error;
      await this.#failed(error, asked);
    } finally {
      if (this.pending === turn) this.#busy(false);
    }
  }

  #show(answer, asked, again) {
    this.answer = answer;
    this.layer = this.config.layer;
    if (answer.stale_since) this.notices.say("caution", fill(this.words.stale, { time: this.#time(answer.stale_since) }));
    if (answer.status === "found") this.#found(answer, asked);
    else if (answer.status === "ambiguous") this.#ambiguous(answer, asked);
    else if (answer.status === "outside") this.#outside(answer, asked);
    else this.#unknown(answer, asked);
    if ((asked.question.address || asked.question.door) && !again) this.recent.add(asked.text, this.#noted(answer));
    if (asked.question.address) this.heard = answer.query?.normalized || asked.text;
    // A name or a phone number that the caller's words held is not to be kept with them.
    if (asked.spot && answer.status === "found") this.pin.offer({ text: this.text && this.heard, ...asked.spot }, this.session.session?.role);
    performance.measure("dispatch-answered", "dispatch-asked");
    if (!again && answer.status !== "ambiguous") this.#ready();
    this.map.follow(answer.version);
  }

  #found(answer, asked) {
    const { words } = this;
    const grid = answer.grids.find((one) => one.layer === this.layer) ?? answer.grids[0];
    const { lang } = this.config;
    const label = asked.chosen?.label ?? answer.address?.label ?? null;
    this.#answer([
      this.choices && el("button", { type: "button", class: "plain back", onclick: () => this.back() }, words.back_to_choices),
      this.unsure.heard(asked, answer.address),
      ...this.card.found(answer, grid.layer, true),
      this.unsure.why(asked, answer.address),
    ]);
    this.copying.show(caseText(answer, grid, { text: asked.text, label }, { words, people: this.people, lang, time: this.#time(answer.as_of) }));
    const { lon, lat } = answer.point;
    this.map.show({ point: { lon, lat }, grid, beside: grid.nearest_other && { ...grid.nearest_other, layer: grid.layer }, stations: grid.stations.map((one) => one.code) });
    const first = grid.workers.find((person) => person.call_first);
    const person = first ? `${first.on_duty_now ? words.call_first : words.call_first_away}${words.colon}${first.name} ${first.phone ?? ""}` : words.nobody;
    this.#say(fill(words.said_found, { grid: grid.name, person }));
  }

  #ambiguous(answer, asked) {
    const { words } = this;
    const { content, list, buttons } = this.unsure.ambiguous(answer, asked, (place) => this.chooseCandidate(place));
    this.choices = { answer, asked };
    this.#answer(content);
    list.addEventListener("keydown", (event) => this.#choiceKey(event, buttons));
    this.map.choices(this.unsure.shown(answer).map((one) => ({ point: one.point, grids: this.unsure.gridsOf(one) })));
    this.#say(fill(words.said_unsure, { ask: this.unsure.asking(answer) }));
    if (TOUCHED) byId("query").blur();
    else if (buttons.length > 1) buttons[0].focus({ preventScroll: true });
    else this.field.focus({ more: true });
  }

  #outside(answer, asked) {
    const { lon, lat } = answer.point;
    this.#answer([
      this.choices && el("button", { type: "button", class: "plain back", onclick: () => this.back() }, this.words.back_to_choices),
      this.unsure.heard(asked, answer.address),
      ...this.card.outside(answer),
    ]);
    const near = answer.nearest.find((one) => one.layer === this.config.layer);
    this.map.show({ point: { lon, lat }, grid: null, beside: near ?? null });
    this.#say(this.words.outside_title);
  }

  #unknown(answer, asked) {
    this.map.clear();
    this.#answer(this.unsure.unknown(answer, asked));
    this.#say(`${this.words.unknown_title}${this.words.stop} ${this.unsure.asking(answer)}`);
  }

  // The candidates once more, after one of them was looked at.
  back() {
    if (!this.choices) return;
    const { answer, asked } = this.choices;
    this.asked = asked;
    this.answer = answer;
    this.notices.clear();
    this.pin.clear();
    this.#ambiguous(answer, asked);
  }

  async #failed(error, asked) {
    const { words, config } = this;
    if (error.kind === "session") {
      await this.session.end();
      await this.#run(asked);
      this.notices.say("caution", words.session_ended);
      return;
    }
    this.map.clear();
    const again = el("button", { type: "button", class: "button small", onclick: () => this.#run(asked) }, words.again);
    this.#answer([this.unsure.heard(asked, null), notice("failure", el("p", {}, failureText(error, words, config.lang)), again)]);
  }

  #sessionOver() {
    this.notices.say("caution", this.words.session_over);
    return this.session.end();
  }

  // Signed out on what may be a shared computer: nothing of the callers stays on it.
  #signed(session) {
    if (!session) this.recent.clear();
    if (this.asked) this.#run(this.asked, { again: true });
  }

  #choiceKey(event, buttons) {
    const { key } = event;
    const at = buttons.indexOf(document.activeElement);
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (/^[1-9]$/.test(key) && Number(key) <= buttons.length) {
      event.preventDefault();
      this.chooseCandidate(Number(key) - 1);
    } else if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      buttons[(at + (key === "ArrowDown" ? 1 : -1) + buttons.length) % buttons.length].focus();
    } else if (key.length === 1 && key !== " ") this.field.focus({ more: true });
  }

  #listen() {
    document.addEventListener("keydown", (event) => {
      if (event.altKey && !event.ctrlKey && event.code === "KeyC") {
        event.preventDefault();
        this.copying.copy();
      } else if (event.key === "Escape" && event.target !== byId("query") && !event.target.closest("dialog")) {
        if (this.choices && this.asked !== this.choices.asked) this.back();
        else this.field.focus({ more: Boolean(this.choices) });
      }
    });
    // Only who moves by keys sees the cross that Enter asks about.
    document.addEventListener("keydown", () => (document.body.dataset.keys = "true"), true);
    document.addEventListener("pointerdown", () => delete document.body.dataset.keys, true);
    window.addEventListener("hashchange", () => {
      const question = takeQuestion();
      if (question) this.begin(question);
    });
  }

  #showKeys() {
    const { words } = this;
    const keys = [["↑ ↓", words.key_choose], ["Enter", words.key_ask], ["1–9", words.key_number], ["Alt+C", words.key_copy], ["Esc", words.key_clear]];
    replaceContent(byId("keys"), keys.map(([key, word]) => el("span", { class: "key-hint" }, el("kbd", {}, key), " ", word)));
  }

  async #learnMatters() {
    try {
      this.card.matters = await this.service.matters();
    } catch (error) {
      // The card does without.
      if (!(error instanceof ServiceError)) throw error;
    }
  }

  // The next caller's words may be typed at once; on a touched screen the keyboard makes room instead.
  #ready() {
    if (TOUCHED) byId("query").blur();
    else this.field.focus();
  }

  #answer(content) {
    this.copying.clear();
    replaceContent(byId("answer"), ...content);
    byId("told").scrollTop = 0;
    window.scrollTo({ top: 0 });
  }

  #busy(busy) {
    byId("told").setAttribute("aria-busy", String(busy));
  }

  #say(text) {
    byId("said").textContent = text;
  }

  #noted(answer) {
    if (answer.status === "found") return answer.grids[0].name;
    return { ambiguous: this.words.unsure_title, outside: this.words.outside_title }[answer.status] ?? this.words.unknown_title;
  }

  #mapFailed(away) {
    if (away) this.notices.say("caution", this.words.map_failed);
  }

  #time(text) {
    return new Intl.DateTimeFormat(this.config.lang, { dateStyle: "medium", timeStyle: "short", timeZone: this.config.timezone }).format(new Date(text));
  }
}

function placeOf({ lon, lat }, target) {
  return target ? { target } : { lon, lat };
}

// /dispatch#q=… asks at once, and is taken off the address bar and the history before anything else.
function takeQuestion() {
  const question = new URLSearchParams(location.hash.replace(/^#/, "")).get("q");
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  return question?.trim().slice(0, 1000) || null;
}

function sessionPanel(service, words, changed) {
  return new SessionPanel(
    {
      open: byId("sign-in"), dialog: byId("sign-in-dialog"), form: byId("sign-in-form"), input: byId("key"),
      cancel: byId("sign-in-cancel"), message: byId("sign-in-message"), state: byId("session-state"), out: byId("sign-out"),
    },
    service,
    words,
    changed,
  );
}

if (byId("ask")) {
  window.dispatchPage = new DispatchPage();
  window.dispatchPage.start();
} else {
  // No grids yet: there is nothing to ask, but a clerk may sign in and go to the desk.
  const config = readConfig();
  sessionPanel(new Dispatch(config), config.words, () => location.reload()).look();
  document.documentElement.dataset.ready = "empty";
}
