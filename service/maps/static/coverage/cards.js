// What was chosen on the map or in a table, told in the panel: a place, a gap, a station with its circle.

import { el, fill } from "../dom.js";
import { gapName } from "./details.js";
import { outsideOf } from "./figures.js";
import { textOf } from "./planner.js";

export class Cards {
  constructor(config, figures) {
    Object.assign(this, { words: config.words, lang: config.lang, figures });
  }

  place(name, row, state, { only }) {
    const { words, figures } = this;
    const counted = row?.[state.count];
    const facts = counted?.all
      ? fill(words.place_facts, {
          share: figures.share(counted),
          all: figures.amount(counted.all, state.count),
          outside: figures.amount(outsideOf(counted), state.count),
        })
      : words.place_nobody;
    return [
      el("h2", {}, name),
      el("p", {}, facts),
      only && el("button", { type: "button", class: "button small", onclick: only }, words.see_only),
    ];
  }

  gap(gap, { add }) {
    const { words, figures } = this;
    const persons = gap.persons ? words.gap_households : words.gap_households_only;
    const { nearest } = gap;
    const grids = (gap.grids ?? []).map((one) => one.name || one.code);
    return [
      el("h2", {}, `${gap.number}. ${gapName(gap, words)}`),
      gap.area?.name && gap.street && el("p", { class: "quiet" }, gap.area.name),
      el("p", { class: "figure" }, fill(persons, { households: figures.number(gap.households), persons: figures.number(gap.persons ?? 0) })),
      el(
        "p",
        {},
        nearest
          ? fill(words.gap_nearest, { name: nearest.name ?? nearest.code, minutes: figures.loose.format(nearest.walk_minutes) })
          : words.gap_nearest_none,
      ),
      el("p", { class: "quiet" }, fill(words.gap_radius, { metres: figures.number(gap.radius_m) })),
      grids.length > 0 && el("p", { class: "quiet" }, fill(words.gap_grids, { names: shortList(grids, words.list_comma) })),
      add && el("button", { type: "button", class: "button small", onclick: add }, words.gap_add),
    ];
  }

  // circle: the answer; refused: why there is none; trial: the station is not where its circle is known.
  station(station, { circle, refused, move, close, trial }) {
    const { words } = this;
    const facts = [station.category, words.station_levels[station.level] ?? station.level, station.address].filter(Boolean);
    return [
      el("h2", {}, station.name),
      el("p", { class: "quiet" }, facts.join(" · ")),
      station.note && el("p", { class: "notice" }, station.note),
      refused && el("div", { class: "notice" }, el("strong", {}, words.circle_none), el("p", {}, refused)),
      !refused && !circle && !trial && el("p", { class: "quiet" }, words.counting),
      circle && this.#bands(station, circle),
      close &&
        el(
          "div",
          { class: "trial-tools" },
          move && el("button", { type: "button", class: "button small", onclick: move }, words.plan_move),
          el("button", { type: "button", class: "button small", onclick: close }, words.plan_close),
        ),
    ];
  }

  #bands(station, circle) {
    const { words, figures } = this;
    const rows = [...circle.features].sort((one, other) => one.properties.minutes - other.properties.minutes);
    const cell = (value) => el("td", { class: "number" }, figures.number(value ?? 0));
    const { error } = circle;
    const percent = (value) => fill(words.share_text, { percent: figures.loose.format(value * 100) });
    return [
      el(
        "table",
        { class: "figures" },
        el("caption", {}, fill(words.circle_title, { name: station.name })),
        el(
          "thead",
          {},
          el("tr", {}, ["", words.circle_households, words.circle_persons, words.circle_area].map((text) => (text ? el("th", { scope: "col", class: "number" }, text) : el("td")))),
        ),
        el(
          "tbody",
          {},
          rows.map(({ properties: band }) =>
            el(
              "tr",
              {},
              el("th", { scope: "row" }, fill(words.circle_band, { minutes: figures.loose.format(band.minutes) })),
              cell(band.households),
              cell(band.persons),
              el("td", { class: "number" }, figures.loose.format((band.area_m2 ?? 0) / 10_000)),
            ),
          ),
        ),
      ),
      circle.cut_off && !station.cut && el("p", { class: "notice" }, words.station_cut),
      (circle.warnings ?? []).filter((one) => one.code !== "cut-off").map((one) => el("p", { class: "notice" }, textOf(one, this.lang))),
      error && Number.isFinite(error.missed) && el("p", { class: "quiet" }, fill(words.circle_error, { missed: percent(error.missed), wrong: percent(error.wrongly_in ?? 0) })),
    ];
  }
}

export function shortList(names, comma, most = 6) {
  return names.length > most ? `${names.slice(0, most).join(comma)}…` : names.join(comma);
}
