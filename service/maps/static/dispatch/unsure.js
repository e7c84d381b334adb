// What is said when the service is not sure: what to ask the caller, candidates to choose from, what was understood.

import { el, fill } from "../dom.js";
import { marked, unlike } from "../differing.js";

const MOST_CHOICES = 9;
const MOST_GRIDS = 3;
const MOST_KNOWN = 3;
const LONGEST_AREAS = 16;
const MOST_BESIDE_METRES = 300;
const DEGREE_METRES = 111_195;
const COMPASS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"];
// Reasons that only say that the register has it as it was said.
const AS_SAID = new Set(["name-same", "number-same", "area-same"]);

export class Unsure {
  constructor(words, { lang, layer }) {
    Object.assign(this, { words, lang, layer });
  }

  // What was heard and what it was taken for, over every answer, with what is not as it was said. chosen: what the
  // dispatcher chose instead.
  heard({ text, label, chosen }, address) {
    const { words } = this;
    const taken = chosen ?? address;
    const same = !chosen && !label && taken && plain(taken.label) === plain(text ?? "");
    const facts = [
      !chosen && address && (words.parts[address.level] ? fill(words.level_of, { level: words.parts[address.level] }) : null),
      !chosen && address && fill(words.sure, { percent: percent(address.score) }),
    ].filter(Boolean);
    const said = label ?? (same ? words.taken_as_said : taken && fill(chosen ? words.chosen_as : words.taken_as, { label: taken.label }));
    return el(
      "header",
      { class: "heard" },
      text && el("p", { class: "heard-text" }, el("span", { class: "heard-word" }, words.heard), " ", text),
      said && el("p", { class: "heard-as" }, el("strong", {}, said), facts.length > 0 && el("span", { class: "heard-facts" }, facts.join(" · "))),
      taken && this.#reasons(taken, "p", (one) => !AS_SAID.has(one.code)),
    );
  }

  // All the reasons of what was found, below everything that is to be done.
  why({ chosen }, address) {
    const reasons = this.#said(chosen ?? address ?? {});
    if (!reasons.length) return null;
    return el("section", { class: "why" }, el("h3", {}, this.words.reasons), el("ul", {}, reasons.map((reason) => el("li", {}, reason))));
  }

  // {content, list, buttons}: what to ask, and the candidates under the numbers that choose them.
  ambiguous(answer, asked, choose) {
    const { words } = this;
    const candidates = this.shown(answer);
    const buttons = candidates.map((one, place) => this.#candidate(one, place, candidates, () => choose(place)));
    const list = el("ol", { class: "choices-list" }, buttons.map((button) => el("li", {}, button)));
    const content = [
      this.heard(asked, null),
      el(
        "section",
        { class: "unsure" },
        el("h2", {}, words.unsure_title),
        ...this.#question(answer),
      ),
      ...this.#warnings(answer),
      candidates.length > 1 && el("p", { class: "quiet by-keys" }, words.unsure_choose),
      candidates.length > 1 && el("p", { class: "quiet by-touch" }, words.unsure_touch),
      list,
    ];
    return { content: content.filter(Boolean), list, buttons };
  }

  // Nothing likely: what was read, what is known of it, what to try.
  unknown(answer, asked) {
    const { words } = this;
    const read = answer.query?.normalized;
    const known = this.#known(answer);
    const tries = [words.unknown_try_compound, words.unknown_try_landmark, words.unknown_try_area, words.unknown_try_map];
    return [
      this.heard(asked, null),
      el(
        "section",
        { class: "unsure" },
        el("h2", {}, words.unknown_title),
        ...this.#question(answer),
        read && el("p", {}, fill(words.unknown_read, { text: read })),
        known.length > 0 && el("div", { class: "known" }, el("p", {}, words.unknown_nearest), el("ul", {}, known.map((one) => el("li", {}, el("strong", {}, one.label), one.grids && el("span", { class: "choice-grids" }, this.#grids(one)))))),
      ),
      ...this.#warnings(answer),
      el("h3", {}, words.unknown_try),
      el("ul", { class: "tries" }, tries.map((one) => el("li", {}, one))),
    ];
  }

  // One sentence: the part that would decide.
  asking({ ask }) {
    if (!ask) return this.words.unknown_try_compound;
    return this.lang === "en" ? sentence(ask.message) : (ask.message_zh ?? ask.message);
  }

  // What is read aloud stands out; what it is asked for stands below.
  #question(answer) {
    const [aloud, ...rest] = this.asking(answer).split(/(?<=[？?])|; /);
    return [
      el("p", { class: "ask-caller" }, el("span", { class: "ask-word" }, this.words.unsure_ask), el("strong", {}, aloud)),
      rest.length > 0 && el("p", {}, sentence(rest.join(" "))),
    ];
  }

  shown(answer) {
    return (answer.candidates ?? []).slice(0, MOST_CHOICES);
  }

  // The widest area that tells a candidate from others of its name; empty where its name does.
  areaOf(candidate, answer) {
    const twins = this.shown(answer).filter((one) => one !== candidate && one.label === candidate.label);
    return twins.length ? ([...candidate.areas].reverse().find((area) => twins.some((one) => !one.areas.includes(area))) ?? "") : "";
  }

  // Grids of the layer that is drawn, else all: one is what another layer's grids are to it.
  gridsOf(candidate) {
    const grids = candidate.grids ?? [];
    const own = grids.filter((grid) => grid.layer === this.layer);
    return own.length ? own : grids;
  }

  // The area or road that the text names, and what in the register is nearest to it.
  #known({ nearest_known: nearest, candidates = [] }) {
    const others = candidates.filter((one) => one.label !== nearest?.label);
    return [nearest && (candidates.find((one) => one.label === nearest.label) ?? nearest), ...others].filter(Boolean).slice(0, MOST_KNOWN);
  }

  #candidate(one, place, all, onclick) {
    const { words } = this;
    // Places of one name are told apart by where they lie, others by their names.
    const twin = all.find((other) => other !== one && other.label === one.label);
    const other = twin ?? all[place ? 0 : 1] ?? one;
    const title = marked(ownName(one), unlike(ownName(one), ownName(other)));
    const single = twin && [one, twin].every((each) => this.gridsOf(each).length === 1);
    const areas = marked(areasOf(one), twin ? unlike(areasOf(one), areasOf(twin)) : []);
    const grids = marked(this.#grids(one), single ? unlike(this.#grids(one), this.#grids(twin)) : []);
    return el(
      "button",
      { type: "button", class: "choice", onclick },
      el("kbd", {}, String(place + 1)),
      el(
        "span",
        { class: "choice-text" },
        el("span", { class: "choice-title" }, title, this.#side(one, all)),
        el("span", { class: "choice-note" }, areas.length > 0 && el("span", {}, areas), el("span", { class: "choice-grids" }, grids)),
        this.#reasons(one, "span"),
      ),
      el("span", { class: "choice-chance" }, fill(words.chance, { percent: percent(one.score) })),
    );
  }

  // Which side of one place it is, where that is all that tells candidates apart: "north side".
  #side(one, all) {
    if (all.length < 2 || all.some((other) => other.label !== one.label)) return null;
    const mean = (name) => all.reduce((sum, { point }) => sum + point[name], 0) / all.length;
    const north = one.point.lat - mean("lat");
    const east = (one.point.lon - mean("lon")) * Math.cos((one.point.lat * Math.PI) / 180);
    const metres = Math.hypot(north, east) * DEGREE_METRES;
    if (metres < 1 || metres > MOST_BESIDE_METRES) return null;
    const eighth = Math.round(Math.atan2(east, north) / (Math.PI / 4));
    return el("span", { class: "choice-side" }, this.words.sides[COMPASS[(eighth + 8) % 8]]);
  }

  // "third grid", or "may lie in 2 grids: …"; of many only how many they are.
  #grids(one) {
    const { words } = this;
    const grids = this.gridsOf(one);
    if (!grids.length) return words.no_grid;
    const count = Math.max(grids.length, one.grid_count ?? 0);
    const names = grids.map((grid) => within(one.areas[0], grid.name)).join(words.comma);
    if (count === 1) return names;
    return count > MOST_GRIDS ? fill(words.in_many_grids, { count }) : fill(words.in_grids, { count, names });
  }

  // Why, in one line; `matched` has the codes of the reasons in their order.
  #reasons(one, tag = "p", told = () => true) {
    const { words } = this;
    const reasons = this.#said(one).filter((_, place) => told(one.matched?.[place] ?? {}));
    return reasons.length > 0 && el(tag, { class: "reasons" }, `${words.reasons}${words.colon}${reasons.join(words.semicolon)}`);
  }

  #said(one) {
    return (this.lang === "en" ? one.reasons : (one.reasons_zh ?? one.reasons)) ?? [];
  }

  #warnings(answer) {
    const said = answer.warnings.map((one) => (this.lang === "en" ? one.message : (one.message_zh ?? one.message)));
    return said.map((text) => el("p", { class: "notice" }, text));
  }
}

// A label without the areas in front, which stand below it.
function ownName({ label, areas }) {
  const end = Math.max(0, ...areas.map((area) => (label.includes(area) ? label.indexOf(area) + area.length : 0)));
  return end > 0 && end <= LONGEST_AREAS && end < label.length ? label.slice(end) : label;
}

// The name of a grid without that of its community, which stands beside it.
function within(area, name) {
  return area && name.startsWith(area) && name.length > area.length ? name.slice(area.length) : name;
}

function plain(text) {
  return text.normalize("NFKC").replace(/\s+/g, "");
}

// Never rounded up to certain.
function percent(score) {
  return Math.min(Math.round(score * 100), score < 1 ? 99 : 100);
}

// The widest first; an answer has them the other way round.
function areasOf({ areas = [] }) {
  return [...areas].reverse().join(" › ");
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
