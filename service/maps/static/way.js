// How far a station is, as the card and the page of a grid say it.

import { fill } from "./dom.js";

// Warnings about the walks alone: they are said where the stations are.
const ABOUT_WALKS = new Set(["off-network", "streets-are-current"]);

export const aboutWalks = (warning) => ABOUT_WALKS.has(warning.code);

// Whether the place itself is where no walk begins, whatever the stations are.
const offNetwork = (answer) => answer.warnings.some((warning) => warning.code === "off-network");

// station: as a look-up gives it; answer: the look-up. Returns what matters first, and what stands beside it, if anything.
export function wayTo(station, answer, words, lang) {
  const far = metresSaid(station.metres, words, lang);
  if (station.measured === "straight_line" || offNetwork(answer)) return [fill(words.straight, { metres: far })];
  if (station.measured === "off_network") return [words.off_network, fill(words.straight, { metres: far })];
  if (station.walk_minutes < 1) return [words.walk_within_a_minute, far];
  const minutes = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }).format(station.walk_minutes);
  return [fill(words.walk, { minutes }), far];
}

// What is to be known of the ways to some stations; aboutPoint: whether they begin at a point, not in the middle of a grid.
export function waysExplained(stations, words, aboutPoint) {
  const measured = new Set(stations.map((station) => station.measured));
  if (measured.has("network")) return aboutPoint ? words.walked : words.walked_grid;
  if (measured.has("straight_line")) return aboutPoint ? words.straight_line : words.straight_line_grid;
  return null;
}

export function metresSaid(metres, words, lang) {
  const number = (value, digits) => new Intl.NumberFormat(lang, { maximumFractionDigits: digits }).format(value);
  if (metres < 1000) return fill(words.metres, { metres: number(metres, metres < 10 ? 1 : 0) });
  return fill(words.kilometres, { kilometres: number(metres / 1000, 1) });
}
