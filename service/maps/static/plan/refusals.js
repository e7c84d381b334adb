// What is said of a step that was refused, and where.

import { fill } from "../dom.js";

// Where it is said on the map, the place need not be spelt out.
const PLACE = /(?: \(at -?[\d.]+, -?[\d.]+\)|（位于 -?[\d.]+，-?[\d.]+）)$/;

// The text in the language of the page.
export function refusalText(error, words, lang) {
  if (error.kind === "overtaken") {
    return fill(words.plan_overtaken, { names: error.names.join(words.plan_comma), grids: error.grids.join(words.plan_comma) });
  }
  const { problem = {} } = error;
  const said = lang === "en" ? problem.detail : (problem.detail_zh ?? problem.detail);
  return said?.replace(PLACE, "") || words[error.kind === "offline" ? "plan_offline" : "plan_refused"];
}

// The place that the service names, as {lon, lat}, or null.
export function refusalPlace({ problem = {} }) {
  const { lon, lat } = { ...problem.facts, ...problem };
  return Number.isFinite(lon) && Number.isFinite(lat) ? { lon, lat } : null;
}

// Refusals that an operation avoids by allowing grids of several parts, by its kind.
const OF_PARTS = { merge: "not-touching", "hand-over": "several-parts", "new-grid": "several-parts" };

export function isPartsRefused({ kind, allow_parts: allowed }, { problem = {} }) {
  return !allowed && Boolean(OF_PARTS[kind]) && problem.facts?.reason === OF_PARTS[kind];
}
