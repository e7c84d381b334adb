// What differs in texts that are much alike: in a suggestion what was not typed, among candidates what tells them apart.

import { el } from "../dom.js";

const DIGIT = /[0-9a-z]/i;

// A text with what differs set apart; spans: [[start, end]…] in characters, in their order.
export function marked(text, spans) {
  const characters = Array.from(text);
  const parts = [];
  let at = 0;
  for (const [start, end] of spans) {
    if (start > at) parts.push(characters.slice(at, start).join(""));
    if (end > Math.max(at, start)) parts.push(el("strong", { class: "differs" }, characters.slice(Math.max(at, start), end).join("")));
    at = Math.max(at, end);
  }
  parts.push(characters.slice(at).join(""));
  return parts.filter((part) => part !== "");
}

// The spans between others: what of a text was not matched.
export function between(spans, length) {
  const found = [];
  let at = 0;
  for (const [start, end] of [...spans].sort((one, other) => one[0] - other[0])) {
    if (start > at) found.push([at, start]);
    at = Math.max(at, end);
  }
  if (at < length) found.push([at, length]);
  return found;
}

// For each text the span that tells it from the others, [] where all are the same; numbers are never parted.
export function differences(texts) {
  const all = texts.map((text) => Array.from(text));
  const shortest = Math.min(...all.map((one) => one.length));
  if (all.length < 2 || new Set(texts).size < 2) return texts.map(() => []);
  let head = 0;
  while (head < shortest && all.every((one) => one[head] === all[0][head])) head += 1;
  while (head > 0 && DIGIT.test(all[0][head - 1]) && all.some((one) => DIGIT.test(one[head] ?? ""))) head -= 1;
  const last = (one, place) => one[one.length - 1 - place];
  let tail = 0;
  while (tail < shortest - head && all.every((one) => last(one, tail) === last(all[0], tail))) tail += 1;
  while (tail > 0 && DIGIT.test(last(all[0], tail - 1)) && all.some((one) => DIGIT.test(last(one, tail) ?? ""))) tail -= 1;
  return all.map((one) => [[head, one.length - tail]]);
}
