// An answer as plain text for the case system, and how it gets there.

import { el, fill, replaceContent } from "../dom.js";
import { writtenPoint } from "../coordinates.js";
import { aboutWalks } from "../way.js";

const CLOSE_METRES = 30;
const OTHERS = 3;

// answer: of status `found`, about one layer's grid; asked: {text, label}: what the caller said and what was chosen.
export function caseText(answer, grid, { text, label }, { words, people, lang, time }) {
  const lines = [];
  const say = (word, values) => lines.push(fill(word, values));
  if (text) say(words.case_heard, { text });
  if (label) say(words.case_address, { text: label });
  const chain = [...grid.areas].reverse().map((area) => area.name);
  say(words.case_grid, { chain: [...chain, grid.name].join(" › "), code: grid.code });
  const told = (person) => [people.role(person), person.name, person.phone].filter(Boolean).join(" ");
  const first = grid.workers.find((person) => person.call_first);
  const others = grid.workers.filter((person) => person !== first && person.on_duty_now).slice(0, OTHERS);
  say(words.case_first, { person: first ? told(first) + (first.on_duty_now ? "" : `${words.stop}${words.call_first_away}`) : words.nobody });
  if (others.length) say(words.case_other, { people: others.map(told).join(words.semicolon) });
  if (answer.matter) say(words.case_matter, { matter: matterTold(answer, { words, people, lang }) });
  for (const note of notes(answer, grid, words, lang)) say(words.case_note, { note });
  say(words.case_point, { point: writtenPoint(answer.point) });
  say(words.case_time, { time });
  return lines.join("\n");
}

function matterTold(answer, { words, people, lang }) {
  const { matter } = answer;
  const name = lang === "en" && matter.name_en ? matter.name_en : matter.name;
  if (!matter.promised_by) return name;
  return name + words.comma + fill(words.promised, { length: people.length(matter.promised_minutes), time: people.time(matter.promised_by, answer.as_of) });
}

function notes(answer, grid, words, lang) {
  const near = grid.nearest_other;
  const said = answer.warnings
    .filter((warning) => (!warning.layer || warning.layer === grid.layer) && !aboutWalks(warning))
    .map((warning) => (lang === "en" ? warning.message : (warning.message_zh ?? warning.message)));
  if (!near || near.metres >= CLOSE_METRES) return said;
  const metres = fill(words.metres, { metres: new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }).format(near.metres) });
  return [fill(grid.on_boundary ? words.on_boundary : words.close_to, { name: near.name, metres }), ...said];
}

// The button that copies an answer, and what was copied.
export class CopyBar {
  constructor(place, words) {
    Object.assign(this, { place, words, text: null, state: null });
  }

  show(text) {
    this.text = text;
    this.state = el("div", { class: "copy-state", role: "status" });
    const button = el("button", { type: "button", class: "button primary", onclick: () => this.copy() }, this.words.copy, " ", el("kbd", {}, "Alt+C"));
    replaceContent(this.place, el("section", { class: "copying" }, button, this.state));
  }

  clear() {
    this.text = null;
    this.place.replaceChildren();
  }

  async copy() {
    const { words, state, text } = this;
    if (!text) return;
    const done = await copied(text);
    const shown = el("pre", { class: "case-text", tabindex: "0", role: "region", "aria-label": words.copy_text }, text);
    const said = el("summary", {}, el("strong", {}, done ? words.copied : words.copy_failed), el("span", {}, words.copy_text));
    replaceContent(state, el("div", { class: `notice-box ${done ? "good" : "caution"}` }, el("details", { open: !done }, said, shown)));
  }
}

// Whether the text is on the clipboard. Without HTTPS a browser has only the old way.
async function copied(text) {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused: the old way may still be open.
  }
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  area.className = "unseen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus({ preventScroll: true });
  return done;
}
