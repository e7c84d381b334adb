// The what-if editor's part of the panel: what was changed, what that would do, undo and redo, a link to share.

import { el, fill, replaceContent } from "../dom.js";
import { field, setFault } from "../kit/form.js";
import { failureText, notice } from "../kit/notices.js";
import { isPlace } from "./state.js";

// Warnings that stand beside the change that they are about.
const SAID_OF_CHANGES = new Set(["cut-off", "estimated", "no-households", "stations-off-network"]);

export class Planner {
  // acts: signIn(), toPresent(), startAdding(), goTo(change), say(text), trial, proposals (an element).
  constructor(config, figures, trial, acts) {
    Object.assign(this, { config, words: config.words, figures, trial, acts });
    this.result = el("div", { class: "trial-result", "aria-live": "polite" });
    this.list = el("ol", { class: "trial-changes" });
    this.places = el("div", { class: "trial-places" });
    this.tools = el("div", { class: "trial-tools" });
    this.element = el("div", { class: "plan" });
  }

  // session: who is signed in; state: what is counted.
  open(session, state, model) {
    Object.assign(this, { state, model });
    const may = this.config.planners.includes(session?.role);
    if (!may) {
      replaceContent(this.element, this.#gate());
      return;
    }
    const { words } = this;
    if (state.as_of) {
      const back = el("button", { type: "button", class: "button small", onclick: () => this.acts.toPresent() }, words.as_of_now);
      replaceContent(this.element, el("p", {}, words.plan_present), back);
      return;
    }
    replaceContent(
      this.element,
      el("p", { class: "unsaved" }, el("strong", {}, words.plan_unsaved), " ", words.plan_unsaved_text),
      this.tools,
      this.result,
      this.list,
      el("p", { class: "hint" }, words.plan_start, " ", words.plan_keys),
      this.places,
      this.acts.proposals,
    );
    this.show();
  }

  // Everything that follows the list and its answer.
  show() {
    this.#showTools();
    this.#showList();
    this.tell();
  }

  // The answer alone, while a station is dragged.
  tell() {
    if (!this.state) return;
    replaceContent(this.result, this.#resultOf());
    for (const line of this.list.children) this.#tellLine(line);
    this.#showPlaces();
  }

  adding(under) {
    this.isAdding = under;
    this.#showTools();
  }

  #gate() {
    const { words } = this;
    return [
      el("p", {}, words.plan_only),
      el("button", { type: "button", class: "button", onclick: () => this.acts.signIn() }, words.plan_sign_in),
    ];
  }

  #showTools() {
    const { words, trial } = this;
    const tool = (id, text, act, can = true) =>
      el("button", { type: "button", class: "button small", id: `plan-${id}`, disabled: !can, onclick: act }, text);
    const focused = document.activeElement?.id;
    replaceContent(
      this.tools,
      el(
        "button",
        { type: "button", class: "button", id: "plan-add", "aria-pressed": String(Boolean(this.isAdding)), onclick: () => this.acts.startAdding() },
        words.plan_add,
      ),
      tool("undo", words.plan_undo, () => trial.undo(), trial.past.length > 0),
      tool("redo", words.plan_redo, () => trial.redo(), trial.future.length > 0),
      tool("clear", words.plan_clear, () => trial.clear(), trial.changes.length > 0),
      tool("share", words.plan_share, () => this.#share(), trial.changes.length > 0),
      this.isAdding && el("p", { class: "adding", role: "status" }, words.plan_adding),
    );
    if (focused?.startsWith("plan-")) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  async #share() {
    const { words } = this;
    try {
      await navigator.clipboard.writeText(location.href);
      this.acts.say(words.plan_shared);
    } catch {
      this.acts.say(words.plan_share_failed);
    }
  }

  #resultOf() {
    const { trial, words, figures, state } = this;
    if (trial.error) {
      const text = failureText(trial.error, words, this.config.lang);
      const again = el("button", { type: "button", class: "button small", onclick: () => trial.ask() }, words.again);
      return notice("failure", el("p", {}, el("strong", {}, words.plan_refused)), el("p", {}, text), again);
    }
    if (!trial.drawn.length) return null;
    if (!trial.answer) return el("p", { class: "quiet" }, words.counting);
    const { before, after, gained, lost } = trial.answer;
    const [was, would] = [before[state.count], after[state.count]];
    const amount = (value) => figures.amount(value, state.count);
    const [won, given] = [countOf(gained, state.count), countOf(lost, state.count)];
    const told = [won > 0 && fill(words.plan_gained, { count: amount(won) }), given > 0 && fill(words.plan_lost, { count: amount(given) })];
    return [
      el(
        "dl",
        { class: "before-after" },
        el("div", {}, el("dt", {}, words.plan_before), el("dd", {}, figures.share(was)), el("dd", { class: "small" }, amount(was.covered))),
        el("div", {}, el("dt", {}, words.plan_after), el("dd", {}, figures.share(would)), el("dd", { class: "small" }, amount(would.covered))),
      ),
      el("p", { class: "gained" }, told.filter(Boolean).join(words.list_comma) || words.plan_same),
      trial.answer.warnings.filter((one) => !SAID_OF_CHANGES.has(one.code)).map((one) => el("p", { class: "notice" }, textOf(one, this.config.lang))),
    ];
  }

  #showList() {
    const focused = document.activeElement?.id;
    replaceContent(this.list, this.trial.changes.map((change) => this.#line(change)));
    this.list.hidden = this.trial.changes.length === 0;
    if (focused && document.getElementById(focused) !== document.activeElement) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  nameOf(change) {
    return change.do === "add" ? change.name : (this.model?.stationOf.get(change.station)?.name ?? change.station);
  }

  #line(change) {
    const { words } = this;
    const name = this.nameOf(change);
    const acts = { add: words.plan_do_add, move: words.plan_do_move, close: words.plan_do_close };
    return el(
      "li",
      { "data-key": change.key },
      el(
        "div",
        { class: "change-head" },
        el("span", { class: `chip ${change.do}` }, acts[change.do]),
        el("button", { type: "button", class: "opens", onclick: () => this.acts.goTo(change) }, name),
        el(
          "button",
          { type: "button", class: "plain", "aria-label": fill(words.plan_remove, { name }), onclick: () => this.trial.remove(change.key) },
          words.plan_remove_short,
        ),
      ),
      el("p", { class: "change-told" }),
      change.do !== "close" && this.#place(change),
    );
  }

  // The place and, of a new station, the name, to be typed instead of dragged.
  #place(change) {
    const { words } = this;
    const input = (name, value) =>
      el("input", { id: `plan-${name}-${change.key}`, inputmode: "decimal", value: value.toFixed(6), maxlength: "20" });
    const [lon, lat] = [input("lon", change.lon), input("lat", change.lat)];
    const moved = () => {
      const point = { lon: Number(lon.value.trim() || NaN), lat: Number(lat.value.trim() || NaN) };
      const sound = isPlace(point.lon, point.lat);
      setFault(lat, sound ? "" : words.plan_point_wrong);
      if (sound) this.trial.move(change.key, point);
    };
    lon.addEventListener("change", moved);
    lat.addEventListener("change", moved);
    const name = change.do === "add" && el("input", { id: `plan-name-${change.key}`, value: change.name, maxlength: "60" });
    if (name) name.addEventListener("change", () => this.trial.rename(change.key, name.value.trim() || change.name));
    return el(
      "div",
      { class: "change-place" },
      name && field(words.plan_name, name, { wide: true }),
      field(words.plan_lon, lon),
      field(words.plan_lat, lat),
    );
  }

  // What the answer says of one change, in its place in the list; the answer keeps the order of the changes.
  #tellLine(line) {
    const { words, figures, trial } = this;
    const place = trial.changes.findIndex((change) => change.key === line.dataset.key);
    const dragged = trial.find(line.dataset.key);
    for (const name of dragged?.do === "close" ? [] : ["lon", "lat"]) {
      const input = document.getElementById(`plan-${name}-${line.dataset.key}`);
      if (input && input !== document.activeElement && dragged) input.value = dragged[name].toFixed(6);
    }
    const told = trial.answer?.stations?.[place];
    const said = line.querySelector(".change-told");
    line.classList.toggle("refused", Boolean(told) && isOff(told));
    if (!told) replaceContent(said);
    else if (isOff(told)) replaceContent(said, offText(told.off_network, words, figures));
    else if (told.do === "close") replaceContent(said);
    else replaceContent(said, fill(words.plan_reaches, { count: figures.amount(told[this.state.count] ?? told.households, told[this.state.count] === undefined ? "households" : this.state.count) }), told.cut_off ? ` · ${words.plan_cut}` : "");
  }

  #showPlaces() {
    const { words, figures, state, model, trial } = this;
    const changed = trial.answer && model ? byCommunity(trial.answer.by ?? [], model, state.count) : [];
    if (!changed.length) {
      replaceContent(this.places);
      return;
    }
    const row = ({ name, before, after }) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, name),
        el("td", { class: "number" }, signed(after - before, figures)),
      );
    replaceContent(
      this.places,
      el("h3", {}, words.plan_changed_places),
      el(
        "table",
        { class: "figures" },
        el("caption", { class: "unseen" }, words.plan_changed_caption),
        el("tbody", {}, changed.map(row)),
      ),
    );
  }
}

export function isOff(told) {
  return told.off_network !== null && told.off_network !== undefined && told.off_network !== false;
}

export function offText(metres, words, figures) {
  return Number.isFinite(metres) ? fill(words.plan_off, { metres: figures.metres(metres) }) : words.plan_off_far;
}

// A figure that is given alone or for each count.
function countOf(value, count) {
  return typeof value === "number" ? value : (value?.[count] ?? 0);
}

export function textOf(said, lang) {
  if (typeof said === "string") return said;
  return (lang === "en" ? said.message : (said.message_zh ?? said.message)) ?? "";
}

function signed(value, figures) {
  return `${value > 0 ? "+" : value < 0 ? "−" : "±"}${figures.number(Math.abs(value))}`;
}

// Sums of what changed in the grids, by the community that each lies in; the largest change first.
function byCommunity(rows, model, count) {
  const sums = new Map();
  for (const { code, name, before, after } of rows) {
    const grid = model.gridOf.get(code);
    const area = model.areaOf.get(grid?.community);
    const key = area?.code ?? code;
    const sum = sums.get(key) ?? { name: area?.name ?? name ?? code, before: 0, after: 0 };
    sum.before += coveredOf(before, count);
    sum.after += coveredOf(after, count);
    sums.set(key, sum);
  }
  const changed = [...sums.values()].filter((one) => Math.round(one.after - one.before) !== 0);
  return changed.sort((one, other) => Math.abs(other.after - other.before) - Math.abs(one.after - one.before)).slice(0, 30);
}

function coveredOf(row, count) {
  const counted = row?.[count] ?? row;
  return typeof counted === "number" ? counted : (counted?.covered ?? 0);
}
