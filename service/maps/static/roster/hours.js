// Weekly hours while they are typed: what they mean in the coming seven days, or why they cannot be read.

import { el, replaceContent } from "../dom.js";

const PAUSE = 350;

// Puts the meaning of what an input holds into an element that stands below it.
export function explainHours(input, { roster, wording }) {
  const said = el("div", { class: "hours-meaning", "aria-live": "polite" });
  let turn = 0;
  const ask = async () => {
    const mine = (turn += 1);
    const text = input.value.trim();
    try {
      const answer = await roster.hours(text);
      if (mine === turn) replaceContent(said, meaning(answer, text, wording));
    } catch {
      if (mine === turn) said.replaceChildren();
    }
  };
  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  ask();
  return said;
}

function meaning({ hours, spans, message, message_zh }, text, wording) {
  const { words } = wording;
  if (hours === null) return [el("p", { class: "fault" }, wording.message({ message, message_zh }))];
  if (!text) return [el("p", { class: "hint" }, words.hours_always)];
  return [
    el("p", { class: "hint" }, hours === text ? words.hours_mean : `${words.hours_mean} `, hours !== text && el("code", {}, hours)),
    spans.length
      ? el("ul", { class: "spans" }, spans.map((span) => el("li", {}, wording.span(span.from, span.to))))
      : el("p", { class: "hint" }, words.hours_never),
  ];
}
