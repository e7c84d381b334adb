// What differs in texts that are much alike: in a suggestion what was not typed, among candidates what tells them apart.

import { el } from "./dom.js";

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

// The spans of a text that set it apart from another; numbers are never parted.
export function unlike(text, other) {
  return extra(pieces(text), pieces(other));
}

// Characters, and numbers as a whole.
function pieces(text) {
  return text.match(/[0-9a-z]+|./giu) ?? [];
}

// Spans of what one has and the other, put in the best order of what both have, has not.
function extra(one, other) {
  const shared = Array.from({ length: one.length + 1 }, () => new Array(other.length + 1).fill(0));
  for (let i = one.length - 1; i >= 0; i -= 1) {
    for (let j = other.length - 1; j >= 0; j -= 1) {
      shared[i][j] = one[i] === other[j] ? shared[i + 1][j + 1] + 1 : Math.max(shared[i + 1][j], shared[i][j + 1]);
    }
  }
  const spans = [];
  let at = 0;
  for (let i = 0, j = 0; i < one.length; i += 1) {
    const length = Array.from(one[i]).length;
    if (j < other.length && one[i] === other[j]) j += 1;
    else if (j < other.length && shared[i][j + 1] > shared[i + 1][j]) {
      j += 1;
      i -= 1;
      continue;
    } else if (spans.at(-1)?.[1] === at) spans.at(-1)[1] = at + length;
    else spans.push([at, at + length]);
    at += length;
  }
  return spans;
}
