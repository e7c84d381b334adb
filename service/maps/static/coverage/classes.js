// Classes of the grids' colours: shares by fixed bounds, numbers outside by bounds that fit what there is.

import { fill } from "../dom.js";
import { outsideOf, shareOf } from "./figures.js";

const NICE = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];

// The classes of one way to shade: {kind, items: [{colour, label}], of(counted) → place in items, -1 for no data}.
export function classesFor(kind, rows, config, figures, count) {
  if (kind === "none") return null;
  return kind === "share" ? shareClasses(config) : outsideClasses(rows, config, figures, count);
}

function shareClasses({ classes }) {
  const bounds = classes.map((one) => one.least);
  const of = (counted) => {
    const share = shareOf(counted);
    return share === null ? -1 : placeOf(bounds, share);
  };
  return { kind: "share", items: classes.map(({ colour, label }) => ({ colour, label })), of };
}

// Nobody outside is a class of its own, the palest; the others have nice bounds near the quantiles.
function outsideClasses(rows, { classes, words }, figures, count) {
  const colours = classes.map((one) => one.colour).reverse();
  const values = rows.map((row) => Math.round(outsideOf(row[count]))).filter((value) => value > 0).sort((a, b) => a - b);
  const inner = [0.25, 0.5, 0.75].map((part) => nice(values[Math.floor(values.length * part)] ?? 0));
  const bounds = [0, 1, ...new Set(inner.filter((bound) => bound > 1))];
  const items = bounds.map((least, place) => {
    const most = place + 1 < bounds.length ? bounds[place + 1] - 1 : null;
    const [from, to] = [figures.number(least), most === null ? "" : figures.number(most)];
    const label = most === null ? fill(words.class_from, { from }) : least === most ? from : fill(words.class_range, { from, to });
    const step = place === 0 ? 0 : place === bounds.length - 1 ? colours.length - 1 : place;
    return { colour: colours[step], label };
  });
  const of = (counted) => (counted?.all > 0 ? placeOf(bounds, Math.round(outsideOf(counted))) : -1);
  return { kind: "outside", items, of };
}

function placeOf(bounds, value) {
  let place = 0;
  while (place + 1 < bounds.length && value >= bounds[place + 1]) place += 1;
  return place;
}

function nice(value) {
  if (value < 1) return 0;
  const tens = 10 ** Math.floor(Math.log10(value));
  return Math.round([...NICE].reverse().find((step) => step * tens <= value) * tens);
}
